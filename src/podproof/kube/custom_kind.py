"""What the catalogue says of a custom resource: where its pods are, and what is put into them from elsewhere.

Data only; `custom_pods` makes pods of it. A path is a tuple of keys in which `*` stands for every item of a
list and for every value of a mapping.
"""

from collections.abc import Mapping
from typing import Literal

import msgspec

__all__ = ["Containers", "CustomKind", "CustomProject", "Path", "PodSource"]

Path = tuple[str, ...]


class Containers(msgspec.Struct, frozen=True):
    """Containers of a pod, at `path` from the pod's source: one mapping, or a list of them where `many`.

    `to` is the pod's list that they go to, `name` what the controller calls a container without a name.
    `own_fields` are fields that the project's type has beside those of a container.
    """

    path: Path
    many: bool = False
    to: Literal["containers", "initContainers"] = "containers"
    name: str = ""
    own_fields: tuple[str, ...] = ()


class PodSource(msgspec.Struct, frozen=True):
    """One place in a kind's object that makes pods.

    `form` says what stands at `path`: a `template` (`metadata` and `spec`, a PodTemplateSpec), a `spec` (a
    PodSpec), or `parts`: a type of the project's own, whose `containers` and `fields` say what belongs to the
    pod. `fields` maps fields of the pod's spec to where they are, counted from `path`; `shared` does so
    counted from the object, for what holds unless the source says otherwise. Lists of `volumes` are joined.
    `metadata` is the path of the pod's metadata from `path`. `claims` is the path, from the object, of
    PersistentVolumeClaims for each of which the controller adds a volume of its name.
    """

    path: Path
    form: Literal["template", "spec", "parts"] = "template"
    containers: tuple[Containers, ...] = ()
    fields: Mapping[str, Path] = {}
    shared: Mapping[str, Path] = {}
    metadata: Path = ("metadata",)
    claims: Path | None = None


class CustomKind(msgspec.Struct, frozen=True):
    """Kinds of one API group with the same layout. `versions` are those that have it; () stands for all."""

    group: str
    kinds: tuple[str, ...]
    pods: tuple[PodSource, ...]
    versions: tuple[str, ...] = ()


class CustomProject(msgspec.Struct, frozen=True):
    """Everything the catalogue has of one project. `source` is where its types are documented."""

    name: str
    source: str
    kinds: tuple[CustomKind, ...]
