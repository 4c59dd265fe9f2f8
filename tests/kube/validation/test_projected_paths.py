"""Two files of a projected volume cannot have the same path; which is named depends on the source.

Source: kubernetes 1.37.2 pkg/apis/core/validation, validateProjectionSources.
"""

from typing import Any

import pytest

from podproof.kube.review import review

ITEM = {"key": "k", "path": "a"}
FIELD = {"path": "a", "fieldRef": {"fieldPath": "metadata.name"}}
BUNDLE = {"clusterTrustBundle": {"name": "n", "path": "a"}}
CERTIFICATE = {"signerName": "a.b/c", "keyType": "ED25519"}
AT = "spec.volumes[0].projected"


def refusals(*sources: dict[str, Any]) -> list[str]:
    volume = {"name": "v", "projected": {"sources": list(sources)}}
    spec = {"containers": [{"name": "c", "image": "i"}], "volumes": [volume]}
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}, "spec": spec}
    return [error.text for error in review(pod, version=37).errors]


def conflict(shown: str) -> str:
    return f'{AT}: Invalid value: "{shown}": conflicting duplicate paths'


@pytest.mark.parametrize("key", ["secret", "configMap"])
def test_keys_of_a_named_object(key: str) -> None:
    required = f"{AT}.sources[0].{key}.name: Required value"
    assert refusals({key: {"name": "s", "items": [ITEM]}}) == []
    assert refusals({key: {"name": "s", "items": [ITEM, ITEM]}}) == [conflict("s")]
    assert refusals({key: {"items": [ITEM, ITEM]}}) == [required, conflict("")]
    assert refusals({key: {"name": "", "items": [ITEM, ITEM]}}) == [required, conflict("")]
    assert refusals({key: {"name": "s", "items": [ITEM, {"key": "k", "path": "b"}]}}) == []


@pytest.mark.parametrize(
    ("sources", "shown"),
    [
        ([{"downwardAPI": {"items": [FIELD, FIELD]}}], ["a"]),
        ([{"downwardAPI": {"items": [FIELD]}}, {"downwardAPI": {"items": [{**FIELD, "path": "b"}]}}], []),
        ([BUNDLE, BUNDLE], ["a"]),
        ([BUNDLE, {"clusterTrustBundle": {"name": "n", "path": "b"}}], []),
        ([{"secret": {"name": "s", "items": [ITEM]}}, BUNDLE], ["a"]),
        ([BUNDLE, {"secret": {"name": "s", "items": [ITEM]}}], ["s"]),
        ([BUNDLE, {"podCertificate": {**CERTIFICATE, "credentialBundlePath": "a"}}], ["a"]),
        ([BUNDLE, {"podCertificate": {**CERTIFICATE, "credentialBundlePath": "b"}}], []),
        (
            [{"podCertificate": {**CERTIFICATE, "keyPath": "a", "certificateChainPath": "b"}}] * 2,
            ["a", "b"],
        ),
        # the path of a token is not compared
        ([BUNDLE, {"serviceAccountToken": {"path": "a"}}], []),
    ],
)
def test_files_of_several_sources(sources: list[dict[str, Any]], shown: list[str]) -> None:
    assert refusals(*sources) == [conflict(path) for path in shown]
