"""The pipeline of `admit`: requests and a cluster come in, an answer to each goes out.

What kubectl and the server do before admission is played in their order: kubectl's own refusals and strict
decoding (`manifests`), then what `answer` does. Namespaces and policies among the manifests are part of
the cluster for the requests after them; without a cluster, for all. This module writes nothing.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from ...admission.cluster_object import shape_fault
from ...admission.pod_security import IGNORED_SUBRESOURCES
from ...admission.request import RequestError, read_request
from ...kube.rbac import KINDS as RBAC_KINDS
from ...results.admitted import Answer, Asked, Outcome, Unasked, Unread
from .answer import Answerer
from .cluster_folder import PlacedObject
from .identity import Asker
from .manifests import Sent, read_manifest
from .played import PlayedCluster
from .prepared_cluster import PreparedCluster

__all__ = ["admit"]

_STATE = ("Namespace", "PodSecurityPolicy")
"""Kinds whose manifests change what later requests are answered."""


def admit(
    read: Iterable[Asked | Unasked | Unread],
    prepared: PreparedCluster,
    *,
    asker: Asker,
    labels: Mapping[str, str] | None = None,
) -> Outcome:
    """Answer requests as a prepared cluster would; one without a folder has every namespace and nothing else.

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
    played = PlayedCluster(prepared, labels)
    run = _Run(played, asker)
    answers = run.answer_all(requests, unasked, problems)
    return Outcome(
        tuple(answers),
        tuple(unasked),
        (*played.problems, *problems),
        tuple(dict.fromkeys((*played.notes(), *run.answerer.assumptions(sorted)))),
        prepared.minor,
        played.cluster.has_policies,
    )


class _Run:
    """The answers of one run."""

    def __init__(self, played: PlayedCluster, asker: Asker) -> None:
        self.played, self.asker = played, asker
        self.answerer = Answerer(played, asker)
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
                minor=self.played.minor,
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
                self.played.add(PlacedObject(asked.object, asked.at))
        if not self.played.given:
            self._apply_first(steps)
        return [self._answer(asked, manifest) for asked, manifest in steps]

    def _why_not(self, asked: Asked) -> str:
        """Say why an event of an audit log is nothing to judge; "" when it is, or was not an event."""
        if asked.form != "audit" or asked.request is None:
            return ""
        try:
            read = read_request(asked.request)
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

    def _apply_first(self, steps: list[tuple[Asked, Sent | None]]) -> None:
        """Without a cluster, apply the namespaces and policies among the manifests before everything else."""
        for asked, manifest in steps:
            if manifest is None or manifest.kind not in _STATE:
                continue
            answer = self.answerer.answer_manifest(asked, manifest)
            self.first[id(asked)] = answer
            self._take(answer)

    def _answer(self, asked: Asked, manifest: Sent | None) -> Answer:
        """Answer one request; what a manifest changes in the cluster holds for those after it."""
        if asked.request is not None:
            return self.answerer.answer_request(asked, asked.request)
        assert manifest is not None
        known = self.first.get(id(asked))
        if known is not None:
            return known
        answer = self.answerer.answer_manifest(asked, manifest)
        if manifest.kind in _STATE:
            self._take(answer)
        return answer

    def _take(self, answer: Answer) -> None:
        """Add an object that was admitted to the cluster, so that it is in force for the next requests."""
        if answer.allowed and answer.object is not None:
            self.played.add(PlacedObject(answer.object, answer.asked.at))
        elif answer.kind == "Namespace" and answer.old is None:
            self.played.refuse(answer.name)


def _makes_cluster(object_: Mapping[str, Any]) -> bool:
    """Tell whether a manifest is of a kind by which a cluster decides."""
    return object_.get("kind") in (*RBAC_KINDS, "ServiceAccount")


def _namespace_of(asked: Asked, asker: Asker) -> str:
    if asked.request is not None:
        namespace = asked.request.get("namespace")
        return namespace if isinstance(namespace, str) else ""
    metadata = (asked.object or {}).get("metadata")
    namespace = metadata.get("namespace") if isinstance(metadata, Mapping) else None
    return namespace if isinstance(namespace, str) and namespace else asker.namespace
