"""Schedules of cron jobs: five fields, or a name such as `@daily`.

A schedule's text comes in, the words of the server's parser for the first fault go out. When it fires is not
worked out.
Source: github.com/robfig/cron/v3 v3.0.1 parser.go, as kubernetes 1.37.2 pkg/util/parsers calls it.
"""

import re

from .go_duration import find_duration_problem
from .go_integers import find_int64_problem
from .time_zone import find_time_zone_problem

__all__ = ["find_schedule_problem"]

_WHITE = "\t\n\v\f\r \x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000" + "".join(map(chr, range(0x2000, 0x200B)))
"""What Go's strings.Fields splits at. Source: Go unicode.IsSpace, which is not Python's."""

_BLANKS = re.compile(f"[{_WHITE}]+")

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_DAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_FIELDS: tuple[tuple[int, int, dict[str, int]], ...] = (
    (0, 59, {}),
    (0, 23, {}),
    (1, 31, {}),
    (1, 12, {name: number for number, name in enumerate(_MONTHS, 1)}),
    (0, 6, {name: number for number, name in enumerate(_DAYS)}),
)
"""Minute, hour, day of the month, month, day of the week: the least, the most, and the names of numbers."""

_DESCRIPTORS = ("@yearly", "@annually", "@monthly", "@weekly", "@daily", "@midnight", "@hourly")


class _Fault(Exception):
    """Ends the reading of a schedule; its text is the parser's."""


def find_schedule_problem(schedule: str) -> str:
    """Say what is wrong with a schedule that is not empty, "" when nothing is."""
    if schedule.startswith(("TZ=", "CRON_TZ=")):
        before, blank, rest = schedule.partition(" ")
        if not blank:
            # the parser cuts the text at the blank that is not there
            return "invalid schedule format: runtime error: slice bounds out of range [:-1]"
        zone = before.partition("=")[2]
        problem = find_time_zone_problem(zone)
        if problem:
            return f"provided bad location {zone}: {problem}"
        schedule = rest.strip(_WHITE)
    if schedule.startswith("@"):
        return _find_descriptor_problem(schedule)
    fields = [field for field in _BLANKS.split(schedule) if field]
    if len(fields) != len(_FIELDS):
        return f"expected exactly {len(_FIELDS)} fields, found {len(fields)}: [{' '.join(fields)}]"
    try:
        for field, bounds in zip(fields, _FIELDS, strict=True):
            for expression in field.split(","):
                if expression:
                    _read_range(expression, *bounds)
    except _Fault as fault:
        return str(fault)
    return ""


def _find_descriptor_problem(descriptor: str) -> str:
    if descriptor in _DESCRIPTORS:
        return ""
    if not descriptor.startswith("@every "):
        return f"unrecognized descriptor: {descriptor}"
    problem = find_duration_problem(descriptor.removeprefix("@every "))
    return f"failed to parse duration {descriptor}: {problem}" if problem else ""


def _read_range(expression: str, least: int, most: int, names: dict[str, int]) -> None:
    """Read `number`, `number-number`, `*` or `?`, each with or without `/step`."""
    limits, *steps = expression.split("/")
    low, *highs = limits.split("-")
    if low in ("*", "?"):
        start, end = least, most
    else:
        start = end = _read_number(low, names)
        if len(highs) > 1:
            raise _Fault(f"too many hyphens: {expression}")
        if highs:
            end = _read_number(highs[0], names)
    step = 1
    if len(steps) > 1:
        raise _Fault(f"too many slashes: {expression}")
    if steps:
        step = _read_number(steps[0], {})
        if not highs:
            end = most
    if start < least:
        raise _Fault(f"beginning of range ({start}) below minimum ({least}): {expression}")
    if end > most:
        raise _Fault(f"end of range ({end}) above maximum ({most}): {expression}")
    if start > end:
        raise _Fault(f"beginning of range ({start}) beyond end of range ({end}): {expression}")
    if step == 0:
        raise _Fault(f"step of range should be a positive number: {expression}")


def _read_number(text: str, names: dict[str, int]) -> int:
    named = names.get(text.lower())
    if named is not None:
        return named
    problem = find_int64_problem(text, "Atoi")
    if problem:
        raise _Fault(f"failed to parse int from {text}: {problem}")
    number = int(text)
    if number < 0:
        raise _Fault(f"negative number ({number}) not allowed: {text}")
    return number
