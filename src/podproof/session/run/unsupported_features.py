"""What pods of a run ask for and will not get here: an engine's features and a plan come in, lines go out."""

from collections.abc import Iterator, Mapping
from typing import Any

from ...runtimes.engine import Features
from .plan import Plan

__all__ = ["unsupported_features"]


def unsupported_features(features: Features, plan: Plan) -> Iterator[str]:
    """List what the pods ask for that this engine cannot do."""
    pods = [planned.pod for planned in plan.pods]
    if features.network is not None and any(not pod["spec"].get("hostNetwork") for pod in pods):
        yield f"pods have no network but loopback: {features.network}"
    for pod in pods:
        yield from _of_pod(pod)


def _of_pod(pod: Mapping[str, Any]) -> Iterator[str]:
    name, spec = pod["metadata"]["name"], pod["spec"]
    for volume in spec.get("volumes") or ():
        sources = (volume.get("projected") or {}).get("sources") or ()
        if any(source.get("serviceAccountToken") for source in sources):
            yield f"pod {name}: volume {volume['name']} has no token: there is no API server"
