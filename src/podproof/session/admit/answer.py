"""Answers one request: a request and the cluster as it is now come in, an AdmitAnswer goes out.

What kubectl and the server do before admission is played here: the manifest's update of what is there, and
what of it cannot be read. The rest is `Cluster.admit`. What is let in is not added.
"""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import msgspec

from ...admission.attributes import WARN_BEFORE, Moment
from ...admission.consistency import contradiction
from ...admission.controllers import (
    controller_of,
    controller_pod,
    controller_user,
    created_anew,
    failed_create,
)
from ...admission.decision import Decision, bad_request, with_warnings
from ...admission.lifecycle import NAMESPACE_LIFECYCLE, missing_namespace
from ...admission.pod_security import template_of
from ...admission.pods_to_come import creates_none_again, why_none_yet
from ...admission.request import AdmissionRequest, RequestError, read_request, read_user
from ...admission.server import name_to_come
from ...admission.service_account import DEFAULT, SERVICE_ACCOUNT
from ...kube.apply import apply_manifest
from ...kube.rbac import UserInfo
from ...kube.stored import is_stored
from ...kube.template import Template
from ...results.admitted import AdmitAnswer, Submission
from .identity import Requester
from .made_pods import made_pod, with_names_and_images
from .manifests import SentManifest
from .played import PlayedCluster

__all__ = ["Answerer"]


class Answerer:
    """Answers requests by the state that the cluster has at that moment.

    With `recreate`, manifests are answered as if their objects were created anew, whether or not they exist.
    """

    def __init__(self, played: PlayedCluster, requester: Requester, *, recreate: bool = False) -> None:
        self._played, self._requester, self._minor = played, requester, played.minor
        self._recreate = recreate
        self._assumed: dict[str, None] = {}
        self._moment = Moment(time.time(), WARN_BEFORE)

    def assumptions(self, order: Callable[[Iterable[str]], Iterable[str]] = list) -> list[str]:
        """Say which service accounts were assumed to exist; none without a folder.

        They are in the order of the requests unless `order` gives another.
        """
        folder = self._played.folder
        return [
            f"{folder}: no ServiceAccounts there: {name!r} is taken to exist" for name in order(self._assumed)
        ]

    def answer_manifest(self, submission: Submission, manifest: SentManifest) -> AdmitAnswer:
        """Answer to a manifest as kubectl sends it: a new object, or an update of what the cluster has.

        An object as a server stores it counts as sent by its controller.
        """
        stored = is_stored(manifest.object)
        user = read_user(self._sender(manifest, stored=stored))
        old = (
            self._played.applied.find(manifest.kind, manifest.namespace or "", manifest.name)
            if manifest.name and not self._recreate
            else None
        )
        if old is manifest.object:
            old = None
        answer = msgspec.structs.replace(
            _unanswered(submission, manifest, user),
            operation="CREATE" if old is None else "UPDATE",
            object=created_anew(manifest.object) if self._recreate else manifest.object,
            old=old,
        )
        if manifest.local:
            return msgspec.structs.replace(answer, local=manifest.local)
        if old is not None:
            merged = apply_manifest(old, manifest.object)
            if merged == old:
                return msgspec.structs.replace(answer, unchanged=True)
            answer = msgspec.structs.replace(answer, object=merged)
        missing = missing_namespace(self._played.cluster, answer.kind, answer.namespace)
        if missing is not None:
            return msgspec.structs.replace(answer, decision=missing)
        if manifest.refusal is not None:
            return msgspec.structs.replace(answer, decision=manifest.refusal)
        return self._decide(answer, user, stored=stored and old is None, warnings=manifest.warnings)

    def answer_custom(
        self, submission: Submission, manifest: SentManifest, templates: Iterable[Template]
    ) -> AdmitAnswer:
        """Answer for the pods of a custom resource, the first that is denied; the rest is its own schema's.

        Whoever sends the resource counts as sending its pods, since its controller is not known.
        """
        user = read_user(self._requester.user_info(manifest.namespace))
        answer = _unanswered(submission, manifest, user)
        if manifest.local:
            return msgspec.structs.replace(answer, local=manifest.local)
        missing = missing_namespace(self._played.cluster, answer.kind, answer.namespace)
        if missing is not None:
            return msgspec.structs.replace(answer, decision=missing)
        pods: Decision | None = None
        for template in templates:
            pod, namespace = made_pod(manifest.object, template, manifest.namespace, self._minor)
            pods = self._admit_unfinished(pod, namespace, user)
            if not pods.allowed:
                break
        event = "" if pods is None or pods.allowed else f"Error creating: {pods.message}"
        return msgspec.structs.replace(answer, pods=pods, failed_create=event)

    def _sender(self, manifest: SentManifest, *, stored: bool) -> dict[str, Any]:
        """Say who sends a manifest: who was named, else of a stored pod its controller."""
        requester = self._requester
        if stored and manifest.kind == "Pod" and requester.user is None and requester.account is None:
            controller = controller_user(controller_of(manifest.object))
            if controller is not None:
                return controller
        return requester.user_info(manifest.namespace)

    def answer_request(self, submission: Submission, request: Mapping[str, Any]) -> AdmitAnswer:
        """Answer a request as it was written down, in a review or an audit log."""
        try:
            read = read_request(request)
        except RequestError as error:
            return AdmitAnswer(submission, bad_request(str(error)))
        updated = submission.form == "audit" and read.operation == "UPDATE"
        old = self._played.old_object(read) if updated else read.old_object
        answer = AdmitAnswer(
            submission,
            Decision(True),
            operation=read.operation,
            kind=read.kind,
            group=read.group,
            resource=read.resource,
            sub_resource=read.sub_resource,
            namespace=read.namespace,
            name=read.name or name_to_come(read.object),
            user=read.user.name,
            object=read.object,
            old=old,
        )
        fault = contradiction(request, read)
        if fault:
            return msgspec.structs.replace(answer, decision=bad_request(fault))
        return self._decide(answer, read.user, dry_run=read.dry_run)

    def _decide(
        self,
        answer: AdmitAnswer,
        user: UserInfo,
        *,
        dry_run: bool = False,
        stored: bool = False,
        warnings: Sequence[str] = (),
    ) -> AdmitAnswer:
        """Ask the cluster; a review has been through the ServiceAccount plugin."""
        request = AdmissionRequest(
            operation=answer.operation,
            group=answer.group,
            resource=answer.resource,
            kind=answer.kind,
            sub_resource=answer.sub_resource,
            namespace=answer.namespace,
            name="" if name_to_come(answer.object) else answer.name,
            user=user,
            object=answer.object,
            old_object=answer.old,
            dry_run=dry_run,
            stored=stored,
        )
        decision = self._admit(request, mutated=answer.submission.form == "review")
        decision = with_warnings(decision, warnings)
        if answer.submission.kustomized and _is_unfinished(decision):
            decision = self._admit_as_finished(request, decision)
        pods, event = self._pods_of(answer, decision) if decision.allowed else (None, "")
        workload = decision.completed or answer.object or {}
        return msgspec.structs.replace(
            answer,
            decision=decision,
            filled=decision.filled,
            patch=decision.patch,
            account=_account_of(answer, decision),
            pods=pods,
            failed_create=event,
            not_yet="" if pods is None else why_none_yet(workload, stored=is_stored(workload)),
        )

    def _admit(self, request: AdmissionRequest, *, mutated: bool) -> Decision:
        account = self._requester.account
        default = DEFAULT
        if account is not None and account[0] in ("", request.namespace):
            default = account[1]
        decision = self._played.cluster.admit(
            request, service_account=default, mutated=mutated, moment=self._moment
        )
        if self._played.folder:
            self._assumed |= dict.fromkeys(decision.assumed_accounts)
        return decision

    def _pods_of(self, answer: AdmitAnswer, decision: Decision) -> tuple[Decision | None, str]:
        """Answer for a pod of a workload that is let in, and say what event its controller reports.

        None when it creates none, today or later; "" when the pod is let in.
        """
        controller = controller_user(answer.kind)
        workload = decision.completed or answer.object
        if controller is None or answer.sub_resource or workload is None:
            return None, ""
        if creates_none_again(workload, stored=_is_there(answer)):
            return None, ""
        template = template_of(answer.kind, workload)
        if not isinstance(template, Mapping) or not isinstance(template.get("spec"), Mapping):
            return None, ""
        pod = controller_pod(workload, template, answer.namespace, self._minor)
        ask = self._admit_unfinished if answer.submission.kustomized else self._admit_pod
        pods = ask(pod, answer.namespace, read_user(controller))
        return pods, "" if pods.allowed else failed_create(pod, pods.message or "")

    def _admit_as_finished(self, request: AdmissionRequest, decision: Decision) -> Decision:
        """Answer for an object that lacks values which are still to come; validation comes first."""
        if request.kind == "Pod" and request.object is not None:
            filled = with_names_and_images(request.object)
            decision = self._admit(msgspec.structs.replace(request, object=filled), mutated=False)
        return Decision(True, warnings=decision.warnings) if _is_unfinished(decision) else decision

    def _admit_unfinished(self, pod: Mapping[str, Any], namespace: str, user: UserInfo) -> Decision:
        """Answer for a pod in which names and images may still be missing, and whatever else is required."""
        pods = self._admit_pod(with_names_and_images(pod), namespace, user)
        return Decision(True, warnings=pods.warnings) if _is_unfinished(pods) else pods

    def _admit_pod(self, pod: Mapping[str, Any], namespace: str, user: UserInfo) -> Decision:
        request = AdmissionRequest(
            operation="CREATE",
            group="",
            resource="pods",
            kind="Pod",
            sub_resource="",
            namespace=namespace,
            name=pod["metadata"].get("name") or "",
            user=user,
            object=pod,
            old_object=None,
        )
        return self._admit(request, mutated=False)


def _unanswered(submission: Submission, manifest: SentManifest, user: UserInfo) -> AdmitAnswer:
    return AdmitAnswer(
        submission,
        Decision(True),
        kind=manifest.kind,
        group=manifest.group,
        resource=manifest.resource,
        namespace=manifest.namespace,
        name=manifest.name,
        user=user.name,
        object=manifest.object,
    )


def _is_there(answer: AdmitAnswer) -> bool:
    """Tell whether an object has been stored before it is asked about."""
    objects = (answer.submission.object, answer.object)
    return answer.old is not None or any(map(is_stored, objects))


def _is_unfinished(decision: Decision) -> bool:
    """Tell a refusal of nothing but what Kustomize may still write: missing values, labels of selectors."""
    causes = () if decision.details is None else decision.details["causes"]
    return bool(causes) and all(
        cause["reason"] == "FieldValueRequired" or "`selector` does not match" in cause["message"]
        for cause in causes
    )


def _account_of(answer: AdmitAnswer, decision: Decision) -> str:
    """Return the account of a pod; "" when it is refused before its account is settled."""
    if answer.kind != "Pod" or decision.plugin in (NAMESPACE_LIFECYCLE.name, SERVICE_ACCOUNT.name):
        return ""
    for edit in decision.filled:
        if edit.route == ("spec", "serviceAccountName"):
            return str(edit.value)
    spec = (answer.object or {}).get("spec")
    name = spec.get("serviceAccountName") or spec.get("serviceAccount") if isinstance(spec, Mapping) else None
    return name if isinstance(name, str) else ""
