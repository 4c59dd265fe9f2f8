"""What lies behind a claim: its volume, or what its storage class provisions, or why that is not known."""

from typing import Any

import pytest

from podproof.kube.pod import PersistentVolumeClaimSpec
from podproof.kube.storage import NO_STORAGE, ClaimedVolume, collect_storage, is_storage

Object = dict[str, Any]


def _object(kind: str, name: Any, spec: Any = None, **rest: Any) -> Object:
    made: Object = {"kind": kind, "metadata": {"name": name}, **rest}
    if spec is not None:
        made["spec"] = spec
    return made


def _claim(spec: Any, name: str = "c", namespace: Any = None) -> Object:
    claim = _object("PersistentVolumeClaim", name, spec)
    if namespace is not None:
        claim["metadata"]["namespace"] = namespace
    return claim


def _behind(volume: Object) -> ClaimedVolume:
    objects = [_object("PersistentVolume", "v", volume), _claim({"volumeName": "v"})]
    return collect_storage(objects).find("default", "c")


MODES = ["ReadWriteOnce", "ReadOnlyMany"]
AT_V = "PersistentVolume v"


@pytest.mark.parametrize(
    ("volume", "found"),
    [
        (
            {"csi": {"driver": "d", "fsType": "xfs", "readOnly": True}},
            ClaimedVolume("csi", "", AT_V, "d", "xfs", attached_read_only=True),
        ),
        ({"csi": {}, "accessModes": MODES}, ClaimedVolume("csi", "", AT_V, "", "", tuple(MODES))),
        ({"csi": {"driver": "d", "readOnly": False}}, ClaimedVolume("csi", "", AT_V, "d", "")),
        (
            {"hostPath": {"path": "/a"}, "accessModes": MODES},
            ClaimedVolume("hostPath", "", AT_V, access_modes=tuple(MODES)),
        ),
        ({"local": {"path": "/a"}}, ClaimedVolume("local", "", AT_V)),
        ({"local": {"path": "/a"}, "hostPath": {"path": "/a"}}, ClaimedVolume("hostPath", "", AT_V)),
        (
            {"nfs": {"server": "s", "path": "/p"}, "accessModes": MODES},
            ClaimedVolume("nfs", "", AT_V, access_modes=tuple(MODES)),
        ),
        ({"nfs": {"readOnly": True}}, ClaimedVolume("nfs", "", AT_V)),
        ({"nfs": {}, "mountOptions": ["ro"]}, ClaimedVolume("nfs", "", AT_V, read_only=True)),
        ({"nfs": {}, "mountOptions": ["rw", "ro", "hard"]}, ClaimedVolume("nfs", "", AT_V, read_only=True)),
        ({"nfs": {}, "mountOptions": ["ro,rw"]}, ClaimedVolume("nfs", "", AT_V)),
        ({"nfs": {}, "mountOptions": ["hard"]}, ClaimedVolume("nfs", "", AT_V)),
        ({"hostPath": {}, "mountOptions": ["ro"]}, ClaimedVolume("hostPath", "", AT_V, read_only=True)),
        ({"csi": {}, "mountOptions": ["ro"]}, ClaimedVolume("csi", "", AT_V, "", "", read_only=True)),
        ({"nfs": {"readOnly": False}}, ClaimedVolume("nfs", "", AT_V)),
        ({"iscsi": {"iqn": "i"}}, ClaimedVolume("iscsi", "", AT_V)),
        ({"fc": {"lun": 1}}, ClaimedVolume("fc", "", AT_V)),
        (
            {"azureFile": {"shareName": "s", "readOnly": True}},
            ClaimedVolume("azureFile", "", AT_V),
        ),
        ({"rbd": {"image": "i"}}, ClaimedVolume(reason="the driver of PersistentVolume v decides")),
        ({}, ClaimedVolume(reason="the driver of PersistentVolume v decides")),
        (None, ClaimedVolume(reason="the driver of PersistentVolume v decides")),
        ({"csi": 5}, ClaimedVolume(reason="PersistentVolume v is not in the input")),
    ],
)
def test_the_source_of_a_volume(volume: Object, found: ClaimedVolume) -> None:
    assert _behind(volume) == found


CSI = {"csi": {"driver": "d"}}


@pytest.mark.parametrize(
    ("objects", "namespace", "reason"),
    [
        ([], "default", "claim c is not in the input"),
        ([_claim({"volumeName": "w"})], "default", "PersistentVolume w is not in the input"),
        ([_claim({})], "default", "claim c names neither a volume nor a storage class"),
        ([_claim({"storageClassName": ""})], "", "claim c names neither a volume nor a storage class"),
        ([_claim({"storageClassName": "s"})], "", "StorageClass s is not in the input"),
        ([_claim({}, namespace="n")], "default", "claim c is not in the input"),
        ([_claim({}, namespace="n")], "n", "claim c names neither a volume nor a storage class"),
        ([_claim({}, namespace="")], "default", "claim c names neither a volume nor a storage class"),
        ([_claim({}, namespace=5)], "default", "claim c names neither a volume nor a storage class"),
        ([_claim({}, name="d")], "default", "claim c is not in the input"),
        ([_claim({"volumeName": 5})], "default", "claim c is not in the input"),
    ],
)
def test_what_is_not_known(objects: list[Object], namespace: str, reason: str) -> None:
    assert collect_storage(objects).find(namespace, "c") == ClaimedVolume(reason=reason)


@pytest.mark.parametrize(
    ("reference", "found"),
    [
        ({"name": "c"}, True),
        ({"name": "c", "namespace": "default"}, True),
        ({"name": "c", "namespace": "n"}, False),
        ({"name": "d"}, False),
        ({"namespace": "default"}, False),
        (None, False),
    ],
)
def test_a_volume_that_names_its_claim(reference: Any, found: bool) -> None:
    storage = collect_storage([_object("PersistentVolume", "v", {**CSI, "claimRef": reference})])
    expected = (
        ClaimedVolume("csi", "", AT_V, "d", "")
        if found
        else ClaimedVolume(reason="claim c is not in the input")
    )
    assert storage.find("", "c") == expected


def test_a_claims_own_volume_counts_before_the_one_that_names_it() -> None:
    bound = {"nfs": {}, "claimRef": {"name": "c"}}
    objects = [_object("PersistentVolume", "v", CSI), _object("PersistentVolume", "w", bound)]
    assert collect_storage([*objects, _claim({"volumeName": "v"})]).find("", "c").where == AT_V
    assert collect_storage([*objects, _claim({"storageClassName": "s"})]).find("", "c").source == "nfs"


@pytest.mark.parametrize(
    ("storage_class", "found"),
    [
        (
            {"provisioner": "d", "mountOptions": ["ro"]},
            ClaimedVolume("csi", "", "StorageClass s", "d", None, ("ReadWriteOnce",), read_only=True),
        ),
        ({"provisioner": "d"}, ClaimedVolume("csi", "", "StorageClass s", "d", None, ("ReadWriteOnce",))),
        (
            {"provisioner": "d", "parameters": {"csi.storage.k8s.io/fstype": "xfs", "fsType": "ext4"}},
            ClaimedVolume("csi", "", "StorageClass s", "d", "xfs", ("ReadWriteOnce",)),
        ),
        (
            {"provisioner": "d", "parameters": {"fsType": "ext4"}},
            ClaimedVolume("csi", "", "StorageClass s", "d", "ext4", ("ReadWriteOnce",)),
        ),
        (
            {"provisioner": "kubernetes.io/aws-ebs"},
            ClaimedVolume(reason="provisioner kubernetes.io/aws-ebs of StorageClass s decides"),
        ),
        ({}, ClaimedVolume(reason="provisioner None of StorageClass s decides")),
        (
            {"provisioner": "d", "parameters": {"a": 5}},
            ClaimedVolume(reason="StorageClass s is not in the input"),
        ),
    ],
)
def test_what_a_class_provisions(storage_class: Object, found: ClaimedVolume) -> None:
    claim = _claim({"storageClassName": "s", "accessModes": ["ReadWriteOnce"]})
    storage = collect_storage([claim, _object("StorageClass", "s", **storage_class)])
    assert storage.find("default", "c") == found


def test_who_is_named_where_there_is_no_claim_object() -> None:
    spec = PersistentVolumeClaimSpec()
    assert NO_STORAGE.provisioned(spec, "volume e").reason == (
        "volume e names neither a volume nor a storage class"
    )
    known = collect_storage([_object("StorageClass", "s", provisioner="d")])
    assert known.provisioned(PersistentVolumeClaimSpec(storage_class_name="s"), "e").access_modes == ()


@pytest.mark.parametrize(
    ("objects", "policy"),
    [
        ([], None),
        ([_object("CSIDriver", "e", {})], None),
        ([_object("CSIDriver", "d", {})], "ReadWriteOnceWithFSType"),
        ([_object("CSIDriver", "d")], "ReadWriteOnceWithFSType"),
        ([_object("CSIDriver", "d", {"fsGroupPolicy": "File"})], "File"),
        ([_object("CSIDriver", "d", {"fsGroupPolicy": "None"})], "None"),
        ([_object("CSIDriver", "d", {"fsGroupPolicy": 5})], None),
        (
            [_object("CSIDriver", "d", {"fsGroupPolicy": "File"}), _object("CSIDriver", "d", {})],
            "ReadWriteOnceWithFSType",
        ),
    ],
)
def test_the_policy_of_a_driver(objects: list[Object], policy: str | None) -> None:
    assert collect_storage(objects).fs_group_policy("d") == policy


@pytest.mark.parametrize(
    ("object_", "known", "kept"),
    [
        (_object("PersistentVolume", "v", CSI), True, True),
        (_claim({}), True, True),
        (_object("StorageClass", "s"), True, True),
        (_object("CSIDriver", "d", {}), True, True),
        (_object("Pod", "p", {}), False, False),
        (_object("StorageClass", ""), True, False),
        (_object("StorageClass", None), True, False),
        (_object("StorageClass", 5), True, False),
        ({"kind": "StorageClass"}, True, False),
        ({"kind": "StorageClass", "metadata": []}, True, False),
        ({"kind": 5, "metadata": {"name": "s"}}, False, False),
        ([], False, False),
        (None, False, False),
    ],
)
def test_which_objects_are_taken(object_: Any, known: bool, kept: bool) -> None:
    assert is_storage(object_) is known
    assert bool(collect_storage([object_])) is kept
    assert not NO_STORAGE


def test_a_controllers_claims_are_added_unless_there_are_such() -> None:
    storage = collect_storage([_claim({"volumeName": "v"}, "own"), _object("StorageClass", "s")])
    more = storage.with_claims(
        [_claim({"volumeName": "w"}, "own"), _claim({"volumeName": "x"}, "made", "n"), _object("Pod", "p")]
    )
    assert {key: claim.volume_name for key, claim in more.claims.items()} == {
        ("default", "own"): "v", ("n", "made"): "x",
    }  # fmt: skip
    assert (more.classes, more.volumes) == (storage.classes, storage.volumes)
    assert list(storage.claims) == [("default", "own")]


@pytest.mark.parametrize(
    "object_",
    [
        _object("PersistentVolume", "v", {}),
        _claim({}),
        _object("StorageClass", "s"),
        _object("CSIDriver", "d", {}),
    ],
)
def test_whether_anything_is_known(object_: Object) -> None:
    assert collect_storage([object_])
    assert not collect_storage([{**object_, "metadata": {}}])
    assert not NO_STORAGE
