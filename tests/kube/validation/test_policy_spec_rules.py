"""Each rule for the fields of a PodSecurityPolicy: where it finds the fault, and in which words.

Source: kubernetes 1.24.17 pkg/apis/policy/validation/validation.go, pkg/security/podsecuritypolicy/util.
"""

from typing import Any

import pytest

from podproof.admission.resources.policies import accept_policy
from podproof.kube.validation.pod_security_policy import default_policy, validate_policy
from podproof.manifest.route import Route

ANY = {"rule": "RunAsAny"}
SPEC = {"seLinux": ANY, "runAsUser": ANY, "supplementalGroups": ANY, "fsGroup": ANY}
SECCOMP = "seccomp.security.alpha.kubernetes.io/"
APPARMOR = "apparmor.security.beta.kubernetes.io/"
SUBDOMAIN = (
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must "
    "start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is "
    r"'[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"
)
VOLUMES = (
    "*", "awsElasticBlockStore", "azureDisk", "azureFile", "cephFS", "cinder", "configMap", "csi",
    "downwardAPI", "emptyDir", "ephemeral", "fc", "flexVolume", "flocker", "gcePersistentDisk", "gitRepo",
    "glusterfs", "hostPath", "iscsi", "nfs", "persistentVolumeClaim", "photonPersistentDisk",
    "portworxVolume", "projected", "quobyte", "rbd", "scaleIO", "secret", "storageos", "vsphereVolume",
)  # fmt: skip


def judged(spec: dict[str, Any], annotations: dict[str, str] | None = None) -> list[tuple[Route, str]]:
    policy = {"metadata": {"name": "p", "annotations": annotations}, "spec": {**SPEC, **spec}}
    default_policy(policy)
    return [(error.route, error.text) for error in validate_policy(policy)]


def supported(*words: str) -> str:
    return "supported values: " + ", ".join(f'"{word}"' for word in words)


RULES = {
    "runAsUser": ("MustRunAs", "MustRunAsNonRoot", "RunAsAny"),
    "runAsGroup": ("MustRunAs", "RunAsAny", "MayRunAs"),
    "seLinux": ("MustRunAs", "RunAsAny"),
    "supplementalGroups": ("MayRunAs", "MustRunAs", "RunAsAny"),
    "fsGroup": ("MayRunAs", "MustRunAs", "RunAsAny"),
}


@pytest.mark.parametrize("field", RULES)
@pytest.mark.parametrize("rule", ["MustRunAs", "MustRunAsNonRoot", "MayRunAs", "RunAsAny", "runAsAny", ""])
def test_rules_of_strategies(field: str, rule: str) -> None:
    ranges = {} if rule == "RunAsAny" else {"ranges": [{"min": 0, "max": 0}]}
    found = judged({field: {"rule": rule, **ranges}})
    words = f'spec.{field}.rule: Unsupported value: "{rule}": {supported(*RULES[field])}'
    assert found == ([] if rule in RULES[field] else [(("spec", field, "rule"), words)])


@pytest.mark.parametrize("field", RULES)
@pytest.mark.parametrize("strategy", [None, {}])
def test_a_strategy_without_a_rule(field: str, strategy: Any) -> None:
    words = f'spec.{field}.rule: Unsupported value: "": {supported(*RULES[field])}'
    optional = field == "runAsGroup" and strategy is None
    assert judged({field: strategy}) == ([] if optional else [(("spec", field, "rule"), words)])


@pytest.mark.parametrize("field", ["runAsUser", "runAsGroup", "supplementalGroups", "fsGroup"])
@pytest.mark.parametrize(
    ("low", "high", "faults"),
    [
        (0, 0, []),
        (1, 2, []),
        (None, 1, []),
        (None, None, []),
        (2, 1, [("min", "2", "min cannot be greater than max")]),
        (1, None, [("min", "1", "min cannot be greater than max")]),
        (-1, 0, [("min", "-1", "min cannot be negative")]),
        (
            0,
            -1,
            [("max", "-1", "max cannot be negative"), ("min", "0", "min cannot be greater than max")],
        ),
        (-2, -1, [("min", "-2", "min cannot be negative"), ("max", "-1", "max cannot be negative")]),
    ],
)
def test_ranges(field: str, low: int | None, high: int | None, faults: list[tuple[str, str, str]]) -> None:
    ranges = [{"min": 5, "max": 6}, {"min": low, "max": high}]
    assert judged({field: {"rule": "MustRunAs", "ranges": ranges}}) == [
        (("spec", field, "ranges", 1, end), f"spec.{field}.ranges[1].{end}: Invalid value: {value}: {detail}")
        for end, value, detail in faults
    ]


@pytest.mark.parametrize(
    ("rule", "ranges", "fault"),
    [
        ("RunAsAny", None, None),
        ("RunAsAny", [], None),
        (
            "RunAsAny",
            [{}, {"min": 3, "max": 4}],
            "[]policy.IDRange{policy.IDRange{Min:0, Max:0}, policy.IDRange{Min:3, Max:4}}: "
            "Ranges must be empty",
        ),
        ("MustRunAs", None, "[]policy.IDRange(nil): must provide at least one range"),
        ("MayRunAs", None, "[]policy.IDRange(nil): must provide at least one range"),
        ("MayRunAs", [], "[]policy.IDRange{}: must provide at least one range"),
    ],
)
def test_ranges_of_groups_to_run_as(rule: str, ranges: Any, fault: str | None) -> None:
    route = ("spec", "runAsGroup", "ranges")
    expected = [] if fault is None else [(route, f"spec.runAsGroup.ranges: Invalid value: {fault}")]
    assert judged({"runAsGroup": {"rule": rule, "ranges": ranges}}) == expected


def test_volumes() -> None:
    assert judged({"volumes": VOLUMES}) == []
    assert judged({"volumes": None}) == []
    words = f'spec.volumes: Unsupported value: "storageOS": {supported(*VOLUMES)}'
    assert judged({"volumes": ["secret", "storageOS"]}) == [(("spec", "volumes"), words)]


def test_what_is_wrong_twice_is_two_causes_and_one_message() -> None:
    policy = {"kind": "PodSecurityPolicy", "metadata": {"name": "p"}, "spec": {**SPEC, "volumes": ["x", "x"]}}
    answer = accept_policy(policy, 24)
    fault = f'Unsupported value: "x": {supported(*VOLUMES)}'
    assert [(cause.field, cause.message) for cause in answer.causes] == [("spec.volumes", fault)] * 2
    assert answer.message == f'PodSecurityPolicy.policy "p" is invalid: spec.volumes: {fault}'


LISTED = "capability is listed in {0} and requiredDropCapabilities"


@pytest.mark.parametrize(
    ("drops", "adds", "allowed", "faults"),
    [
        (None, ["A"], ["*"], []),
        ([], ["A"], ["*"], []),
        (["A"], ["B"], ["C"], []),
        (["A"], None, None, []),
        (["A", "B"], ["C", "B"], None, [("defaultAddCapabilities", "B")]),
        (["A", "B"], None, ["A", "C"], [("allowedCapabilities", "A")]),
    ],
)
def test_capabilities(drops: Any, adds: Any, allowed: Any, faults: list[tuple[str, str]]) -> None:
    found = judged(
        {
            "requiredDropCapabilities": drops,
            "defaultAddCapabilities": adds,
            "allowedCapabilities": allowed,
        }
    )
    assert found == [
        (("spec", field), f'{field}: Invalid value: "{name}": {LISTED.format(field)}')
        for field, name in faults
    ]


def test_all_capabilities_are_not_allowed_beside_dropped_ones() -> None:
    words = (
        'requiredDropCapabilities: Invalid value: []core.Capability{"A", "*"}: '
        "must be empty when all capabilities are allowed by a wildcard"
    )
    listed = f'allowedCapabilities: Invalid value: "*": {LISTED.format("allowedCapabilities")}'
    assert judged({"requiredDropCapabilities": ["A", "*"], "allowedCapabilities": ["B", "*"]}) == [
        (("spec", "requiredDropCapabilities"), words),
        (("spec", "allowedCapabilities"), listed),
    ]


@pytest.mark.parametrize("default", [None, False, True])
@pytest.mark.parametrize("allowed", [None, False, True])
def test_escalation(default: bool | None, allowed: bool | None) -> None:
    field = "defaultAllowPrivilegeEscalation"
    found = judged({field: default, "allowPrivilegeEscalation": allowed})
    words = (
        f"spec.{field}: Invalid value: true: Cannot set DefaultAllowPrivilegeEscalation to true "
        "without also setting AllowPrivilegeEscalation to true"
    )
    assert found == ([(("spec", field), words)] if default and allowed is False else [])


BACK = "must not contain '..'"


@pytest.mark.parametrize(
    ("prefixes", "faults"),
    [
        (["/", "/a..b", "/..a"], []),
        (["/a", "/../a"], [(1, f'Invalid value: "/../a": {BACK}')]),
        (["../../b"], [(0, f'Invalid value: "../../b": {BACK}')]),
        ([None, "/.."], [(0, "Required value: is required")]),
        (["/..", "", ""], [(0, f'Invalid value: "/..": {BACK}'), (1, "Required value: is required")]),
    ],
)  # fmt: skip
def test_host_paths(prefixes: list[str | None], faults: list[tuple[int, str]]) -> None:
    assert judged({"allowedHostPaths": [{"pathPrefix": prefix} for prefix in prefixes]}) == [
        (("spec", "allowedHostPaths", index), f"spec.allowedHostPaths[{index}]: {fault}")
        for index, fault in faults
    ]


def test_flex_volumes_name_a_driver() -> None:
    drivers = [{"driver": "a"}, {}, {"driver": "B/c"}, {"driver": ""}]
    assert judged({"allowedFlexVolumes": drivers}) == [
        (
            ("spec", "allowedFlexVolumes", index, "driver"),
            f"spec.allowedFlexVolumes.allowedFlexVolumes[{index}].driver: "
            "Required value: must specify a driver",
        )
        for index in (1, 3)
    ]


@pytest.mark.parametrize(
    ("name", "faults"),
    [
        ("a", []),
        ("CSI.Example.com", []),
        ("a" * 63, []),
        ("a" * 64, ["Too long: must have at most 63 bytes"]),
        ("a_b", [f'Invalid value: "a_b": {SUBDOMAIN}']),
        ("A_B", [f'Invalid value: "A_B": {SUBDOMAIN}']),
        ("", ["Required value", f'Invalid value: "": {SUBDOMAIN}']),
        (None, ["Required value", f'Invalid value: "": {SUBDOMAIN}']),
    ],
)
def test_csi_drivers(name: str | None, faults: list[str]) -> None:
    assert judged({"allowedCSIDrivers": [{"name": "ok"}, {"name": name}]}) == [
        (
            ("spec", "allowedCSIDrivers", 1, "name"),
            f"spec.allowedCSIDrivers.allowedCSIDriver[1].name: {fault}",
        )
        for fault in faults
    ]


SYSCTL = r"([a-z0-9]([-_a-z0-9]*[a-z0-9])?\.)*([a-z0-9][-_a-z0-9]*)?[a-z0-9*]"
MALFORMED = f"must have at most 253 characters and match regex {SYSCTL}"


@pytest.mark.parametrize("field", ["allowedUnsafeSysctls", "forbiddenSysctls"])
@pytest.mark.parametrize(
    ("names", "faults"),
    [
        (None, []),
        (["*"], []),
        (["kernel.msg*", "net.core.so-me_x", "a.*", "a*"], []),
        (["a" * 253], []),
        (["b", "a" * 254], [(1, f'Invalid value: "{"a" * 254}": {MALFORMED}')]),
        (["a*b"], [(0, f'Invalid value: "a*b": {MALFORMED}')]),
        (["c", "*a"], [(1, f'Invalid value: "*a": {MALFORMED}')]),
        (["a/b"], [(0, f'Invalid value: "a/b": {MALFORMED}')]),
        (["b\n"], [(0, f'Invalid value: "b\\n": {MALFORMED}')]),
        (["a", ""], [(1, 'Invalid value: "": empty sysctl not allowed')]),
        (["*", "a"], [("items", "Forbidden: if '*' is present, must not specify other sysctls")]),
        (["a", "*"], [("items", "Forbidden: if '*' is present, must not specify other sysctls")]),
    ],
)  # fmt: skip
def test_sysctls(field: str, names: Any, faults: list[tuple[int | str, str]]) -> None:
    places = {"items": ".items"} | {index: f"[{index}]" for index in range(2)}
    assert judged({field: names}) == [
        (("spec", field, place), f"spec.{field}{places[place]}: {fault}") for place, fault in faults
    ]


@pytest.mark.parametrize(
    ("allowed", "forbidden", "blamed"),
    [
        ("a.b", "a.c", None),
        ("a.b", "a.b", "allowed"),
        ("a.b", "a.*", "allowed"),
        ("a.*", "a.b", "forbidden"),
        ("a.b*", "a.*", "allowed"),
        ("a.*", "a.b*", "forbidden"),
        ("a.*", "a.*", "allowed"),
        ("a.b", "a.bc", None),
        ("a.bc", "a.b", None),
        ("b.a", "a.*", None),
        ("*", "a", "forbidden"),
        ("a", "*", "allowed"),
        ("x.a.b", "a.*", None),
        ("b.*", "a.*", None),
    ],
)
def test_sysctls_that_are_allowed_and_forbidden(allowed: str, forbidden: str, blamed: str | None) -> None:
    allows, forbids = ("allowedUnsafeSysctls", allowed, forbidden), ("forbiddenSysctls", forbidden, allowed)
    expected = [
        (("spec", field, 0), f'spec.{field}[0]: Invalid value: "{name}": sysctl overlaps with {other}')
        for field, name, other in ([allows] if blamed == "allowed" else [forbids] if blamed else [])
    ]
    assert judged({"allowedUnsafeSysctls": [allowed], "forbiddenSysctls": [forbidden]}) == expected


def test_every_pair_of_sysctls_is_compared() -> None:
    found = judged({"allowedUnsafeSysctls": ["x", "a.*"], "forbiddenSysctls": ["y", "a.b", "x"]})
    assert [route for route, _ in found] == [
        ("spec", "allowedUnsafeSysctls", 0),
        ("spec", "forbiddenSysctls", 1),
    ]


NAMES: Route = ("spec", "runtimeClass", "allowedRuntimeClassNames")
ALONE = "if '*' is present, must not specify other RuntimeClass names"


@pytest.mark.parametrize(
    ("names", "default", "faults"),
    [
        (None, None, []),
        ([], None, []),
        (["a", "b"], None, []),
        (["a", "b"], "b", []),
        (["*"], None, []),
        (["*"], "c", []),
        (["a", "b", "a"], None, [((2,), 'Duplicate value: "a"')]),
        (["a", "_"], None, [((1,), f'Invalid value: "_": {SUBDOMAIN}')]),
        (["a", "*"], None, [((), f'Invalid value: []string{{"a", "*"}}: {ALONE}')]),
        (
            ["*", "*"],
            None,
            [((1,), 'Duplicate value: "*"'), ((), f'Invalid value: []string{{"*", "*"}}: {ALONE}')],
        ),
        (None, "c", [((), 'Required value: default "c" must be allowed')]),
        (["a", "b"], "c", [((), 'Required value: default "c" must be allowed')]),
        (["a", "*"], "c", [((), f'Invalid value: []string{{"a", "*"}}: {ALONE}')]),
    ],
)
def test_runtime_classes(names: Any, default: str | None, faults: list[tuple[Route, str]]) -> None:
    found = judged({"runtimeClass": {"allowedRuntimeClassNames": names, "defaultRuntimeClassName": default}})
    assert found == [
        ((*NAMES, *at), f"spec.runtimeClass.allowedRuntimeClassNames{f'[{at[0]}]' if at else ''}: {fault}")
        for at, fault in faults
    ]


def test_the_default_runtime_class_has_a_name() -> None:
    field = "spec.runtimeClass.defaultRuntimeClassName"
    assert judged({"runtimeClass": {"allowedRuntimeClassNames": ["*"], "defaultRuntimeClassName": "A"}}) == [
        (("spec", "runtimeClass", "defaultRuntimeClassName"), f'{field}: Invalid value: "A": {SUBDOMAIN}')
    ]


PROFILE = "must be a valid seccomp profile"
RELATIVE = "must be a relative path"


def apparmor(name: str) -> str:
    return f'invalid AppArmor profile name: "{name}"'


@pytest.mark.parametrize(
    ("key", "value", "faults"),
    [
        (f"{APPARMOR}defaultProfileName", "", []),
        (f"{APPARMOR}defaultProfileName", "runtime/default", []),
        (f"{APPARMOR}defaultProfileName", "unconfined", []),
        (f"{APPARMOR}defaultProfileName", "localhost/", []),
        (f"{APPARMOR}defaultProfileName", "a/localhost/", [("a/localhost/", apparmor("a/localhost/"))]),
        (f"{APPARMOR}defaultProfileName", "unconfined,", [("unconfined,", apparmor("unconfined,"))]),
        (f"{APPARMOR}allowedProfileNames", "", []),
        (f"{APPARMOR}allowedProfileNames", "runtime/default,,unconfined,localhost/a", []),
        (f"{APPARMOR}allowedProfileNames", "*,x", [("*,x", apparmor("*")), ("*,x", apparmor("x"))]),
        (f"{APPARMOR}defaultProfileName", "x unconfined", [("x unconfined", apparmor("x unconfined"))]),
        (f"{SECCOMP}defaultProfileName", "x unconfined", [("x unconfined", PROFILE)]),
        (f"{SECCOMP}defaultProfileName", "", []),
        (f"{SECCOMP}defaultProfileName", "runtime/default", []),
        (f"{SECCOMP}defaultProfileName", "docker/default", []),
        (f"{SECCOMP}defaultProfileName", "unconfined", []),
        (f"{SECCOMP}defaultProfileName", "localhost/a", []),
        (f"{SECCOMP}defaultProfileName", "localhost/../a", [("../a", BACK)]),
        (f"{SECCOMP}defaultProfileName", "*", [("*", PROFILE)]),
        (f"{SECCOMP}defaultProfileName", "unconfined,*", [("unconfined,*", PROFILE)]),
        (f"{SECCOMP}allowedProfileNames", "", []),
        (f"{SECCOMP}allowedProfileNames", "*,x,docker/default", [("x", PROFILE)]),
        (f"{SECCOMP}allowedProfileNames", "localhost//b,y", [("/b", RELATIVE), ("y", PROFILE)]),
        (f"{SECCOMP}allowedProfileNames", "unconfined,", [("", PROFILE)]),
    ],
)  # fmt: skip
def test_profiles_in_annotations(key: str, value: str, faults: list[tuple[str, str]]) -> None:
    assert judged({}, {key: value}) == [
        (("metadata", "annotations", key), f'metadata.annotations[{key}]: Invalid value: "{shown}": {detail}')
        for shown, detail in faults
    ]


def test_names_of_policies() -> None:
    assert validate_policy({})[0].text == "metadata.name: Required value: name or generateName is required"
    assert [error.text for error in validate_policy({"metadata": {"name": "A"}, "spec": SPEC})] == [
        f'metadata.name: Invalid value: "A": {SUBDOMAIN}'
    ]
