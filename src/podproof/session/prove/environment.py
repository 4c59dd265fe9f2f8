"""What evidence depends on: the kernel, the runtime, the machine and its limits, the images, the time.

Everything is read from this machine. Without it, nobody could tell what a proof is good for.
"""

import platform
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ...effective.linux_capabilities import CAPABILITIES
from ...effective.node import Node
from ...runtimes.attackers import node_facts
from ...runtimes.engine import Features

__all__ = ["environment"]


def environment(
    features: Features, node: Node, folder: Path, images: Mapping[str, str | None], *, version: str
) -> dict[str, Any]:
    """Describe this machine. `version` is Podproof's, `images` maps references to digests.

    `folder` is where helpers lie.
    """
    return {
        "podproof": version,
        "time": datetime.now(UTC).isoformat(timespec="seconds"),
        "kernel": f"{platform.system()} {platform.release()} {platform.machine()}",
        "runtime": features.runtime,
        "cgroup": _cgroup(),
        "network": features.network or "each pod has its own",
        "images": dict(sorted(images.items())),
        "limits": _limits(features, node, folder),
    }


def _cgroup() -> str:
    if Path("/sys/fs/cgroup/cgroup.controllers").exists():
        return "v2"
    return "v1, hybrid" if Path("/sys/fs/cgroup/unified").exists() else "v1"


def _limits(features: Features, node: Node, folder: Path) -> list[str]:
    """List what this machine does not support, which was therefore not tested."""
    limits: list[str] = []
    if node.capabilities is not None:
        missing = [name for name in CAPABILITIES if name not in node.capabilities]
        if missing:
            limits.append(f"the runtime itself lacks {', '.join(missing)}: not even privileged gives them")
    if node.apparmor is False:
        limits.append("the kernel has no AppArmor: profiles confine nothing")
    if node.selinux is False:
        limits.append("the kernel has no SELinux: labels confine nothing")
    if not features.user_namespaces:
        limits.append(f"{features.runtime} has no user namespaces: hostUsers false does not start")
    if not features.strict_groups:
        limits.append(f"{features.runtime} has no supplementalGroupsPolicy: Strict does not start")
    facts = node_facts(folder)
    if not facts.set_user_id:
        limits.append(f"{folder} is mounted nosuid: set-user-ID and file capabilities are not tried")
    if not facts.device_files:
        limits.append(f"{folder} is mounted nodev: device files are not tried")
    if facts.modules is False:
        limits.append("the kernel loads no modules, for anybody")
    return limits
