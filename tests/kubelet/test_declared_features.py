"""What a pod needs of the features that its node declares, by version, gates and the node's status.

Source: k8s.io/component-helpers v0.35.4 to v0.38.0-beta.0 nodedeclaredfeatures; kubernetes 1.35.4 to
1.38.0-beta.0 pkg/kubelet/lifecycle/handlers.go.
"""

from typing import Any

import pytest

from podproof.effective.container_in_pod import place_containers
from podproof.effective.node import Node
from podproof.effective.setting import Setting
from podproof.effective.value import Unknown
from podproof.kube.feature_gates import parse_feature_gates
from podproof.kube.pod import raw_pod
from podproof.kubelet.start import predict_start
from podproof.kubelet.start_prediction import PodStartPrediction

Fields = dict[str, Any]
RESTART_ALL = "RestartAllContainersOnContainerExits"
RULES: Fields = {"restartPolicy": "Never", "restartPolicyRules": [{"action": "RestartAllContainers"}]}
HOST_NETWORK: Fields = {"hostUsers": False, "hostNetwork": True}
USERS = "UserNamespacesHostNetworkSupport"
OPTIONS: Fields = {"volumeMounts": [{"name": "v", "mountPath": "/v", "bindMountOptions": ["noexec"]}]}
OCI: Fields = {"securityContext": {"seccompProfile": {"type": "OCI"}}}
SOURCE: Fields = {"podCertificate": {"signerName": "a/b", "keyType": "MLDSA65"}}
CERTIFICATE: Fields = {"volumes": [{"name": "v", "projected": {"sources": [SOURCE]}}]}


def predict(
    spec: Fields, container: Fields, minor: int, gates: str, declared: tuple[str, ...] | None
) -> PodStartPrediction:
    whole = {"containers": [{"name": "c", "image": "i", "command": ["x"], **container}], **spec}
    pod = raw_pod({"metadata": {"name": "p"}, "spec": whole})
    told = parse_feature_gates([gates], minor).changed
    setting = Setting(version=minor, changed_gates=told, node=Node(declared_features=declared))
    return predict_start(pod, place_containers(pod, setting), setting)


@pytest.mark.parametrize(
    ("spec", "container", "minor", "gates", "declared", "missing", "route"),
    [
        # what the gates turn on, the node declares
        ({}, RULES, 36, "", None, "", ""),
        ({}, RULES, 36, f"{RESTART_ALL}=false", None, RESTART_ALL, "restartPolicyRules"),
        # a node of another version or with other gates says so itself
        ({}, RULES, 36, "", (), RESTART_ALL, "restartPolicyRules"),
        ({}, RULES, 36, "", (RESTART_ALL,), "", ""),
        ({}, {}, 36, "", (), "", ""),
        ({}, {"restartPolicyRules": [{"action": "Restart"}]}, 36, "", (), "", ""),
        # 1.35 asks only where it is told to, 1.34 never
        ({}, RULES, 35, "", (), "", ""),
        ({}, RULES, 35, "NodeDeclaredFeatures=true", (), RESTART_ALL, "restartPolicyRules"),
        ({}, RULES, 36, "NodeDeclaredFeatures=false", (), "", ""),
        ({}, RULES, 34, "", (), "", ""),
        (HOST_NETWORK, {}, 37, f"{USERS}=true", (), USERS, "hostUsers"),
        (HOST_NETWORK, {}, 37, f"{USERS}=true", (USERS,), "", ""),
        (HOST_NETWORK, {}, 37, "", None, USERS, "hostUsers"),
        (HOST_NETWORK, {}, 35, f"NodeDeclaredFeatures=true,{USERS}=true", (), "", ""),
        ({"hostNetwork": True}, {}, 37, f"{USERS}=true", (), "", ""),
        ({}, OPTIONS, 37, "VolumeBindMountOptions=true", (), "VolumeBindMountOptions", "bindMountOptions"),
        ({}, OPTIONS, 36, "", (), "", ""),
        (CERTIFICATE, {}, 38, "", None, "", ""),
        (CERTIFICATE, {}, 38, "", (), "PodCertificateMLDSA", "keyType"),
        (CERTIFICATE, {}, 37, "", (), "", ""),
        # no kubelet of 1.38.0-beta.0 declares it
        (OCI, {}, 38, "SecurityProfileOCI=true", None, "SecurityProfileOCI", "seccompProfile"),
        ({}, OCI, 38, "SecurityProfileOCI=true", None, "SecurityProfileOCI", "seccompProfile"),
        ({**CERTIFICATE, **OCI}, RULES, 38, "", (), f"PodCertificateMLDSA, {RESTART_ALL}, SecurityProfileOCI",
         "keyType"),
    ],
)  # fmt: skip
def test_what_the_node_lacks(
    spec: Fields,
    container: Fields,
    minor: int,
    gates: str,
    declared: tuple[str, ...] | None,
    missing: str,
    route: str,
) -> None:
    prediction = predict(spec, container, minor, gates, declared)
    if not missing:
        assert prediction.reason != "PodFeatureUnsupported"
        return
    message = f"Pod requires node features that are not available: {missing}"
    assert (prediction.phase, prediction.reason) == ("Failed", "PodFeatureUnsupported")
    assert prediction.message == f"Pod was rejected: {message}"
    assert prediction.event is not None
    assert route in prediction.event.route


@pytest.mark.parametrize(
    ("spec", "container", "gates"),
    [(HOST_NETWORK, {}, f"{USERS}=true"), ({}, OPTIONS, "VolumeBindMountOptions=true")],
)
def test_what_a_runtime_decides_is_not_known(spec: Fields, container: Fields, gates: str) -> None:
    prediction = predict(spec, container, 37, gates, None)
    assert prediction.phase is None
    name = gates.partition("=")[0]
    assert prediction.containers[0].starts == Unknown(
        f"not known whether the node declares the feature {name}"
    )


@pytest.mark.parametrize(
    ("minor", "message"),
    [
        (37, ""),
        (38, 'unsupported seccompProfile type "OCI" (supported: Unconfined, RuntimeDefault, Localhost)'),
    ],
)
def test_kubelets_that_do_not_know_the_profile(minor: int, message: str) -> None:
    start = predict(OCI, {}, minor, "", ("SecurityProfileOCI",)).containers[0]
    assert (start.reason, start.message) == (
        ("CreateContainerConfigError", message) if message else (None, "")
    )


AT = ("spec", "containers", 0)
SOURCES = ("spec", "volumes", 1, "projected", "sources")
CONTEXT = ("securityContext", "seccompProfile")


def _certificates(*sources: Fields) -> Fields:
    volumes = [{"name": "e", "emptyDir": {}}, {"name": "v", "projected": {"sources": list(sources)}}]
    return {"volumes": volumes}


def _certificate(key_type: str) -> Fields:
    return {"podCertificate": {"signerName": "a/b", "keyType": key_type}}


@pytest.mark.parametrize(
    ("spec", "container", "missing", "route"),
    [
        *(
            (_certificates(_certificate(key)), {}, "PodCertificateMLDSA", (*SOURCES, 0))
            for key in ("MLDSA44", "MLDSA65", "MLDSA87")
        ),
        (
            _certificates({"secret": {"name": "s"}}, _certificate("ED25519"), _certificate("MLDSA44")),
            {},
            "PodCertificateMLDSA",
            (*SOURCES, 2),
        ),
        (_certificates(_certificate("ED25519")), {}, "", ()),
        (_certificates({"secret": {"name": "s"}}), {}, "", ()),
        (_certificates(), {}, "", ()),
        (
            {},
            {"restartPolicyRules": [{"action": "Restart"}, {"action": "RestartAllContainers"}]},
            RESTART_ALL,
            (*AT, "restartPolicyRules", 1, "action"),
        ),
        (
            {"initContainers": [{"name": "i"}, {"name": "j", **RULES}]},
            {},
            RESTART_ALL,
            ("spec", "initContainers", 1, "restartPolicyRules", 0, "action"),
        ),
        (OCI, OCI, "SecurityProfileOCI", ("spec", *CONTEXT)),
        ({}, OCI, "SecurityProfileOCI", (*AT, *CONTEXT)),
        (
            {"initContainers": [{"name": "i", "image": "i", **OCI}]},
            {},
            "SecurityProfileOCI",
            ("spec", "initContainers", 0, *CONTEXT),
        ),
        (
            {"ephemeralContainers": [{"name": "e", "image": "i", **OCI}]},
            {},
            "SecurityProfileOCI",
            ("spec", "ephemeralContainers", 0, *CONTEXT),
        ),
        ({}, {"securityContext": {"seccompProfile": {"type": "RuntimeDefault"}}}, "", ()),
        ({"securityContext": {"seccompProfile": {"type": "Localhost"}}}, {"securityContext": {}}, "", ()),
        (HOST_NETWORK, {}, USERS, ("spec", "hostUsers")),
        ({"hostUsers": False}, {}, "", ()),
        ({"hostUsers": True, "hostNetwork": True}, {}, "", ()),
        (
            {},
            {"volumeMounts": [{"name": "v", "mountPath": "/a"}, *OPTIONS["volumeMounts"]]},
            "VolumeBindMountOptions",
            (*AT, "volumeMounts", 1, "bindMountOptions"),
        ),
        ({}, {"volumeMounts": [{"name": "v", "mountPath": "/v", "bindMountOptions": []}]}, "", ()),
        (
            {"initContainers": [{"name": "i", "image": "i", **OPTIONS}]},
            {},
            "VolumeBindMountOptions",
            ("spec", "initContainers", 0, "volumeMounts", 0, "bindMountOptions"),
        ),
    ],
)
def test_the_field_that_needs_a_feature(
    spec: Fields, container: Fields, missing: str, route: tuple[str | int, ...]
) -> None:
    event = predict(spec, container, 38, "", ()).event
    if not missing:
        assert event is None
        return
    assert event is not None
    assert event.message == f"Pod requires node features that are not available: {missing}"
    at = (*route, "podCertificate", "keyType") if missing == "PodCertificateMLDSA" else route
    assert (event.reason, event.route) == ("PodFeatureUnsupported", at)


@pytest.mark.parametrize(
    ("spec", "container", "name", "since"),
    [
        (CERTIFICATE, {}, "PodCertificateMLDSA", 38),
        ({}, RULES, RESTART_ALL, 35),
        (OCI, {}, "SecurityProfileOCI", 38),
        (HOST_NETWORK, {}, USERS, 36),
        ({}, OPTIONS, "VolumeBindMountOptions", 37),
    ],
)
def test_since_when_a_feature_is_asked_for(spec: Fields, container: Fields, name: str, since: int) -> None:
    for minor in range(35, 39):
        gates = "NodeDeclaredFeatures=true" if minor < 36 else ""
        refused = predict(spec, container, minor, gates, ()).reason == "PodFeatureUnsupported"
        assert refused is (minor >= since)
        assert predict(spec, container, minor, gates, (name,)).reason != "PodFeatureUnsupported"
