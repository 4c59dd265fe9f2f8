"""Moves what is found in a pod to the object that it is made from: routes, edits, containers, and names."""

import msgspec

from ...checks.model.across import ContainerUser
from ...edits.edit import Fix, based
from ...findings import ContainerRef, Finding, Route
from ...kube.fragment import NEUTRAL_NAME
from ...kube.template import Template
from ...kube.workload import Fragment

__all__ = ["finding_in_object", "named_as_written", "user_in_object", "with_container"]


def finding_in_object(finding: Finding, template: Template, *, more_help: tuple[str, ...] = ()) -> Finding:
    """Count a finding's routes from the object instead of from the pod, and add lines of help."""
    route, help_lines = template.source_route(finding.route), finding.help + more_help
    if not finding.related and finding.fix is None:
        return msgspec.structs.replace(finding, route=route, help=help_lines)
    related = tuple([template.source_route(other) for other in finding.related])
    fix = _fix_in_object(finding, template)
    return msgspec.structs.replace(finding, route=route, help=help_lines, related=related, fix=fix)


def _fix_in_object(finding: Finding, template: Template) -> Fix | None:
    """Count a fix's routes from the object; None where the object has no place for one of its edits."""
    if finding.fix is None:
        return None
    prefixes = template.prefixes
    if len(prefixes) == 1 and not prefixes[0][0]:
        return based(finding.fix, prefixes[0][1])  # the template stands there whole, and edits are below it
    if not all(template.has_source(edit.route) for edit in finding.fix.edits):
        return None
    edits = (
        msgspec.structs.replace(edit, route=template.source_route(edit.route)) for edit in finding.fix.edits
    )
    return msgspec.structs.replace(finding.fix, edits=tuple(edits))


def user_in_object(user: ContainerUser, template: Template) -> ContainerUser:
    """Count a user's routes from the object instead of from the pod."""
    related = tuple(template.source_route(route) for route in user.related)
    return msgspec.structs.replace(user, route=template.source_route(user.route), related=related)


def with_container(finding: Finding, containers: dict[Route, ContainerRef]) -> Finding:
    """Say which container a finding is about, where its route leads into one."""
    if finding.container is not None:
        return finding
    for end in range(len(finding.route), -1, -1):
        reference = containers.get(finding.route[:end])
        if reference is not None:
            return msgspec.structs.replace(finding, container=reference)
    return finding


def named_as_written(finding: Finding, fragment: Fragment) -> Finding:
    """Name what the fragment says instead of what was filled in around it."""
    if (
        fragment.what not in ("container's security context", "pod's security context")
        and not fragment.filled_in
    ):
        return finding
    who = "the pod" if fragment.filled_in else "the container"
    message = finding.message.replace(f'container "{NEUTRAL_NAME}"', who)
    return msgspec.structs.replace(finding, message=message, container=None)
