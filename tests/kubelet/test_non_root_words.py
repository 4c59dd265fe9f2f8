"""Why runAsNonRoot stops a container, in the kubelet's words.

Source: kubernetes pkg/kubelet/kuberuntime/security_context_others.go, verifyRunAsNonRoot.
"""

from typing import Any

import pytest

from podproof.effective.container_in_pod import place_containers
from podproof.effective.image import ImageConfig
from podproof.effective.setting import Setting
from podproof.effective.value import Unknown
from podproof.kube.pod import raw_pod
from podproof.kubelet.non_root import NonRootViolation, pod_name, verify_run_as_non_root

HERE = '(pod: "p_n(u)", container: c)'
NON_ROOT = {"runAsNonRoot": True}


def verify(
    context: dict[str, Any], user: str | None = "", version: int = 37, **container: Any
) -> NonRootViolation | Unknown | None:
    pod = raw_pod(
        {
            "metadata": {"name": "p", "namespace": "n", "uid": "u"},
            "spec": {"containers": [{"name": "c", "image": "i", "securityContext": context, **container}]},
        }
    )
    (placed,) = place_containers(pod, Setting(images={"i": ImageConfig(user=user)}, version=version))
    return verify_run_as_non_root(placed)


@pytest.mark.parametrize(
    ("context", "user"),
    [
        ({}, "0"),
        ({"runAsNonRoot": False}, "0"),
        ({**NON_ROOT, "runAsUser": 1}, "0"),
        ({**NON_ROOT, "runAsUser": 1}, "root"),
        ({**NON_ROOT, "runAsUser": 1}, None),
        (NON_ROOT, "1"),
        (NON_ROOT, "1:0"),
        (NON_ROOT, "2147483647"),
    ],
)
def test_may_run(context: dict[str, Any], user: str | None) -> None:
    assert verify(context, user) is None


@pytest.mark.parametrize(
    ("context", "user", "message", "field"),
    [
        ({**NON_ROOT, "runAsUser": 0}, "1", "container's runAsUser breaks non-root policy", "runAsUser"),
        (NON_ROOT, "0", "container has runAsNonRoot and image will run as root", "runAsNonRoot"),
        (NON_ROOT, "", "container has runAsNonRoot and image will run as root", "runAsNonRoot"),
        (
            NON_ROOT,
            "web",
            "container has runAsNonRoot and image has non-numeric user (web), cannot verify user is non-root",
            "runAsNonRoot",
        ),
        (
            NON_ROOT,
            "2147483648",
            "container has runAsNonRoot and image has an invalid user id (2147483648). "
            "(Must be 1-(2147483647)): must be between 0 and 2147483647, inclusive",
            "runAsNonRoot",
        ),
        (
            NON_ROOT,
            "-1",
            "container has runAsNonRoot and image has an invalid user id (-1). "
            "(Must be 1-(2147483647)): must be between 0 and 2147483647, inclusive",
            "runAsNonRoot",
        ),
    ],
)
def test_is_stopped(context: dict[str, Any], user: str, message: str, field: str) -> None:
    assert verify(context, user) == NonRootViolation(f"{message} {HERE}", field)  # type: ignore[arg-type]


@pytest.mark.parametrize("user", ["-1", "2147483648"])
def test_kubelets_before_1_34_take_any_other_number(user: str) -> None:
    assert verify(NON_ROOT, user, version=33) is None
    assert verify(NON_ROOT, user, version=34) is not None


def test_an_unknown_image_leaves_it_open() -> None:
    assert isinstance(verify(NON_ROOT, None), Unknown)


def test_a_container_without_a_name() -> None:
    found = verify({**NON_ROOT, "runAsUser": 0}, name=None)
    assert isinstance(found, NonRootViolation)
    assert found.message.endswith('(pod: "p_n(u)", container: )')


@pytest.mark.parametrize(
    ("metadata", "name"),
    [
        ({"name": "p", "namespace": "n", "uid": "u"}, "p_n(u)"),
        ({"name": "p"}, "p_default(<uid>)"),
        ({}, "_default(<uid>)"),
        (None, "_default(<uid>)"),
    ],
)
def test_the_name_of_a_pod(metadata: dict[str, str] | None, name: str) -> None:
    assert pod_name(raw_pod({"metadata": metadata, "spec": {}})) == name
