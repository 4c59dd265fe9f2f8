"""The words that kubectl prints: answers come in, the lines of `kubectl apply` go out.

Warnings and what was done stand in the order of the requests, refusals after them, as kubectl writes them:
one alone in a form of its own, several in one list. Nothing here decides.
Source: kubectl v0.37.2 pkg/cmd/apply/apply.go; pkg/cmd/util/helpers.go, checkErr; client-go rest/warnings.go.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from ..kube.apply import LAST_APPLIED
from ..kube.go_format import quote
from ..kube.status import sent_warnings
from ..results.admitted import AdmitAnswer

__all__ = ["transcript"]

_LATE = "error: error when retrieving current configuration"
"""How the one refusal of kubectl's own begins that comes with those of the server."""
_OTHER_NAMESPACE = "the namespace from the provided object"


def transcript(answers: Sequence[AdmitAnswer]) -> list[str]:
    """Write what kubectl prints of one run over these answers; a warning is printed once."""
    lines: list[str] = []
    refusals: list[AdmitAnswer] = []
    warned: set[str] = set()
    for answer in answers:
        for warning in _warnings(answer):
            if warning not in warned:
                warned.add(warning)
                lines.append(f"Warning: {warning}")
        if answer.allowed:
            lines.append(f"{answer.full_name} {_done(answer)}")
        else:
            refusals.append(answer)
    if len(refusals) == 1:
        lines += _alone(refusals[0])
    else:
        for text in _several(refusals):
            lines += text.split("\n")
    return lines


def _several(refusals: list[AdmitAnswer]) -> Iterator[str]:
    """Write refusals without the `error: ` that stands before one alone.

    What kubectl could not read comes first, and as one error if the server refused something as well.
    """
    unread = [a for a in refusals if a.local and not a.local.startswith(_LATE)]
    later = [a for a in refusals if not a.local or a.local.startswith(_LATE)]
    texts = [answer.local.removeprefix("error: ") for answer in unread]
    if later and texts:
        texts = list(dict.fromkeys(sorted(texts, key=lambda text: not text.startswith(_OTHER_NAMESPACE))))
        texts = [f"[{', '.join(texts)}]" if len(texts) > 1 else texts[0]]
    yield from texts
    for answer in later:
        yield answer.local.removeprefix("error: ") or _from_server(answer)


def _done(answer: AdmitAnswer) -> str:
    if answer.operation == "CREATE":
        return "created"
    return "unchanged" if answer.unchanged else "configured"


def _warnings(answer: AdmitAnswer) -> Iterable[str]:
    if answer.submission.form == "manifest" and answer.old is not None and not _was_applied(answer.old):
        resource = f"{answer.resource}.{answer.group}" if answer.group else answer.resource
        yield (
            f"resource {resource}/{answer.name} is missing the {LAST_APPLIED} annotation which is required "
            "by kubectl apply. kubectl apply should only be used on resources created declaratively by "
            "either kubectl create --save-config or kubectl apply. The missing annotation will be patched "
            "automatically."
        )
    yield from sent_warnings(answer.decision.warnings)


def _was_applied(object_: Mapping[str, Any]) -> bool:
    metadata = object_.get("metadata")
    annotations = metadata.get("annotations") if isinstance(metadata, Mapping) else None
    return isinstance(annotations, Mapping) and LAST_APPLIED in annotations


def _alone(answer: AdmitAnswer) -> list[str]:
    """Write the only refusal of a run. Source: checkErr; a 422 is told by its causes."""
    details = answer.decision.details
    if answer.local:
        return answer.local.split("\n")
    if details is None or answer.decision.reason != "Invalid":
        return _from_server(answer).split("\n")
    heading = f"The {details.get('kind', '')} {quote(details.get('name', ''))} is invalid"
    causes = list(dict.fromkeys(f"{cause['field']}: {cause['message']}" for cause in details["causes"]))
    if not causes:
        return [heading]
    if len(causes) == 1:
        return f"{heading}: {causes[0]}".split("\n")
    return [f"{heading}: ", *(line for cause in causes for line in f"* {cause}".split("\n"))]


def _from_server(answer: AdmitAnswer) -> str:
    decision = answer.decision
    source = answer.submission.source
    before = ""
    if source and answer.operation == "CREATE":
        before = f"error when creating {quote(source)}: "
    elif source:
        before = f"error when applying patch for {quote(source)}: error when patching {quote(source)}: "
    return f"Error from server ({decision.reason}): {before}{decision.message}"
