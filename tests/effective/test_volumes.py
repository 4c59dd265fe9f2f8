"""Volumes as a process finds them: as recorded on a kubelet, and as the storage objects of the input tell."""

from typing import Any

import pytest

from podproof.effective.container_in_pod import place_containers
from podproof.effective.context import VolumeOwnership
from podproof.effective.image import ImageConfig
from podproof.effective.resolve import resolve
from podproof.effective.setting import Setting
from podproof.effective.value import Unknown
from podproof.effective.volumes import TOKEN_PATH
from podproof.kube.default_pod import default_pod
from podproof.kube.pod import raw_pod
from podproof.kube.storage import collect_storage

ALICE = ImageConfig(
    user="",
    passwd="root:x:0:0:root:/root:/bin/sh\nalice:x:1000:1001:alice:/home:/bin/sh\n",
    group="root:x:0:\nalice:x:1001:\nwheel:x:10:alice\n",
)
RECORDED = [
    {"name": "e", "emptyDir": {}},
    {"name": "m", "emptyDir": {"medium": "Memory"}},
    {"name": "d", "downwardAPI": {"items": [{"path": "n", "fieldRef": {"fieldPath": "metadata.name"}}]}},
    {"name": "s", "secret": {"secretName": "sec"}},
    {"name": "s4", "secret": {"secretName": "sec", "defaultMode": 256}},
]
TOKEN = [
    {
        "name": "t",
        "projected": {
            "sources": [
                {"serviceAccountToken": {"path": "token", "expirationSeconds": 3600}},
                {"downwardAPI": {"items": [{"path": "n", "fieldRef": {"fieldPath": "metadata.name"}}]}},
            ]
        },
    }
]


def volumes(
    listed: list[dict[str, Any]],
    pod: dict[str, Any] | None = None,
    container: dict[str, Any] | None = None,
    *,
    image: ImageConfig = ALICE,
    storage: tuple[dict[str, Any], ...] = (),
    mount: dict[str, Any] | None = None,
) -> dict[str, VolumeOwnership]:
    """The volumes of a pod whose container mounts all of them, by name."""
    mounts = [{"name": v["name"], "mountPath": f"/v/{v['name']}", **(mount or {})} for v in listed]
    one = {"name": "c", "image": "i", "volumeMounts": mounts, "securityContext": container or {}}
    spec = {"volumes": listed, "containers": [one], "securityContext": pod or {}}
    raw = {"kind": "Pod", "metadata": {"namespace": "shop"}, "spec": spec}
    stored = default_pod(raw_pod(raw))
    setting = Setting(images={"i": image}, storage=collect_storage(storage))
    found = resolve(place_containers(stored, setting)[0]).volumes.value
    assert not isinstance(found, Unknown)
    return {volume.name: volume for volume in found}


@pytest.mark.parametrize("group", [None, 2000, 0])
@pytest.mark.parametrize("user", [None, 1000])
def test_modes_are_those_recorded(user: int | None, group: int | None) -> None:
    """Source: vol-none-root, vol-1000, vol-root-fsg2000, vol-1000-fsg2000, vol-fsg0 on both containerds."""
    found = volumes(RECORDED, {"runAsUser": user, "fsGroup": group})
    set_group = "0" if group is None else "2"
    folders = {name: volume.mode for name, volume in found.items()}
    sticky = "1" if group is None else "3"
    assert folders == {
        "e": f"{set_group}777", "m": f"{sticky}777", "d": f"{sticky}777", "s": f"{sticky}777",
        "s4": f"{sticky}777",
    }  # fmt: skip
    files = {name: [(f.path, f.mode, f.owner) for f in found[name].files] for name in ("d", "s", "s4")}
    assert files == {
        "d": [("n", "0644", 0)],
        "s": [("*", "0644", 0)],
        "s4": [("*", "0400" if group is None else "0440", 0)],
    }
    assert {volume.group for volume in found.values()} == {group}
    assert found["s4"].readable is (user is None or group is not None)
    assert found["s4"].writable is found["s"].writable is False
    assert found["e"].readable is found["e"].writable is found["m"].writable is True


@pytest.mark.parametrize(
    ("pod", "container", "image", "token"),
    [
        ({}, {}, ALICE, ("0644", 0)),
        ({}, {"runAsUser": 1000}, ALICE, ("0600", 1000)),
        ({"runAsUser": 1000}, {}, ALICE, ("0600", 1000)),
        ({}, {}, ImageConfig(user="1000", passwd=ALICE.passwd, group=ALICE.group), ("0644", 0)),
        ({"runAsUser": 1000, "fsGroup": 2000}, {}, ALICE, ("0640", 1000)),
        ({"fsGroup": 2000}, {}, ALICE, ("0640", 0)),
    ],
)
def test_tokens_are_those_recorded(
    pod: dict[str, Any], container: dict[str, Any], image: ImageConfig, token: tuple[str, int]
) -> None:
    """Source: token-root, -c-user1000, -p-user1000, -image-user, -1000-fsgroup on both containerds."""
    (found,) = volumes(TOKEN, pod, container, image=image).values()
    assert [(f.path, f.mode, f.owner) for f in found.files] == [("token", *token), ("n", "0644", 0)]
    assert found.readable is True


def test_items_have_their_own_modes_and_a_process_may_read_some() -> None:
    secret = {
        "secretName": "s",
        "defaultMode": 0o444,
        "items": [{"key": "a", "path": "a", "mode": 0o400}, {"key": "b", "path": "b"}],
    }
    (found,) = volumes([{"name": "s", "secret": secret}], {"runAsUser": 1000}).values()
    assert [(f.path, f.mode, f.readable) for f in found.files] == [("a", "0400", False), ("b", "0444", True)]
    assert found.readable is False
    assert found.text == (
        "root alone may read, not write: a root:root 0400; anyone may read, not write: b root:root 0444; "
        "this process may not read a"
    )


def test_mounts_decide_about_writing() -> None:
    found = volumes(RECORDED[:1], {"fsGroup": 5}, mount={"readOnly": True})["e"]
    assert (found.readable, found.writable, found.paths) == (True, False, ("/v/e",))
    host = {"name": "h", "hostPath": {"path": "/srv", "type": "DirectoryOrCreate"}}
    root, user = volumes([host])["h"], volumes([host], {"runAsUser": 5})["h"]
    assert (root.readable, root.writable) == (True, True)
    assert user.writable == Unknown("depends on the owners and modes of its files")
    assert root.text.endswith("; where it does not exist, a folder root:root 0755 is made")


def test_what_is_not_mounted_has_no_rights() -> None:
    spec = {"volumes": RECORDED, "containers": [{"name": "c"}]}
    pod = default_pod(raw_pod({"kind": "Pod", "spec": spec}))
    found = resolve(place_containers(pod)[0]).volumes.value
    assert not isinstance(found, Unknown)
    assert {(v.paths, v.readable, v.writable) for v in found} == {((), None, None)}


CLAIM = {"name": "data", "persistentVolumeClaim": {"claimName": "data"}}


def _claim(**spec: Any) -> dict[str, Any]:
    return {"kind": "PersistentVolumeClaim", "metadata": {"name": "data", "namespace": "shop"}, "spec": spec}


def _volume(**spec: Any) -> dict[str, Any]:
    return {"kind": "PersistentVolume", "metadata": {"name": "pv"}, "spec": spec}


def _driver(policy: str | None) -> dict[str, Any]:
    return {"kind": "CSIDriver", "metadata": {"name": "d"}, "spec": {"fsGroupPolicy": policy}}


CLASS = {
    "kind": "StorageClass",
    "metadata": {"name": "fast"},
    "provisioner": "d",
    "parameters": {"fsType": "xfs"},
}
BOUND = _claim(volumeName="pv")
DISK = {"driver": "d", "fsType": "ext4"}


@pytest.mark.parametrize(
    ("storage", "changed", "behind"),
    [
        ((BOUND, _volume(nfs={"server": "s"})), False, "PersistentVolume pv (nfs)"),
        (
            (_volume(nfs={}, claimRef={"namespace": "shop", "name": "data"}),),
            False,
            "PersistentVolume pv (nfs)",
        ),
        ((_claim(), _volume(nfs={}, claimRef={"namespace": "other", "name": "data"})), None, ""),
        ((BOUND, _volume(hostPath={"path": "/x"})), False, "PersistentVolume pv (hostPath)"),
        ((BOUND, _volume(local={"path": "/x"})), True, "PersistentVolume pv (local)"),
        ((BOUND, _volume(iscsi={"readOnly": True})), True, "PersistentVolume pv (iscsi)"),
        ((BOUND, _volume(iscsi={}, mountOptions=["noatime,ro"])), False, "PersistentVolume pv (iscsi)"),
        ((BOUND, _volume(local={}, mountOptions=["ro", "rw"])), True, "PersistentVolume pv (local)"),
        ((BOUND, _volume(csi=DISK, accessModes=["ReadWriteOnce"])), None, "PersistentVolume pv (csi)"),
        ((BOUND, _volume(csi=DISK), _driver("None")), False, "PersistentVolume pv (csi)"),
        ((BOUND, _volume(csi={"driver": "d"}), _driver("File")), True, "PersistentVolume pv (csi)"),
        (
            (BOUND, _volume(csi=DISK, accessModes=["ReadWriteOnce"]), _driver(None)),
            True,
            "PersistentVolume pv (csi)",
        ),
        (
            (BOUND, _volume(csi=DISK, accessModes=["ReadWriteMany"]), _driver(None)),
            None,
            "PersistentVolume pv (csi)",
        ),
        (
            (BOUND, _volume(csi=DISK | {"readOnly": True}), _driver("File")),
            None,
            "PersistentVolume pv (csi)",
        ),
        (
            (BOUND, _volume(csi=DISK, mountOptions=["ro"]), _driver("File")),
            False,
            "PersistentVolume pv (csi)",
        ),
        (
            (_claim(storageClassName="fast"), CLASS | {"mountOptions": ["ro"]}, _driver("File")),
            False,
            "StorageClass fast (csi)",
        ),
        (
            (_claim(storageClassName="fast", accessModes=["ReadWriteOncePod"]), CLASS, _driver(None)),
            True,
            "StorageClass fast (csi)",
        ),
        ((_claim(storageClassName="slow"), CLASS), None, ""),
        ((BOUND,), None, ""),
        ((_volume(nfs=[]), {"kind": "PersistentVolume"}, {"kind": []}, []), None, ""),
        ((), None, ""),
    ],
)
def test_storage_objects_tell_what_a_claim_is(
    storage: tuple[Any, ...], changed: bool | None, behind: str
) -> None:
    found = volumes([CLAIM], {"fsGroup": 5}, storage=storage)["data"]
    assert found.behind == behind
    assert (None if isinstance(found.changed, Unknown) else found.changed) == changed
    assert found.group == (5 if changed else None)
    assert found.text.startswith("not known: " if changed is None and not behind else behind)


@pytest.mark.parametrize(
    ("metadata", "stored", "found"),
    [
        ({"namespace": "shop"}, "shop", True),
        ({"namespace": "shop"}, "default", False),
        ({"namespace": ""}, "default", True),
        ({"name": "web"}, "default", True),
        (None, "default", True),
        (None, "shop", False),
    ],
)
def test_the_claim_is_of_the_pods_namespace(metadata: Any, stored: str, found: bool) -> None:
    claim = {**BOUND, "metadata": {"name": "data", "namespace": stored}}
    setting = Setting(storage=collect_storage((claim, _volume(nfs={"server": "s", "path": "/"}))))
    mounts = [{"name": "data", "mountPath": "/d"}]
    spec = {"volumes": [CLAIM], "containers": [{"name": "c", "volumeMounts": mounts}]}
    pod = default_pod(raw_pod({"metadata": metadata, "spec": spec}))
    known = resolve(place_containers(pod, setting)[0]).volumes.value
    assert not isinstance(known, Unknown)
    assert [volume.behind for volume in known] == ["PersistentVolume pv (nfs)" if found else ""]


@pytest.mark.parametrize(
    ("volume", "storage", "place"),
    [
        ({"hostPath": {"path": "/x"}}, (), "on the node"),
        ({"nfs": {"server": "s", "path": "/"}}, (), "on its server"),
        ({"image": {"reference": "r"}}, (), "in the image"),
        ({"iscsi": {"readOnly": True}}, (), "on its disk"),
        ({"fc": {"readOnly": True}}, (), "on its disk"),
        (CLAIM, (BOUND, _volume(nfs={"server": "s"})), "on its server"),
        (CLAIM, (BOUND, _volume(hostPath={"path": "/x"})), "on the node"),
        (CLAIM, (BOUND, _volume(csi=DISK), _driver("None")), "in its storage"),
        (CLAIM | {"persistentVolumeClaim": {"claimName": "data", "readOnly": True}},
         (BOUND, _volume(iscsi={})), "on its disk"),
        (CLAIM | {"persistentVolumeClaim": {"claimName": "data", "readOnly": True}},
         (BOUND, _volume(fc={})), "on its disk"),
        (CLAIM | {"persistentVolumeClaim": {"claimName": "data", "readOnly": True}},
         (BOUND, _volume(local={"path": "/x"})), "on the node"),
    ],
)  # fmt: skip
def test_where_the_owner_is_that_is_never_changed(volume: Any, storage: Any, place: str) -> None:
    (found,) = volumes(
        [{"name": "v", **volume, **({"name": "data"} if volume.keys() & CLAIM.keys() else {})}],
        {"fsGroup": 5},
        storage=storage,
    ).values()
    assert (found.changed, found.group) == (False, None)
    assert f"never changed: keeps the owner it has {place}" in found.text


def test_the_kubelet_looks_at_the_read_only_of_the_pods_volume_alone() -> None:
    """Source: kubernetes 1.37.2 pkg/volume/nfs/nfs.go, getVolumeSource; local/local.go, SetUpAt."""
    share = (BOUND, _volume(nfs={"server": "s", "path": "/", "readOnly": True}))
    assert isinstance(volumes([CLAIM], {"runAsUser": 5}, storage=share)["data"].writable, Unknown)
    claim = {"name": "data", "persistentVolumeClaim": {"claimName": "data", "readOnly": True}}
    for storage in (share, (BOUND, _volume(local={}))):
        found = volumes([claim], {"fsGroup": 5}, storage=storage)["data"]
        assert (found.changed, found.writable) == (False, False)
        assert found.text.endswith(", mounted read-only here")


def test_words_say_what_a_read_only_mount_leaves() -> None:
    local = (BOUND, _volume(local={"path": "/x"}))
    found = volumes([CLAIM], {"fsGroup": 5}, storage=local, mount={"readOnly": True})["data"]
    words = "group 5 may read, not write, as it is mounted read-only here"
    assert (found.writable, found.text) == (False, f"PersistentVolume pv (local): {words}")
    found = volumes([CLAIM], {"fsGroup": 5, "fsGroupChangePolicy": "OnRootMismatch"}, storage=local)["data"]
    assert found.text.endswith(
        "new files get group 5; nothing is changed if its top folder has this group and mode"
    )
    found = volumes(RECORDED[:1], {"fsGroup": 5, "fsGroupChangePolicy": "OnRootMismatch"})["e"]
    assert found.text == "group 5 and anyone may read and write: folder root:5 2777, new files get group 5"


@pytest.mark.parametrize(
    ("listed", "idle"),
    [
        ([{"name": "n", "nfs": {}}], True),
        ([{"name": "n", "nfs": {}}, {"name": "h", "hostPath": {"path": "/x"}}], True),
        ([{"name": "n", "nfs": {}}, {"name": "e", "emptyDir": {}}], False),
        ([{"name": "i", "csi": {"driver": "d", "readOnly": True}}], True),
        ([{"name": "i", "csi": {"driver": "d"}}], False),
        ([], False),
    ],
)
def test_an_fs_group_that_changes_no_volume_is_told(listed: list[dict[str, Any]], idle: bool) -> None:
    mounts = [{"name": volume["name"], "mountPath": f"/{volume['name']}"} for volume in listed]
    spec = {"volumes": listed, "containers": [{"name": "c", "volumeMounts": mounts}]}
    for group in (None, 5):
        context = {"securityContext": {"fsGroup": group}}
        (placed,) = place_containers(raw_pod({"spec": spec | context}))
        text = resolve(placed).fs_group.origin.text
        assert ("no volume that it mounts is changed" in text) == (idle and group is not None)


def test_an_fs_group_that_changes_only_the_token_is_told() -> None:
    token = {"name": "t", "projected": {"sources": [{"serviceAccountToken": {"path": "token"}}]}}
    mounts = [{"name": "n", "mountPath": "/n"}, {"name": "t", "mountPath": TOKEN_PATH}]
    spec = {"volumes": [{"name": "n", "nfs": {}}, token], "containers": [{"volumeMounts": mounts}]}
    (placed,) = place_containers(raw_pod({"spec": {**spec, "securityContext": {"fsGroup": 5}}}))
    assert "no volume that it mounts is changed" in resolve(placed).fs_group.origin.text


@pytest.mark.parametrize(
    ("storage", "behind"),
    [((), ""), ((BOUND, _volume(csi=DISK, volumeMode="Block")), "PersistentVolume pv (csi)")],
)
@pytest.mark.parametrize("group", [None, 0, 5])
def test_a_block_device_has_no_files(storage: Any, behind: str, group: int | None) -> None:
    container = {"name": "c", "volumeDevices": [{"name": "data", "devicePath": "/dev/xvda"}]}
    spec = {"securityContext": {"fsGroup": group}, "volumes": [CLAIM], "containers": [container]}
    pod = default_pod(raw_pod({"metadata": {"namespace": "shop"}, "spec": spec}))
    known = resolve(place_containers(pod, Setting(storage=collect_storage(storage)))[0]).volumes.value
    assert not isinstance(known, Unknown)
    (found,) = known
    assert found.text == (
        f"{behind}{': ' if behind else ''}block device at /dev/xvda: the runtime decides whose it is"
        f"{'' if group is None else ', not fsGroup'}"
    )
    assert (found.group, found.changed) == (None, None if group is None else False)
    assert (found.behind, found.readable, found.writable, found.files) == (behind, None, None, ())


def test_volumes_of_drivers_and_claims_of_pods() -> None:
    inline = {"name": "i", "csi": {"driver": "d", "fsType": "ext4"}}
    template = {"spec": {"storageClassName": "fast", "accessModes": ["ReadWriteOnce"]}}
    own = {"name": "o", "ephemeral": {"volumeClaimTemplate": template}}
    found = volumes([inline, own], {"fsGroup": 5}, storage=(CLASS, _driver("ReadWriteOnceWithFSType")))
    assert (found["i"].group, found["o"].group) == (5, 5)
    assert (found["o"].readable, found["o"].writable) == (True, True)


@pytest.mark.parametrize(("mode", "known"), [(0, True), (511, True), (512, False), (-1, False), (644, False)])
def test_what_the_server_refuses_is_not_known(mode: int, known: bool) -> None:
    found = volumes([{"name": "s", "secret": {"secretName": "s", "defaultMode": mode}}], {"fsGroup": 5})["s"]
    assert [file.asked for file in found.files] == ([f"{mode:04o}"] if known else [])
    assert ("not known: the API server refuses mode" in found.text) is not known


@pytest.mark.parametrize(
    ("mode", "medium", "group", "shown", "writable"),
    [
        (0o700, "", None, "0700", False),
        (0o1777, "", None, "1777", True),
        (0o700, "", 2000, "2770", True),
        (0o755, "", None, "0755", False),
        (0o700, "Memory", None, "1777", True),
        (None, "HugePages-2Mi", None, "0755", False),
        (None, "HugePages", 2000, "2775", True),
    ],
)
def test_a_folder_may_have_a_mode(
    mode: int | None, medium: str, group: int | None, shown: str, writable: bool
) -> None:
    """Behind a feature gate: without it, the server drops the field before it comes here."""
    pod = {"runAsUser": 1000, "runAsGroup": 1000, "fsGroup": group}
    (found,) = volumes([{"name": "e", "emptyDir": {"mode": mode, "medium": medium}}], pod).values()
    assert (found.mode, found.writable) == (shown, writable)


@pytest.mark.parametrize(
    ("mode", "user", "groups", "read_only", "readable", "writable"),
    [
        (0o700, 0, 0, False, True, True),
        (0o500, 0, 0, False, True, False),
        (0o700, 0, 0, True, True, False),
        (0o077, 0, 0, False, False, False),
        (0o700, 1, 0, False, False, False),
        (0o070, 1, 0, False, True, True),
        (0o707, 1, 0, False, False, False),
        (0o070, 1, 1, False, False, False),
        (0o705, 1, 1, False, True, False),
        (0o772, 1, 1, False, False, True),
    ],
)
def test_a_folder_with_a_mode_belongs_to_root(
    mode: int, user: int, groups: int, read_only: bool, readable: bool, writable: bool
) -> None:
    """Nobody here has a capability that overrides modes."""
    container = {"runAsUser": user, "runAsGroup": groups, "capabilities": {"drop": ["ALL"]}}
    listed = [{"name": "e", "emptyDir": {"mode": mode}}]
    (found,) = volumes(listed, container=container, mount={"readOnly": read_only}).values()
    assert (found.readable, found.writable) == (readable, writable)


def test_files_may_have_an_owner() -> None:
    secret = {"secretName": "s", "defaultMode": 0o400, "defaultUser": 7, "items": [
        {"key": "a", "path": "a", "user": 1000}, {"key": "b", "path": "b"}]}  # fmt: skip
    projected = {"defaultUser": 8, "sources": [
        {"serviceAccountToken": {"path": "t", "user": 1000}}, {"configMap": {"name": "c"}}]}  # fmt: skip
    found = volumes(
        [{"name": "s", "secret": secret}, {"name": "p", "projected": projected}], {"runAsUser": 1000}
    )
    files = {(f.path, f.mode, f.owner, f.readable) for volume in found.values() for f in volume.files}
    assert files == {
        ("a", "0400", 1000, True), ("b", "0400", 7, False), ("t", "0600", 1000, True), ("*", "0644", 8, True)
    }  # fmt: skip


@pytest.mark.parametrize(
    ("own", "default", "pod", "owner", "mode"),
    [
        (5, 8, {"runAsUser": 1000}, 5, "0600"),
        (None, 8, {"runAsUser": 1000}, 8, "0600"),
        (None, None, {"runAsUser": 1000}, 1000, "0600"),
        (0, 8, {"runAsUser": 1000}, 0, "0600"),
        (None, 0, {"runAsUser": 1000}, 0, "0600"),
        (None, None, {}, 0, "0644"),
    ],
)
def test_who_owns_a_token(
    own: int | None, default: int | None, pod: dict[str, Any], owner: int, mode: str
) -> None:
    sources = [
        {"serviceAccountToken": {"path": "t", "user": own}},
        {"clusterTrustBundle": {"path": "b", "user": own}},
        {
            "podCertificate": {
                "credentialBundlePath": "c",
                "keyPath": "k",
                "certificateChainPath": "h",
                "user": own,
            }
        },
    ]
    projected = {"defaultUser": default, "sources": sources}
    (found,) = volumes([{"name": "p", "projected": projected}], pod).values()
    assert [(file.path, file.owner, file.mode) for file in found.files] == [
        (path, owner, mode) for path in "tbckh"
    ]


@pytest.mark.parametrize(
    ("mode", "group", "words"),
    [
        (0o444, None, "anyone may read"),
        (0o404, None, "anyone may read"),
        (0o444, 5, "group 5 and anyone may read"),
        (0o440, None, "group root may read"),
        (0o440, 5, "group 5 may read"),
        (0o470, None, "group root may read"),
        (0o400, None, "root alone may read"),
        (0o410, None, "root alone may read"),
        (0o401, None, "root alone may read"),
        (0o733, None, "root alone may read"),
    ],
)
def test_who_may_read_a_file_by_its_mode(mode: int, group: int | None, words: str) -> None:
    listed = [{"name": "s", "secret": {"secretName": "s", "defaultMode": mode}}]
    (found,) = volumes(listed, {"fsGroup": group}).values()
    assert found.text.startswith(f"{words}, not write: ")
