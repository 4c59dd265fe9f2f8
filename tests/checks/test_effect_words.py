"""What checks of effects say where it depends on the pod: remedies, numbers and places."""

from typing import Any

import pytest
from effects import USER_1000, capabilities, find, own, routes, told

from podproof.effective.image import ImageConfig
from podproof.effective.users import MAX_ID
from podproof.manifest.route import format_route


@pytest.mark.parametrize(
    ("capability", "more", "instead"),
    [
        ("CHOWN", {}, "remove them, or run as root with only these"),
        ("NET_BIND_SERVICE", {}, 'for a low port, listen above 1023 or set sysctl '
         'net.ipv4.ip_unprivileged_port_start to "0" in the pod'),
        ("NET_BIND_SERVICE", {"hostNetwork": True}, "for a low port, listen above 1023 instead"),
        ("CHOWN", {"hostNetwork": True}, "remove them, or run as root with only these"),
        (
            "NET_BIND_SERVICE",
            {"securityContext": {"sysctls": [
                {"name": "net/ipv4/ip_unprivileged_port_start", "value": "80"}]}},
            "remove them, the pod's sysctl net.ipv4.ip_unprivileged_port_start decides about low ports",
        ),
        (
            "NET_BIND_SERVICE",
            {"securityContext": {"sysctls": [{"name": "kernel.msgmax", "value": "80"}]}},
            'for a low port, listen above 1023 or set sysctl net.ipv4.ip_unprivileged_port_start to "0" in '
            "the pod",
        ),
    ],
)  # fmt: skip
def test_what_to_do_instead_of_a_capability(capability: str, more: dict[str, Any], instead: str) -> None:
    (found,) = find("capabilities-for-non-root", capabilities(capability, runAsUser=1), **more)
    assert found.message == (
        f'container "c" adds capabilities ["{capability}"] for user 1, who is not root and gets none of them '
        f"unless its program has file capabilities: {instead}"
    )
    keep = "keep them if getcap shows them on the program: without them its exec may fail"
    ports = "containerd 2.x allows low ports to everybody in a pod's own network; 1.x does not"
    low = capability == "NET_BIND_SERVICE" and "hostNetwork" not in more
    assert found.help == ((keep, ports) if low else (keep,))
    closed = capabilities(capability, runAsUser=1, allowPrivilegeEscalation=False)
    (found,) = find("capabilities-for-non-root", closed, **more)
    assert "gets none of them: " in found.message
    assert found.help[0] == (
        "file capabilities do not give them back either: allowPrivilegeEscalation is false"
    )


@pytest.mark.parametrize(
    ("context", "words", "route"),
    [
        ({}, "keeps 14 of the runtime's default capabilities", "drop"),
        ({"add": ["ALL"]}, 'has capabilities.add: ["ALL"]', "add"),
        ({"add": ["all"], "drop": ["KILL"]}, 'has capabilities.add: ["ALL"]', "add"),
        (
            {"drop": ["ALL"], "add": ["ALL"]},
            None,
            "",
        ),
    ],
)
def test_how_many_default_capabilities_are_kept(context: Any, words: str | None, route: str) -> None:
    found = find("default-capabilities", own(capabilities=context))
    remedy = 'write capabilities.drop: ["ALL"], and add what it needs'
    assert told(found) == (
        []
        if words is None
        else [f'spec.containers[0].securityContext.capabilities.{route}: container "c" {words}: {remedy}']
    )


def test_a_few_default_capabilities_are_named() -> None:
    names = sorted(
        ["CHOWN", "DAC_OVERRIDE", "FOWNER", "FSETID", "KILL", "SETGID", "SETUID", "SETPCAP",
         "NET_BIND_SERVICE", "NET_RAW", "SYS_CHROOT", "MKNOD", "AUDIT_WRITE", "SETFCAP"]
    )  # fmt: skip
    for left in (1, 4, 5):
        (found,) = find("default-capabilities", capabilities(drop=tuple(names[left:])))
        if left == 5:
            assert "keeps 5 of the runtime's default capabilities" in found.message
        else:
            word = "capability" if left == 1 else "capabilities"
            assert f"keeps the runtime's default {word} " in found.message
            assert {name for name in names if f'"{name}"' in found.message} == set(names[:left])
    assert find("default-capabilities", capabilities(names[0], drop=tuple(names[1:]))) == []


@pytest.mark.parametrize(
    ("mode", "group", "spoken"),
    [
        (0o400, 2000, 1), (0o600, 2000, 1), (0o401, 2000, 1), (0o440, 2000, 0), (0o640, 2000, 0),
        (0, 2000, 1), (0o737, 2000, 1), (0o777, 2000, 0), (0o1000, 2000, 0), (-1, 2000, 0),
        (0o400, None, 0), (0o400, 0, 1), (0o400, MAX_ID, 1), (0o400, MAX_ID + 1, 0), (0o400, -1, 0),
    ],
)  # fmt: skip
def test_modes_that_fs_group_widens(mode: int, group: int | None, spoken: int) -> None:
    volume = {"name": "v", "secret": {"secretName": "s", "defaultMode": mode}}
    found = find("file-mode-widened", volumes=[volume], securityContext={"fsGroup": group})
    assert routes(found) == ["spec.volumes[0].secret.defaultMode"] * spoken
    wider = f"{mode | 0o440:04o}"
    assert all(f"of mode {mode:04o}, which fsGroup: {group} makes {wider}" in f.message for f in found)


def test_modes_of_every_kind_of_volume() -> None:
    item = [{"key": "a", "path": "a"}, {"key": "b", "path": "b", "mode": 0o600}]
    path = [{"path": "b", "fieldRef": {"fieldPath": "metadata.name"}, "mode": 0o600}]
    sources = [{"secret": {"name": "s", "items": item}}, {"configMap": {"name": "m", "items": item}}]
    sources.append({"downwardAPI": {"items": path}})
    found = find(
        "file-mode-widened",
        securityContext={"fsGroup": 5},
        volumes=[
            {"name": "s", "secret": {"secretName": "s", "defaultMode": 0o400, "items": item}},
            {"name": "m", "configMap": {"name": "m", "defaultMode": 0o400, "items": item}},
            {"name": "d", "downwardAPI": {"defaultMode": 0o400, "items": path}},
            {"name": "p", "projected": {"defaultMode": 0o400, "sources": sources}},
            {"name": "e", "emptyDir": {}},
        ],
    )  # fmt: skip
    assert routes(found) == [
        "spec.volumes[0].secret.defaultMode",
        "spec.volumes[0].secret.items[1].mode",
        "spec.volumes[1].configMap.defaultMode",
        "spec.volumes[1].configMap.items[1].mode",
        "spec.volumes[2].downwardAPI.defaultMode",
        "spec.volumes[2].downwardAPI.items[0].mode",
        "spec.volumes[3].projected.defaultMode",
        "spec.volumes[3].projected.sources[0].secret.items[1].mode",
        "spec.volumes[3].projected.sources[1].configMap.items[1].mode",
        "spec.volumes[3].projected.sources[2].downwardAPI.items[0].mode",
    ]


@pytest.mark.parametrize(
    ("value", "port", "limit"),
    [
        (None, 80, 1024), (None, 1023, 1024), (None, 1024, None), (None, 0, None),
        ("80", 79, 80), ("80", 80, None), ("5000", 1023, 1024), ("5000", 1024, None), ("0", 1, None),
        ("x", 80, None), ("", 80, None), ("１", 80, None), ("999999999", 80, 1024), ("1000000000", 80, None),
    ],
)  # fmt: skip
def test_ports_below_the_limit(value: str | None, port: int, limit: int | None) -> None:
    sysctls = [{"name": "net.ipv4.ip_unprivileged_port_start", "value": value}] if value is not None else []
    found = find(
        "privileged-port-without-way",
        {**own(runAsUser=1), "ports": [{"containerPort": port}]},
        runtime="containerd-1.6.20",
        securityContext={"sysctls": sysctls},
    )
    assert routes(found) == ([] if limit is None else ["spec.containers[0].ports[0].containerPort"])


@pytest.mark.parametrize(
    ("asked", "spoken"),
    [
        ({"container": own(runAsUser=1)}, True),
        ({"container": own(runAsUser=0)}, False),
        ({"container": {}}, False),
        ({"container": {}, "image": USER_1000}, True),
        ({"container": capabilities("NET_BIND_SERVICE", runAsUser=1)}, True),
        ({"container": own(runAsUser=1), "runtime": "containerd-2.3.7"}, False),
        ({"container": own(runAsUser=1), "runtime": "containerd-2.3.7", "hostNetwork": True}, True),
    ],
)
def test_who_cannot_listen_on_a_low_port(asked: dict[str, Any], spoken: bool) -> None:
    asked = {"runtime": "containerd-1.6.20", **asked}
    ports = [{"containerPort": 443}, {"containerPort": 80}, {"name": "none"}]
    found = find("privileged-port-without-way", {**asked.pop("container"), "ports": ports}, **asked)
    assert routes(found) == (
        ["spec.containers[0].ports[0].containerPort", "spec.containers[0].ports[1].containerPort"]
        if spoken
        else []
    )
    for finding in found:
        low = 'write the sysctl net.ipv4.ip_unprivileged_port_start with value "80" in the pod\'s'
        remedy = "listen on port 1024 or above, or do without hostNetwork" if "hostNetwork" in asked else low
        assert remedy in finding.message


@pytest.mark.parametrize(
    ("container", "unless"),
    [
        (own(runAsUser=1), True),
        (own(runAsUser=1, allowPrivilegeEscalation=False), False),
        (capabilities(drop=("ALL",), runAsUser=1), False),
        (capabilities("NET_BIND_SERVICE", drop=("ALL",), runAsUser=1), True),
    ],
)
def test_a_file_capability_may_be_the_way(container: dict[str, Any], unless: bool) -> None:
    asked = {**container, "ports": [{"containerPort": 80}]}
    (found,) = find("privileged-port-without-way", asked, runtime="containerd-1.6.20")
    words = ", unless its program's file has the NET_BIND_SERVICE capability: "
    assert (words in found.message) is unless


def test_names_are_compared_for_the_capabilities_that_are_listed() -> None:
    found = find("unknown-capability", capabilities(*["NET_ADMN"] * 120))
    assert [n for n, one in enumerate(found) if "NET_ADMIN" in one.message] == list(range(100))
    assert [one.message.rpartition(": ")[2] for one in found[100:]] == ["no kernel has it; remove it"] * 20


def test_groups_that_an_ignored_policy_adds_are_listed_by_number() -> None:
    groups = "".join(f"g{number}:x:{number}:app\n" for number in (1001, 40, 7, 1000, 33, 512, 5))
    image = ImageConfig(user="app", passwd="app:x:1000:1000::/:\n", group=groups)
    context = {"supplementalGroupsPolicy": "Strict", "supplementalGroups": [33], "fsGroup": 512}
    (found,) = find(
        "supplemental-groups-policy-ignored",
        image=image,
        runtime="containerd-1.6.20",
        setting={"version": 32},
        securityContext=context,
    )
    assert "still adds groups 5, 7, 40, 1001: run it" in found.message


@pytest.mark.parametrize(
    ("profile", "shown"),
    [
        ({"type": "RuntimeDefault"}, "RuntimeDefault"),
        ({"type": "Localhost", "localhostProfile": "p"}, "Localhost (p)"),
        ({"type": "Localhost"}, "Localhost ()"),
    ],
)
@pytest.mark.parametrize("field", ["appArmorProfile", "seccompProfile"])
def test_the_profile_that_a_container_takes_back(field: str, profile: dict[str, str], shown: str) -> None:
    (found,) = find(
        "weakened-by-container",
        own(**{field: {"type": "Unconfined"}}),
        securityContext={field: profile},
    )
    assert shown in found.message
    assert format_route(found.route) == f"spec.containers[0].securityContext.{field}"
