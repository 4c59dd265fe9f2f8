"""Everything that is said of a volume, for every kind of volume and several processes.

It stands in volumes.txt: a section for each process, a line for each volume.
"""

from pathlib import Path
from typing import Any

import pytest
from test_volumes import ALICE, BOUND, CLAIM, CLASS, DISK, _claim, _driver, _volume, volumes

from podproof.effective.context import VolumeOwnership
from podproof.effective.image import ImageConfig
from podproof.effective.value import Unknown

KEYS: dict[str, Any] = {"items": [{"key": "a", "path": "a"}, {"key": "b", "path": "b", "mode": 0o400}]}
NAME = {"path": "n", "fieldRef": {"fieldPath": "metadata.name"}}
CERTIFICATE = {"signerName": "a.b/c", "keyType": "ED25519"}
LISTED: list[dict[str, Any]] = [
    {"name": "nothing"},
    {"name": "folder", "emptyDir": {}},
    {"name": "memory", "emptyDir": {"medium": "Memory"}},
    {"name": "huge", "emptyDir": {"medium": "HugePages-1Gi"}},
    {"name": "closed", "emptyDir": {"mode": 0o750}},
    {"name": "secret", "secret": {"secretName": "s"}},
    {"name": "keys", "secret": {"secretName": "s", **KEYS}},
    {"name": "private", "secret": {"secretName": "s", "defaultMode": 0o400, "defaultUser": 1000}},
    {"name": "map", "configMap": {"name": "m"}},
    {"name": "mapped", "configMap": {"name": "m", "defaultMode": 0o440, **KEYS}},
    {"name": "refused", "configMap": {"name": "m", "defaultMode": 0o1000}},
    {"name": "downward", "downwardAPI": {"items": [NAME]}},
    {"name": "noItems", "downwardAPI": {}},
    {
        "name": "all",
        "projected": {
            "defaultMode": 0o444,
            "sources": [
                {"serviceAccountToken": {"path": "token"}},
                {"clusterTrustBundle": {"path": "bundle", "signerName": "a.b/c"}},
                {"podCertificate": {**CERTIFICATE, "credentialBundlePath": "both"}},
                {
                    "podCertificate": {
                        **CERTIFICATE,
                        "keyPath": "key",
                        "certificateChainPath": "chain",
                        "user": 7,
                    }
                },
                {"downwardAPI": {"items": [NAME]}},
                {"secret": {"name": "s"}},
                {"configMap": {"name": "m", **KEYS}},
            ],
        },
    },
    {"name": "noSources", "projected": {"sources": []}},
    {"name": "host", "hostPath": {"path": "/srv"}},
    {"name": "made", "hostPath": {"path": "/srv", "type": "DirectoryOrCreate"}},
    {"name": "file", "hostPath": {"path": "/srv", "type": "FileOrCreate"}},
    {"name": "there", "hostPath": {"path": "/srv", "type": "Directory"}},
    {"name": "nfs", "nfs": {"server": "s", "path": "/"}},
    {"name": "image", "image": {"reference": "r"}},
    {"name": "git", "gitRepo": {"repository": "r"}},
    {"name": "iscsi", "iscsi": {"targetPortal": "t", "iqn": "i", "lun": 0}},
    {"name": "closedIscsi", "iscsi": {"targetPortal": "t", "iqn": "i", "lun": 0, "readOnly": True}},
    {"name": "fc", "fc": {}},
    {"name": "closedFc", "fc": {"readOnly": True}},
    {"name": "ceph", "rbd": {"monitors": ["m"], "image": "i"}},
    {"name": "aws", "awsElasticBlockStore": {"volumeID": "v"}},
    {"name": "scale", "scaleIO": {"gateway": "g"}},
    {"name": "azure", "azureFile": {"secretName": "s", "shareName": "s"}},
    {"name": "driver", "csi": {"driver": "d"}},
    {"name": "disk", "csi": {"driver": "d", "fsType": "ext4"}},
    {"name": "closedDisk", "csi": {"driver": "d", "fsType": "ext4", "readOnly": True}},
    {"name": "stranger", "csi": {"driver": "x"}},
    {"name": "claim", "persistentVolumeClaim": {"claimName": "other"}},
    {"name": "closedClaim", "persistentVolumeClaim": {"claimName": "other", "readOnly": True}},
    {"name": "own", "ephemeral": {"volumeClaimTemplate": {"spec": {"storageClassName": "fast"}}}},
    {"name": "ownEmpty", "ephemeral": {"volumeClaimTemplate": {}}},
    {"name": "ownNothing", "ephemeral": {}},
]
UNKNOWN = ImageConfig(user="1000", passwd=None, group=None)
USER = {"runAsUser": 1000, "runAsGroup": 1000}
STORAGE = (CLASS, _driver("ReadWriteOnceWithFSType"))
PROCESSES: dict[str, dict[str, Any]] = {
    "root": {},
    "user 1000": {"pod": USER},
    "user 1000, fsGroup 2000": {"pod": {**USER, "fsGroup": 2000}},
    "root without capabilities, fsGroup 0": {
        "pod": {"fsGroup": 0},
        "container": {"capabilities": {"drop": ["ALL"]}},
    },
    "user 1000 of an image whose groups are not known, supplementalGroups 2000": {
        "image": UNKNOWN,
        "pod": {"supplementalGroups": [2000], "fsGroup": 3000},
    },
    "an unknown user": {"image": ImageConfig()},
    "user 1000 with read-only mounts, fsGroup 2000": {
        "pod": {**USER, "fsGroup": 2000},
        "mount": {"readOnly": True},
    },
}
BEHIND: dict[str, tuple[dict[str, Any], ...]] = {
    "nothing": (),
    "unbound": (_claim(),),
    "lost": (BOUND,),
    "class": (_claim(storageClassName="fast"), CLASS, _driver("ReadWriteOnceWithFSType")),
    "classOnce": (
        _claim(storageClassName="fast", accessModes=["ReadWriteOnce"]),
        CLASS,
        _driver("ReadWriteOnceWithFSType"),
    ),
    "classNoType": (
        _claim(storageClassName="fast"),
        {**CLASS, "parameters": {}},
        _driver("ReadWriteOnceWithFSType"),
    ),
    "classOld": (_claim(storageClassName="fast"), {**CLASS, "provisioner": "kubernetes.io/aws-ebs"}),
    "noClass": (_claim(storageClassName="fast"),),
    "nfs": (BOUND, _volume(nfs={"server": "s"})),
    "hostPath": (BOUND, _volume(hostPath={"path": "/x"})),
    "local": (BOUND, _volume(local={"path": "/x"})),
    "iscsi": (BOUND, _volume(iscsi={})),
    "closedFc": (BOUND, _volume(fc={"readOnly": True})),
    "azureFile": (BOUND, _volume(azureFile={})),
    "unknown": (BOUND, _volume(glusterfs={})),
    "noDriver": (BOUND, _volume(csi=DISK)),
    "none": (BOUND, _volume(csi=DISK), _driver("None")),
    "file": (BOUND, _volume(csi=DISK), _driver("File")),
    "closed": (BOUND, _volume(csi={**DISK, "readOnly": True}), _driver("File")),
    "once": (BOUND, _volume(csi=DISK, accessModes=["ReadWriteOnce"]), _driver(None)),
    "oncePod": (BOUND, _volume(csi=DISK, accessModes=["ReadWriteOncePod"]), _driver(None)),
    "many": (BOUND, _volume(csi=DISK, accessModes=["ReadWriteMany"]), _driver(None)),
    "noType": (BOUND, _volume(csi={"driver": "d"}, accessModes=["ReadWriteOnce"]), _driver(None)),
}


def line(volume: VolumeOwnership, name: str) -> str:
    """Write what is known of a volume."""
    files = ", ".join(
        f"{file.path} {file.mode}{'' if file.asked == file.mode else f' asked {file.asked}'} {file.owner}"
        f" {_right(file.readable)}"
        for file in volume.files
    )
    parts = [
        f"{name} ({volume.source}): {volume.text}",
        f"group {volume.group}",
        f"changed {_right(volume.changed)}",
        f"mode {volume.mode}",
        f"read {_right(volume.readable)}, write {_right(volume.writable)}",
        *([f"files {files}"] if files else []),
        *([f"behind {volume.behind}"] if volume.behind else []),
    ]
    return " · ".join(parts)


def _right(value: bool | Unknown | None) -> str:
    return f"? {value.reason}" if isinstance(value, Unknown) else str(value)


def of_process(name: str) -> list[str]:
    asked = {"image": ALICE, **PROCESSES[name]}
    found = volumes(LISTED, storage=STORAGE, **asked)
    return [line(volume, key) for key, volume in found.items()]


def of_claims(group: int | None) -> list[str]:
    return [
        line(volumes([CLAIM], {**USER, "fsGroup": group}, storage=storage)["data"], name)
        for name, storage in BEHIND.items()
    ]


def expected() -> dict[str, list[str]]:
    """Read volumes.txt: the lines below each `== name`."""
    text = Path(__file__).with_name("volumes.txt").read_text(encoding="utf-8")
    sections = (part.partition("\n") for part in text.removeprefix("== ").split("\n\n== "))
    return {name: lines.strip("\n").split("\n") for name, _, lines in sections}


@pytest.mark.parametrize("process", PROCESSES)
def test_every_kind_of_volume(process: str) -> None:
    assert of_process(process) == expected()[process]


@pytest.mark.parametrize("group", [None, 2000])
def test_what_lies_behind_a_claim(group: int | None) -> None:
    assert of_claims(group) == expected()[f"behind a claim, fsGroup {group}"]


if __name__ == "__main__":  # writes volumes.txt again, to be read before it is committed
    sections = {name: of_process(name) for name in PROCESSES}
    sections |= {f"behind a claim, fsGroup {group}": of_claims(group) for group in (None, 2000)}
    texts = ["\n".join((f"== {name}", *lines, "")) for name, lines in sections.items()]
    Path(__file__).with_name("volumes.txt").write_text("\n".join(texts), encoding="utf-8")
