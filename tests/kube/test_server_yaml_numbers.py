"""Whole numbers in YAML that stand as floats: Go's JSON prints them as integers up to a size."""

import pytest

from podproof.kube.server_yaml import YAMLError, to_json_value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1.0", "1"),
        ("-0.0", "0"),
        ("1e20", "100000000000000000000"),
        ("-1e20", "-100000000000000000000"),
        ("1e21", "1e+21"),
        ("-1e21", "-1e+21"),
        ("1.5", "1.5"),
        ("-1.5", "-1.5"),
    ],
)
def test_a_whole_float(text: str, value: str) -> None:
    assert repr(to_json_value(text.encode()).value) == value


@pytest.mark.parametrize(("text", "shown"), [(".nan", "NaN"), (".inf", "+Inf"), ("-.inf", "-Inf")])
def test_what_json_cannot_write(text: str, shown: str) -> None:
    for document in (text, f"[1, {text}, .nan]", f"a: {{b: {text}}}"):
        with pytest.raises(YAMLError) as caught:
            to_json_value(document.encode())
        assert str(caught.value) == f"json: unsupported value: {shown}"
