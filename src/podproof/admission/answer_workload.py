"""The answer to a workload: what the API server and PodSecurity say to a Deployment, a Job and the like.

A Cluster and a request come in, a Decision goes out. A workload is never refused for its pods: PodSecurity
warns of them.
Source: kubernetes 1.37.2 and 1.24.17, apiserver pkg/endpoints/handlers/{create,update}.go and
pkg/registry/rest/{create,update}.go.
"""

from typing import TYPE_CHECKING

import msgspec

from ..kube.pod import Pod
from ..kube.validation import validate
from ..kube.validation import warnings as warnings_of
from ..kube.version_skew import held_by
from .decision import Decision, bad_request, invalid, with_warnings
from .held_object import WARNINGS_SINCE, decode_object, fill_identity, name_of, type_of_object
from .pod_security import judge_controller, template_of
from .request import Request

if TYPE_CHECKING:
    from .cluster import Cluster

__all__ = ["answer_workload"]

_ALLOWED = Decision(True)


def answer_workload(cluster: "Cluster", request: Request) -> Decision:
    """Answer the creation or update of what makes pods by a template."""
    if request.sub_resource:
        return _ALLOWED
    object_, warnings, fault = decode_object(request.object, request.kind, cluster.minor)
    if fault:
        return bad_request(fault)
    if object_ is None:
        return Decision(
            True,
            audit_annotations={"pod-security.kubernetes.io/error": "failed to decode object: there is none"},
        )
    fill_identity(object_, request)
    metadata = object_["metadata"]
    errors = held_by(validate(request.kind, object_), cluster.minor)
    if errors:
        return with_warnings(invalid(request.qualified_kind, name_of(metadata), errors), warnings)
    if request.operation == "CREATE" and cluster.minor >= WARNINGS_SINCE:
        warnings = warnings + warnings_of(request.kind, object_)
    decision = _ALLOWED
    if cluster.has_pod_security:
        template = template_of(request.kind, object_)
        decision = judge_controller(
            request,
            None if template is None else msgspec.convert(template, Pod),
            cluster.namespaces.get(request.namespace),
            cluster.configuration,
            f"v1.{cluster.minor}",
        )
    type_ = type_of_object(object_, request.kind, cluster.minor)
    return with_warnings(msgspec.structs.replace(decision, held=object_, held_type=type_), warnings)
