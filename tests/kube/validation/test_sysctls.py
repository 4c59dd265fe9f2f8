"""Sysctls that clash with the host's namespaces, in both notations.

Source: kubernetes 1.37.2 ValidateHostSysctl; component-helpers node/util/sysctl namespace.go.
"""

from collections.abc import Callable

import pytest

Judge = Callable[..., list[str]]

NET, IPC = "hostNetwork", "hostIPC"

NAMES: list[tuple[str, str, bool]] = [
    # name, host namespace, whether it clashes
    ("net.ipv4.ip_local_port_range", NET, True),
    ("net/ipv4/ip_local_port_range", NET, True),
    ("net/ipv4/conf/eth0.1/forwarding", NET, True),
    ("net.ipv4.ip_local_port_range", IPC, False),
    ("kernel.sem", IPC, True),
    ("kernel/sem", IPC, True),
    ("kernel.shmmax", IPC, True),
    ("kernel.shmall", IPC, True),
    ("kernel.shmmni", IPC, True),
    ("kernel.shm_rmid_forced", IPC, True),
    ("kernel.msgmax", IPC, True),
    ("kernel.msgmnb", IPC, True),
    ("kernel.msgmni", IPC, True),
    ("fs.mqueue.msg_max", IPC, True),
    ("fs/mqueue/msg_max", IPC, True),
    ("kernel.shmmax", NET, False),
    ("fs.mqueue.msg_max", NET, False),
    ("kernel.domainname", IPC, False),
    ("fs.file-max", IPC, False),
    ("net", NET, False),
]


@pytest.mark.parametrize(("name", "host", "clashes"), NAMES)
def test_a_sysctl_of_a_namespace_that_is_the_host_s(
    judge: Judge, name: str, host: str, clashes: bool
) -> None:
    context = {"sysctls": [{"name": name, "value": "1"}]}
    assert judge({}, {"securityContext": context}) == []
    detail = f"may not be specified when '{host}' is true"
    expected = [f'spec.securityContext.sysctls[0].name: Invalid value: "{name}": {detail}']
    assert judge({}, {"securityContext": context, host: True}) == (expected if clashes else [])


def test_the_network_s_comes_first(judge: Judge) -> None:
    context = {"sysctls": [{"name": "kernel.sem", "value": "1"}, {"name": "net.a", "value": "1"}]}
    found = judge({}, {"securityContext": context, "hostNetwork": True, "hostIPC": True})
    assert [error.rpartition("'")[0].rpartition("'")[2] for error in found] == [IPC, NET]
