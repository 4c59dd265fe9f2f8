"""The ServiceAccount plugin: which account, and the token's volume."""

from types import MappingProxyType
from typing import Any

import pytest

from podproof.admission.service_account import fill_in, missing_account
from podproof.edits.apply import apply_edits
from podproof.effective.volumes import TOKEN_PATH

from .requests import pod


def _filled(
    held: dict[str, Any], account: Any = None, *, minor: int = 24, token: bool = True
) -> dict[str, Any]:
    spec: dict[str, Any] = apply_edits(
        held, fill_in(held, account, name="default", minor=minor, token=token)
    )["spec"]
    return spec


def test_the_account_and_its_token() -> None:
    spec = _filled(pod(initContainers=[{"name": "i", "image": "i"}]))
    assert spec["serviceAccountName"] == "default"
    mount = {"name": "kube-api-access-xxxxx", "readOnly": True, "mountPath": TOKEN_PATH}
    assert spec["containers"][0]["volumeMounts"] == spec["initContainers"][0]["volumeMounts"] == [mount]
    (volume,) = spec["volumes"]
    assert volume["projected"]["sources"][0] == {
        "serviceAccountToken": {"expirationSeconds": 3607, "path": "token"}
    }


@pytest.mark.parametrize(
    ("of_pod", "of_account", "mounted"),
    [(None, None, True), (None, False, False), (None, True, True), (True, False, True), (False, True, False)],
)
def test_who_decides_about_the_token(of_pod: Any, of_account: Any, mounted: bool) -> None:
    spec = {} if of_pod is None else {"automountServiceAccountToken": of_pod}
    account = {} if of_account is None else {"automountServiceAccountToken": of_account}
    assert ("volumes" in _filled(pod(**spec), account)) is mounted


def test_what_is_there_stays() -> None:
    held = pod(serviceAccountName="build", volumes=[{"name": "kube-api-access-abcde", "emptyDir": {}}])
    held["spec"]["containers"][0]["volumeMounts"] = [{"name": "x", "mountPath": TOKEN_PATH}]
    assert fill_in(held, None, name="default", minor=24, token=True) == ()


def test_before_1_21_the_token_is_a_secret() -> None:
    assert _filled(pod(), minor=20)["volumes"] == [
        {"name": "default-token-xxxxx", "secret": {"secretName": "default-token-xxxxx"}}
    ]


def test_mirror_pods_and_versions_without_policies() -> None:
    held = pod()
    assert set(_filled(held, token=False)) - set(held["spec"]) == {"serviceAccountName"}
    held["metadata"]["annotations"] = {"kubernetes.io/config.mirror": "x"}
    assert _filled(held) == held["spec"]


def test_the_refusal() -> None:
    assert missing_account("n", "a") == 'error looking up service account n/a: serviceaccount "a" not found'


def _frozen(value: Any) -> Any:
    """Give the same value in mappings that are no dict; containers are walked as they were written."""
    if isinstance(value, dict):
        frozen = {key: item if key == "containers" else _frozen(item) for key, item in value.items()}
        return MappingProxyType(frozen)
    return [_frozen(item) for item in value] if isinstance(value, list) else value


@pytest.mark.parametrize(
    "pod",
    [
        {"spec": {"containers": [{"name": "c"}]}},
        {"metadata": {"annotations": {"kubernetes.io/config.mirror": "x"}}, "spec": {"containers": []}},
        {"spec": {"serviceAccountName": "a", "containers": [{"name": "c", "volumeMounts": [
            {"name": "t", "mountPath": "/var/run/secrets/kubernetes.io/serviceaccount"}]}]}},
        {"spec": {"volumes": [{"name": "kube-api-access-abcde"}], "containers": [{"name": "c"}]}},
        {"spec": {"automountServiceAccountToken": False, "containers": [{"name": "c"}]}},
    ],
)  # fmt: skip
@pytest.mark.parametrize("account", [None, {"automountServiceAccountToken": False}])
def test_mappings_need_not_be_dicts(pod: Any, account: Any) -> None:
    plain = fill_in(pod, account, name="default", minor=24, token=True)
    assert fill_in(_frozen(pod), _frozen(account), name="default", minor=24, token=True) == plain
