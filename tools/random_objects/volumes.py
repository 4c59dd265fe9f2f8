"""Random volumes, of every source that a pod may name."""

from typing import Any

from .chance import Chance, Makers
from .values import NAMES, SIZES


def make_volume(chance: Chance) -> dict[str, Any]:
    """Make a volume, most often of one source."""
    items = [
        {
            "key": chance.pick(["k", ""]),
            "path": chance.pick(["p", "", "/p", "..p", "../p", "a/b"]),
            "mode": chance.pick([0, 511, 512, -1]),
        }
    ]
    sources: Makers = {
        "hostPath": lambda: {
            "path": chance.pick(["/", "", "/../x", "a"]),
            **chance.of({"type": lambda: chance.pick(["", "File", "x"])}, 0.4),
        },
        "emptyDir": lambda: chance.of(
            {"sizeLimit": lambda: chance.pick(SIZES), "medium": lambda: chance.pick(["", "Memory", "x"])}, 0.4
        ),
        "secret": lambda: {
            "secretName": chance.pick(["s", ""]),
            **chance.of({"items": lambda: items, "defaultMode": lambda: chance.pick([0, 420, 512, -1])}, 0.4),
        },
        "configMap": lambda: {
            "name": chance.pick(["s", ""]),
            **chance.of({"items": lambda: items, "defaultMode": lambda: chance.pick([0, 512])}, 0.4),
        },
        "persistentVolumeClaim": lambda: {"claimName": chance.pick(["c", ""])},
        "nfs": lambda: {"server": chance.pick(["s", ""]), "path": chance.pick(["/p", "", "p"])},
        "downwardAPI": lambda: {
            "items": [
                chance.pick(
                    [
                        {"path": "p"},
                        {"path": "", "fieldRef": {"fieldPath": "metadata.name"}},
                        {"path": "p", "resourceFieldRef": {"resource": "limits.cpu"}},
                    ]
                )
            ]
        },
        "projected": lambda: {
            "sources": [
                chance.pick(
                    [
                        {},
                        {"secret": {"name": "s", "items": items}},
                        {"serviceAccountToken": {"path": "p", "expirationSeconds": 1}},
                        {"configMap": {"name": ""}, "secret": {"name": "a"}},
                        {"serviceAccountToken": {"path": "/p"}},
                    ]
                )
                for _ in range(2)
            ]
        },
        "csi": lambda: {
            "driver": chance.pick(["d", "", "D.e", "x" * 64, "a_b"]),
            **chance.of(
                {"nodePublishSecretRef": lambda: chance.pick([{}, {"name": "n"}, {"name": "N"}])}, 0.4
            ),
        },
        "image": lambda: chance.of(
            {
                "reference": lambda: chance.pick(["r", "", "r:1"]),
                "pullPolicy": lambda: chance.pick(["Always", "x"]),
            },
            0.6,
        ),
        "gitRepo": lambda: {
            "repository": chance.pick(["r", ""]),
            **chance.of({"directory": lambda: chance.pick(["/a", "..", "a"])}, 0.5),
        },
        "iscsi": lambda: {
            "targetPortal": "1.2.3.4",
            "iqn": chance.pick(["iqn.2001-04.com.example:s", "x", "iqn.x", ""]),
            "lun": chance.pick([0, 256]),
        },
        "flexVolume": lambda: {"driver": chance.pick(["d", ""])},
        "gcePersistentDisk": lambda: {"pdName": chance.pick(["p", ""]), "partition": chance.pick([0, 256])},
        "awsElasticBlockStore": lambda: {
            "volumeID": chance.pick(["p", ""]),
            "partition": chance.pick([0, 256]),
        },
        "rbd": lambda: {"monitors": chance.pick([["m"], []]), "image": chance.pick(["i", ""])},
        "cephfs": lambda: {"monitors": chance.pick([["m"], []])},
        "fc": lambda: chance.pick(
            [
                {},
                {"targetWWNs": ["a"]},
                {"wwids": ["a"]},
                {"targetWWNs": ["a"], "wwids": ["b"], "lun": 300},
            ]
        ),
        "azureDisk": lambda: {
            "diskName": "d",
            "diskURI": chance.pick(["https://x", "/subscriptions/x", "x"]),
            **chance.of(
                {
                    "kind": lambda: chance.pick(["Managed", "Dedicated", "x"]),
                    "cachingMode": lambda: chance.pick(["None", "x"]),
                },
                0.5,
            ),
        },
        "storageos": lambda: chance.pick([{}, {"volumeName": "V", "secretRef": {}}]),
        "ephemeral": lambda: chance.pick([{}]),
        "glusterfs": lambda: {"endpoints": chance.pick(["e", ""]), "path": "p"},
        "quobyte": lambda: {
            "registry": chance.pick(["h:1", "h", "", "h:1,x"]),
            "volume": chance.pick(["v", ""]),
        },
    }
    out = {"name": chance.pick(["v", "v", "v2", "p", *NAMES[4:8]])}
    for _ in range(chance.pick([0, 1, 1, 1, 1, 1, 2])):
        key = chance.pick(list(sources))
        out[key] = sources[key]()
    return out
