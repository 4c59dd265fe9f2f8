"""Reads what an ignore says: the text of a comment, or a line of an annotation, comes in, its parts go out.

    ignore[ID, ID] until=2027-06-30 owner=web REASON

An annotation may say `container=NAME` and `field=ROUTE` too, since it stands on no line. What is wrong with a
text is said in words; nothing is raised.
"""

import re
from collections.abc import Callable, Iterable

import msgspec

from ...manifest.route import Route

__all__ = ["IgnoreText", "read_ignore"]

_WHOLE = re.compile(r"ignore\s*\[([^\[\]]*)\](.*)", re.DOTALL)
_OTHER_COMMENT = re.compile(r"\s#\s")
_STEP = re.compile(r"([^.\[\]]+)|\[(\d{1,6})\]|\[([^\[\]]+)\]")
_DATE = re.compile(r"(\d{4})-(\d{2})-(\d{2})", re.ASCII)
_SHOWN = 60
"""Characters of what somebody wrote that a message repeats."""

_FORM = "write `podproof: ignore[ID, …] REASON`"


class IgnoreText(msgspec.Struct, frozen=True):
    """An ignore as written. `void`: one of the `faults` takes its effect, whatever else it says.

    `checks` are those that exist; `until` is a day as YYYY-MM-DD, "" for none. `container` and `field` are ""
    and None where they are not given.
    """

    checks: tuple[str, ...] = ()
    reason: str = ""
    owner: str = ""
    until: str = ""
    container: str = ""
    field: Route | None = None
    faults: tuple[str, ...] = ()
    void: bool = False


def read_ignore(text: str, fault_of: Callable[[str], str], *, placed: bool, form: str = _FORM) -> IgnoreText:
    """Read one ignore.

    `fault_of` says why a check cannot be ignored ("" where it can). `placed`: the place of the text says what
    it is about, so that neither `container=` nor `field=` may.
    """
    text = _OTHER_COMMENT.split(text, maxsplit=1)[0].strip() if placed else text.strip()
    match = _WHOLE.fullmatch(text)
    if match is None:
        return _void(f"{_short(text)} is not understood: {form}")
    names = tuple(dict.fromkeys(name for part in match[1].split(",") if (name := part.strip())))
    if not names:
        return _void(f"the ignore names no check: {form}")
    faults = [fault for name in names if (fault := fault_of(name))]
    checks = tuple(name for name in names if not fault_of(name))
    options, reason = _options(match[2].split(), ("until", "owner", "container", "field"))
    broken = list(_wrong(options, placed=placed))
    if not reason:
        broken.append(f"the ignore of {', '.join(names)} has no effect without a reason: write why behind ]")
    values = {name: given[0] for name, given in options.items()}
    field = values.get("field")
    return IgnoreText(
        checks,
        reason,
        values.get("owner", ""),
        values.get("until", ""),
        values.get("container", ""),
        None if field is None else _route(field),
        tuple(faults + broken),
        bool(broken),
    )


def _void(fault: str) -> IgnoreText:
    return IgnoreText(faults=(fault,), void=True)


def _options(words: Iterable[str], names: tuple[str, ...]) -> tuple[dict[str, list[str]], str]:
    """Take the words `name=value` out of a text; the rest is the reason."""
    options: dict[str, list[str]] = {}
    rest = []
    for word in words:
        name, equals, value = word.partition("=")
        if equals and name in names:
            options.setdefault(name, []).append(value)
        else:
            rest.append(word)
    return options, " ".join(rest)


def _wrong(options: dict[str, list[str]], *, placed: bool) -> Iterable[str]:
    for name, given in options.items():
        if len(given) > 1:
            yield f"{name}= is written {len(given)} times: write it once"
        elif not given[0]:
            yield f"{name}= has no value: write one, or leave it out"
        elif placed and name in ("container", "field"):
            yield f"{name}= is for the annotation: write the comment on the line of what it is about"
        elif name == "until" and not _is_date(given[0]):
            yield f"{_short(given[0])} is not a day: write until=YYYY-MM-DD"
        elif name == "field" and _route(given[0]) is None:
            yield f"{_short(given[0])} is not a field: write a route such as spec.volumes[0].hostPath"


def _is_date(text: str) -> bool:
    match = _DATE.fullmatch(text)
    if match is None:
        return False
    from datetime import date

    try:
        date(int(match[1]), int(match[2]), int(match[3]))
    except ValueError:
        return False
    return True


def _route(text: str) -> Route | None:
    """Read a route as `format_route` writes it; None: it is none."""
    steps: list[str | int] = []
    position = 0
    while position < len(text):
        match = _STEP.match(text, position + (text[position] == "." and bool(steps)))
        if match is None:
            return None
        steps.append(int(match[2]) if match[2] else match[1] or match[3])
        position = match.end()
    return tuple(steps) or None


def _short(text: str) -> str:
    text = text.strip()
    return f'"{text}"' if len(text) <= _SHOWN else f'"{text[:_SHOWN]}…"'
