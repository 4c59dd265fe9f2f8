"""What the API server drops of a pod spec whose feature gates are off."""

import copy
from typing import Any

import pytest

from podproof.kube.accept import accept
from podproof.kube.feature_gates import FeatureGates
from podproof.kube.gated_fields import GATED_FIELDS, drop_gated, drop_gated_fields, without_gated
from podproof.kube.review import review
from podproof.kube.tables.gates import GATES
from podproof.kube.types import Type, resolve

Spec = dict[str, Any]


def dropped(spec: Spec, minor: int, old: Spec | None = None, **told: bool) -> tuple[list[str], Spec]:
    """Drop, and give the gates in their order and what is left."""
    left = copy.deepcopy(spec)
    fields = drop_gated_fields(left, ("spec",), FeatureGates(minor, tuple(told.items())), old)
    return [field.gate for field in fields], left


def fields_below(type_: Type, steps: list[str]) -> Type:
    for step in steps:
        if step == "[]":
            assert type_.item is not None
            type_ = type_.item
        else:
            type_ = type_.fields[step].type
    return type_


@pytest.mark.parametrize("field", GATED_FIELDS, ids=lambda field: f"{field.gate}-{field.paths[0]}")
def test_every_path_is_one_of_the_types_while_its_gate_exists(field: Any) -> None:
    first = max(GATES[field.gate][0][0], 19)
    paths = [
        path.replace("{}", f"{kind}.[]", 1)
        for path in field.paths
        for kind in ("containers", "initContainers")
    ]
    known = 0
    for path in dict.fromkeys(paths):
        for minor in range(first, 38):
            try:
                fields_below(resolve("core/v1.PodSpec", minor), path.split("."))
            except KeyError:
                continue
            known += 1
            break
        else:
            pytest.fail(f"no version has {path}")
    assert known


@pytest.mark.parametrize(
    ("spec", "off", "on", "left"),
    [
        ({"hostUsers": False}, 32, 33, {}),
        (
            {"securityContext": {"supplementalGroupsPolicy": "Strict", "fsGroup": 1}},
            32,
            33,
            {"securityContext": {"fsGroup": 1}},
        ),
        ({"resources": {"limits": {"cpu": "1"}}}, 33, 34, {}),
        ({"hostnameOverride": "db"}, 34, 35, {}),
        ({"os": {"name": "linux"}}, 23, 24, {}),
        ({"ephemeralContainers": [{"name": "d"}]}, 22, 23, {}),
        (
            {"topologySpreadConstraints": [{"minDomains": 2, "maxSkew": 1}]},
            26,
            27,
            {"topologySpreadConstraints": [{"maxSkew": 1}]},
        ),
        (
            {"containers": [{"name": "a", "restartPolicy": "Never", "restartPolicyRules": [{}]}]},
            34,
            35,
            {"containers": [{"name": "a"}]},
        ),
        (
            {"containers": [{"volumeMounts": [{"name": "v", "recursiveReadOnly": "Enabled"}]}]},
            30,
            31,
            {"containers": [{"volumeMounts": [{"name": "v"}]}]},
        ),
        (
            {"volumes": [{"name": "v", "projected": {"sources": [{"clusterTrustBundle": {"path": "a"}}]}}]},
            36,
            37,
            {"volumes": [{"name": "v", "projected": {"sources": [{}]}}]},
        ),
        (
            {"containers": [{"env": [{"name": "A", "valueFrom": {"fileKeyRef": {"key": "k"}}}]}]},
            34,
            35,
            {"containers": [{"env": [{"name": "A", "valueFrom": {}}]}]},
        ),
        ({"schedulingGates": [{"name": "a/b"}]}, 26, 27, {}),
        (
            {"volumes": [{"secret": {"defaultUser": 7, "items": [{"key": "k", "user": 7}]}}]},
            37,
            38,
            {"volumes": [{"secret": {"items": [{"key": "k"}]}}]},
        ),
    ],
)
def test_a_field_is_dropped_until_its_gate_is_on(spec: Spec, off: int, on: int, left: Spec) -> None:
    assert dropped(spec, off)[1] == left
    assert dropped(spec, on) == ([], spec)


def test_proc_mount_falls_back_to_its_default_in_every_container() -> None:
    def spec(value: str) -> Spec:
        return {
            kind: [{"securityContext": {"procMount": value}}]
            for kind in ("initContainers", "containers", "ephemeralContainers")
        }

    assert dropped(spec("Unmasked"), 32) == (["ProcMountType"] * 3, spec("Default"))
    assert dropped(spec("Default"), 32) == ([], spec("Default"))
    assert dropped(spec(""), 32) == (["ProcMountType"] * 3, spec("Default"))


def test_an_empty_text_counts_where_the_server_has_a_pointer() -> None:
    """Source: kubernetes 1.30.14 pkg/api/pod/util.go: the field is compared with nil."""
    policy: Spec = {"securityContext": {"supplementalGroupsPolicy": ""}}
    assert dropped(policy, 32) == (["SupplementalGroupsPolicy"], {"securityContext": {}})
    assert dropped(policy, 33) == ([], policy)
    mount: Spec = {"containers": [{"volumeMounts": [{"subPath": ""}]}]}
    assert dropped(mount, 22, VolumeSubpath=False) == ([], mount)


def test_only_other_policies_than_always_need_restart_rules_of_an_init_container() -> None:
    spec = {"initContainers": [{"restartPolicy": "Always"}, {"restartPolicy": "Never"}]}
    assert dropped(spec, 34) == (
        ["ContainerRestartRules"],
        {"initContainers": [{"restartPolicy": "Always"}, {}]},
    )
    assert dropped(spec, 28)[1] == {"initContainers": [{}, {}]}


def test_an_image_volume_goes_with_its_mounts() -> None:
    mounts = [{"name": "model", "mountPath": "/m"}, {"name": "data", "mountPath": "/d"}]
    spec = {
        "volumes": [{"name": "model", "image": {}}, {"name": "data", "emptyDir": {}}],
        "containers": [{"name": "a", "volumeMounts": mounts}],
        "initContainers": [{"name": "b", "volumeMounts": mounts[:1]}],
    }
    assert dropped(spec, 34) == (
        ["ImageVolume"],
        {
            "volumes": [{"name": "data", "emptyDir": {}}],
            "containers": [{"name": "a", "volumeMounts": mounts[1:]}],
            "initContainers": [{"name": "b", "volumeMounts": []}],
        },
    )


def test_a_hook_that_had_only_a_stop_signal_goes() -> None:
    spec = {
        "containers": [
            {"lifecycle": {"stopSignal": "SIGQUIT"}},
            {"lifecycle": {"stopSignal": "SIGQUIT", "preStop": {"exec": {}}}},
        ]
    }
    assert dropped(spec, 37)[1] == {"containers": [{}, {"lifecycle": {"preStop": {"exec": {}}}}]}


@pytest.mark.parametrize(
    ("spec", "left"),
    [
        ({"volumes": [{"emptyDir": {"mode": 7}}]}, {"volumes": [{"emptyDir": {}}]}),
        (
            {"containers": [{"readinessProbe": {"httpGet": {"port": 1, "protocol": "x"}}}]},
            {"containers": [{"readinessProbe": {"httpGet": {"port": 1}}}]},
        ),
        (
            {"initContainers": [{"startupProbe": {"grpc": {"port": 1, "mode": "x"}}}]},
            {"initContainers": [{"startupProbe": {"grpc": {"port": 1}}}]},
        ),
        (
            {"containers": [{"volumeMounts": [{"name": "v", "bindMountOptions": ["x"]}]}]},
            {"containers": [{"volumeMounts": [{"name": "v"}]}]},
        ),
    ],
)
def test_the_newest_version_has_alpha_fields_too(spec: Spec, left: Spec) -> None:
    assert dropped(spec, 37)[1] == left


def test_what_the_old_object_uses_is_kept_and_nothing_else() -> None:
    spec = {"hostUsers": False, "containers": [{"securityContext": {"procMount": "Unmasked"}}]}
    old = {"hostUsers": True, "containers": [{"securityContext": {"procMount": "Default"}}]}
    gates, left = dropped(spec, 30, old)
    assert gates == ["ProcMountType"]
    assert left["hostUsers"] is False


def test_what_is_told_decides() -> None:
    assert dropped({"hostUsers": False}, 30, UserNamespacesSupport=True) == ([], {"hostUsers": False})
    assert dropped({"hostUsers": False}, 34, UserNamespacesSupport=False) == (["UserNamespacesSupport"], {})


def test_annotations_for_apparmor_go_with_their_gate() -> None:
    key = "container.apparmor.security.beta.kubernetes.io/a"
    pod = {"metadata": {"annotations": {key: "unconfined", "b": "c"}}, "spec": {}}
    off = FeatureGates(24, (("AppArmor", False),))
    left, fields = without_gated("Pod", pod, off)
    assert left["metadata"]["annotations"] == {"b": "c"}
    assert [(field.gate, field.route[-1]) for field in fields] == [("AppArmor", key)]
    assert without_gated("Pod", pod, off, pod)[0] == pod
    assert without_gated("Pod", pod, FeatureGates(24))[0] is pod


@pytest.mark.parametrize(
    ("kind", "route"),
    [
        ("Pod", ()),
        ("PodTemplate", ("template",)),
        ("Job", ("spec", "template")),
        ("CronJob", ("spec", "jobTemplate", "spec", "template")),
    ],
)
def test_templates_are_found_by_kind(kind: str, route: tuple[str, ...]) -> None:
    object_: dict[str, Any] = {"spec": {"hostUsers": False}}
    for step in reversed(route):
        object_ = {step: object_}
    (field,) = drop_gated(kind, object_, FeatureGates(30))
    assert field.route == (*route, "spec", "hostUsers")
    assert field.reason == "feature gate UserNamespacesSupport is off in v1.30, on by default from v1.33"


POD = {
    "apiVersion": "v1",
    "kind": "Pod",
    "metadata": {"name": "a"},
    "spec": {
        "hostUsers": False,
        "containers": [{"name": "a", "image": "b", "securityContext": {"procMount": "Unmasked"}}],
    },
}


def test_the_stored_pod_lacks_what_was_dropped() -> None:
    stored = accept(POD, kubernetes_version="v1.30").object
    assert stored is not None
    assert "hostUsers" not in stored["spec"]
    assert stored["spec"]["containers"][0]["securityContext"] == {"procMount": "Default"}
    told = {"UserNamespacesSupport": True, "ProcMountType": True}
    kept = accept(POD, kubernetes_version="v1.30", feature_gates=told).object
    assert kept is not None
    assert kept["spec"]["hostUsers"] is False
    assert kept["spec"]["containers"][0]["securityContext"] == {"procMount": "Unmasked"}


def _messages(spec: Spec, version: str, **told: bool) -> str:
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a"}, "spec": spec}
    return accept(pod, kubernetes_version=version, feature_gates=told).message or ""


def test_rules_that_a_gate_lifts() -> None:
    spec = {"hostUsers": False, "hostNetwork": True, "containers": [{"name": "a", "image": "b"}]}
    assert "spec.hostNetwork: Forbidden: when `hostUsers` is false" in _messages(spec, "v1.36")
    assert _messages(spec, "v1.36", UserNamespacesHostNetworkSupport=True) == ""
    spec["hostPID"] = True
    assert _messages(spec, "v1.36", UserNamespacesHostNetworkSupport=True).count("Forbidden") == 1

    profile = {"type": "OCI", "oci": {"ref": f"a.io/b@sha256:{'a' * 64}"}}
    spec = {"securityContext": {"seccompProfile": profile}, "containers": [{"name": "a", "image": "b"}]}
    assert 'spec.securityContext.seccompProfile.type: Unsupported value: "OCI"' in _messages(spec, "v1.38")
    assert _messages(spec, "v1.38", SecurityProfileOCI=True) == ""


def test_certificates_with_new_key_types() -> None:
    source = {"signerName": "a.b/c", "keyType": "MLDSA65", "credentialBundlePath": "p"}
    volume = {"name": "v", "projected": {"sources": [{"podCertificate": source}]}}
    spec = {"volumes": [volume], "containers": [{"name": "a", "image": "b"}]}
    assert 'keyType: Unsupported value: "MLDSA65"' in _messages(spec, "v1.37")
    assert _messages(spec, "v1.38") == ""


def test_unmasked_proc_needed_no_user_namespace_before_1_30() -> None:
    context = {"procMount": "Unmasked"}
    spec = {"containers": [{"name": "a", "image": "b", "securityContext": context}]}
    told = {"ProcMountType": True}
    assert _messages(spec, "v1.29", **told) == ""
    assert "`hostUsers` must be false to use `Unmasked`" in _messages(spec, "v1.30", **told)
    assert _messages(spec, "v1.30") == ""
    assert "`hostUsers` must be false to use `Unmasked`" in _messages(spec, "v1.33")


def test_a_stored_object_keeps_what_it_has() -> None:
    spec = {"hostUsers": False, "containers": [{"name": "a", "image": "b"}]}
    metadata = {"name": "a", "uid": "u", "resourceVersion": "7"}
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec}
    assert review(pod, version=30).dropped == ()
    del metadata["uid"]
    assert [field.gate for field in review(pod, version=30).dropped] == ["UserNamespacesSupport"]
