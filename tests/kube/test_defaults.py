"""API defaulting, of plain objects and of typed pods."""

from typing import Any

import pytest

from podproof.kube.default_pod import default_pod
from podproof.kube.defaults import apply_defaults
from podproof.kube.go_format import json_string, quote
from podproof.kube.image_name import default_pull_policy
from podproof.kube.pod import raw_pod
from podproof.kube.quantity import parse_quantity

APPARMOR = "container.apparmor.security.beta.kubernetes.io/"


def _pod(**spec: Any) -> dict[str, Any]:
    return {"metadata": {"name": "p"}, "spec": {"containers": [{"name": "c", "image": "i"}], **spec}}


def test_pod_gets_what_the_server_writes() -> None:
    pod = _pod(hostNetwork=True, volumes=[{"name": "v"}])
    pod["spec"]["containers"][0]["ports"] = [{"containerPort": 80}]
    assert apply_defaults("Pod", pod) == []
    container = pod["spec"]["containers"][0]
    assert container["ports"] == [{"containerPort": 80, "hostPort": 80, "protocol": "TCP"}]
    assert container["imagePullPolicy"] == "Always"
    assert pod["spec"]["volumes"] == [{"name": "v", "emptyDir": {}}]
    assert pod["spec"]["securityContext"] == {}


def test_apparmor_annotation_is_copied_with_a_warning() -> None:
    pod = _pod()
    pod["metadata"]["annotations"] = {f"{APPARMOR}c": "localhost/x"}
    assert apply_defaults("Pod", pod) == [
        f'metadata.annotations[{APPARMOR}c]: deprecated since v1.30; use the "appArmorProfile" field instead'
    ]
    profile = pod["spec"]["containers"][0]["securityContext"]["appArmorProfile"]
    assert profile == {"type": "Localhost", "localhostProfile": "x"}


def test_typed_pod_is_untouched_when_nothing_applies() -> None:
    pod = raw_pod(_pod(volumes=[{"name": "v", "emptyDir": {}}]))
    assert default_pod(pod) is pod


def test_typed_pod_gets_what_pod_security_sees() -> None:
    raw = _pod(hostNetwork=True, volumes=[{"name": "v"}])
    raw["spec"]["containers"][0]["ports"] = [{"containerPort": 80}]
    raw["metadata"]["annotations"] = {f"{APPARMOR}c": "unconfined"}
    spec = default_pod(raw_pod(raw)).spec
    assert spec is not None
    assert spec.containers is not None
    assert spec.volumes is not None
    assert spec.volumes[0].empty_dir is not None
    container = spec.containers[0]
    assert container.ports is not None
    assert container.ports[0].host_port == 80
    assert container.security_context is not None
    assert container.security_context.app_armor_profile is not None
    assert container.security_context.app_armor_profile.type == "Unconfined"


@pytest.mark.parametrize(
    ("image", "policy"),
    [
        ("i", "Always"),
        ("i:1", "IfNotPresent"),
        ("h:5000/i", "Always"),
        (" x", "IfNotPresent"),
        ("I", "IfNotPresent"),
    ],
)
def test_pull_policy(image: str, policy: str) -> None:
    assert default_pull_policy(image) == policy


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("1000m", "1"),
        ("1024Mi", "1Gi"),
        ("0.5Mi", "512Ki"),
        ("1e3", "1e3"),
        ("1500Mi", "1500Mi"),
        ("1023Ki", "1023Ki"),
    ],
)
def test_quantity_is_canonical(text: str, shown: str) -> None:
    assert str(parse_quantity(text)) == shown


def test_quantity_that_the_server_refuses() -> None:
    assert parse_quantity("1GiB") is None


def test_go_quotes() -> None:
    assert quote('a"\\\n\x7f\u200b\u00e9\U000e0001') == '"a\\"\\\\\\n\\x7f\\u200bé\\U000e0001"'
    assert json_string("<\u2028\x01\x7f") == '"\\u003c\\u2028\\u0001\x7f"'
