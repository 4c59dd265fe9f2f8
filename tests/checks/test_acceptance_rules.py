"""When checks of acceptance speak of an object, and what they say: versions, types, fields, keys."""

from typing import Any

import pytest

from podproof.checks.model.acceptance import (
    AcceptanceCheck,
    ReviewedObject,
    fault,
    is_authors_fault,
    value_at,
)
from podproof.checks.model.catalogue import all_checks
from podproof.findings import Finding, Severity
from podproof.kube.feature_gates import FeatureGates
from podproof.kube.review import review
from podproof.kube.workload import Fragment
from podproof.manifest.doubled import Doubled
from podproof.manifest.route import format_route

WORKLOADS = ("Deployment", "ReplicaSet", "StatefulSet", "DaemonSet")
SERVED: list[tuple[str, str, int, int | None]] = [
    *(("v1", kind, 0, None) for kind in ("Pod", "PodTemplate", "ReplicationController")),
    *(("apps/v1", kind, 9, None) for kind in WORKLOADS),
    *(("apps/v1beta2", kind, 8, 16) for kind in WORKLOADS),
    ("apps/v1beta1", "Deployment", 6, 16),
    ("apps/v1beta1", "StatefulSet", 5, 16),
    ("extensions/v1beta1", "Deployment", 2, 16),
    ("extensions/v1beta1", "ReplicaSet", 2, 16),
    ("extensions/v1beta1", "DaemonSet", 1, 16),
    ("batch/v1", "Job", 2, None),
    ("batch/v1", "CronJob", 21, None),
    ("batch/v1beta1", "CronJob", 8, 25),
    ("batch/v2alpha1", "CronJob", 5, 21),
    ("batch/v2alpha1", "ScheduledJob", 4, 8),
    ("policy/v1beta1", "PodSecurityPolicy", 10, 25),
    ("extensions/v1beta1", "PodSecurityPolicy", 3, 16),
]
"""API version, kind, the first minor that serves it and the first without it. Source: the releases' notes."""


def find(
    check: str, value: Any, version: Any = None, kind: Any = None, minor: int = 37, **rest: Any
) -> list[Finding]:
    """Give what a check finds in an object; `reviewed` says whether the API server's words are at hand."""
    (asked,) = [each for each in all_checks() if each.id == check]
    assert isinstance(asked, AcceptanceCheck)
    if rest.pop("reviewed", False):
        rest["review"] = review(value, version=minor, kind=kind)
    return list(asked.find(ReviewedObject(value, version, kind, FeatureGates(minor), **rest)))


def removed(version: str, kind: str, minor: int) -> list[str]:
    return [finding.message for finding in find("removed-api-version", {}, version, kind, minor)]


@pytest.mark.parametrize(("version", "kind", "since", "until"), SERVED)
def test_which_versions_are_served(version: str, kind: str, since: int, until: int | None) -> None:
    assert removed(version, kind, since) == []
    if since:
        (text,) = removed(version, kind, since - 1)
        assert text.startswith(f"{version} {kind} is not in Kubernetes 1.{since - 1}; ")
    if until is None:
        assert removed(version, kind, 37) == []
        return
    assert removed(version, kind, until - 1) == []
    for minor in (until, 37):
        (text,) = removed(version, kind, minor)
        assert text.startswith(f"{version} {kind} was removed in Kubernetes 1.{until}; ")


@pytest.mark.parametrize(
    ("version", "kind", "minor", "advice"),
    [
        ("apps/v1", "Deployment", 8, "write apiVersion: apps/v1beta2"),
        ("apps/v1", "Deployment", 7, "write apiVersion: apps/v1beta1"),
        ("apps/v1", "Deployment", 5, "write apiVersion: extensions/v1beta1"),
        ("apps/v1", "Deployment", 1, "Kubernetes 1.1 has no Deployment"),
        ("apps/v1", "StatefulSet", 4, "Kubernetes 1.4 has no StatefulSet"),
        ("batch/v1", "CronJob", 20, "write apiVersion: batch/v1beta1"),
        ("batch/v2alpha1", "CronJob", 37, "write apiVersion: batch/v1"),
        ("batch/v2alpha1", "ScheduledJob", 37, "Kubernetes 1.37 has no ScheduledJob"),
        ("extensions/v1beta1", "PodSecurityPolicy", 16, "write apiVersion: policy/v1beta1"),
        ("policy/v1beta1", "PodSecurityPolicy", 25,
         "label namespaces with pod-security.kubernetes.io/enforce for the Pod Security admission plugin"),
    ],
)  # fmt: skip
def test_what_to_write_instead(version: str, kind: str, minor: int, advice: str) -> None:
    (text,) = removed(version, kind, minor)
    assert text.partition("; ")[2] == advice


def test_what_is_no_object_of_a_kind_has_no_version() -> None:
    for version, kind in ((None, "Pod"), ("v9", None), (None, None)):
        assert find("removed-api-version", {}, version, kind) == []


@pytest.mark.parametrize(
    ("value", "type_", "field", "label", "remedy"),
    [
        ({"apiVersion": True, "kind": "Pod"}, "bool", ".apiVersion", "a boolean", "v1 or apps/v1"),
        ({"apiVersion": 1, "kind": "Pod"}, "number", ".apiVersion", "a number", "v1 or apps/v1"),
        ({"apiVersion": 1.5, "kind": "Pod"}, "number", ".apiVersion", "a number", "v1 or apps/v1"),
        ({"apiVersion": [], "kind": "Pod"}, "array", ".apiVersion", "a list", "v1 or apps/v1"),
        ({"kind": 7}, "number", ".kind", "a number", "Pod"),
        ({"apiVersion": None, "kind": False}, "bool", ".kind", "a boolean", "Pod"),
        ({"apiVersion": "v1", "kind": {}}, "object", ".kind", "a mapping", "Pod"),
    ],
)  # fmt: skip
def test_a_version_or_kind_that_is_not_text(
    value: Any, type_: str, field: str, label: str, remedy: str
) -> None:
    (found,) = find("wrong-type", value)
    assert found.message == (
        f"couldn't get version/kind; json parse error: json: cannot unmarshal {type_} into Go struct field "
        f"{field} of type string; write one such as {remedy}"
    )
    assert (found.label, found.severity) == (label, Severity.ERROR)
    assert format_route(found.route) in ("apiVersion", "kind")


@pytest.mark.parametrize(
    "value",
    [7, None, {}, {"apiVersion": "v1", "kind": "Pod"}, {"apiVersion": 7}, {"apiVersion": 7, "kind": None}],
)  # fmt: skip
def test_what_is_no_object_has_no_wrong_version(value: Any) -> None:
    assert find("wrong-type", value) == []


def container(**fields: Any) -> dict[str, Any]:
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "p"},
        "spec": {"containers": [{"name": "c", "image": "i", **fields}]},
    }


NAN, INFINITE = float("nan"), float("inf")


@pytest.mark.parametrize(
    ("fields", "end", "label"),
    [
        ({"stdin": "true"}, "; write true without quotes", "a string"),
        ({"stdin": "false"}, "; write false without quotes", "a string"),
        ({"stdin": "yes"}, " of type bool", "a string"),
        ({"securityContext": {"runAsUser": "1000"}}, "; write 1000 without quotes", "a string"),
        ({"securityContext": {"runAsUser": "-1"}}, "; write -1 without quotes", "a string"),
        ({"securityContext": {"runAsUser": "1" * 20}}, " of type int64", "a string"),
        ({"securityContext": {"runAsUser": "1000x"}}, " of type int64", "a string"),
        ({"image": 1.5}, "; write it in quotes", "a number"),
        ({"image": 15}, "; write it in quotes", "a number"),
        ({"image": True}, "; write it in quotes", "a boolean"),
        ({"image": []}, " of type string", "a list"),
        ({"stdin": 1}, " of type bool", "a number"),
        ({"image": NAN}, "json: unsupported value: NaN; write a number that JSON has", "a number"),
        ({"image": INFINITE}, "json: unsupported value: +Inf; write a number that JSON has", "a number"),
        ({"image": -INFINITE}, "json: unsupported value: -Inf; write a number that JSON has", "a number"),
    ],
)
def test_a_wrong_type(fields: dict[str, Any], end: str, label: str) -> None:
    (found,) = find("wrong-type", container(**fields), "v1", "Pod", reviewed=True)
    assert found.message.endswith(end)
    assert found.message.startswith("json: ")
    assert (found.label, found.severity) == (label, Severity.ERROR)


def test_unknown_fields_are_no_wrong_types() -> None:
    assert find("wrong-type", container(nope=1), "v1", "Pod", reviewed=True) == []


PSP_FIELDS = """
privileged defaultAddCapabilities requiredDropCapabilities allowedCapabilities volumes
hostNetwork hostPorts hostPID hostIPC seLinux runAsUser runAsGroup supplementalGroups fsGroup
readOnlyRootFilesystem
defaultAllowPrivilegeEscalation allowPrivilegeEscalation allowedHostPaths allowedFlexVolumes allowedCSIDrivers
allowedUnsafeSysctls forbiddenSysctls allowedProcMountTypes runtimeClass
"""
"""Source: k8s.io/api v0.24, policy/v1beta1, PodSecurityPolicySpec."""


@pytest.mark.parametrize("field", PSP_FIELDS.split())
def test_fields_of_a_policy(field: str) -> None:
    policy = {"apiVersion": "policy/v1beta1", "kind": "PodSecurityPolicy", "metadata": {}, "spec": {field: 1}}
    assert find("unknown-field", policy, kind="PodSecurityPolicy") == []
    (found,) = find("unknown-field", {**policy, field: 1}, kind="PodSecurityPolicy")
    assert found.message == f'unknown field "{field}"; {field} belongs under spec'
    assert (found.route, found.at_key) == ((field,), True)


@pytest.mark.parametrize(
    ("policy", "message"),
    [
        ({"spec": {"priviledged": True}}, 'unknown field "spec.priviledged"; did you mean privileged?'),
        ({"spec": {"zzz": True}}, 'unknown field "spec.zzz"'),
        ({"zzz": True}, 'unknown field "zzz"'),
        ({"spec": 7}, None),
        ({"spec": None}, None),
    ],
)
def test_unknown_fields_of_a_policy(policy: dict[str, Any], message: str | None) -> None:
    found = find("unknown-field", policy, kind="PodSecurityPolicy")
    assert [finding.message for finding in found] == ([] if message is None else [message])
    assert find("unknown-field", policy, kind="Other") == []


@pytest.mark.parametrize(
    ("spec", "custom", "spoken"),
    [
        ({"containers": [{"name": "c", "image": "i", "nope": 1}]}, False, ["spec.containers[0].nope"]),
        ({"containers": [{"name": "c", "image": "i", "nope": 1}]}, True, ["spec.containers[0].nope"]),
        ({"containers": [{"name": "c", "image": "i"}], "containerConcurrency": 1}, False,
         ["spec.containerConcurrency"]),
    ],
)  # fmt: skip
def test_unknown_fields_of_a_pod(spec: Any, custom: bool, spoken: list[str]) -> None:
    pod = {"metadata": {"name": "p"}, "spec": spec}
    found = find("unknown-field", pod, "v1", "Pod", reviewed=True, custom=custom)
    assert [format_route(finding.route) for finding in found] == spoken
    assert {finding.severity for finding in found} == {Severity.WARNING if custom else Severity.ERROR}


REFUSED: dict[str, Any] = {
    "metadata": {"name": "p"},
    "spec": {
        "os": {"name": "windows"},
        "securityContext": {"runAsUser": 1},
        "containers": [{"name": "C", "image": "i"}, {"name": "d"}, {"name": "e", "image": ""}],
    },
}


@pytest.mark.parametrize(
    ("check", "routes", "in_custom"),
    [
        ("missing-value", ["spec.containers[1].image", "spec.containers[2].image"], []),
        ("forbidden-field", ["spec.securityContext.runAsUser"], ["spec.securityContext.runAsUser"]),
        ("invalid-value", ["spec.containers[0].name"], ["spec.containers[0].name"]),
    ],
)
def test_each_refusal_is_one_checks(check: str, routes: list[str], in_custom: list[str]) -> None:
    found = find(check, REFUSED, "v1", "Pod", reviewed=True)
    assert [format_route(finding.route) for finding in found] == routes
    custom = find(check, REFUSED, "v1", "Pod", reviewed=True, custom=True)
    assert [format_route(finding.route) for finding in custom] == in_custom
    assert find(check, REFUSED, "v1", "Pod") == []  # nothing was asked


@pytest.mark.parametrize(("custom", "near"), [(False, 100), (True, 120)])
def test_names_are_compared_for_the_fields_that_are_listed(custom: bool, near: int) -> None:
    """Comparing is dear, so that it stops where nobody reads on; of custom resources it decides more."""
    containers = [{"name": f"c{n}", "image": "i", "comand": []} for n in range(120)]
    pod = {"metadata": {"name": "p"}, "spec": {"containers": containers}}
    found = find("unknown-field", pod, "v1", "Pod", reviewed=True, custom=custom)
    assert len(found) == 120
    assert [n for n, finding in enumerate(found) if "command" in finding.message] == list(range(near))


@pytest.mark.parametrize(
    ("route", "value", "counts"),
    [
        (("a", "b"), {"a": {"b": 1}}, "the last counts"),
        (("a", "b"), {"a": Doubled([("b", 1), ("b", 2)])},
         "kubectl keeps the last, the API server decodes it over the first"),
        (("a", 0, "b"), {"a": [Doubled([("b", 1), ("b", 2)])]},
         "kubectl keeps the last, the API server decodes it over the first"),
        (("items", 0, "b"), {"kind": "List", "items": [Doubled([("b", 1), ("b", 2)])]},
         "kubectl keeps the last, and applies none of the others"),
        (("a", 1, "b"), {"a": [{}]}, "the last counts"),
        (("x", "b"), {"a": {}}, "the last counts"),
        (("a", "b", "c"), {"a": 7}, "the last counts"),
        (("a", "b", "c"), {"a": "text"}, "the last counts"),
    ],
)  # fmt: skip
def test_which_of_two_values_counts(route: Any, value: Any, counts: str) -> None:
    (found,) = find("duplicate-key", value, duplicates=(route,))
    assert found.message == f'key "{route[-1]}" is set more than once: {counts}'
    assert found.help == (f"strict validation refuses it: duplicate field {format_route(route)}",)
    assert (found.route, found.at_key, found.label) == (route, True, "this one counts")


@pytest.mark.parametrize(
    ("custom", "value", "is_fault"),
    [(False, None, True), (False, "", True), (True, None, False), (True, "", False), (True, "x", True),
     (True, 0, True)],
)  # fmt: skip
def test_whose_fault_it_is(custom: bool, value: Any, is_fault: bool) -> None:
    reviewed = ReviewedObject({"a": value}, "v1", "K", FeatureGates(37), custom=custom)
    assert is_authors_fault(reviewed, ("a",)) is is_fault
    assert value_at(reviewed, ("a",)) == value


def test_a_fault_in_a_custom_resource_is_told_with_its_own_path() -> None:
    def below(route: Any) -> Any:
        return ("spec", "template", *route)

    custom = ReviewedObject({}, "a.b/v1", "Rollout", FeatureGates(37), custom=True, to_value=below)
    route = ("spec", "containers", 0, "image")
    text, remedy = "spec.containers[0].image: Required value", "write it under spec.containers"
    found = fault(custom, "x", route, text, label="l", remedy=remedy, at_key=True)
    assert found.message == (
        "spec.template.spec.containers[0].image: Required value; write it under spec.template.spec.containers"
    )
    assert (found.severity, found.route, found.label, found.at_key) == (
        Severity.WARNING,
        below(route),
        "l",
        True,
    )
    assert found.help == ("a pod refuses this; whether Rollout takes it, its own schema decides",)
    assert fault(custom, "x", route, text, certain=True).severity is Severity.ERROR
    plain = fault(ReviewedObject({}, "v1", "Pod", FeatureGates(37)), "x", route, text)
    assert (plain.message, plain.severity, plain.help, plain.label) == (text, Severity.ERROR, (), "")


@pytest.mark.parametrize(
    ("missing", "message", "help_"),
    [
        (("apiVersion",), "add apiVersion", ["apiVersion not set"]),
        (("kind",), "add kind", ["kind not set"]),
        (("apiVersion", "kind"), "add apiVersion and kind", ["apiVersion not set, kind not set"]),
        (("apiVersion", "kind", "metadata"), "add apiVersion, kind and metadata",
         ["apiVersion not set, kind not set"]),
        (("metadata",), "add metadata", []),
    ],
)  # fmt: skip
def test_what_a_fragment_lacks(missing: tuple[str, ...], message: str, help_: list[str]) -> None:
    dots = "the line `...` above ends the document before it: this is not part of that object"
    for what, called in (("object", "Pod without apiVersion"), ("pod spec", "pod spec")):
        piece = Fragment(what, missing, ())  # type: ignore[arg-type]  # of two literals
        for after_dots in (False, True):
            (found,) = find("fragment", {}, None, "Pod", fragment=piece, after_dots=after_dots)
            assert found.message == f"this is a fragment, checked as a {called}; to apply it, {message}"
            expected = [f"kubectl refuses it: error validating data: [{text}]" for text in help_]
            assert found.help == (*expected, *([dots] if after_dots else []))
            assert (found.severity, found.at_key) == (Severity.NOTE, True)
    assert find("fragment", {}, None, "Pod") == []


@pytest.mark.parametrize(
    ("kind", "version", "minor", "rules", "spoken"),
    [
        ("ClusterRole", "rbac.authorization.k8s.io/v1", 25, None, ["ClusterRole grants use"]),
        ("Role", "rbac.authorization.k8s.io/v1beta1", 37, None, ["Role grants use"]),
        ("Role", "rbac.authorization.k8s.io/v1", 24, None, []),
        ("RoleBinding", "rbac.authorization.k8s.io/v1", 37, None, []),
        ("Role", "other/v1", 37, None, []),
        ("Role", None, 37, None, []),
        ("Role", "rbac.authorization.k8s.io/v1", 37, 7, []),
        ("Role", "rbac.authorization.k8s.io/v1", 37, [7, {"resources": "x"}], []),
        ("Role", "rbac.authorization.k8s.io/v1", 37,
         [{"resources": ["pods"], "verbs": ["use"]},
          {"resources": ["pods", "podsecuritypolicies"], "verbs": ["get", 7, "use"]},
          {"resources": ["podsecuritypolicies"]}],
         ["Role grants get, use", "Role grants nothing"]),
    ],
)  # fmt: skip
def test_grants_that_are_left_over(
    kind: str, version: Any, minor: int, rules: Any, spoken: list[str]
) -> None:
    plain = [{"resources": ["podsecuritypolicies"], "verbs": ["use"]}]
    value = {"rules": plain if rules is None else rules}
    found = find("pod-security-policy-grant", value, version, kind, minor)
    assert [finding.message.partition(" on ")[0] for finding in found] == spoken
    if len(spoken) == 2:
        assert [format_route(f.route) for f in found] == ["rules[1].resources[1]", "rules[2].resources[0]"]
    assert all("which Kubernetes has not had since 1.25, so that" in finding.message for finding in found)


@pytest.mark.parametrize(("kind", "words"), [("Rollout", "Rollout"), (None, "object"), ("", "object")])
def test_what_is_not_judged_to_its_end_is_named(kind: str | None, words: str) -> None:
    assert find("search-limit", {}, kind=kind) == []
    (finding,) = find("search-limit", {}, kind=kind, limit=("it has too much", ("spec", "pods", 7)))
    assert finding.message == f"not all of the {words} was judged: it has too much"
    assert (finding.severity, finding.route) == (Severity.ERROR, ("spec", "pods", 7))
    assert (finding.check, finding.label) == ("search-limit", "from here on")
