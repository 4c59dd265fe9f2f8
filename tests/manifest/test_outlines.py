"""The native reader of JSON keeps what it is told to keep, and takes what JSON and its table allow."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from podproof.manifest.native import native_module
from podproof.manifest.native_json import MAX_DEPTH, nests_deeper, outline_reader, syntax_fault

pytestmark = pytest.mark.skipif(
    native_module() is None, reason="the native reader is switched off, or not built: it needs Rust"
)

Row = tuple[Any, ...]
Given = tuple[bytes, ...] | list[str | int] | None


def _module() -> Any:
    module = native_module()
    assert module is not None
    return module


def _outline(table: list[Row], count: int = 1, max_depth: int = MAX_DEPTH) -> Callable[[bytes], Given]:
    give: Callable[[bytes], Given] = _module().Outline(table, count, max_depth).read
    return give


def _field(row: Row, text: str | bytes, *others: Row) -> Given:
    """Read a text as a field that one outline keeps."""
    body = text if isinstance(text, bytes) else text.encode()
    given = _outline([("struct", [("a", 1, 1)]), row, *others])(b'{"a":' + body + b"}")
    if isinstance(given, tuple):
        assert given[0].startswith(b'{"a":')
        return (given[0][5:-1],)
    return given


_INT = ("integer", -(1 << 63), (1 << 63) - 1)
_SMALL = ("integer", -5, 300)
_TIME, _QUANTITY, _EITHER = ("time",), ("quantity",), ("integer or text",)
_NULLABLE: list[Row] = [
    ("any",), ("skipped",), ("string",), ("bool",), _INT, _TIME, _QUANTITY, _EITHER, ("list", 1), ("map", 1),
    ("struct", []),
]  # fmt: skip
TAKEN: list[tuple[Row, str, str]] = [
    (("any",), '{ "a" : [ 1 , "b" , { } , [ ] , true ] }', '{"a" :[1,"b",{},[],true]}'),
    (("any",), "-0.5", "-0.5"),
    (("any",), "123456789012345", "123456789012345"),
    (("skipped",), "[1,{]}", "[1,{]}"),
    (("skipped",), '{"]":"}\\""}', '{"]":"}\\""}'),
    (("skipped",), "7", "7"),
    (("skipped",), '["\\ud800\\\\"]', '["\\ud800\\\\"]'),
    (("string",), '"\\u0041\\n\\"\\\\/é😀\\ud83d\\ude00"', '"\\u0041\\n\\"\\\\/é😀\\ud83d\\ude00"'),
    (("string",), '"\x7f"', '"\x7f"'),
    (("stated",), '""', '""'),
    (("bool",), "true", "true"),
    (("bool",), "false", "false"),
    (_INT, "-9223372036854775808", "-9223372036854775808"),
    (_INT, "9223372036854775807", "9223372036854775807"),
    (_INT, "-0", "-0"),
    (_SMALL, "-5", "-5"),
    (_SMALL, "300", "300"),
    (_SMALL, "-0.0", "0"),
    (_SMALL, "3e2", "300"),
    (_SMALL, "-5.00E0", "-5"),
    (_INT, "9e15", "9000000000000000"),
    (_INT, "9.2e18", "9200000000000000000"),
    (_INT, "-9007199254740993.0", "-9007199254740992"),
    (_TIME, '"2020-01-01T00:00:00+01:00"', '"2020-01-01T00:00:00+01:00"'),
    (_QUANTITY, '"1Gi"', '"1Gi"'),
    (_QUANTITY, "1.5", "1.5"),
    (_EITHER, "80.0", "80.0"),
    (_EITHER, '"web"', '"web"'),
    *[(row, "null", "null") for row in _NULLABLE],
    (("list", 1), "[[], [[]]]", "[[],[[]]]"),
    (("map", 1), '{"":{},"\\u0000":{}}', '{"":{},"\\u0000":{}}'),
    (("struct", [("b", 1, 1), ("c", 1, 0)]), '{"c":{"b":null},"b":{"c":{}}}', '{"b":{}}'),
    (("struct", []), '{"a":1,"":{"b":[1e400]}}', "{}"),
]


@pytest.mark.parametrize(("row", "text", "kept"), TAKEN)
def test_what_has_each_type(row: Row, text: str, kept: str) -> None:
    for blank in ("", " \t\r\n"):
        assert _field(row, blank + text + blank) == (kept.encode(),)


REFUSED: list[tuple[Row, str | bytes]] = [
    (("stated",), "null"),
    *[(("string",), text) for text in ("1", "true", "[]", "{}", "'a'", '"', '"\\x"', '"\\u12g4"', '"\\u123')],
    *[(("string",), text) for text in ('"\\ud800"', '"\\udc00"', '"\\ud800\\ud800"', '"\\ud800x"', '"\t"')],
    *[(("string",), text) for text in (b'"\xff"', b'"\xed\xa0\x80"', b'"\xc0\x80"', b'"\x00"', b'"a\n"')],
    *[(("bool",), text) for text in ("1", '"true"', "tru", "True", "truefalse", "nul", "[]")],
    *[
        (_SMALL, text)
        for text in (
            "-6",
            "301",
            "1.5",
            "1e3",
            "301.0",
            "1e400",
            '"1"',
            "true",
            "",
            "-",
            "+1",
            "01",
            "--1",
            "[]",
        )
    ],
    *[(_INT, text) for text in ("9223372036854775808", "-9223372036854775809", "1" * 500, "1e19", "0.5")],
    *[(("any",), text) for text in ("1e1", "1E1", "1.", ".5", "01", "-", "1234567890123456", "NaN", "٣")],
    *[
        (("any",), text)
        for text in ("[1,]", "[,1]", "[1 2]", '{"a"}', '{"a":}', '{"a":1,}', "{1:2}", "{]", "[")
    ],
    *[(("any",), text) for text in ("[null]", '{"a":null}', "1,", "1}", '"a" "b"', "\ufeff1", "//\n1")],
    *[(("list", 1), text) for text in ("{}", '""', "1", "[1]", "[{}]", "[null]")],
    *[(("map", 1), text) for text in ("[]", '""', "1", '{"a":1}', '{"a":[]}', '{"a":null}')],
    *[(("struct", []), text) for text in ("[]", '""', "1", '{"a":}', '{"a":{"b":1 2}}', '{"":"\\ud800"}')],
    *[(_TIME, text) for text in ('"no"', "2", "true", "[]", "{}", '"\\ud800"', "")],
    *[(_QUANTITY, text) for text in ('"no"', "true", "[]", "{}", "1e400", '"\\ud800"', "")],
    *[(_EITHER, text) for text in ("0.5", "1e10", "true", "[]", "{}", '"\\ud800"', "")],
    *[(("skipped",), text) for text in ("", "nul", "]", "[", '["]', "[\\]", '"', "1e1", "}", "-")],
]


@pytest.mark.parametrize(("row", "text"), REFUSED)
def test_what_is_left_to_others(row: Row, text: str | bytes) -> None:
    assert _field(row, text) is None


@pytest.mark.parametrize(
    ("row", "zero"),
    [(("string",), '""'), (("bool",), "false"), (_INT, "0"), (("struct", []), "{}"), (("any",), None),
     (("skipped",), None), (("stated",), None), (_TIME, None), (("list", 1), None), (("map", 1), None)],
)  # fmt: skip
def test_nulls_in_lists_and_maps(row: Row, zero: str | None) -> None:
    for holder, text in ((("list", 2), "[ null , null]"), (("map", 2), '{"b": null ,"c":null}')):
        given = _field(holder, text, row)
        if zero is None:
            assert given is None
        else:
            assert given == (text.replace("null", zero).replace(" ", "").encode(),)
        unkept = _outline([("struct", [("a", 1, 0)]), holder, row])(b'{"a":' + text.encode() + b"}")
        assert unkept == (None if row == ("stated",) else (b"{}",))


def test_each_outline_has_its_own_fields() -> None:
    inner = ("struct", [("x", 2, 0b011), ("y", 2, 0b110), ("z", 2, 0)])
    read = _outline([("struct", [("a", 1, 0b111), ("b", 1, 0b10)]), inner, ("any",)], 3)
    text = b' { "b" : {"y":[1], "x":2}, "a": {"z":[3,{}], "x":{"z":4}, "y":"5"} } '
    assert read(text) == (
        b'{"a":{"x":{"z":4}}}',
        b'{"b":{"y":[1],"x":2},"a":{"x":{"z":4},"y":"5"}}',
        b'{"a":{"y":"5"}}',
    )
    assert _outline([("any",)], 0)(b"[1]") == ()
    assert _outline([("any",)], 8)(b"[1]") == (b"[1]",) * 8


def test_a_key_is_what_it_means() -> None:
    struct = _outline([("struct", [("aé", 1, 1), ("b", 1, 0)]), ("any",)])
    assert struct(b'{"\\u0061\\u00e9":1}') == ('{"aé":1}'.encode(),)
    assert struct(b'{"b":1,"\\u0062":2}') == ["b"]
    read = _outline([("any",)])
    assert read(b'{"\\u0061":1,"\\ud83d\\ude00":2}') == (b'{"\\u0061":1,"\\ud83d\\ude00":2}',)
    for again in ('"\\u0061"', '"a"'):
        assert read(b'{"a":1,"b":2,%s:3}' % again.encode()) == ["a"]
    assert read('{"😀":{"x":1},"\\ud83d\\uDE00":2}'.encode()) == ["😀"]
    assert read(b'{"\\/\\"\\b\\f":1,"/\\u0022\\u0008\\u000c":2}') == ['/"\b\f']
    assert read(b'{"\\\\u0061":1,"a":2}') == (b'{"\\\\u0061":1,"a":2}',)


@pytest.mark.parametrize("count", [2, 15, 16, 17, 18, 40])
@pytest.mark.parametrize("first", [0, 1, 14, 15, 16, 17, 38])
def test_a_map_with_many_keys(count: int, first: int) -> None:
    keys = [f"key-{number}" for number in range(count)]
    text = json.dumps({key: {"x": [{}]} for key in keys}, separators=(",", ":"))
    read = _outline([("any",)])
    assert read(text.encode()) == (text.encode(),)
    if first < count:
        again = f'{text[:-1]},"\\u006bey-{first}":0}}'
        assert read(again.encode()) == [f"key-{first}"]
        assert read(f'[{{"a":{again}}}]'.encode()) == [0, "a", f"key-{first}"]


def test_depth() -> None:
    for row in (("any",), ("list", 0)):
        assert _outline([row], 1, 3)(b"[[[]]]") == (b"[[[]]]",)
        assert _outline([row], 1, 3)(b"[[[[]]]]") is None
        assert _outline([row], 1, 0)(b"[]") is None
    assert _outline([("any",)], 1, 3)(b"[[[]],[[]],[[]]]") is not None
    assert _outline([("skipped",)], 1, 0)(b"[" * 100_000 + b"]" * 100_000) is not None
    assert _outline([("any",)], 1, 3)(b'{"a":1,"a":{"a":{"a":{}}}}') is None


@pytest.mark.parametrize("text", [b"[" * 200_000, b'{"a":' * 200_000, b"[{}," * 200_000])
def test_no_table_lets_the_stack_overflow(text: bytes) -> None:
    assert _outline([("any",)], 1, 1 << 40)(text) is None


@pytest.mark.parametrize(
    "table",
    [
        [],
        [()],
        [("unknown",)],
        [(1,)],
        [("list",)],
        [("list", 1)],
        [("list", -1)],
        [("list", "a")],
        [("map",)],
        [("map", 1)],
        [("integer", 0)],
        [("integer", 0, 1 << 63)],
        [("integer", "a", 1)],
        [("asked", bool)],
        [("struct",)],
        [("struct", 5)],
        [("struct", [("a", 0)])],
        [("struct", [("a", 1, 1)])],
        [("struct", [("a", 0, 256)])],
        [("struct", [("a", 0, -1)])],
        [("struct", [("\ud800", 0, 1)])],
        [("struct", [("a", 0, 1, "pointer")])],
        [("struct", [("a", 0, 1, False, -1)])],
        [("struct", [("a", 0, 1, False, 1 << 64)])],
        [("struct", [("a", 0, 1, False, 0, "pruned")])],
        [("chosen",)],
        [("chosen", 1, [])],
        [("chosen", 0)],
        [("chosen", 0, ["a"])],
        [("chosen", 0, [("a", -1)])],
        [("struct", [(str(number), 0, 1) for number in range(129)])],
        ["any"],
        5,
    ],
)
def test_wrong_tables(table: Any) -> None:
    with pytest.raises((ValueError, TypeError)):
        _outline(table)


def test_other_wrong_arguments() -> None:
    for count, depth in ((9, 5), (-1, 5), (1, -1), ("1", 5)):
        with pytest.raises((ValueError, TypeError)):
            _module().Outline([("any",)], count, depth)
    for data in ("text", None, 5):
        with pytest.raises(TypeError):
            _outline([("any",)])(data)  # type: ignore[arg-type]  # wrong on purpose


def test_a_struct_with_as_many_fields_as_there_may_be() -> None:
    names = [f"field-{number}" for number in range(128)]
    read = _outline([("struct", [(name, 1, 1) for name in names]), ("any",)])
    for order in (names, names[::-1]):
        text = json.dumps(dict.fromkeys(order, 1), separators=(",", ":")).encode()
        assert read(text) == (text,)
        for again in (names[0], names[127]):
            assert read(text[:-1] + f',"{again}":1}}'.encode()) == [again]


def test_what_a_server_reads() -> None:
    fields = [("a", 1, 1), ("b", 2, 1, True), ("c", 2, 1, False), ("d", 3, 1), ("e", 4, 0)]
    table = [("struct", fields), ("list", 2), ("bool",), ("map", 2), ("any",)]
    read = _module().Outline(table, 1, 4).read_as_server
    for text, outline in (
        (b'{"a":[true,false],"a":[null]}', b'{"a":[true]}'),
        (b'{"b":true,"b":null,"c":true,"c":null}', b'{"b":null,"c":true}'),
        (b'{"d":{"x":true},"d":{"y":false,"x":null}}', b'{"d":{"x":false,"y":false}}'),
        (b'{"e":{"x":1,"x":2},"x":[[[1e400]]]}', b"{}"),
        (b'{"e":1,"e":[],"d":{"\\ud800":true,"\xff":false}}', b'{"d":{"\\ufffd":false}}'),
        (b'{"A":[],"a":[true]}', b'{"a":[true]}'),
        (b'{"x":[[[[]]]],"e":[[[[]]]],"a":[]}', b'{"a":[]}'),
        (b'{"x":' + b"[" * 9_999 + b"]" * 9_999 + b',"a":[]}', b'{"a":[]}'),
    ):
        assert read(text) == (0, outline), text
    for text in (
        b'{"a":[7],"a":[true]}',
        b'{"c":true,"c":7}',
        b'{"x":' + b"[" * 10_000 + b"]" * 10_000 + b"}",
    ):
        assert read(text) in (None, "twice")
    assert read(b'{"a":1,"x":1,"a":1}') is None
    assert read(b'{"c":true,"c":true,"a":1}') == "twice"


def test_facts_of_what_a_server_reads() -> None:
    inner = ("struct", [("x", 2, 0, False, 1 << 63), ("y", 2, 1, False, 2)])
    table = [("struct", [("a", 1, 1, False, 4), ("b", 1, 0, False, 4), ("c", 3, 0)]), inner, ("any",)]
    read = _module().Outline([*table, ("list", 1)], 1, 9).read_as_server
    for text, facts in (
        (b'{"c":[{},null],"d":{"x":1}}', 0),
        (b'{"b":null}', 4),
        (b'{"c":[{"y":1}]}', 2),
        (b'{"a":{"y":1},"c":[{},{"x":1}]}', 1 << 63 | 4 | 2),
        (b'{"c":[{"y":1}],"c":[{}]}', 2),
        (b'{"c":[{"y":1}],"c":[]}', 0),
        (b'{"c":[{"\\u0079":"\\ud800"}]}', 2),
    ):
        assert read(text)[0] == facts, text


def test_keys_that_are_chosen() -> None:
    chosen = ("chosen", 2, [("ab", 1), ("abc", 2), ("é", 4)])
    read = _module().Outline([("struct", [("a", 1, 1)]), chosen, ("string",)], 1, 9).read_as_server
    for text, kept, facts in (
        ('{"ab":"c"}', '{"ab":"c"}', 1),
        ('{ "b":"x", "abc" : null, "a":"y" }', '{"abc" :""}', 3),
        ('{"b":"ab","a":null,"":"ab"}', "{}", 0),
        ('{"\\u0061b":"c","aab":"d","\\u00e9":"f"}', '{"\\u0061b":"c","\\u00e9":"f"}', 5),
        ("null", "null", 0),
    ):
        assert read(f'{{"a":{text}}}'.encode()) == (facts, f'{{"a":{kept}}}'.encode()), text
    assert read(b'{"a":{"b":"x","b":"y","ab":"z","ab":"v"}}') == (1, b'{"a":{"ab":"v"}}')
    assert read(b'{"a":{"b":7}}') is None


def test_what_is_pruned() -> None:
    fields = [("a", 0, 0b11, False, 0, True), ("b", 2, 0b11, False, 0, True), ("c", 3, 0b01), ("d", 0, 0b11)]
    read = _outline([("struct", fields), ("any",), ("list", 0), ("string",)], 2)
    for text, first, second in (
        ('{"a":{}}', "{}", "{}"),
        ('{"a":{ "a" : { } , "b" : [ ] }}', "{}", "{}"),
        ('{"a":null,"b":[]}', '{"a":null}', '{"a":null}'),
        ('{"c":"","a":{"c":"{}"},"b":[]}', '{"c":"","a":{"c":"{}"}}', "{}"),
        ('{"b":[{},{"a":{}},null],"c":""}', '{"c":""}', "{}"),
        ('{"b":[{},{"d":{}}],"d":{}}', '{"b":[{},{"d":{}}],"d":{}}', '{"b":[{},{"d":{}}],"d":{}}'),
        ('{"d":{},"b":[{"c":"x"}],"a":{}}', '{"d":{},"b":[{"c":"x"}]}', '{"d":{}}'),
    ):
        assert read(text.encode()) == (first.encode(), second.encode()), text
    assert read(b'{"a":{"c":7}}') is None


def test_a_pair_of_anything_that_is_kept_is_left_to_the_exact_decoder() -> None:
    fields = [("a", 1, 1), ("b", 2, 1), ("c", 2, 0)]
    read = _module().Outline([("struct", fields), ("any",), ("integer or text",)], 1, 9)
    assert read.read_as_server(b'{"a":1,"a":1}') == "twice"
    assert read.read_as_server(b'{"a":{"b":1,"b":1}}') == "twice"
    assert read.read_as_server(b'{"b":1,"b":null}') == "twice"
    assert read.read_as_server(b'{"c":1,"c":null}') == (0, b"{}")


def test_the_names_by_which_a_server_knows_a_kind() -> None:
    read = _module().Outline([("struct", [("kind", 1, 1), ("a", 0, 1)]), ("string",)], 1, 9).read_as_server
    for name in ("Kind", "KIND", "\u212aind", "k\u0131nd", "apiversion", "apıverſion"):
        text = f'{{"kind":"x","{name}" : [{{}}],"a":{{"Kind":1}}}}'.encode()
        assert read(text) == ((0, b'{"kind":"x","a":{}}'), f'{{"kind":"x","{name}" : []}}'.encode()), name
    twice = b'{"kind":"x","Kind":"y","a":{},"kind":"z","a":{}}'
    assert read(twice) == ((0, b'{"kind":"z","a":{}}'), b'{"kind":"x","Kind":"y","kind":"z"}')
    for name in ("A", "kinds", "\u017find", "kin", "apiVersıoń"):
        assert read(f'{{"kind":"x","{name}":1}}'.encode()) == (0, b'{"kind":"x"}'), name


_FAULTY = [("struct", [("a", 1, 1), ("t", 2, 1), ("l", 3, 1), ("m", 4, 1), ("u", 5, 0)]),
           ("bool",), ("time",), ("list", 0), ("map", 1), ("any",)]  # fmt: skip
_SOUND = '"2020-01-01T00:00:00Z"'


@pytest.mark.parametrize(
    ("text", "faults", "outline"),
    [
        ('{"a":7}', [(["a"], b"7")], '{"a":null}'),
        ('{"a" : "x" , "l":[]}', [(["a"], b'"x"')], '{"a":null,"l":[]}'),
        ('{"l":[{},{"a":[1,{"b":2}]}]}', [(["l", 1, "a"], b"[]")], '{"l":[{},{"a":null}]}'),
        ('{"m":{"":true,"é":{}}}', [(["m", "é"], b"{}")], '{"m":{"":true,"é":null}}'),
        ('{"a":7,"m":7,"x":1}', [(["a"], b"7")], '{"a":null,"m":null}'),
        ('{"a":7,"t":"","l":[{"t":7}]}', [(["a"], b"7"), (["t"], b'""')],
         '{"a":null,"t":null,"l":[{"t":null}]}'),
        ('{"t":"x","a":7}', [(["t"], b'"x"')], '{"t":null,"a":null}'),
        (f'{{"t":{_SOUND},"x":{{"a":7}}}}', [], f'{{"t":{_SOUND}}}'),
        ("[]", [([], b"[]")], "null"),
    ],
)  # fmt: skip
def test_values_of_a_wrong_type(text: str, faults: list[Any], outline: str) -> None:
    read = _module().Outline(_FAULTY, 1, 9)
    assert read.read_with_faults(text.encode()) == ((outline.encode(),), faults)
    assert read.refused_by_server(text.encode()) == (b"{}", faults)


def test_other_oddities_besides_a_wrong_type() -> None:
    read = _module().Outline(_FAULTY, 1, 5)
    assert read.read_with_faults(b'{"a":7,"a":true}') == ["a"]
    assert read.read_with_faults(b'{"a":7,"x":{"y":1,"y":2}}') == ["x", "y"]
    assert read.read_with_faults(b'{"a":7,"x":1,"x":2}') == ["x"]
    assert read.refused_by_server(b'{"kind":[7],"a":7,"a":true,"x":1,"x":2}') == (
        b'{"kind":[]}',
        [(["a"], b"7")],
    )
    assert read.refused_by_server(b'{"a":"\xff\\ud800"}') == (b"{}", [(["a"], '"\ufffd\\ufffd"'.encode())])
    for text in (b'{"a":7', b'{"a":7,}', b'{"a":[7,]}', b'{"a":tru}', b'{"a":"x}'):
        assert read.read_with_faults(text) is None
        assert read.refused_by_server(text) is None
    assert read.read_with_faults(b'{"a":[[[[[]]]]]}') is None
    assert read.refused_by_server(b'{"a":[[[[[]]]]]}') == (b"{}", [(["a"], b"[]")])


def test_who_takes_only_known_fields() -> None:
    read = _module().Outline([("struct", [("a", 1, 1)]), ("any",)], 1, 9)
    assert read.read_known(b'{"a":{"b":1}}') == (b'{"a":{"b":1}}',)
    assert read.read_known(b'{"a":1,"b":1}') is None
    assert read.read_known(b'{"a":1,"a":1}') == ["a"]


def test_without_the_package_there_is_no_reader(monkeypatch: pytest.MonkeyPatch) -> None:
    assert syntax_fault(b"{") == (1, 0, 0)
    assert nests_deeper(b"[[]]", 1)
    monkeypatch.setattr(_module(), "INTERFACE", 0)
    assert outline_reader(lambda: [("any",)], 1) is None
    assert syntax_fault(b"{") is None
    assert not nests_deeper(b"[[]]", 1)
