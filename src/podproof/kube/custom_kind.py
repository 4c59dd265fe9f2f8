"""What the catalogue says of a custom resource: where its pods are, and what is put into them from elsewhere.

Data only; `custom_pods` makes pods of it. A path is a tuple of keys in which `*` stands for every item of a
list and for every value of a mapping, and `spark.*` for every key that starts so.
"""

from typing import Any, Literal

import msgspec

__all__ = [
    "Chosen",
    "Containers",
    "CustomKind",
    "CustomProject",
    "Field",
    "Path",
    "PodSource",
    "same_names",
]

Path = tuple[str, ...]

Field = tuple[str, Path]
"""A field of a pod's spec, or `FIELD.FIELD` for one inside of it, and where the object has it."""


def same_names(names: str, base: Path = ()) -> tuple[Field, ...]:
    """Give the fields of those names, each found below `base` by its own name."""
    return tuple((name, (*base, name)) for name in names.split())


class Containers(msgspec.Struct, frozen=True):
    """Containers of a pod, at `path` from the pod's source: one mapping, or a list of them where `many`.

    `to` is the pod's list that they go to. `name` is what the controller calls a container without a name;
    `{}` in it stands for its number; `prefix` is what it puts before the name of another. `own_fields` are
    fields that the project's type has beside those of a container; `only` says instead which fields belong to
    the container, which is made without them, too, where `always`. `defaults` is a mapping that each is
    merged over, counted from the source, or from the object where `shared_defaults`; `default_fields` are
    those of its fields that count, () all that the container may have. A mapping with `not_if` is no
    container: it refers to one elsewhere. `shared` counts the path from the object. Of a container whose name
    is there already, `same_name` says what becomes: `fills` what that one lacks, or is left out (`skipped`);
    "" gives the pod two of one name.
    """

    path: Path
    many: bool = False
    to: Literal["containers", "initContainers"] = "containers"
    name: str = ""
    prefix: str = ""
    own_fields: tuple[str, ...] = ()
    only: tuple[str, ...] = ()
    always: bool = False
    defaults: Path | None = None
    shared_defaults: bool = False
    default_fields: tuple[str, ...] = ()
    not_if: str = ""
    shared: bool = False
    same_name: Literal["", "fills", "skipped"] = ""


class Chosen(msgspec.Struct, frozen=True):
    """Items of a list of the object at `path`, of which a source takes the one that names it.

    It does so by its field `key`, which is the `name` of what the source stands in. Its `fields` count
    before the shared ones; a `false` there is as good as none.
    """

    path: Path
    key: str
    fields: tuple[Field, ...]


class PodSource(msgspec.Struct, frozen=True):
    """One place in a kind's object that makes pods.

    `form` says what stands at `path`: a `template` (`metadata` and `spec`, a PodTemplateSpec), a `spec` (a
    PodSpec), an `object` (any object, of which its own pods count), or `parts`: a type of the project's own,
    whose `containers` and `fields` say what belongs to the pod.

    `fields` are counted from `path`, `shared` from the object; the first that is there counts, and lists of
    volumes are joined, those in `shared` as far as containers mount them where `if_mounted`. `metadata` is
    the path of the pod's metadata from `path`, `shared_metadata` one from the object, of which labels and
    annotations count too. `claims` is the path, from the object, of PersistentVolumeClaims: for each that a
    container mounts, the controller adds a volume; `adds_volumes` says that it adds volumes for other mounts.

    `base` is the path, from the object, of a template that the one at `path` is laid over, and which counts
    alone where there is none at `path`; lists are merged by position, or by the names of their items where
    the object says `true` at `by_name`. `chosen` are settings for this source alone.

    `written` are the names of containers that the controller writes: what the object says of the pod is
    judged around them, and that they are not judged is said. `context` is what their security context is
    known to have where the object sets one for the pod; with `context_is_whole`, it has no more than that in
    any case. `own_fields` are fields of a `spec` that the project adds to those of a PodSpec.
    """

    path: Path
    form: Literal["template", "spec", "parts", "object"] = "template"
    containers: tuple[Containers, ...] = ()
    fields: tuple[Field, ...] = ()
    shared: tuple[Field, ...] = ()
    chosen: Chosen | None = None
    base: Path | None = None
    by_name: Path = ()
    metadata: Path = ("metadata",)
    shared_metadata: Path | None = None
    claims: Path | None = None
    if_mounted: bool = False
    adds_volumes: bool = False
    written: tuple[str, ...] = ()
    context: tuple[tuple[str, Any], ...] = ()
    context_is_whole: bool = False
    own_fields: tuple[str, ...] = ()


class CustomKind(msgspec.Struct, frozen=True):
    """Kinds of one API group with the same layout; `*` stands for every kind of the group.

    `versions` are those that have the layout; () stands for all. `opaque` are paths of what changes pods in
    a way that is not followed, or refers to pods elsewhere, each with what it is. `placeholder` opens text
    that the controller replaces (`$(`, `{{`): what only such a text gets wrong is not reported. `pattern`
    says why the kinds make no pods though parts of pods stand in them; "" where they do make pods.
    """

    group: str
    kinds: tuple[str, ...]
    pods: tuple[PodSource, ...] = ()
    versions: tuple[str, ...] = ()
    opaque: tuple[tuple[Path, str], ...] = ()
    placeholder: str = ""
    pattern: str = ""


class CustomProject(msgspec.Struct, frozen=True):
    """Everything the catalogue has of one project.

    `source` is where its types are documented; `adds` is what its controller adds to each pod by itself.
    """

    name: str
    source: str
    kinds: tuple[CustomKind, ...]
    adds: str = ""
