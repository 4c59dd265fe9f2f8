"""What `admit` hands to its outputs: what was asked, what was answered, and what was neither.

Values only; nothing here decides or writes.
"""

from collections.abc import Mapping
from typing import Any, Literal

import msgspec

from ..admission.decision import Decision
from ..edits.edit import Edit

__all__ = [
    "AdmitAnswer",
    "AdmitOutcome",
    "OwningWorkload",
    "SkippedSubmission",
    "Submission",
    "UnreadableSubmission",
]


class Submission(msgspec.Struct, frozen=True):
    """One thing to answer.

    `form` says what it was read from. Of a manifest, `object` is the object and `request` None; of the other
    two, `request` is that of an AdmissionReview. `source` is the path as kubectl would name it (STDIN for
    standard input), `uid` and `version` are those of the review to answer with. `doubled`: in the
    manifest's JSON, keys stand twice. `kustomized`: a kustomization lists it, so that Kustomize may add what
    it leaves out.
    """

    form: Literal["manifest", "review", "audit"]
    file: str
    line: int
    source: str
    object: Mapping[str, Any] | None = None
    request: Mapping[str, Any] | None = None
    uid: str = ""
    version: str = "admission.k8s.io/v1"
    doubled: bool = False
    kustomized: bool = False

    @property
    def at(self) -> str:
        """The place as `file:line`."""
        return f"{self.file}:{self.line}"


class SkippedSubmission(msgspec.Struct, frozen=True):
    """An input that is not a request for pod security, with the reason; nothing is wrong with it."""

    file: str
    line: int
    reason: str


class UnreadableSubmission(msgspec.Struct, frozen=True):
    """What should be a request and cannot be read."""

    file: str
    line: int
    message: str


class OwningWorkload(msgspec.Struct, frozen=True):
    """The workload that an object belongs to; itself for one that has no controller.

    `name` is as kubectl writes it (`deployment.apps/web`), `at` its place, "" where only its name is known.
    """

    name: str
    namespace: str
    at: str


class AdmitAnswer(msgspec.Struct, frozen=True):
    """What was asked, as it was put to the cluster, and what it answers.

    `old` is the object of an update. `filled` are the edits of the ServiceAccount plugin, `patch` what it and
    the policies change in the object that was sent. `local` is kubectl's own refusal: nothing is sent then.
    `unchanged` says that there is nothing to send. `pods` is the answer to a pod that this workload makes,
    None where it makes none or nothing would be said, and `failed_create` the message of the event by which
    its controller will report that they are denied, "" where they are not. `not_yet` is the field by which
    its controller creates no pod for now, "" where it does. `workload` is what the object belongs to, None
    where nobody looked.
    """

    submission: Submission
    decision: Decision
    operation: str = "CREATE"
    kind: str = ""
    group: str = ""
    resource: str = ""
    sub_resource: str = ""
    namespace: str = ""
    name: str = ""
    user: str = ""
    account: str = ""
    object: Mapping[str, Any] | None = None
    old: Mapping[str, Any] | None = None
    filled: tuple[Edit, ...] = ()
    patch: tuple[dict[str, Any], ...] = ()
    local: str = ""
    unchanged: bool = False
    pods: "Decision | None" = None
    failed_create: str = ""
    not_yet: str = ""
    workload: OwningWorkload | None = None

    @property
    def full_name(self) -> str:
        """The object's name as kubectl writes it: `pod/web`, `deployment.apps/web`."""
        kind = self.kind.lower() or self.resource
        return f"{kind}.{self.group}/{self.name}" if self.group else f"{kind}/{self.name}"

    @property
    def allowed(self) -> bool:
        """Whether the cluster takes it."""
        return self.decision.allowed and not self.local

    @property
    def pods_allowed(self) -> bool:
        """Whether the cluster takes the pods that it makes; true where it makes none."""
        return self.pods is None or self.pods.allowed


class AdmitOutcome(msgspec.Struct, frozen=True):
    """All answers, and what was not asked with its reason.

    `problems` say what could not be read, with its place, `notes` what was read and does nothing.
    """

    answers: tuple[AdmitAnswer, ...]
    skipped: tuple[SkippedSubmission, ...]
    problems: tuple[str, ...]
    notes: tuple[str, ...]
    minor: int
    has_policies: bool

    @property
    def denied(self) -> int:
        """How many requests are denied."""
        return sum(not answer.allowed for answer in self.answers)

    @property
    def pods_denied(self) -> int:
        """How many workloads are allowed whose pods will be denied."""
        return len(self._denied(later=False))

    @property
    def pods_denied_later(self) -> int:
        """How many other workloads create no pods for now, but will be denied those that they create."""
        return len(self._denied(later=True) - self._denied(later=False))

    def _denied(self, *, later: bool) -> set[object]:
        """Tell the workloads whose pods are denied apart by what they belong to, so that each counts once."""
        return {
            answer.workload or id(answer)
            for answer in self.answers
            if answer.allowed and not answer.pods_allowed and bool(answer.not_yet) == later
        }
