"""What the plain forms take, the exact decoder takes too and keeps as it is written."""

import itertools
import random
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from podproof.kube.go_values import UndecodableValue, decode_special
from podproof.kube.plain_forms import kept_form, special_form
from podproof.kube.types import resolve
from podproof.kube.versions import NEWEST

QUANTITY, TIME = kept_form("resource.Quantity"), kept_form("v1.Time")


def _takes(form: Any, value: Any) -> bool:
    try:
        msgspec.convert(value, form)
    except msgspec.ValidationError:
        return False
    return True


def _is_plain(name: str, form: Any, value: str) -> bool:
    """See that what the form takes is decoded as it is written; tell whether it is taken."""
    taken = _takes(form, value)
    if taken:
        assert decode_special(name, value) == value
    return taken


@pytest.mark.parametrize(
    "text",
    ["0", "1", "100m", "1Gi", "0.5", "1.", ".5", "+1", "-1", "1e3", "12E-3", "1e+9", "5n", "1E", "1Ei"],
)  # fmt: skip
def test_quantities(text: str) -> None:
    assert _is_plain("resource.Quantity", QUANTITY, text)


@pytest.mark.parametrize(
    "text", ["", ".", "+", "-", "1e", "1K", "1ki", "1i", "1mi", "1 ", "\u0661", "1\n", "1e3k", "1e1234567890"]
)  # fmt: skip
def test_other_texts(text: str) -> None:
    assert not _takes(QUANTITY, text)


def test_random_quantities() -> None:
    chance = random.Random(1)
    parts = ["0", "7", "12", ".", "+", "-", "e", "E", "m", "k", "K", "i", "G", "n", "u"]
    texts = ["".join(chance.choices(parts, k=chance.randint(1, 5))) for _ in range(20_000)]
    taken = [text for text in texts if _is_plain("resource.Quantity", QUANTITY, text)]
    refused = [
        text for text in texts if isinstance(decode_special("resource.Quantity", text), UndecodableValue)
    ]
    assert len(taken) > 1_000
    assert len(refused) > 1_000


def test_a_day_that_its_month_has_in_every_year() -> None:
    start = datetime(2023, 1, 1, 23, 59, 59, tzinfo=UTC)
    days = [(start + timedelta(days=day)).strftime("%Y-%m-%dT%H:%M:%SZ") for day in range(2 * 365 + 1)]
    assert [text for text in days if not _is_plain("v1.Time", TIME, text)] == ["2024-02-29T23:59:59Z"]
    none = {f"2023-{month:02}-{day:02}T00:00:00Z" for month, day in itertools.product(range(14), range(33))}
    none -= {text[:11] + "00:00:00Z" for text in days}
    assert len(none) == 14 * 33 - 365
    assert not [text for text in none if _takes(TIME, text)]


def test_a_quantity_whose_value_nobody_keeps_may_be_an_integer() -> None:
    quantity = resolve("resource.Quantity", NEWEST)
    for number in (1, -1):
        assert _takes(special_form(quantity), number)
        assert not isinstance(decode_special("resource.Quantity", number), UndecodableValue)
    assert not _takes(special_form(quantity), 0.5)
    assert special_form(resolve("string", NEWEST)) is None
