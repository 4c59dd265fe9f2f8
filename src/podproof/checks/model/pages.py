"""Pages of checks: a check comes in, its page in Markdown goes out, made of its module's docstring.

For a control of the Pod Security Standards a table says what holds since which version, at which level, and
what replaces what. Nothing is read but the modules themselves.
"""

import sys
from functools import cache

from .catalogue import all_checks, pod_security_checks
from .check import Check
from .pod_security import PodSecurityCheck

__all__ = ["listing", "page"]


@cache
def _modules() -> dict[str, str]:
    room = __name__.split(".model.", 1)[0]
    return {check.id: f"{room}.{check.id.replace('-', '_')}" for check in all_checks()}


def page(check: Check) -> str:
    """Write the page of a check, ending in a line feed."""
    text = (sys.modules[_modules()[check.id]].__doc__ or "").strip()
    parts = [f"# {check.id}", text]
    if isinstance(check, PodSecurityCheck):
        parts.append(_standards(check))
    return "\n\n".join(parts) + "\n"


def _standards(check: PodSecurityCheck) -> str:
    levels = "baseline and restricted" if check.level == "baseline" else "restricted"
    rows = [("Name in Kubernetes", f"`{check.upstream_id}`"), ("Levels", levels)]
    minors = [since for since, _ in check.versions]
    rows.append(("Changed in" if len(minors) > 1 else "Since", ", ".join(f"v1.{minor}" for minor in minors)))
    by_name = {other.upstream_id: other.id for other in pod_security_checks()}
    replaced = [f"`{by_name.get(name, name)}`" for name in check.overrides]
    if replaced:
        rows.append(("Replaces at restricted", f"{', '.join(replaced)}, from v1.{minors[0]}"))
    for other in pod_security_checks():
        if check.upstream_id in other.overrides:
            rows.append(("Replaced at restricted", f"by `{other.id}`, from v1.{other.versions[0][0]}"))
    return "\n".join(["| | |", "|---|---|", *(f"| {name} | {value} |" for name, value in rows)])


def listing() -> tuple[tuple[str, str, str], ...]:
    """Return id, what it belongs to, and summary of every check, sorted by id."""
    return tuple(
        (check.id, check.level if isinstance(check, PodSecurityCheck) else check.kind, check.summary)
        for check in sorted(all_checks(), key=lambda check: check.id)
    )
