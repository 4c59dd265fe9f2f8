"""What `check` found: counts, objects, findings with their places, and what was skipped.

The session fills these values; every output (text, json, later sarif, ...) only reads them. They hold the
place of each finding and the lines around it, so that no output opens a file or parses anything.
"""

from collections.abc import Sequence
from typing import Literal

import msgspec

from ..findings import ContainerRef, Finding, Severity
from ..manifest.file_text import Place
from ..policies.levels import Level


class ObjectRef(msgspec.Struct, frozen=True, gc=False):
    """Names the object a finding is about; None where the document does not say (or says something else)."""

    api_version: str | None
    kind: str | None
    namespace: str | None
    name: str | None


class LackedControls(msgspec.Struct, frozen=True, gc=False):
    """How many controls of each level a pod lacks; it meets those of which it lacks none.

    A level counts what it checks itself, so that one field may lack a control of both. None: the level is
    stricter than the one asked for.
    """

    baseline: int | None = None
    restricted: int | None = None


class PodSecurity(msgspec.Struct, frozen=True, gc=False):
    """The Pod Security verdict on one pod at the level and version asked for, with upstream's words.

    Both texts are empty when allowed. `lacking` counts what separates the pod from the level and from those
    below it, and `meets` is the strictest of them that it meets.
    """

    level: str
    version: str
    allowed: bool
    reason: str
    detail: str
    meets: Level = "privileged"
    lacking: LackedControls = LackedControls()


class CheckedObject(msgspec.Struct, frozen=True, gc=False):
    """One pod that was judged: a workload, one of several templates of it, or a fragment.

    `document` is its 1-based number in the file, `line` where the object starts. `pod_security` None: the
    pod could not be decoded, and a finding says why. `images` are those of the containers, None where the
    text names none. `source` is the template that `helm template` names.
    """

    file: str
    document: int
    line: int
    object: ObjectRef
    containers: tuple[ContainerRef, ...]
    pod_security: PodSecurity | None
    images: tuple[str | None, ...] = ()
    source: str | None = None


class Suppression(msgspec.Struct, frozen=True, gc=False):
    """Why a finding is accepted and does not count: somebody's words in the manifest, or a baseline.

    `reason` is what they wrote ("" in a baseline without one), `owner` and `until` (YYYY-MM-DD) are "" where
    they are not given.
    """

    kind: Literal["ignore", "baseline"]
    reason: str
    owner: str = ""
    until: str = ""


class Replacement(msgspec.Struct, frozen=True, gc=False):
    """Text to write in place of a stretch of a file, which may be empty."""

    place: Place
    text: str


class Located(msgspec.Struct, frozen=True, gc=False):
    """A finding with its place. `lines` are the file's lines (without line ends), empty when there are none.

    `object` and `document` are None when an input as a whole is meant. `related` are other places that the
    reader needs, each with a short text. `read_as`: what was written in a copy of a document that cannot be
    read, in which this was found; "" for what stands in the file as it is.
    """

    finding: Finding
    file: str
    place: Place
    document: int | None = None
    object: ObjectRef | None = None
    source: str | None = None
    lines: Sequence[str] = ()
    related: tuple[tuple[Place, str], ...] = ()
    more_related: int = 0
    """Further places that are not in `related`: somebody wrote a key a thousand times."""
    read_as: str = ""
    missing: int = 0
    """How many of the last steps of the finding's route are not in the text: `place` is where they belong."""
    suppression: Suppression | None = None
    replacements: tuple[Replacement, ...] = ()
    """The finding's fix in the text of the file, if the output asked for it and it can be made there."""


class Unlisted(msgspec.Struct, frozen=True):
    """Findings of one check about one object that are counted and not listed, since so many others are.

    `count` is how many, all of one `severity`; `line` is where the object starts. `object` None: documents of
    a file that cannot be read, the last of which is listed at `line`.
    """

    check: str
    severity: Severity
    file: str
    document: int
    line: int
    object: ObjectRef | None
    count: int
    suppressed: Literal["", "ignore", "baseline"] = ""
    """The kind of the suppression that all of them have; "" where they have none."""


class Skipped(msgspec.Struct, frozen=True):
    """What was not checked and why; `document` None means the whole file, `line` then is 1."""

    file: str
    document: int | None
    line: int
    reason: str


class NotJudged(msgspec.Struct, frozen=True):
    """An object in which something looks like container security and was not judged.

    `places` counts them, `routes` are the first of them (`spec.securityContext`); `reasons` say what is known
    of it. `line` is that of the first place, or of the object.
    """

    file: str
    document: int
    line: int
    object: ObjectRef
    places: int
    routes: tuple[str, ...]
    reasons: tuple[str, ...]


class Pattern(msgspec.Struct, frozen=True):
    """An object that holds parts of pods and makes none: a policy, a patch. `reason` says what it is."""

    file: str
    document: int
    line: int
    object: ObjectRef
    reason: str


class Summary(msgspec.Struct, frozen=True):
    """Counts of one run. Each document is exactly one of workload, policy, pattern, other object, skipped.

    `errors`, `warnings` and `notes` count every finding, also those that are not listed; what a manifest
    ignores and what a baseline accepts are in `ignored` and `baselined` instead. `fixed` counts what
    a baseline accepts and is no longer there, `absent` what it accepts of objects that are not here.
    `seconds` is wall time, `policies` are the PodSecurityPolicies that were judged. `not_judged` counts the
    objects, whatever else they are, in which something was not judged.
    """

    files: int
    documents: int
    workloads: int
    containers: int
    other_objects: int
    skipped: int
    errors: int
    warnings: int
    notes: int
    seconds: float
    policies: int
    patterns: int = 0
    not_judged: int = 0
    ignored: int = 0
    baselined: int = 0
    fixed: int = 0
    absent: int = 0

    @property
    def checked(self) -> int:
        """What was judged in all."""
        return self.workloads + self.policies

    def at_or_above(self, severity: Severity) -> int:
        """Count the findings that are as severe as `severity` or more; what was not judged is a note."""
        count = self.errors
        if severity is not Severity.ERROR:
            count += self.warnings
        if severity is Severity.NOTE:
            count += self.notes + self.not_judged
        return count


class Checked(msgspec.Struct, frozen=True):
    """Everything one `check` found. `version` is as asked ("latest"), `evaluated_version` what it meant.

    `undecided` counts inputs that could not be read or decided; each of them is also a finding. `unlisted`
    counts the findings that are not among `findings`.
    """

    level: Level
    version: str
    evaluated_version: str
    kubernetes_version: str
    summary: Summary
    objects: tuple[CheckedObject, ...]
    findings: tuple[Located, ...]
    skipped: tuple[Skipped, ...]
    undecided: int = 0
    patterns: tuple[Pattern, ...] = ()
    not_judged: tuple[NotJudged, ...] = ()
    unlisted: tuple[Unlisted, ...] = ()
