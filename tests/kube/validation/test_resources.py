"""Requests, limits and claims of containers and pods: extended resources, huge pages, init containers' peaks.

Words: recorded answers of 1.37.2, and kubernetes 1.37.2 pkg/apis/core/validation and pkg/apis/core/helper.
"""

from collections.abc import Callable
from typing import Any

import pytest

from podproof.kube.validation.resources import quote_fractional_bytes

Judge = Callable[..., list[str]]

AT = "spec.containers[0].resources"
STANDARD = "must be a standard resource type or fully qualified"
FOR_CONTAINERS = "must be a standard resource for containers"
NO_OVERCOMMIT = "Limit must be set for non overcommitable resources"
LONG = "a" * 56  # with `requests.` before it, a name of more than 63 characters

CONTAINERS: list[tuple[dict[str, Any], list[str]]] = [
    ({"limits": {"cpu": "1"}, "requests": {"cpu": "1"}}, []),
    ({"limits": {"cpu": "1"}, "requests": {"cpu": "1001m"}},
     [f'{AT}.requests: Invalid value: "1001m": must be less than or equal to cpu limit of 1']),
    ({"limits": {"memory": "0"}}, []),
    ({"limits": {"memory": "-1"}, "requests": {"memory": "-1"}}, [
        f'{AT}.limits[memory]: Invalid value: "-1": must be greater than or equal to 0',
        f'{AT}.requests[memory]: Invalid value: "-1": must be greater than or equal to 0',
    ]),
    ({"limits": {"ccpu": "1"}}, [
        f'{AT}.limits[ccpu]: Invalid value: "ccpu": {STANDARD}',
        f'{AT}.limits[ccpu]: Invalid value: "ccpu": {FOR_CONTAINERS}',
        f'{AT}.requests[ccpu]: Invalid value: "ccpu": {STANDARD}',
        f'{AT}.requests[ccpu]: Invalid value: "ccpu": {FOR_CONTAINERS}',
    ]),
    ({"requests": {"storage": "1"}}, [f'{AT}.requests[storage]: Invalid value: "storage": {FOR_CONTAINERS}']),
    ({"requests": {"pods": "1"}}, [f'{AT}.requests[pods]: Invalid value: "pods": {FOR_CONTAINERS}']),
    ({"requests": {"limits.cpu": "1"}},
     [f'{AT}.requests[limits.cpu]: Invalid value: "limits.cpu": {FOR_CONTAINERS}']),
    # extended resources: whole numbers, the same in requests and limits
    ({"limits": {"example.com/gpu": "2"}}, []),
    ({"limits": {"example.com/gpu": "2"}, "requests": {"example.com/gpu": "2"}}, []),
    ({"limits": {"example.com/gpu": "2"}, "requests": {"example.com/gpu": "1"}},
     [f'{AT}.requests: Invalid value: "1": must be equal to example.com/gpu limit of 2']),
    ({"requests": {"example.com/gpu": "1"}}, [f"{AT}.limits: Required value: {NO_OVERCOMMIT}"]),
    ({"limits": {"example.com/gpu": "500m"}}, [
        f'{AT}.limits[example.com/gpu]: Invalid value: "500m": must be an integer',
        f'{AT}.requests[example.com/gpu]: Invalid value: "500m": must be an integer',
    ]),
    ({"requests": {"kubernetes.io/batch": "500m"}}, []),
    ({"requests": {"node.kubernetes.io/batch": "500m"}}, []),
    ({"limits": {"requests.example.com/gpu": "1"}}, [
        f'{AT}.{side}[requests.example.com/gpu]: Invalid value: "requests.example.com/gpu": '
        "doesn't follow extended resource name standard"
        for side in ("limits", "requests")
    ]),
    ({"limits": {"example.com/-x": "1"}}, [
        message
        for side in ("limits", "requests")
        for message in (
            f'{AT}.{side}[example.com/-x]: Invalid value: "example.com/-x": name part must consist of '
            "alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character "
            "(e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is "
            "'([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')",
            f'{AT}.{side}[example.com/-x]: Invalid value: "example.com/-x": '
            "doesn't follow extended resource name standard",
        )
    ]),
    # huge pages: with cpu or memory, whole pages, the same in requests and limits
    ({"limits": {"hugepages-2Mi": "4Mi", "cpu": "1"}}, []),
    ({"limits": {"hugepages-2Mi": "4Mi", "memory": "1"}}, []),
    ({"limits": {"hugepages-2Mi": "4Mi"}}, [f"{AT}: Forbidden: HugePages require cpu or memory"]),
    ({"limits": {"hugepages-2Mi": "4Mi", "ephemeral-storage": "1"}},
     [f"{AT}: Forbidden: HugePages require cpu or memory"]),
    ({"limits": {"hugepages-2Mi": "3Mi", "cpu": "1"}}, [
        f'{AT}.{side}[hugepages-2Mi]: Invalid value: "3Mi": '
        "3Mi is not positive integer multiple of hugepages-2Mi"
        for side in ("limits", "requests")
    ]),
    ({"limits": {"hugepages-0": "4Mi", "cpu": "1"}}, [
        f'{AT}.{side}[hugepages-0]: Invalid value: "4Mi": 4Mi is not positive integer multiple of hugepages-0'
        for side in ("limits", "requests")
    ]),
    ({"limits": {"hugepages-2Mi": "4Mi", "cpu": "1"}, "requests": {"hugepages-2Mi": "2Mi"}},
     [f'{AT}.requests: Invalid value: "2Mi": must be equal to hugepages-2Mi limit of 4Mi']),
    ({"requests": {"hugepages-2Mi": "4Mi", "cpu": "1"}}, [f"{AT}.limits: Required value: {NO_OVERCOMMIT}"]),
]  # fmt: skip


@pytest.mark.parametrize(("resources", "errors"), CONTAINERS)
def test_resources_of_a_container(judge: Judge, resources: dict[str, Any], errors: list[str]) -> None:
    assert judge({"resources": resources}) == errors


def _asking(name: str, **more: Any) -> dict[str, Any]:
    cpu = more.pop("cpu", None)
    resources = {"requests": {"cpu": cpu}} if cpu else {}
    return {"name": name, "image": "i:1", "resources": resources, **more}


SIDECAR = {"restartPolicy": "Always"}

# what the containers ask for together, counted by hand: the larger of regular + sidecars, and of each init
# container with the sidecars before it
SUMS: list[tuple[list[dict[str, Any]], str]] = [
    ([], "1"),
    ([_asking("a", cpu="1")], "1"),
    ([_asking("a", cpu="3")], "3"),
    ([_asking("a", cpu="3"), _asking("b", cpu="2")], "3"),
    ([_asking("a", cpu="3", **SIDECAR)], "4"),
    ([_asking("a", cpu="3", **SIDECAR), _asking("b", cpu="2", **SIDECAR)], "6"),
    ([_asking("a", cpu="3", **SIDECAR), _asking("b", cpu="2")], "5"),
    ([_asking("a", cpu="2"), _asking("b", cpu="3", **SIDECAR)], "4"),
    ([_asking("a", cpu="5"), _asking("b", cpu="3", **SIDECAR)], "5"),
    ([_asking("a", **SIDECAR), _asking("b", cpu="7")], "7"),
]


@pytest.mark.parametrize(("init_containers", "total"), SUMS)
def test_a_pod_asks_for_as_much_as_its_containers_together(
    judge: Judge, init_containers: list[dict[str, Any]], total: str
) -> None:
    def asked(cpu: str) -> list[str]:
        return judge(
            {"resources": {"requests": {"cpu": "1"}}},
            {"initContainers": init_containers, "resources": {"requests": {"cpu": cpu}}},
        )

    short = f"{int(total) * 1000 - 1}m"
    assert asked(total) == []
    assert asked(short) == [
        f'spec.resources.requests[cpu]: Invalid value: "{short}": '
        f"must be greater than or equal to aggregate container requests of {total}"
    ]


PODS: list[tuple[dict[str, Any], dict[str, Any], list[str]]] = [
    ({}, {"limits": {"cpu": "1", "memory": "1Gi"}}, []),
    ({}, {"requests": {"storage": "4Gi"}}, [
        'spec.resources.requests[storage]: Unsupported value: "storage": '
        'supported values: "cpu", "hugepages-", "memory"'
    ]),
    ({}, {"requests": {"example.com/gpu": "1"}, "limits": {"example.com/gpu": "1"}}, [
        f'spec.resources.{side}[example.com/gpu]: Unsupported value: "example.com/gpu": '
        'supported values: "cpu", "hugepages-", "memory"'
        for side in ("limits", "requests")
    ]),
    ({}, {"limits": {"hugepages-2Mi": "2Mi", "cpu": "1"}, "requests": {"hugepages-2Mi": "2Mi"}}, []),
    ({}, {"claims": []},
     ["spec.resources.claims: Forbidden: claims may not be set for Resources at pod-level"]),
    ({"limits": {"cpu": "2"}}, {"limits": {"cpu": "1"}, "requests": {"cpu": "1"}}, [
        'spec.resources.requests[cpu]: Invalid value: "1": '
        "must be greater than or equal to aggregate container requests of 2",
        'spec.resources.containers[0][cpu].limits: Invalid value: "2": '
        "must be less than or equal to pod limits of 1",
    ]),
]  # fmt: skip


@pytest.mark.parametrize(("container", "pod", "errors"), PODS)
def test_resources_of_a_pod(
    judge: Judge, container: dict[str, Any], pod: dict[str, Any], errors: list[str]
) -> None:
    assert judge({"resources": container}, {"resources": pod}) == errors


def test_a_windows_pod_has_no_resources_of_its_own(judge: Judge) -> None:
    spec = {"os": {"name": "windows"}, "resources": {"limits": {"cpu": "1"}}}
    assert judge({}, spec) == ["spec.resources: Forbidden: may not be set for a windows pod"]


CLAIMS: list[tuple[list[dict[str, str]], list[str]]] = [
    ([{"name": "a"}], []),
    ([{"name": "a", "request": "r"}, {"name": "a", "request": "s"}, {"name": "b"}], []),
    ([{}], ["[0]: Required value"]),
    ([{"name": "a"}, {"name": "a"}], ['[1]: Duplicate value: "a"']),
    ([{"name": "a"}, {"name": "a", "request": "r"}], ['[1]: Duplicate value: "a"']),
    ([{"name": "a", "request": "r"}, {"name": "a"}], ['[1]: Duplicate value: "a"']),
    ([{"name": "a", "request": "r"}, {"name": "a", "request": "r"}], ['[1]: Duplicate value: "a/r"']),
    (
        [{"name": "c"}],
        ['[0]: Not found: "c": must be one of the names in pod.spec.resourceClaims: a, b'],
    ),
]


@pytest.mark.parametrize(("claims", "errors"), CLAIMS)
def test_claims(judge: Judge, claims: list[dict[str, str]], errors: list[str]) -> None:
    known = [{"name": name, "resourceClaimName": name} for name in ("a", "b")]
    found = judge({"resources": {"claims": claims}}, {"resourceClaims": known})
    assert found == [f"{AT}.claims{error}" for error in errors]


RESIZE: list[tuple[dict[str, str], str, list[str]]] = [
    ({"resourceName": "cpu", "restartPolicy": "RestartContainer"}, "Always", []),
    ({"resourceName": "cpu", "restartPolicy": "NotRequired"}, "Never", []),
    ({"resourceName": "gpu", "restartPolicy": "NotRequired"}, "Always",
     ['Unsupported value: "gpu": supported values: "cpu", "memory"']),
    ({"restartPolicy": "NotRequired"}, "Always", ["Required value"]),
    ({"resourceName": "cpu"}, "Always", ["Required value"]),
    ({"resourceName": "cpu", "restartPolicy": "RestartContainer"}, "Never",
     ["Invalid value: \"RestartContainer\": must be 'NotRequired' when pod `restartPolicy` is 'Never'"]),
]  # fmt: skip


@pytest.mark.parametrize(("policy", "restart_policy", "errors"), RESIZE)
def test_resize_policies(
    judge: Judge, policy: dict[str, str], restart_policy: str, errors: list[str]
) -> None:
    found = judge({"resizePolicy": [policy]}, {"restartPolicy": restart_policy})
    assert found == [f"spec.containers[0].resizePolicy: {error}" for error in errors]


@pytest.mark.parametrize(
    ("written", "quoted"),
    [("1", None), ("1Ki", None), ("1500m", '"1500m"'), ("0.5", '"500m"'), ("x", None), (None, None)],
)
def test_bytes_that_are_not_whole_are_quoted(written: str | None, quoted: str | None) -> None:
    assert quote_fractional_bytes(written) == quoted
