"""Policies and pods that leave fields out: what is absent, null or empty in them, and what is said of it."""

from typing import Any

import pytest

from podproof.policies.psp.policy import (
    AllowedCSIDriver,
    AllowedFlexVolume,
    AllowedHostPath,
    HostPortRange,
    IDRange,
    PolicySpec,
    read_policy,
)

from .trial import LENIENT, pod, policy, trial


@pytest.mark.parametrize(
    "raw",
    [{}, {"metadata": None, "spec": None}, {"metadata": {}, "spec": {}},
     {"metadata": {"name": None, "annotations": None}, "spec": {"volumes": None, "runAsUser": None}}],
)  # fmt: skip
def test_an_empty_policy(raw: dict[str, Any]) -> None:
    read = read_policy(raw)
    assert (read.name, read.annotations, read.spec) == ("", {}, PolicySpec())
    assert read.broken == ()


def test_annotations_that_are_null_are_empty_texts() -> None:
    assert read_policy({"metadata": {"annotations": {"a": None, "b": "c"}}}).annotations == {
        "a": "",
        "b": "c",
    }


def test_a_field_that_is_absent_allows_nothing() -> None:
    spec = PolicySpec()
    false = ("privileged", "host_network", "host_pid", "host_ipc", "read_only_root_filesystem")
    assert not any(getattr(spec, name) for name in false)
    assert spec.allow_privilege_escalation is True
    assert spec.default_allow_privilege_escalation is None
    assert (spec.run_as_group, spec.runtime_class) == (None, None)
    empty = [name for name in spec.__struct_fields__ if getattr(spec, name) == ()]
    assert len(empty) == 11
    assert [s.rule for s in (spec.se_linux, spec.run_as_user, spec.supplemental_groups, spec.fs_group)] == [
        ""
    ] * 4


def test_ranges_that_leave_their_ends_out() -> None:
    raw = {"hostPorts": [{}, {"max": 80}], "runAsUser": {"ranges": [{}, {"max": 7}]}}
    read = read_policy({"spec": raw}).spec
    assert read.host_ports == (HostPortRange(0, 0), HostPortRange(0, 80))
    assert read.run_as_user.ranges == (IDRange(0, 0), IDRange(0, 7))
    assert [str(ports) for ports in read.host_ports] == ["0", "0-80"]
    assert [str(ids) for ids in read.run_as_user.ranges] == ["{0 0}", "{0 7}"]
    for range_ in (HostPortRange(5, 7), IDRange(5, 7)):
        assert [number in range_ for number in (4, 5, 6, 7, 8)] == [False, True, True, True, False]


def test_lists_of_what_is_allowed_may_have_empty_items() -> None:
    raw = {"allowedHostPaths": [{}], "allowedFlexVolumes": [{}], "allowedCSIDrivers": [{}]}
    read = read_policy({"spec": raw}).spec
    assert read.allowed_host_paths == (AllowedHostPath("", False),)
    assert read.allowed_flex_volumes == (AllowedFlexVolume(""),)
    assert read.allowed_csi_drivers == (AllowedCSIDriver(""),)


RANGES = [{"min": 1, "max": 2}]


@pytest.mark.parametrize(
    ("spec", "broken"),
    [
        ({"runAsUser": {"rule": "MustRunAs"}}, ["MustRunAs requires at least one range"]),
        ({"runAsUser": {"rule": "MustRunAs", "ranges": RANGES}}, []),
        ({"runAsUser": {"rule": "MustRunAsNonRoot"}}, []),
        *(
            ({field: {"rule": rule, **more}}, broken)
            for field in ("runAsGroup", "fsGroup", "supplementalGroups")
            for rule, more, broken in (
                ("MustRunAs", {}, ["ranges must be supplied for MustRunAs"]),
                ("MayRunAs", {}, ["ranges must be supplied for MayRunAs"]),
                ("MayRunAs", {"ranges": RANGES}, []),
                ("MustRunAs", {"ranges": RANGES}, []),
                ("RunAsAny", {}, []),
            )
        ),
        ({"seLinux": {"rule": "MustRunAs"}}, ["MustRunAs requires SELinuxOptions"]),
        ({"seLinux": {"rule": "MustRunAs", "seLinuxOptions": {}}}, []),
        ({"seLinux": {"rule": "RunAsAny"}}, []),
        (
            {"fsGroup": {"rule": "MustRunAs"}, "supplementalGroups": {"rule": "MustRunAs"},
             "seLinux": {"rule": "MustRunAs"}},
            ["ranges must be supplied for MustRunAs", "MustRunAs requires SELinuxOptions"],
        ),
    ],
)  # fmt: skip
def test_policies_that_judge_nothing(spec: dict[str, Any], broken: list[str]) -> None:
    assert read_policy({"spec": {**LENIENT, **spec}}).broken == tuple(broken)


@pytest.mark.parametrize(
    ("allowed", "volume", "error"),
    [
        ({"allowedCSIDrivers": [{"name": "d"}]}, {"csi": {}},
         'spec.volumes[0].csi.driver: Invalid value: "": Inline CSI driver is not allowed to be used'),
        ({"allowedCSIDrivers": [{"name": "d"}]}, {"csi": {"driver": "d"}}, None),
        ({"allowedCSIDrivers": [{"name": "x"}, {"name": "d"}]}, {"csi": {"driver": "d"}}, None),
        ({"allowedCSIDrivers": []}, {"csi": {"driver": "d"}}, None),
        ({"allowedFlexVolumes": [{"driver": "d"}]}, {"flexVolume": {}},
         'spec.volumes[0].driver: Invalid value: "": Flexvolume driver is not allowed to be used'),
        ({"allowedFlexVolumes": [{"driver": "x"}, {"driver": "d"}]}, {"flexVolume": {"driver": "d"}}, None),
        ({"allowedHostPaths": [{"pathPrefix": "/a"}]}, {"hostPath": {}},
         'spec.volumes[0].hostPath.pathPrefix: Invalid value: "": is not allowed to be used'),
        ({"allowedHostPaths": [{"pathPrefix": "/a"}]}, {"hostPath": {"path": "/a"}}, None),
        ({"allowedHostPaths": [{"pathPrefix": "/a/"}]}, {"hostPath": {"path": "/a"}}, None),
        ({"allowedHostPaths": [{"pathPrefix": "/a"}]}, {"hostPath": {"path": "/a/b/"}}, None),
        ({"allowedHostPaths": [{"pathPrefix": "/a"}]}, {"hostPath": {"path": "/ab"}},
         'spec.volumes[0].hostPath.pathPrefix: Invalid value: "/ab": is not allowed to be used'),
        ({"allowedHostPaths": [{"pathPrefix": "/"}]}, {"hostPath": {"path": "/ab"}}, None),
    ],
)  # fmt: skip
def test_volumes_that_leave_fields_out(
    allowed: dict[str, Any], volume: dict[str, Any], error: str | None
) -> None:
    errors, edits = trial(policy(**allowed), pod({}, volumes=[{"name": "v", **volume}]))
    assert (errors, edits) == ([] if error is None else [error], {})


@pytest.mark.parametrize(
    ("want", "has", "error"),
    [
        ({"level": "s0"}, {"level": "s0"}, None),
        ({"level": "s0:c1,c2"}, {"level": "s0:c2,c1"}, None),
        ({"level": "s0:c1,c2"}, {"level": "s0:c1"}, "level"),
        ({"level": "s0:c1"}, {"level": "s1:c1"}, "level"),
        ({"level": "s0"}, {"level": "s0:c1"}, "level"),
        ({"level": "s0:c1"}, {"level": "s0"}, "level"),
        ({"type": "t"}, {"type": "t"}, None),
        ({"type": "t:a,b"}, {"type": "t:b,a"}, "type"),
        ({"type": "t"}, {}, "type"),
        ({"user": "u"}, {"user": None}, "user"),
        ({"role": ""}, {"role": None}, None),
        ({}, {"role": "r"}, "role"),
        ({}, {}, None),
    ],
)
def test_se_linux_options(want: dict[str, Any], has: dict[str, Any], error: str | None) -> None:
    asked = policy(seLinux={"rule": "MustRunAs", "seLinuxOptions": want})
    errors, _ = trial(asked, pod({"seLinuxOptions": has}))
    place = "spec.containers[0].securityContext.seLinuxOptions"
    if error is None:
        assert errors == []
        return
    shown = '""' if not has.get(error) else f'"{has[error]}"'
    assert errors == [f"{place}.{error}: Invalid value: {shown}: must be {want.get(error) or ''}"]
