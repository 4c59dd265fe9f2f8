"""What the API server keeps of an update to a pod, and what it refuses of it.

The new and the old pod, both decoded and defaulted, come in; the pod that would be stored goes out of
`prepare_pod_update`, and what is wrong with the change out of `validate_pod_update`. Which part counts
depends on the subresource: the pod itself, `ephemeralcontainers` or `resize`.
Source: kubernetes 1.37.2 pkg/registry/core/pod/strategy.go; pkg/apis/core/validation ValidatePodUpdate,
ValidatePodEphemeralContainersUpdate, ValidatePodResize.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from .equal import semantically_equal
from .feature_gates import FeatureGates, lenient
from .field_error import Errors, FieldError, forbidden, invalid, required
from .go_format import quote
from .new_pod import default_pod_resources
from .resize import NO_PATH, validate_resize
from .tolerated import leave_out_tolerated
from .types import resolve
from .validation.annotations import validate_pod_annotations
from .validation.metadata import validate_metadata
from .validation.pod import validate_pod_spec
from .validation.profiles import APPARMOR_CONTAINER, strip_space
from .version_skew import leave_out_later_rules
from .versions import BETA, NEWEST, Minor
from .visit import REGULAR_FIRST

__all__ = ["prepare_pod_update", "validate_pod_update"]

_FIX = "PodLevelResourcesFixDefaulting"
_MIRROR = "kubernetes.io/config.mirror"
_MAX_INT32 = 2**31 - 1
_MUTABLE = (
    "`spec.containers[*].image`",
    "`spec.initContainers[*].image`",
    "`spec.activeDeadlineSeconds`",
    "`spec.tolerations` (only additions to existing tolerations)",
    "`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)",
)
_MUTABLE_WHILE_GATED = (
    "`spec.schedulingGates` (only deletions of existing scheduling gates)",
    "`spec.nodeSelector` (only additions, and only while the pod has scheduling gates)",
    "`spec.affinity.nodeAffinity` (only while the pod has scheduling gates)",
)
"""What 1.38 lists too. Source: kubernetes 1.38.0-beta.0 pkg/apis/core/validation, updatablePodSpecFields."""
_WORDS_SINCE = 27  # the first version that joins the list above by commas alone
_METADATA_OF_SUBRESOURCES = (
    "deletionTimestamp",
    "generation",
    "selfLink",
    "labels",
    "annotations",
    "finalizers",
    "ownerReferences",
)


def prepare_pod_update(
    new: Mapping[str, Any],
    old: Mapping[str, Any],
    sub_resource: str = "",
    *,
    gates: FeatureGates = FeatureGates(NEWEST),  # noqa: B008, it never changes
) -> dict[str, Any]:
    """Return the pod that the server goes on with: what the subresource may not change is the old pod's."""
    spec, old_spec = dict(new.get("spec") or {}), old.get("spec") or {}
    prepared = {**new, "spec": spec, "metadata": _with_system_fields(new, old)}
    _keep(prepared, old, ("status",))
    if sub_resource not in ("ephemeralcontainers", "resize"):
        if gates.enabled(_FIX) and spec.get("resources") is None and old_spec.get("resources") is not None:
            spec["resources"] = old_spec["resources"]
        return prepared
    if sub_resource == "resize" and not _same_lengths(spec, old_spec):
        return prepared  # validation will say so
    _keep(prepared["metadata"], old.get("metadata") or {}, _METADATA_OF_SUBRESOURCES)
    kept = dict(old_spec)
    if sub_resource == "ephemeralcontainers":
        _keep(kept, spec, ("ephemeralContainers",))
    else:
        if gates.enabled("InPlacePodLevelResourcesVerticalScaling") and not (
            gates.enabled(_FIX) and spec.get("resources") is None
        ):
            _keep(kept, spec, ("resources",))
        if gates.enabled("InPlacePodVerticalScalingMemoryBackedVolumes"):
            _keep(kept, spec, ("volumes",))
        for kind in REGULAR_FIRST:
            if spec.get(kind):
                kept[kind] = _with_resources(spec[kind], old_spec[kind])
        if kept.get("resources"):
            kept["resources"] = dict(kept["resources"])
            if gates.enabled(_FIX):
                default_pod_resources(kept, gates)
    prepared["spec"] = kept
    return prepared


def _with_system_fields(new: Mapping[str, Any], old: Mapping[str, Any]) -> dict[str, Any]:
    """Give the new metadata with what no update changes. Source: apiserver registry/rest BeforeUpdate."""
    metadata, before = dict(new.get("metadata") or {}), old.get("metadata") or {}
    for key in ("creationTimestamp", "deletionTimestamp", *(() if metadata.get("uid") else ("uid",))):
        if before.get(key) is not None:
            metadata[key] = before[key]
    return metadata


def _keep(target: dict[str, Any], source: Mapping[str, Any], keys: Sequence[str]) -> None:
    """Make the members of the target the source's, absent ones absent."""
    for key in keys:
        if source.get(key) is None:
            target.pop(key, None)
        else:
            target[key] = source[key]


def _same_lengths(spec: Mapping[str, Any], old: Mapping[str, Any]) -> bool:
    return all(len(spec.get(kind) or ()) == len(old.get(kind) or ()) for kind in REGULAR_FIRST)


def _with_resources(new: Sequence[Any], old: Sequence[Any]) -> list[Any]:
    """Return the old containers with the new ones' resources; a renamed or moved one leaves all as asked."""
    kept = []
    for container, before in zip(new, old, strict=True):
        if container.get("name") != before.get("name"):
            return list(new)
        merged = dict(before)
        _keep(merged, container, ("resources", "resizePolicy"))
        kept.append(merged)
    return kept


def validate_pod_update(
    new: Mapping[str, Any],
    old: Mapping[str, Any],
    *,
    sub_resource: str = "",
    version: Minor,
    gates: FeatureGates | None = None,
) -> list[FieldError]:
    """Say what the server refuses of a prepared update, in its order; `gates` None: the version's own.

    What the old pod has although a gate is off by now is allowed further.
    """
    gates = gates or FeatureGates(version)
    errors = _find_errors(new, old, sub_resource, gates)
    if errors:
        refused = Errors(gates)
        validate_pod_spec(refused, old.get("spec") or {}, old.get("metadata") or {}, ("spec",))
        if refused:
            errors = _find_errors(new, old, sub_resource, lenient(gates))
            errors = leave_out_tolerated(errors, refused)
    return errors


def _find_errors(
    new: Mapping[str, Any], old: Mapping[str, Any], sub_resource: str, gates: FeatureGates
) -> list[FieldError]:
    errors, version = Errors(gates), gates.minor
    metadata, spec = new.get("metadata") or {}, new.get("spec") or {}
    old_metadata, old_spec = old.get("metadata") or {}, old.get("spec") or {}
    _validate_identity(errors, metadata, old_metadata)
    validate_metadata(errors, metadata)
    validate_pod_annotations(errors, metadata.get("annotations") or {}, spec, ("metadata", "annotations"))
    validate_pod_spec(errors, spec, metadata, ("spec",))
    mirror = _MIRROR in (old_metadata.get("annotations") or {})
    if sub_resource == "resize":
        errors = validate_resize(errors, new, old, mirror=mirror, gates=gates)
    else:
        _validate_annotation_changes(
            errors, metadata.get("annotations") or {}, old_metadata.get("annotations") or {}
        )
        if sub_resource == "ephemeralcontainers":
            if mirror:
                detail = "static pods do not support ephemeral containers"
                return [FieldError("Forbidden", (), None, detail, NO_PATH)]
            _validate_ephemeral(errors, spec, old_spec, version)
        else:
            _validate_spec_change(errors, spec, old_spec, version)
    return leave_out_later_rules({error.text: error for error in errors}.values(), version)


def _validate_identity(errors: Errors, metadata: Mapping[str, Any], old: Mapping[str, Any]) -> None:
    """Refuse another name, namespace or uid, and a deletion that is only claimed; the uid may be left out."""
    for key in ("name", "namespace"):
        if (metadata.get(key) or "") != (old.get(key) or ""):
            invalid(errors, ("metadata", key), metadata.get(key) or "", "field is immutable")
    for key in ("uid", "deletionTimestamp"):
        if metadata.get(key) and metadata[key] != old.get(key):
            invalid(errors, ("metadata", key), metadata[key], "field is immutable")


def _validate_annotation_changes(
    errors: Errors, annotations: Mapping[str, str], old: Mapping[str, str]
) -> None:
    """Refuse changes of AppArmor and mirror annotations; among several the server's order is random."""
    for key in sorted(old):
        if annotations.get(key) == old[key]:
            continue
        _refuse_annotation(errors, key, "remove or update")
    for key in sorted(annotations):
        if key not in old:
            _refuse_annotation(errors, key, "add")


def _refuse_annotation(errors: Errors, key: str, what: str) -> None:
    if key.startswith(APPARMOR_CONTAINER):
        name = f"{what} AppArmor annotations"
    elif key == _MIRROR:
        name = f"{what} mirror pod annotation"
    else:
        return
    forbidden(
        errors, ("metadata", "annotations", key), f"may not {name}", field=f"metadata.annotations[{key}]"
    )


def _validate_ephemeral(
    errors: Errors, spec: Mapping[str, Any], old: Mapping[str, Any], version: int
) -> None:
    named = {container.get("name"): container for container in spec.get("ephemeralContainers") or ()}
    type_ = resolve("core/v1.EphemeralContainer", version)
    for before in old.get("ephemeralContainers") or ():
        name = before.get("name") or ""
        if name not in named:
            detail = f"existing ephemeral containers {quote(name)} may not be removed\n"
        elif not semantically_equal(before, named[name], type_):
            # a Go diff follows the line break
            detail = f"existing ephemeral containers {quote(name)} may not be changed\n"
        else:
            continue
        forbidden(errors, ("spec", "ephemeralContainers"), detail)


def _validate_spec_change(
    errors: Errors, spec: Mapping[str, Any], old: Mapping[str, Any], version: int
) -> None:
    for kind in REGULAR_FIRST:
        if _refuse_containers(errors, spec.get(kind) or (), old.get(kind) or (), kind):
            return
    if not _validate_deadline(errors, spec.get("activeDeadlineSeconds"), old.get("activeDeadlineSeconds")):
        return
    _validate_tolerations(errors, spec.get("tolerations") or (), old.get("tolerations") or ())
    _validate_gates(errors, spec.get("schedulingGates") or (), old.get("schedulingGates") or ())
    munged = _without_mutable(spec, old)
    if old.get("schedulingGates"):
        # a gated pod's node selector and node affinity may be narrowed; whether the latter is is not modelled
        _refuse_loosened_selector(errors, spec.get("nodeSelector"), old.get("nodeSelector") or {})
        _keep(munged, old, ("nodeSelector", "affinity"))
    if semantically_equal(munged, old, resolve("core/v1.PodSpec", version)):
        return
    if version >= _WORDS_SINCE:
        fields = ",".join(_MUTABLE if version < BETA else _MUTABLE + _MUTABLE_WHILE_GATED)
    else:
        fields = f"{', '.join(_MUTABLE[:-1])} or {_MUTABLE[-1]}"
    # a Go diff follows the line break
    forbidden(errors, ("spec",), f"pod updates may not change fields other than {fields}\n")


def _refuse_containers(
    errors: Errors, containers: Sequence[Mapping[str, Any]], old: Sequence[Any], kind: str
) -> bool:
    """Refuse added and removed containers, and say whether there were any; then judge the images."""
    if len(containers) != len(old):
        forbidden(errors, ("spec", kind), "pod updates may not add or remove containers")
        return True
    for index, container in enumerate(containers):
        image, at = container.get("image") or "", ("spec", kind, index, "image")
        if not image:
            required(errors, at)
        if strip_space(image) != image:
            invalid(errors, at, image, "must not have leading or trailing whitespace")
    return False


def _validate_deadline(errors: Errors, deadline: int | None, old: int | None) -> bool:
    """Judge the change of activeDeadlineSeconds; False: the server looks no further."""
    at = ("spec", "activeDeadlineSeconds")
    if deadline is None:
        if old is not None:
            invalid(errors, at, None, "must not update from a positive integer to nil value")
        return True
    if not 0 <= deadline <= _MAX_INT32:
        invalid(errors, at, deadline, f"must be between 0 and {_MAX_INT32}, inclusive")
        return False
    if old is not None and old < deadline:
        invalid(errors, at, deadline, "must be less than or equal to previous value")
        return False
    return True


def _validate_tolerations(errors: Errors, tolerations: Sequence[Any], old: Sequence[Any]) -> None:
    def lasting(toleration: Mapping[str, Any]) -> dict[str, Any]:
        return {key: value for key, value in toleration.items() if key != "tolerationSeconds" and value}

    kept = [lasting(toleration) for toleration in tolerations]
    if any(lasting(toleration) not in kept for toleration in old):
        detail = "existing toleration can not be modified except its tolerationSeconds"
        forbidden(errors, ("spec", "tolerations"), detail)


def _validate_gates(errors: Errors, gates: Sequence[Any], old: Sequence[Any]) -> None:
    known = {gate.get("name") for gate in old}
    for index, gate in enumerate(gates):
        if gate.get("name") not in known:
            detail = f"only deletion is allowed, but found new scheduling gate '{gate.get('name') or ''}'"
            forbidden(errors, ("spec", "schedulingGates", index, "name"), detail)


def _refuse_loosened_selector(
    errors: Errors, selector: Mapping[str, str] | None, old: Mapping[str, str]
) -> None:
    if any((selector or {}).get(key) != value for key, value in old.items()):
        detail = "only additions to spec.nodeSelector are allowed (no mutations or deletions)"
        invalid(errors, ("spec", "nodeSelector"), selector, detail)


def _without_mutable(spec: Mapping[str, Any], old: Mapping[str, Any]) -> dict[str, Any]:
    """Return the new spec with what may change put back to what it was."""
    munged = dict(spec)
    for kind in REGULAR_FIRST:
        if spec.get(kind):
            munged[kind] = [
                {**container, "image": before.get("image")}
                for container, before in zip(spec[kind], old[kind], strict=True)
            ]
    _keep(munged, old, ("activeDeadlineSeconds", "schedulingGates", "tolerations"))
    grace, old_grace = spec.get("terminationGracePeriodSeconds"), old.get("terminationGracePeriodSeconds")
    if old_grace is not None and old_grace < 0 and grace == 1:
        munged["terminationGracePeriodSeconds"] = old_grace
    return munged
