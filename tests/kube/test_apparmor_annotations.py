"""AppArmor's annotations become fields, as a server of 1.30 and later writes them.

Source: kubernetes 1.30 pkg/registry/core/pod/strategy.go, applyAppArmorVersionSkew and
podtemplate's getAppArmorFieldForAnnotation.
"""

import pytest

from podproof.kube.accept import accept
from podproof.kube.default_pod import _profile
from podproof.kube.pod import AppArmorProfile
from podproof.kube.review import review


@pytest.mark.parametrize(
    ("annotation", "type_", "name"),
    [
        ("unconfined", "Unconfined", None),
        ("runtime/default", "RuntimeDefault", None),
        ("localhost/p", "Localhost", "p"),
        ("localhost/a b", "Localhost", "a b"),
        ("localhost/" + "p" * 4095, "Localhost", "p" * 4095),
    ],
)
def test_a_profile(annotation: str, type_: str, name: str | None) -> None:
    assert _profile(annotation) == AppArmorProfile(type=type_, localhost_profile=name)


@pytest.mark.parametrize(
    "annotation",
    ["", "localhost/", "localhost/ p", "localhost/p ", "localhost", "p", "docker/default",
     "localhost/" + "p" * 4096, "localhost/" + "é" * 2048],
)  # fmt: skip
def test_what_names_no_profile(annotation: str) -> None:
    assert _profile(annotation) is None


@pytest.mark.parametrize(("minor", "copied"), [(29, False), (30, True)])
def test_servers_without_the_field_copy_nothing(minor: int, copied: bool) -> None:
    key = "container.apparmor.security.beta.kubernetes.io/c"
    pod = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "p", "annotations": {key: "runtime/default"}},
        "spec": {"containers": [{"name": "c", "image": "i"}]},
    }
    reviewed = review(pod, version=minor)
    assert reviewed.object is not None
    assert ("securityContext" in reviewed.object["spec"]["containers"][0]) is copied
    answer = accept(pod, kubernetes_version=f"v1.{minor}")
    assert answer.object is not None
    assert ("securityContext" in answer.object["spec"]["containers"][0]) is copied
    assert bool(answer.warnings) is copied


@pytest.mark.parametrize("name", ["c", "", None])
def test_each_container_has_the_annotation_of_its_name(name: str | None) -> None:
    """A container without a name is refused; it has the empty one until then."""
    prefix = "container.apparmor.security.beta.kubernetes.io/"
    annotations = {f"{prefix}{name or ''}": "unconfined", f"{prefix}x": "runtime/default"}
    first = {"image": "i"} if name is None else {"name": name, "image": "i"}
    spec = {"containers": [first, {"name": "x", "image": "i"}, {"name": "y", "image": "i"}]}
    reviewed = review(
        {"kind": "Pod", "metadata": {"name": "p", "annotations": annotations}, "spec": spec}, version=37
    )
    assert reviewed.object is not None
    found = [
        (container.get("securityContext") or {}).get("appArmorProfile", {}).get("type")
        for container in reviewed.object["spec"]["containers"]
    ]
    assert found == ["Unconfined", "RuntimeDefault", None]
