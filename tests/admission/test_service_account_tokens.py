"""What the ServiceAccount plugin writes for the token: mounts and volume, and what it leaves alone."""

from typing import Any

import pytest

from podproof.admission.service_account import fill_in
from podproof.edits.apply import apply_edits
from podproof.effective.volumes import TOKEN_PATH

from .requests import pod


def filled(held: dict[str, Any], minor: int = 24) -> dict[str, Any]:
    edits = fill_in(held, None, name="default", minor=minor, token=True)
    spec: dict[str, Any] = apply_edits(held, edits)["spec"]
    return spec


def test_the_whole_volume() -> None:
    assert filled(pod())["volumes"] == [
        {
            "name": "kube-api-access-xxxxx",
            "projected": {
                "defaultMode": 420,
                "sources": [
                    {"serviceAccountToken": {"expirationSeconds": 3607, "path": "token"}},
                    {
                        "configMap": {
                            "name": "kube-root-ca.crt",
                            "items": [{"key": "ca.crt", "path": "ca.crt"}],
                        }
                    },
                    {
                        "downwardAPI": {
                            "items": [
                                {
                                    "path": "namespace",
                                    "fieldRef": {"apiVersion": "v1", "fieldPath": "metadata.namespace"},
                                }
                            ]
                        }
                    },
                ],
            },
        }
    ]


@pytest.mark.parametrize(
    ("minor", "name"),
    [(20, "build-token-xxxxx"), (21, "kube-api-access-xxxxx")],
)
@pytest.mark.parametrize("field", ["serviceAccountName", "serviceAccount"])
def test_the_name_of_the_volume(field: str, minor: int, name: str) -> None:
    spec = filled(pod(**{field: "build"}), minor)
    assert [volume["name"] for volume in spec["volumes"]] == [name]
    assert spec["containers"][0]["volumeMounts"] == [
        {"name": name, "readOnly": True, "mountPath": TOKEN_PATH}
    ]
    assert spec.get("serviceAccountName") == ("build" if field == "serviceAccountName" else None)


@pytest.mark.parametrize(("minor", "name"), [(20, "default-token-abcde"), (24, "kube-api-access-abcde")])
def test_a_volume_that_is_there_is_mounted(minor: int, name: str) -> None:
    volumes = [{"name": "data", "emptyDir": {}}, {"emptyDir": {}}, {"name": name, "emptyDir": {}}]
    spec = filled(pod(volumes=volumes), minor)
    assert spec["volumes"] == volumes
    assert spec["containers"][0]["volumeMounts"][0]["name"] == name


def test_other_volumes_and_mounts_stay_before_it() -> None:
    held = pod(volumes=[{"name": "data", "emptyDir": {}}])
    held["spec"]["containers"][0]["volumeMounts"] = [{"name": "data", "mountPath": "/data"}]
    spec = filled(held)
    assert [volume["name"] for volume in spec["volumes"]] == ["data", "kube-api-access-xxxxx"]
    assert [mount["mountPath"] for mount in spec["containers"][0]["volumeMounts"]] == ["/data", TOKEN_PATH]


def test_only_the_container_without_a_mount_gets_one() -> None:
    taken = {"name": "x", "mountPath": TOKEN_PATH}
    held = pod(initContainers=[{"name": "i", "volumeMounts": [taken]}])
    spec = filled(held)
    assert spec["initContainers"][0]["volumeMounts"] == [taken]
    assert spec["containers"][0]["volumeMounts"][0]["mountPath"] == TOKEN_PATH


@pytest.mark.parametrize(
    "spec", [{"containers": 7}, {"containers": [7]}, {"containers": {}}, {"volumes": "x", "containers": [7]}]
)
def test_what_cannot_be_read_is_left_to_validation(spec: dict[str, Any]) -> None:
    edits = fill_in({"spec": spec}, None, name="default", minor=24, token=True)
    assert [(edit.route, edit.value) for edit in edits] == [(("spec", "serviceAccountName"), "default")]
