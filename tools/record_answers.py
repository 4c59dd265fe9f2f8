"""Ask a real kube-apiserver again what the tests replay, and compare with what is recorded.

    python -m tools.record_answers --compare
    python -m tools.record_answers --write

etcd and kube-apiserver run on loopback: those of `tests/cluster/programs.py`. For a new Kubernetes release,
raise it in `tests/cluster/go.mod`, look at what `--compare` lists, and `--write` it. FILE is a file of
recorded answers or stories, all that an API server alone can give where none is named. What has to be asked
of other programs stays as it is: the kubelet's answers, PodSecurityPolicy (gone since 1.25) and what is
called in Go.
"""

import argparse
import contextlib
import functools
import json
import lzma
import re
import sys
import tempfile
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

_ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(_ROOT / "tests"))

from cluster.api_server import ApiServer, Reply, api_server  # noqa: E402
from cluster.audit_log import AuditLog, audit_options  # noqa: E402
from cluster.plugin import (  # noqa: E402
    PREFIX,
    PROBE,
    are_in_force,
    make_runtime_class,
    plugin_options,
    wait_for_pods,
)
from cluster.programs import VERSION  # noqa: E402
from waiting import wait_until  # noqa: E402

_DATA = _ROOT / "tests" / "conformance" / "data"
FILES = [
    _DATA / f"{name}.jsonl.xz"
    for name in ("admission/stories", "api/answers", "api/scheduling", "api/observed")
]
"""All that an API server alone can give."""
_UID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_OF_THE_MOMENT = ("uid", "creationTimestamp", "managedFields")
_PATHS = {"Pod": ("api/v1", "pods"), "Deployment": ("apis/apps/v1", "deployments")}

Record = dict[str, Any]


class Recorder:
    """Asks again what is recorded, of a server with an audit log."""

    def __init__(self, server: ApiServer) -> None:
        self._server, self._log = server, AuditLog(server.folder)
        self._namespaces: set[str] = set()

    def ask(self, record: Record) -> Record:
        """Give the record as the server answers now. Raises ValueError: an API server alone cannot say."""
        if "policies" in record:
            raise ValueError("PodSecurityPolicies need a server of Kubernetes 1.24")
        if "steps" in record:
            return self._live(record)
        if "section" in record:
            return self._observe(record)
        if "path" in record:
            return self._create(record)
        raise ValueError("what is recorded here was not asked of an API server")

    def _create(self, record: Record) -> Record:
        """Ask for the creation of an object, whose path and body are recorded."""
        body, kind = record["body"].encode(), record["content_type"]
        self._make_namespace(re.findall("/namespaces/([^/]+)/", record["path"])[0])
        reply = self._server.request("POST", record["path"], body, content_type=kind)
        answered = ("code", "warnings", "message", "reason", "causes", "object")
        now = {key: value for key, value in record.items() if key not in answered}
        now |= {"code": reply.status, "warnings": _headers(reply)}
        if reply.status != 201:
            now |= {"message": reply.value["message"], "reason": reply.value["reason"]}
            return now | {"causes": reply.value.get("details", {}).get("causes")}
        metadata = reply.value["metadata"]
        metadata = {key: value for key, value in metadata.items() if key not in _OF_THE_MOMENT}
        stored = {key: value for key, value in reply.value.items() if key != "status"}
        return now | {"object": stored | {"metadata": metadata}}

    def _observe(self, record: Record) -> Record:
        """Ask for the creation of a curated object, of which the stored contexts may be recorded."""
        group, plural = _PATHS[record["kind"]]
        self._make_namespace("plain")
        path = f"/{group}/namespaces/plain/{plural}?dryRun=All"
        if record["field_validation"]:
            path += f"&fieldValidation={record['field_validation']}"
        body, kind = record["body"].encode(), record["content_type"]
        reply = self._server.request("POST", path, body, content_type=kind)
        answered = ("code", "reason", "message", "warnings", "stored")
        now = {key: value for key, value in record.items() if key not in answered}
        now["code"] = reply.status
        if reply.status != 201:
            now |= {"reason": reply.value["reason"], "message": reply.value["message"]}
        now["warnings"] = reply.warnings
        if "stored" in record and reply.status == 201:
            spec = reply.value["spec"]
            container = spec["containers"][0].get("securityContext")
            now["stored"] = {"c": container, "pod": spec["securityContext"]}
        return now

    def _live(self, record: Record) -> Record:
        """Live a namespace's story: its creation, then one step after the other."""
        labelled_later = any(step["op"] == "label" for step in record["steps"])
        namespace = _namespace(record["namespace"], {} if labelled_later else record["labels"])
        answer = self._send("POST", "/api/v1/namespaces", namespace)
        if answer["code"] != 201:
            self._server.must("POST", "/api/v1/namespaces", _namespace(record["namespace"], {}))
        steps = []
        for step in record["steps"]:
            options = {"user": step["user"], "content_type": step["content_type"]}
            if step["op"] in ("label", "label-dry-run"):
                wait_for_pods(self._server, record["namespace"])
            again = self._send(step["method"], step["path"], step["body"], **options)
            steps.append({**step, "answer": again})
            if step["op"] == "label" and again["code"] == 200:
                labels = step["body"]["metadata"]["labels"]
                wait_until(functools.partial(self._has_labels, record["namespace"], labels), "the labels")
        return {**record, "steps": steps, "namespace_answer": answer}

    def _send(self, method: str, path: str, body: Any, **options: Any) -> Record:
        audit_id = str(uuid.uuid4())
        reply = self._server.request(method, path, body, audit_id=audit_id, **options)
        found = self._log.annotations(audit_id)
        audit = {key: found[key] for key in sorted(found) if key.startswith(PREFIX)}
        return {"code": reply.status, "message": reply.message, "warnings": _headers(reply), "audit": audit}

    def _has_labels(self, namespace: str, labels: dict[str, str]) -> bool:
        path, audit_id = f"/api/v1/namespaces/{namespace}/pods?dryRun=All", str(uuid.uuid4())
        reply = self._server.request("POST", path, PROBE, audit_id=audit_id)
        found = self._log.annotations(audit_id)
        audit = {key.removeprefix(PREFIX): found[key] for key in found}
        return are_in_force(labels, reply.status, reply.warnings, audit)

    def _make_namespace(self, name: str) -> None:
        if name not in self._namespaces:
            self._server.must("POST", "/api/v1/namespaces", _namespace(name, {}))
            self._namespaces.add(name)


def _headers(reply: Reply) -> list[str]:
    return [f"299 - {json.dumps(text, ensure_ascii=False)}" for text in reply.warnings]


def _namespace(name: str, labels: dict[str, str]) -> Record:
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name, "labels": labels}}


def _without_made_name(record: Record) -> Record:
    """Take the letters out that the server added to a name by chance."""
    metadata = record.get("object", {}).get("metadata", {})
    if not metadata.get("generateName"):
        return record
    made: Record = json.loads(json.dumps(record).replace(metadata["name"], "a made name"))
    return made


def find_differences(recorded: Record, now: Record) -> Iterator[str]:
    """Name each value in which two records differ, apart from what is of the moment or in any order."""
    return _differences(_without_made_name(recorded), _without_made_name(now), "")


def _differences(recorded: Any, now: Any, where: str) -> Iterator[str]:
    if isinstance(recorded, dict) and isinstance(now, dict):
        for key in sorted(recorded.keys() | now.keys()):
            here = f"{where}.{key}" if where else key
            if key in ("status", *_OF_THE_MOMENT) and where.startswith("object"):
                continue
            if key not in recorded or key not in now:
                yield f"{here}: {f'only now: {now[key]!r}' if key in now else 'not any more'}"
            else:
                yield from _differences(recorded[key], now[key], here)
    elif isinstance(recorded, list) and isinstance(now, list) and len(recorded) == len(now):
        pairs = zip(_in_order(recorded), _in_order(now), strict=True)
        for index, (one, other) in enumerate(pairs):
            yield from _differences(one, other, f"{where}[{index}]")
    elif _comparable(recorded) != _comparable(now):
        yield f"{where}: {recorded!r}, now {now!r}"


def _in_order(values: list[Any]) -> list[Any]:
    """Sort causes: Go takes the resources of a map in any order."""
    if values and all(isinstance(value, dict) and value.keys() >= {"reason", "field"} for value in values):
        return sorted(values, key=_comparable)
    return values


def _comparable(value: Any) -> Any:
    text = _UID.sub("a uid", json.dumps(value, sort_keys=True))
    if isinstance(value, str) and " is invalid: " in value:
        return sorted(re.split(r"[\s,\[\]]+", text))
    return text


@contextlib.contextmanager
def recording_server(folder: Path) -> Iterator[ApiServer]:
    """Run a server as those were that gave the recorded answers."""
    options = (*plugin_options(folder), *audit_options(folder))
    with api_server(folder, *options, without="ServiceAccount") as server:
        make_runtime_class(server, "exempt-rc")
        yield server


def read_records(file: Path) -> list[Record]:
    """Read a file of records."""
    with lzma.open(file, "rt") as lines:
        return [json.loads(line) for line in lines]


def main() -> int:
    """Compare or write; returns 1 when something differs."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("file", nargs="*", type=Path, metavar="FILE")
    how = parser.add_mutually_exclusive_group(required=True)
    how.add_argument("--compare", action="store_true", help="list what differs from what is recorded")
    how.add_argument("--write", action="store_true", help="write the answers over those that are recorded")
    parser.add_argument("--show", type=int, default=20, help="how many differences of a file are listed")
    options = parser.parse_args()
    differs = False
    files = options.file or FILES
    with tempfile.TemporaryDirectory() as folder, recording_server(Path(folder)) as server:
        print(f"{VERSION} is pinned, {server.must('GET', '/version')['gitVersion']} answers")
        recorder = Recorder(server)
        for file in files:
            records = read_records(file)
            now = [recorder.ask(record) for record in records]
            differences = [
                f"{number}: {difference}"
                for number, pair in enumerate(zip(records, now, strict=True), 1)
                for difference in find_differences(*pair)
            ]
            print(f"{file}: {len(records)} asked again, {len(differences)} differences")
            for difference in differences[: options.show]:
                print(f"  {difference[:1000]}")
            differs |= bool(differences)
            if options.write:
                with lzma.open(file, "wt", preset=9 | lzma.PRESET_EXTREME) as out:
                    out.writelines(json.dumps(record) + "\n" for record in now)
    return int(differs)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (pytest.skip.Exception, ValueError) as reason:
        print(reason, file=sys.stderr)
        sys.exit(2)
