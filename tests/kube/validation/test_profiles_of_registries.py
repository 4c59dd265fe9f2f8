"""seccompProfile of type OCI, which 1.38 has behind a feature gate.

Source: kubernetes 1.38.0-beta.0 pkg/apis/core/v1 zz_generated.validations.go and validation.go;
pkg/apis/core/validation validatePrivilegedContainersSeccompOCI, validateSeccompProfileType.
"""

from typing import Any

import pytest

from podproof.kube.feature_gates import read_feature_gates
from podproof.kube.review import review

Fields = dict[str, Any]
DIGEST = f"sha256:{'a' * 64}"
REFERENCE = f"docker.io/library/profile@{DIGEST}"
AT = "spec.containers[0].securityContext.seccompProfile"
SUPPORTED = 'supported values: "Localhost", "RuntimeDefault", "Unconfined"'
UNSUPPORTED = f'{AT}.type: Unsupported value: "OCI": {SUPPORTED}'
NO_OCI = f'{AT}.oci: Invalid value: "": must be specified when `type` is "OCI"'
FORM = "<registry>/<repository>@<algorithm>:<digest>"
CANONICAL = f"must be a digest-pinned reference in canonical form ({FORM})"


def refusals(container: Fields, *, on: bool = True, minor: int = 38, pod: Fields | None = None) -> list[str]:
    spec: Fields = {"containers": [{"name": "c", "image": "i", "securityContext": container}]}
    if pod is not None:
        spec["securityContext"] = pod
    gates = read_feature_gates({"SecurityProfileOCI": True} if on else {}, minor)
    body = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}, "spec": spec}
    return [error.text for error in review(body, version=minor, gates=gates).errors]


def profile(**oci: Any) -> Fields:
    return {"seccompProfile": {"type": "OCI", "oci": oci}}


def test_without_its_gate_the_type_is_not_supported() -> None:
    assert refusals(profile(ref=REFERENCE), on=False) == [UNSUPPORTED]
    assert refusals({"seccompProfile": {"type": "OCI"}}, on=False) == [UNSUPPORTED, NO_OCI]
    assert refusals({"seccompProfile": {"type": "OCI"}}, on=False, minor=37) == [UNSUPPORTED]
    assert refusals(profile(ref=REFERENCE)) == []
    assert refusals({"seccompProfile": {"type": "RuntimeDefault"}}) == []


@pytest.mark.parametrize(
    ("context", "errors"),
    [
        ({"type": "OCI"}, [NO_OCI]),
        ({"type": "RuntimeDefault", "oci": {"ref": REFERENCE}},
         [f'{AT}.oci: Invalid value: "": may only be specified when `type` is "OCI"']),
        ({"type": "Other"}, [f'{AT}.type: Unsupported value: "Other": {SUPPORTED}, "OCI"']),
    ],
)  # fmt: skip
def test_the_union(context: Fields, errors: list[str]) -> None:
    assert refusals({"seccompProfile": context}) == errors


@pytest.mark.parametrize(
    ("reference", "error"),
    [
        ("", "Required value"),
        ("profile", f'Invalid value: "profile": {CANONICAL}: repository name must be canonical'),
        (f"docker.io/profile@{DIGEST}",
         f'Invalid value: "docker.io/profile@{DIGEST}": {CANONICAL}: repository name must be canonical'),
        ("a.io/B", 'Invalid value: "a.io/B": '
         f"{CANONICAL}: invalid reference format: repository name (B) must be lowercase"),
        ("a.io/b", f'Invalid value: "a.io/b": must be pinned by digest ({FORM})'),
        ("a.io/b:1", 'Invalid value: "a.io/b:1": must not contain a tag'),
        (f"a.io/b:1@{DIGEST}", f'Invalid value: "a.io/b:1@{DIGEST}": must not contain a tag'),
        ("a" * 1025, "Too long: may not be more than 1024 characters"),
    ],
)  # fmt: skip
def test_the_reference(reference: str, error: str) -> None:
    assert refusals(profile(ref=reference)) == [f"{AT}.oci.ref: {error}"]


@pytest.mark.parametrize(
    ("base", "errors"),
    [
        ({"type": "RuntimeDefault"}, []),
        ({"type": "Localhost", "localhostProfile": "a/b.json"}, []),
        ({}, ["type: Required value"]),
        ({"type": "Unconfined"},
         ['type: Unsupported value: "Unconfined": supported values: "Localhost", "RuntimeDefault"']),
        ({"type": "Localhost"},
         ['localhostProfile: Invalid value: "": must be specified when `type` is "Localhost"']),
        ({"type": "RuntimeDefault", "localhostProfile": "a"},
         ['localhostProfile: Invalid value: "": may only be specified when `type` is "Localhost"']),
        ({"type": "Localhost", "localhostProfile": ""},
         ["localhostProfile: Required value: must not be empty"]),
        ({"type": "Localhost", "localhostProfile": "/a/../b"},
         ['localhostProfile: Invalid value: "/a/../b": must be a relative path',
          "localhostProfile: Invalid value: \"/a/../b\": must not contain '..'"]),
        ({"type": "Localhost", "localhostProfile": "a" * 4097},
         ["localhostProfile: Too long: may not be more than 4096 characters"]),
    ],
)  # fmt: skip
def test_the_base_profile(base: Fields, errors: list[str]) -> None:
    found = refusals(profile(ref=REFERENCE, baseProfile=base))
    assert found == [f"{AT}.oci.baseProfile.{error}" for error in errors]


PRIVILEGED = (
    "spec.containers[0].securityContext.privileged: Forbidden: privileged containers cannot use a seccomp "
    "profile of type OCI; set a seccompProfile of another type on the container"
)


def test_privileged_containers_cannot_use_it() -> None:
    own = profile(ref=REFERENCE)
    assert refusals({"privileged": True, **own}) == [PRIVILEGED]
    assert refusals({"privileged": True}, pod=own) == [PRIVILEGED]
    assert refusals({"privileged": True, "seccompProfile": {"type": "Unconfined"}}, pod=own) == []
    assert refusals({"privileged": False}, pod=own) == []
