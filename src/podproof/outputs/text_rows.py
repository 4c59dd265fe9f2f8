"""One finding as a line of a block, with the source below it: findings come in, lines of text go out.

Text of manifests is made printable, and lines are broken at words; colors and links come last, so that they
count for nothing.
"""

from collections.abc import Callable, Iterator, Sequence

import msgspec

from ..findings import ContainerRef
from ..results.checked import Located
from .dumps import lead_with_rule
from .frames import gutter_of, short_frame
from .paint import Paint
from .paste import MissingFields
from .plain import one_line, width
from .wrapping import cut, wrap

try:
    from _blake2 import blake2b  # hashlib's own, without OpenSSL, which takes a twentieth of a start to load
except ImportError:
    from hashlib import blake2b

__all__ = ["Layout", "TextRow", "clean", "further"]

_LONGEST = 260
"""Characters of a message that are shown: three lines of 100 columns. --verbose shows all."""

_LISTED = 20
"""Notes below one heading that are listed; --verbose lists them all."""

_NARROWEST = 32
"""Columns that a message needs beside its check; it stands below it where there are fewer."""

_INDENT = "    "


class Layout(msgspec.Struct, frozen=True):
    """How lines are written: `link` gives the address of a check's page, "" for none."""

    paint: Paint
    columns: int
    verbose: bool
    link: Callable[[str], str]

    def check(self, name: str) -> str:
        """Write the id of a check, as a link where there is one."""
        address = self.link(name)
        return f"\x1b]8;;{address}\x1b\\{name}\x1b]8;;\x1b\\" if address else name


class TextRow(msgspec.Struct, frozen=True):
    """Findings shown together: one, those of a place that miss fields, or notes below one heading."""

    group: tuple[Located, ...]
    container: ContainerRef | None
    paste: MissingFields | None = None

    @property
    def is_list(self) -> bool:
        """Whether the findings are notes below one heading, or one that has details."""
        return bool(self.group[0].finding.heading or self.group[0].finding.details)

    @property
    def position(self) -> str:
        """Write line and column."""
        place = self.group[0].place
        return f"{place.line}:{place.column}"

    def lines(self, layout: Layout, room: tuple[int, int]) -> Iterator[str]:
        """Write a line for each finding; `room` are the columns of positions and of checks."""
        if self.is_list:
            yield from _listed(self.group, layout, room)
            return
        for located in self.group:
            message = "" if layout.verbose or self.paste is None else f"{_missing(located)} is not set"
            yield from _line(located, message or _message(located, self.container, layout), layout, room)

    def brief(self, layout: Layout, room: tuple[int, int], also: Sequence[str] = ()) -> Iterator[str]:
        """Write the findings in one line, if they are of one severity: what they miss has been shown before.

        `also` are the positions of other containers that miss the same.
        """
        severities = {located.finding.severity for located in self.group}
        elsewhere = f", also at {', '.join(also)}" if also else ""
        names = [located.finding.check for located in self.group]
        if len(names) == 1:
            yield from _line(self.group[0], f"{_missing(self.group[0])} is not set{elsewhere}", layout, room)
            return
        if len(severities) > 1:
            yield from self.lines(layout, room)
            return
        severity = self.group[0].finding.severity.value
        start = _start(self.position, severity, layout, room[0])
        hanging = len(_INDENT) + room[0] + 11
        if layout.columns - hanging < _NARROWEST:
            yield start.rstrip()
            hanging = len(_INDENT) + 2
            start = " " * hanging
        for text in wrap(f"{', '.join(names)}: as above{elsewhere}", layout.columns - hanging):
            yield start + " ".join(_linked(word, names, layout) for word in text.split(" "))
            start = " " * hanging

    def frame(self, layout: Layout) -> Iterator[str]:
        """Write the source of the place, with what to add to it, and what else helps."""
        first = self.group[0]
        room = layout.columns - len(_INDENT)
        gutter = gutter_of(first)
        bar = layout.paint("frame", f"{' ' * gutter} │")
        lines: list[str] = []
        if self.paste is not None:
            lines += _pasted(first, self.paste, layout.paint, room)
        elif not self.is_list:
            lines += short_frame(first, layout.paint, room)
        if lines:
            lines.insert(0, bar)
        for text in _helps(self.group, layout):
            for number, part in enumerate(wrap(text, room - gutter - 3)):
                sign = layout.paint("frame", "=") if not number else " "
                lines.append(f"{' ' * gutter} {sign} {part}")
        yield from (_INDENT + line for line in lines)

    @property
    def alike(self) -> object:
        """What rows have in common that are written as one."""
        return [(located.finding.check, located.finding.severity) for located in self.group], self.lesson

    @property
    def lesson(self) -> str:
        """What the frame teaches, in short: where it has been shown before, it need not be shown again."""
        if self.paste is not None:
            taught = repr(self.paste.fields)
        else:
            taught = repr((self.group[0].finding.check, self.group[0].finding.help))
        return blake2b(taught.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()


def _listed(group: Sequence[Located], layout: Layout, room: tuple[int, int]) -> Iterator[str]:
    """Write what is said once, and below it a line for each detail or for each note and its place."""
    finding = group[0].finding
    yield from _line(group[0], f"{clean(finding.heading or finding.message)}:", layout, room)
    rows = [(clean(name), clean(text)) for name, text in finding.details]
    if finding.heading:
        rows = [(f"{one.place.line}:{one.place.column}", clean(one.finding.message)) for one in group]
    most = len(rows) if layout.verbose else _LISTED
    names = max(width(name) for name, _ in rows)
    indent = 2 * len(_INDENT)
    beside = layout.columns - indent - names - 2
    for name, text in rows[:most]:
        if beside < _NARROWEST:
            yield " " * indent + layout.paint("dim", name)
            yield from (f"{' ' * indent}  {line}" for line in wrap(text, layout.columns - indent - 2))
            continue
        start = " " * indent + layout.paint("dim", name) + " " * (names - width(name) + 2)
        for line in wrap(text, beside):
            yield start + line
            start = " " * (indent + names + 2)
    if len(rows) > most:
        yield f"{' ' * indent}and {len(rows) - most:,} more (--verbose lists them)"


def further(rows: Sequence[TextRow], layout: Layout, room: tuple[int, int]) -> Iterator[str]:
    """Write the rows of one check that have no line of their own in one, with their lines."""
    lines = ", ".join(str(row.group[0].place.line) for row in rows)
    message = cut(f"{len(rows)} more, on lines {lines}", _LONGEST)
    yield from _line(rows[0].group[0], message, layout, room)


def _start(position: str, severity: str, layout: Layout, room: int) -> str:
    return f"{_INDENT}{position:>{room}}  {layout.paint(severity, severity)}{' ' * (9 - len(severity))}"


def _line(located: Located, message: str, layout: Layout, room: tuple[int, int]) -> Iterator[str]:
    finding, place = located.finding, located.place
    name = layout.check(finding.check)
    start = _start(f"{place.line}:{place.column}", finding.severity.value, layout, room[0])
    hanging = len(_INDENT) + room[0] + 2 + 9 + room[1] + 2
    beside = layout.columns - hanging
    if beside >= _NARROWEST and (len(message) <= 2 * beside or beside >= 90):
        first, *others = wrap(message, beside)
        yield f"{start}{name}{' ' * (room[1] - len(finding.check) + 2)}{first}"
        yield from (" " * hanging + text for text in others)
        return
    if len(_INDENT) + room[0] + 11 + len(finding.check) <= layout.columns:
        yield start + name
    else:
        yield start.rstrip()
        yield f"{_INDENT}  {name}"
    for text in wrap(message, layout.columns - len(_INDENT) - 2):
        yield f"{_INDENT}  {text}"


def _message(located: Located, container: ContainerRef | None, layout: Layout) -> str:
    """Say what a finding says, without the container that its block is about."""
    message = located.finding.whole_message
    message = clean(message if layout.verbose else lead_with_rule(message))
    if container is not None:
        message = message.removeprefix(f'container "{clean(container.name)}" ')
    return message if layout.verbose else cut(message, _LONGEST)


def _linked(word: str, names: Sequence[str], layout: Layout) -> str:
    name = word.rstrip(",:")
    return layout.check(name) + word[len(name) :] if name in names else word


def _missing(located: Located) -> str:
    """Name the field to add as somebody looks for it: from its security context on."""
    fix = located.finding.fix
    route = located.finding.route if fix is None else fix.edits[0].route
    names = [step for step in route if isinstance(step, str)]
    names = names[names.index("securityContext") + 1 :] if "securityContext" in names else names[-1:]
    return clean(".".join(names), _LONGEST)


def _helps(group: Sequence[Located], layout: Layout) -> Iterator[str]:
    told: set[str] = set()
    for located in group:
        for text in located.finding.help:
            # which level forbids it stands in the line of the workload
            if text not in told and not text.endswith(" forbids it"):
                told.add(text)
                yield clean(text) if layout.verbose else cut(clean(text), _LONGEST)
        if located.more_related:
            yield f"and {located.more_related:,} more places that are not shown"


def _pasted(first: Located, paste: MissingFields, paint: Paint, room: int) -> Iterator[str]:
    """Write the line that is marked, and below it what to add, in the columns where it belongs if it fits."""
    gutter = gutter_of(first)
    bar = paint("frame", f"{' ' * gutter} │")
    space = max(20, room - gutter - 3)
    label = "add inside the braces:" if paste.inside else "add:"
    marked = list(short_frame(first, paint, room, label=label))
    yield from marked
    if marked and label not in marked[-1]:
        yield f"{bar} {paint('add', label)}"
    indent = 0 if paste.inside else paste.indent
    lines = list(paste.lines(space - indent))
    if indent + max(map(width, lines)) > space:
        indent = 0
        lines = list(paste.lines(space))
    for line in lines:
        for part in wrap(line, space) if paste.inside else _wrapped_field(line, space):
            yield f"{bar} {' ' * indent}{paint('add', part)}"


def _wrapped_field(line: str, room: int) -> Iterator[str]:
    """Break a line of YAML so that it still means the same: what goes on below it stands further in."""
    if width(line) <= room:
        yield line
        return
    text = line.lstrip(" ")
    lead = len(line) - len(text)
    for number, part in enumerate(wrap(text, max(1, room - lead - 2))):
        yield " " * (lead + 2 * bool(number)) + part


def clean(text: str, most: int = 0) -> str:
    """Make text printable in one line, and cut it to `most` characters where that is given."""
    text = one_line(text)
    return cut(text, most) if most else text
