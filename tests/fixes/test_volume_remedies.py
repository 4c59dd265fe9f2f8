"""What a person can do about a volume that no level but privileged allows, by its type."""

import pytest

from podproof.findings import Finding, Severity
from podproof.fixes.remedies import remedy_of

DRIVER = "use a persistentVolumeClaim, whose class is that of the storage's CSI driver; baseline allows it"
SHARED = "declare it as a PersistentVolume and use a persistentVolumeClaim; baseline allows it"

TYPES = {
    DRIVER: [
        "gcePersistentDisk", "awsElasticBlockStore", "flexVolume", "cinder", "azureFile", "azureDisk",
        "vsphereVolume", "portworxVolume", "scaleIO", "storageos", "photonPersistentDisk", "quobyte",
        "flocker",
    ],
    SHARED: ["nfs", "iscsi", "glusterfs", "rbd", "cephfs", "fc"],
    "clone it into an emptyDir, in an init container": ["gitRepo"],
}  # fmt: skip


@pytest.mark.parametrize(("kind", "words"), [(kind, words) for words in TYPES for kind in TYPES[words]])
def test_what_to_use_instead(kind: str, words: str) -> None:
    route = ("spec", "volumes", 0, kind)
    value = {"spec": {"volumes": [{"name": "v", kind: {}}]}}
    finding = Finding("restricted-volumes", Severity.ERROR, "", route)
    assert remedy_of(finding, value) == words
