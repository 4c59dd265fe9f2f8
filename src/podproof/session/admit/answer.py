"""Answers one request: a request and the cluster as it is now come in, an Answer goes out.

What comes before policies is played here in the server's order: the namespace's existence, the manifest's
update of what is there, the ServiceAccount plugin. The rest is `Cluster.admit`. An object that is admitted is
not added to the cluster here.
"""

from collections.abc import Mapping
from typing import Any

import msgspec

from ...admission.decision import Decision, bad_request, forbidden
from ...admission.pod_security import template_of
from ...admission.request import RequestError, read_request
from ...admission.service_account import DEFAULT, fill_in, missing_account
from ...edits.apply import apply_edits
from ...edits.edit import Edit
from ...edits.json_patch import json_patch
from ...kube.generated_name import generated_name
from ...kube.versions import LAST_WITH_POD_SECURITY_POLICY
from ...results.admitted import Answer, Asked
from .consistency import contradiction
from .controllers import controller_user, pod_name
from .identity import Asker
from .manifests import Sent
from .played import PlayedCluster

__all__ = ["Answerer"]


class Answerer:
    """Answers requests by the state that the cluster has at that moment."""

    def __init__(self, played: PlayedCluster, asker: Asker) -> None:
        self._played, self._asker, self._minor = played, asker, played.minor

    def answer_manifest(self, asked: Asked, manifest: Sent) -> Answer:
        """Answer to a manifest as kubectl sends it: a new object, or an update of what the cluster has."""
        user = self._asker.user_info(manifest.namespace)
        old = (
            self._played.objects.find(manifest.kind, manifest.namespace or "", manifest.name)
            if manifest.name
            else None
        )
        if old is manifest.object:
            old = None
        answer = Answer(
            asked,
            Decision(True),
            operation="CREATE" if old is None else "UPDATE",
            kind=manifest.kind,
            group=manifest.group,
            resource=manifest.resource,
            namespace=manifest.namespace,
            name=manifest.name,
            user=user["username"],
            object=manifest.object,
            old=old,
        )
        if manifest.local:
            return msgspec.structs.replace(answer, local=manifest.local)
        if old is not None:
            from ...kube.apply import apply_manifest

            merged = apply_manifest(old, manifest.object)
            if merged == old:
                return msgspec.structs.replace(answer, unchanged=True)
            answer = msgspec.structs.replace(answer, object=merged)
        missing = self._played.missing_namespace(answer.kind, answer.namespace)
        if missing is not None:
            return msgspec.structs.replace(answer, decision=missing)
        if manifest.refusal is not None:
            return msgspec.structs.replace(answer, decision=manifest.refusal)
        return self._decide(answer, user)

    def answer_request(self, asked: Asked, request: Mapping[str, Any]) -> Answer:
        """Answer a request as it was written down, in a review or an audit log."""
        try:
            read = read_request(request)
        except RequestError as error:
            return Answer(asked, bad_request(str(error)))
        updated = asked.form == "audit" and read.operation == "UPDATE"
        old = self._played.old_object(read) if updated else read.old_object
        answer = Answer(
            asked,
            Decision(True),
            operation=read.operation,
            kind=read.kind,
            group=read.group,
            resource=read.resource,
            sub_resource=read.sub_resource,
            namespace=read.namespace,
            name=read.name or _generated_name(read.object),
            user=read.user.name,
            object=read.object,
            old=old,
        )
        fault = contradiction(request, read)
        if fault:
            return msgspec.structs.replace(answer, decision=bad_request(fault))
        missing = self._played.missing_namespace(answer.kind, answer.namespace)
        if missing is not None:
            return msgspec.structs.replace(answer, decision=missing)
        user = request.get("userInfo") or {}
        return self._decide(answer, user, request)

    def _decide(
        self, answer: Answer, user: Mapping[str, Any], request: Mapping[str, Any] | None = None
    ) -> Answer:
        """Let the ServiceAccount plugin fill in a pod (a review has been through it), and ask the cluster."""
        object_ = answer.object
        filled: tuple[Edit, ...] = ()
        new_pod = answer.kind == "Pod" and answer.operation == "CREATE" and not answer.sub_resource
        if new_pod and answer.asked.form != "review" and isinstance((object_ or {}).get("spec"), Mapping):
            assert object_ is not None
            refusal, filled = self._fill_in(object_, answer)
            if refusal is not None:
                return msgspec.structs.replace(answer, decision=refusal)
            object_ = apply_edits(object_, filled)
        generated = _generated_name(object_)
        if generated and self._minor > LAST_WITH_POD_SECURITY_POLICY and answer.asked.form == "manifest":
            assert object_ is not None
            object_ = apply_edits(object_, (Edit(("metadata", "name"), "set", generated),))
        question = dict(request or {})
        question |= {
            "operation": answer.operation,
            "resource": {"group": answer.group, "resource": answer.resource},
            "subResource": answer.sub_resource or None,
            "namespace": answer.namespace,
            "name": "" if _generated_name(object_) else answer.name,
            "userInfo": user,
            "object": object_,
            "oldObject": answer.old,
        }
        decision = self._played.cluster.admit(question)
        patch = (*json_patch(answer.object or {}, filled), *decision.patch) if decision.allowed else ()
        account = _account_of(object_) if answer.kind == "Pod" else ""
        return msgspec.structs.replace(
            answer,
            decision=decision,
            filled=filled,
            patch=patch,
            account=account,
            pods=self._pods_of(answer) if decision.allowed else None,
        )

    def _fill_in(self, pod: Mapping[str, Any], answer: Answer) -> tuple[Decision | None, tuple[Edit, ...]]:
        default = DEFAULT
        account = self._asker.account
        if account is not None and account[0] in ("", answer.namespace):
            default = account[1]
        spec = pod["spec"]
        name = spec.get("serviceAccountName") or spec.get("serviceAccount") or default
        found = (
            self._played.objects.find("ServiceAccount", answer.namespace, name)
            if isinstance(name, str)
            else None
        )
        if found is None and isinstance(name, str) and name != DEFAULT:
            if self._played.has_accounts or self._played.objects.problems:
                why = missing_account(answer.namespace, name)
                return forbidden("pods", answer.name or "Unknown", why), ()
            if self._played.folder:
                self._played.assumed.add(f"{answer.namespace}/{name}")
        token = self._minor <= LAST_WITH_POD_SECURITY_POLICY
        return None, fill_in(pod, found, name=default, minor=self._minor, token=token)

    def _pods_of(self, answer: Answer) -> Decision | None:
        """Answer for a pod of this workload as its controller sends it; None when it creates none yet."""
        controller = controller_user(answer.kind)
        if controller is None or answer.sub_resource or answer.object is None:
            return None
        template = template_of(answer.kind, answer.object)
        if not isinstance(template, Mapping) or not isinstance(template.get("spec"), Mapping):
            return None
        metadata = template.get("metadata")
        named = pod_name(answer.name, self._minor)
        pod = {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {
                **(metadata if isinstance(metadata, Mapping) else {}),
                **named,
                "namespace": answer.namespace,
            },
            "spec": template["spec"],
        }
        asked = Answer(
            Asked("audit", answer.asked.file, answer.asked.line, ""),
            Decision(True),
            kind="Pod",
            resource="pods",
            namespace=answer.namespace,
            object=pod,
            name=next(iter(named.values())),
        )
        return self._decide(asked, controller).decision


def _generated_name(object_: Mapping[str, Any] | None) -> str:
    """Give the name that a pod will get, with x for random letters; "" when it has a name of its own."""
    metadata = (object_ or {}).get("metadata")
    if not isinstance(metadata, Mapping) or metadata.get("name"):
        return ""
    prefix = metadata.get("generateName")
    return generated_name(prefix) if isinstance(prefix, str) and prefix else ""


def _account_of(pod: Mapping[str, Any] | None) -> str:
    spec = (pod or {}).get("spec")
    name = spec.get("serviceAccountName") or spec.get("serviceAccount") if isinstance(spec, Mapping) else None
    return name if isinstance(name, str) else ""
