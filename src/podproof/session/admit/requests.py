"""Reads what `admit` is asked about: manifests, AdmissionReviews and audit-log lines.

Paths come in; Submissions go out in their order (one for each object, review or event), and for everything
else the reason why it is not a request. The answers are decided elsewhere. Source: k8s.io/api v0.37.2
admission/v1/types.go; apiserver v0.37.2 pkg/apis/audit/v1/types.go.
"""

import json
import os
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NoReturn

from ...admission.review import ReviewError, read_review
from ...inputs.input import InputFile, InputObject, SkippedInput, UnreadableInput
from ...inputs.objects import read_part, whole_item
from ...kube.workload import is_list
from ...manifest.doubled import has_doubled, mapping_of_pairs
from ...manifest.json_text import find_too_deep
from ...manifest.limits import DEFAULT, Limits
from ...manifest.surrogates import has_escapes, unescape
from ...manifest.type_name import type_name
from ...results.admitted import SkippedSubmission, Submission, UnreadableSubmission
from ..sources import FoundFile, find

__all__ = ["read_requests"]

_AUDITS = ("audit.k8s.io/v1", "audit.k8s.io/v1beta1", "audit.k8s.io/v1alpha1")
_READING = ("get", "list", "watch")
_LOG_LIMITS = Limits(max_bytes=256 * 1024 * 1024)
"""Bytes of an audit log: an API server turns its log at 100 MB unless told otherwise."""


def read_requests(
    paths: Sequence[str],
    *,
    include: Sequence[str] = (),
    exclude: Sequence[str] = (),
    hidden: bool = False,
    kustomize: bool = False,
) -> Iterator[Submission | SkippedSubmission | UnreadableSubmission]:
    """Read every request under the paths; `-` is standard input, the options are those of `sources.find`."""
    for found in find(
        paths, include=include, exclude=exclude, hidden=hidden, kustomize=kustomize, limits=_limits_of
    ):
        if isinstance(found, SkippedInput):
            yield SkippedSubmission(found.file, found.line, found.reason)
        elif isinstance(found, UnreadableInput):
            yield UnreadableSubmission(found.file, found.line, found.message)
        elif _is_lines(found.file.data):
            yield from _read_lines(found.file)
        else:
            yield from _read_documents(found)


def _limits_of(path: str) -> Limits:
    """Give the limits of what lies under a path: what may be an audit log may be large."""
    is_manifest = path == "-" or os.path.isdir(path) or path.endswith((".yaml", ".yml"))
    return DEFAULT if is_manifest else _LOG_LIMITS


def _is_lines(data: bytes) -> bool:
    """Say whether bytes are lines of JSON: the first that is not empty is an object by itself."""
    text = data.lstrip(b"\xef\xbb\xbf \t\r\n")
    if not text.startswith(b"{"):
        return False
    first, _, rest = text.partition(b"\n")
    try:
        value = _parse_line(first)
    except (ValueError, RecursionError):
        return False
    return isinstance(value, dict) and (bool(rest.strip()) or value.get("apiVersion") in _AUDITS)


def _read_lines(found: InputFile) -> Iterator[Submission | SkippedSubmission | UnreadableSubmission]:
    for number, line in enumerate(found.data.split(b"\n"), 1):
        if not line.strip(b"\xef\xbb\xbf \t\r"):
            continue
        try:
            value = _parse_line(line)
        except (ValueError, RecursionError) as error:
            why = "it is nested too deeply" if isinstance(error, RecursionError) else error
            yield UnreadableSubmission(
                found.file, number, f"this line is no JSON ({why}): write one object a line"
            )
            continue
        yield from _read(value, found.file, number)


def _parse_line(line: bytes) -> Any:
    """Read a line of JSON to a depth that does not depend on Python's own limit: versions differ in it.

    Raises ValueError: it is no JSON; RecursionError: it is nested deeper than a manifest may be.
    """
    text = line.decode("utf-8-sig")
    value = _DECODER.decode(text)
    most = _LOG_LIMITS.max_depth
    if text.count("[") + text.count("{") > most and find_too_deep(text, 0, most) is not None:
        raise RecursionError
    return unescape(value) if has_escapes(text) else value


def _refused(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is Python's, not JSON's")


_DECODER = json.JSONDecoder(object_pairs_hook=mapping_of_pairs, parse_constant=_refused)


def _read_documents(found: FoundFile) -> Iterator[Submission | SkippedSubmission | UnreadableSubmission]:
    for result in read_part(found.file, found.part):
        if isinstance(result, SkippedInput):
            yield SkippedSubmission(result.file, result.line, result.reason)
        elif isinstance(result, UnreadableInput):
            yield UnreadableSubmission(result.file, result.line, result.message)
        elif isinstance(result.document.value, list):
            message = "kubectl reads no list at the top level: separate objects with ---, or use kind: List"
            yield UnreadableSubmission(result.document.file, _line(result), message)
        else:
            twice = bool(result.document.duplicates)
            yield from _read(
                result.value, result.document.file, _line(result), twice=twice, kustomized=result.kustomized
            )


def _line(item: InputObject) -> int:
    return item.document.place(item.route_prefix).line if item.route_prefix else item.document.line


def _read(
    value: Any, file: str, line: int, *, twice: bool = True, kustomized: bool = False
) -> Iterator[Submission | SkippedSubmission | UnreadableSubmission]:
    if not isinstance(value, Mapping):
        yield UnreadableSubmission(file, line, f"a request must be a mapping, is {type_name(value)}")
        return
    kind, version = value.get("kind"), value.get("apiVersion")
    if kind == "AdmissionReview":
        yield _read_review(value, file, line)
    elif kind == "Event" and isinstance(version, str) and version.startswith("audit.k8s.io/"):
        yield _read_event(value, file, line)
    elif is_list(value):
        for item in value["items"]:
            whole = whole_item(value, item) if isinstance(item, dict) else item
            yield from _read(whole, file, line, twice=twice, kustomized=kustomized)
    elif isinstance(kind, str) and kind and isinstance(version, str) and version:
        source = "STDIN" if file == "<stdin>" else file
        yield Submission(
            "manifest",
            file,
            line,
            source,
            object=value,
            uid=f"{file}:{line}",
            doubled=twice and has_doubled(value),
            kustomized=kustomized,
        )
    else:
        yield UnreadableSubmission(file, line, "the object has no apiVersion and kind: write both")


def _read_review(value: Mapping[str, Any], file: str, line: int) -> Submission | UnreadableSubmission:
    try:
        review = read_review(value)
    except ReviewError as error:
        return UnreadableSubmission(file, line, str(error))
    return Submission(
        "review", file, line, "", request=review.request, uid=review.uid, version=review.version
    )


def _read_event(
    event: Mapping[str, Any], file: str, line: int
) -> Submission | SkippedSubmission | UnreadableSubmission:
    if event.get("apiVersion") not in _AUDITS:
        return UnreadableSubmission(
            file,
            line,
            f'apiVersion "{event.get("apiVersion")}" of the audit event is unknown, write {_AUDITS[0]}',
        )
    verb, reference, object_ = event.get("verb"), event.get("objectRef"), event.get("requestObject")
    if not isinstance(verb, str):
        return UnreadableSubmission(file, line, "the audit event does not say what was asked: it has no verb")
    if reference is not None and not isinstance(reference, Mapping):
        return UnreadableSubmission(
            file, line, f"objectRef of the audit event must be a mapping, is {type_name(reference)}"
        )
    reason = _why_not(event, verb, reference, object_)
    if reason:
        return SkippedSubmission(file, line, reason)
    assert isinstance(reference, Mapping)
    user = event.get("user") if event.get("impersonatedUser") is None else event["impersonatedUser"]
    if not isinstance(user, Mapping):
        return UnreadableSubmission(file, line, "the audit event does not say who asked: it has no user")
    if not isinstance(object_, Mapping):
        return UnreadableSubmission(
            file, line, f"requestObject of the audit event must be a mapping, is {type_name(object_)}"
        )
    group, version = reference.get("apiGroup") or "", reference.get("apiVersion") or ""
    request = {
        "uid": event.get("auditID") or "",
        "resource": {"group": group, "version": version, "resource": reference.get("resource")},
        "subResource": reference.get("subresource"),
        "namespace": reference.get("namespace"),
        "name": reference.get("name"),
        "operation": "CREATE" if verb == "create" else "UPDATE",
        "userInfo": user,
        "object": object_,
    }
    uid = request["uid"]
    return Submission("audit", file, line, "", request=request, uid=uid if isinstance(uid, str) else "")


def _why_not(event: Mapping[str, Any], verb: str, reference: Mapping[str, Any] | None, object_: Any) -> str:
    """Say why an audit event is nothing to answer; "" when it is."""
    if verb in _READING:
        return f"{verb}: admission does not look at reads"
    if verb in ("delete", "deletecollection"):
        return f"{verb}: pod security does not look at deletions"
    if reference is None or not reference.get("resource"):
        return "the event has no objectRef, so it is not about an object"
    if event.get("stage") not in (None, "", "ResponseComplete", "Panic"):
        return f"stage {event.get('stage')}: the event comes again when the request is done"
    if verb == "patch":
        return "patch: the log has the patch only, not the object"
    if verb not in ("create", "update"):
        return f"verb {verb}: pod security does not look at it"
    if object_ is None:
        level = event.get("level")
        return (
            f"the event has no requestObject (level {level}): audit pods at level Request or RequestResponse"
        )
    return ""
