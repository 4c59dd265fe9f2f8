"""What `kubectl debug` adds to a pod that is explained: a profile in, an explained container out.

The pod is taken as it stands, as one that runs already; a cluster is asked about the update alone.
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import msgspec

from ..effective.container_in_pod import place_containers
from ..effective.resolve import resolve
from ..effective.setting import Setting
from ..effective.value import Origin
from ..errors import ManifestError, UsageError
from ..kube.debug_profiles import DEBUG_PROFILES, DEFAULT_DEBUG_IMAGE, debug_container
from ..kube.field_error import Errors
from ..kube.pod import Container, Pod, integer
from ..kube.status import invalid
from ..kube.validation.os import validate_os
from ..kube.visit import visit_containers
from ..kubelet.start import predict_start
from ..kubelet.start_prediction import StartPrediction
from ..results.explained import ExplainedContainer, ExplainedDebug, Locate, explain_container
from .judging.pods import Stored

if TYPE_CHECKING:
    from ..admission.decision import Decision
    from .admit.stored_pod import Admission

__all__ = ["Debugger", "make_debugger"]


class Debugger(msgspec.Struct, frozen=True):
    """The container to add, and the profile that it is made by."""

    profile: str
    container: dict[str, Any]

    def explain(
        self,
        value: Any,
        stored: Stored,
        pod: Pod,
        setting: Setting,
        locate: Locate,
        admission: "Admission | None",
    ) -> ExplainedContainer:
        """Explain the container in a pod, which `admission` is asked to let in; None: nobody is asked.

        Raises ManifestError: the pod has no container of the target's name.
        """
        _find_target(self.container.get("targetContainerName"), pod)
        added = msgspec.convert(self.container, Container, dec_hook=integer)
        spec = pod.spec
        if spec is None:
            raise ManifestError("a pod without a spec cannot be debugged")
        before = spec.ephemeral_containers or ()
        spec = msgspec.structs.replace(spec, ephemeral_containers=(*before, added))
        debugged = msgspec.structs.replace(pod, spec=spec)
        origin = Origin("container", (), f"kubectl debug --profile={self.profile}")
        provenance = {**stored.provenance, ("spec", "ephemeralContainers", len(before)): origin}
        containers = place_containers(debugged, setting, provenance)
        start = predict_start(debugged, containers, setting).containers[-1]
        decision = None if admission is None else admission.debug(value, stored, self.container)
        refused = self._refused_by_os(pod, start) if decision is None else _refused(start, decision)
        explained = explain_container(refused, resolve(containers[-1]), added.image, locate)
        return msgspec.structs.replace(
            explained,
            debug=ExplainedDebug(
                profile=self.profile,
                container=self.container,
                admitted=None if decision is None else decision.allowed,
                message=(decision.message or "") if decision is not None else "",
                warnings=tuple(decision.warnings) if decision is not None else (),
            ),
        )

    def _refused_by_os(self, pod: Pod, start: StartPrediction) -> StartPrediction:
        """Say that every server refuses Linux settings in a Windows pod, where no cluster is asked."""
        spec = pod.spec
        if spec is None or spec.os is None:
            return start
        others: list[Mapping[str, Any]] = [{} for _ in spec.ephemeral_containers or ()]
        errors = Errors()
        debugged = {"os": {"name": spec.os.name}, "ephemeralContainers": [*others, self.container]}
        validate_os(errors, debugged, ("spec",))
        if not errors:
            return start
        name = (pod.metadata.name if pod.metadata is not None else None) or ""
        answer = invalid("Pod", name, errors)
        return StartPrediction(start.name, start.kind, False, answer.reason, answer.message or "")


def _find_target(target: str | None, pod: Pod) -> None:
    names = [container.name or "" for _, container, _ in visit_containers(pod.spec)]
    if target is not None and target not in names:
        raise ManifestError(
            f"there is no container {target!r} to debug, there are {', '.join(names) or 'none'}"
        )


def _refused(start: StartPrediction, decision: "Decision") -> StartPrediction:
    if decision.allowed:
        return start
    return StartPrediction(
        start.name, start.kind, False, decision.reason or "Forbidden", decision.message or ""
    )


def make_debugger(profile: str, image: str | None = None, target: str | None = None) -> Debugger:
    """Make what a profile adds; raises UsageError: kubectl has no such profile."""
    if profile not in DEBUG_PROFILES:
        raise UsageError(f"unknown debug profile {profile!r}, known are {', '.join(DEBUG_PROFILES)}")
    return Debugger(profile, debug_container(profile, image=image or DEFAULT_DEBUG_IMAGE, target=target))
