"""The pipeline of `admit`: requests and a cluster come in, an answer to each goes out.

What kubectl and the server do before admission is played in their order: kubectl's own refusals and strict
decoding (`manifests`), then what `answer` does. Namespaces and policies among the manifests are part of
the cluster for the requests after them; without a cluster, for all. This module writes nothing.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec

from ...admission.cluster_object import shape_fault
from ...admission.labels import Policy, policy_of
from ...admission.pod_security import IGNORED_SUBRESOURCES
from ...admission.pods_to_come import why_not_anew
from ...admission.request import RequestError, read_request
from ...kube.custom_schemas import CustomSchemas, is_definition
from ...kube.rbac import KINDS as RBAC_KINDS
from ...kube.template import Template
from ...kube.unjudged import unjudged_in
from ...kube.workload import find_workload, is_native
from ...manifest.route import format_route
from ...results.admitted import AdmitAnswer, AdmitOutcome, SkippedSubmission, Submission, UnreadableSubmission
from ..judging.pods import Refused, pods_of
from .answer import Answerer
from .cluster_folder import PlacedObject
from .identity import Requester
from .manifests import SentManifest, read_manifest
from .owners import Owners
from .played import PlayedCluster, newer_levels
from .prepared_cluster import PreparedCluster

__all__ = ["admit", "decides"]

_STATE = ("Namespace", "PodSecurityPolicy")
"""Kinds whose manifests change what later requests are answered."""


def admit(
    read: Iterable[Submission | SkippedSubmission | UnreadableSubmission],
    prepared: PreparedCluster,
    *,
    requester: Requester,
    labels: Mapping[str, str] | None = None,
    recreate: bool = False,
) -> AdmitOutcome:
    """Answer requests as a prepared cluster would; one without a folder has every namespace and nothing else.

    `labels` are those of the requests' namespaces, in place of the cluster's; None: those of the cluster.
    `recreate` answers manifests as if their objects were created anew; where there is a folder, what decides
    is its objects alone.
    Raises UsageError: the configuration is wrong, or there are two.
    """
    requests: list[Submission] = []
    skipped: list[SkippedSubmission] = []
    problems: list[str] = []
    for entry in read:
        if isinstance(entry, Submission):
            requests.append(entry)
        elif isinstance(entry, SkippedSubmission):
            skipped.append(entry)
        else:
            problems.append(f"{entry.file}:{entry.line}: {entry.message}")
    played = PlayedCluster(prepared, labels)
    run = _Run(played, requester, recreate=recreate)
    answers = run.answer_all(requests, skipped, problems)
    return AdmitOutcome(
        tuple(answers),
        tuple(skipped),
        (*played.problems, *problems),
        tuple(
            dict.fromkeys(
                (
                    *played.notes(),
                    *run.answerer.assumptions(sorted),
                    *run.notes,
                    *_notes_on(answers),
                    *_notes_on_namespaces(answers, played.cluster.configuration.defaults),
                )
            )
        ),
        prepared.minor,
        played.cluster.judges_by_policies,
    )


class _Run:
    """The answers of one run."""

    def __init__(self, played: PlayedCluster, requester: Requester, *, recreate: bool) -> None:
        self.played, self.requester = played, requester
        self.recreate, self.folder_decides = recreate, recreate and played.given
        self.answerer = Answerer(played, requester, recreate=recreate)
        self.first: dict[int, AdmitAnswer] = {}
        self.templates: dict[int, list[Template]] = {}
        """The pods of custom resources, by the submission."""
        self.notes: list[str] = []
        self.schemas = CustomSchemas()
        for object_ in played.objects:
            self._learn(object_)

    def _learn(self, object_: Any) -> None:
        if is_definition(object_):
            self.schemas.add(object_)

    def answer_all(
        self, requests: list[Submission], skipped: list[SkippedSubmission], problems: list[str]
    ) -> list[AdmitAnswer]:
        """Answer everything in the order of the requests."""
        self.played.name(_namespace_of(submission, self.requester) for submission in requests)
        steps: list[tuple[Submission, SentManifest | None]] = []
        for submission in requests:
            self._learn(submission.object)
        for submission in requests:
            if submission.object is None:
                reason = self._why_not(submission)
                if reason:
                    skipped.append(SkippedSubmission(submission.file, submission.line, reason))
                else:
                    steps.append((submission, None))
                continue
            if self.folder_decides and decides(submission.object):
                reason = (
                    f"--recreate asks for what makes pods, the cluster is what {self.played.folder} holds"
                )
                skipped.append(SkippedSubmission(submission.file, submission.line, reason))
                continue
            reason = why_not_anew(submission.object) if self.recreate else ""
            if reason:
                skipped.append(SkippedSubmission(submission.file, submission.line, reason))
                continue
            fault = shape_fault(submission.object) if _makes_cluster(submission.object) else ""
            if fault:
                problems.append(f"{submission.at}: {fault}")
                continue
            read = read_manifest(
                submission.object,
                minor=self.played.minor,
                requester_namespace=self.requester.namespace,
                explicit=self.requester.explicit_namespace,
                source=submission.source,
                doubled=submission.doubled,
                learned=self.schemas,
            )
            if not isinstance(read, str):
                if not read.custom or read.local or self._find_pods(submission, read, skipped, problems):
                    steps.append((submission, read))
                continue
            skipped.append(SkippedSubmission(submission.file, submission.line, read))
            if _makes_cluster(submission.object):
                # the server's answer to these is not played: they are taken as applied, and before the rest
                self.played.add(PlacedObject(submission.object, submission.at))
        if not self.played.given:
            self._apply_first(steps)
        owners = Owners(requests)
        answers = (self._answer(submission, manifest) for submission, manifest in steps)
        return [_owned(answer, owners) for answer in answers]

    def _find_pods(
        self,
        submission: Submission,
        manifest: SentManifest,
        skipped: list[SkippedSubmission],
        problems: list[str],
    ) -> bool:
        """Find the pods of a custom resource to ask about; tells whether there are any."""
        at, templates = submission.at, []
        for pod in pods_of(manifest.object, self.played.gates, self.schemas):
            if isinstance(pod, Refused):
                problems.append(f"{at}: {format_route(pod.route)}: {pod.message}")
            else:
                templates.append(pod.template)
        unjudged = unjudged_in(manifest.object, find_workload(manifest.object, self.schemas))
        if templates:
            self.templates[id(submission)] = templates
            if unjudged is not None:
                places = ", ".join(map(format_route, unjudged.routes)) or "its pods"
                self.notes.append(f"{at}: not judged, and looks like container security: {places}")
        else:
            reason = "; ".join(unjudged.reasons if unjudged is not None else ()) or "it has no whole pods"
            skipped.append(SkippedSubmission(submission.file, submission.line, reason))
        return bool(templates)

    def _why_not(self, submission: Submission) -> str:
        """Say why an event of an audit log is nothing to judge; "" when it is, or was not an event."""
        if submission.form != "audit" or submission.request is None:
            return ""
        try:
            read = read_request(submission.request)
        except RequestError:
            return ""
        if read.sub_resource in IGNORED_SUBRESOURCES:
            return f"pod security does not look at {read.resource}/{read.sub_resource}"
        if (
            read.operation == "UPDATE"
            and read.kind in ("Pod", "Namespace")
            and self.played.old_object(read) is None
        ):
            return "update: the log does not have the old object, and --cluster does not either"
        return ""

    def _apply_first(self, steps: list[tuple[Submission, SentManifest | None]]) -> None:
        """Without a cluster, apply the namespaces and policies among the manifests before everything else."""
        for submission, manifest in steps:
            if manifest is None or manifest.kind not in _STATE:
                continue
            answer = self.answerer.answer_manifest(submission, manifest)
            self.first[id(submission)] = answer
            self._take(answer)

    def _answer(self, submission: Submission, manifest: SentManifest | None) -> AdmitAnswer:
        """Answer one request; what a manifest changes in the cluster holds for those after it."""
        if submission.request is not None:
            return self.answerer.answer_request(submission, submission.request)
        assert manifest is not None
        known = self.first.get(id(submission))
        if known is not None:
            return known
        if manifest.custom:
            return self.answerer.answer_custom(submission, manifest, self.templates.get(id(submission), ()))
        answer = self.answerer.answer_manifest(submission, manifest)
        if manifest.kind in _STATE:
            self._take(answer)
        return answer

    def _take(self, answer: AdmitAnswer) -> None:
        """Add an object that was admitted to the cluster, so that it is in force for the next requests."""
        if answer.allowed and answer.object is not None:
            self.played.add(PlacedObject(answer.object, answer.submission.at))
        elif answer.kind == "Namespace" and answer.old is None:
            self.played.refuse(answer.name)


def _owned(answer: AdmitAnswer, owners: Owners) -> AdmitAnswer:
    """Say which workload what was asked about belongs to."""
    object_ = answer.submission.object or answer.object
    if object_ is None:
        return answer
    workload = owners.workload_of(object_, answer.submission.at, answer.full_name)
    return msgspec.structs.replace(answer, workload=workload)


def _notes_on(answers: Iterable[AdmitAnswer]) -> Iterator[str]:
    """Say of manifests what they were answered as."""
    kustomized = 0
    custom: list[str] = []
    for answer in answers:
        object_ = answer.submission.object
        if answer.allowed and object_ is not None and not is_native(object_.get("apiVersion")):
            custom.append(answer.submission.at)
        kustomized += answer.submission.kustomized
        if answer.submission.doubled:
            yield (
                f"{answer.submission.at}: keys stand twice: answered as to a client that does not ask for "
                "strict validation; kubectl sends the last of each"
            )
    if custom:
        which = "1 custom resource" if len(custom) == 1 else f"{len(custom)} custom resources"
        yield (
            f"{custom[0]}: {which} answered for by the pods alone; whether the API server takes the rest, "
            "the definition's schema decides, which is not asked"
        )
    if kustomized:
        parts = "1 manifest is" if kustomized == 1 else f"{kustomized} manifests are"
        yield f"{parts} part of a kustomization and answered as written; --kustomize builds it"


def _notes_on_namespaces(answers: Iterable[AdmitAnswer], defaults: Policy) -> Iterator[str]:
    """Say of namespaces in requests that are let in what is wrong with their labels, and what is not known.

    Those of manifests are in the cluster, which tells it. What an update does not change is let in, too.
    """
    for answer in answers:
        request = answer.submission.request
        if answer.kind != "Namespace" or not answer.allowed or request is None:
            continue
        object_ = request.get("object")
        metadata = object_.get("metadata") if isinstance(object_, Mapping) else None
        labels = metadata.get("labels") if isinstance(metadata, Mapping) else None
        if not isinstance(labels, Mapping):
            continue
        policy, errors = policy_of(labels, defaults)
        for text in (
            *(error.text for error in errors),
            *(newer_levels(policy) if policy != defaults else ()),
        ):
            yield f"{answer.submission.at}: namespace {answer.name!r}: {text}"


def _makes_cluster(object_: Mapping[str, Any]) -> bool:
    """Tell whether a manifest is of a kind by which a cluster decides."""
    return object_.get("kind") in (*RBAC_KINDS, "ServiceAccount")


def decides(object_: Mapping[str, Any]) -> bool:
    """Tell whether a manifest is of a kind that changes what later requests are answered."""
    return object_.get("kind") in _STATE or _makes_cluster(object_)


def _namespace_of(submission: Submission, requester: Requester) -> str:
    if submission.request is not None:
        namespace = submission.request.get("namespace")
        return namespace if isinstance(namespace, str) else ""
    metadata = (submission.object or {}).get("metadata")
    namespace = metadata.get("namespace") if isinstance(metadata, Mapping) else None
    return namespace if isinstance(namespace, str) and namespace else requester.namespace
