"""A thousand made-up requests, by a seed: Podproof answers as the plugin does, to the letter.

Pods, workloads of every kind and namespaces are created. Pods live on: their images and labels are changed,
they get ephemeral containers and are resized. Much of it is refused by the server itself, as in life.
"""

from pathlib import Path
from typing import Any

import pytest

from tools.random_objects.chance import Chance
from tools.random_objects.security_contexts import make_security_context
from tools.random_objects.workloads import API_VERSIONS, make_object

from .sides import Sides, namespace, two_sides

_PLURALS = {kind: f"{kind.lower()}s" for kind in API_VERSIONS}
_LEVELS = ["privileged", "baseline", "restricted", "restricted"]
_MERGE = "application/merge-patch+json"
_STRATEGIC = "application/strategic-merge-patch+json"


def _labels(chance: Chance) -> dict[str, str]:
    labels = {}
    for mode in ("enforce", "warn", "audit"):
        if chance.some(0.85):
            labels[mode] = chance.pick(_LEVELS)
        if chance.some(0.5):
            labels[f"{mode}-version"] = chance.pick(["latest", *(f"v1.{minor}" for minor in range(0, 38, 3))])
    return labels


def _usual(chance: Chance) -> tuple[str, dict[str, Any]]:
    """Make a pod or Deployment that the server itself finds nothing wrong with."""
    strict = {
        "allowPrivilegeEscalation": False,
        "capabilities": {"drop": ["ALL"]},
        "runAsNonRoot": True,
        "seccompProfile": {"type": "RuntimeDefault"},
    }
    loose = {"capabilities": {"add": chance.pick([["NET_ADMIN"], ["CHOWN"], ["SYS_TIME", "KILL"]])}}
    containers = [
        {"name": f"c{number}", "image": "i:1", "securityContext": chance.pick([strict, strict, loose, {}])}
        for number in range(chance.pick([1, 2]))
    ]
    spec: dict[str, Any] = {"containers": containers}
    if chance.some(0.2):
        spec[chance.pick(["hostNetwork", "hostPID", "hostIPC"])] = True
    if chance.some(0.1):
        spec["runtimeClassName"] = "exempt-rc"
    template = {"metadata": {"labels": {"a": "b"}}, "spec": spec}
    if chance.some(0.75):
        return "Pod", {"apiVersion": "v1", "kind": "Pod", **template}
    spec = {"selector": {"matchLabels": {"a": "b"}}, "template": template}
    return "Deployment", {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {}, "spec": spec}


def _send_changes(sides: Sides, chance: Chance, path: str, pod: dict[str, Any]) -> None:
    """Change a pod that was stored, in all the ways in which pods change."""
    first = pod["spec"]["containers"][0]["name"]
    image = {"spec": {"containers": [{"name": first, "image": chance.pick(["i:1", "i:2"])}]}}
    sides.send("PATCH", path, image, content_type=_STRATEGIC)
    label = {"metadata": {"labels": {"a": chance.pick(["b", "c"])}}}
    sides.send("PATCH", path, label, content_type=_MERGE)
    context = make_security_context(chance) if chance.some(0.5) else {"privileged": chance.some(0.5)}
    debugger = {"name": "debugger", "image": "i:1", "securityContext": context}
    ephemeral = {"spec": {"ephemeralContainers": [debugger]}}
    sides.send("PATCH", f"{path}/ephemeralcontainers", ephemeral, content_type=_STRATEGIC)
    sides.send("PATCH", path, label, content_type=_MERGE)
    sized = {"name": first, "resources": {"requests": {"cpu": chance.pick(["10m", "20m"])}}}
    sides.send("PATCH", f"{path}/resize", {"spec": {"containers": [sized]}}, content_type=_STRATEGIC)


def _send_namespace(sides: Sides, chance: Chance, number: int) -> None:
    """Make a namespace, or label the exempt one, as a dry run; some labels cannot be read."""
    labels = _labels(chance)
    if chance.some(0.3):
        labels[chance.pick(["enforce", "warn-version", "audit"])] = chance.pick(["", "none", "v1", "v1.01"])
    if chance.some(0.3):
        labels = {f"pod-security.kubernetes.io/{key}": value for key, value in labels.items()}
        path = "/api/v1/namespaces/exempt-ns?dryRun=All"
        sides.send("PATCH", path, {"metadata": {"labels": labels}}, content_type=_MERGE)
        return
    sides.send("POST", "/api/v1/namespaces?dryRun=All", namespace(f"new-{number}", labels))


def _send_all(sides: Sides, chance: Chance, names: list[str], number: int) -> None:
    sent = 0
    while sent < number:
        if chance.some(0.08):
            _send_namespace(sides, chance, sent)
            sent += 1
            continue
        user = chance.pick([None, None, None, "ann", "exempt-user"])
        where = chance.pick(names)
        kind, made = _usual(chance) if chance.some(0.5) else make_object(chance)
        made["metadata"]["name"] = f"made-{sent}"
        group = "api/v1" if API_VERSIONS[kind] == "v1" else f"apis/{API_VERSIONS[kind]}"
        path = f"/{group}/namespaces/{where}/{_PLURALS[kind]}"
        stored = kind == "Pod" and chance.some(0.3)
        reply = sides.send("POST", path if stored else f"{path}?dryRun=All", made, user=user)
        sent += 1
        if stored and reply.status == 201:
            _send_changes(sides, chance, f"{path}/made-{sent - 1}", made)
            sent += 5


@pytest.mark.parametrize(("seed", "number"), [(1, 150), pytest.param(37, 1000, marks=pytest.mark.slow)])
def test_each_gets_the_same_answer(tmp_path: Path, seed: int, number: int) -> None:
    chance = Chance(seed, 0.25)
    namespaces = [namespace(f"made-{index}", _labels(chance)) for index in range(25)]
    namespaces.append(namespace("exempt-ns", dict.fromkeys(("enforce", "warn", "audit"), "restricted")))
    with two_sides(tmp_path, namespaces) as sides:
        _send_all(sides, chance, [one["metadata"]["name"] for one in namespaces], number)
        differences = sides.differences()
    assert not differences, f"{len(differences)}:\n" + "\n".join(differences[:10])
    assert sides.tally["allowed"] > number / 5
    assert sides.tally["answered with 403"] > number / 25
    assert sides.tally["warnings"] > number / 20
