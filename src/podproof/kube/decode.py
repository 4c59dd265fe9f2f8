"""Decodes a value into one of the API's types, exactly as the API server does, in its words.

A plain value (of JSON, or of YAML turned into JSON) comes in; the object as Go would hold it, and what the
server says about it, go out. Known fields only, nulls removed, null items of lists as zero values. Nothing
is defaulted and nothing is judged.
Source: sigs.k8s.io/json (v0.0.0-20250730193827) internal/golang/encoding/json/decode.go, Go 1.26.
"""

from collections.abc import Iterable, Sequence
from typing import Any, Literal

import msgspec

from ..manifest.doubled import Doubled
from ..manifest.route import Route
from .go_format import quote
from .go_values import UndecodableValue, decode_special, json_word, literal, whole
from .plain_object import take_plain
from .served_kinds import VERSIONS
from .types import FieldType, Type, resolve, workload_type

__all__ = ["Decoded", "Problem", "decode", "decode_type", "find_fatal", "type_of"]

_STRICT_LIMIT = 100
"""So many unknown and duplicate fields are told. Source: kubernetes_patch.go, saveStrictError."""

_PARTS_TO_TRY = 8
"""So many parts of an object that is not plain may turn out not to be plain either, before none is tried."""
_SMALL_PART = 3
"""Parts with so few fields are walked as quickly as they are tried."""


class Problem(msgspec.Struct, frozen=True):
    """Something the decoder says. `message` is the server's; `route` is where, from the value's root.

    `unknown` and `duplicate` matter only to strict validation; `type` is always refused. `value`, and the
    full name of the `root` type at Kubernetes 1.`minor`, help to say where an unknown field belongs.
    """

    kind: Literal["unknown", "duplicate", "type"]
    route: Route
    message: str
    root: str = ""
    minor: int = 0
    value: Any = None


class Decoded(msgspec.Struct, frozen=True):
    """The object (without what could not be decoded) and the problems in the order of the text.

    `fatal` is the one for which the server refuses the object whatever the validation, None when there is
    none; only without it does the server tell of the others.
    """

    object: dict[str, Any]
    problems: tuple[Problem, ...]
    fatal: Problem | None

    @property
    def strict(self) -> tuple[Problem, ...]:
        """What strict validation refuses: unknown and duplicate fields, as many as the server tells."""
        by_message: dict[str, Problem] = {}
        for problem in self.problems:
            if problem.kind != "type" and len(by_message) < _STRICT_LIMIT:
                by_message.setdefault(problem.message, problem)
        return tuple(by_message.values())


def type_of(type_name: str, version: int, api_version: str | None = None) -> Type:
    """Find a type by its kind (`Pod`; of an old group by `api_version`) or its name (`core/v1.PodSpec`)."""
    if "." in type_name:
        return resolve(type_name, version)
    type_ = None
    if api_version is not None:
        type_ = workload_type(api_version, type_name, version)
    if type_ is None:
        type_ = workload_type(VERSIONS[type_name], type_name, version)
    assert type_ is not None, type_name
    return type_


def decode(value: Any, type_name: str, *, version: int, api_version: str | None = None) -> Decoded:
    """Decode a value as a kind (`Pod`) or another type (`core/v1.PodSpec`) of Kubernetes 1.`version`.

    Raises KeyError: there is no such type.
    """
    return decode_type(value, type_of(type_name, version, api_version))


def decode_type(value: Any, root: Type) -> Decoded:
    """Decode a value as a type."""
    odd_place = ""
    if value.__class__ is dict and root.kind == "struct":
        copy = take_plain(value, root)
        if not isinstance(copy, str):
            return Decoded(copy, (), None)
        odd_place = copy
    decoder = _ObjectDecoder(root, odd_place)
    decoded = decoder.value(root, value, None) if value is not None else None
    fatal = decoder.aborted or decoder.first
    return Decoded(decoded if isinstance(decoded, dict) else {}, tuple(decoder.problems), fatal)


def find_fatal(root: Type, faults: Iterable[tuple[Sequence[str | int], Any]]) -> Problem | None:
    """Find what `decode_type` calls fatal by the values of an object that the native reader did not take.

    These are, with their routes, the first one, and the first of those that decode themselves. None: one of
    them can be decoded, so that the whole object has to be.
    """
    first, undecided = None, False
    for route, value in faults:
        type_ = _type_at(root, route)
        decoder = _ObjectDecoder(root)
        decoder.route = list(route)
        if type_ is not None:
            decoder.value(type_, value, None)
        if decoder.aborted is not None:
            return decoder.aborted
        first = first or decoder.first
        undecided = undecided or decoder.first is None
    return None if undecided else first


def _type_at(root: Type, route: Sequence[str | int]) -> Type | None:
    """Find the type of what stands somewhere; None: it is in an unknown field."""
    type_: Type | None = root
    for step in route:
        if type_ is None:
            return None
        if type_.kind == "struct":
            field = type_.fields.get(str(step))
            type_ = None if field is None else field.type
        else:
            type_ = type_.item
    return type_


class _ObjectDecoder:
    def __init__(self, root: Type, odd_place: str = "") -> None:
        self.root = root
        self.odd_place = odd_place  # where the value is known not to be plain
        self.route: list[str | int] = []
        self.problems: list[Problem] = []
        self.first: Problem | None = None  # the first error of type, after which Go goes on
        self.parts_to_try = _PARTS_TO_TRY
        self.aborted: Problem | None = None  # an error of a value that decodes itself, which ends Go's work
        self.hidden: dict[int, tuple[list[Any], list[Any]]] = {}

    def value(self, type_: Type, value: Any, before: Any) -> Any:
        """Decode a value that is not null; `before` is what an earlier key of that name left."""
        kind = type_.kind
        if kind == "struct":
            if isinstance(value, dict):
                return self.struct(type_, value, before)
        elif kind == "string":
            if isinstance(value, str):
                return value
        elif kind == "bool":
            if isinstance(value, bool):
                return value
        elif kind == "int":
            return self.integer(type_, value, before)
        elif kind == "slice":
            if isinstance(value, list | tuple):
                return self.slice(type_, value, before)
        elif kind == "map":
            if isinstance(value, dict):
                return self.map(type_, value, before)
        elif kind == "special":
            return self.special(type_, value, before)
        elif kind == "bytes":
            return self.bytes(type_, value, before)
        else:
            return value
        self.refuse(json_word(value), type_.name)
        return before

    def struct(self, type_: Type, value: dict[str, Any], before: Any) -> dict[str, Any]:
        """Decode an object into a struct, over what an earlier key of that name left."""
        if len(value) > _SMALL_PART and self.parts_to_try and before is None and value.__class__ is dict:
            part = self.plain_part(type_, value)
            if part is not None:
                return part
        out: dict[str, Any] = before if isinstance(before, dict) else {}
        fields = type_.fields
        pairs = value.pairs if value.__class__ is Doubled else None
        seen: set[str] | None = None if pairs is None else set()
        route = self.route
        items: Iterable[tuple[Any, Any]] = value.items() if pairs is None else pairs
        for key, item in items:
            field: FieldType | None = fields.get(key)
            if field is None:
                route.append(str(key))
                self.strict("unknown", item)
                route.pop()
                continue
            if seen is not None:
                if key in seen:
                    route.append(key)
                    self.strict("duplicate", item)
                    route.pop()
                seen.add(key)
            shape = item.__class__
            if shape is field.plain:
                out[key] = item
                continue
            if item is None:
                if key in out and _null_resets(field.type, out[key]):
                    del out[key]
                continue
            kind = field.kind
            if shape is int and kind == "int" and 0 <= item < 256:
                out[key] = item
                continue
            route.append(key)
            if kind == "struct" and isinstance(item, dict):
                out[key] = self.struct(field.type, item, out.get(key))
                route.pop()
                continue
            if kind == "slice" and shape is list:
                member = self.slice(field.type, item, out.get(key))
            else:
                member = self.value(field.type, item, out.get(key))
            route.pop()
            if member is not None:
                out[key] = member
        return out

    def plain_part(self, type_: Type, value: dict[str, Any]) -> dict[str, Any] | None:
        """Copy a part of the value as it is, if it is plain and may be: the odd place is not within it."""
        if self.odd_place.startswith(_place(self.route)):
            return None
        part = take_plain(value, type_)
        if not isinstance(part, str):
            return part
        self.parts_to_try -= 1
        return None

    def slice(self, type_: Type, value: list[Any] | tuple[Any, ...], before: Any) -> list[Any]:
        """Decode an array; items of earlier arrays of that name are decoded over, as Go does.

        A shorter array hides the items after its end, and a later one that is longer finds them again.
        """
        item_type = type_.item
        assert item_type is not None
        earlier: list[Any] = before if isinstance(before, list) else []
        _, hidden = self.hidden.get(id(earlier), (earlier, ()))
        earlier = [*earlier, *hidden]
        out: list[Any] = []
        route = self.route
        struct = item_type.kind == "struct"
        string = item_type.kind == "string"
        for index, item in enumerate(value):
            old = earlier[index] if index < len(earlier) else None
            if string and item.__class__ is str:
                out.append(item)
                continue
            if item is None:
                out.append(_zero(item_type) if old is None or item_type.kind in ("slice", "map") else old)
                continue
            route.append(index)
            if struct and isinstance(item, dict):
                element = self.struct(item_type, item, old)
            else:
                element = self.value(item_type, item, old)
            route.pop()
            out.append(_zero(item_type) if element is None else element)
        if out and len(earlier) > len(out):
            self.hidden[id(out)] = (out, earlier[len(out) :])  # keeps the list, so that its id stays its own
        return out

    def map(self, type_: Type, value: dict[str, Any], before: Any) -> dict[str, Any]:
        """Decode an object into a map, in addition to an earlier one of that name."""
        item_type = type_.item
        assert item_type is not None
        out: dict[str, Any] = before if isinstance(before, dict) else {}
        pairs = value.pairs if value.__class__ is Doubled else None
        seen: set[str] = set()
        route = self.route
        items: Iterable[tuple[Any, Any]] = value.items() if pairs is None else pairs
        strings = item_type.kind == "string"
        for key, item in items:
            if pairs is None and strings and item.__class__ is str and key.__class__ is str:
                out[key] = item  # labels and annotations: nearly every map
                continue
            route.append(str(key))
            if pairs is not None:
                if key in seen:
                    self.strict("duplicate", item)
                seen.add(key)
            member = None if item is None else self.value(item_type, item, None)
            route.pop()
            out[str(key)] = _zero(item_type) if member is None else member
        return out

    def integer(self, type_: Type, value: Any, before: Any) -> Any:
        """Decode an integer; a number that is none, or too large, is told with its literal."""
        number = whole(value, type_.bits)
        if number is not None:
            return number
        word = json_word(value)
        self.refuse(f"number {literal(value)}" if word == "number" else word, type_.name)
        return before

    def bytes(self, type_: Type, value: Any, before: Any) -> Any:
        """Decode base64, which stays as it is written; a list of numbers is taken too."""
        if isinstance(value, list):
            for byte in value:
                if byte is not None and (type(byte) is not int or not 0 <= byte <= 255):
                    word = json_word(byte)
                    self.refuse(f"number {literal(byte)}" if word == "number" else word, "uint8")
                    return before
            return value
        if not isinstance(value, str):
            self.refuse(json_word(value), type_.name)
            return before
        from .go_base64 import find_base64_problem

        message = find_base64_problem(value)
        if message:
            self.save(message)
            return before
        return value

    def special(self, type_: Type, value: Any, before: Any) -> Any:
        """Decode a value that decodes itself; its error ends Go's work and wins over all before."""
        decoded = decode_special(type_.name, value)
        if not isinstance(decoded, UndecodableValue):
            return decoded
        if decoded.message:
            self.save(decoded.message)
        else:
            self.refuse(decoded.word, decoded.type)
        if self.aborted is None:
            self.aborted = self.problems[-1]
        return before

    def strict(self, kind: Literal["unknown", "duplicate"], value: Any) -> None:
        """Note what only strict validation refuses."""
        message = f"{kind} field {quote(_path(self.route))}"
        self.problems.append(
            Problem(kind, tuple(self.route), message, self.root.full, self.root.minor, value)
        )

    def refuse(self, word: str, type_name: str) -> None:
        """Note an error of type, with the structs that Go names."""
        struct, path = _context(self.root, self.route)
        into = f"struct field {struct}.{path}" if struct else "value"
        self.save(f"json: cannot unmarshal {word} into Go {into} of type {type_name}")

    def save(self, message: str) -> None:
        """Note an error that the server never accepts; it tells of the first."""
        problem = Problem("type", tuple(self.route), message)
        self.problems.append(problem)
        if self.first is None:
            self.first = problem


def _null_resets(type_: Type, before: Any) -> bool:
    """Say whether a null takes away what an earlier key left: not from a struct, a scalar or a port number.

    Source: apimachinery pkg/util/intstr, IntOrString.UnmarshalJSON, which reads null into the number.
    """
    if type_.name == "intstr.IntOrString" and not type_.pointer:
        return isinstance(before, str)
    return type_.pointer or type_.kind in ("slice", "map", "special")


def _zero(type_: Type) -> Any:
    """Give what a null leaves in a list or a map."""
    if type_.pointer:
        return None
    if type_.kind == "special":
        return "0" if type_.name == "resource.Quantity" else 0 if type_.name == "intstr.IntOrString" else None
    return {"string": "", "bool": False, "int": 0, "struct": {}}.get(type_.kind)


def _place(route: list[str | int]) -> str:
    """Write a place as msgspec does."""
    return "".join([f"[{step}]" if step.__class__ is int else f".{step}" for step in route])


def _path(route: list[str | int]) -> str:
    """Write a path as the strict decoder does: every key after a dot."""
    out = ""
    for step in route:
        out += f"[{step}]" if step.__class__ is int else f".{step}" if out else str(step)
    return out


def _context(root: Type, route: list[str | int]) -> tuple[str, str]:
    """Name the innermost struct on the way, and the fields (with embedded structs) that lead to the value."""
    struct, names = "", []
    type_ = root
    for step in route:
        if type_.kind == "struct":
            field = type_.fields.get(str(step))
            if field is None:
                break
            struct = type_.short
            names += [*field.embedded, field.name]
            type_ = field.type
        elif type_.item is not None:
            type_ = type_.item
    return struct, ".".join(names)
