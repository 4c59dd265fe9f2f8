"""One decision about an object: the edits, their kind, and what they rest on. Data only."""

from typing import Any, Literal, get_args

import msgspec

from ..edits.edit import Edit
from ..effective.predicted import PredictedContext
from ..findings import ContainerRef
from ..kubelet.start_prediction import PodStartPrediction
from ..manifest.route import Route

__all__ = ["KINDS", "ChangeKind", "PlannedChange", "PodToFix"]

ChangeKind = Literal["same", "tighter", "guess"]
"""`same`: the process gets what it had. `tighter`: it gets less, which may break a program that needs it.
`guess`: a value that a person has to confirm."""

KINDS: tuple[ChangeKind, ...] = get_args(ChangeKind)


class PlannedChange(msgspec.Struct, frozen=True):
    """Edits that belong together, with routes counted from the object.

    `container` None: the pod as a whole. `what` is the change in a few words, `why` what it rests on, and
    `checks` are those whose findings it mends. `shown` says what a trial run showed of it.
    `name` stays the same where the words depend on what was seen; "": the words do not.
    """

    kind: ChangeKind
    edits: tuple[Edit, ...]
    what: str
    why: str
    checks: tuple[str, ...]
    container: ContainerRef | None = None
    shown: str = ""
    name: str = ""

    @property
    def key(self) -> tuple[str, ContainerRef | None]:
        """What the change is known by when it is planned anew."""
        return self.name or self.what, self.container


class PodToFix(msgspec.Struct, frozen=True):
    """A pod of an object: the routes of its spec and of its containers, both counted from the object.

    `processes` are what its containers run as; empty where that is not known, and for Windows. `start` says
    whether they start, None where that is not known.
    """

    spec: Route
    containers: tuple[ContainerRef, ...]
    places: tuple[Route, ...]
    processes: tuple[PredictedContext, ...] = ()
    start: PodStartPrediction | None = None

    def holds(self, value: Any) -> bool:
        """Tell whether the object has the spec where it is expected, above all containers."""
        return isinstance(value, dict) and all(place[: len(self.spec)] == self.spec for place in self.places)
