"""msgspec's types of a whole pod, made of the field tables: what they take, the API server can decode.

Nothing comes in but the tables; a type goes out whose values are typed pods that hold every other field too,
so that reading one proves that no field has a wrong type. They refuse more than the server does (a null in a
list, a number in an odd form, a time in another zone): what they refuse is for the exact decoder. They
skip unknown fields, and of a key that stands twice they take the last. Of text, a container's variables and
resources, which no check reads and which are the same in many pods, are kept as their bytes;
`has_decodable_parts` reads those that it has not seen before.
"""

from collections.abc import Mapping
from functools import cache
from typing import Any, NoReturn

import msgspec

from ..manifest.json_proofs import keeps_all_colons, nests_deeper, value_without_repeats
from .plain_forms import integer_of, special_form
from .pod import ApiValue, Container, Pod
from .types import Type, resolve, workload_type
from .versions import NEWEST, Minor

__all__ = [
    "ReadFields",
    "UnreadField",
    "base_in",
    "has_decodable_parts",
    "managed_fields",
    "pod_of_outline",
    "pod_with_nulls",
    "whole_pod_of_text",
    "whole_pod_of_values",
]

_Struct = type[msgspec.Struct]

_PARTS = ("env", "resources")
"""Fields of a container that are kept as bytes."""
_LARGEST_KEPT = 4096
"""Bytes of a part that is worth remembering."""
_MOST_KEPT = 2048
"""So many parts of each name are remembered: 8 MiB at most."""


@cache
def whole_pod_of_text(minor: Minor = NEWEST) -> type[Pod]:
    """Make the type of a pod in JSON at Kubernetes 1.`minor`, a kind of `Pod`.

    It refuses those fields that checks read and that this version does not have, and skips other ones.
    """
    return _Types(of_text=True, minor=minor).pod()


@cache
def whole_pod_of_values() -> type[Pod]:
    """Make the type of a pod in a mapping at the newest version known, a kind of `Pod`."""
    return _Types(of_text=False).pod()


@cache
def pod_with_nulls(minor: Minor = NEWEST) -> type[Pod]:
    """Make the type of a pod in JSON that may have nulls in its lists and maps: see `null_items`."""
    return _Types(of_text=True, nulls=True, minor=minor).pod()


ReadFields = Mapping[_Struct, frozenset[str]]
"""Attributes that are read, by the struct that they are of; one that is not named is read whole."""


def pod_of_outline(read: ReadFields) -> type[Pod]:
    """Make the type of a pod in JSON that holds nothing but what is read: see `outline_table`.

    Any other field cannot be asked for: it raises UnreadField.
    """
    return _Types(of_text=True, read=read).pod()


class UnreadField(Exception):
    """Says that a field was asked for of a pod that was read without it: a fault of whoever asks."""


def _unread(name: str) -> property:
    def refuse(value: msgspec.Struct) -> NoReturn:
        raise UnreadField(f"{name} of a {value.__class__.__name__} was not read")

    return property(refuse)


class _Types:
    """Makes the types of structs, each once for each type that it stands on."""

    def __init__(
        self, *, of_text: bool, nulls: bool = False, read: ReadFields | None = None, minor: Minor = NEWEST
    ) -> None:
        self.parts = _PARTS if of_text else ()
        self.opaque: Any = msgspec.Raw if of_text else Any
        self.nulls, self.read, self.minor = nulls, read, minor
        self.made: dict[tuple[str, _Struct], _Struct] = {}

    def pod(self) -> type[Pod]:
        root = workload_type("v1", "Pod", self.minor)
        assert root is not None
        made: Any = self.struct(root, Pod)
        return made  # type: ignore[no-any-return] # it stands on Pod

    def struct(self, type_: Type, base: _Struct) -> _Struct:
        """Make the type of a struct on top of `base`, which has the fields that checks read."""
        known = self.made.get((type_.full, base))
        if known is not None:
            return known
        read = {field.encode_name: field for field in msgspec.structs.fields(base)}
        fields: list[tuple[str, Any, Any]] = []
        unread: dict[str, property] = {}
        for name, field in type_.fields.items():
            ours = read.pop(name, None)
            if (
                ours is not None
                and self.read is not None
                and ours.name not in self.read.get(base, (ours.name,))
            ):
                unread[ours.name] = _unread(ours.name)
                continue
            if ours is not None:
                hint = self.value(field.type, base_in(ours.type)) | None
                fields.append((ours.name, hint, msgspec.field(default=None, name=name)))
                continue
            if self.read is not None:
                continue
            apart = base is Container and name in self.parts
            hint = self.opaque if apart else self.value(field.type, ApiValue)
            # a null stays a null, so that the pod is as long as its text
            hint = hint if hint is self.opaque else hint | None | msgspec.UnsetType
            fields.append((name, hint, msgspec.UNSET))
        # a container has not all fields of an ephemeral one, which stands on the same base, and an old
        # version not all of today's: these are unknown
        fields += [(field.name, None, msgspec.field(default=None, name=name)) for name, field in read.items()]
        struct = msgspec.defstruct(
            type_.short,
            fields,
            bases=(base,),
            namespace=unread,
            module=__name__,
            frozen=True,
            gc=False,
            omit_defaults=True,
        )
        self.made[(type_.full, base)] = struct
        return struct

    def value(self, type_: Type, base: _Struct) -> Any:
        """Make the type of a value; `base` is that of the struct in it, if it has one."""
        kind = type_.kind
        if kind == "struct":
            return self.struct(type_, base)
        if kind == "int":
            return integer_of(type_)
        if type_.item is not None:
            item = self.value(type_.item, base)
            if self.nulls and item is not self.opaque:
                item = item | None
            return tuple[item, ...] if kind == "slice" else dict[str, item]  # type: ignore[valid-type] # made here
        if kind == "special":
            return special_form(type_) or self.opaque
        return {"string": str, "bool": bool}.get(kind, self.opaque)


def base_in(hint: Any) -> _Struct:
    """Find the struct in the type of a field that checks read, such as `tuple[Container, ...] | None`."""
    if isinstance(hint, type) and issubclass(hint, ApiValue):
        return hint
    for part in getattr(hint, "__args__", ()):
        found = base_in(part)
        if found is not ApiValue:
            return found
    return ApiValue


def has_decodable_parts(pod: Pod) -> bool:
    """Tell whether the parts that a pod of text keeps as bytes have no wrong type either."""
    spec: Any = pod.spec  # its containers have the two fields, which a Container has not
    if spec is None:
        return True
    for containers in (spec.init_containers, spec.containers, spec.ephemeral_containers):
        for container in containers or ():
            if container is None:
                continue
            env, resources = container.env, container.resources
            if env is not _UNSET and bytes(env) not in _KNOWN_ENV and not _reads("env", env):
                return False
            if (
                resources is not _UNSET
                and bytes(resources) not in _KNOWN_RESOURCES
                and not _reads("resources", resources)
            ):
                return False
    return True


_DEEP = 100
"""Collections in each other in a part; no workload has thirty, and every reader takes more."""
_UNSET = msgspec.UNSET
_KNOWN_ENV: set[bytes] = set()
_KNOWN_RESOURCES: set[bytes] = set()
_KNOWN = {"env": _KNOWN_ENV, "resources": _KNOWN_RESOURCES}
"""Texts of parts that can be decoded. Pods share most of them; when there are too many, all are forgotten."""


def managed_fields(pod: Pod) -> tuple[msgspec.Raw, ...]:
    """Return the only parts of a pod of text that are kept as bytes and never looked into."""
    metadata: Any = pod.metadata  # it has more fields than an ObjectMeta
    if metadata is None:
        return ()
    entries = [entry for entry in metadata.managedFields or () if entry is not None]
    return tuple([entry.fieldsV1 for entry in entries if entry.fieldsV1 is not _UNSET])


def _reads(name: str, part: msgspec.Raw) -> bool:
    """Tell whether a part that is not known yet can be decoded, and remember one that is worth it.

    One in which a key stands twice is left to the exact decoder, and so is a deep one: unknown fields may be.
    """
    text = bytes(part)
    if nests_deeper(text, _DEEP):
        return False
    try:
        written = msgspec.json.encode(_part_decoder(name).decode(text))
        if not keeps_all_colons(text, written) and value_without_repeats(text) is None:
            return False
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return False
    if len(text) <= _LARGEST_KEPT:
        known = _KNOWN[name]
        if len(known) >= _MOST_KEPT:
            known.clear()
        known.add(text)
    return True


@cache
def _part_decoder(name: str) -> "msgspec.json.Decoder[Any]":
    type_ = resolve("core/v1.Container", NEWEST).fields[name].type
    hint = _Types(of_text=True, nulls=True).value(type_, ApiValue)
    return msgspec.json.Decoder(hint | None)
