"""The ServiceAccount plugin: which account a new pod runs as, and the token that it is given.

A pod as it was sent and the service accounts that are known come in; edits that the plugin makes, or its
refusal, go out. It comes before every policy.
Source: kubernetes 1.24.17 and 1.37.2 plugin/pkg/admission/serviceaccount/admission.go.
"""

from collections.abc import Mapping
from typing import Any

from ..edits.edit import Edit
from ..effective.volumes import TOKEN_PATH
from ..kube.go_format import quote
from ..kube.versions import LAST_WITH_POD_SECURITY_POLICY
from ..kube.visit import WITHOUT_EPHEMERAL, visit_written
from .attributes import Attributes
from .decision import forbidden
from .plugin import Mutation, Plugin
from .state import ClusterState

__all__ = ["DEFAULT", "SERVICE_ACCOUNT", "fill_in", "missing_account"]

DEFAULT = "default"
"""The account that every namespace has."""
_MIRROR = "kubernetes.io/config.mirror"
_PROJECTED_SINCE = 21
"""The first version that projects a bound token; older ones mount the secret of the account."""
_SUFFIX = "xxxxx"
"""Stands for the five random letters of the volume's name."""
_NOTHING = Mutation()


def _mutate(state: ClusterState, attributes: Attributes) -> Mutation:
    """Fill in a new pod, or refuse one whose account does not exist.

    The token's volume is filled in only where a PodSecurityPolicy may have something against it.
    """
    request, pod = attributes.request, attributes.sent
    new_pod = (request.group, request.resource, request.operation) == ("", "pods", "CREATE")
    if not new_pod or request.sub_resource or attributes.mutated or pod is None:
        return _NOTHING
    spec = pod.get("spec")
    if spec.__class__ is not dict and not isinstance(spec, Mapping):
        return _NOTHING
    name = spec.get("serviceAccountName") or spec.get("serviceAccount") or attributes.service_account
    account, assumed = None, False
    if isinstance(name, str):
        account = state.find("ServiceAccount", request.namespace, name)
        if account is None and name != DEFAULT:
            if (state.has("ServiceAccount") and not state.assumes_accounts) or state.lacks_objects:
                return Mutation(
                    forbidden("pods", request.name or "Unknown", missing_account(request.namespace, name))
                )
            assumed = True
    return Mutation(
        edits=fill_in(
            pod,
            account,
            name=attributes.service_account,
            minor=state.minor,
            token=state.minor <= LAST_WITH_POD_SECURITY_POLICY,
        ),
        assumed_accounts=(f"{request.namespace}/{name}",) if assumed else (),
    )


SERVICE_ACCOUNT = Plugin("ServiceAccount", mutate=_mutate)


def missing_account(namespace: str, name: str) -> str:
    """Say why a pod whose account does not exist is forbidden."""
    missing = f"serviceaccount {quote(name)} not found"
    return f"error looking up service account {namespace}/{name}: {missing}"


def fill_in(
    pod: Mapping[str, Any], account: Mapping[str, Any] | None, *, name: str, minor: int, token: bool
) -> tuple[Edit, ...]:
    """Return what the plugin changes in a new pod: its account, and with `token` the token's volume.

    `name` is the account of a pod that names none; `account` is the object of the pod's account, None when
    it is not known, which then says nothing about tokens. A mirror pod is left alone.
    """
    spec, metadata = _mapping(pod.get("spec")), _mapping(pod.get("metadata"))
    if _MIRROR in _mapping(metadata.get("annotations")):
        return ()
    edits: list[Edit] = []
    named = spec.get("serviceAccountName") or spec.get("serviceAccount")
    if not named:
        edits.append(Edit(("spec", "serviceAccountName"), "set", name))
    wanted = spec.get("automountServiceAccountToken")
    if wanted is None:
        wanted = (account or {}).get("automountServiceAccountToken")
    if token and wanted is not False:
        edits += _token(spec, named if isinstance(named, str) and named else name, minor)
    return tuple(edits)


def _token(spec: Mapping[str, Any], account: str, minor: int) -> list[Edit]:
    volumes = _list(spec.get("volumes"))
    prefix = "kube-api-access-" if minor >= _PROJECTED_SINCE else f"{account}-token-"
    present = [name for name in (_mapping(v).get("name") for v in volumes) if isinstance(name, str)]
    token_volume = next((name for name in present if name.startswith(prefix)), None)
    volume = token_volume or prefix + _SUFFIX
    mount = {"name": volume, "readOnly": True, "mountPath": TOKEN_PATH}
    edits: list[Edit] = []
    for _, container, where in visit_written(spec, fields=WITHOUT_EPHEMERAL):
        mounts = _list(container.get("volumeMounts"))
        if all(_mapping(m).get("mountPath") != TOKEN_PATH for m in mounts):
            edits.append(Edit((*where, "volumeMounts"), "set", [*mounts, mount]))
    if edits and token_volume is None:
        source = _projected() if minor >= _PROJECTED_SINCE else {"secret": {"secretName": volume}}
        edits.append(Edit(("spec", "volumes"), "set", [*volumes, {"name": volume, **source}]))
    return edits


def _projected() -> dict[str, Any]:
    """Make the source of the token's volume. Source: TokenVolumeSource; 3607 s and mode 0644 stand there."""
    certificate = {"key": "ca.crt", "path": "ca.crt"}
    field = {"apiVersion": "v1", "fieldPath": "metadata.namespace"}
    return {
        "projected": {
            "defaultMode": 420,
            "sources": [
                {"serviceAccountToken": {"expirationSeconds": 3607, "path": "token"}},
                {"configMap": {"name": "kube-root-ca.crt", "items": [certificate]}},
                {"downwardAPI": {"items": [{"path": "namespace", "fieldRef": field}]}},
            ],
        }
    }


def _mapping(value: Any) -> Mapping[str, Any]:
    # asking an abstract class costs more than everything else here
    return value if value.__class__ is dict or isinstance(value, Mapping) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
