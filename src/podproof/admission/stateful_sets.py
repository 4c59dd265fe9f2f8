"""What only a StatefulSet has: pods numbered by ordinals, claims for each of them, and the volumes of those.

A StatefulSet of any shape comes in; the ordinal of its first pod, that pod's volumes with the places where
they were written, and its claims go out. What has the wrong shape reads as absent.
Source: kubernetes 1.37.2 pkg/controller/statefulset/stateful_set_utils.go.
"""

import copy
from collections.abc import Iterator, Mapping
from typing import Any

from ..manifest.route import Route

__all__ = ["claims_of", "first_ordinal", "volumes_of"]

_START_ORDINAL_SINCE = 27
"""StatefulSetStartOrdinal, on since its beta in 1.27."""

_CLAIMS: Route = ("spec", "volumeClaimTemplates")
_VOLUMES: Route = ("spec", "template", "spec", "volumes")


def first_ordinal(spec: Mapping[str, Any], minor: int) -> int:
    """Give the number of the first pod: 0 unless `ordinals.start` says otherwise."""
    start = _mapping(spec.get("ordinals")).get("start") if minor >= _START_ORDINAL_SINCE else None
    return start if isinstance(start, int) else 0


def volumes_of(workload: Mapping[str, Any], pod: str, volumes: Any) -> list[tuple[Any, Route]]:
    """Give the volumes of a StatefulSet's pod, each with its route in the StatefulSet.

    `volumes` are those of the template; the volume of a claim replaces the one of the same name.
    """
    claimed: list[tuple[Any, Route]] = []
    names: set[Any] = set()
    for name, index, _ in _templates(workload):
        names.add(name)
        volume = {"name": name, "persistentVolumeClaim": {"claimName": f"{name}-{pod}"}}
        claimed.append((volume, (*_CLAIMS, index)))
    own = enumerate(volumes) if isinstance(volumes, list) else ()
    return claimed + [
        (volume, (*_VOLUMES, index)) for index, volume in own if _text_name(volume) not in names
    ]


def claims_of(workload: Mapping[str, Any], pod: str, namespace: str) -> list[dict[str, Any]]:
    """Make the claims that the controller creates for a pod."""
    selector = _mapping(_mapping(workload.get("spec")).get("selector"))
    matched = _mapping(selector.get("matchLabels"))
    claims = []
    for name, _, template in _templates(workload):
        metadata = dict(_mapping(template.get("metadata")))
        metadata |= {"name": f"{name}-{pod}", "namespace": namespace}
        metadata["labels"] = {**_mapping(metadata.get("labels")), **matched}
        claims.append(
            {
                "apiVersion": "v1",
                "kind": "PersistentVolumeClaim",
                "metadata": metadata,
                "spec": copy.deepcopy(template.get("spec") or {}),
            }
        )
    return claims


def _templates(workload: Mapping[str, Any]) -> Iterator[tuple[str, int, Mapping[str, Any]]]:
    """Give the name, number and template of each claim; of two with one name the later counts."""
    templates = _mapping(workload.get("spec")).get("volumeClaimTemplates")
    found: dict[str, tuple[int, Mapping[str, Any]]] = {}
    for index, template in enumerate(templates if isinstance(templates, list) else ()):
        name = _text_name(_mapping(template).get("metadata"))
        if name is not None:
            found[name] = index, template
    return ((name, index, template) for name, (index, template) in found.items())


def _text_name(value: Any) -> str | None:
    name = _mapping(value).get("name")
    return name if isinstance(name, str) else None


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
