"""What a finding is about, as one short text that stays the same when lines move.

Baselines, SARIF and GitLab know a finding again by it in a later run. It is made of the object, the
container, the check and the field; of the file only where the object has no name of its own.
"""

import msgspec

from ..findings import Finding
from ..manifest.route import Route
from ..manifest.surrogates import unescape
from .checked import Located, ObjectRef

__all__ = ["ObjectIdentity", "Subject", "field_of", "fingerprint", "identify_object", "subject_of"]

_LENGTH = 32

ObjectIdentity = tuple[str, str, str, str, str]
"""Group, kind, namespace and name of an object; the last is its file, for one that has no name."""


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
    def object(self) -> ObjectIdentity:
        """The object that it is about."""
        return self.group, self.kind, self.namespace, self.name, self.file

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
    of_container = ("", "") if container is None else (container.kind, container.name)
    rest = map(unescape, (*of_container, field_of(finding.route)))
    return Subject(finding.check, *identify_object(file, named), *rest)


def identify_object(file: str, named: ObjectRef | None) -> ObjectIdentity:
    """Tell an object in a file from all others, as a subject does."""
    kind = "" if named is None else named.kind or ""
    if named is None or not named.name:
        return "", unescape(kind), "", "", unescape(file)
    group = (named.api_version or "").rpartition("/")[0]
    # lone surrogates, which no file could hold, become what Go reads them as
    return unescape(group), unescape(kind), unescape(named.namespace or ""), unescape(named.name), ""


def field_of(route: Route) -> str:
    """Write a route without the positions in lists, which change when somebody adds an entry above."""
    return ".".join("[]" if isinstance(step, int) else step for step in route)
