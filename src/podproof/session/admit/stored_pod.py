"""A pod as a cluster would store it: what makes it and a cluster come in, the admitted pod goes out.

The pod is sent as its controller (or a user) would send it. What policies filled in comes back with its
origin, a refusal with the server's words. The cluster is not changed, and nothing is written.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from ...admission.controllers import controller_user
from ...admission.decision import Decision
from ...admission.server import name_to_come
from ...effective.value import Origin
from ...kube.debug_profiles import with_debugger
from ...kube.pod import Pod, raw_pod
from ...kube.visit import visit_mappings
from ...kubelet.start_prediction import StartPrediction
from ...manifest.route import Route
from ...results.admitted import Submission
from ..judging.pods import Stored
from .answer import Answerer
from .identity import Requester
from .made_pods import made_pod
from .played import PlayedCluster
from .prepared_cluster import PreparedCluster

__all__ = ["Admission", "Admitted"]

_SECCOMP_POD = "seccomp.security.alpha.kubernetes.io/pod"
_SECCOMP_CONTAINER = "container.seccomp.security.alpha.kubernetes.io/"
_OF_POD = ("metadata", "spec")
"""What a typed pod is made of."""


class Admitted(msgspec.Struct, frozen=True):
    """What the cluster makes of a pod.

    `pod` is the pod as it is stored, None when it is refused. `provenance` maps routes of the pod that a
    policy filled in to their origins, whose routes are those of the object that makes the pod. `refusal` is
    the refusal, None when the pod is allowed.
    """

    pod: Pod | None
    provenance: Mapping[Route, Origin]
    refusal: Decision | None

    def refused(self, start: StartPrediction) -> StartPrediction:
        """Give the start of a container: none, in the server's words, when the pod is refused."""
        if self.refusal is None:
            return start
        return StartPrediction(
            start.name, start.kind, False, self.refusal.reason or "Forbidden", self.refusal.message or ""
        )


class Admission:
    """Sends pods to a cluster, which none of them changes."""

    def __init__(
        self, prepared: PreparedCluster, requester: Requester, labels: Mapping[str, str] | None = None
    ) -> None:
        self._played, self._requester = PlayedCluster(prepared, labels), requester
        self._answerer = Answerer(self._played, requester)

    @property
    def objects(self) -> Sequence[Mapping[str, Any]]:
        """The objects of the cluster's folder; none without a folder."""
        return self._played.objects

    @property
    def problems(self) -> tuple[str, ...]:
        """What could not be read of the cluster, each with its place."""
        return self._played.problems

    @property
    def notes(self) -> tuple[str, ...]:
        """What was read and does nothing, or was assumed; complete when every pod was sent."""
        return tuple(dict.fromkeys((*self._played.notes(), *self._answerer.assumptions())))

    def admit(self, value: Any, stored: Stored) -> Admitted:
        """Send the pod that `value` makes by the template of `stored`."""
        kind = value.get("kind") if isinstance(value, Mapping) else None
        pod, namespace = made_pod(value, stored.template, self._requester.namespace, self._played.minor)
        self._played.name((namespace,))
        request = {
            "operation": "CREATE",
            "resource": {"group": "", "resource": "pods"},
            "namespace": namespace,
            "name": pod["metadata"].get("name") or "",
            "userInfo": self._sender(kind if isinstance(kind, str) else "", namespace),
            "object": pod,
        }
        decision = self._answerer.answer_request(
            Submission("audit", "", 0, "", request=request), request
        ).decision
        if not decision.allowed:
            return Admitted(None, {}, decision)
        if decision.completed is None:
            return Admitted(None, {}, None)
        completed = {key: decision.completed[key] for key in _OF_POD if key in decision.completed}
        return Admitted(raw_pod(completed), self._provenance(decision, stored), None)

    def debug(self, value: Any, stored: Stored, container: Mapping[str, Any]) -> Decision:
        """Answer the update with which `kubectl debug` adds an ephemeral container to a pod that is there."""
        old, namespace = made_pod(value, stored.template, self._requester.namespace, self._played.minor)
        self._played.name((namespace,))
        old["metadata"] = {**old["metadata"], "name": old["metadata"].get("name") or name_to_come(old)}
        request = {
            "operation": "UPDATE",
            "resource": {"group": "", "resource": "pods"},
            "subResource": "ephemeralcontainers",
            "namespace": namespace,
            "name": old["metadata"]["name"],
            "userInfo": self._requester.user_info(namespace),
            "object": with_debugger(old, container),
            "oldObject": old,
        }
        submission = Submission("review", "", 0, "", request=request)
        return self._answerer.answer_request(submission, request).decision

    def _sender(self, kind: str, namespace: str) -> dict[str, Any]:
        controller = controller_user(kind)
        if controller is None or self._requester.user is not None:
            return self._requester.user_info(namespace)
        return controller

    def _provenance(self, decision: Decision, stored: Stored) -> dict[Route, Origin]:
        provenance: dict[Route, Origin] = {}
        for made in decision.edits:
            file, line = self._place(made.policy)
            route = made.edit.route
            origin = Origin("policy", stored.template.source_route(route), made.origin, file, line)
            provenance[route] = origin
            for field in _fields_of(route, decision.object):
                provenance[field] = origin
        return provenance

    def _place(self, policy: str) -> tuple[str | None, int | None]:
        place = self._played.place_of("PodSecurityPolicy", "", policy)
        if place is None:
            return None, None
        file, _, line = place.rpartition(":")
        return file, int(line)


def _fields_of(route: Route, pod: Mapping[str, Any] | None) -> Iterator[Route]:
    """Give the fields that the server fills in from an annotation for seccomp that a policy has set.

    Source: kubernetes 1.24.17 pkg/registry/core/pod/strategy.go, applySeccompVersionSkew.
    """
    if len(route) != 3 or route[:2] != ("metadata", "annotations"):
        return
    key = str(route[2])
    if key == _SECCOMP_POD:
        yield ("spec", "securityContext", "seccompProfile")
        return
    if not key.startswith(_SECCOMP_CONTAINER):
        return
    spec = _mapping(_mapping(pod).get("spec"))
    for _, container, where in visit_mappings(spec):
        if container.get("name") == key.removeprefix(_SECCOMP_CONTAINER):
            yield (*where, "securityContext", "seccompProfile")


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
