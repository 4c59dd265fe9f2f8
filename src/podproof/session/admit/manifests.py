"""A manifest as `kubectl apply` sends it: its resource, its namespace, and what is refused before admission.

An object comes in; a SentManifest goes out, or the reason why pod security does not look at it. kubectl's own
refusals and strict decoding (400) are found here, everything later is not. Source: cli-runtime v0.37.2
pkg/resource/{mapper,visitor}.go; kubectl v0.37.2 pkg/cmd/apply.
"""

from collections.abc import Mapping
from typing import Any

import msgspec

from ...admission.decision import Decision, bad_request
from ...admission.request import RESOURCES
from ...admission.resources.policies import POLICY_VERSIONS
from ...kube.accept import refuse_unreadable
from ...kube.decode import decode_type
from ...kube.generated_name import generated_name
from ...kube.go_format import quote
from ...kube.go_values import go_float
from ...kube.served_kinds import SERVED_UNTIL, VERSIONS
from ...kube.types import workload_type
from ...kube.unjudged import pattern_in
from ...kube.workload import Learned, Workload, find_workload, group_of, is_native

__all__ = ["SentManifest", "read_manifest"]

_GROUPS = ("", "apps", "batch", "extensions", "policy")
"""The API groups whose kinds are known here; a kind of another group is a custom resource."""
_CLUSTER_WIDE = ("Namespace", "PodSecurityPolicy")


class SentManifest(msgspec.Struct, frozen=True):
    """An object on its way to the server.

    `namespace` is "" for what has none, `name` the prefix with x for letters to come. `local` is kubectl's
    refusal to send it, `refusal` the server's to read it, and `warnings` are those of its reading. `custom`
    tells a custom resource, of which only the pods are asked about.
    """

    kind: str
    group: str
    resource: str
    namespace: str
    name: str
    object: Mapping[str, Any]
    local: str = ""
    refusal: Decision | None = None
    warnings: tuple[str, ...] = ()
    custom: bool = False


def read_manifest(
    object_: Mapping[str, Any],
    *,
    minor: int,
    requester_namespace: str,
    explicit: bool,
    source: str,
    doubled: bool = False,
    learned: Learned | None = None,
) -> SentManifest | str:
    """Read an object for Kubernetes 1.`minor`; a string says why it is nothing to ask about.

    `explicit` says that `requester_namespace` was asked for, so that the object may name no other. An object
    with `doubled` keys is read as one that somebody sends who does not ask for strict validation. `learned`
    is what CustomResourceDefinitions say of kinds.
    """
    kind, version = object_["kind"], object_["apiVersion"]
    group = version.rpartition("/")[0]
    if kind in ("PodSecurityConfiguration", "AdmissionConfiguration", "PodproofConfiguration"):
        return f"a {kind} is not an object of a cluster: pass it with --admission-control-config-file"
    known = kind in RESOURCES and group in _GROUPS
    custom = not known and _makes_pods(object_, learned)
    if not known and not custom:
        return f"pod security does not look at {version} {kind}"
    refusal: Decision | None = None
    warnings: tuple[str, ...] = ()
    if doubled and kind in VERSIONS:
        object_, refusal, warnings = _decoded_over(object_, minor)
    metadata = object_.get("metadata")
    metadata = metadata if isinstance(metadata, Mapping) else {}
    own, name, prefix = (metadata.get(key) for key in ("namespace", "name", "generateName"))
    namespace = "" if kind in _CLUSTER_WIDE else own if isinstance(own, str) and own else requester_namespace
    if not isinstance(name, str):
        name = ""
    if not name and isinstance(prefix, str) and prefix:
        name = generated_name(prefix)
    group, resource = RESOURCES[kind] if known else (group, f"{kind.lower()}s")
    sent = SentManifest(
        kind, group, resource, namespace, name, _placed(object_, namespace), warnings=warnings, custom=custom
    )
    local = _undecodable(object_.get("metadata"), minor, source)
    local = local or _not_served(kind, version, minor, source, metadata)
    if not local and explicit and namespace and namespace != requester_namespace:
        local = (
            f'error: the namespace from the provided object "{namespace}" does not match the namespace '
            f"\"{requester_namespace}\". You must pass '--namespace={namespace}' to perform this operation."
        )
    if not local and not name:
        local = _nameless(sent, version, source)
    if local:
        return msgspec.structs.replace(sent, local=local)
    if doubled and kind in VERSIONS:
        return msgspec.structs.replace(sent, refusal=refusal)
    return msgspec.structs.replace(sent, refusal=_unreadable(sent, minor))


def _makes_pods(object_: Mapping[str, Any], learned: Learned | None) -> bool:
    """Tell a custom resource with pods, or a workload whose kind or API version is misspelt.

    What stands in another kind of the server's own is an unknown field there.
    """
    from ...kube.tables.kinds import KNOWN

    if object_["kind"] in KNOWN.get(object_["apiVersion"], ()):
        return False
    workload = find_workload(object_, learned)
    return isinstance(workload, Workload) and not pattern_in(object_, workload)


def _decoded_over(
    object_: Mapping[str, Any], minor: int
) -> tuple[Mapping[str, Any], Decision | None, tuple[str, ...]]:
    """Decode an object as the server does for who does not ask for strict validation.

    Where a key stands twice, the second value is decoded over the first; what was unknown or stood twice is
    in the warnings. Source: apiserver pkg/endpoints/handlers/create.go; fieldValidation is Warn by default.
    """
    kind, version = object_["kind"], object_["apiVersion"]
    type_ = workload_type(version, kind, minor)
    if type_ is None:
        return object_, None, ()
    decoded = decode_type(object_, type_)
    if decoded.fatal is not None:
        cannot = f"{kind} in version {quote(version.rpartition('/')[2])} cannot be handled as a {kind}"
        return object_, bad_request(f"{cannot}: {decoded.fatal.message}"), ()
    return decoded.object, None, tuple(problem.message for problem in decoded.strict)


def _undecodable(metadata: Any, minor: int, source: str) -> str:
    """Say what kubectl says of metadata that it cannot read itself; "" when it can."""
    from ...kube.decode_metadata import decode_metadata

    fatal = decode_metadata(_as_sent(metadata), "metadataOnlyObject", version=minor).fatal
    return "" if fatal is None else f"error: unable to decode {quote(source)}: {fatal.message}"


def _nameless(sent: SentManifest, version: str, source: str) -> str:
    """Say what kubectl says of an object without a name."""
    group_version = version if "/" in version else f"/{version}"
    return (
        f'error: error when retrieving current configuration of:\nResource: "{group_version}, '
        f'Resource={sent.resource}", GroupVersionKind: "{group_version}, Kind={sent.kind}"\nName: "", '
        f'Namespace: "{sent.namespace}"\nfrom server for: {quote(source)}: resource name may not be empty'
    )


def _placed(object_: Mapping[str, Any], namespace: str) -> Mapping[str, Any]:
    """Write the namespace into an object that names none, as kubectl does."""
    metadata = object_.get("metadata")
    if not namespace or not isinstance(metadata, Mapping) or metadata.get("namespace"):
        return object_
    return {**object_, "metadata": {**metadata, "namespace": namespace}}


def _not_served(kind: str, version: str, minor: int, source: str, metadata: Mapping[str, Any]) -> str:
    """Say what kubectl says when the server has no such kind in such a version; "" when it has."""
    group = group_of(version)
    if kind not in RESOURCES or group not in _GROUPS:
        served = not is_native(version) and "." in group
    elif kind == "PodSecurityPolicy":
        served = minor <= POLICY_VERSIONS.get(version, -1)
    elif kind == "Namespace":
        served = version == "v1"
    else:
        served = version == VERSIONS[kind] or minor <= SERVED_UNTIL.get(version, -1)
        if kind == "CronJob" and version == "batch/v1" and minor < 21:
            served = False
    if served:
        return ""
    name, namespace = (quote(str(metadata.get(key) or "")) for key in ("name", "namespace"))
    return (
        f"error: resource mapping not found for name: {name} namespace: {namespace} from {quote(source)}: "
        f"no matches for kind {quote(kind)} in version {quote(version)}\nensure CRDs are installed first"
    )


def _unreadable(sent: SentManifest, minor: int) -> Decision | None:
    """Refuse what strict decoding refuses; kubectl asks for it."""
    if sent.kind == "PodSecurityPolicy":
        return _unreadable_policy(sent.object, minor)
    if sent.kind not in VERSIONS:
        return None
    refused = refuse_unreadable(sent.object, sent.namespace, minor)
    if refused is not None and refused.code == 400:
        # numbers may be other ones as kubectl writes them, and of several faults the first one counts
        refused = refuse_unreadable(_as_sent(sent.object), sent.namespace, minor)
    if refused is None or refused.message is None:
        return None
    return msgspec.structs.replace(bad_request(refused.message), code=refused.code, reason=refused.reason)


def _as_sent(value: Any) -> Any:
    """Write every object's keys in the order in which kubectl sends them, and 1000.0 as 1000."""
    if isinstance(value, Mapping):
        return {key: _as_sent(value[key]) for key in sorted(value)}
    if isinstance(value, float):
        digits = go_float(value)
        return int(digits) if digits.removeprefix("-").isdigit() else value
    return [_as_sent(item) for item in value] if isinstance(value, list) else value


def _unreadable_policy(object_: Mapping[str, Any], minor: int) -> Decision | None:
    from ...kube.decode import decode

    decoded = decode(_as_sent(object_), "policy/v1beta1.PodSecurityPolicy", version=minor)
    strict = [problem.message for problem in decoded.strict]
    if decoded.fatal is not None or not strict:
        return None
    version = object_["apiVersion"].rpartition("/")[2]
    cannot = f"PodSecurityPolicy in version {quote(version)} cannot be handled as a PodSecurityPolicy"
    return bad_request(f"{cannot}: strict decoding error: {', '.join(strict)}")
