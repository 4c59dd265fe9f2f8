"""`admit` for people: what kubectl would print, then why, then one line that accounts for everything.

An AdmitOutcome comes in, text goes out. Nothing here decides.
"""

from collections.abc import Iterator, Sequence

from ..admission.decision import PolicyReport
from ..admission.pod_security_policy import ANNOTATION
from ..edits.edit import Edit
from ..manifest.route import format_route
from ..results.admitted import AdmitAnswer, AdmitOutcome
from .kubectl import transcript
from .plain import one_line
from .pod_diff import pod_diff

__all__ = ["render", "summary"]

_PLUGIN = "ServiceAccount plugin"


def render(outcome: AdmitOutcome, *, verbose: bool = False) -> str:
    """Write the whole text, with the audit annotations and what was not judged when `verbose`."""
    lines = [one_line(line) for group in _runs(outcome.answers) for line in transcript(group)]
    for answer in outcome.answers:
        section = list(_section(answer, outcome, verbose=verbose))
        if section:
            lines += ["", _heading(answer), *section]
    if verbose and outcome.skipped:
        lines += ["", "not judged"]
        lines += [f"  {one_line(u.file)}:{u.line}  {one_line(u.reason)}" for u in outcome.skipped]
    return "\n".join([*lines, *([""] if lines else []), summary(outcome)]) + "\n"


def _runs(answers: Sequence[AdmitAnswer]) -> Iterator[list[AdmitAnswer]]:
    """Group the answers as requests were made: all manifests by one kubectl, every other by itself."""
    manifests = [answer for answer in answers if answer.submission.form == "manifest"]
    if manifests:
        yield manifests
    yield from ([answer] for answer in answers if answer.submission.form != "manifest")


def _heading(answer: AdmitAnswer) -> str:
    where = f" in namespace {answer.namespace}" if answer.namespace and answer.kind != "Namespace" else ""
    sub = f"/{answer.sub_resource}" if answer.sub_resource else ""
    account = f", service account {answer.account}" if answer.account else ""
    return one_line(
        f"{answer.submission.at}  {answer.full_name}{sub}{where}, user {answer.user or 'unknown'}{account}"
    )


def _section(answer: AdmitAnswer, outcome: AdmitOutcome, *, verbose: bool) -> Iterator[str]:
    decision = answer.decision
    if decision.policies:
        yield from _policies(decision.policies, answer)
    elif decision.reason == "Forbidden" and "no providers available" in (decision.message or ""):
        yield "  the cluster has no PodSecurityPolicy that can be used"
    for field in decision.dropped:
        yield one_line(f"  drops {format_route(field.route)}: {field.reason}")
    if answer.pods is not None:
        yield from _pods(answer)
    if verbose:
        for key, value in sorted(decision.audit_annotations.items()):
            yield f"  audit annotation  {key}: {one_line(value)}"
    if outcome.has_policies and decision.allowed and answer.operation == "CREATE" and answer.kind == "Pod":
        yield from _changes(answer)


def _policies(reports: Sequence[PolicyReport], answer: AdmitAnswer | None) -> Iterator[str]:
    width = max(len(report.name) for report in reports)
    for report in sorted(reports, key=lambda report: (report.outcome != "chosen", report.name)):
        why = report.why
        if report.outcome == "not authorized":
            why = f"no role lets {_askers(answer)} use it"
        why = f": {why}" if why else ""
        yield one_line(f"  policy {report.name:{width}}  {report.outcome}{why}")
        shown = report.errors if report.outcome == "violated" else ()
        for error in shown:
            yield one_line(f"  {'':{width + 7}}    {error.text}")


def _askers(answer: AdmitAnswer | None) -> str:
    """Name those of whom one would have to be allowed to use a policy."""
    if answer is None:
        return "the controller or the pods' service account"
    return f"the user{' or the service account' if answer.account else ''}"


def _pods(answer: AdmitAnswer) -> Iterator[str]:
    """Say how its pods will be answered: the workload itself is admitted whatever its pods are."""
    pods = answer.pods
    assert pods is not None
    if not pods.allowed:
        when = "its pods will be denied"
        if answer.not_yet:
            when = f"it creates no pods yet ({answer.not_yet}); they would be denied"
        yield one_line(f"  {when}: FailedCreate: {answer.failed_create}")
        if pods.policies:
            yield from _policies(pods.policies, None)
    elif pods.policies:
        chosen = [report.name for report in pods.policies if report.outcome == "chosen"]
        yield one_line(f"  its pods will be admitted by policy {', '.join(chosen)}")


def _changes(answer: AdmitAnswer) -> Iterator[str]:
    decision = answer.decision
    edits: list[tuple[Edit, str]] = [(edit, _PLUGIN) for edit in answer.filled]
    edits += [(edit.edit, edit.origin) for edit in decision.edits]
    chosen = next((report.name for report in decision.policies if report.outcome == "chosen"), "")
    if chosen:
        edits.append(
            (Edit(("metadata", "annotations", ANNOTATION), "set", chosen), f"PodSecurityPolicy {chosen}")
        )
    if edits and answer.object is not None:
        yield from (one_line(line) for line in pod_diff(answer.object, edits, answer.full_name))


def summary(outcome: AdmitOutcome) -> str:
    """Write the last line: what was asked, and how much of it is allowed and denied."""
    answers = outcome.answers
    allowed = len(answers) - outcome.denied
    plural = "" if len(answers) == 1 else "s"
    left = f" · {len(outcome.skipped)} not judged" if outcome.skipped else ""
    unread = f" · {len(outcome.problems)} could not be read" if outcome.problems else ""
    pods = _count(outcome.pods_denied, "will be denied") + _count(
        outcome.pods_denied_later, "would be denied later"
    )
    return (
        f"{len(answers)} request{plural} · Kubernetes v1.{outcome.minor}{left}{unread}    "
        f"{allowed} allowed, {outcome.denied} denied{pods}"
    )


def _count(workloads: int, verdict: str) -> str:
    return f", {workloads} workload{'' if workloads == 1 else 's'} whose pods {verdict}" if workloads else ""
