"""What `admit --compare` found: pairs of answers that differ, and each for programs. Values only.

The schema `podproof/admit-change/v1` is made from AdmitChange: fields are only ever added within v1.
"""

from typing import Literal

import msgspec

from .admitted import AdmitAnswer

__all__ = [
    "SCHEMA",
    "AdmitChange",
    "AdmitSide",
    "Change",
    "ChangeVerdict",
    "ChangedWorkload",
    "Changes",
    "describe_answer",
]

SCHEMA: Literal["podproof/admit-change/v1"] = "podproof/admit-change/v1"

ChangeVerdict = Literal[
    "newly denied",
    "newly allowed",
    "denied differently",
    "its pods newly denied",
    "its pods newly allowed",
    "its pods denied differently",
    "its later pods newly denied",
    "its later pods newly allowed",
    "its later pods denied differently",
]


ChangeKind = Literal["newly denied", "newly denied later", "newly allowed", "denied differently"]

CHANGE_KINDS: tuple[ChangeKind, ...] = (
    "newly denied", "newly denied later", "newly allowed", "denied differently",
)  # fmt: skip
"""The worst first."""


class AdmitSide(msgspec.Struct, frozen=True):
    """What one of two clusters answers; `message` is the refusal, or how it allows."""

    allowed: bool
    message: str


class AdmitChange(msgspec.Struct, frozen=True):
    """An object whose verdict differs; `podproof admit --compare --format json` prints one a line.

    `uid` is that of the request, or a manifest's place (`web.yaml:1`). `object` is named as kubectl does
    (`pod/web`). `change` says what differs: the verdict on the object, or on the pods that it makes, now or
    later. `workload` is what the object belongs to, and counts once: the Deployment of a pod, or itself.
    """

    schema: Literal["podproof/admit-change/v1"]
    uid: str
    object: str
    namespace: str
    change: ChangeVerdict
    old: AdmitSide
    new: AdmitSide
    workload: str = ""


class Change(msgspec.Struct, frozen=True):
    """Two answers to one request."""

    old: AdmitAnswer
    new: AdmitAnswer

    @property
    def verdict(self) -> ChangeVerdict | Literal[""]:
        """Name the change; "" where both sides say the same.

        It is `newly denied`, `newly allowed` or `denied differently`, or the same of `its pods`, or of `its
        later pods` where its controller creates none for now.
        """
        if self.old.allowed != self.new.allowed:
            return "newly allowed" if self.new.allowed else "newly denied"
        later = bool(self.new.not_yet)
        if self.old.pods_allowed != self.new.pods_allowed:
            if self.new.pods_allowed:
                return "its later pods newly allowed" if later else "its pods newly allowed"
            return "its later pods newly denied" if later else "its pods newly denied"
        if describe_answer(self.old) == describe_answer(self.new):
            return ""
        if not self.new.allowed:
            return "denied differently"
        if self.new.pods_allowed:
            return ""
        return "its later pods denied differently" if later else "its pods denied differently"

    @property
    def differs(self) -> bool:
        """Whether the two sides say different things."""
        return bool(self.verdict)


class ChangedWorkload(msgspec.Struct, frozen=True):
    """A workload with all that changes of it: itself, its ReplicaSets or Jobs, and its pods."""

    changes: tuple[Change, ...]

    @property
    def kind(self) -> ChangeKind:
        """What it counts as: of several kinds of change, the worst."""
        return min((_kind(change.verdict) for change in self.changes), key=CHANGE_KINDS.index)

    @property
    def leading(self) -> Change:
        """The first of the changes that make it count as this kind."""
        return next(change for change in self.changes if _kind(change.verdict) == self.kind)

    @property
    def name(self) -> str:
        """The workload's name as kubectl writes it."""
        answer = self.changes[0].new
        return answer.full_name if answer.workload is None else answer.workload.name


class Changes(msgspec.Struct, frozen=True):
    """All differences, the names of the two sides, how many requests both answered, notes and problems.

    `denied_by_both` are requests, or their pods, that both deny in the same words.
    """

    sides: tuple[str, str]
    changed: tuple[Change, ...]
    compared: int
    notes: tuple[str, ...]
    problems: tuple[str, ...]
    denied_by_both: int = 0

    @property
    def workloads(self) -> tuple["ChangedWorkload", ...]:
        """The differences by the workload that they belong to, in the order of the first of each."""
        held: dict[object, list[Change]] = {}
        for change in self.changed:
            held.setdefault(change.new.workload or id(change), []).append(change)
        return tuple(ChangedWorkload(tuple(changes)) for changes in held.values())

    def count(self, *kinds: ChangeKind) -> int:
        """Count the workloads of these kinds of change."""
        return sum(workload.kind in kinds for workload in self.workloads)

    @property
    def newly_denied(self) -> int:
        """How many workloads, their pods included, the old side allows and the new one denies."""
        return self.count("newly denied")


def _kind(verdict: ChangeVerdict | Literal[""]) -> ChangeKind:
    if verdict == "its later pods newly denied":
        return "newly denied later"
    if verdict.endswith("newly denied"):
        return "newly denied"
    return "newly allowed" if verdict.endswith("newly allowed") else "denied differently"


def describe_answer(answer: AdmitAnswer) -> str:
    """Return what a side says: the refusal, or how it allows."""
    if answer.local:
        return answer.local
    if not answer.decision.allowed:
        return answer.decision.message or ""
    if answer.pods is not None and not answer.pods.allowed:
        return f"allowed, but its pods are not: {answer.pods.message}"
    chosen = [report.name for report in answer.decision.policies if report.outcome == "chosen"]
    return f"allowed by policy {chosen[0]}" if chosen else "allowed"
