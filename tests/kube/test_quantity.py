"""Quantities: what is one, its exact value, and how the API server writes it.

Source: kubernetes 1.37.2 apimachinery pkg/api/resource/quantity.go; its own tests, quantity_test.go.
"""

from fractions import Fraction

import pytest

from podproof.kube.quantity import canonical, parse_quantity

WRITTEN: list[tuple[str, Fraction, str]] = [
    ("0", Fraction(0), "0"),
    ("0Ki", Fraction(0), "0"),
    ("0n", Fraction(0), "0"),
    ("-0", Fraction(0), "0"),
    ("1", Fraction(1), "1"),
    ("+1", Fraction(1), "+1"),
    ("-1", Fraction(-1), "-1"),
    ("001", Fraction(1), "001"),
    (".5", Fraction(1, 2), "500m"),
    ("1.", Fraction(1), "1."),
    ("1.5", Fraction(3, 2), "1500m"),
    ("1000m", Fraction(1), "1"),
    ("100u", Fraction(1, 10**4), "100u"),
    ("1n", Fraction(1, 10**9), "1n"),
    (".1n", Fraction(1, 10**9), "1n"),
    ("-.1n", Fraction(-1, 10**9), "-1n"),
    ("1k", Fraction(1000), "1k"),
    ("1000", Fraction(1000), "1k"),
    ("1500", Fraction(1500), "1500"),
    ("1M", Fraction(10**6), "1M"),
    ("1G", Fraction(10**9), "1G"),
    ("1T", Fraction(10**12), "1T"),
    ("1P", Fraction(10**15), "1P"),
    ("1E", Fraction(10**18), "1E"),
    ("1Ki", Fraction(1024), "1Ki"),
    ("1024Ki", Fraction(1024**2), "1Mi"),
    ("1Gi", Fraction(1024**3), "1Gi"),
    ("1Ti", Fraction(1024**4), "1Ti"),
    ("1Pi", Fraction(1024**5), "1Pi"),
    ("1Ei", Fraction(1024**6), "1Ei"),
    ("1.5Gi", Fraction(1536 * 1024**2), "1536Mi"),
    ("0.5Ki", Fraction(512), "512"),
    ("0.1Ki", Fraction(1024, 10), "102400m"),
    ("1e3", Fraction(1000), "1e3"),
    ("1E3", Fraction(1000), "1E3"),
    ("1e-3", Fraction(1, 1000), "1e-3"),
    ("12e2", Fraction(1200), "1200"),
    ("100e3", Fraction(10**5), "100e3"),
    ("1e0", Fraction(1), "1e0"),
    ("9223372036854775807", Fraction(2**63 - 1), "9223372036854775807"),
    ("9223372036854775808", Fraction(2**63), "9223372036854775808"),
    ("8Ei", Fraction(2**63 - 1), "9223372036854775807"),
    ("-8Ei", Fraction(1 - 2**63), "-9223372036854775807"),
    ("+5Ki", Fraction(5 * 1024), "+5Ki"),
    ("+8Ki", Fraction(8 * 1024), "8Ki"),
    ("12.500k", Fraction(12500), "12.500k"),
    ("12.50k", Fraction(12500), "12500"),
    ("0.500", Fraction(1, 2), "500m"),
    ("12.000k", Fraction(12000), "12k"),
    ("1e30", Fraction(10**30), "1e30"),
    ("10e30", Fraction(10**31), "10e30"),
    ("1000E", Fraction(10**21), "1"),
    ("1234E", Fraction(1234 * 10**18), "1234E"),
    ("1234567890123456789k", Fraction(1234567890123456789000), "1234567890123456789k"),
]


@pytest.mark.parametrize(("text", "value", "shown"), WRITTEN)
def test_a_quantity_has_an_exact_value_and_a_canonical_form(text: str, value: Fraction, shown: str) -> None:
    quantity = parse_quantity(text)
    assert quantity is not None
    assert quantity.value == value
    assert str(quantity) == shown


@pytest.mark.parametrize(
    "text",
    ["", ".", "-", "+", "1.2.3", "1 Gi", "1gi", "1KI", "1K", "1kb", "1e", "e3", "1e3Ki", "1mi", "0x1", "1_0"],
)  # fmt: skip
def test_what_is_not_a_quantity(text: str) -> None:
    assert parse_quantity(text) is None
    assert canonical(text) is None


@pytest.mark.parametrize(
    ("text", "shown"),
    [("1n", "1m"), ("1001u", "2m"), ("-1n", "-1m"), ("999999999n", "1"), ("1m", "1m"), ("0.1Ki", "102400m")],
)
def test_defaulting_rounds_away_from_zero_to_a_thousandth(text: str, shown: str) -> None:
    assert canonical(text) == shown


@pytest.mark.parametrize(
    ("number", "shown"), [(1, "1"), (0.5, "500m"), (2.0, "2"), (1e3, "1k"), (1500, "1500")]
)
def test_numbers_are_quantities(number: float, shown: str) -> None:
    assert canonical(number) == shown
