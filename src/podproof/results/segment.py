"""What `check` finds in one segment of its input, as judged and as rendered: plain values.

A segment is a file, or a stretch of whole documents of a big one. The session judges segments one by one; an
output renders each at once, so that a run of any length holds few of them, and writes what was rendered in
the end.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Protocol

import msgspec

from ..checks.model.across import Member
from ..effective.predicted import PredictedContext
from ..findings import Severity
from ..policies.levels import Level
from .accepted import AcceptedFinding
from .checked import CheckedObject, Located, NotJudged, Pattern, Skipped, Summary, Suppression, Unlisted
from .fingerprint import ObjectIdentity, Subject

__all__ = [
    "CheckReport",
    "CheckedRun",
    "Counts",
    "KeptMember",
    "Page",
    "RenderedFinding",
    "RenderedSegment",
    "Segment",
    "Sources",
    "sum_of",
]


class Page(msgspec.Struct):
    """What is reported of one object: its findings, its pods, and what it is or holds beside pods.

    `processes` has, for each of `objects`, what is predicted of its containers on Linux.
    """

    findings: list[Located] = []
    unlisted: list[Unlisted] = []
    objects: tuple[CheckedObject, ...] = ()
    processes: tuple[tuple[PredictedContext, ...], ...] = ()
    pattern: Pattern | None = None
    not_judged: NotJudged | None = None


class KeptMember(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A container for the checks across objects: its object's page, the place of what is said about it.

    `heard` are the checks that its file does not ignore, `suppressed` those that the manifest ignores at its
    place. `located` has no lines; `excerpt` has those that a
    frame needs, by number, of the `length` that the file has.
    """

    page: int
    member: Member
    located: Located
    heard: frozenset[str]
    suppressed: dict[str, Suppression] = {}
    excerpt: dict[int, str] = {}
    length: int = 0

    def numbered(self, before: int) -> "KeptMember":
        """Number the member's pod among those of all segments, `before` of which came earlier."""
        if not before:
            return self
        member = msgspec.structs.replace(self.member, pod=self.member.pod + before)
        return msgspec.structs.replace(self, member=member)


class Sources(msgspec.Struct, frozen=True, array_like=True):
    """What of a segment depends on others: custom kinds, by `apiVersion` and kind, and storage.

    `defined` and `has_storage` say what its objects tell others, `asked` and `asks_storage` what it would
    have to know of them.
    """

    defined: tuple[tuple[str, str], ...] = ()
    asked: tuple[tuple[str, str], ...] = ()
    has_storage: bool = False
    asks_storage: bool = False

    def __bool__(self) -> bool:
        """Say whether anything depends on anything."""
        return bool(self.defined or self.asked or self.has_storage or self.asks_storage)


class Counts(msgspec.Struct, array_like=True):
    """The counts of a Summary as far as one segment goes; `undecided` is that of Checked.

    `fixable` counts the errors whose checks know a fix for them.
    """

    documents: int = 0
    workloads: int = 0
    containers: int = 0
    policies: int = 0
    other_objects: int = 0
    skipped: int = 0
    errors: int = 0
    warnings: int = 0
    notes: int = 0
    patterns: int = 0
    not_judged: int = 0
    undecided: int = 0
    ignored: int = 0
    baselined: int = 0
    fixable: int = 0

    def add(self, other: "Counts") -> None:
        """Add those of another segment."""
        for name, value in zip(self.__struct_fields__, msgspec.structs.astuple(other), strict=True):
            if value:
                setattr(self, name, getattr(self, name) + value)

    def add_located(self, located: Located) -> None:
        """Count one finding."""
        suppression = located.suppression
        finding = located.finding
        if suppression is None and finding.severity is Severity.ERROR:  # nearly all that are in the way
            self.errors += 1
            self.fixable += finding.fix is not None and not located.read_as
        else:
            self.add_findings(finding.severity, 1, "" if suppression is None else suppression.kind)

    def add_findings(self, severity: Severity, count: int = 1, suppressed: str = "") -> None:
        """Count findings by their severity, or by the kind of the suppression that they have."""
        if suppressed == "ignore":
            self.ignored += count
        elif suppressed == "baseline":
            self.baselined += count
        elif severity is Severity.ERROR:
            self.errors += count
        elif severity is Severity.WARNING:
            self.warnings += count
        else:
            self.notes += count

    def summary(self, files: int, seconds: float) -> Summary:
        """Make the Summary of a run."""
        counts = {
            name: getattr(self, name)
            for name in self.__struct_fields__
            if name not in ("undecided", "fixable")
        }
        return Summary(files=files, seconds=round(seconds, 6), **counts)


def sum_of(parts: Sequence[Counts]) -> Counts:
    """Add the counts of several segments."""
    return Counts(*map(sum, zip(*map(msgspec.structs.astuple, parts), strict=True)))


class Segment(msgspec.Struct):
    """One segment as it was judged. `lost` are file, line and message of what could not be read.

    `broken` counts the documents of it that could not.

    `tally` counts findings by subject where that was asked for; `wanted` counts, by fingerprint, those of
    which any are accepted, and `seen` has the objects here of which any are.
    """

    pages: list[Page] = []
    skipped: list[Skipped] = []
    members: list[KeptMember] = []
    lost: list[tuple[str, int, str]] = []
    counts: Counts = msgspec.field(default_factory=Counts)
    sources: Sources = Sources()
    tally: dict[Subject, int] = {}
    wanted: dict[str, int] = {}
    seen: list[ObjectIdentity] = []
    broken: int = 0


class RenderedFinding(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A finding as an output writes it, or several that it writes together, and where it belongs.

    `group` is for the output that wrote it.
    """

    page: int
    line: int
    column: int
    group: str | None
    text: str


class RenderedSegment(msgspec.Struct, frozen=True, array_like=True):
    """What an output makes of a segment: its findings in their order, and the texts of its other sections."""

    entries: list[RenderedFinding] = []
    sections: dict[str, list[str]] = {}


class CheckedRun(msgspec.Struct, frozen=True):
    """Everything one run found, rendered: `entries` and `section` give it in order, however often.

    `lost` gives file, line and message of what could not be read, `exit_code` what the command ends with;
    None: it is not known. `facts` tell how the run came about, each a name and words: the date and Podproof's
    version first, which a report for archives has at its top. `fixable` counts the errors that have a fix,
    and `fix_command` is what a person can type for them; "" where nobody is told. `fixed` are the findings
    that a baseline accepts and that are no longer there, `absent` those of its objects that are not among
    those checked; `count` says how many. The other fields are those of Checked.
    """

    level: Level
    version: str
    evaluated_version: str
    kubernetes_version: str
    summary: Summary
    undecided: int
    entries: Callable[[], Iterable[RenderedFinding]]
    section: Callable[[str], Iterable[str]]
    lost: Callable[[], Iterable[tuple[str, int, str]]] = tuple
    exit_code: int | None = None
    facts: tuple[tuple[str, str], ...] = ()
    fixed: tuple[AcceptedFinding, ...] = ()
    absent: tuple[AcceptedFinding, ...] = ()
    fixable: int = 0
    fix_command: str = ""


class CheckReport(Protocol):
    """An output of `check`: it renders segments, in whatever process they were judged, and writes a run."""

    @property
    def question(self) -> tuple[object, ...]:
        """What the rendering depends on beside the segment: plain values."""
        ...

    @property
    def wants_replacements(self) -> bool:
        """Whether it shows fixes as text to write in the file: they are looked for only then."""
        ...

    def render(self, segment: Segment) -> RenderedSegment:
        """Render what one segment has."""
        ...

    def entry(self, page: int, located: Located) -> RenderedFinding | None:
        """Render one finding about an object that only the whole run shows; None: it is not shown."""
        ...

    def write(self, run: CheckedRun) -> Iterable[str]:
        """Write the run, piece by piece."""
        ...
