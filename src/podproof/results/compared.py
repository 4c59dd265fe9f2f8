"""What `admit --compare` found: pairs of answers that differ, and each for programs. Values only.

The schema `podproof/admit-change/v1` is made from AdmitChange: fields are only ever added within v1.
"""

from typing import Literal

import msgspec

from .admitted import AdmitAnswer

__all__ = ["SCHEMA", "AdmitChange", "AdmitSide", "Change", "ChangeVerdict", "Changes", "describe_answer"]

SCHEMA: Literal["podproof/admit-change/v1"] = "podproof/admit-change/v1"

ChangeVerdict = Literal[
    "newly denied",
    "newly allowed",
    "denied differently",
    "its pods newly denied",
    "its pods newly allowed",
    "its pods denied differently",
]


class AdmitSide(msgspec.Struct, frozen=True):
    """What one of two clusters answers; `message` is the refusal, or how it allows."""

    allowed: bool
    message: str


class AdmitChange(msgspec.Struct, frozen=True):
    """An object whose verdict differs; `podproof admit --compare --format json` prints one a line.

    `uid` is that of the request, or a manifest's place (`web.yaml:1`). `object` is named as kubectl does
    (`pod/web`). `change` says what differs: the verdict on the object, or on the pods that it makes.
    """

    schema: Literal["podproof/admit-change/v1"]
    uid: str
    object: str
    namespace: str
    change: ChangeVerdict
    old: AdmitSide
    new: AdmitSide


class Change(msgspec.Struct, frozen=True):
    """Two answers to one request."""

    old: AdmitAnswer
    new: AdmitAnswer

    @property
    def verdict(self) -> ChangeVerdict | Literal[""]:
        """Name the change; "" where both sides say the same.

        It is `newly denied`, `newly allowed` or `denied differently`, or the same of `its pods`.
        """
        if self.old.allowed != self.new.allowed:
            return "newly allowed" if self.new.allowed else "newly denied"
        if self.old.pods_allowed != self.new.pods_allowed:
            return "its pods newly allowed" if self.new.pods_allowed else "its pods newly denied"
        if describe_answer(self.old) == describe_answer(self.new):
            return ""
        if not self.new.allowed:
            return "denied differently"
        return "" if self.new.pods_allowed else "its pods denied differently"

    @property
    def differs(self) -> bool:
        """Whether the two sides say different things."""
        return bool(self.verdict)


class Changes(msgspec.Struct, frozen=True):
    """All differences, the names of the two sides, how many requests both answered, notes and problems."""

    sides: tuple[str, str]
    changed: tuple[Change, ...]
    compared: int
    notes: tuple[str, ...]
    problems: tuple[str, ...]

    @property
    def newly_denied(self) -> int:
        """How many requests, or pods of them, the old side allows and the new one denies."""
        return sum(change.verdict in ("newly denied", "its pods newly denied") for change in self.changed)


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
