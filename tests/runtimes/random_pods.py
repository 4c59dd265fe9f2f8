"""Random pods with every security field that a machine without AppArmor and SELinux can show."""

from random import Random
from typing import Any

from podproof.effective.linux_capabilities import CAPABILITIES

IMAGES = (
    "local.lab/bb:1",
    "local.lab/bb-num:1",
    "local.lab/bb-numgrp:1",
    "local.lab/bb-name:1",
    "local.lab/bb-zero:1",
)

SYSCTLS = (
    ("net.ipv4.ip_unprivileged_port_start", "80"),
    ("net.ipv4.ping_group_range", "0 1000"),
    ("kernel.shm_rmid_forced", "1"),
    ("net.ipv4.ip_local_port_range", "20000 30000"),
)


def maybe(random: Random, mapping: dict[str, Any], name: str, *values: Any) -> None:
    """Set a field to one of the values, or leave it out half of the time."""
    if random.random() < 0.5:
        mapping[name] = random.choice(values)


def security_context(random: Random, capabilities: tuple[str, ...]) -> dict[str, Any]:
    """A container's context; `capabilities` are those that the node can give."""
    context: dict[str, Any] = {}
    maybe(random, context, "runAsUser", 0, 1000, 2000, 12345, 65534)
    if "runAsUser" in context:
        maybe(random, context, "runAsGroup", 0, 1000, 54321)
    maybe(random, context, "readOnlyRootFilesystem", True, False)
    maybe(random, context, "seccompProfile", {"type": "RuntimeDefault"}, {"type": "Unconfined"})
    if random.random() < 0.1:
        context["privileged"] = True
        return context
    maybe(random, context, "allowPrivilegeEscalation", True, False)
    names = [name for name in CAPABILITIES if name in capabilities]
    asked: dict[str, list[str]] = {}
    maybe(random, asked, "drop", ["ALL"], random.sample(names, 3), ["all"], ["CAP_NET_RAW"])
    maybe(
        random,
        asked,
        "add",
        ["ALL"],
        random.sample(names, 2),
        ["NET_BIND_SERVICE"],
        ["net_admin"],
        ["NO_SUCH"],
    )
    # adding everything asks for what this machine itself may lack
    if asked.get("add") == ["ALL"] and len(names) < len(CAPABILITIES):
        asked["add"] = names
    if asked:
        context["capabilities"] = asked
    return context


def random_pod(seed: int, capabilities: tuple[str, ...]) -> dict[str, Any]:
    """The pod of a seed: one or two containers, up to two volumes, everything else by chance."""
    random = Random(seed)
    spec: dict[str, Any] = {}
    context: dict[str, Any] = {}
    maybe(random, context, "runAsUser", 0, 1000, 3000)
    if "runAsUser" in context:
        maybe(random, context, "runAsGroup", 0, 1001, 40000)
    maybe(random, context, "fsGroup", 2000, 20001)
    maybe(random, context, "supplementalGroups", [5], [7, 60000], [])
    maybe(random, context, "seccompProfile", {"type": "RuntimeDefault"}, {"type": "Unconfined"})
    for name in ("hostNetwork", "hostPID", "hostIPC", "shareProcessNamespace"):
        if random.random() < 0.15:
            spec[name] = True
    if spec.get("hostPID"):
        spec.pop("shareProcessNamespace", None)
    if not spec.get("hostNetwork") and not spec.get("hostIPC") and random.random() < 0.5:
        context["sysctls"] = [
            {"name": name, "value": value} for name, value in random.sample(SYSCTLS, random.randint(1, 2))
        ]
    spec["securityContext"] = context
    volumes = ["one", "two"][: random.randint(0, 2)]
    spec["volumes"] = [{"name": name, "emptyDir": {}} for name in volumes]
    spec["containers"] = [
        {
            "name": name,
            "image": random.choice(IMAGES),
            "securityContext": security_context(random, capabilities),
            "volumeMounts": [
                {"name": volume, "mountPath": f"/{volume}", "readOnly": random.random() < 0.3}
                for volume in volumes
                if random.random() < 0.7
            ],
        }
        for name in ("a", "b")[: random.randint(1, 2)]
    ]
    return {"metadata": {"name": f"random-{seed}"}, "spec": spec}
