"""What `run` runs: manifests come in, named pods with the objects beside them go out. Nothing is started.

inputs → kube (as the API server would take them) → pods as their controllers would make them: one replica of
everything, a Job's completions, a CronJob's job once.
"""

import copy
import hashlib
import json
import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import msgspec

from ...admission.controllers import (
    Drawn,
    completion_index,
    controller_claims,
    controller_pod,
    with_completion_index,
)
from ...kube.data_objects import KINDS as DATA_KINDS
from ...kube.data_objects import DataObjectError, review_data_object
from ...kube.generated_name import MAX_PREFIX
from ...kube.review import review
from ...kube.service import Service
from ...kube.template import Template
from ...kube.versions import NEWEST
from ...kube.workload import find_workload
from ...kubelet.objects import Objects, namespace_of
from ...kubelet.scheduling import MAX_PODS
from ...manifest.document import Document
from ...manifest.route import Route
from .job import Job, job_of
from .node import node_name
from .not_played import suspended, unplayed_fields, unplayed_object
from .planned_services import PlannedServices
from .replicas import Replicas

__all__ = ["Plan", "PlannedPod", "plan_objects", "plan_paths"]

_ALPHABET = "bcdfghjklmnpqrstvwxz2456789"
"""Letters of generated names. Source: k8s.io/apimachinery pkg/util/rand."""

Suffix = Callable[[int], str]
_ONE = Replicas()
Locate = Callable[[Route], tuple[str, int]]


class PlannedPod(msgspec.Struct, frozen=True):
    """A pod to run. `owner` is `Kind/name` of what made it; `source` is file:line.

    `job` is what its Job asks for, None for what is not of a Job. `handler` is the runtime class's. `locate`
    gives the file and line (1-based) where a route of the pod is written, or its nearest ancestor; None
    without a text. `after` names the pod that has to be ready before this one starts, "" for none.
    """

    pod: dict[str, Any]
    owner: str
    source: str
    job: Job | None = None
    handler: str = ""
    locate: Locate | None = None
    after: str = ""

    @property
    def name(self) -> str:
        """The pod's name."""
        return str(self.pod["metadata"]["name"])

    def again(self, suffix: Suffix | None = None, index: int | None = None) -> "PlannedPod":
        """Give another pod of the same Job; `index` is its completion index, None where the Job has none."""
        letters = (suffix or random_letters)(5)
        if index is not None:
            return msgspec.structs.replace(self, pod=with_completion_index(self.pod, index, letters))
        pod = copy.deepcopy(self.pod)
        pod["metadata"]["name"] = self.name[:-5] + letters
        return msgspec.structs.replace(self, pod=pod)

    @property
    def index(self) -> int | None:
        """The completion index of an Indexed Job's pod; None for every other."""
        return completion_index(self.pod)


class Plan(msgspec.Struct, frozen=True):
    """Everything to run. `refused`: what the API server would not take; `unread`: what could not be read.

    `notes`: what of the manifests is not played, a line each. `services` are those that are.
    """

    pods: tuple[PlannedPod, ...]
    objects: Objects
    refused: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    services: tuple[Service, ...] = ()


def random_letters(count: int) -> str:
    """Make the random end of a name."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(count))


def plan_paths(
    paths: Sequence[str],
    *,
    version: int = NEWEST,
    suffix: Suffix = random_letters,
    replicas: Replicas = _ONE,
) -> Plan:
    """Read the manifests under the paths, `-` for standard input.

    Raises UsageError: `replicas` names a workload that is not there.
    """
    from ...inputs.input import InputObject, UnreadableInput
    from ..sources import collect

    values: list[tuple[Any, str]] = []
    places: list[tuple[Document, Route]] = []
    unread: list[str] = []
    for result, _ in collect(paths):
        if isinstance(result, UnreadableInput):
            unread.append(f"{result.file}:{result.line}:{result.column}: {result.message}")
        elif isinstance(result, InputObject):
            line = result.document.place(result.route_prefix).line if result.route_prefix else None
            values.append((result.value, f"{result.document.file}:{line or result.document.line}"))
            places.append((result.document, result.route_prefix))
    plan = plan_objects(values, version=version, suffix=suffix, places=places, replicas=replicas)
    return msgspec.structs.replace(plan, unread=tuple(unread))


def plan_objects(
    values: Sequence[tuple[Any, str]],
    *,
    version: int = NEWEST,
    suffix: Suffix = random_letters,
    places: Sequence[tuple[Document, Route]] = (),
    replicas: Replicas = _ONE,
) -> Plan:
    """Plan objects that are already read, each with its source for messages.

    `places`, where there is a text, has the document of each and the object's route in it.
    Raises UsageError: `replicas` names a workload that is not there.
    """
    replicas.verify(
        [(str(value.get("kind")), _name_of(value)) for value, _ in values if isinstance(value, dict)]
    )
    objects = Objects()
    refused: list[str] = []
    for value, source in values:
        if isinstance(value, dict) and isinstance(value.get("kind"), str):
            try:
                _add_object(objects, value, version)
            except _RefusedError as error:
                refused.append(f"{source}: {error}")
    pods: list[PlannedPod] = []
    notes: list[str] = []
    services = PlannedServices()
    for index, (value, source) in enumerate(values):
        if not isinstance(value, dict):
            continue
        if find_workload(value) is None:
            if value.get("kind") == "Service":
                notes += (f"{source}: {note}" for note in services.add(value))
            elif note := unplayed_object(value):
                notes.append(f"{source}: {note}")
            continue
        notes += (
            f"{source}: {note}" for note in unplayed_fields(value, replicas.asked(*_kind_and_name(value)))
        )
        try:
            for template, planned in _of_object(value, source, objects, version, suffix, replicas):
                locate = _locator(*places[index], template) if places else None
                pods.append(msgspec.structs.replace(planned, locate=locate))
        except _RefusedError as error:
            refused.append(f"{source}: {error}")
    notes += services.too_many()
    if (alone := sum(planned.job is None for planned in pods)) > MAX_PODS:
        notes.append(f"{alone} pods: {MAX_PODS} run at a time, as many as a node takes")
    return Plan(tuple(pods), objects, tuple(refused), notes=tuple(notes), services=services.played)


def _add_object(objects: Objects, value: dict[str, Any], version: int) -> None:
    """Take in what stands beside the pods, as the API server would store it. Workloads are refused later."""
    if value["kind"] in DATA_KINDS:
        if value.get("apiVersion", "v1") != "v1":
            return  # another project's kind of that name
        try:
            objects.add(review_data_object(value, version=version))
        except DataObjectError as error:
            raise _RefusedError(f'{value["kind"]} "{_name_of(value)}" {error}') from error
    elif isinstance(value.get("metadata"), dict):
        objects.add(value)


def _in_order(value: Mapping[str, Any]) -> bool:
    """Tell whether each pod waits until the one before it is ready."""
    policy = (value.get("spec") or {}).get("podManagementPolicy")
    return value.get("kind") == "StatefulSet" and policy in (None, "OrderedReady")


def _kind_and_name(value: Mapping[str, Any]) -> tuple[str, str]:
    return str(value.get("kind")), _name_of(value)


def _name_of(value: Mapping[str, Any]) -> str:
    """Give an object's name for a message, "" where it has none or no such metadata."""
    metadata = value.get("metadata")
    return str(metadata.get("name") or "") if isinstance(metadata, dict) else ""


def _locator(document: Document, base: Route, template: Template) -> Locate:
    def locate(route: Route) -> tuple[str, int]:
        return document.file, document.place(base + template.source_route(route)).line

    return locate


class _RefusedError(Exception):
    """Says why the API server would not take the object."""


def _of_object(
    value: dict[str, Any],
    source: str,
    objects: Objects,
    version: int,
    suffix: Suffix,
    replicas: Replicas,
) -> Iterator[tuple[Template, PlannedPod]]:
    kind, name = _kind_and_name(value)
    if not isinstance(value.get("apiVersion"), str) or not isinstance(value.get("kind"), str):
        raise _RefusedError("a piece of a manifest cannot be run: apiVersion and kind are missing")
    reviewed = review(value, version=version)
    _verify(reviewed.problems, reviewed.errors, f'{kind} "{name}"')
    decoded = reviewed.object if reviewed.object is not None else value
    if kind == "PodTemplate" or suspended(decoded):
        return
    workload = find_workload(decoded)
    for template in workload.templates if workload is not None else ():
        if template.filled_in:
            written = " and ".join(template.filled_in)
            raise _RefusedError(f'{kind} "{name}" cannot be run: its controller writes {written} itself')
        before = ""
        for replica in range(replicas.count(kind, name)):
            pod = _make_pod(decoded, template, objects, version, suffix, replica)
            made = review(pod, version=version, kind="Pod")
            _verify(made.problems, made.errors, f'Pod "{pod["metadata"]["name"]}"')
            assert made.object is not None
            final = made.object
            _add_account(final, objects)
            planned = PlannedPod(
                final, f"{kind}/{name}" if kind != "Pod" else "", source,
                job=_job(decoded, kind), handler=_handler(final, objects), after=before,
            )  # fmt: skip
            yield template, planned
            before = planned.name if _in_order(decoded) else ""


def _verify(problems: Sequence[Any], errors: Sequence[Any], who: str) -> None:
    types = [problem.message for problem in problems if problem.kind == "type"]
    if types:
        raise _RefusedError(f"{who} cannot be read by the API server: {types[0]}")
    if errors:
        listed = "; ".join(f"{error.path}: {error.message}" for error in errors)
        raise _RefusedError(f"{who} is invalid: {listed}")


def _job(value: Mapping[str, Any], kind: str) -> Job | None:
    """Read what a Job, or the job of a CronJob, asks for; None for other kinds."""
    spec = value.get("spec") or {}
    if kind == "CronJob":
        return job_of((spec.get("jobTemplate") or {}).get("spec") or {})
    return job_of(spec) if kind == "Job" else None


def _handler(pod: Mapping[str, Any], objects: Objects) -> str:
    name = pod["spec"].get("runtimeClassName")
    if not name:
        return ""
    runtime_class = objects.named("RuntimeClass", name)
    if runtime_class is None:
        who = pod["metadata"]["name"]
        raise _RefusedError(f'pods "{who}" is forbidden: pod rejected: RuntimeClass "{name}" not found')
    return str(runtime_class.get("handler") or "")


def _add_account(pod: dict[str, Any], objects: Objects) -> None:
    """Do what the ServiceAccount admission does, but for the token: no server gives one."""
    spec = pod["spec"]
    spec["serviceAccountName"] = spec["serviceAccount"] = spec.get("serviceAccountName") or "default"
    account = objects.find("ServiceAccount", namespace_of(pod), spec["serviceAccountName"])
    if account is not None and not spec.get("imagePullSecrets") and account.get("imagePullSecrets"):
        spec["imagePullSecrets"] = copy.deepcopy(account["imagePullSecrets"])


def _make_pod(
    value: Mapping[str, Any],
    template: Template,
    objects: Objects,
    version: int,
    suffix: Suffix,
    replica: int,
) -> dict[str, Any]:
    """Make the pod as its controller would, and the claims that come with it."""
    if value.get("kind") != "Pod":
        namespace = namespace_of(value)
        for claim in controller_claims(value, namespace, version, replica=replica):
            objects.add(claim)
        drawn = Drawn(suffix(5), _hash(template.pod), "manual", node=node_name(), replica=replica)
        return controller_pod(value, template.pod, namespace, version, drawn=drawn)
    pod = copy.deepcopy(template.pod)
    metadata = pod.get("metadata")
    pod["metadata"] = metadata = metadata if isinstance(metadata, dict) else {}
    if not metadata.get("name") or str(metadata.get("name", "")).endswith("xxxxx"):
        prefix = str(metadata.get("generateName") or "pod-")[:MAX_PREFIX]
        metadata["name"] = prefix + suffix(5)
    metadata.setdefault("namespace", "default")
    return pod


def _hash(pod: Mapping[str, Any]) -> str:
    """Stand in for the template's hash: the same template gives the same letters."""
    digest = hashlib.sha256(json.dumps(pod, sort_keys=True, default=str).encode()).digest()
    return "".join(_ALPHABET[byte % len(_ALPHABET)] for byte in digest[:10])
