"""One request to two servers: one with the PodSecurity plugin, and one that asks Podproof instead.

Each answer is brought into one form, in which nothing may differ.
"""

import contextlib
import json
import re
import uuid
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from waiting import wait_until

from .api_server import ApiServer, Reply, api_server, etcd
from .audit_log import AuditLog, audit_options
from .installed import MUTATING, VALIDATING, WARNING, configurations, install
from .plugin import PROBE, are_in_force, make_runtime_class, plugin_options, wait_for_pods
from .watched import watching

_PLUGIN = "pod-security.kubernetes.io/"
_DENIED = re.compile(rf'^admission webhook "{VALIDATING}" denied the request: ')
"""Source: kubernetes 1.37.2, apiserver pkg/admission/plugin/webhook/errors/statuserror.go, ToStatusErr."""
_UID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def namespace(name: str, labels: Mapping[str, str]) -> dict[str, Any]:
    """Make a namespace; the labels are without the prefix of Pod Security."""
    prefixed = {_PLUGIN + key: value for key, value in labels.items()}
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": prefixed}}


class Answer(NamedTuple):
    """What a client and the audit log saw of an answer; `spec` is that of the object that was returned."""

    status: int
    reason: str | None
    message: str | None
    warnings: list[str]
    spec: Any
    audit: dict[str, str]


class Sides:
    """The two servers. Everything that is sent to them is compared in the end, and counted in `tally`."""

    def __init__(self, built_in: ApiServer, ours: ApiServer) -> None:
        self.built_in, self.ours = built_in, ours
        self._logs = (AuditLog(built_in.folder), AuditLog(ours.folder))
        self._sent: list[tuple[str, Reply, Reply]] = []
        self.tally: Counter[str] = Counter()

    def send(self, method: str, path: str, body: Any = None, **options: Any) -> Reply:
        """Send a request to both; the plugin's answer is returned. `options` are of `ApiClient.request`."""
        audit_id = f"compared-{len(self._sent)}"
        theirs, mine = (
            side.request(method, path, body, audit_id=audit_id, **options)
            for side in (self.built_in, self.ours)
        )
        self._sent.append((f"{method} {path} {json.dumps(body)[:3000]}", theirs, mine))
        return theirs

    def settle_pods(self, namespace: str) -> None:
        """Wait until both have heard of what became of a namespace's pods so far."""
        for side in (self.built_in, self.ours):
            wait_for_pods(side, namespace)

    def settle_labels(self, namespace: str, labels: Mapping[str, str]) -> None:
        """Wait until both have heard of a namespace's labels."""
        path = f"/api/v1/namespaces/{namespace}/pods?dryRun=All"
        for side, log in zip((self.built_in, self.ours), self._logs, strict=True):

            def heard(side: ApiServer = side, log: AuditLog = log) -> bool:
                audit_id = str(uuid.uuid4())
                answer = _answer(
                    side.request("POST", path, PROBE, audit_id=audit_id), log.annotations(audit_id)
                )
                return are_in_force(labels, answer.status, answer.warnings, answer.audit)

            wait_until(heard, f"the labels of {namespace}")

    def differences(self) -> list[str]:
        """Say what differs in the answers to all that was sent, a text for each request and field."""
        found = []
        for number, (sent, *replies) in enumerate(self._sent):
            theirs, mine = (
                _answer(reply, log.annotations(f"compared-{number}"))
                for reply, log in zip(replies, self._logs, strict=True)
            )
            self.tally["requests"] += 1
            self.tally["allowed" if theirs.status < 300 else f"answered with {theirs.status}"] += 1
            self.tally["warnings"] += len(theirs.warnings)
            self.tally["audit annotations"] += len(theirs.audit)
            found += [
                f"{sent}\n  {name}: built in {one!r}\n  {name}: ours     {other!r}"
                for name, one, other in zip(Answer._fields, theirs, mine, strict=True)
                if one != other
            ]
        print(dict(self.tally))
        return found


def _answer(reply: Reply, annotations: dict[str, str]) -> Answer:
    value = reply.value if isinstance(reply.value, dict) else {}
    audit = {
        key.removeprefix(prefix): text
        for key, text in annotations.items()
        for prefix in (_PLUGIN, f"{VALIDATING}/", f"{WARNING}/", f"{MUTATING}/")
        if key.startswith(prefix)
    }
    message = None if reply.message is None else _DENIED.sub("", reply.message)
    if message is not None and reply.status == 422:
        message = " ".join(sorted(re.split(r"[\s,\[\]]+", message)))  # Go's maps are in any order
    spec = None
    if reply.status < 300:
        spec = json.loads(_UID.sub("a uid", json.dumps(value.get("spec"))))
    return Answer(reply.status, value.get("reason"), message, reply.warnings, spec, audit)


@contextlib.contextmanager
def two_sides(folder: Path, namespaces: list[dict[str, Any]]) -> Iterator[Sides]:
    """Run both until the end of the block, with these namespaces."""
    folders = [folder / name for name in ("built-in", "ours")]
    for one in folders:
        one.mkdir()
    with contextlib.ExitStack() as stack:
        store = stack.enter_context(etcd(folder))
        plugin = plugin_options(folder)
        without = ("--disable-admission-plugins=PodSecurity",)
        built_in, ours = (
            stack.enter_context(api_server(one, *options, *audit_options(one), store=store))
            for one, options in zip(folders, (plugin, without), strict=True)
        )
        for side in (built_in, ours):
            make_runtime_class(side, "exempt-rc")
        sides = Sides(built_in, ours)
        for namespace in namespaces:
            for side in (built_in, ours):
                side.must("POST", "/api/v1/namespaces", namespace)
        configuration = str(folder / "admission.json")
        served = stack.enter_context(watching(folder, ours, "--config", configuration))
        served.wait_for("cluster synced")
        address = f"https://localhost:{served.port}"
        made = configurations(address, served.certificate, mode="enforcing", pod_security_policy=True)
        install(ours, made)
        yield sides
