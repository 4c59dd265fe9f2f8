"""Annotations of seccomp and AppArmor beside the fields: both have to say the same.

Source: kubernetes 1.37.2 pkg/apis/core/validation, validateSeccompAnnotationsAndFields and
validateAppArmorAnnotationsAndFieldsMatchOnCreate.
"""

from typing import Any

import pytest

from podproof.kube.feature_gates import FeatureGates
from podproof.kube.field_error import Errors
from podproof.kube.validation.profiles import validate_apparmor_agreement, validate_seccomp_agreement

POD = "seccomp.security.alpha.kubernetes.io/pod"
SECCOMP = "container.seccomp.security.alpha.kubernetes.io/"
APPARMOR = "container.apparmor.security.beta.kubernetes.io/"
LOCAL = {"type": "Localhost", "localhostProfile": "p"}

PROFILES = [
    ("unconfined", {"type": "Unconfined"}, None),
    ("runtime/default", {"type": "Unconfined"}, "type"),
    ("runtime/default", {"type": "RuntimeDefault"}, None),
    ("unconfined", {"type": "RuntimeDefault"}, "type"),
    ("localhost/p", LOCAL, None),
    ("localhost/q", LOCAL, "localhostProfile"),
    ("p", LOCAL, "type"),
    ("runtime/default", LOCAL, "type"),
    ("", LOCAL, "type"),
    ("localhost/p", {"type": "RuntimeDefault"}, "type"),
    ("localhost/", {"type": "Localhost"}, "localhostProfile"),
    # what is no type is refused elsewhere
    ("unconfined", {"type": "Other"}, None),
    ("unconfined", {}, None),
]


def said(where: str, key: str | None, word: str) -> list[str]:
    what = {"type": "type", "localhostProfile": "profile", None: ""}[key]
    return [f"{where}.{key}: Forbidden: {word} {what} in annotation and field must match"] if key else []


def spec_of(name: str, profile: Any, **rest: Any) -> dict[str, Any]:
    return {"containers": [{"name": "c", "securityContext": {name: profile}}], **rest}


def seccomp(annotations: dict[str, Any], spec: dict[str, Any]) -> list[str]:
    errors = Errors(FeatureGates(37))
    validate_seccomp_agreement(errors, annotations, spec, ("spec",))
    return [error.text for error in errors]


def apparmor(annotations: dict[str, Any], spec: dict[str, Any]) -> list[str]:
    errors = Errors(FeatureGates(37))
    validate_apparmor_agreement(errors, annotations, spec, ("spec",))
    return [error.text for error in errors]


@pytest.mark.parametrize(
    ("annotation", "profile", "key"),
    [
        *PROFILES,
        ("docker/default", {"type": "RuntimeDefault"}, None),
        ("docker/default", {"type": "Unconfined"}, "type"),
    ],
)
def test_seccomp(annotation: str, profile: dict[str, Any], key: str | None) -> None:
    at = "spec.containers[0].securityContext.seccompProfile"
    spec = spec_of("seccompProfile", profile)
    assert seccomp({f"{SECCOMP}c": annotation}, spec) == said(at, key, "seccomp")
    assert seccomp({f"{SECCOMP}d": annotation, POD: annotation}, spec) == []
    at = "spec.securityContext.seccompProfile"
    spec = {"securityContext": {"seccompProfile": profile}, "containers": [{"name": "c"}]}
    assert seccomp({POD: annotation}, spec) == said(at, key, "seccomp")
    assert seccomp({f"{SECCOMP}c": annotation}, spec) == []


@pytest.mark.parametrize(
    ("annotation", "profile", "key"),
    [*PROFILES, ("docker/default", {"type": "RuntimeDefault"}, "type")],
)
def test_apparmor(annotation: str, profile: dict[str, Any], key: str | None) -> None:
    at = "spec.containers[0].securityContext.appArmorProfile"
    spec = spec_of("appArmorProfile", profile)
    assert apparmor({f"{APPARMOR}c": annotation}, spec) == said(at, key, "apparmor")
    assert apparmor({f"{APPARMOR}d": annotation}, spec) == []
    # the pod's own profile counts for containers without one, and the message names the container's
    spec = {"securityContext": {"appArmorProfile": profile}, "containers": [{"name": "c"}]}
    assert apparmor({f"{APPARMOR}c": annotation}, spec) == said(at, key, "apparmor")
    over = {**spec, "containers": [{"name": "c", "securityContext": {"appArmorProfile": LOCAL}}]}
    assert apparmor({f"{APPARMOR}c": "localhost/p"}, over) == []


def test_apparmor_of_windows_pods_is_left_alone() -> None:
    spec = spec_of("appArmorProfile", LOCAL, os={"name": "windows"})
    assert apparmor({f"{APPARMOR}c": "unconfined"}, spec) == []
    spec["os"] = {"name": "linux"}
    assert len(apparmor({f"{APPARMOR}c": "unconfined"}, spec)) == 1


def test_every_kind_of_container_and_nulls() -> None:
    spec = {
        "initContainers": [{"name": "i", "securityContext": {"seccompProfile": LOCAL}}],
        "ephemeralContainers": [{"securityContext": {"seccompProfile": LOCAL}}],
    }
    assert seccomp({f"{SECCOMP}i": "unconfined", SECCOMP: None}, spec) == [
        *said("spec.initContainers[0].securityContext.seccompProfile", "type", "seccomp"),
        *said("spec.ephemeralContainers[0].securityContext.seccompProfile", "type", "seccomp"),
    ]
    assert seccomp({POD: None}, {"securityContext": {"seccompProfile": LOCAL}}) == said(
        "spec.securityContext.seccompProfile", "type", "seccomp"
    )
    assert apparmor({APPARMOR: None}, {"containers": [{"securityContext": {"appArmorProfile": LOCAL}}]}) == (
        said("spec.containers[0].securityContext.appArmorProfile", "type", "apparmor")
    )
