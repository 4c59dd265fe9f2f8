"""Random security contexts, of pods and of containers."""

from typing import Any

from .chance import Chance

IDS = [0, 1, 1000, 65534, 2147483647, 2147483648, -1, -(2**63), 2**63 - 1]
WINDOWS_USERS = [
    "",
    "u",
    "D\\u",
    "\\u",
    "D\\",
    "a\\b\\c",
    "a\tb",
    "x" * 105,
    ". .",
    "u@d",
    "d:1\\u",
    "d.e\\u",
    "D*\\u",
    ("d" * 256) + "\\u",
    ".d\\u",
    "d" * 16 + "\\u",
    "é\\<u>",
    "\x7f",
]
SYSCTLS = [
    "kernel.shm_rmid_forced",
    "net.ipv4.tcp_syncookies",
    "net/ipv4/tcp_syncookies",
    "",
    "A",
    "a..b",
    "kernel.msgmax",
    "kernel.shmx",
    "kernel.sem",
    "fs.mqueue.x",
    "a" * 254,
    "net.ipv4.conf.eno2/100.rp_filter",
    "*",
    "net.*",
]


def make_security_context(chance: Chance) -> dict[str, Any]:
    """Make a container's security context."""
    kinds = ["Localhost", "RuntimeDefault", "Unconfined", "", "x", "a<b"]
    capabilities = ["SYS_ADMIN", "CAP_SYS_ADMIN", "ALL", "", "x"]
    return chance.of(
        {
            "runAsUser": lambda: chance.pick(IDS),
            "runAsGroup": lambda: chance.pick(IDS),
            "runAsNonRoot": lambda: chance.pick([True, False]),
            "privileged": lambda: chance.pick([True, False]),
            "allowPrivilegeEscalation": lambda: chance.pick([True, False]),
            "readOnlyRootFilesystem": lambda: chance.pick([True, False]),
            "procMount": lambda: chance.pick(["Default", "Unmasked", "", "x<y"]),
            "capabilities": lambda: chance.of(
                {
                    "add": lambda: [chance.pick(capabilities) for _ in range(chance.random.randint(0, 2))],
                    "drop": lambda: ["ALL"],
                },
                0.7,
            ),
            "seLinuxOptions": lambda: chance.pick([{}, {"user": "u"}, {"type": "t", "level": "s0"}]),
            "seccompProfile": lambda: make_profile(chance, kinds),
            "appArmorProfile": lambda: make_profile(chance, kinds),
            "windowsOptions": lambda: make_windows_options(chance),
        },
        0.2,
    )


def make_pod_security_context(chance: Chance) -> dict[str, Any]:
    """Make a pod's security context: what both have, and what only a pod has."""
    out = make_security_context(chance)
    for key in (
        "privileged",
        "allowPrivilegeEscalation",
        "readOnlyRootFilesystem",
        "procMount",
        "capabilities",
    ):
        out.pop(key, None)
    out.update(
        chance.of(
            {
                "fsGroup": lambda: chance.pick(IDS),
                "supplementalGroups": lambda: [chance.pick(IDS) for _ in range(chance.random.randint(0, 3))],
                "supplementalGroupsPolicy": lambda: chance.pick(["Merge", "Strict", "", "x"]),
                "fsGroupChangePolicy": lambda: chance.pick(["Always", "OnRootMismatch", "", "x"]),
                "seLinuxChangePolicy": lambda: chance.pick(["Recursive", "MountOption", "", "x"]),
                "sysctls": lambda: [
                    {"name": chance.pick(SYSCTLS), "value": "1"} for _ in range(chance.random.randint(0, 3))
                ],
            },
            0.2,
        )
    )
    return out


def make_profile(chance: Chance, kinds: list[str]) -> dict[str, Any]:
    """Make a seccomp or AppArmor profile of one of these types."""
    out = {"type": chance.pick(kinds)} if chance.some(0.9) else {}
    if chance.some(0.5):
        names = ["", "p", "/p", "../p", "a/../b", " p", "p ", "x" * 4096, "a<b", "é\u00a0"]
        out["localhostProfile"] = chance.pick(names)
    return out


def make_windows_options(chance: Chance) -> dict[str, Any]:
    """Make `windowsOptions`, for a pod or a container."""
    return chance.of(
        {
            "runAsUserName": lambda: chance.pick(WINDOWS_USERS),
            "hostProcess": lambda: chance.pick([True, False]),
            "gmsaCredentialSpecName": lambda: chance.pick(["g", "G", "", "a<b", "x" * 254]),
            "gmsaCredentialSpec": lambda: chance.pick(["", "s", "x" * 65537]),
        },
        0.4,
    )
