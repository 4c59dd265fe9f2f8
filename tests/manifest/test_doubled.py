"""Objects in JSON in which a key stands twice: a key gives the last value, the pairs are all there."""

from podproof.manifest.document import Document
from podproof.manifest.doubled import Doubled, mapping_of_pairs, repeated_routes
from podproof.manifest.reader import read


def test_only_what_stands_twice_is_doubled() -> None:
    assert mapping_of_pairs([("a", 1), ("b", 2)]).__class__ is dict
    doubled = mapping_of_pairs([("a", 1), ("a", None)])
    assert isinstance(doubled, Doubled)
    assert (dict(doubled), doubled.pairs) == ({"a": None}, [("a", 1), ("a", None)])


def test_an_object_with_a_key_twice_equals_only_one_of_the_same_pairs() -> None:
    doubled = mapping_of_pairs([("a", 1), ("a", 2)])
    assert doubled == mapping_of_pairs([("a", 1), ("a", 2)])
    assert doubled != mapping_of_pairs([("a", 0), ("a", 2)])
    assert doubled != {"a": 2}
    around, plain = {"b": doubled}, {"b": {"a": 2}}
    assert around != plain
    assert plain != around


def test_json_keeps_all_pairs_and_yaml_the_last() -> None:
    (json,) = read("a.json", b'{"a": {"b": 1, "b": 2}}')
    (yaml,) = read("a.yaml", b"a: {b: 1, b: 2}")
    assert isinstance(json, Document)
    assert isinstance(yaml, Document)
    assert json.duplicates == yaml.duplicates == (("a", "b"),)
    assert json.value["a"].pairs == [("b", 1), ("b", 2)]
    assert yaml.value["a"].__class__ is dict
    assert dict(json.value["a"]) == yaml.value["a"] == {"b": 2}


def test_routes_of_keys_that_stand_twice() -> None:
    """In the text's order, each time that one is written again; not in what a later value replaces."""
    (document,) = read(
        "a.json",
        b'{"b": {"y": 1, "y": 2}, "a": [0, {"x": 1, "z": 1, "z": 1, "x": 1, "x": 1}], "b": {"q": 1, "q": 1}}',
    )
    assert isinstance(document, Document)
    assert document.duplicates == (
        ("b",),
        ("b", "q"),
        ("a", 1, "z"),
        ("a", 1, "x"),
        ("a", 1, "x"),
    )
    assert list(repeated_routes(7)) == []
    (same,) = read("a.json", rb'{"\ud800": 1, "\udfff": 1}')
    assert isinstance(same, Document)
    assert same.duplicates == (("\ufffd",),)
