"""The API server says a message once; which messages are equal is found without writing all of them."""

from typing import Any

import pytest

from podproof.kube.field_error import FieldError, keyed
from podproof.kube.validation import distinct

A: tuple[str | int, ...] = ("spec", "limits", "e.io/a")


def errors(*given: tuple[Any, ...]) -> list[FieldError]:
    return [FieldError(*one) for one in given]


@pytest.mark.parametrize(
    "given",
    [
        errors(("Duplicate value", A, "x"), ("Duplicate value", A, "x")),
        errors(("Invalid value", A, 1, "d"), ("Invalid value", A, True, "d"), ("Invalid value", A, 1.0, "d")),
        errors(("Invalid value", A, "1", "d"), ("Invalid value", A, 1, "d")),
        errors(("Invalid value", A, {"a": 1}, "d"), ("Invalid value", A, {"a": 1}, "d")),
        errors(("Invalid value", A, {"a": 1}, "d"), ("Invalid value", A, {"a": 2}, "d")),
        errors(
            ("Invalid value", A, 1, "d"), ("Invalid value", A[:2], 1, "d", keyed(A[:2], "e.io/a"))
        ),
        errors(("Required value", A), ("Forbidden", A), ("Required value", A, None, "d")),
        errors(("Required value", A[:2]), ("Required value", A)),
    ],
)  # fmt: skip
def test_equal_texts_are_told_once(given: list[FieldError]) -> None:
    told = list(distinct(given))
    assert [error.text for error in told] == list(dict.fromkeys(error.text for error in given))
