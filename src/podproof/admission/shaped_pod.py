"""A pod as Pod Security judges it: its verdict by a level, where possible from what is known of other pods.

What reads a typed pod comes in, with the outline of the review that has its shape; verdicts go out. The pods
of one workload differ in names, images and labels, and no verdict rests on these unless it names a volume. So
verdicts are kept by the rest, the shape. It is judged as a pod of which nothing else can be asked for; where
something else is asked for, the whole pod is judged.
"""

from collections.abc import Callable
from functools import cache

from ..kube.default_pod import default_pod
from ..kube.feature_gates import FeatureGates
from ..kube.pod import Pod
from ..kube.whole_pod import UnreadField
from ..policies.levels import LevelVersion
from ..policies.pod_security import Verdict, evaluator_of
from ..policies.read_fields import SHAPE_FIELDS
from .sent_pod import outline_decoder

__all__ = ["ShapedPod", "most_bytes"]

_LARGEST_KEPT = 8192
"""Bytes of a shape that is worth remembering, and of the detail of its verdict."""
_MOST_KEPT = 1024
"""So many verdicts are remembered, with 16 MiB of text at most; when there are more, all are forgotten."""
_known: dict[tuple[LevelVersion, FeatureGates, bytes], Verdict | None] = {}
"""Verdicts by shape; None: the whole pod has to be judged."""


def most_bytes(text: str) -> int:
    """Count the bytes that a text takes in memory at most, which one rare letter multiplies by four."""
    return len(text) if text.isascii() else len(text) * 4


class ShapedPod:
    """A pod with the defaults that checks see, which `read` gives; `shape` None: nobody knows it."""

    __slots__ = ("_read", "_shape", "_typed")

    def __init__(self, read: Callable[[], Pod], shape: bytes | None = None) -> None:
        self._read, self._shape = read, shape
        self._typed: Pod | None = None

    @property
    def typed(self) -> Pod:
        """The typed pod, read when it is first asked for."""
        if self._typed is None:
            self._typed = self._read()
        return self._typed

    def verdict(self, level: LevelVersion, gates: FeatureGates) -> Verdict:
        """Judge the pod by a level; of the verdict, findings and spec may be those of a pod of its shape."""
        shape = self._shape
        if shape is not None and len(shape) <= _LARGEST_KEPT:
            key = level, gates, shape
            known = _known[key] if key in _known else _judge_shape(key)
            if known is not None:
                return known
        return evaluator_of(level, gates).evaluate(self.typed)


def _judge_shape(key: tuple[LevelVersion, FeatureGates, bytes]) -> Verdict | None:
    level, gates, shape = key
    try:
        verdict = evaluator_of(level, gates).evaluate(default_pod(_shape_decoder()(shape), gates.minor))
        kept: Verdict | None = Verdict(verdict.allowed, verdict.reason, verdict.detail)
    except UnreadField:
        kept = None
    if kept is not None and most_bytes(kept.detail) > _LARGEST_KEPT:
        return kept
    if len(_known) >= _MOST_KEPT:
        _known.clear()
    _known[key] = kept
    return kept


@cache
def _shape_decoder() -> Callable[[bytes], Pod]:
    return outline_decoder("object", SHAPE_FIELDS)
