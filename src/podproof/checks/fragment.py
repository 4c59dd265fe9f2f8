"""A piece of a manifest is checked as what it is, but it cannot be applied.

Books, articles and chats print the part that matters: `containers:` at the top, one container, a
`securityContext:` block. kubectl refuses such a file because it has neither `apiVersion` nor `kind`. The pod
around it is filled in with neutral values, so that only what is written is judged. An object that lacks its
`apiVersion` alone is checked by its kind, and if that is not known, by the shape of its pods.

**Source:** kubectl, `error validating data: [apiVersion not set, kind not set]`.
"""

from collections.abc import Iterator

from ..findings import Finding, Severity
from ..kube.workload import nearest_kind
from .model.acceptance import AcceptanceCheck, ReviewedObject


def _find(reviewed: ReviewedObject) -> Iterator[Finding]:
    piece = reviewed.fragment
    if piece is None:
        if reviewed.custom and reviewed.api_version is None:
            yield Finding(
                check=CHECK.id,
                severity=Severity.NOTE,
                message=f"this is a fragment, checked by the shape of its pods: without apiVersion, kind "
                f'"{reviewed.kind}" is not known; to apply it, {_remedy(reviewed.kind or "")}',
                help=("kubectl refuses it: " + _kubectl(("apiVersion",)),),
                at_key=True,
            )
        return
    what = f"{reviewed.kind} without apiVersion" if piece.what == "object" else piece.what
    helps = ["kubectl refuses it: " + _kubectl(piece.missing)] if _kubectl(piece.missing) else []
    if reviewed.after_dots:
        helps.append("the line `...` above ends the document before it: this is not part of that object")
    yield Finding(
        check=CHECK.id,
        severity=Severity.NOTE,
        message=f"this is a fragment, checked as a {what}; to apply it, add {_listed(piece.missing)}",
        help=tuple(helps),
        at_key=True,
    )


def _remedy(kind: str) -> str:
    """Say what to add; a kind of Kubernetes that is misspelt is to be written, too."""
    meant = nearest_kind(kind, likeness=0.8)
    return f"write kind: {meant} and add apiVersion" if meant else "add apiVersion"


def _kubectl(missing: tuple[str, ...]) -> str:
    unset = [f"{name} not set" for name in ("apiVersion", "kind") if name in missing]
    return f"error validating data: [{', '.join(unset)}]" if unset else ""


def _listed(names: tuple[str, ...]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


CHECK = AcceptanceCheck(
    id="fragment",
    summary="a piece of a manifest that cannot be applied as it is",
    severity=Severity.NOTE,
    find=_find,
)
