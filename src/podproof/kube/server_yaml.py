"""What the API server makes of a YAML body: the JSON value, or its own words for what is wrong.

In: the bytes of a request whose content type is application/yaml. Out: the value as Go's conversion to JSON
would print it (first document only, keys sorted), and the strict decoder's list of keys set twice.
Never splits documents and never looks at fields.
Source: sigs.k8s.io/yaml v1.6.0 yaml.go; go.yaml.in/yaml/v2 v2.4.4 decode.go.
"""

from collections.abc import Generator
from typing import Any, Literal, NamedTuple

import yaml
import yaml.scanner

from ..manifest.events import events
from ..manifest.limits import excessive_aliasing
from ..manifest.scalars import ScalarError, key_text
from ..manifest.syntax_errors import CONTROL, TOO_DEEP
from ..manifest.syntax_tree import (
    AliasNode,
    CollectionNode,
    ScalarNode,
    SyntaxNode,
    UnknownAnchor,
    compose,
    is_merge_key,
    merge_sources,
    scalar_value,
)
from .go_format import quote

__all__ = ["ServerYAML", "YAMLError", "to_json_value"]


class YAMLError(Exception):
    """Carries the server's message, which begins with `yaml: ` or `json: ` as Go words it."""


class ServerYAML(NamedTuple):
    """A body's value, and a line for each key that strict decoding found set twice (`line 12: key ...`)."""

    value: object
    duplicates: tuple[str, ...]

    @property
    def strict_error(self) -> str | None:
        """The strict decoder's error, None when no key is set twice."""
        return "yaml: unmarshal errors:\n  " + "\n  ".join(self.duplicates) if self.duplicates else None


def to_json_value(data: bytes) -> ServerYAML:
    """Convert a body as sigs.k8s.io/yaml does; raises YAMLError with the words of Go for what it refuses.

    Integers stay ints whatever their size up to 64 bits, floats are those that Go would print.
    """
    root = _parse(data)
    decoder = _GoDecoder()
    value = None if root is None else decoder.decode(root)
    return ServerYAML(_to_json(value), tuple(decoder.errors))


def _parse(data: bytes) -> SyntaxNode | None:
    """Read the first document; what follows it is not looked at."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        try:
            data = data.decode("utf-16").encode()
        except UnicodeDecodeError as error:
            raise YAMLError(_utf16_message(data, error.start)) from None
    # PyYAML leaves a byte order mark in the text's first scalar only if it stands twice
    try:
        with events(data) as next_event:
            return compose(next_event)
    except UnknownAnchor as unknown:
        raise YAMLError(f"yaml: unknown anchor '{unknown.name}' referenced") from None
    except yaml.MarkedYAMLError as error:
        raise YAMLError(_parser_message(error)) from None
    except (yaml.YAMLError, UnicodeDecodeError):
        raise YAMLError(_reader_message(data)) from None


def _parser_message(error: yaml.MarkedYAMLError) -> str:
    """Word a scanner's or parser's error; go-yaml counts lines from 0 in one and from 1 in the other."""
    line = 0
    if error.problem_mark is not None and error.problem_mark.line != 0:
        line = error.problem_mark.line + (1 if isinstance(error, yaml.scanner.ScannerError) else 0)
    elif error.context_mark is not None and error.context_mark.line != 0:
        line = error.context_mark.line
    if error.problem == TOO_DEEP:
        # libyaml stops at 1,000 levels where go-yaml goes on to 10,000; no object nests nearly as deep
        return "yaml: exceeded max depth of 10000"
    where = f"line {line}: " if line else ""
    return f"yaml: {where}{error.problem}"


def _utf16_message(data: bytes, start: int) -> str:
    """Word what is wrong with UTF-16 at an offset; what precedes it may hold a control character."""
    order: Literal["little", "big"] = "little" if data[:2] == b"\xff\xfe" else "big"
    if CONTROL.search(data[:start].decode("utf-16")):
        return "yaml: control characters are not allowed"
    left = len(data) - start
    if left < 2:
        return "yaml: incomplete UTF-16 character"
    if int.from_bytes(data[start : start + 2], order) >= 0xDC00:
        return "yaml: unexpected low surrogate area"
    return "yaml: incomplete UTF-16 surrogate pair" if left < 4 else "yaml: expected low surrogate area"


def _reader_message(data: bytes) -> str:
    """Word what libyaml's reader refuses: bytes that are no UTF-8, and control characters."""
    control = "yaml: control characters are not allowed"
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        if CONTROL.search(data[: error.start].decode("utf-8")):
            return control
        bad = data[error.start]
        if bad < 0xC0 or bad > 0xF7:
            return "yaml: invalid leading UTF-8 octet"
        width = 2 if bad < 0xE0 else 3 if bad < 0xF0 else 4
        if error.start + width > len(data):
            return "yaml: incomplete UTF-8 octet sequence"
        for byte in data[error.start + 1 : error.start + width]:
            if byte & 0xC0 != 0x80:
                return "yaml: invalid trailing UTF-8 octet"
        return (
            "yaml: invalid Unicode character"
            if bad == 0xED or bad >= 0xF4
            else "yaml: invalid length of a UTF-8 sequence"
        )
    return control


_Decoding = Generator[tuple[SyntaxNode, "dict[Any, Any] | None"], Any, object]
"""Asks for the values of nodes (a mapping's into a dict, where one comes with it) and returns its own."""


class _GoDecoder:
    """Decodes a tree into maps with Go's typed keys, in Go's order, noting keys set twice.

    A key is a pair of its Python type and its value, since Go has 1 and "1" beside each other.
    """

    def __init__(self) -> None:
        self.errors: list[str] = []
        self._decoded = 0
        self._aliased = 0
        self._depth = 0
        self._open: set[int] = set()

    def decode(self, node: SyntaxNode) -> object:
        """Run the generators below to the end without recursion, so that depth costs no stack."""
        stack = [self._value(node, None)]
        value: object = None
        while stack:
            try:
                wanted, into = stack[-1].send(value)
                stack.append(self._value(wanted, into))
                value = None
            except StopIteration as stop:
                stack.pop()
                value = stop.value
        return value

    def _value(self, node: SyntaxNode, into: "dict[Any, Any] | None") -> _Decoding:
        self._count()
        if isinstance(node, AliasNode):
            return (yield from self._alias(node, into))
        if isinstance(node, ScalarNode):
            try:
                return scalar_value(node)
            except ScalarError as error:
                raise YAMLError(f"yaml: {error}") from None
        if node.is_mapping:
            return (yield from self._mapping(node, {} if into is None else into))
        items: list[object] = []
        for child in node.children:
            items.append((yield child, None))
        return items

    def _count(self) -> None:
        self._decoded += 1
        if self._depth > 0:
            self._aliased += 1
        if excessive_aliasing(self._decoded, self._aliased):
            raise YAMLError("yaml: document contains excessive aliasing")

    def _alias(self, node: AliasNode, into: "dict[Any, Any] | None") -> _Decoding:
        if id(node) in self._open:
            raise YAMLError(f"yaml: anchor '{node.name}' value contains itself")
        self._open.add(id(node))
        self._depth += 1
        value = yield node.target, into
        self._depth -= 1
        self._open.discard(id(node))
        return value

    def _mapping(self, node: CollectionNode, out: dict[Any, Any]) -> _Decoding:
        pairs = iter(node.children)
        for key_node, value_node in zip(pairs, pairs, strict=True):
            if is_merge_key(key_node):
                sources = merge_sources(value_node)
                if sources is None:
                    raise YAMLError("yaml: map merge requires map or sequence of maps as the value")
                for source in sources:
                    yield source, out
                continue
            key = yield key_node, None
            if isinstance(key, (dict, list)):
                raise YAMLError(f"yaml: invalid map key: {_go_syntax(key)}")
            value = yield value_node, None
            typed = (key.__class__, key)
            if typed in out and key == key:  # NaN equals no other
                self.errors.append(f"line {value_node.line + 1}: key {_go_syntax(key)} already set in map")
            out[typed] = value
        return out


def _to_json(value: object) -> object:
    """Turn typed keys into strings, sort them, and refuse what JSON cannot say, without recursion."""
    holder: list[object] = [None]
    pending: list[tuple[Any, Any, object]] = [(holder, 0, value)]
    bad_float: str | None = None
    while pending:
        into, at, one = pending.pop()
        if isinstance(one, dict):
            named: dict[str, object] = {}
            for (_, key), child in one.items():
                text = key_text(key)
                if text is None:
                    kind = "%!s(<nil>)" if key is None else "uint64"
                    pair = f"key: {_go_syntax(key)}, value: {_go_syntax(child)}"
                    raise YAMLError(f"unsupported map key of type: {kind}, {pair}")
                named[text] = child
            out: dict[str, object] = dict.fromkeys(sorted(named))
            into[at] = out
            pending.extend((out, key, named[key]) for key in reversed(out))
        elif isinstance(one, list):
            items: list[object] = [None] * len(one)
            into[at] = items
            pending.extend((items, i, one[i]) for i in range(len(one) - 1, -1, -1))
        else:
            if (
                isinstance(one, float)
                and bad_float is None
                and (one != one or one in (float("inf"), -float("inf")))
            ):
                bad_float = "NaN" if one != one else "+Inf" if one > 0 else "-Inf"
            elif isinstance(one, float) and abs(one) < 1e21 and one.is_integer():
                one = _printed_integer(one)
            into[at] = one
    if bad_float is not None:
        raise YAMLError(f"json: unsupported value: {bad_float}")
    return holder[0]


def _go_syntax(value: object) -> str:
    """Print a value as Go's %#v does."""
    if value is None:
        return "<nil>"
    if value is True or value is False:
        return "true" if value else "false"
    if isinstance(value, str):
        return quote(value)
    if isinstance(value, int):
        return str(value) if value < 1 << 63 else hex(value)
    if isinstance(value, float):
        return _float_syntax(value)
    if isinstance(value, list):
        return "[]interface {}{" + ", ".join(_element_syntax(one) for one in value) + "}"
    if isinstance(value, dict):
        items = sorted(value.items(), key=lambda item: _sort_key(item[0][1]))
        inner = ", ".join(f"{_element_syntax(key[1])}:{_element_syntax(one)}" for key, one in items)
        return "map[interface {}]interface {}{" + inner + "}"
    return repr(value)


def _sort_key(key: Any) -> tuple[Any, ...]:
    """Order a map's keys as Go prints them: nil, then each type's by value, NaN before other floats.

    Which type comes first is no rule of Go's: it is the order of types in a program, as go1.26 links them.
    Source: Go internal/fmtsort sort.go, compare.
    """
    if key is None:
        return ()
    if isinstance(key, str):
        return 1, key
    if isinstance(key, bool):
        return 6, key
    if isinstance(key, int):
        return 3 if key < 1 << 63 else 2, key
    return (5, key) if key == key else (4,)


def _element_syntax(value: object) -> str:
    return "interface {}(nil)" if value is None else _go_syntax(value)


def _float_syntax(value: float) -> str:
    """Print a float as Go's %#v does."""
    if value != value:
        return "NaN"
    if value in (float("inf"), -float("inf")):
        return "+Inf" if value > 0 else "-Inf"
    from decimal import Decimal

    sign, digits, power = Decimal(repr(value)).as_tuple()
    text = "".join(map(str, digits)).rstrip("0") or "0"
    scale = int(power) + len(digits) - 1 if text != "0" else 0
    if -4 <= scale < 6:
        out = repr(abs(value)).removesuffix(".0")
    else:
        out = text[0] + ("." + text[1:] if len(text) > 1 else "") + f"e{scale:+03d}"
    return "-" + out if sign else out


def _printed_integer(value: float) -> int:
    """Give the integer that Go's JSON prints for a whole float: its shortest digits, then zeros."""
    from decimal import Decimal

    return int(Decimal(repr(value)))
