"""The prediction equals what a real kubelet, two runtimes and the kernel showed for 240 random pods.

Every pod is compared in every field that was recorded; a tally is printed, and nothing is skipped silently:
pods that the API server refused have no status and are counted as such.
"""

import json
import lzma
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from podproof.effective.container_in_pod import place_containers
from podproof.effective.image import ImageConfig
from podproof.effective.linux_capabilities import CAPABILITIES
from podproof.effective.node import Node
from podproof.effective.resolve import resolve
from podproof.effective.runtime import parse_runtime
from podproof.effective.setting import Setting
from podproof.kube.pod import raw_pod
from podproof.kubelet.start import predict_start

_DATA = Path(__file__).parent / "data" / "kubelet" / "pods.jsonl.xz"

LAB = Node(
    capabilities=tuple(name for name in CAPABILITIES if name != "SYS_RESOURCE"),
    seccomp_profiles=(),
    unsafe_sysctls=(),
    apparmor=False,
    selinux=False,
    paths=(
        "/proc/acpi",
        "/proc/keys",
        "/proc/timer_list",
        "/sys/firmware",
        "/proc/bus",
        "/proc/fs",
        "/proc/irq",
        "/proc/sys",
    ),
)
"""The recording node: no SYS_RESOURCE, AppArmor, SELinux or profile, cgroup v1, these paths."""


def _stories() -> list[dict[str, Any]]:
    with lzma.open(_DATA, "rt") as lines:
        return [json.loads(line.replace("<kubelet>/", "/var/lib/kubelet/")) for line in lines]


def _images(story: dict[str, Any]) -> dict[str, ImageConfig]:
    return {
        reference: ImageConfig(user=facts["user"], passwd=facts["passwd"], group=facts["group"])
        for reference, facts in story["images"].items()
    }


def _compare(story: dict[str, Any], tally: Counter[str]) -> list[str]:
    pod = raw_pod(story["pod"])
    runtime = parse_runtime(story["runtime"])
    images = _images(story)
    setting = Setting(images=images, node=LAB, runtime=runtime)
    containers = place_containers(pod, setting)
    start = predict_start(pod, containers, setting)
    wrong: list[str] = []

    def same(what: str, predicted: object, recorded: object) -> None:
        tally[what.split(" ")[0]] += 1
        if predicted != recorded:
            wrong.append(f"pod {story['id']} {what}: predicted {predicted!r}, recorded {recorded!r}")

    status = story["status"]
    same("phase", start.phase, status["phase"])
    same("pod-reason", start.reason, status["reason"])
    same("pod-message", start.message, status["message"])
    expected_events = {("Warning", e.reason, e.message) for e in _events(start)}
    recorded_events = {tuple(event) for event in story["events"]}
    # an event may have been overtaken by the end of the recording, never invented
    same("events", recorded_events <= expected_events, True)
    contexts = {s.container.name: resolve(s) for s in containers}
    for container in start.containers:
        recorded = status["containers"].get(container.name)
        if recorded is None:
            same("rejected-containers", start.phase, "Failed")
            continue
        same(f"starts {container.name}", container.starts, recorded["state"] == "running")
        same(f"reason {container.name}", container.reason, recorded["reason"])
        same(f"message {container.name}", container.message, recorded["message"])
        same(f"process {container.name}", container.starts, container.name in story["processes"])
        if container.name in story["processes"]:
            _compare_process(
                contexts[container.name], story["processes"][container.name], container.name, same
            )
        if recorded["user"] is not None:
            context = contexts[container.name]
            same("status-user", _status_user(context), recorded["user"])
    return wrong


def _status_user(context: Any) -> dict[str, Any]:
    return {
        "uid": context.uid.value,
        "gid": context.gid.value,
        "supplementalGroups": list(context.groups.value),
    }


def _events(start: Any) -> list[Any]:
    return [e for e in (start.event, *(c.event for c in start.containers)) if e is not None]


def _compare_process(context: Any, process: dict[str, Any], name: str, same: Any) -> None:
    same(f"uid {name}", context.uid.value, process["uid"])
    same(f"euid {name}", context.uid.value, process["euid"])
    same(f"gid {name}", context.gid.value, process["gid"])
    same(f"groups {name}", list(context.groups.value), process["groups"])
    for kind in ("bounding", "permitted", "effective", "inheritable", "ambient"):
        predicted = list(getattr(context.capabilities, kind).value)
        same(f"{kind} {name}", predicted, process["capabilities"][kind])
    same(f"no_new_privs {name}", context.no_new_privs.value, process["no_new_privs"])
    same(f"seccomp {name}", 0 if context.seccomp.value == "Unconfined" else 2, process["seccomp"])
    same(f"read_only_root {name}", context.read_only_root.value, process["read_only_root"])
    same(f"masked {name}", sorted(context.masked_paths.value), sorted(process["masked"]))
    same(f"readonly_paths {name}", sorted(context.readonly_paths.value), sorted(process["readonly_paths"]))
    for namespace, scope in process["namespaces"].items():
        same(f"namespaces {name}", getattr(context.namespaces, namespace).value, scope)


def test_every_recorded_pod(capsys: pytest.CaptureFixture[str]) -> None:
    stories = _stories()
    tally: Counter[str] = Counter()
    wrong: list[str] = []
    refused = 0
    for story in stories:
        if "status" not in story:
            assert story["api"]["code"] != 201
            refused += 1
            continue
        wrong += _compare(story, tally)
    with capsys.disabled():
        print(f"\nkubelet pods: {len(stories)} recorded, {refused} refused by the API server, ", end="")
        print(f"{sum(tally.values())} values compared, {len(wrong)} differ: {dict(tally)}")
    assert not wrong, "\n".join(wrong[:20])
