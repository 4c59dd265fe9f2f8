"""The definitions of Podproof's own kinds against a real API server, and against what Podproof reads."""

import json
import lzma
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requires
from cluster.api_server import ApiServer, api_server
from waiting import wait_until

from podproof.admission.resources.exemptions import accept_exemption, check_names
from podproof.admission.resources.policies import accept_own_policy
from podproof.policies.exempt_fields import EXEMPT_FIELDS
from podproof.session.crds.definitions import definitions

SHARED = Path(__file__).parents[3] / "shared"
STORIES = SHARED / "conformance" / "psp" / "stories.jsonl.xz"
OWN = "podproof.dev/v1alpha1"
DEFINITIONS = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ApiServer]:
    with api_server(tmp_path_factory.mktemp("server")) as running:
        for definition in definitions():
            status, answer = running.ask("POST", DEFINITIONS, definition)
            assert status == 201, answer

        def served() -> bool:
            return running.ask("GET", f"/apis/{OWN}/podsecurityexemptions")[0] == 200

        wait_until(served, "the new kinds")
        yield running


def _spec(plural: str) -> dict[str, Any]:
    (found,) = (one for one in definitions() if one["spec"]["names"]["plural"] == plural)
    version: dict[str, Any] = found["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"]["spec"]
    return version


def test_the_definition_knows_every_control_and_every_field() -> None:
    properties = _spec("podsecurityexemptions")["properties"]
    assert sorted(properties["checks"]["items"]["enum"]) == sorted(check_names())
    assert sorted(properties["fields"]["items"]["enum"]) == sorted(EXEMPT_FIELDS)


def test_the_server_takes_the_definitions_and_no_name_clashes(server: ApiServer) -> None:
    for definition in definitions():
        _, kept = server.ask("GET", f"{DEFINITIONS}/{definition['metadata']['name']}")
        conditions = {one["type"]: one["status"] for one in kept["status"]["conditions"]}
        assert conditions == {"NamesAccepted": "True", "Established": "True"}
        assert "NonStructuralSchema" not in conditions
    names: list[str] = []
    for path in ("/api/v1", *(f"/apis/{version}" for version in _versions(server))):
        for resource in server.ask("GET", path)[1]["resources"]:
            names += [*resource.get("shortNames", ()), resource["name"], resource["singularName"]]
    for definition in definitions():
        own = definition["spec"]["names"]
        for name in (*own["shortNames"], own["plural"], own["singular"]):
            assert names.count(name) == 1, name


def _versions(server: ApiServer) -> list[str]:
    return [group["preferredVersion"]["groupVersion"] for group in server.ask("GET", "/apis")[1]["groups"]]


def _recorded() -> list[tuple[dict[str, Any], int]]:
    """Give the policies of the recorded stories as the own kind, with what a server 1.24 said of each."""
    with lzma.open(STORIES, "rt") as lines:
        stories = [json.loads(line) for line in lines]
    return [
        ({**entry["object"], "apiVersion": OWN}, entry["answer"]["code"])
        for story in stories
        for entry in story["policies"]
    ]


@requires.needs(requires.shared("conformance/psp/stories.jsonl.xz"))
def test_recorded_policies_fare_as_on_a_server_of_their_time(server: ApiServer) -> None:
    codes: Counter[int] = Counter()
    for policy, code in _recorded():
        said = server.create_dry(policy)
        ours = accept_own_policy(policy)
        assert ours.accepted == (code == 201), (policy, ours.message)
        if _faults_of_annotations(policy):
            assert said == ""  # a definition cannot look at annotations
        else:
            assert (said == "") == ours.accepted, (policy, said)
        codes[code] += 1
    assert codes[201] > 150
    assert codes[422] > 20


def _faults_of_annotations(policy: dict[str, Any]) -> bool:
    metadata = {**policy["metadata"], "annotations": None}
    bare = accept_own_policy({**policy, "metadata": metadata})
    return bare.accepted and not accept_own_policy(policy).accepted


GOOD: dict[str, Any] = {
    "privileged": True,
    "seLinux": {"rule": "RunAsAny"},
    "runAsUser": {"rule": "MustRunAs", "ranges": [{"min": 1, "max": 5}]},
    "supplementalGroups": {"rule": "RunAsAny"},
    "fsGroup": {"rule": "MayRunAs", "ranges": [{"max": 5}]},
}
POLICIES: list[tuple[dict[str, Any], bool]] = [
    ({}, True),
    ({"privileged": None, "volumes": None, "hostPorts": []}, True),
    ({"volumes": ["*", "image", "cephFS"]}, True),
    ({"volumes": ["cephfs"]}, False),
    ({"seLinux": None}, False),
    ({"seLinux": {"rule": ""}}, False),
    ({"seLinux": {"rule": "MustRunAs"}}, True),
    ({"runAsUser": {"rule": "MayRunAs"}}, False),
    ({"runAsUser": {"rule": "MustRunAs", "ranges": [{"min": 6, "max": 5}]}}, False),
    ({"runAsUser": {"rule": "MustRunAs", "ranges": [{"min": -1, "max": 5}]}}, False),
    ({"runAsUser": {"rule": "MustRunAs", "ranges": [{"min": 1}]}}, False),
    ({"runAsGroup": {"rule": "MustRunAs"}}, False),
    ({"runAsGroup": {"rule": "RunAsAny", "ranges": [{"min": 1, "max": 1}]}}, False),
    ({"runAsGroup": {"rule": "RunAsAny", "ranges": []}}, True),
    ({"allowedCapabilities": ["A"], "requiredDropCapabilities": ["A"]}, False),
    ({"defaultAddCapabilities": ["A"], "requiredDropCapabilities": ["B", "A"]}, False),
    ({"allowedCapabilities": ["*"], "requiredDropCapabilities": ["ALL"]}, False),
    ({"allowedCapabilities": ["*"], "requiredDropCapabilities": []}, True),
    ({"defaultAllowPrivilegeEscalation": True}, True),
    ({"defaultAllowPrivilegeEscalation": True, "allowPrivilegeEscalation": False}, False),
    ({"allowedHostPaths": [{"pathPrefix": ""}]}, False),
    ({"allowedHostPaths": [{"pathPrefix": "/a/../b"}]}, False),
    ({"allowedHostPaths": [{"pathPrefix": "/a..b", "readOnly": True}]}, True),
    ({"allowedFlexVolumes": [{"driver": ""}]}, False),
    ({"allowedCSIDrivers": [{"name": "A.b"}]}, True),
    ({"allowedCSIDrivers": [{"name": "a_b"}]}, False),
    ({"allowedUnsafeSysctls": ["kernel.*"], "forbiddenSysctls": ["net.*"]}, True),
    ({"allowedUnsafeSysctls": ["kernel.*"], "forbiddenSysctls": ["kernel.msgmax"]}, False),
    ({"allowedUnsafeSysctls": ["kernel.msgmax"], "forbiddenSysctls": ["kernel.m*"]}, False),
    ({"allowedUnsafeSysctls": ["kernel.msgmax"], "forbiddenSysctls": ["kernel.msgmax"]}, False),
    ({"allowedUnsafeSysctls": ["*", "a.b"]}, False),
    ({"allowedUnsafeSysctls": ["a/b"]}, False),
    ({"forbiddenSysctls": [""]}, False),
    ({"forbiddenSysctls": ["*"]}, True),
    ({"allowedProcMountTypes": ["Unmasked"]}, True),
    ({"runtimeClass": {"allowedRuntimeClassNames": ["a", "a"]}}, False),
    ({"runtimeClass": {"allowedRuntimeClassNames": ["a"], "defaultRuntimeClassName": "b"}}, False),
    ({"runtimeClass": {"allowedRuntimeClassNames": ["*"], "defaultRuntimeClassName": "b"}}, True),
    ({"runtimeClass": {"allowedRuntimeClassNames": ["*", "a"]}}, False),
    ({"runtimeClass": {"allowedRuntimeClassNames": ["A"]}}, False),
    ({"runtimeClass": {"allowedRuntimeClassNames": []}}, True),
    ({"hostPorts": [{"min": 1, "max": 2**31}]}, False),
    ({"privileged": "yes"}, False),
    ({"privilege": True}, False),
]


@pytest.mark.parametrize(("changed", "good"), POLICIES)
def test_server_and_podproof_agree_on_a_policy(
    server: ApiServer, changed: dict[str, Any], good: bool
) -> None:
    policy = {
        "apiVersion": OWN,
        "kind": "PodSecurityPolicy",
        "metadata": {"name": "p"},
        "spec": {**GOOD, **changed},
    }
    said, ours = server.create_dry(policy), accept_own_policy(policy)
    assert ((said == ""), ours.accepted) == (good, good), (said, ours.message)


@pytest.mark.parametrize(
    ("modes", "good"),
    [
        (["enforce"], True),
        (["warn", "audit"], True),
        ([], False),
        (["warn", "warn"], False),
        (["dryrun"], False),
        ("warn", False),
    ],
)
def test_server_and_podproof_agree_on_modes(server: ApiServer, modes: Any, good: bool) -> None:
    policy = {
        "apiVersion": OWN,
        "kind": "PodSecurityPolicy",
        "metadata": {"name": "p"},
        "modes": modes,
        "spec": GOOD,
    }
    said, ours = server.create_dry(policy), accept_own_policy(policy)
    assert ((said == ""), ours.accepted) == (good, good), (said, ours.message)


EXEMPTION: dict[str, Any] = {
    "owner": "team-a",
    "reason": "until it is rewritten",
    "expires": "2027-06-30T00:00:00Z",
    "namespaces": ["shop"],
    "checks": ["privileged"],
}
EXEMPTIONS: list[tuple[dict[str, Any], bool]] = [
    ({}, True),
    ({"checks": ["host-namespaces", "hostPorts"], "fields": ["spec.hostPID"]}, True),
    ({"checks": None, "fields": ["spec.containers[*].securityContext.privileged"]}, True),
    ({"checks": None}, False),
    ({"checks": []}, False),
    ({"checks": ["all"]}, False),
    ({"checks": ["privileged", "privileged"]}, False),
    ({"fields": ["spec.hostUsers"]}, False),
    ({"namespaces": None}, False),
    ({"namespaces": None, "objectSelector": {"matchLabels": {"a": "b"}}}, False),
    ({"objectSelector": {"matchLabels": {"a": "b"}}}, True),
    ({"objectSelector": {}}, False),
    ({"namespaces": None, "namespaceSelector": {}}, False),
    ({"namespaces": None, "namespaceSelector": {"matchLabels": {"a": "b"}}}, True),
    ({"namespaceSelector": {"matchExpressions": [{"key": "a", "operator": "In"}]}}, False),
    ({"namespaceSelector": {"matchExpressions": [{"key": "a", "operator": "In", "values": ["b"]}]}}, True),
    (
        {"namespaceSelector": {"matchExpressions": [{"key": "a", "operator": "Exists", "values": ["b"]}]}},
        False,
    ),
    ({"namespaceSelector": {"matchExpressions": [{"key": "a", "operator": "Matches"}]}}, False),
    ({"namespaces": ["*"]}, False),
    ({"namespaces": ["shop", "shop"]}, False),
    ({"containers": ["web"]}, True),
    ({"containers": ["Web"]}, False),
    ({"containers": []}, False),
    ({"owner": None}, False),
    ({"owner": " "}, False),
    ({"owner": "Jürgen <j@example.com>"}, True),
    ({"owner": "a\nb"}, False),
    ({"owner": "a\x7f"}, False),
    ({"reason": ""}, False),
    ({"expires": None}, False),
    ({"expires": "2027-06-30"}, False),
    ({"expires": "2027-06-30T00:00:00"}, False),
    ({"expires": "2027-06-30t00:00:00z"}, False),
    ({"expires": "2027-02-29T00:00:00Z"}, False),
    ({"expires": "2027-06-30T24:00:00Z"}, False),
    ({"expires": "2027-06-30T00:00:60Z"}, False),
    ({"expires": "2028-02-29T23:59:59.999999999+02:00"}, True),
    ({"expires": "9999-12-31T23:59:59Z"}, True),
    ({"expires": "1960-01-01T00:00:00Z"}, False),
    ({"expires": 1800000000}, False),
    ({"container": ["web"]}, False),
]


@pytest.mark.parametrize(("changed", "good"), EXEMPTIONS)
def test_server_and_podproof_agree_on_an_exemption(
    server: ApiServer, changed: dict[str, Any], good: bool
) -> None:
    spec = {key: value for key, value in {**EXEMPTION, **changed}.items() if value is not None}
    exemption = {"apiVersion": OWN, "kind": "PodSecurityExemption", "metadata": {"name": "e"}, "spec": spec}
    said, ours = server.create_dry(exemption), accept_exemption(exemption)
    assert ((said == ""), ours.accepted) == (good, good), (said, ours.message)
