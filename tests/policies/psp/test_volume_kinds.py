"""Every kind of volume has its word in a policy: that word allows it, and no other does."""

import pytest

from .trial import pod, policy, trial

# the field of a volume and, where they differ, the policy's word
KINDS = [
    "hostPath", "emptyDir", "gcePersistentDisk", "awsElasticBlockStore", "gitRepo", "secret", "nfs", "iscsi",
    "glusterfs", "persistentVolumeClaim", "rbd", "flexVolume", "cinder", "cephfs", "flocker", "downwardAPI",
    "fc", "azureFile",
    "configMap", "vsphereVolume", "quobyte", "azureDisk", "photonPersistentDisk", "storageos",
    "projected", "portworxVolume", "scaleIO", "csi", "ephemeral",
]  # fmt: skip
WORDS = {"cephfs": "cephFS"}


@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_has_its_word(kind: str) -> None:
    word = WORDS.get(kind, kind)
    has = pod(volumes=[{"name": "v", kind: {}}])
    others = [WORDS.get(other, other) for other in KINDS if other != kind]
    assert trial(policy(volumes=[word]), has) == ([], {})
    text = f'spec.volumes[0]: Invalid value: "{word}": {word} volumes are not allowed to be used'
    # a projected volume without sources holds no more than a secret may
    assert trial(policy(volumes=[o for o in others if kind != "projected" or o != "secret"]), has) == (
        [text],
        {},
    )


@pytest.mark.parametrize("volume", [{}, {"emptyDir": None}, {"ofTomorrow": {}}])
def test_a_volume_of_no_known_kind_is_refused(volume: dict[str, object]) -> None:
    text = 'spec.volumes[{0}]: Invalid value: "": unknown volume type for volume: {1}'
    volumes = [{"name": "a", "emptyDir": {}}, {"name": "b", **volume}, volume]
    errors, _ = trial(policy(volumes=["*"]), pod(volumes=volumes))
    assert errors == [text.format(1, "b"), text.format(2, "")]


@pytest.mark.parametrize("kind", ["emptyDir", "configMap"])
def test_a_kit_is_a_projected_volume(kind: str) -> None:
    errors, _ = trial(policy(volumes=["secret"]), pod(volumes=[{"name": "v", kind: {"sources": []}}]))
    assert len(errors) == 1


@pytest.mark.parametrize(
    ("source", "allowed"),
    [
        ({}, False),
        ({"serviceAccountToken": {}}, False),
        ({"serviceAccountToken": {"path": ""}}, False),
        ({"serviceAccountToken": {"path": "token", "audience": ""}}, True),
        ({"configMap": {}}, False),
        ({"downwardAPI": {}}, True),
        ({"downwardAPI": {"items": [{"path": "namespace"}]}}, False),
        *(
            (
                {
                    "downwardAPI": {
                        "items": [{"path": path, "fieldRef": {"apiVersion": v, "fieldPath": field}}]
                    }
                },
                ok,
            )
            for path, v, field, ok in (
                ("namespace", "v1", "metadata.namespace", True),
                ("other", "v1", "metadata.namespace", False),
                ("namespace", "v2", "metadata.namespace", False),
                ("namespace", "v1", "metadata.name", False),
            )
        ),
    ],
)
def test_what_the_kit_of_a_service_account_holds(source: dict[str, object], allowed: bool) -> None:
    kit = {"serviceAccountToken": {"path": "token"}}
    for sources in ([source], [kit, source], [source, kit]):
        errors, _ = trial(
            policy(volumes=["secret"]), pod(volumes=[{"name": "v", "projected": {"sources": sources}}])
        )
        assert (errors == []) is allowed
