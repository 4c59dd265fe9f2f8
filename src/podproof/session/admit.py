"""The pipeline of `admit`: requests and a cluster come in, an answer to each goes out.

What kubectl and the server do before admission is played here in their order: kubectl's own refusals, strict
decoding, the namespace's existence, the ServiceAccount plugin. The rest is `Cluster.admit`. Namespaces and
policies among the manifests are part of the cluster for the requests after them; without a cluster, for all.
This module writes nothing.
"""

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from ..admission.cluster import POLICY_UNTIL
from ..admission.decision import Decision, bad_request, forbidden
from ..admission.patch import apply_edits, json_patch
from ..admission.pod_security import IGNORED_SUBRESOURCES, template_of
from ..admission.request import Request, RequestError, read_request
from ..admission.service_account import DEFAULT, fill_in, missing_account
from ..findings import Edit
from ..kube.rbac import KINDS as RBAC_KINDS
from ..outputs.admit_result import Answer, Asked, Outcome, Unasked, Unread
from .cluster_folder import ClusterObjects, Held, shape_fault
from .contradictions import contradiction
from .manifests import Sent, read_manifest
from .played_cluster import PlayedCluster

__all__ = ["CONTROLLERS", "Asker", "admit"]

SOMEBODY = "some-user"
"""Who sends manifests when nobody is named: a user that authentication knows and nobody has heard of."""
_STATE = ("Namespace", "PodSecurityPolicy")
"""Kinds whose manifests change what later requests are answered."""
CONTROLLERS = {
    "Deployment": "replicaset-controller",
    "ReplicaSet": "replicaset-controller",
    "ReplicationController": "replication-controller",
    "StatefulSet": "statefulset-controller",
    "DaemonSet": "daemon-set-controller",
    "Job": "job-controller",
    "CronJob": "job-controller",
}
"""Who creates the pods. Source: kube-controller-manager's service accounts in kube-system."""


class Asker(msgspec.Struct, frozen=True):
    """Who sends the manifests, and what their namespace is where they name none.

    `account` is the service account, as namespace ("" for the request's) and name, None when none was named:
    new pods of its namespace that name none run as it, and without `user` it asks as well.
    `explicit_namespace` says that the namespace was asked for, so that no manifest may name another.
    """

    user: str | None = None
    groups: tuple[str, ...] = ()
    account: tuple[str, str] | None = None
    namespace: str = "default"
    explicit_namespace: bool = False

    def user_info(self, namespace: str) -> dict[str, Any]:
        """Say who sends a manifest into a namespace, as the `userInfo` of a request."""
        if self.user is None and self.account is not None:
            home = self.account[0] or namespace
            name = f"system:serviceaccount:{home}:{self.account[1]}"
            groups = ("system:serviceaccounts", f"system:serviceaccounts:{home}", *self.groups)
            return {"username": name, "groups": list(groups)}
        name = SOMEBODY if self.user is None else self.user
        return {"username": name, "groups": list(self.groups) or None}


def admit(
    read: Iterable[Asked | Unasked | Unread],
    cluster: ClusterObjects | None,
    *,
    folder: str = "",
    minor: int,
    asker: Asker,
    labels: Mapping[str, str] | None = None,
    configuration: Mapping[str, Any] | None = None,
) -> Outcome:
    """Answer requests of a cluster's objects (None: a cluster that has every namespace and nothing else).

    `labels` are those of the requests' namespaces, in place of the cluster's; None: those of the cluster.
    Raises UsageError: the configuration is wrong, or there are two.
    """
    requests: list[Asked] = []
    unasked: list[Unasked] = []
    problems: list[str] = []
    for entry in read:
        if isinstance(entry, Asked):
            requests.append(entry)
        elif isinstance(entry, Unasked):
            unasked.append(entry)
        else:
            problems.append(f"{entry.file}:{entry.line}: {entry.message}")
    played = PlayedCluster(cluster, folder, minor, labels, configuration)
    answers = _Run(played, asker).answer_all(requests, unasked, problems)
    return Outcome(
        tuple(answers),
        tuple(unasked),
        (*played.problems, *problems),
        tuple(played.notes()),
        minor,
        played.cluster.has_policies,
    )


class _Run:
    """The answers of one run."""

    def __init__(self, played: PlayedCluster, asker: Asker) -> None:
        self.played, self.asker, self.minor = played, asker, played.minor
        self.objects = played.objects
        self.first: dict[int, Answer] = {}

    def answer_all(self, requests: list[Asked], unasked: list[Unasked], problems: list[str]) -> list[Answer]:
        """Answer everything in the order of the requests."""
        self.played.name(_namespace_of(asked, self.asker) for asked in requests)
        steps: list[tuple[Asked, Sent | None]] = []
        for asked in requests:
            if asked.object is None:
                reason = self._why_not(asked)
                if reason:
                    unasked.append(Unasked(asked.file, asked.line, reason))
                else:
                    steps.append((asked, None))
                continue
            fault = shape_fault(asked.object) if _makes_cluster(asked.object) else ""
            if fault:
                problems.append(f"{asked.at}: {fault}")
                continue
            read = read_manifest(
                asked.object,
                minor=self.minor,
                asker_namespace=self.asker.namespace,
                explicit=self.asker.explicit_namespace,
                source=asked.source,
            )
            if not isinstance(read, str):
                steps.append((asked, read))
                continue
            unasked.append(Unasked(asked.file, asked.line, read))
            if _makes_cluster(asked.object):
                # the server's answer to these is not played: they are taken as applied, and before the rest
                self.played.add(Held(asked.object, asked.at))
        self.played.has_accounts = self.objects.has("ServiceAccount")
        if not self.played.given:
            self._apply_first(steps)
        return [self._answer(asked, manifest) for asked, manifest in steps]

    def _why_not(self, asked: Asked) -> str:
        """Say why an event of an audit log is nothing to judge; "" when it is, or was no event."""
        if asked.form != "audit" or asked.request is None:
            return ""
        try:
            read = read_request(asked.request)
        except RequestError:
            return ""
        if read.sub_resource in IGNORED_SUBRESOURCES:
            return f"pod security does not look at {read.resource}/{read.sub_resource}"
        if read.operation == "UPDATE" and read.kind in ("Pod", "Namespace") and self._old(read) is None:
            return "update: the log does not have the old object, and --cluster does not either"
        return ""

    def _old(self, read: Request) -> Mapping[str, Any] | None:
        if read.old_object is not None:
            return read.old_object
        return self.objects.find(read.kind, "" if read.kind == "Namespace" else read.namespace, read.name)

    def _apply_first(self, steps: list[tuple[Asked, Sent | None]]) -> None:
        """Without a cluster, let the namespaces and policies among the manifests be there from the start."""
        for asked, manifest in steps:
            if manifest is None or manifest.kind not in _STATE:
                continue
            answer = self._answer_manifest(asked, manifest)
            self.first[id(asked)] = answer
            self._take(answer)

    def _answer(self, asked: Asked, manifest: Sent | None) -> Answer:
        """Answer one request; what a manifest changes in the cluster holds for those after it."""
        if asked.request is not None:
            return self._answer_request(asked, asked.request)
        assert manifest is not None
        known = self.first.get(id(asked))
        if known is not None:
            return known
        answer = self._answer_manifest(asked, manifest)
        if manifest.kind in _STATE:
            self._take(answer)
        return answer

    def _take(self, answer: Answer) -> None:
        """Put an object of the cluster that was let in where the next requests find it."""
        if answer.allowed and answer.object is not None:
            self.played.add(Held(answer.object, answer.asked.at))
        elif answer.kind == "Namespace" and answer.old is None:
            self.played.refuse(answer.name)

    def _answer_manifest(self, asked: Asked, manifest: Sent) -> Answer:
        user = self.asker.user_info(manifest.namespace)
        old = (
            self.objects.find(manifest.kind, manifest.namespace or "", manifest.name)
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
            from ..kube.apply import apply_manifest

            merged = apply_manifest(old, manifest.object)
            if merged == old:
                return msgspec.structs.replace(answer, unchanged=True)
            answer = msgspec.structs.replace(answer, object=merged)
        missing = self.played.missing_namespace(answer.kind, answer.namespace)
        if missing is not None:
            return msgspec.structs.replace(answer, decision=missing)
        if manifest.refusal is not None:
            return msgspec.structs.replace(answer, decision=manifest.refusal)
        return self._decide(answer, user)

    def _answer_request(self, asked: Asked, request: Mapping[str, Any]) -> Answer:
        try:
            read = read_request(request)
        except RequestError as error:
            return Answer(asked, bad_request(str(error)))
        updated = asked.form == "audit" and read.operation == "UPDATE"
        old = self._old(read) if updated else read.old_object
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
        missing = self.played.missing_namespace(answer.kind, answer.namespace)
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
        if generated and self.minor > POLICY_UNTIL and answer.asked.form == "manifest":
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
        decision = self.played.cluster.admit(question)
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
        account = self.asker.account
        if account is not None and account[0] in ("", answer.namespace):
            default = account[1]
        spec = pod["spec"]
        name = spec.get("serviceAccountName") or spec.get("serviceAccount") or default
        found = self.objects.find("ServiceAccount", answer.namespace, name) if isinstance(name, str) else None
        if found is None and isinstance(name, str) and name != DEFAULT:
            if self.played.has_accounts or self.objects.problems:
                why = missing_account(answer.namespace, name)
                return forbidden("pods", answer.name or "Unknown", why), ()
            if self.played.folder:
                self.played.assumed.add(f"{answer.namespace}/{name}")
        token = self.minor <= POLICY_UNTIL
        return None, fill_in(pod, found, name=default, minor=self.minor, token=token)

    def _pods_of(self, answer: Answer) -> Decision | None:
        """Answer to a pod of this workload as its controller would send it; None: it makes none yet."""
        controller = CONTROLLERS.get(answer.kind)
        if controller is None or answer.sub_resource or answer.object is None:
            return None
        template = template_of(answer.kind, answer.object)
        if not isinstance(template, Mapping) or not isinstance(template.get("spec"), Mapping):
            return None
        metadata = template.get("metadata")
        pod = {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {
                **(metadata if isinstance(metadata, Mapping) else {}),
                **self._pod_name(answer.name),
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
            name=f"{answer.name}-xxxxx" if self.minor > POLICY_UNTIL else f"{answer.name}-",
        )
        name = f"system:serviceaccount:kube-system:{controller}"
        return self._decide(asked, {"username": name}).decision

    def _pod_name(self, owner: str) -> dict[str, str]:
        """Name a pod of a controller as admission sees it: servers with policies make names up later."""
        return {"name": f"{owner}-xxxxx"} if self.minor > POLICY_UNTIL else {"generateName": f"{owner}-"}


def _makes_cluster(object_: Mapping[str, Any]) -> bool:
    """Say whether a manifest is part of what a cluster is made of, as far as it decides."""
    return object_.get("kind") in (*RBAC_KINDS, "ServiceAccount")


def _namespace_of(asked: Asked, asker: Asker) -> str:
    if asked.request is not None:
        found = asked.request.get("namespace")
        return found if isinstance(found, str) else ""
    metadata = (asked.object or {}).get("metadata")
    found = metadata.get("namespace") if isinstance(metadata, Mapping) else None
    return found if isinstance(found, str) and found else asker.namespace


def _generated_name(object_: Mapping[str, Any] | None) -> str:
    """Write the name that a pod will get, its five random letters as x; "" when it has one of its own."""
    metadata = (object_ or {}).get("metadata")
    if not isinstance(metadata, Mapping) or metadata.get("name"):
        return ""
    prefix = metadata.get("generateName")
    return f"{prefix[:58]}xxxxx" if isinstance(prefix, str) and prefix else ""


def _account_of(pod: Mapping[str, Any] | None) -> str:
    spec = (pod or {}).get("spec")
    name = spec.get("serviceAccountName") or spec.get("serviceAccount") if isinstance(spec, Mapping) else None
    return name if isinstance(name, str) else ""
