"""The audit log of a server: what was annotated to each request."""

import json
from pathlib import Path
from typing import Any

from waiting import wait_until

POLICY = {"apiVersion": "audit.k8s.io/v1", "kind": "Policy", "rules": [{"level": "Metadata"}]}


def audit_options(folder: Path) -> tuple[str, ...]:
    """Give the options of a server whose audit log stands in a folder."""
    policy = folder / "audit-policy.json"
    policy.write_text(json.dumps(POLICY))
    return (f"--audit-policy-file={policy}", f"--audit-log-path={folder / 'audit.log'}")


class AuditLog:
    """Reads the log as it grows; each request is asked for by the Audit-ID that it was sent with."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "audit.log"
        self._at = 0
        self._annotations: dict[str, dict[str, str]] = {}

    def annotations(self, audit_id: str) -> dict[str, str]:
        """Wait until a request is logged as answered, and give what was annotated to it."""
        wait_until(lambda: audit_id in self._read(), f"the audit event {audit_id}")
        return self._annotations[audit_id]

    def _read(self) -> dict[str, dict[str, str]]:
        with self._path.open("rb") as log:
            log.seek(self._at)
            text = log.read()
        whole = text[: text.rfind(b"\n") + 1]
        self._at += len(whole)
        for line in whole.splitlines():
            event: dict[str, Any] = json.loads(line)
            if event["stage"] == "ResponseComplete":
                self._annotations[event["auditID"]] = event.get("annotations", {})
        return self._annotations
