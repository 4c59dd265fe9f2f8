"""Files of a volume with the same path, or of which one lies in the other: the server warns of each pair.

Source: kubernetes 1.37.2 pkg/api/pod/warnings.go, warningsForOverlappingVirtualPaths.
"""

from typing import Any

import pytest

from podproof.kube.validation.volume_warnings import warn_of_volumes


def warned(*volumes: dict[str, Any]) -> list[str]:
    return list(warn_of_volumes(volumes, ("spec", "volumes")))


def items(*paths: str | None) -> list[dict[str, Any]]:
    return [{"key": "k", "path": path} for path in paths]


SAID = 'volume "v" (Secret "s"): overlapping paths: '


@pytest.mark.parametrize(
    ("paths", "pairs"),
    [
        ((), []),
        (("a",), []),
        (("a", "b"), []),
        (("a", "a"), ['"a" with "a"']),
        (("a", "a", "a"), ['"a" with "a"', '"a" with "a"', '"a" with "a"']),
        # one in the other, whichever stands first
        (("a", "a/b"), ['"a/b" with "a"']),
        (("a/b", "a"), ['"a" with "a/b"']),
        (("a/b/c", "a/d", "a"), ['"a" with "a/b/c"', '"a" with "a/d"']),
        (("a", "a/b", "a/b/c"), ['"a/b" with "a"', '"a/b/c" with "a"', '"a/b/c" with "a/b"']),
        # a path that begins alike is another one
        (("a", "ab"), []),
        (("a/b", "a/c"), []),
        (("a", "b/a"), []),
        # a slash at the end is none
        (("a/", "a"), ['"a" with "a"']),
        (("a//", "a"), ['"a" with "a"']),
        (("a//b", "a/b"), []),
        # nothing is no path
        (("", ""), []),
        ((None, "/"), []),
        (("a~", "a"), []),
    ],
)
def test_files_of_a_secret(paths: tuple[str | None, ...], pairs: list[str]) -> None:
    volume = {"name": "v", "secret": {"secretName": "s", "items": items(*paths)}}
    assert warned(volume) == [SAID + pair for pair in pairs]
    assert warned({"name": "x", "emptyDir": {}}, volume) == [SAID + pair for pair in pairs]


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ({"configMap": {"name": "m", "items": items("a", "a")}}, 'volume "v" (ConfigMap "m")'),
        ({"configMap": {"items": items("a", "a")}}, 'volume "v" (ConfigMap "")'),
        ({"secret": {"items": items("a", "a")}}, 'volume "v" (Secret "")'),
        ({"downwardAPI": {"items": items("a", "a")}}, 'volume "v" (DownwardAPI)'),
    ],
)
def test_how_a_volume_is_named(source: dict[str, Any], shown: str) -> None:
    assert warned({"name": "v", **source}) == [f'{shown}: overlapping paths: "a" with "a"']
    assert warned({"name": None, **source}) == [
        f'{shown}: overlapping paths: "a" with "a"'.replace('volume "v"', 'volume ""')
    ]


CERTIFICATE = {"certificateChainPath": "a", "keyPath": "b", "credentialBundlePath": "a/c"}


@pytest.mark.parametrize(
    ("source", "pairs"),
    [
        ({"configMap": {"name": "m", "items": items("a")}}, ['ConfigMap "m"']),
        ({"configMap": {"items": items("a")}}, ['ConfigMap ""']),
        ({"configMap": {"name": "m"}}, []),
        ({"secret": {"name": "s", "items": items("a")}}, ['Secret "s"']),
        ({"downwardAPI": {"items": items("a")}}, ["DownwardAPI"]),
        ({"serviceAccountToken": {"path": "a"}}, ["ServiceAccountToken"]),
        ({"serviceAccountToken": {"path": "a/"}}, ["ServiceAccountToken"]),
        ({"serviceAccountToken": {}}, []),
        ({"clusterTrustBundle": {"name": "n", "path": "a"}}, ['ClusterTrustBundle "n"']),
        ({"clusterTrustBundle": {"signerName": "g.h/i", "path": "a"}}, ['ClusterTrustBundle "g.h/i"']),
        ({"clusterTrustBundle": {"name": "", "signerName": "g.h/i", "path": "a"}}, ['ClusterTrustBundle ""']),
        ({"podCertificate": {"certificateChainPath": "a"}}, ["PodCertificate chain"]),
        ({"podCertificate": {"keyPath": "a/"}}, ["PodCertificate key"]),
        ({"podCertificate": {"credentialBundlePath": "a"}}, ["PodCertificate credential bundle"]),
    ],
)
def test_files_of_a_projected_volume(source: dict[str, Any], pairs: list[str]) -> None:
    other = {"downwardAPI": {"items": items("a")}}
    volume = {"name": "v", "projected": {"sources": [other, source]}}
    said = 'volume "v" (Projected): overlapping paths: '
    assert warned(volume) == [f'{said}"a" ({pair}) with "a" (DownwardAPI)' for pair in pairs]


def test_files_of_one_certificate() -> None:
    volume = {"name": "v", "projected": {"sources": [{"podCertificate": CERTIFICATE}]}}
    assert warned(volume) == [
        'volume "v" (Projected): overlapping paths: '
        '"a/c" (PodCertificate credential bundle) with "a" (PodCertificate chain)'
    ]


def test_a_source_that_is_none() -> None:
    said = 'volume "v" (Projected) has no sources provided'
    assert warned({"name": "v", "projected": {"sources": [{}, {"secret": None}]}}) == [said, said]
    assert warned({"name": "v", "projected": {"sources": [{"secret": {}}]}}) == []
    assert warned({"name": "v", "projected": {}}) == []


def test_how_many_are_told_of_one_volume() -> None:
    volume = {"name": "v", "secret": {"secretName": "s", "items": items(*["a"] * 92)}}
    assert len(warned(volume, volume)) == 2 * 4096
    volume["secret"] = {"items": items(*["a"] * 91)}
    assert len(warned(volume)) == 4095


@pytest.mark.parametrize(
    "source",
    [
        {"configMap": {"items": items("a~", "a.", "a ")}},
        {"secret": {"items": items("a~", "a.", "a ")}},
        {"downwardAPI": {"items": items("a~", "a.", "a ")}},
        {"serviceAccountToken": {"path": "a~"}},
        {"clusterTrustBundle": {"name": "n", "path": "a~"}},
        {"podCertificate": {"keyPath": "a~", "certificateChainPath": "a.", "credentialBundlePath": "a "}},
    ],
)
def test_only_slashes_at_the_end_are_none(source: dict[str, Any]) -> None:
    other = {"secret": {"name": "other", "items": items("a", "~", "")}}
    assert warned({"name": "v", "projected": {"sources": [source, other]}}) == []
