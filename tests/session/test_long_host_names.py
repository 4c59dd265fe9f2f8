"""Names that are too long for the kernel, of pods whose names end by chance, or by a number."""

from typing import Any

import pytest

import podproof

DOMAIN = "bars.shop.svc.cluster.local"


def pod_template() -> dict[str, Any]:
    spec = {"subdomain": "bars", "setHostnameAsFQDN": True, "containers": [{"name": "c", "image": "i"}]}
    return {"metadata": {"labels": {"app": "a"}}, "spec": spec}


def made(kind: str, name: str) -> dict[str, Any]:
    template = pod_template()
    if kind == "Pod":
        return {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {"generateName": name, "namespace": "shop"},
            "spec": template["spec"],
        }
    spec: dict[str, Any] = {"template": template}
    if kind == "Job":
        template["spec"]["restartPolicy"] = "Never"
    else:
        spec |= {"selector": {"matchLabels": {"app": "a"}}, "serviceName": "bars"}
    return {
        "apiVersion": "batch/v1" if kind == "Job" else "apps/v1",
        "kind": kind,
        "metadata": {"name": name, "namespace": "shop"},
        "spec": spec,
    }


def refusals(value: dict[str, Any]) -> list[str]:
    return [
        finding.message.partition(" cluster domain, ")[2]
        for finding in podproof.check(value, level="privileged").findings
        if finding.check == "will-not-start"
    ]


def too_long(name: str, number: str) -> list[str]:
    return [f"FQDN {name}.{DOMAIN} is too long (64 characters is the max, {number} characters requested)"]


@pytest.mark.parametrize(
    ("kind", "letters", "end", "number"),
    [
        # whatever ends the name is longer than what stands for it
        ("Job", 31, "", ""),
        ("Job", 32, "-<id>", "more than 65"),
        ("Pod", 32, "", ""),
        ("Pod", 33, "<id>", "more than 65"),
        ("StatefulSet", 34, "", ""),
        ("StatefulSet", 35, "-0", "65"),
    ],
)
def test_names_that_are_made(kind: str, letters: int, end: str, number: str) -> None:
    name = "a" * letters
    assert refusals(made(kind, name)) == (too_long(name + end, number) if end else [])


def test_explain_says_it_of_each_container() -> None:
    explained = podproof.explain(made("StatefulSet", "a" * 35))
    (start,) = [one["start"] for pod in explained["objects"] for one in pod["containers"]]
    assert (start["starts"], start["reason"]) == (False, "ContainerCreating")
    assert start["event"]["message"].endswith("65 characters requested)")


def test_a_template_without_a_name_may_get_a_short_one() -> None:
    template = pod_template()
    template["spec"]["subdomain"] = "a" * 60
    assert refusals({"apiVersion": "v1", "kind": "PodTemplate", "template": template}) == []
