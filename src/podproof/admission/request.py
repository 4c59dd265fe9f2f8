"""The request of an AdmissionReview as a typed value.

The plain mapping comes in, an AdmissionRequest goes out, or words that say what cannot be read. The objects
in it stay plain mappings; whether they are what they should be is found out when they are decoded.
Source: k8s.io/api v0.37.2 admission/v1/types.go.
"""

from collections.abc import Mapping
from typing import Any

import msgspec

from ..errors import InputError
from ..kube.rbac import UserInfo
from ..manifest.type_name import type_name

__all__ = ["RESOURCES", "AdmissionRequest", "RequestError", "read_request", "read_user"]

RESOURCES = {
    "Pod": ("", "pods"),
    "Namespace": ("", "namespaces"),
    "PodTemplate": ("", "podtemplates"),
    "ReplicationController": ("", "replicationcontrollers"),
    "ReplicaSet": ("apps", "replicasets"),
    "Deployment": ("apps", "deployments"),
    "StatefulSet": ("apps", "statefulsets"),
    "DaemonSet": ("apps", "daemonsets"),
    "Job": ("batch", "jobs"),
    "CronJob": ("batch", "cronjobs"),
    "PodSecurityPolicy": ("policy", "podsecuritypolicies"),
}
_OPERATIONS = ("CREATE", "UPDATE", "DELETE", "CONNECT")
_KINDS = {resource: kind for kind, resource in RESOURCES.items()}


class RequestError(InputError):
    """Says what in an admission request cannot be read, and what it should be."""


class AdmissionRequest(msgspec.Struct, frozen=True):
    """One request.

    `group` and `resource` name what it is about, `kind` what its objects should be ("" when neither the
    request nor the resource says it); `name` is empty while a generated name is to come. `stored` says that a
    server has taken the object of a creation already, so that only what it may do is asked.
    """

    operation: str
    group: str
    resource: str
    kind: str
    sub_resource: str
    namespace: str
    name: str
    user: UserInfo
    object: Mapping[str, Any] | None
    old_object: Mapping[str, Any] | None
    dry_run: bool = False
    stored: bool = False

    @property
    def group_resource(self) -> str:
        """Write the resource as messages do: `pods`, `deployments.apps`."""
        return f"{self.resource}.{self.group}" if self.group else self.resource

    @property
    def qualified_kind(self) -> str:
        """Write the kind as messages do: `Pod`, `Deployment.apps`."""
        return f"{self.kind}.{self.group}" if self.group else self.kind


def read_request(raw: Mapping[str, Any]) -> AdmissionRequest:
    """Read a request; what its resource or kind leave out is taken from each other and from the object.

    Raises RequestError: a member has the wrong type, or nothing says what the request is about.
    """
    object_ = _optional(raw, "object")
    old_object = _optional(raw, "oldObject")
    resource, kind = _optional(raw, "resource") or {}, _optional(raw, "kind") or {}
    group, name = _text(resource, "group"), _text(resource, "resource")
    kind_name = _text(kind, "kind")
    if not name:
        kind_name = kind_name or _kind_of(object_) or _kind_of(old_object)
        if kind_name not in RESOURCES:
            raise RequestError("the request names no resource; write request.resource, e.g. resource: pods")
        group, name = RESOURCES[kind_name]
    elif "group" not in resource and _text(kind, "group"):
        group = _text(kind, "group")
    name, _, sub = name.partition("/")
    operation = _text(raw, "operation") or "CREATE"
    if operation not in _OPERATIONS:
        raise RequestError(f'operation "{operation}" is unknown; write {", ".join(_OPERATIONS)}')
    return AdmissionRequest(
        operation=operation,
        group=group,
        resource=name,
        kind=_KINDS.get((group, name))
        or ("PodSecurityPolicy" if name == "podsecuritypolicies" else kind_name),
        sub_resource=_text(raw, "subResource") or sub,
        namespace=_text(raw, "namespace"),
        name=_text(raw, "name") or _name_of(object_),
        user=read_user(_optional(raw, "userInfo") or {}),
        object=object_,
        old_object=old_object,
        dry_run=raw.get("dryRun") is True,
    )


def _optional(raw: Mapping[str, Any], key: str) -> Mapping[str, Any] | None:
    value = raw.get(key)
    if value is None or value.__class__ is dict or isinstance(value, Mapping):
        return value
    raise RequestError(f"request.{key} must be a mapping, is {type_name(value)}")


def _text(raw: Mapping[str, Any], key: str) -> str:
    value = raw.get(key)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise RequestError(f"{key} of the request must be a string, is {type_name(value)}")
    return value


def _kind_of(value: Mapping[str, Any] | None) -> str:
    kind = (value or {}).get("kind")
    return kind if isinstance(kind, str) else ""


def _name_of(value: Mapping[str, Any] | None) -> str:
    metadata = (value or {}).get("metadata")
    name = metadata.get("name") if isinstance(metadata, Mapping) else None
    return name if isinstance(name, str) else ""


def read_user(raw: Mapping[str, Any]) -> UserInfo:
    """Read a `userInfo` as it is: no group is added, not even those that authentication gives to everybody.

    Raises RequestError: a name or group is not a string.
    """
    groups = raw.get("groups")
    if groups is None:
        groups = ()
    if not isinstance(groups, list | tuple) or not all(isinstance(group, str) for group in groups):
        raise RequestError("userInfo.groups of the request must be a list of strings")
    return UserInfo(_text(raw, "username"), tuple(groups))
