"""What of an object counts as not judged: settings by name, and manifests that stand in it as text."""

from base64 import b64encode
from typing import Any

import pytest
import yaml

from podproof.kube.unjudged import unjudged_in
from podproof.kube.workload import find_workload

MANIFEST = "apiVersion: v1\nkind: Pod\nspec: {containers: [{name: c, image: i}]}\n"


def routes(value: Any) -> list[tuple[str | int, ...]]:
    found = unjudged_in(value, find_workload(value))
    assert found is None or isinstance(found.routes, tuple)
    return [] if found is None else list(found.routes)


@pytest.mark.parametrize(
    ("written", "counts"),
    [
        ("securityContext: {privileged: true}", True),
        ("podSecurityContext: {runAsUser: 0}", True),
        ("SecurityContext: {privileged: true}", True),
        ("securityContext: {}", False),
        ("privileged: true", True),
        ("Privileged: true", True),
        ("privileged: false", False),
        ("allowPrivilegeEscalation: true", True),
        ("allowPrivilegeEscalation: false", False),
        ("procMount: Unmasked", True),
        ("hostPort: 80", True),
        ("hostProcess: true", True),
        ("hostPath: {path: /}", True),
        ("capabilities: {add: [SYS_ADMIN]}", True),
        ("capabilities: [read, write]", False),
        ("capabilities: [SYS_ADMIN]", True),
        ("capabilities: [cap_net_raw]", True),
        ("capAdd: [ALL]", True),
        ("cap_add: [chown]", False),
        ("host-network: true", True),
        ("host_pid: true", True),
        ("security_context: {privileged: true}", True),
        ("runAsUser: 0", True),
        ("runAsUser: 1000", True),
        ("runAsUser: {type: MustRunAs}", False),
        ("privileged: 0", False),
        ("hostPaths: [/]", True),
        ('values: "web:\\n  securityContext: {privileged: true}"', True),
        ('values: "{\\"hostNetwork\\": true}"', True),
        ("values: a securityContext for everybody", False),
        ('values: "replicas: 1"', False),
        ("hosts: [a]", False),
    ],
)
def test_settings_of_a_custom_resource(written: str, counts: bool) -> None:
    value = yaml.safe_load(
        f"apiVersion: example.com/v1\nkind: Thing\nmetadata: {{name: t}}\nspec: {{deep: [{{{written}}}]}}"
    )
    name = written.partition(":")[0]
    assert routes(value) == ([("spec", "deep", 0, name)] if counts else [])


@pytest.mark.parametrize(
    ("version", "kind", "counts"),
    [
        ("v1", "ConfigMap", True),
        ("v1", "Secret", True),
        ("example.com/v1", "Bundle", True),
        ("v1", "Service", False),
    ],
)
def test_a_manifest_that_stands_in_an_object_as_text(version: str, kind: str, counts: bool) -> None:
    value = {"apiVersion": version, "kind": kind, "metadata": {"name": "n"}, "data": {"pod.yaml": MANIFEST}}
    assert routes(value) == ([("data", "pod.yaml")] if counts else [])
    found = unjudged_in(value, None)
    assert found is None or found.reasons == ("a manifest stands in it as text",)


@pytest.mark.parametrize("text", ["containers", MANIFEST.replace("containers", "x"), "kind: apiVersion"])
def test_other_text_is_no_manifest(text: str) -> None:
    assert routes({"apiVersion": "v1", "kind": "ConfigMap", "data": {"a": text}}) == []


BASE64 = b64encode(MANIFEST.encode()).decode()


@pytest.mark.parametrize(
    ("kind", "field", "text", "counts"),
    [
        ("Secret", "data", BASE64, True),
        ("Secret", "binaryData", BASE64, False),
        ("ConfigMap", "binaryData", BASE64, True),
        ("Secret", "data", f"{BASE64[:40]}\n{BASE64[40:]}", True),
        ("Secret", "data", BASE64[:-3], False),
        ("Secret", "data", "x", False),
        ("Secret", "data", "\udcff" * 80, False),
        ("Secret", "data", b64encode(b"containers of tea, and nothing else in here").decode(), False),
        ("Secret", "data", 5, False),
    ],
)
def test_a_manifest_in_base64(kind: str, field: str, text: Any, counts: bool) -> None:
    value = {"apiVersion": "v1", "kind": kind, "metadata": {"name": "n"}, field: {"pod.yaml": text}}
    assert routes(value) == ([(field, "pod.yaml")] if counts else [])


CONTAINER = {"name": "c", "image": "i", "securityContext": {"privileged": True}}


@pytest.mark.parametrize(
    ("version", "kind", "rest", "expected"),
    [
        ("v1", "EphemeralContainers", {"ephemeralContainers": [CONTAINER]}, ("ephemeralContainers",)),
        (
            "apps/v1",
            "ControllerRevision",
            {"data": {"spec": {"template": {"spec": {"containers": [CONTAINER]}}}}},
            ("data", "spec", "template", "spec", "containers"),
        ),
        (
            "settings.k8s.io/v1alpha1",
            "PodPreset",
            {"spec": {"volumes": [{"hostPath": {"path": "/"}}]}},
            ("spec", "volumes", 0, "hostPath"),
        ),
        ("v1", "Service", {"spec": {"ports": [{"port": 80}]}}, None),
        ("v1", "Namespace", {"metadata": {"labels": {"privileged": "true"}}}, None),
        ("v1", "PersistentVolume", {"spec": {"hostPath": {"path": "/"}}}, None),
        (
            "apiextensions.k8s.io/v1",
            "CustomResourceDefinition",
            {"spec": {"properties": {"privileged": {"type": "boolean"}}}},
            None,
        ),
    ],
)
def test_other_kinds_of_the_api_server(
    version: str, kind: str, rest: dict[str, Any], expected: tuple[str | int, ...] | None
) -> None:
    assert routes({"apiVersion": version, "kind": kind, **rest}) == ([] if expected is None else [expected])


@pytest.mark.parametrize(
    ("with_pods", "text", "counts"),
    [
        (False, "web: {securityContext: {privileged: true}}", True),
        (True, "web: {securityContext: {privileged: true}}", False),
        (False, MANIFEST, True),
        (True, MANIFEST, False),
    ],
)
def test_texts_count_where_there_are_no_pods(with_pods: bool, text: str, counts: bool) -> None:
    template = {"spec": {"containers": [CONTAINER]}}
    spec = {"values": text, **({"template": template} if with_pods else {})}
    value = {"apiVersion": "example.com/v1", "kind": "Thing", "metadata": {"name": "t"}, "spec": spec}
    assert (find_workload(value) is not None) is with_pods
    assert routes(value) == ([("spec", "values")] if counts else [])
