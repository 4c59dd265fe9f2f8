"""Compares what two clusters, or two configurations, answer to the same requests.

Requests and two paths come in; every request whose answer differs goes out, with both answers.
"""

import os
from collections.abc import Sequence

from ..admission.cluster_object import object_key
from ..errors import UsageError
from ..results.admitted import (
    AdmitAnswer,
    AdmitOutcome,
    SkippedSubmission,
    Submission,
    UnreadableSubmission,
)
from ..results.compared import Change, Changes
from .admit.identity import Requester
from .admit.pipeline import admit, decides
from .admit.prepared_cluster import PreparedCluster, prepare
from .config import ProjectConfiguration

__all__ = ["compare"]


def compare(
    read: Sequence[Submission | SkippedSubmission | UnreadableSubmission],
    sides: tuple[str, str],
    *,
    cluster: str | None,
    config: str | None,
    requester: Requester,
    labels: dict[str, str] | None,
    kubernetes_version: str | None,
    feature_gates: Sequence[str] = (),
    project: ProjectConfiguration,
    recreate: bool = False,
) -> Changes:
    """Answer the requests on both sides; folders are clusters, files are configurations.

    `recreate`: as if the objects of manifests were created anew on both.
    With folders, `config` holds on both sides; with files, `cluster` does.
    Raises UsageError: one side is a folder and the other is not, or an option says what a side says.
    """
    folders = [os.path.isdir(side) for side in sides]
    if folders[0] != folders[1]:
        raise UsageError(f"--compare {sides[0]} {sides[1]}: name two cluster folders or two configurations")
    if folders[0] and cluster is not None:
        raise UsageError("--compare with folders names the clusters, leave --cluster out")
    if not folders[0] and config is not None:
        raise UsageError(
            "--compare with files names the configurations, leave --admission-control-config-file out"
        )
    prepared: list[PreparedCluster] = []
    for side in sides:
        prepared.append(
            prepare(
                cluster=side if folders[0] else cluster,
                config=config if folders[0] else side,
                kubernetes_version=kubernetes_version,
                feature_gates=feature_gates,
                project=project,
            )
        )
    read = [entry for entry in read if not _is_of_a_side(entry, prepared)]
    old, new = (admit(read, one, requester=requester, labels=labels, recreate=recreate) for one in prepared)
    notes = [one.assumed_version for one in prepared if one.assumed_version]
    notes += [f"note: {note}" for note in (*old.notes, *new.notes)]
    updated = sum(answer.kind == "Pod" and answer.old is not None for answer in new.answers)
    if updated:
        pods = "1 pod is" if updated == 1 else f"{updated} pods are"
        notes.append(f"note: {pods} judged as an update of what runs; with --recreate, as if created anew")
    problems = list(dict.fromkeys((*old.problems, *new.problems)))
    return _changes(old, new, sides, tuple(dict.fromkeys(notes)), tuple(problems))


def _is_of_a_side(
    entry: Submission | SkippedSubmission | UnreadableSubmission, sides: Sequence[PreparedCluster]
) -> bool:
    """Tell what decides on one of the sides already: sent as well, it would undo what the sides differ in."""
    object_ = entry.object if isinstance(entry, Submission) else None
    if object_ is None or not decides(object_):
        return False
    key = object_key(object_)
    placed = (side.objects.by_key.get(key) for side in sides if side.objects is not None)
    return any(one is not None and one.object == object_ for one in placed)


def _changes(
    old: AdmitOutcome,
    new: AdmitOutcome,
    sides: tuple[str, str],
    notes: tuple[str, ...],
    problems: tuple[str, ...],
) -> Changes:
    """Pair the answers by what was asked; what is asked in a namespace of neither side is not compared."""
    after = {id(answer.submission): answer for answer in new.answers}
    changed: list[Change] = []
    compared = denied_by_both = 0
    absent: dict[str, int] = {}
    for before in old.answers:
        answer = after.get(id(before.submission))
        if answer is None:
            continue
        if _lacks_namespace(before) and _lacks_namespace(answer):
            absent[answer.namespace] = absent.get(answer.namespace, 0) + 1
            continue
        compared += 1
        change = Change(before, answer)
        if change.differs:
            changed.append(change)
        elif not answer.allowed or not answer.pods_allowed:
            denied_by_both += 1
    missing = (
        f"namespace {name!r} is neither in {sides[0]} nor in {sides[1]}: "
        f"{'1 request is' if count == 1 else f'{count} requests are'} not compared; write the namespace there"
        for name, count in absent.items()
    )
    return Changes(sides, tuple(changed), compared, notes, (*problems, *missing), denied_by_both)


def _lacks_namespace(answer: AdmitAnswer) -> bool:
    return answer.decision.code == 404 and answer.decision.reason == "NotFound"
