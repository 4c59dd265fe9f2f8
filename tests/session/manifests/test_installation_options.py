"""Options of `podproof manifests` that cannot be what they are for are refused with what to write instead."""

from typing import Any

import pytest
from commands.conftest import Run
from commands.conftest import podproof as podproof

from podproof.errors import UsageError

from .installations import EVENTS, IMAGE, install, of_kind, values

_DIGEST = "@sha256:" + "0" * 64


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"image": "podproof"}, "--image: podproof names no version, write podproof:TAG or @sha256:DIGEST"),
        ({"image": "r.example:5000/p:latest"}, "names no version, write r.example:5000/p:TAG"),
        ({"image": "a b:1"}, '--image: "a b:1" is not an image, write REGISTRY/NAME:TAG'),
        ({"image": "a:1\n  command: [sh]"}, "is not an image"),
        ({"image": f"a{_DIGEST[:-1]}"}, "is not an image"),
        ({"namespace": "default"}, "--namespace: default has other things in it"),
        ({"namespace": "kube-system"}, "--namespace: kube-system has other things in it"),
        ({"namespace": "Podproof"}, '--namespace: "Podproof" cannot be the name of a namespace'),
        ({"namespace": "a" * 64}, "cannot be the name of a namespace"),
        ({"namespace": "a\n"}, "cannot be the name of a namespace"),
        ({"metrics_namespace": ""}, '--metrics-namespace: "" cannot be the name of a namespace'),
        ({"exclude_namespaces": ["-"]}, '--exclude-namespace: "-" cannot be the name of a namespace'),
        (
            {"enforce_namespaces": ["shop"]},
            "--enforce-namespace: nothing is denied in advisory mode, add --mode enforcing",
        ),
        (
            {"mode": "enforcing", "enforce_namespaces": ["kube-system"]},
            "--enforce-namespace: kube-system is never reviewed, leave it out",
        ),
        (
            {"mode": "enforcing", "enforce_namespaces": ["a1"], "exclude_namespaces": ["a1"]},
            "--enforce-namespace: a1 is never reviewed",
        ),
        ({"api_server_cidrs": ["10.0.0.1/8"]}, "--api-server-cidr: 10.0.0.1/8 has host bits set"),
        ({"api_server_cidrs": ["x"]}, "--api-server-cidr: 'x' does not appear to be"),
        ({"kubernetes_version": "1.34; x"}, '"1.34; x" is not a Kubernetes version; write v1.0 to v1.'),
        ({"priority_class": "A"}, '--priority-class: "A" cannot be the name of a PriorityClass'),
    ],
)
def test_a_wrong_option_is_refused(options: dict[str, Any], words: str) -> None:
    with pytest.raises(UsageError) as refused:
        install(**options)
    assert words in str(refused.value)


@pytest.mark.parametrize("image", ["r.example:5000/team/podproof:1.0", f"podproof{_DIGEST}", f"p:1{_DIGEST}"])
def test_an_image_with_a_version_is_taken(image: str) -> None:
    (container,) = of_kind("Deployment", values(image=image))["spec"]["template"]["spec"]["containers"]
    assert container["image"] == image


@pytest.mark.parametrize("version", [None, "v1.34", "1.34.2-eks.1", "1.34.2-: x"])
def test_the_server_is_told_the_version_of_its_cluster(version: str | None) -> None:
    objects = values(kubernetes_version=version)
    (container,) = of_kind("Deployment", objects)["spec"]["template"]["spec"]["containers"]
    said = [one for one in container["args"] if "version" in one]
    assert said == ([] if version is None else [f"--kubernetes-version={version}"])


@pytest.mark.parametrize("name", ["on", "123", "null", "1e3", "0x1f", "y", "true", "2026-11-29", "12-3"])
def test_a_name_stays_a_string(name: str) -> None:
    objects = values(namespace=name, metrics_namespace=name, exclude_namespaces=[name])
    assert of_kind("Namespace", objects)["metadata"]["name"] == name
    own = [one["metadata"] for one in objects if one["metadata"]["name"] != EVENTS]
    assert {one.get("namespace", name) for one in own} == {name}


def test_the_command_says_what_is_wrong_and_writes_nothing(podproof: Run) -> None:
    result = podproof("manifests", "--image", "podproof")
    assert (result.returncode, result.stdout) == (2, b"")
    assert b"podproof: --image: podproof names no version" in result.stderr
    result = podproof("manifests")
    assert result.returncode == 2
    assert b"--image" in result.stderr
    result = podproof("manifests", "--image", IMAGE, "--output", "all.yaml")
    assert (result.returncode, result.stdout) == (0, b"")
