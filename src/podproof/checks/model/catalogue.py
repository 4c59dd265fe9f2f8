"""The checks that exist, found in their room and validated as a set.

Nothing comes in; the checks go out, sorted by module name. A set that contradicts itself is refused.
"""

from collections.abc import Iterable
from functools import cache

from ...registry import RegistryError, members
from .check import Check
from .pod_security import PodSecurityCheck

__all__ = ["all_checks", "pod_security_checks", "validate"]


def validate(checks: Iterable[Check]) -> None:
    """Refuse a set of checks that contradicts itself.

    Raises RegistryError, in upstream's words where it has the rule.
    Source: k8s.io/pod-security-admission v0.37.2, policy/registry.go.
    """
    ids: set[str] = set()
    standards: dict[str, PodSecurityCheck] = {}
    for check in checks:
        if check.id in ids:
            raise RegistryError(f"multiple checks registered for ID {check.id}")
        ids.add(check.id)
        if not isinstance(check, PodSecurityCheck):
            continue
        name = check.upstream_id
        if name in standards:
            raise RegistryError(f"multiple checks registered for ID {name}")
        standards[name] = check
        if check.level not in ("baseline", "restricted"):
            raise RegistryError(f"check {name}: invalid level {check.level}")
        if not check.versions:
            raise RegistryError(f"check {name}: empty")
        last = -1
        for since, _ in check.versions:
            if since < 0:
                raise RegistryError(f"check {name}: undefined version found")
            if since == last:
                raise RegistryError(f"check {name}: duplicate version v1.{since}")
            if since < last:
                raise RegistryError(f"check {name}: versions must be strictly increasing")
            last = since
        if check.overrides and check.level != "restricted":
            raise RegistryError(f"check {name}: only restricted checks may set overrides")
    for check in standards.values():
        for name in check.overrides:
            other = standards.get(name)
            if other is not None and other.level != "baseline":
                raise RegistryError(f"check {check.upstream_id}: overrides {other.level} check {name}")


@cache
def all_checks() -> tuple[Check, ...]:
    """Return every check of this room, sorted by module name; validated once, at first use."""
    import podproof.checks as room

    checks = members(room, "CHECK", Check)
    validate(checks)
    return checks


@cache
def pod_security_checks() -> tuple[PodSecurityCheck, ...]:
    """Return the controls of the Pod Security Standards."""
    return tuple(check for check in all_checks() if isinstance(check, PodSecurityCheck))
