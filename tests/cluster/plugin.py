"""The PodSecurity plugin as the server had it that gave the recorded answers: what it exempts."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from conformance.stories import CONFIGURATION as POD_SECURITY
from waiting import wait_until

from .api_server import ApiClient, ApiServer

PREFIX = "pod-security.kubernetes.io/"
PROBE: dict[str, Any] = {
    "apiVersion": "v1",
    "kind": "Pod",
    "metadata": {"name": "probe"},
    "spec": {"containers": [{"name": "c", "image": "i"}], "hostPID": True},
}
"""A pod that every level but `privileged` is against, at every version."""

CONFIGURATION = {
    "apiVersion": "apiserver.config.k8s.io/v1",
    "kind": "AdmissionConfiguration",
    "plugins": [{"name": "PodSecurity", "configuration": POD_SECURITY}],
}


def plugin_options(folder: Path) -> tuple[str, ...]:
    """Give the options of a server with this configuration, which is written to a folder."""
    file = folder / "admission.json"
    file.write_text(json.dumps(CONFIGURATION))
    return (f"--admission-control-config-file={file}",)


def make_runtime_class(server: ApiServer, name: str) -> None:
    """Make a runtime class: the server takes no pod that names one that is not there."""
    runtime = {"apiVersion": "node.k8s.io/v1", "kind": "RuntimeClass", "metadata": {"name": name}}
    server.must("POST", "/apis/node.k8s.io/v1/runtimeclasses", {**runtime, "handler": "runc"})


def are_in_force(
    labels: Mapping[str, str], status: int, warnings: Sequence[str], audit: Mapping[str, str]
) -> bool:
    """Whether the answer to PROBE is as these labels ask for; the audit annotations are without prefix.

    A server hears of labels by a watch, a moment after it has stored them.
    """

    def level(mode: str) -> str:
        return labels.get(PREFIX + mode, "privileged")

    version = labels.get(f"{PREFIX}enforce-version", "latest")
    denied = level("enforce") != "privileged"
    return (
        audit.get("enforce-policy") == f"{level('enforce')}:{version}"
        and ("audit-violations" in audit) == (level("audit") != "privileged")
        and (status == 403) == denied
        and (denied or bool(warnings) == (level("warn") != "privileged"))
    )


def wait_for_pods(server: ApiClient, namespace: str) -> None:
    """Wait until whoever judges a namespace's labels has heard of all that became of its pods so far.

    They hear of pods by a watch, in order: of one more, which is like no other, and of its end.
    """
    spec = {
        **PROBE["spec"],
        "securityContext": {"windowsOptions": {"hostProcess": True}},
        "hostNetwork": True,
    }
    marker = {**PROBE, "metadata": {"name": "a-marker"}, "spec": spec}
    pods = f"/api/v1/namespaces/{namespace}/pods"
    labels = {"metadata": {"labels": {f"{PREFIX}enforce": "restricted"}}}

    def names_it() -> bool:
        path, kind = f"/api/v1/namespaces/{namespace}?dryRun=All", "application/merge-patch+json"
        reply = server.request("PATCH", path, labels, content_type=kind)
        return any(text.startswith("a-marker") for text in reply.warnings)

    server.must("POST", pods, marker)
    wait_until(names_it, "the marker among the pods")
    server.must("DELETE", f"{pods}/a-marker?gracePeriodSeconds=0")
    wait_until(lambda: not names_it(), "the end of the marker")
