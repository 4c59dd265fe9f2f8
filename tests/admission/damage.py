"""What the tests of damage share: a cluster with an object of every kind, and ways to spoil it."""

import copy
from collections.abc import Iterator
from typing import Any

from .requests import GOOD, namespace, pod

_ANY = {"rule": "RunAsAny"}
CONFIGURATION = {
    "apiVersion": "pod-security.admission.config.k8s.io/v1",
    "kind": "PodSecurityConfiguration",
    "defaults": {"enforce": "restricted", "enforce-version": "v1.30"},
    "exemptions": {"usernames": ["root"], "namespaces": ["free"], "runtimeClasses": ["vm"]},
}
OBJECTS: list[dict[str, Any]] = [
    namespace(enforce="restricted", audit="baseline", warn_version="v1.20"),
    {
        "apiVersion": "v1",
        "kind": "List",
        "items": [{**pod(GOOD), "metadata": {"name": "q", "namespace": "n"}}],
    },
    {
        "apiVersion": "policy/v1beta1",
        "kind": "PodSecurityPolicy",
        "metadata": {"name": "tight", "annotations": {"a": "b"}},
        "spec": {
            "seLinux": {"rule": "MustRunAs", "seLinuxOptions": {"level": "s0"}},
            "runAsUser": {"rule": "MustRunAs", "ranges": [{"min": 1, "max": 5}]},
            "supplementalGroups": {"rule": "MayRunAs", "ranges": [{"min": 1, "max": 5}]},
            "fsGroup": _ANY,
            "volumes": ["emptyDir"],
            "requiredDropCapabilities": ["KILL"],
            "hostPorts": [{"min": 1, "max": 2}],
            "allowedHostPaths": [{"pathPrefix": "/a", "readOnly": True}],
            "runtimeClass": {"allowedRuntimeClassNames": ["a"]},
            "allowPrivilegeEscalation": False,
        },
    },
    {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "ClusterRole",
        "metadata": {"name": "use", "labels": {"x": "y"}},
        "rules": [
            {
                "apiGroups": ["policy"],
                "resources": ["podsecuritypolicies"],
                "resourceNames": ["tight"],
                "verbs": ["use"],
            }
        ],
    },
    {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "ClusterRole",
        "metadata": {"name": "all"},
        "aggregationRule": {
            "clusterRoleSelectors": [
                {"matchLabels": {"x": "y"}},
                {"matchExpressions": [{"key": "x", "operator": "In", "values": ["z"]}]},
            ]
        },
    },
    *(
        {
            "apiVersion": "rbac.authorization.k8s.io/v1",
            "kind": kind,
            "metadata": {"name": "b", "namespace": "n"},
            "roleRef": {"kind": "ClusterRole", "name": role, "apiGroup": "rbac.authorization.k8s.io"},
            "subjects": [{"kind": "Group", "name": "dev"}, {"kind": "ServiceAccount", "name": "s"}],
        }
        for kind, role in (("ClusterRoleBinding", "use"), ("RoleBinding", "all"))
    ),
    CONFIGURATION,
]
_DEEP: Any = []
for _ in range(300):
    _DEEP = [_DEEP]
WRONG = [7, -1, 1.5, 1 << 70, True, "\x00", "\ud800", "no such", [7], [[]], [{}], {"": 7}, {"a": []}, _DEEP]
ODD = [None, [], {}, "", *WRONG]


def routes(value: Any, route: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    yield route
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield from routes(item, (*route, key))


def damage(value: Any, route: tuple[Any, ...], wrong: Any) -> Any:
    """Return a copy with something else in one place."""
    if not route:
        return copy.deepcopy(wrong)
    changed = copy.copy(value)
    changed[route[0]] = damage(value[route[0]], route[1:], wrong)
    return changed
