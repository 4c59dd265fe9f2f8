"""Versions are read as people write them."""

import pytest

from podproof.errors import UsageError
from podproof.kube.accept import accept
from podproof.kube.review import review
from podproof.kube.versions import BETA, NEWEST, parse_version, version_note


@pytest.mark.parametrize(
    ("text", "minor"),
    [
        ("v1.37", 37),
        ("1.25", 25),
        ("v1.30.2", 30),
        ("1.28.4-gke.100", 28),
        ("latest", NEWEST),
        ("v1.38", BETA),
        ("v1.99", NEWEST),
        ("v1.0", 0),
    ],
)
def test_versions(text: str, minor: int) -> None:
    assert parse_version(text) == minor


@pytest.mark.parametrize("text", ["", "2.0", "v2", "1", "v1.x", "v1.05", "1.2 ", "v1.٣"])
def test_what_is_no_version(text: str) -> None:
    with pytest.raises(UsageError, match="is not a Kubernetes version"):
        parse_version(text)


def test_who_asks_for_an_unknown_version_is_told_as_which_it_is_judged() -> None:
    notes = {text: version_note(text) for text in ("latest", "v1.37.9", "1.38", "v1.39")}
    assert notes == {
        "latest": "",
        "v1.37.9": "",
        "1.38": "Kubernetes v1.38 is not released yet: judged by what is known of v1.38.0-beta.0",
        "v1.39": "Kubernetes v1.39 is newer than every version that is known: judged as v1.37",
    }


def test_the_beta_has_its_new_fields() -> None:
    oci = {"ref": f"a.io/b@sha256:{'a' * 64}", "baseProfile": {"type": "RuntimeDefault"}}
    profile: dict[str, object] = {"type": "OCI", "oci": oci}
    container = {"name": "a", "image": "b", "securityContext": {"seccompProfile": profile}}
    pod = {"kind": "Pod", "apiVersion": "v1", "metadata": {"name": "a"}, "spec": {"containers": [container]}}
    gates = {"SecurityProfileOCI": True}
    kept = accept(pod, kubernetes_version="v1.38", feature_gates=gates).object
    assert kept is not None
    assert kept["spec"]["containers"][0]["securityContext"]["seccompProfile"] == profile
    unknown = accept(pod, kubernetes_version="v1.37").message
    assert 'unknown field "spec.containers[0].securityContext.seccompProfile.oci"' in (unknown or "")
    profile["oci"] = {"ref": "r", "bse": 1}
    unknown = accept(pod, kubernetes_version="v1.38").message
    assert 'unknown field "spec.containers[0].securityContext.seccompProfile.oci.bse"' in (unknown or "")


ANNOTATIONS = {
    "container.apparmor.security.beta.kubernetes.io/a": "unconfined",
    "seccomp.security.alpha.kubernetes.io/pod": "runtime/default",
}
TEMPLATE: dict[str, object] = {
    "terminationGracePeriodSeconds": -1,
    "volumes": [{"name": "v", "gitRepo": {"repository": "r"}}, {"name": "p", "projected": {"sources": [{}]}}],
    "containers": [
        {"name": "a", "image": "b", "env": [{"name": "X", "value": "1"}, {"name": "X", "value": "2"}]}
    ],
}
REPOSITORY = "template.spec.volumes[0].gitRepo: deprecated in v1.11"
NO_SOURCES = 'volume "p" (Projected) has no sources provided'
SECCOMP = "template.metadata.annotations[seccomp.security.alpha.kubernetes.io/pod]: "
FIELD = 'use the "seccompProfile" field instead'
LATER = f"{SECCOMP}non-functional in v1.27+; {FIELD}"
APPARMOR = (
    "template.metadata.annotations[container.apparmor.security.beta.kubernetes.io/a]: "
    'deprecated since v1.30; use the "appArmorProfile" field instead'
)
HIDES = 'template.spec.containers[0].env[1]: hides previous definition of "X"'
APPLIED = f"{HIDES}, which may be dropped when using apply"
GRACE = (
    "template.spec.terminationGracePeriodSeconds: must be >= 0; negative values are invalid and "
    "will be treated as 1"
)


@pytest.mark.parametrize(
    ("minor", "warnings"),
    [
        # Source: kubernetes 1.26.15 to 1.37.2 pkg/api/pod/warnings.go.
        (26, [REPOSITORY, f"{SECCOMP}deprecated since v1.19, non-functional in a future release; {FIELD}"]),
        (27, [REPOSITORY, LATER, GRACE]),
        (28, [REPOSITORY, LATER, HIDES, GRACE]),
        (30, [REPOSITORY, LATER, APPARMOR, APPLIED, GRACE]),
        (32, [REPOSITORY, NO_SOURCES, LATER, APPARMOR, APPLIED, GRACE]),
        (
            33,
            [f"{REPOSITORY}, and disabled by default in v1.33+", NO_SOURCES, LATER, APPARMOR, APPLIED, GRACE],
        ),
        (
            37,
            [f"{REPOSITORY}, and disabled by default in v1.33+", NO_SOURCES, LATER, APPARMOR, APPLIED, GRACE],
        ),
    ],
)
def test_warnings_of_each_version(minor: int, warnings: list[str]) -> None:
    template = {"metadata": {"annotations": ANNOTATIONS}, "spec": TEMPLATE}
    body = {"kind": "PodTemplate", "apiVersion": "v1", "metadata": {"name": "a"}, "template": template}
    assert list(review(body, version=minor).warnings) == warnings
    answer = accept(body, kubernetes_version=f"v1.{minor}")
    assert list(answer.warnings) == warnings
