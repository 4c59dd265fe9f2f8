"""Names, labels, annotations, owner references and selectors.

An object's metadata comes in, what is wrong with it is added. Which name a kind may have is the caller's.
Source: kubernetes 1.37.2, apimachinery pkg/api/validation/objectmeta.go, pkg/apis/meta/v1/validation.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ...manifest.route import Route, format_route
from ..field_error import Errors, forbidden, invalid, required, too_long
from ..generated_name import generated_name
from ..go_format import Printed, json_text, json_value
from .formats import byte_length, dns_label, dns_subdomain, label_value, name_prefix, qualified_name

_MAX_ANNOTATIONS = 256 * 1024  # bytes of all keys and values together
_STANDARD_FINALIZERS = ("kubernetes", "orphan", "foregroundDeletion")

Faults = Callable[[str], tuple[str, ...]]


def validate_metadata(
    errors: Errors,
    metadata: Mapping[str, Any],
    *,
    name_faults: Faults = dns_subdomain,
    generated: bool = True,
) -> None:
    """Judge an object's own metadata; `generated` False leaves `generateName` alone."""
    route: Route = ("metadata",)
    name, prefix = metadata.get("name") or "", metadata.get("generateName") or ""
    if prefix and generated:
        for fault in name_faults(name_prefix(prefix)):
            invalid(errors, (*route, "generateName"), prefix, fault)
    if name:
        for fault in name_faults(name):
            invalid(errors, (*route, "name"), name, fault)
    elif prefix:
        # the server appends five characters first and judges the result
        made = generated_name(prefix)
        for fault in name_faults(made):
            invalid(errors, (*route, "name"), made, fault)
    else:
        required(errors, (*route, "name"), "name or generateName is required")
    namespace = metadata.get("namespace")
    if namespace:
        for fault in dns_label(namespace):
            invalid(errors, (*route, "namespace"), namespace, fault)
    if metadata.get("labels"):
        validate_labels(errors, metadata["labels"], (*route, "labels"))
    if metadata.get("annotations"):
        validate_annotations(errors, metadata["annotations"], (*route, "annotations"))
    if metadata.get("ownerReferences"):
        _validate_owners(errors, metadata["ownerReferences"], (*route, "ownerReferences"))
    if metadata.get("finalizers"):
        _validate_finalizers(errors, metadata["finalizers"], (*route, "finalizers"))


def validate_labels(errors: Errors, labels: Mapping[str, str] | None, route: Route) -> None:
    """Judge keys and values of labels; the API server's order among several is random, ours is sorted."""
    if not labels:
        return
    for key, value in labels.items():
        if qualified_name(key) or (value and label_value(value)):
            break
    else:
        return
    for key in sorted(labels):
        validate_label_name(errors, key, route)
        value = labels[key] or ""
        for fault in label_value(value):
            invalid(errors, route, value, fault)


def validate_label_name(errors: Errors, name: str, route: Route) -> None:
    """Judge one label's key."""
    for fault in qualified_name(name):
        invalid(errors, route, name, fault)


def validate_label_keys(
    errors: Errors,
    keys: Sequence[str],
    mismatched: Sequence[str],
    selector: Mapping[str, Any] | None,
    route: Route,
) -> None:
    """Judge `matchLabelKeys` and `mismatchLabelKeys`, whose values are taken from the pod's own labels.

    `route` is the term's or constraint's that has them beside `labelSelector`.
    Source: pkg/apis/core/validation, ValidateMatchLabelKeysAndMismatchLabelKeys.
    """
    for name, names in (("matchLabelKeys", keys), ("mismatchLabelKeys", mismatched)):
        if names and selector is None:
            detail = "must not be specified when labelSelector is not set"
            forbidden(errors, (*route, name), detail)
        elif names:
            for index, key in enumerate(names):
                validate_label_name(errors, key, (*route, name, index))
    if keys and selector is not None:
        # a pod's keys are in the selector by now: the server has put them there
        places = {key: index for index, key in enumerate(keys)}
        seen = set(selector.get("matchLabels") or ())
        for expression in selector.get("matchExpressions") or ():
            key = expression.get("key") or ""
            if key in places and key in seen:
                at, field = (*route, "matchLabelKeys", places[key]), format_route((*route, places[key]))
                detail = "exists in both matchLabelKeys and labelSelector"
                invalid(errors, at, key, detail, field=field)
            seen.add(key)
    others = set(mismatched)
    for index, key in enumerate(keys):
        if key in others:
            detail = "exists in both matchLabelKeys and mismatchLabelKeys"
            invalid(errors, (*route, "matchLabelKeys", index), key, detail)


def validate_user_annotations(errors: Errors, annotations: Mapping[str, str], route: Route) -> None:
    """Judge what a pod tells a signer: keys that begin with a domain, and their size together.

    Source: pkg/apis/core/validation, ValidateUserAnnotations.
    """
    for key in sorted(annotations):
        lowered = key.lower()
        faults = qualified_name(lowered) if key else ()
        if not key:
            required(errors, route)
        elif "/" not in key:
            faults = faults or ('must be a domain-prefixed key (such as "acme.io/foo")',)
        for fault in faults:
            invalid(errors, route, lowered, fault)
    _limit_size(errors, annotations, route)


def validate_annotations(errors: Errors, annotations: Mapping[str, str] | None, route: Route) -> None:
    """Judge the keys of annotations and their size together."""
    if not annotations:
        return
    for key in sorted(annotations):
        for fault in qualified_name(key.lower()):
            invalid(errors, route, key, fault)
    _limit_size(errors, annotations, route)


def _limit_size(errors: Errors, annotations: Mapping[str, str], route: Route) -> None:
    size = sum(byte_length(key) + byte_length(value or "") for key, value in annotations.items())
    if size > _MAX_ANNOTATIONS:
        too_long(errors, route, _MAX_ANNOTATIONS)


def _validate_owners(errors: Errors, owners: list[dict[str, Any]], route: Route) -> None:
    controller = ""
    for index, owner in enumerate(owners):
        at = (*route, index)
        version = owner.get("apiVersion") or ""
        if not version:
            required(errors, (*at, "apiVersion"), "must not be empty")
        elif version.count("/") > 1 or version.endswith("/"):
            invalid(errors, (*at, "apiVersion"), version, "must be <group>/<version> or <version>")
        for key in ("kind", "name", "uid"):
            if not owner.get(key):
                required(errors, (*at, key), "must not be empty")
        if version == "v1" and owner.get("kind") == "Event":
            invalid(errors, at, json_value(owner), "/v1, Kind=Event is disallowed from being an owner")
        if owner.get("controller"):
            current = f"{owner.get('kind') or ''}/{owner.get('name') or ''}"
            if controller:
                invalid(
                    errors,
                    route,
                    json_value(owners),
                    "Only one reference can have Controller set to true. "
                    f'Found "true" in references for {controller} and {current}',
                )
            else:
                controller = current


def _validate_finalizers(errors: Errors, finalizers: list[str], route: Route) -> None:
    for finalizer in finalizers:
        for fault in qualified_name(finalizer):
            invalid(errors, route, finalizer, fault)
    if "orphan" in finalizers and "foregroundDeletion" in finalizers:
        detail = "finalizer orphan and foregroundDeletion cannot be both set"
        invalid(errors, route, json_value(finalizers), detail)
    for index, finalizer in enumerate(finalizers):
        if "/" not in finalizer and finalizer not in _STANDARD_FINALIZERS:
            detail = "name is neither a standard finalizer name nor is it fully qualified"
            invalid(errors, (*route, index), finalizer, detail)


def validate_selector(errors: Errors, selector: Mapping[str, Any] | None, route: Route) -> None:
    """Judge a label selector; None is fine."""
    if selector is None:
        return
    validate_labels(errors, selector.get("matchLabels"), (*route, "matchLabels"))
    for index, expression in enumerate(selector.get("matchExpressions") or ()):
        at = (*route, "matchExpressions", index)
        operator, values = expression.get("operator") or "", expression.get("values") or ()
        if operator in ("In", "NotIn"):
            if not values:
                required(errors, (*at, "values"), "must be specified when `operator` is 'In' or 'NotIn'")
        elif operator in ("Exists", "DoesNotExist"):
            if values:
                detail = "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"
                forbidden(errors, (*at, "values"), detail)
        else:
            invalid(errors, (*at, "operator"), json_value(operator), "not a valid selector operator")
        validate_label_name(errors, expression.get("key") or "", (*at, "key"))
        for position, value in enumerate(values):
            for fault in label_value(value):
                invalid(errors, (*at, "values", position), value, fault)


def selector_is_usable(selector: Mapping[str, Any] | None) -> bool:
    """Say whether the API server can turn a selector into a matcher at all."""
    errors = Errors()
    validate_selector(errors, selector, ())
    return not errors


def selector_matches(selector: Mapping[str, Any] | None, labels: Mapping[str, str] | None) -> bool:
    """Say whether labels satisfy a selector: None matches nothing, an empty one everything."""
    if selector is None:
        return False
    labels = labels or {}
    for key, value in (selector.get("matchLabels") or {}).items():
        if key not in labels or (labels[key] or "") != (value or ""):
            return False
    for expression in selector.get("matchExpressions") or ():
        operator, present = expression.get("operator"), expression.get("key") in labels
        chosen = present and (labels[expression["key"]] or "") in (expression.get("values") or ())
        if (operator == "In" and not chosen) or (operator == "NotIn" and chosen):
            return False
        if (operator == "Exists" and not present) or (operator == "DoesNotExist" and present):
            return False
    return True


def selector_is_empty(selector: Mapping[str, Any] | None) -> bool:
    """Say whether a selector has no requirement."""
    return not selector or not (selector.get("matchLabels") or selector.get("matchExpressions"))


def show_selector(selector: Mapping[str, Any] | None) -> Printed:
    """Print a selector as Go does, which leaves its empty parts out."""
    if selector is None:
        return json_value(None)
    parts = []
    if selector.get("matchLabels"):
        parts.append(f'"matchLabels":{json_text(selector["matchLabels"])}')
    if selector.get("matchExpressions"):
        # the keys come in the order of the Go type, not sorted
        shown = ",".join(
            "{"
            + ",".join(
                f'"{key}":{json_text(item.get(key) or "")}'
                for key in ("key", "operator", "values")
                if key != "values" or item.get(key)
            )
            + "}"
            for item in selector["matchExpressions"]
        )
        parts.append(f'"matchExpressions":[{shown}]')
    return Printed("{" + ",".join(parts) + "}")
