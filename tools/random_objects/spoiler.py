"""Objects spoilt as decoding notices it, and the text they are sent as."""

import copy
import json
import random
import re
from collections.abc import Iterable, Iterator
from typing import Any

ODD: list[Any] = [
    *(None, True, False, 0, 1, -1, 5, 1000, 2**31, 2**63, -(2**63) - 1, 1.5, "", "x", "5", "true", [], {}),
    *([None], [1], ["x"], {"x": 1}, [[]], [{}]),
]
LITERALS = [
    "1.0",
    "1e3",
    "1E3",
    "1e400",
    "-0",
    "-0.0",
    "0.0",
    "1000.0",
    "1e18",
    "9223372036854775808",
    "1e-7",
]
UNKNOWN = [
    *("privileged", "runAsUser", "runasuser", "capabilities", "add", "readonlyRootFilesystem", "sysctls"),
    *(
        "hostNetwork",
        "hostnetwork",
        "securityContext",
        "securitycontext",
        "volumes",
        "foo",
        "a.b",
        "",
        "é",
        'x"',
    ),
    *("drop", "fsGroup", "image", "name", "spec", "template", "status", "Kind", "APIVERSION", "metadata"),
]
YAML_SCALARS = [
    *("yes", "No", "on", "OFF", "y", "n", "~", "null", "Null", "", "=", "0x10", "0b11", "0o17", "017", "08"),
    *(
        "1_000",
        "1_0.5",
        "1e3",
        "1.0",
        "1000.0",
        "-.inf",
        ".nan",
        "+1",
        "-0",
        "12:30",
        "1:2:3.5",
        "2001-01-01",
    ),
    *(
        "2001-01-01T00:00:00Z",
        "!!str 5",
        "!!int '5'",
        "!!float 5",
        "!!bool 'yes'",
        "!!binary eA==",
        "'5'",
        '"5"',
    ),
    *("*a", "&b 5", "!foo 5", "[]", "{}", "[1, 2]", "{a: b}", "|\n          x", "<<", "0x", ".5", "5.", "1e"),
    *(
        "9223372036854775807",
        "9223372036854775808",
        "18446744073709551616",
        "1e400",
        "@x",
        "`x",
        "%x",
        "- x",
        "a: b",
    ),
    *(
        "'it''s'",
        '"\\x41"',
        '"\\u00e9"',
        "é",
        "a #b",
        "a#b",
        "?x",
        "-x",
        ":x",
        "!!null x",
        "!!map x",
        "True",
        "TRUE",
        "tRUE",
    ),
]


class Spoiler:
    """Spoils objects in ways that decoding notices, and writes them as JSON or YAML."""

    def __init__(self, chance: random.Random) -> None:
        self.random = chance

    def spoil(self, value: dict[str, Any]) -> None:
        """Change a few places of an object."""
        for _ in range(self.random.choice((1, 1, 2, 3, 5))):
            places = list(places_of(value, None, None, 0))
            holder, key, _ = self.random.choice(
                [p for p in places if self.random.random() < p[2] * 0.15] or places
            )
            how = self.random.random()
            if how < 0.5:
                holder[key] = self.odd()
            elif how < 0.8 and isinstance(holder, dict):
                holder[self.random.choice(UNKNOWN)] = self.odd()
            elif isinstance(holder, dict):
                # one key twice: the text is made so in `text`
                holder[Twice(key)] = self.odd() if self.random.random() < 0.6 else holder[key]
            elif isinstance(holder, list):
                holder.insert(self.random.randint(0, len(holder)), self.odd())

    def odd(self) -> object:
        """Give a value of any type, or a number in an odd writing."""
        if self.random.random() < 0.15:
            return Literal(self.random.choice(LITERALS))
        return copy.deepcopy(self.random.choice(ODD))

    def text(self, value: object) -> str:
        """Write JSON with doubled keys and odd literals."""
        if isinstance(value, dict):
            return "{" + ", ".join(f"{json.dumps(str(k))}: {self.text(v)}" for k, v in value.items()) + "}"
        if isinstance(value, list):
            return "[" + ", ".join(self.text(item) for item in value) + "]"
        return str(value) if isinstance(value, Literal) else json.dumps(value)

    def yaml(self, value: object, indent: int = 0) -> str:
        """Write block YAML, now and then with an odd scalar."""
        pad = "  " * indent
        if isinstance(value, dict) and value:
            lines = []
            for key, item in value.items():
                nested = isinstance(item, dict | list) and item and self.random.random() < 0.95
                name = key if re.fullmatch("[a-zA-Z]+", key) else json.dumps(str(key))
                text = "\n" + self.yaml(item, indent + 1) if nested else " " + self.scalar(item)
                lines.append(f"{pad}{name}:{text}")
            return "\n".join(lines)
        if isinstance(value, list) and value:
            return "\n".join(
                f"{pad}-\n{self.yaml(item, indent + 1)}"
                if isinstance(item, dict | list) and item
                else f"{pad}- {self.scalar(item)}"
                for item in value
            )
        return pad + self.scalar(value)

    def scalar(self, value: object) -> str:
        """Write a value in flow style, now and then another one."""
        return self.random.choice(YAML_SCALARS) if self.random.random() < 0.03 else self.text(value)


class Twice(str):
    """A key that equals no other, so that a dict holds it twice."""

    __slots__ = ()
    __hash__ = object.__hash__

    def __eq__(self, other: object) -> bool:
        return self is other


class Literal(str):
    """A number as it is to be written."""

    __slots__ = ()


def places_of(value: object, holder: Any, key: Any, depth: int) -> Iterator[tuple[Any, Any, int]]:
    """Yield holder, key and weight of every place below a value."""
    if holder is not None:
        yield holder, key, depth
    items: Iterable[tuple[Any, Any]] = ()
    if isinstance(value, dict | list):
        items = value.items() if isinstance(value, dict) else enumerate(value)
    for name, item in items:
        yield from places_of(item, value, name, depth + 1)
