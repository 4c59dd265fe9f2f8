"""Random objects of the kinds that pods come from."""

from typing import Any

from .chance import Chance
from .pods import make_metadata, make_spec

API_VERSIONS = {
    "Pod": "v1",
    "PodTemplate": "v1",
    "ReplicationController": "v1",
    "Deployment": "apps/v1",
    "ReplicaSet": "apps/v1",
    "DaemonSet": "apps/v1",
    "StatefulSet": "apps/v1",
    "Job": "batch/v1",
    "CronJob": "batch/v1",
}


def make_object(chance: Chance) -> tuple[str, dict[str, Any]]:
    """Make an object of a kind that pods come from; gives the kind too."""
    kind = "Pod" if chance.some(0.6) else chance.pick(list(API_VERSIONS))
    out: dict[str, Any] = {
        "apiVersion": API_VERSIONS[kind],
        "kind": kind,
        "metadata": make_metadata(chance, template=False),
    }
    if kind == "Pod":
        out["spec"] = make_spec(chance)
        return kind, out
    template = {"metadata": make_metadata(chance, template=True), "spec": make_spec(chance)}
    if kind in ("Job", "CronJob"):
        template["spec"].setdefault("restartPolicy", "Never")
    if kind == "PodTemplate":
        out["template"] = template
    elif kind == "CronJob":
        out["spec"] = {"schedule": "* * * * *", "jobTemplate": {"spec": {"template": template}}}
    elif kind == "Job":
        out["spec"] = {"template": template, **make_job_fields(chance)}
    else:
        out["spec"] = make_controller_spec(chance, kind, template)
    return kind, out


def make_job_fields(chance: Chance) -> dict[str, Any]:
    """Make what a Job says beside its template."""
    return chance.of(
        {
            "completionMode": lambda: chance.pick(["Indexed", "x"]),
            "parallelism": lambda: -1,
            "backoffLimit": lambda: 3,
        },
        0.1,
    )


def make_controller_spec(chance: Chance, kind: str, template: dict[str, Any]) -> dict[str, Any]:
    """Make the spec of what keeps pods running, most often with a selector that fits the template."""
    selector = {"a": "b"} if chance.some(0.93) else chance.pick([{"a": "c"}, {}, {"a b": "c"}])
    out: dict[str, Any] = {
        "template": template,
        "selector": selector if kind == "ReplicationController" else {"matchLabels": selector},
    }
    if chance.some(0.05):
        del out["selector"]
    out.update(
        chance.of(
            {"replicas": lambda: chance.pick([-1, 2]), "minReadySeconds": lambda: chance.pick([-1, 700])},
            0.08,
        )
    )
    if kind == "Deployment" and chance.some(0.2):
        out["strategy"] = chance.pick(
            [
                {"type": "Recreate"},
                {"type": "x"},
                {"rollingUpdate": {"maxUnavailable": 0, "maxSurge": 0}},
                {"type": "Recreate", "rollingUpdate": {}},
                {"rollingUpdate": {"maxUnavailable": "101%", "maxSurge": "x"}},
            ]
        )
    if kind in ("DaemonSet", "StatefulSet") and chance.some(0.2):
        out["updateStrategy"] = chance.pick(
            [{"type": "OnDelete"}, {"type": "x"}, {"rollingUpdate": {"maxUnavailable": 0}}]
        )
    return out
