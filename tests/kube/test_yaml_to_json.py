"""Bodies in YAML at the borders of go-yaml's reader, keys and floats: the value, or its words.

Recorded from sigs.k8s.io/yaml v1.6.0 with go.yaml.in/yaml/v2 v2.4.4: YAMLToJSON and YAMLToJSONStrict.
"""

import pytest

from podproof.kube.server_yaml import YAMLError, to_json_value


def refusal(data: bytes) -> str:
    with pytest.raises(YAMLError) as refused:
        to_json_value(data)
    return str(refused.value)


LEADING = "invalid leading UTF-8 octet"
INCOMPLETE = "incomplete UTF-8 octet sequence"
TRAILING = "invalid trailing UTF-8 octet"
LENGTH = "invalid length of a UTF-8 sequence"
CHARACTER = "invalid Unicode character"


@pytest.mark.parametrize(
    ("octets", "words"),
    [
        (b"\x80", LEADING),
        (b"\xbf", LEADING),
        (b"\xf8", LEADING),
        (b"\xf8\x80\x80\x80\x80", LEADING),
        (b"\xc1", INCOMPLETE),
        (b"\xc3", INCOMPLETE),
        (b"\xdf", INCOMPLETE),
        (b"\xe0", INCOMPLETE),
        (b"\xe2\x82", INCOMPLETE),
        (b"\xef\xbb", INCOMPLETE),
        (b"\xf0\x9f", INCOMPLETE),
        (b"\xf0\x90\x80", INCOMPLETE),
        (b"\xf7\x80\x80", INCOMPLETE),
        (b"\xc3a", TRAILING),
        (b"\xc3\xc3", TRAILING),
        (b"\xe2\x82a", TRAILING),
        (b"\xf4\x90a\x80", TRAILING),
        (b"\xf7\x80\x80a", TRAILING),
        (b"\xf7\x80aa", TRAILING),
        (b"\xc0\x80", LENGTH),
        (b"\xc1\xbf", LENGTH),
        (b"\xe0\x80\x80", LENGTH),
        (b"\xe0\x9f\xbf", LENGTH),
        (b"\xf0\x80\x80\x80", LENGTH),
        (b"\xf0\x8f\xbf\xbf", LENGTH),
        (b"\xed\xa0\x80", CHARACTER),
        (b"\xed\xbf\xbf", CHARACTER),
        (b"\xf4\x90\x80\x80", CHARACTER),
        (b"\xf5\x80\x80\x80", CHARACTER),
        (b"\xf7\xbf\xbf\xbf", CHARACTER),
    ],
)
def test_what_is_no_utf8(octets: bytes, words: str) -> None:
    assert refusal(b"a: " + octets) == f"yaml: {words}"
    assert refusal(b"\x01a: " + octets) == "yaml: control characters are not allowed"


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"\xff\xfea\x00:", "incomplete UTF-16 character"),
        (b"\xff\xfea\x00b", "incomplete UTF-16 character"),
        (b"\xff\xfe\x00\xd8", "incomplete UTF-16 surrogate pair"),
        (b"\xff\xfe\x00\xd8a", "incomplete UTF-16 surrogate pair"),
        (b"\xff\xfe\x00\xd8a\x00", "expected low surrogate area"),
        (b"\xff\xfe\x00\xdc", "unexpected low surrogate area"),
        (b"\xfe\xff\xdc\x00\x00a", "unexpected low surrogate area"),
        (b"\xff\xfea\x00\x01\x00", "control characters are not allowed"),
        (b"\xff\xfe\x01\x00\x00\xdc", "control characters are not allowed"),
        (b"\xfe\xff\x00\x01\xd8\x00", "control characters are not allowed"),
    ],
)
def test_what_is_no_utf16(data: bytes, words: str) -> None:
    assert refusal(data) == f"yaml: {words}"


@pytest.mark.parametrize(
    ("data", "value"),
    [
        (b"\xff\xfea\x00:\x00 \x001\x00", {"a": 1}),
        (b"\xfe\xff\x00a\x00:\x00 \x001", {"a": 1}),
        (b"\xfe\xff\xd8\x3d\xde\x00", "\U0001f600"),
        (b"\xff\xfe", None),
        (b"\xef\xbb\xbfa: 1", {"a": 1}),
        (b"a: \xf3\x80\x80\x80", {"a": "\U000c0000"}),
        (b"a: &x [1]\nb: *x\nc: *x", {"a": [1], "b": [1], "c": [1]}),
        (b"a: 1e400", {"a": "1e400"}),
        (b"1e21: a", {"1e+21": "a"}),
        (b"1e20: a", {"1e+20": "a"}),
        (b"1.0: a", {"1": "a"}),
        (b"-0.0: x", {"-0": "x"}),
        (b"-.inf: 1", {"-.inf": 1}),
        (b".nan: 1\n.nan: 2", {".nan": 2}),
        (b"a: &x b\n*x : c", {"a": "b", "b": "c"}),
    ],
)
def test_values_at_the_borders(data: bytes, value: object) -> None:
    found = to_json_value(data)
    assert (found.value, found.duplicates, found.strict_error) == (value, (), None)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "found unexpected end of stream"),
        ("a: ", "found unexpected end of stream"),
        ("\n\na: ", "line 3: found unexpected end of stream"),
    ],
)
def test_a_quote_that_does_not_end(text: str, words: str) -> None:
    assert refusal(f'{text}"'.encode()) == f"yaml: {words}"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a: b: c", "mapping values are not allowed in this context"),
        ("a: [", "line 1: did not find expected node content"),
        ("%", "could not find expected directive name"),
        ("!x!y a", "found undefined tag handle"),
        ("a: 1\n- b", "line 1: did not find expected key"),
        ("\na: 1\n- b", "line 2: did not find expected key"),
        ("- a\nb: 1", "line 1: did not find expected '-' indicator"),
        ("\n- a\nb: 1", "line 2: did not find expected '-' indicator"),
        ("{a: 1, b", "line 1: did not find expected ',' or '}'"),
        ("\n{a: 1, b", "line 2: did not find expected ',' or '}'"),
        ("x:\n  - a\n b", "line 2: did not find expected key"),
        ("\n\na: b: c", "line 3: mapping values are not allowed in this context"),
        ("x: &a a\ny: *b", "unknown anchor 'b' referenced"),
        ("a: *x\nb: &x 1", "unknown anchor 'x' referenced"),
        ("a: &x {q: *x}", "anchor 'x' value contains itself"),
        ("<<: [1]", "map merge requires map or sequence of maps as the value"),
        ("a: &x [b]\nc: {<<: *x}", "map merge requires map or sequence of maps as the value"),
        ("a: !!float x", "cannot decode !!str `x` as a !!float"),
    ],
)
def test_lines_of_faults(text: str, words: str) -> None:
    assert refusal(text.encode()) == f"yaml: {words}"


MAP = "map[interface {}]interface {}"
LIST = "[]interface {}"


@pytest.mark.parametrize(
    ("key", "printed"),
    [
        ("[1]", f"{LIST}{{1}}"),
        ("[1.5, ~, true, {a: 1}]", f'{LIST}{{1.5, interface {{}}(nil), true, {MAP}{{"a":1}}}}'),
        ("[[a], [~]]", f'{LIST}{{{LIST}{{"a"}}, {LIST}{{interface {{}}(nil)}}}}'),
        ('["a\\tb"]', f'{LIST}{{"a\\tb"}}'),
        ("{1.5e10: 1, 1e-5: 2}", f"{MAP}{{1e-05:2, 1.5e+10:1}}"),
        ("[9223372036854775808, 9223372036854775807]", f"{LIST}{{0x8000000000000000, 9223372036854775807}}"),
        ("{a: -1, d: ~, e: []}", f'{MAP}{{"a":-1, "d":interface {{}}(nil), "e":{LIST}{{}}}}'),
        ("{~: [1]}", f"{MAP}{{interface {{}}(nil):{LIST}{{1}}}}"),
        ("[.nan, .inf, -.inf]", f"{LIST}{{NaN, +Inf, -Inf}}"),
        ("[-0.0, 0.0, 100000.0, 999999.0, 1000000.0]", f"{LIST}{{-0, 0, 100000, 999999, 1e+06}}"),
        ("[0.0001, 0.00012, 0.00001, 0.5, 100.5]", f"{LIST}{{0.0001, 0.00012, 1e-05, 0.5, 100.5}}"),
        ("[123456.7, 1234567.8, -1.5e300]", f"{LIST}{{123456.7, 1.2345678e+06, -1.5e+300}}"),
        ("[1.2e20, 5e-324]", f"{LIST}{{1.2e+20, 5e-324}}"),
        ("[12.0, 20.0, 1.0e5]", f"{LIST}{{12, 20, 100000}}"),
        (
            "{~: 1, true: 1, 1: 1, 1.5: 1, a: 1, 18446744073709551615: 1, 2: 1, 10: 1, -3: 1, false: 1, "
            "b: 1, "
            "0.5: 1, -7.5: 1, .nan: 1, 18446744073709551614: 1, Z: 1, .inf: 1}",
            f'{MAP}{{interface {{}}(nil):1, "Z":1, "a":1, "b":1, 0xfffffffffffffffe:1, 0xffffffffffffffff:1, '
            "-3:1, 1:1, 2:1, 10:1, NaN:1, -7.5:1, 0.5:1, 1.5:1, +Inf:1, false:1, true:1}",
        ),
    ],
)  # fmt: skip
def test_keys_that_are_no_scalars(key: str, printed: str) -> None:
    assert refusal(f"? {key}\n: 1".encode()) == f"yaml: invalid map key: {printed}"
    assert refusal(f"a:\n  ? {key}\n  : 1".encode()) == f"yaml: invalid map key: {printed}"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("18446744073709551615: 1", "uint64, key: 0xffffffffffffffff, value: 1"),
        ("~: 1\n~: 2", "%!s(<nil>), key: <nil>, value: 2"),
        ("~: .nan", "%!s(<nil>), key: <nil>, value: NaN"),
        ("~: ~", "%!s(<nil>), key: <nil>, value: <nil>"),
    ],
)
def test_keys_that_json_cannot_have(text: str, words: str) -> None:
    assert refusal(text.encode()) == f"unsupported map key of type: {words}"


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("1.5: a\n1.5: b", ["2: key 1.5"]),
        ("true: 1\ntrue: 2", ["2: key true"]),
        ("0x10: a\n16: b", ["2: key 16"]),
        ("x: 1\n\n\nx: 2\n\nx:\n  3", ['4: key "x"', '7: key "x"']),
        ("a: {b: 1, b: 2}\nc: [{d: 1, d: 2}]\n1: a\n'1': b", ['1: key "b"', '2: key "d"']),
        ("a: &x {p: 1, p: 2}\nb: *x", ['1: key "p"', '1: key "p"']),
        ("<<: [{a: 1}, {b: 2}]\na: 3", ['2: key "a"']),
    ],
)
def test_lines_of_keys_set_twice(text: str, lines: list[str]) -> None:
    assert to_json_value(text.encode()).duplicates == tuple(
        f"line {line} already set in map" for line in lines
    )


def test_keys_are_sorted_by_their_bytes() -> None:
    value = to_json_value("b: 1\na: 2\n\uffee: 3\n\U0001f600: 4\nB: 5".encode()).value
    assert isinstance(value, dict)
    assert list(value) == ["B", "a", "b", "\uffee", "\U0001f600"]


@pytest.mark.parametrize(("times", "refused"), [(50, False), (200, True)])
def test_aliases_of_a_long_list(times: int, refused: bool) -> None:
    data = b"a: &a [" + b"x, " * 1000 + b"]\nb: [" + b"*a, " * times + b"]"
    if refused:
        assert refusal(data) == "yaml: document contains excessive aliasing"
    else:
        assert to_json_value(data).duplicates == ()


def test_excessive_aliasing() -> None:
    def repeated(outer: int) -> bytes:
        inner = b"a: &a [" + b"x, " * 1000 + b"]\nb: &b [" + b"*a, " * 100 + b"]\n"
        return inner + b"c: [" + b"*b, " * outer + b"]"

    assert to_json_value(repeated(0)).duplicates == ()
    assert refusal(repeated(10)) == "yaml: document contains excessive aliasing"
