"""When checks of effects speak and when they do not: each operand of each rule, and its boundaries."""

from typing import Any

import pytest
from effects import USER_1000, capabilities, find, own, routes

from podproof.effective.image import ImageConfig
from podproof.effective.node import Node

ROOT = ImageConfig(user="", passwd="root:x:0:0::/:\n", group="root:x:0:\n")


def mounted(volume: dict[str, Any], **mount: Any) -> dict[str, Any]:
    """A container that mounts the volume, and the volume."""
    return {
        "container": {"volumeMounts": [{"name": "v", "mountPath": "/v", **mount}]},
        "volumes": [{"name": "v", **volume}],
    }


def host(path: str | None, type_: str | None = None, **mount: Any) -> dict[str, Any]:
    return mounted({"hostPath": {"path": path, "type": type_}}, **mount)


CASES: list[tuple[str, dict[str, Any], int]] = [
    # root who may not gain privileges, and has capabilities other than SETUID
    ("allow-privilege-escalation-for-root",
     {"container": capabilities("CHOWN", drop=("ALL",), runAsUser=0, allowPrivilegeEscalation=False)}, 1),
    ("allow-privilege-escalation-for-root",
     {"container": capabilities("SETUID", drop=("ALL",), runAsUser=0, allowPrivilegeEscalation=False)},
     0),
    ("allow-privilege-escalation-for-root",
     {"container": capabilities(drop=("ALL",), runAsUser=0, allowPrivilegeEscalation=False)}, 0),
    ("allow-privilege-escalation-for-root",
     {"container": capabilities("CHOWN", drop=("ALL",), runAsUser=1, allowPrivilegeEscalation=False)}, 0),
    ("allow-privilege-escalation-for-root",
     {"container": capabilities("CHOWN", drop=("ALL",), runAsUser=0)}, 0),
    ("allow-privilege-escalation-for-root",
     {"container": capabilities("CHOWN", drop=("ALL",), allowPrivilegeEscalation=False)}, 0),
    ("allow-privilege-escalation-for-root",
     {"container": capabilities("CHOWN", drop=("ALL",), allowPrivilegeEscalation=False), "image": ROOT},
     1),
    # capabilities that a user other than root gets nothing of
    ("capabilities-for-non-root", {"container": capabilities("CHOWN", runAsUser=1)}, 1),
    ("capabilities-for-non-root", {"container": capabilities("CHOWN", runAsUser=0)}, 0),
    ("capabilities-for-non-root", {"container": capabilities("CHOWN")}, 0),
    ("capabilities-for-non-root", {"container": capabilities("CHOWN"), "image": USER_1000}, 1),
    ("capabilities-for-non-root", {"container": capabilities("CHOWN", runAsUser=1, privileged=True)}, 0),
    ("capabilities-for-non-root", {"container": capabilities("CHOWN", drop=("CHOWN",), runAsUser=1)}, 0),
    ("capabilities-for-non-root", {"container": capabilities("all", runAsUser=1)}, 1),
    ("capabilities-for-non-root", {"container": capabilities("ALL", drop=("all",), runAsUser=1)}, 0),
    ("capabilities-for-non-root", {"container": capabilities("NOPE", runAsUser=1)}, 0),
    ("capabilities-for-non-root", {"container": capabilities(runAsUser=1)}, 0),
    # both lists
    ("capabilities-that-cancel", {"container": capabilities("KILL", drop=("KILL",))}, 1),
    ("capabilities-that-cancel", {"container": capabilities("kill", drop=("KILL",))}, 1),
    ("capabilities-that-cancel", {"container": capabilities("all", drop=("ALL",))}, 1),
    ("capabilities-that-cancel", {"container": capabilities("KILL", drop=("ALL",))}, 0),
    ("capabilities-that-cancel", {"container": capabilities("NOPE", drop=("NOPE",))}, 0),
    ("capabilities-that-cancel", {"container": capabilities("KILL", drop=("KILL",), privileged=True)}, 0),
    ("capabilities-under-privileged", {"container": capabilities("KILL", drop=("KILL",))}, 0),
    ("capabilities-under-privileged",
     {"container": capabilities("KILL", drop=("KILL",), privileged=True)}, 2),
    ("capabilities-under-privileged", {"container": capabilities("KILL", privileged=True)}, 1),
    ("capabilities-under-privileged", {"container": own(privileged=True)}, 0),
    # capabilities that nobody dropped
    ("default-capabilities", {}, 1),
    ("default-capabilities", {"container": own(privileged=True)}, 0),
    ("default-capabilities", {"container": capabilities(drop=("ALL",))}, 0),
    ("default-capabilities", {"container": capabilities("KILL", drop=("ALL",))}, 0),
    ("default-capabilities", {"container": capabilities("cap_kill", drop=("ALL",))}, 0),
    ("default-capabilities", {"os": {"name": "windows"}}, 0),
    # root's group by default
    ("default-group-root", {"container": own(runAsUser=5)}, 0),
    ("default-group-root", {"container": own(runAsUser=5), "image": USER_1000}, 1),
    ("default-group-root", {"image": USER_1000}, 0),
    ("default-group-root", {"container": own(runAsUser=5, runAsGroup=0), "image": USER_1000}, 0),
    ("default-group-root",
     {"container": own(runAsUser=5), "image": USER_1000, "securityContext": {"runAsGroup": 0}}, 0),
    ("default-group-root", {"container": own(runAsUser=5), "image": USER_1000, "hostUsers": False}, 0),
    ("default-group-root", {"container": own(runAsUser=0), "image": ROOT}, 0),
    # users whose numbers are low
    ("low-user-id", {"container": own(runAsUser=999)}, 1),
    ("low-user-id", {"container": own(runAsUser=1000)}, 0),
    ("low-user-id", {"container": own(runAsUser=0)}, 1),
    ("low-user-id", {"container": own(runAsUser=0, privileged=True)}, 0),
    ("low-user-id", {"container": capabilities("KILL", runAsUser=0)}, 0),
    ("low-user-id", {"container": capabilities("KILL", runAsUser=5)}, 1),
    ("low-user-id", {"container": own(runAsUser=5, privileged=True)}, 1),
    ("low-user-id", {"container": own(runAsUser=0), "hostUsers": False}, 0),
    ("low-user-id", {"container": own(runAsUser=0), "hostUsers": True}, 1),
    ("low-user-id", {"securityContext": {"runAsUser": 0}}, 1),
    ("low-user-id", {"image": ROOT}, 1),
    ("low-user-id", {}, 0),
    # no_new_privs
    ("privilege-escalation-allowed", {}, 1),
    ("privilege-escalation-allowed", {"container": own(allowPrivilegeEscalation=True)}, 1),
    ("privilege-escalation-allowed", {"container": own(allowPrivilegeEscalation=False)}, 0),
    ("privilege-escalation-allowed", {"container": own(privileged=True)}, 0),
    ("privilege-escalation-allowed", {"container": capabilities("SYS_ADMIN")}, 0),
    ("privilege-escalation-allowed", {"container": capabilities("CAP_SYS_ADMIN")}, 0),
    ("privilege-escalation-allowed", {"container": capabilities("ALL")}, 0),
    ("privilege-escalation-allowed", {"container": capabilities("KILL")}, 1),
    ("privilege-escalation-allowed",
     {"container": capabilities("KILL", allowPrivilegeEscalation=True)}, 0),
    ("privilege-escalation-allowed",
     {"container": capabilities(drop=("SETUID",), runAsUser=0)}, 0),
    ("privilege-escalation-allowed",
     {"container": capabilities(drop=("SETUID",), runAsUser=1)}, 1),
    ("privilege-escalation-allowed", {"container": capabilities(drop=("ALL",), runAsUser=0)}, 1),
    ("privilege-escalation-allowed", {"container": capabilities(drop=("KILL",), runAsUser=0)}, 1),
    ("privileged-for-non-root", {"container": own(privileged=True, runAsUser=1)}, 1),
    ("privileged-for-non-root", {"container": own(privileged=True, runAsUser=0)}, 0),
    ("privileged-for-non-root", {"container": own(privileged=True)}, 0),
    ("privileged-for-non-root", {"container": own(privileged=True), "image": USER_1000}, 1),
    ("privileged-for-non-root", {"container": own(runAsUser=1)}, 0),
    # the root file system
    ("writable-root-filesystem", {}, 1),
    ("writable-root-filesystem", {"container": own(readOnlyRootFilesystem=True)}, 0),
    ("writable-root-filesystem", {"container": own(readOnlyRootFilesystem=False)}, 1),
    ("no-security-context", {}, 1),
    ("no-security-context", {"container": own(runAsUser=5)}, 0),
    ("no-security-context", {"securityContext": {"runAsUser": 5}}, 0),
    ("no-security-context", {"os": {"name": "windows"}}, 0),
    # paths of the node
    ("writable-host-path", host("/srv"), 1),
    ("writable-host-path", host("/srv", readOnly=False), 1),
    ("writable-host-path", host("/srv", readOnly=True), 0),
    ("writable-host-path", host("/srv", "Socket"), 0),
    ("writable-host-path", host("/srv", "CharDevice"), 0),
    ("writable-host-path", host("/srv", "BlockDevice"), 0),
    ("writable-host-path", host("/srv", "Directory"), 1),
    ("writable-host-path", host("/run/x.sock"), 0),
    ("writable-host-path", host("/dev"), 0),
    ("writable-host-path", host("/dev/x"), 0),
    ("writable-host-path", host("/develop"), 1),
    ("writable-host-path", host("/srv", subPathExpr="$(A)"), 0),
    ("writable-host-path", mounted({"emptyDir": {}}), 0),
    ("writable-host-path", {**host("/srv"), "container": {}}, 0),
    ("writable-host-path", {**host("/srv"), "volumes": [{"name": "w", "hostPath": {"path": "/"}}]}, 0),
    # sockets
    ("runtime-socket", host("/run/containerd/containerd.sock"), 1),
    ("runtime-socket", host("/var/run/docker.sock"), 1),
    ("runtime-socket", host("/run/other.sock"), 0),
    ("runtime-socket", host("/run/docker"), 1),
    ("runtime-socket", host("/run/dock"), 0),
    ("runtime-socket", host("/var/running"), 0),
    ("runtime-socket", host("/var/run"), 1),
    ("runtime-socket", host("/"), 1),
    ("runtime-socket", {**host("/"), "securityContext": {"runAsUser": 1}}, 0),
    ("runtime-socket", {**host("/run/crio/crio.sock"), "securityContext": {"runAsUser": 1}}, 1),
    # the annotation's prefix in a field
    ("localhost-prefix",
     {"container": own(seccompProfile={"type": "Localhost", "localhostProfile": "localhost/p"})}, 1),
    ("localhost-prefix",
     {"container": own(appArmorProfile={"type": "Localhost", "localhostProfile": "localhost/p"})}, 1),
    ("localhost-prefix",
     {"container": own(seccompProfile={"type": "Localhost", "localhostProfile": "p"})}, 0),
    ("localhost-prefix",
     {"container": own(seccompProfile={"type": "RuntimeDefault", "localhostProfile": "localhost/p"})}, 0),
    ("localhost-prefix", {"container": own(seccompProfile={"type": "Localhost"})}, 0),
    ("localhost-prefix",
     {"container": own(seccompProfile={"type": "Localhost", "localhostProfile": "localhost/p"}),
      "setting": {"node": Node(seccomp_profiles=("localhost/p",))}}, 0),
    ("localhost-prefix",
     {"container": own(seccompProfile={"type": "Localhost", "localhostProfile": "localhost/p"}),
      "setting": {"node": Node(seccomp_profiles=("p",))}}, 1),
    ("localhost-prefix",
     {"securityContext": {"seccompProfile": {"type": "Localhost", "localhostProfile": "localhost/p"},
                          "appArmorProfile": {"type": "Localhost", "localhostProfile": "localhost/q"}}},
     2),
    # no filter under privileged
    ("seccomp-under-privileged",
     {"container": own(privileged=True, seccompProfile={"type": "RuntimeDefault"})}, 1),
    ("seccomp-under-privileged",
     {"container": own(privileged=True, seccompProfile={"type": "Localhost", "localhostProfile": "p"})},
     1),
    ("seccomp-under-privileged",
     {"container": own(privileged=True, seccompProfile={"type": "Unconfined"})}, 0),
    ("seccomp-under-privileged", {"container": own(seccompProfile={"type": "RuntimeDefault"})}, 0),
    ("seccomp-under-privileged",
     {"container": own(privileged=True), "securityContext": {"seccompProfile": {"type": "RuntimeDefault"}}},
     1),
    ("seccomp-under-privileged",
     {"container": own(privileged=True), "setting": {"node": Node(seccomp_default=True)}}, 0),
    ("unknown-capability", {"container": capabilities("NOPE", drop=("NOR",))}, 2),
    ("unknown-capability", {"container": capabilities("ALL", "all", "KILL", drop=("ALL", "all"))}, 0),
    ("unknown-capability", {"container": capabilities("NOPE", privileged=True)}, 0),
    ("unknown-capability", {"container": capabilities("NOPE", drop=("NOR",)), "runtime": "cri-o"}, 1),
    # what a pod says and its container takes back
    ("weakened-by-container",
     {"container": own(runAsNonRoot=False), "securityContext": {"runAsNonRoot": True}}, 1),
    ("weakened-by-container",
     {"container": own(runAsNonRoot=False), "securityContext": {"runAsNonRoot": False}}, 0),
    ("weakened-by-container", {"container": own(runAsNonRoot=False)}, 0),
    ("weakened-by-container",
     {"container": own(runAsNonRoot=True), "securityContext": {"runAsNonRoot": True}}, 0),
    ("weakened-by-container", {"container": own(runAsUser=0), "securityContext": {"runAsUser": 1}}, 1),
    ("weakened-by-container", {"container": own(runAsUser=2), "securityContext": {"runAsUser": 1}}, 0),
    ("weakened-by-container", {"container": own(runAsUser=0), "securityContext": {"runAsUser": 0}}, 0),
    ("weakened-by-container", {"container": own(runAsUser=0)}, 0),
    *(
        ("weakened-by-container",
         {"container": own(privileged=privileged, **{field: {"type": mine}}),
          "securityContext": {field: {"type": pods, "localhostProfile": "p" if pods[0] == "L" else None}}},
         spoken)
        for field, privileged, mine, pods, spoken in (
            ("seccompProfile", False, "Unconfined", "RuntimeDefault", 1),
            ("seccompProfile", False, "Unconfined", "Localhost", 1),
            ("seccompProfile", False, "Unconfined", "Unconfined", 0),
            ("seccompProfile", False, "RuntimeDefault", "Localhost", 0),
            ("seccompProfile", True, "Unconfined", "RuntimeDefault", 0),
            ("appArmorProfile", False, "Unconfined", "RuntimeDefault", 1),
            ("appArmorProfile", False, "Unconfined", "Localhost", 1),
            ("appArmorProfile", False, "Unconfined", "Unconfined", 0),
            ("appArmorProfile", False, "RuntimeDefault", "Localhost", 0),
            ("appArmorProfile", True, "Unconfined", "RuntimeDefault", 0),
            ("appArmorProfile", True, "Unconfined", "Localhost", 1),
        )
    ),
    ("weakened-by-container", {"container": own(seccompProfile={"type": "Unconfined"})}, 0),
    ("weakened-by-container", {"container": own(appArmorProfile={"type": "Unconfined"})}, 0),
    ("weakened-by-container", {"securityContext": {"seccompProfile": {"type": "RuntimeDefault"}}}, 0),
    ("weakened-by-container", {"securityContext": {"appArmorProfile": {"type": "RuntimeDefault"}}}, 0),
]  # fmt: skip
"""A check, a pod, and how often the check speaks."""


@pytest.mark.parametrize(("check", "asked", "spoken"), CASES)
def test_how_often_a_check_speaks(check: str, asked: dict[str, Any], spoken: int) -> None:
    assert len(find(check, **asked)) == spoken


@pytest.mark.parametrize("check", sorted({case[0] for case in CASES}))
def test_a_container_of_which_nothing_is_said_hides_no_other(check: str) -> None:
    alone = [
        (asked["container"], n) for each, asked, n in CASES if each == check and [*asked] == ["container"]
    ]
    for silent in (container for container, spoken in alone if not spoken):
        for container, spoken in alone:
            both = [{"name": "a", **silent}, {"name": "b", **container}]
            assert len(find(check, containers=both)) == spoken
            assert len(find(check, containers=both[::-1])) == spoken


@pytest.mark.parametrize("check", ["writable-root-filesystem", "no-security-context", "default-capabilities"])
def test_every_kind_of_container_is_looked_at(check: str) -> None:
    init = [{"name": "a"}, {"name": "b", "restartPolicy": "Always"}]
    found = find(check, initContainers=init, ephemeralContainers=[{"name": "e"}])
    listed = ["spec.initContainers[0]", "spec.initContainers[1]", "spec.containers[0]"]
    if check != "writable-root-filesystem":
        listed.append("spec.ephemeralContainers[0]")
    assert [route.partition(".securityContext")[0] for route in routes(found)] == listed
