"""The types of values are named as YAML's, whatever Python calls them."""

from datetime import date
from types import MappingProxyType

import pytest

from podproof.manifest.type_name import type_name


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (None, "null"),
        (True, "a boolean"),
        (7, "a number"),
        (1.5, "a number"),
        ("", "a string"),
        ([], "a list"),
        ((), "a list"),
        ({}, "a mapping"),
        (MappingProxyType({}), "a mapping"),
        (date(2026, 1, 1), "of type date"),
    ],
)
def test_a_value_is_called_what_yaml_calls_it(value: object, words: str) -> None:
    assert type_name(value) == words
