"""Pods of more containers than any node runs: which are looked at one by one, and how many are not.

A level's verdict and whether the API server takes the object are about all containers, however many: that
costs little. Findings with their places, and what each setting does, cost a thousand times what it costs to
write a container, so they are worked out for the first of each list, and whoever asks is told what is left.
"""

from typing import Any, TypeVar

import msgspec

from ...kube.decode import Problem
from ...kube.field_error import FieldError
from ...kube.gated_fields import DroppedField
from ...kube.pod import Pod
from ...kube.review import Review
from ...kube.visit import CONTAINER_FIELDS
from ...manifest.route import Route

__all__ = ["MOST_CONTAINERS", "first_containers", "of_first_containers", "too_many"]

MOST_CONTAINERS = 500
"""Containers of one list that are looked at one by one. A node is made for 110 pods of a few containers each.

Source: kubernetes.io/docs/setup/best-practices/cluster-large.
"""

_Told = TypeVar("_Told", Problem, FieldError, DroppedField)


def too_many(spec: Any) -> str:
    """Say how many containers of a spec as it is written are not looked at one by one; "" where all are."""
    if not isinstance(spec, dict):
        return ""
    containers = spec.get("containers")
    alone = "initContainers" not in spec and "ephemeralContainers" not in spec
    if alone and containers.__class__ is list and len(containers) <= MOST_CONTAINERS:
        return ""  # nearly every pod
    lists = [spec.get(field) for field in CONTAINER_FIELDS]
    counts = [len(containers) for containers in lists if isinstance(containers, list)]
    left = sum(max(0, count - MOST_CONTAINERS) for count in counts)
    return f"{left:,} of {sum(counts):,} containers were not looked at one by one" if left else ""


def first_containers(pod: Pod) -> Pod:
    """Return the pod with only the first containers of each list; itself where it has no more."""
    spec = pod.spec
    if spec is None:
        return pod
    init, regular, ephemeral = spec.init_containers, spec.containers, spec.ephemeral_containers
    if max(len(init or ()), len(regular or ()), len(ephemeral or ())) <= MOST_CONTAINERS:
        return pod
    few = msgspec.structs.replace(
        spec,
        init_containers=init and init[:MOST_CONTAINERS],
        containers=regular and regular[:MOST_CONTAINERS],
        ephemeral_containers=ephemeral and ephemeral[:MOST_CONTAINERS],
    )
    return msgspec.structs.replace(pod, spec=few)


def of_first_containers(review: Review) -> Review:
    """Leave out what the server says of later containers; if it says nothing else, a part of that stays."""
    return msgspec.structs.replace(
        review,
        problems=_near(review.problems),
        errors=_near(review.errors),
        dropped=_near(review.dropped),
    )


def _near(told: tuple[_Told, ...]) -> tuple[_Told, ...]:
    if len(told) <= MOST_CONTAINERS:
        return told
    return tuple([one for one in told if not _is_far(one.route)]) or told[:MOST_CONTAINERS]


def _is_far(route: Route) -> bool:
    """Tell whether a route leads to or into a container after the first ones."""
    for at, step in enumerate(route):
        if step.__class__ is int and at and route[at - 1] in CONTAINER_FIELDS:
            return step >= MOST_CONTAINERS
    return False
