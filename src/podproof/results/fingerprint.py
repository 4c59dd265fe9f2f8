"""What a finding is about, as one short text that stays the same when lines move.

Baselines, SARIF and GitLab know a finding again by it in a later run. It is made of the object, the
container, the check and the field; of the file only where the object has no name of its own.
"""

from hashlib import sha256

from ..manifest.route import Route
from .checked import Located, ObjectRef

__all__ = ["field_of", "fingerprint"]

_LENGTH = 32


def fingerprint(located: Located) -> str:
    """Give 32 hexadecimal digits; findings of one check about the same field of a container share them."""
    finding, container = located.finding, located.finding.container
    parts = (
        *_identity(located.file, located.object),
        finding.check,
        "" if container is None else f"{container.kind} {container.name}",
        field_of(finding.route),
    )
    text = "\0".join(part.replace("\0", "\0\0") for part in parts)
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:_LENGTH]


def field_of(route: Route) -> str:
    """Write a route without the positions in lists, which change when somebody adds an entry above."""
    return ".".join("[]" if isinstance(step, int) else step for step in route)


def _identity(file: str, named: ObjectRef | None) -> tuple[str, ...]:
    """Name the object as a cluster does: its group and not its version, which is a way to write it."""
    if named is None or not named.name:
        kind = "" if named is None else named.kind or ""
        return ("file", file, kind)
    group = (named.api_version or "").rpartition("/")[0]
    return ("object", group, named.kind or "", named.namespace or "", named.name)
