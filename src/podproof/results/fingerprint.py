"""What a finding is about, as one short text that stays the same when lines move.

Baselines, SARIF and GitLab know a finding again by it in a later run. It is made of the object, the
container, the check and the field; of the file only where the object has no name of its own.
"""

import msgspec

from ..findings import Finding
from ..manifest.route import Route
from ..manifest.surrogates import unescape
from .checked import Located, ObjectRef

__all__ = ["Subject", "field_of", "fingerprint", "subject_of"]

_LENGTH = 32


class Subject(msgspec.Struct, frozen=True, omit_defaults=True, gc=False):
    """What a finding is about: several findings of one check about a field of a container share it.

    The object is named as a cluster does: by its group and not its version, which is a way to write it.
    `file` is there only for an object without a name. `container_kind` is that of a ContainerRef.
    """

    check: str
    group: str = ""
    kind: str = ""
    namespace: str = ""
    name: str = ""
    file: str = ""
    container_kind: str = ""
    container: str = ""
    field: str = ""

    @property
    def fingerprint(self) -> str:
        """The subject in 32 hexadecimal digits."""
        from hashlib import sha256  # only few runs ask

        if self.name:
            parts: tuple[str, ...] = ("object", self.group, self.kind, self.namespace, self.name)
        else:
            parts = ("file", self.file, self.kind)
        container = f"{self.container_kind} {self.container}" if self.container_kind else ""
        text = "\0".join(part.replace("\0", "\0\0") for part in (*parts, self.check, container, self.field))
        return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:_LENGTH]


def fingerprint(located: Located) -> str:
    """Give 32 hexadecimal digits; findings of one check about the same field of a container share them."""
    return subject_of(located.file, located.object, located.finding).fingerprint


def subject_of(file: str, named: ObjectRef | None, finding: Finding) -> Subject:
    """Tell what a finding about an object in a file is about."""
    container = finding.container
    kind = "" if named is None else named.kind or ""
    if named is None or not named.name:
        identity = ("", kind, "", "", file)
    else:
        group = (named.api_version or "").rpartition("/")[0]
        identity = (group, kind, named.namespace or "", named.name, "")
    of_container = ("", "") if container is None else (container.kind, container.name)
    # lone surrogates, which no file could hold, become what Go reads them as
    return Subject(finding.check, *map(unescape, (*identity, *of_container, field_of(finding.route))))


def field_of(route: Route) -> str:
    """Write a route without the positions in lists, which change when somebody adds an entry above."""
    return ".".join("[]" if isinstance(step, int) else step for step in route)
