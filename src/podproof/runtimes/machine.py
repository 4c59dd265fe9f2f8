"""What this machine can do for pods, read from its kernel: files come in, facts with their reasons go out.

Nothing is started or changed here; whether the engine itself starts is asked by `session.doctor`.
"""

import os
import platform
import re
import subprocess
from pathlib import Path
from typing import Literal

import msgspec

from ..effective.linux_capabilities import CAPABILITIES
from .embedded.cleanup import filesystem_of
from .embedded.network import find_plugins
from .embedded.places import Places
from .embedded.programs import NETWORK_PACKAGE, PACKAGES, find_program, missing_programs
from .mountinfo import own_mounts

__all__ = ["Fact", "kernel_facts", "network_fact", "program_facts"]


class Fact(msgspec.Struct, frozen=True):
    """One line of what a machine can do. `works`: "yes", "limited" (some pods do not) or "no" (none runs).

    `said` is what was found, `remedy` what to do about it, "" when there is nothing to do.
    """

    name: str
    works: Literal["yes", "limited", "no"]
    said: str
    remedy: str = ""


def kernel_facts(places: Places) -> tuple[Fact, ...]:
    """Tell about user, capabilities and the kernel, in the order that a person would ask."""
    return (
        _root(),
        _capabilities(),
        Fact("kernel", "yes", f"{platform.system()} {platform.release()} {platform.machine()}"),
        _cgroups(),
        _seccomp(),
        _apparmor(),
        _selinux(),
        _user_namespaces(),
        _overlayfs(places),
    )


def program_facts(places: Places) -> tuple[Fact, ...]:
    """Tell about the programs of the embedded engine; nothing is installed."""
    facts = []
    missing = missing_programs(places)
    for name in ("containerd", "runc"):
        lacking = [one for one in missing if one == name or PACKAGES[one] == name]
        if lacking:
            remedy = (
                f"install the package {PACKAGES[name]}; podproof run does so as root on Debian and Ubuntu"
            )
            facts.append(Fact(name, "no", f"not installed: {', '.join(lacking)}", remedy))
        else:
            path = find_program(name, places) or name
            facts.append(Fact(name, "yes", f"{_version(path)} at {path}"))
    return tuple(facts)


def network_fact(places: Places) -> Fact:
    """Tell whether pods can get a network, and how far it reaches."""
    folder, missing = find_plugins(places)
    if missing:
        return Fact(
            "pod network",
            "limited",
            f"loopback only: no network plugins {', '.join(missing)}",
            f"install the package {NETWORK_PACKAGE}",
        )
    if Path("/proc/sys/net/ipv4/ip_forward").read_text().strip() != "1":
        return Fact(
            "pod network",
            "yes",
            f"plugins in {folder}; pods reach each other and this machine, and nothing beyond",
            "to let them out: sysctl net.ipv4.ip_forward=1",
        )
    return Fact("pod network", "yes", f"plugins in {folder}")


def _root() -> Fact:
    if os.geteuid() == 0:
        return Fact("root", "yes", "this is root")
    return Fact("root", "no", f"this is user {os.geteuid()}, pods need root", "run it with sudo")


def _capabilities() -> Fact:
    effective = _mask("CapEff")
    missing = [name for number, name in enumerate(CAPABILITIES) if not effective >> number & 1]
    if not missing:
        return Fact("capabilities", "yes", "all")
    if not effective and os.geteuid():
        return Fact("capabilities", "no", "none, as of every user but root", "run it with sudo")
    if "SYS_ADMIN" in missing:
        return Fact(
            "capabilities", "no", f"without {', '.join(missing)}", "run it as root, not in a container"
        )
    limits = f"all but {', '.join(missing)}: containers cannot get {'it' if len(missing) == 1 else 'them'}"
    if "SYS_RESOURCE" in missing:
        limits += "; oom_score_adj cannot be lowered, nor limits (ulimit) raised"
    return Fact("capabilities", "limited", limits)


def _cgroups() -> Fact:
    kinds = {mount.type: mount.path for mount in own_mounts() if mount.type in ("cgroup", "cgroup2")}
    if "cgroup" in kinds:
        version = "version 1 and 2 side by side (hybrid)" if "cgroup2" in kinds else "version 1"
        table = Path("/proc/cgroups").read_text().splitlines()[1:]
        controllers = {line.split()[0] for line in table if line.split()[3] == "1"}
        mounted = {part for one in _options_of("cgroup") for part in one.split(",")}
        controllers &= mounted
    elif "cgroup2" in kinds:
        version = "version 2"
        controllers = set(Path(kinds["cgroup2"], "cgroup.controllers").read_text().split())
    else:
        return Fact("cgroups", "no", "no hierarchy is mounted", "mount one at /sys/fs/cgroup")
    lacking = sorted({"cpu", "memory", "pids"} - controllers)
    if lacking:
        return Fact("cgroups", "limited", f"{version}, without {', '.join(lacking)}: no such limits")
    return Fact("cgroups", "yes", version)


def _options_of(kind: str) -> list[str]:
    lines = Path("/proc/self/mountinfo").read_text().splitlines()
    return [line.split(" ")[-1] for line in lines if f" - {kind} " in line]


def _seccomp() -> Fact:
    actions = Path("/proc/sys/kernel/seccomp/actions_avail")
    if not actions.exists():
        return Fact("seccomp", "no", "the kernel has no filters: RuntimeDefault cannot be applied")
    return Fact("seccomp", "yes", "filters, RuntimeDefault and Localhost")


def _apparmor() -> Fact:
    try:
        enabled = Path("/sys/module/apparmor/parameters/enabled").read_text().strip() == "Y"
    except OSError:
        enabled = False
    if enabled:
        return Fact("AppArmor", "yes", "enforced")
    return Fact("AppArmor", "limited", "not in this kernel: pods that name a profile are not started")


def _selinux() -> Fact:
    if Path("/sys/fs/selinux/enforce").exists():
        return Fact("SELinux", "yes", "active")
    return Fact("SELinux", "limited", "not active: seLinuxOptions change nothing")


def _user_namespaces() -> Fact:
    try:
        most = int(Path("/proc/sys/user/max_user_namespaces").read_text())
    except (OSError, ValueError):
        most = 0
    if not Path("/proc/self/ns/user").exists():
        return Fact("user namespaces", "limited", "not in this kernel: no pod with hostUsers: false")
    if most == 0:
        remedy = "sysctl user.max_user_namespaces=10000"
        return Fact("user namespaces", "limited", "switched off: no pod with hostUsers: false", remedy)
    return Fact("user namespaces", "yes", "the kernel has them; the engine must as well, see below")


def _overlayfs(places: Places) -> Fact:
    if filesystem_of(places.lib) == "overlay":
        detail = f"{places.lib} is on an overlay itself: images are copied for each container, which is slow"
        return Fact("overlayfs", "limited", detail)
    if "\toverlay\n" in Path("/proc/filesystems").read_text():
        return Fact("overlayfs", "yes", f"{places.lib} is on {filesystem_of(places.lib)}")
    return Fact("overlayfs", "limited", "not loaded yet", "modprobe overlay")


def _mask(field: str) -> int:
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(f"{field}:"):
            return int(line.split()[1], 16)
    return 0


def _version(program: str) -> str:
    try:
        done = subprocess.run([program, "--version"], capture_output=True, text=True, timeout=30)
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"(does not run: {error})"
    version = re.search(r"\d+\.\d+\.\d+\S*", done.stdout)
    return version[0] if version else "(tells no version)"
