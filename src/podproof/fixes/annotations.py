"""Seccomp profiles in annotations, which servers no longer read: they go, and fields say what they said.

An object and a pod of it come in, changes go out. Where annotation and field differ, the API server refuses
the pod, so that the annotation has to go before the field can be written.
"""

from collections.abc import Iterator
from typing import Any

from ..edits.edit import Edit
from ..manifest.route import Route, value_at
from .change import PlannedChange, PodToFix

__all__ = ["FIRST_UNREAD", "SECCOMP", "plan_annotations"]

SECCOMP = frozenset(("seccomp-annotation-ignored", "seccomp-profile-baseline", "seccomp-profile-restricted"))
"""Checks whose findings make such an annotation matter."""

FIRST_UNREAD = 27
"""Servers 1.N from this on do not read them. Source: kubernetes pkg/api/pod/warnings.go."""

_POD = "seccomp.security.alpha.kubernetes.io/pod"
_CONTAINER = "container.seccomp.security.alpha.kubernetes.io/"
_CHECKS = ("seccomp-annotation-ignored",)


def plan_annotations(value: Any, pod: PodToFix) -> Iterator[PlannedChange]:
    """Remove the annotations of a pod, and write the field that says the same where none is written."""
    metadata = (*pod.spec[:-1], "metadata", "annotations")
    annotations = value_at(value, metadata)
    for key, said in annotations.items() if isinstance(annotations, dict) else ():
        if not isinstance(key, str) or not (key == _POD or key.startswith(_CONTAINER)):
            continue
        removal = Edit((*metadata, key), "remove")
        profile = None if value_at(value, (*pod.spec, "os", "name")) == "windows" else _profile(said)
        places = [pod.spec] if key == _POD else _named(pod, key.removeprefix(_CONTAINER))
        fields: list[Route] = [(*place, "securityContext", "seccompProfile") for place in places]
        free = [field for field in fields if value_at(value, field) is None]
        if profile is None or not free:
            why = "the annotation is not read any more, and nothing is lost"
            yield PlannedChange("same", (removal,), f"remove the annotation {key}", why, _CHECKS)
            continue
        edits = (removal, *(Edit(field, "set", profile) for field in free))
        why = "the annotation is not read any more: the profile takes effect now"
        yield PlannedChange("tighter", edits, f"seccompProfile as the annotation {key} says", why, _CHECKS)


def _profile(said: Any) -> dict[str, str] | None:
    """Give the field for an annotation; None for one that asks for no filter, or for nothing that exists."""
    if said in ("runtime/default", "docker/default"):
        return {"type": "RuntimeDefault"}
    if isinstance(said, str) and said.startswith("localhost/"):
        return {"type": "Localhost", "localhostProfile": said.removeprefix("localhost/")}
    return None


def _named(pod: PodToFix, name: str) -> list[Route]:
    return [
        place for reference, place in zip(pod.containers, pod.places, strict=True) if reference.name == name
    ]
