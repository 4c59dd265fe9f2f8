"""What the API server makes of a YAML body: the JSON value, or its own words for what is wrong.

In: the bytes of a request whose content type is application/yaml. Out: the value as Go's conversion to JSON
would print it (first document only, keys sorted), and the strict decoder's list of keys set twice.
Never splits documents and never looks at fields.
Source: sigs.k8s.io/yaml v1.6.0 yaml.go; go.yaml.in/yaml/v2 v2.4.4 decode.go.
"""

from typing import Any, NamedTuple

import yaml
import yaml.scanner
from yaml._yaml import CParser

from podproof.manifest.build import excessive
from podproof.manifest.complaints import CONTROL, TOO_DEEP
from podproof.manifest.scalars import MERGE_TAG, ScalarError, key_text, plain, tagged

_MAX_DEPTH = 10_000
"""go-yaml's own limit for flow levels and indents."""


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


class _Node:
    __slots__ = ("alias", "children", "implicit", "line", "tag", "text")

    def __init__(self, line: int) -> None:
        self.line = line
        self.children: list[_Node] | None = None  # a mapping's keys and values alternate
        self.text: str | None = None  # a scalar's text, or an alias's name
        self.tag: str | None = None
        self.implicit = False
        self.alias: _Node | None = None


class _Mapping(_Node):
    __slots__ = ()


def to_json_value(data: bytes) -> ServerYAML:
    """Convert a body as sigs.k8s.io/yaml does; raises YAMLError with the words of Go for what it refuses.

    Integers stay ints whatever their size up to 64 bits, floats are those that Go would print.
    """
    root = _parse(data)
    decoder = _Decoder()
    value = None if root is None else decoder.decode(root)
    return ServerYAML(_to_json(value), tuple(decoder.errors))


def _parse(data: bytes) -> _Node | None:
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        try:
            data = data.decode("utf-16").encode()
        except UnicodeDecodeError:
            raise YAMLError("yaml: incomplete UTF-16 character") from None
    # PyYAML leaves a byte order mark in the text's first scalar only if it stands twice
    parser: Any = CParser(data)
    try:
        return _tree(parser)
    except yaml.MarkedYAMLError as error:
        raise YAMLError(_words(error)) from None
    except yaml.YAMLError:
        raise YAMLError(_reader_words(data)) from None
    except UnicodeDecodeError:
        raise YAMLError(_reader_words(data)) from None
    finally:
        parser.dispose()


def _words(error: yaml.MarkedYAMLError) -> str:
    """Word a scanner's or parser's error; go-yaml counts lines from 0 in one and from 1 in the other."""
    line = 0
    if error.problem_mark is not None and error.problem_mark.line != 0:
        line = error.problem_mark.line + (1 if isinstance(error, yaml.scanner.ScannerError) else 0)
    elif error.context_mark is not None and error.context_mark.line != 0:
        line = error.context_mark.line
    if error.problem == TOO_DEEP:
        # libyaml stops at 1,000 levels where go-yaml goes on to 10,000; no object nests nearly as deep
        return f"yaml: exceeded max depth of {_MAX_DEPTH}"
    where = f"line {line}: " if line else ""
    return f"yaml: {where}{error.problem}"


def _reader_words(data: bytes) -> str:
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
            if bad in (0xED, 0xF4)
            else "yaml: invalid length of a UTF-8 sequence"
        )
    return control


def _tree(parser: Any) -> _Node | None:
    get = parser.get_event
    anchors: dict[str, _Node] = {}
    stack: list[_Node] = []
    while True:
        event = get()
        kind = event.__class__
        if kind is yaml.ScalarEvent:
            node = _Node(event.start_mark.line)
            node.text, node.tag, node.implicit = event.value, event.tag, event.implicit[0]
            if event.anchor is not None:
                anchors[event.anchor] = node
        elif kind is yaml.AliasEvent:
            node = _Node(event.start_mark.line)
            node.text = event.anchor
            node.alias = anchors.get(event.anchor)
            if node.alias is None:
                raise YAMLError(f"yaml: unknown anchor '{event.anchor}' referenced")
        elif kind is yaml.MappingStartEvent or kind is yaml.SequenceStartEvent:
            node = (_Mapping if kind is yaml.MappingStartEvent else _Node)(event.start_mark.line)
            node.children = []
            node.tag = event.tag
            if event.anchor is not None:
                anchors[event.anchor] = node
            if len(stack) > _MAX_DEPTH:
                raise YAMLError(f"yaml: exceeded max depth of {_MAX_DEPTH}")
            stack.append(node)
            continue
        elif kind is yaml.MappingEndEvent or kind is yaml.SequenceEndEvent:
            node = stack.pop()
        elif kind is yaml.DocumentEndEvent or kind is yaml.StreamEndEvent:
            return None
        else:
            continue
        if not stack:
            if get().__class__ is not yaml.DocumentEndEvent:
                raise YAMLError("yaml: the document does not end")
            return node
        children = stack[-1].children
        if children is not None:
            children.append(node)


class _Decoder:
    """Decodes a tree into maps with Go's typed keys, in Go's order, noting keys set twice."""

    def __init__(self) -> None:
        self.errors: list[str] = []
        self.decoded = 0
        self.aliased = 0
        self.depth = 0
        self.open: set[int] = set()

    def decode(self, node: _Node) -> object:
        """Run the generators below to the end without recursion, so that depth costs no stack."""
        stack = [self._value(node, None)]
        sent: object = None
        while stack:
            try:
                wanted, into = stack[-1].send(sent)
                stack.append(self._value(wanted, into))
                sent = None
            except StopIteration as stop:
                stack.pop()
                sent = stop.value
        return sent

    def _value(self, node: _Node, into: "dict[Any, Any] | None") -> Any:
        self.decoded += 1
        if self.depth > 0:
            self.aliased += 1
        if self.aliased > 100 and excessive(self.decoded, self.aliased):
            raise YAMLError("yaml: document contains excessive aliasing")
        if node.alias is not None:
            if id(node) in self.open:
                raise YAMLError(f"yaml: anchor '{node.text}' value contains itself")
            self.open.add(id(node))
            self.depth += 1
            value = yield node.alias, into
            self.depth -= 1
            self.open.discard(id(node))
            return value
        if isinstance(node, _Mapping):
            out = {} if into is None else into
            children = node.children or []
            for i in range(0, len(children), 2):
                key_node, value_node = children[i], children[i + 1]
                if _is_merge(key_node):
                    for one in _merge_sources(value_node):
                        yield one, out
                    continue
                key = yield key_node, None
                if isinstance(key, (dict, list)):
                    raise YAMLError(f"yaml: invalid map key: {_go(key)}")
                value = yield value_node, None
                typed = (key.__class__, key)
                if typed in out:
                    self.errors.append(f"line {value_node.line + 1}: key {_go(key)} already set in map")
                out[typed] = value
            return out
        if node.children is not None:
            items: list[object] = []
            for child in node.children:
                item = yield child, None
                items.append(item)
            return items
        text = node.text or ""
        if node.tag is None:
            return plain(text) if node.implicit else text
        try:
            return tagged(node.tag, text)
        except ScalarError as error:
            raise YAMLError(f"yaml: {error}") from None


def _is_merge(node: _Node) -> bool:
    if node.children is not None or node.alias is not None or node.text != "<<":
        return False
    return node.implicit or node.tag == MERGE_TAG


_WANT_MAP = "yaml: map merge requires map or sequence of maps as the value"


def _merge_sources(node: _Node) -> list[_Node]:
    if isinstance(node, _Mapping) or isinstance(node.alias, _Mapping):
        return [node]
    if node.alias is not None or node.children is None:
        raise YAMLError(_WANT_MAP)
    for one in reversed(node.children):
        if not isinstance(one, _Mapping) and not isinstance(one.alias, _Mapping):
            raise YAMLError(_WANT_MAP)
    return node.children[::-1]


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
                    raise YAMLError(
                        f"unsupported map key of type: {kind}, key: {_go(key)}, value: {_go(child)}"
                    )
                named[text] = child
            out: dict[str, object] = dict.fromkeys(
                sorted(named, key=lambda k: k.encode("utf-8", "surrogatepass"))
            )
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


def _go(value: object) -> str:
    """Print a value as Go's %#v does."""
    if value is None:
        return "<nil>"
    if value is True or value is False:
        return "true" if value else "false"
    if isinstance(value, str):
        return go_quote(value)
    if isinstance(value, int):
        return str(value) if value < 1 << 63 else hex(value)
    if isinstance(value, float):
        return go_float(value)
    if isinstance(value, list):
        return "[]interface {}{" + ", ".join(_go_inner(one) for one in value) + "}"
    if isinstance(value, dict):
        items = sorted(value.items(), key=lambda item: str(item[0][1]))
        inner = ", ".join(f"{_go_inner(key[1])}:{_go_inner(one)}" for key, one in items)
        return "map[interface {}]interface {}{" + inner + "}"
    return repr(value)


def _go_inner(value: object) -> str:
    return "interface {}(nil)" if value is None else _go(value)


def go_float(value: float) -> str:
    """Print a float as Go's %#v does."""
    if value != value:
        return "NaN"
    if value in (float("inf"), -float("inf")):
        return "+Inf" if value > 0 else "-Inf"
    from decimal import Decimal

    sign, digits, power = Decimal(repr(value)).as_tuple()
    text = "".join(map(str, digits)).lstrip("0").rstrip("0") or "0"
    scale = int(power) + len(digits) - 1 if text != "0" else 0
    if -4 <= scale < 6:
        out = repr(abs(value)) if "e" not in repr(value) else format(Decimal(repr(abs(value))), "f")
        out = out.removesuffix(".0")
    else:
        out = text[0] + ("." + text[1:] if len(text) > 1 else "") + f"e{scale:+03d}"
    return "-" + out if sign else out


def _printed_integer(value: float) -> int:
    """Give the integer that Go's JSON prints for a whole float: its shortest digits, then zeros."""
    from decimal import Decimal

    return int(Decimal(repr(value)))


def go_quote(text: str) -> str:
    """Quote a string as Go's strconv.Quote does."""
    out = ['"']
    for char in text:
        code = ord(char)
        if char in '"\\':
            out.append("\\" + char)
        elif char in _ESCAPES:
            out.append(_ESCAPES[char])
        elif char.isprintable():
            out.append(char)
        elif code < 0x80:
            out.append(f"\\x{code:02x}")
        elif code < 0x10000:
            out.append(f"\\u{code:04x}")
        else:
            out.append(f"\\U{code:08x}")
    out.append('"')
    return "".join(out)


_ESCAPES = {"\a": "\\a", "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\v": "\\v"}
