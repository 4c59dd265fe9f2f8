"""Why the API server does not store an object: what validation says of it comes in, one refusal goes out.

`check` reports each error where it stands; who asks what a pod will be needs to know that there will be none.
Of a fragment, what is missing does not count, for it is added before the fragment is applied; nor of a custom
resource, whose controller adds it. A pod with ephemeral containers runs already, so that it does not count
that none can be created so.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import msgspec

from ...kube.field_error import FieldError
from ...kube.status import invalid
from ...kube.stored import leave_out_creation_rules
from ...kube.template import Template
from ...kube.workload import Fragment, Workload
from ...manifest.route import Route, value_at

__all__ = ["Refusal", "find_refusal"]


class Refusal(msgspec.Struct, frozen=True):
    """The server's words, as a 422 answer holds them; of many errors the first ones.

    `of_object` tells that it refuses the object that was written; else it is the pod that the controller of a
    custom resource makes of it.
    """

    message: str
    of_object: bool


def find_refusal(
    value: Any,
    workload: Workload | Fragment,
    template: Template,
    errors: Iterable[FieldError],
    to_value: Callable[[Route], Route],
    *,
    completed: bool = False,
) -> Refusal | None:
    """Say why the server refuses what `workload` is found in; None: it does not.

    `errors` are those of what was reviewed, whose routes `to_value` translates into those of the object.
    `completed` tells that somebody, such as Kustomize, fills in what is missing.
    """
    custom = isinstance(workload, Workload) and workload.custom
    if custom or completed or isinstance(workload, Fragment):
        errors = (error for error in errors if error.type != "Required value")
    if custom:
        errors = (error for error in errors if _is_written(value, to_value(error.route), template))
    if completed:
        errors = (error for error in errors if "`selector` does not match" not in error.text)
    left = leave_out_creation_rules(errors)
    if not left:
        return None
    if custom or isinstance(workload, Fragment):
        left = [msgspec.structs.replace(error, route=to_value(error.route)) for error in left]
        return Refusal(_message("Pod", _name(value), left), not custom)
    kind, group = str(value.get("kind")), str(value.get("apiVersion") or "").rpartition("/")[0]
    return Refusal(_message(f"{kind}.{group}" if group else kind, _name(value), left), True)


_MOST_ERRORS, _MOST_LETTERS = 10, 4096
"""What is kept of the server's words: they are told of each container, and there may be thousands of both."""


def _message(qualified_kind: str, name: str, errors: Sequence[FieldError]) -> str:
    """Write the server's words about the first errors, and how many more there are."""
    message = invalid(qualified_kind, name, errors[:_MOST_ERRORS]).message or ""
    if len(message) > _MOST_LETTERS:
        message = f"{message[:_MOST_LETTERS]}..."
    more = len(errors) - _MOST_ERRORS
    return f"{message} and {more:,} more errors" if more > 0 else message


def _is_written(value: Any, route: Route, template: Template) -> bool:
    """Tell whether a value stands there for good: not left out, nor replaced by the controller."""
    written = value_at(value, route)
    if written in (None, ""):
        return False
    opens = template.placeholder
    return not (opens and isinstance(written, str) and opens in written)


def _name(value: Any) -> str:
    metadata = value.get("metadata") if isinstance(value, dict) else None
    name = metadata.get("name") or metadata.get("generateName") if isinstance(metadata, dict) else None
    return name if isinstance(name, str) else ""
