"""Pods without security contexts, and profiles that nobody filled in as annotations."""

from typing import Any

import pytest

from podproof.kube.field_error import Errors
from podproof.policies.psp import seccomp
from podproof.policies.psp.pod_mutator import PodMutator
from podproof.policies.psp.policy import read_policy
from podproof.policies.psp.provider import try_policy

from .trial import pod, policy

BARE: dict[str, Any] = {"metadata": {"name": "p"}, "spec": {"containers": [{"name": "c", "image": "i"}]}}
RANGES = {"rule": "MustRunAs", "ranges": [{"min": 5, "max": 9}]}
SECCOMP = "seccomp.security.alpha.kubernetes.io"


def test_a_pod_without_a_context_sets_nothing() -> None:
    mutator = PodMutator(BARE, "example")
    (container,) = mutator.containers
    assert mutator.own("runAsUser") is container.own("runAsUser") is None
    assert mutator.effective(container, "runAsUser") is None


@pytest.mark.parametrize(
    ("spec", "edits"),
    [
        ({}, []),
        ({"fsGroup": RANGES}, ["spec.securityContext.fsGroup"]),
        ({"supplementalGroups": RANGES}, ["spec.securityContext.supplementalGroups"]),
        ({"runAsUser": RANGES}, ["spec.containers.0.securityContext.runAsUser"]),
        ({"runAsGroup": RANGES}, ["spec.containers.0.securityContext.runAsGroup"]),
        (
            {"seLinux": {"rule": "MustRunAs", "seLinuxOptions": {"level": "s0"}}},
            ["spec.securityContext.seLinuxOptions"],
        ),
        (
            {"requiredDropCapabilities": ["ALL"], "readOnlyRootFilesystem": True},
            [
                "spec.containers.0.securityContext.capabilities",
                "spec.containers.0.securityContext.readOnlyRootFilesystem",
            ],
        ),
    ],
)
def test_it_is_filled_in(spec: dict[str, Any], edits: list[str]) -> None:
    found = try_policy(read_policy(policy(**spec)), BARE)
    assert [".".join(map(str, edit.edit.route)) for edit in found.edits] == edits
    assert found.errors == ()


@pytest.mark.parametrize(
    ("profile", "annotation", "judged"),
    [
        ({"type": "Unconfined"}, None, "unconfined"),
        ({"type": "RuntimeDefault"}, None, "runtime/default"),
        ({"type": "Localhost", "localhostProfile": "x"}, None, "localhost/x"),
        ({"type": "RuntimeDefault"}, "unconfined", "unconfined"),
        (None, "unconfined", "unconfined"),
    ],
)
def test_the_pods_profile_is_its_annotations_else_its_fields(
    profile: dict[str, str] | None, annotation: str | None, judged: str
) -> None:
    context = {} if profile is None else {"seccompProfile": profile}
    annotations = {} if annotation is None else {f"{SECCOMP}/pod": annotation}
    wanted = read_policy(policy({f"{SECCOMP}/allowedProfileNames": "localhost/none"}))
    errors: Errors = []
    seccomp.validate_pod(
        errors, wanted, PodMutator(pod(securityContext=context, annotations=annotations), "p")
    )
    assert [error.detail for error in errors] == [
        f"{judged} is not an allowed seccomp profile. Valid values are localhost/none"
    ]
