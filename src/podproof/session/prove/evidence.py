"""The evidence for a statement: its lists in claims.yaml come in, each goes out with what was found.

`explain` is the prediction, `run` what the kernel shows and how attacks end, `check` the findings on the
manifest, `admit` a cluster's answer. Nothing is run here except checks that only read text.
"""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from ...effective.image import ImageConfig
from ...effective.linux_capabilities import to_mask
from ...effective.runtime import RuntimeProfile
from ...effective.setting import Setting
from ...inputs.files import read_named
from ...manifest.document import Document
from ...manifest.limits import DEFAULT
from ...manifest.reader import read
from ...results.explained import Explained, ExplainedContainer, ExplainedOrigin
from ...results.plain import to_plain
from ...results.proved import AttackLine, ProvedContainer, Shown
from ..explain import explain_data

__all__ = ["by_admit", "by_check", "by_explain", "by_run"]

_FIELDS = {"writable_paths": "writable"}
"""Keys of `process` that have another name among the compared fields."""


def by_explain(
    claim: Mapping[str, Any], path: Path, images: Mapping[str, ImageConfig], runtime: RuntimeProfile
) -> Iterator[Shown]:
    """Show what is predicted for the runtime that the statements are proven on, and who sets it."""
    wanted = claim.get("explain") or ()
    if not wanted:
        return
    explained, _ = explain_data(
        [(str(path), read_named(str(path), DEFAULT))], Setting(images=images, runtime=runtime)
    )
    for shown in wanted:
        container = _explained(explained, shown)
        if container is None:
            yield Shown("explain", f"container {shown['container']}", "not in the manifest", False)
            continue
        for name, expected in (shown.get("fields") or {}).items():
            field = container.fields[name]
            origin, value = field.origin, to_plain(field.value)
            holds = _agrees(value, expected["value"]) and origin.kind == expected["origin"]
            holds = holds and expected.get("text", "") in origin.text
            place = f", line {origin.line}" if origin.line else ""
            yield Shown(
                "explain",
                f"{shown['container']}: {name}",
                f"{_words(value)} ({_who(origin)}{place})",
                holds,
            )
        process = to_plain(container.process)
        for name, expected in _flat(shown.get("process") or {}):
            value = _predicted(process, name)
            yield Shown("explain", f"{shown['container']}: {name}", _words(value), value == expected)


def by_run(claim: Mapping[str, Any], containers: Sequence[ProvedContainer]) -> Iterator[Shown]:
    """Show what the kernel reports of the process, its start, and how its attacks ended.

    What `explain` lists of the process is looked for in the kernel too, wherever its manifest was run.
    """
    if "run" not in claim.get("proof", ()) and not containers:
        return
    wanted = [*(claim.get("explain") or ()), *(claim.get("run") or ())]
    for shown in wanted:
        who = shown["container"]
        proved = [one for one in containers if one.container == who and _of_pod(one, shown.get("pod"))]
        if not proved:
            yield Shown("kernel", f"container {who}", "it was not run", False)
            continue
        if "start" in shown:
            yield _started(who, proved[0], shown["start"])
        for name, expected in _flat(shown.get("process") or {}):
            yield _observed(who, proved[0], name, expected)
        for id, expected in (shown.get("attacks") or {}).items():
            yield _attacked(who, proved[0], id, str(expected))


def by_check(claim: Mapping[str, Any], path: Path, images: Mapping[str, ImageConfig]) -> Iterator[Shown]:
    """Show the findings that a check reports on the manifest.

    An empty list asks for none at all; where there is no list, all are named and none is asked for.
    """
    if "check" not in claim.get("proof", ()):
        return
    wanted = claim.get("check")
    from ..check import check
    from ..config import ProjectConfiguration
    from ..judging.settings import make_judge, make_selection
    from ..sources import collect

    judge = make_judge(ProjectConfiguration(), images=images)
    result = check(collect([str(path)]), judge, make_selection(ProjectConfiguration()))
    messages: dict[str, str] = {}
    for located in result.findings:
        messages.setdefault(located.finding.check, f"line {located.place.line}: {located.finding.message}")
    if not wanted:
        named = ", ".join(f"{id} ({text.partition(': ')[0]})" for id, text in messages.items())
        yield Shown("check", "findings", named or "none", wanted is None or not messages)
    for id in wanted or ():
        yield Shown("check", id, messages.get(id, "no such finding"), id in messages)


def by_admit(claim: Mapping[str, Any], folder: Path) -> Iterator[Shown]:
    """Show what a cluster whose only policy everybody may use answers to a manifest's pods.

    `folder` is where the paths of the list begin.
    """
    from ...admission.cluster import Cluster

    for wanted in claim.get("admit") or ():
        policies = list(_objects(folder / wanted["policy"]))
        cluster = Cluster.from_objects(
            [*policies, *_anybody_may_use(policies)], kubernetes_version=wanted["kubernetes"]
        )
        what = f"{wanted['manifest']} under {wanted['policy']} in {wanted['kubernetes']}"
        for pod in _objects(folder / wanted["manifest"]):
            # a claim is about the policy, not about the token's volume that is filled in
            decision = cluster.admit(_request(pod), mutated=True)
            answer = "allowed" if decision.allowed else decision.message or "refused"
            holds = decision.allowed == wanted["allowed"] and wanted.get("message", "") in answer
            yield Shown("admit", what, answer, holds)


def _objects(path: Path) -> Iterator[dict[str, Any]]:
    for document in read(str(path), read_named(str(path), DEFAULT)):
        if isinstance(document, Document) and isinstance(document.value, dict):
            yield document.value


def _anybody_may_use(policies: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    names = [policy["metadata"]["name"] for policy in policies]
    group = "rbac.authorization.k8s.io"
    rule = {
        "apiGroups": ["policy"],
        "resources": ["podsecuritypolicies"],
        "resourceNames": names,
        "verbs": ["use"],
    }
    return [
        {
            "apiVersion": f"{group}/v1",
            "kind": "ClusterRole",
            "metadata": {"name": "use"},
            "rules": [rule],
        },
        {
            "apiVersion": f"{group}/v1",
            "kind": "ClusterRoleBinding",
            "metadata": {"name": "use"},
            "roleRef": {"apiGroup": group, "kind": "ClusterRole", "name": "use"},
            "subjects": [{"apiGroup": group, "kind": "Group", "name": "system:authenticated"}],
        },
    ]


def _request(pod: Mapping[str, Any]) -> dict[str, Any]:
    metadata = {"namespace": "default", **(pod.get("metadata") or {})}
    return {
        "uid": "1",
        "kind": {"group": "", "version": "v1", "kind": "Pod"},
        "resource": {"group": "", "version": "v1", "resource": "pods"},
        "name": metadata.get("name", ""),
        "namespace": "default",
        "operation": "CREATE",
        "userInfo": {"username": "somebody", "groups": ["system:authenticated"]},
        "object": {**pod, "metadata": metadata},
    }


def _explained(explained: Explained, shown: Mapping[str, Any]) -> ExplainedContainer | None:
    for entry in explained.objects:
        for container in entry.containers:
            if container.name == shown["container"] and entry.name == shown.get("pod", entry.name):
                return container
    return None


def _flat(process: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    for name, value in process.items():
        if isinstance(value, dict):
            yield from ((f"{name}.{key}", inner) for key, inner in value.items())
        else:
            yield name, value


def _agrees(value: Any, listed: Any) -> bool:
    """Compare with what a statement lists: of a mapping the entries it names, of anything else the whole."""
    if isinstance(value, dict) and isinstance(listed, dict):
        return listed.items() <= value.items()
    return bool(value == listed)


def _predicted(process: Mapping[str, Any], name: str) -> Any:
    first, _, second = name.partition(".")
    value = process[first][second] if second else process[first]
    return _mask(name, value)


def _mask(name: str, value: Any) -> Any:
    """Write a set of capabilities as the kernel does."""
    if name.startswith("capabilities.") and isinstance(value, (list, tuple)):
        return f"{to_mask(tuple(value)):016x}"
    return value


def _observed(who: str, proved: ProvedContainer, name: str, expected: Any) -> Shown:
    field = _FIELDS.get(name, name)
    comparison = next((one for one in proved.comparisons if one.field == field), None)
    if comparison is None:
        return Shown("kernel", f"{who}: {name}", f"not observed, the container is {proved.state}", False)
    predicted, observed = (
        _mask(name, to_plain(comparison.predicted)),
        _mask(name, to_plain(comparison.observed)),
    )
    holds = comparison.equal is True and predicted == expected
    return Shown("kernel", f"{who}: {name}", _words(observed), holds)


def _started(who: str, proved: ProvedContainer, expected: Mapping[str, Any]) -> Shown:
    observed = str(proved.start.observed)
    if expected.get("starts") is True:
        return Shown("kubelet", f"{who}: starts", observed, observed == "started")
    holds = observed.startswith(str(expected.get("reason", "")))
    uid = str(expected.get("message", "")).partition("<uid>")
    holds = holds and all(part in observed for part in (uid[0], uid[2]))
    return Shown("kubelet", f"{who}: does not start", observed, holds and proved.start.equal is not False)


def _attacked(who: str, proved: ProvedContainer, wanted: str, expected: str) -> Shown:
    id, _, target = wanted.partition(" ")
    tried = [one for one in proved.attacks if one.id == id]
    # "group" is not "supplementary groups"; a part of a target names all that have it
    attacks = [one for one in tried if one.target == target] or [one for one in tried if target in one.target]
    what = f"{who}: {wanted}: {expected}"
    if not attacks:
        return Shown("attack", what, "not tried", False)
    return Shown(
        "attack",
        what,
        "; ".join(_answer(one) for one in attacks),
        all(_is_so(one, expected) for one in attacks),
    )


def _is_so(attack: AttackLine, expected: str) -> bool:
    """Compare with the word of the list; the prediction has to be right as well."""
    if expected == "refused":
        return attack.observed not in (None, "allowed", "not reached") and attack.as_predicted is not False
    return attack.observed == expected and attack.as_predicted is not False


def _answer(attack: AttackLine) -> str:
    return attack.evidence[-1] if attack.evidence else str(attack.observed)


def _of_pod(proved: ProvedContainer, pod: str | None) -> bool:
    return pod is None or proved.object == f"Pod/{pod}"


def _who(origin: ExplainedOrigin) -> str:
    text = str(origin.text or origin.route)
    return text if text.startswith(origin.kind) else f"{origin.kind}: {text}"


def _words(value: Any) -> str:
    if isinstance(value, dict) and set(value) == {"unknown"}:
        return f"unknown: {value['unknown']}"
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "none"
    if value is None:
        return "not set"
    return str(value).lower() if isinstance(value, bool) else str(value)
