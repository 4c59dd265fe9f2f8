"""`kubectl describe pod` for a pod with its status and events: mappings go in, the text comes out.

Volumes are listed by name and kind of source; what needs a cluster (tolerations) is left out.
Source: k8s.io/kubectl pkg/describe/describe.go (0.37).
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from ..kube.go_format import quote
from .durations import human_duration
from .events import PodEvent
from .fields import DownwardValues, FieldProblem, field_value, resource_value
from .tabwriter import align

__all__ = ["describe", "describe_events"]

_PROBES = (("Liveness", "livenessProbe"), ("Readiness", "readinessProbe"), ("Startup", "startupProbe"))
_KINDS = (
    ("Init Containers", "initContainers", "initContainerStatuses"),
    ("Containers", "containers", "containerStatuses"),
    ("Ephemeral Containers", "ephemeralContainers", "ephemeralContainerStatuses"),
)


def describe(pod: Mapping[str, Any], events: Sequence[PodEvent], now: float) -> str:
    """Describe a pod; `now` in seconds since the epoch. Ends with a line feed."""
    text = align("\n".join(_pod(pod)))
    return f"{text}\n{describe_events(events, now)}"


def describe_events(events: Sequence[PodEvent], now: float) -> str:
    """Write the events' table, or `Events:  <none>`."""
    if not events:
        return align("Events:\t<none>") + "\n"
    lines = ["Events:", "  Type\tReason\tAge\tFrom\tMessage", "  ----\t------\t----\t----\t-------"]
    for event in sorted(events, key=lambda event: event.last):
        age = human_duration(now - event.first)
        if event.count > 1:
            age = f"{human_duration(now - event.last)} (x{event.count} over {age})"
        message = event.message.strip()
        if event.field_path:
            message = f"{event.field_path}: {message}"
        lines.append(f"  {event.type}\t{event.reason}\t{age}\t{event.source}\t{message}")
    return align("\n".join(lines)) + "\n"


def _pod(pod: Mapping[str, Any]) -> Iterator[str]:
    metadata, spec, status = pod.get("metadata") or {}, pod.get("spec") or {}, pod.get("status") or {}
    yield f"Name:\t{metadata.get('name') or ''}"
    yield f"Namespace:\t{metadata.get('namespace') or 'default'}"
    for label, field in (
        ("Priority", "priority"),
        ("Priority Class Name", "priorityClassName"),
        ("Runtime Class Name", "runtimeClassName"),
        ("Service Account", "serviceAccountName"),
    ):
        if spec.get(field) not in (None, ""):
            yield f"{label}:\t{spec[field]}"
    node = spec.get("nodeName")
    yield f"Node:\t{node}/{status.get('hostIP') or ''}" if node else "Node:\t<none>"
    if status.get("startTime"):
        yield f"Start Time:\t{_long(status['startTime'])}"
    yield from _map("Labels", metadata.get("labels"), "=")
    yield from _map("Annotations", metadata.get("annotations"), ": ")
    yield f"Status:\t{status.get('phase') or ''}"
    for label in ("Reason", "Message"):
        if status.get(label.lower()):
            yield f"{label}:\t{status[label.lower()]}"
    yield from _seccomp(spec.get("securityContext"), "")
    yield f"IP:\t{status.get('podIP') or ''}"
    addresses = status.get("podIPs") or ()
    yield "IPs:" if addresses else "IPs:\t<none>"
    yield from (f"  IP:\t{address['ip']}" for address in addresses)
    for owner in metadata.get("ownerReferences") or ():
        if owner.get("controller"):
            yield f"Controlled By:\t{owner.get('kind')}/{owner.get('name')}"
    downward = DownwardValues(status.get("podIP") or "", status.get("hostIP") or "", node or "")
    for label, field, statuses in _KINDS:
        containers = spec.get(field) or ()
        if containers or field == "containers":
            yield f"{label}:"
            by_name = {entry["name"]: entry for entry in status.get(statuses) or ()}
            for container in containers:
                yield from _container(container, by_name.get(container["name"]), pod, downward)
    if status.get("conditions"):
        yield "Conditions:"
        yield "  Type\tStatus"
        yield from (f"  {c['type']} \t{c['status']} " for c in status["conditions"])
    yield from _volumes(spec.get("volumes"))
    yield f"QoS Class:\t{status.get('qosClass') or ''}"
    yield from _map("Node-Selectors", spec.get("nodeSelector"), "=")
    yield "Tolerations:\t<none>"


def _container(
    container: Mapping[str, Any],
    status: Mapping[str, Any] | None,
    pod: Mapping[str, Any],
    downward: DownwardValues,
) -> Iterator[str]:
    yield f"  {container.get('name')}:"
    yield from _image(container, status)
    yield from _ports(container.get("ports") or ())
    yield from _seccomp(container.get("securityContext"), "    ")
    yield from _command(container)
    if status is not None:
        yield from _container_state(status)
    yield from _resources(container.get("resources") or {})
    for label, field in _PROBES:
        if container.get(field):
            yield f"    {label}:\t{_probe(container[field])}"
    yield from _env_from(container.get("envFrom") or ())
    yield from _environment(container, pod, downward)
    yield from _mounts(container.get("volumeMounts") or ())


def _image(container: Mapping[str, Any], status: Mapping[str, Any] | None) -> Iterator[str]:
    if status is not None:
        yield f"    Container ID:\t{status.get('containerID') or ''}"
    yield f"    Image:\t{container.get('image') or ''}"
    if status is not None:
        yield f"    Image ID:\t{status.get('imageID') or ''}"


def _ports(ports: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    names = [
        f"{port.get('containerPort')}/{port.get('protocol') or 'TCP'}"
        + (f" ({port['name']})" if port.get("name") else "")
        for port in ports
    ]
    hosts = [f"{port.get('hostPort') or 0}/{port.get('protocol') or 'TCP'}" for port in ports]
    for label, listed in (("Port", names), ("Host Port", hosts)):
        yield f"    {label}{'s' if len(listed) > 1 else ''}:\t{', '.join(listed) or '<none>'}"


def _command(container: Mapping[str, Any]) -> Iterator[str]:
    for label, field in (("Command", "command"), ("Args", "args")):
        if container.get(field):
            yield f"    {label}:"
            yield from (f"      {line}" for word in container[field] for line in (word or "").split("\n"))


def _container_state(status: Mapping[str, Any]) -> Iterator[str]:
    yield from _state("State", status.get("state") or {})
    if (status.get("lastState") or {}).get("terminated"):
        yield from _state("Last State", status["lastState"])
    yield f"    Ready:\t{'True' if status.get('ready') else 'False'}"
    yield f"    Restart Count:\t{status.get('restartCount') or 0}"


def _resources(resources: Mapping[str, Any]) -> Iterator[str]:
    for label in ("Limits", "Requests"):
        quantities = resources.get(label.lower())
        if quantities:
            yield f"    {label}:"
            yield from (f"      {name}:\t{quantities[name]}" for name in sorted(quantities))


def _mounts(mounts: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    yield "    Mounts:" if mounts else "    Mounts:\t<none>"
    for mount in sorted(mounts, key=lambda mount: str(mount.get("mountPath"))):
        flags = ["ro" if mount.get("readOnly") else "rw"]
        if mount.get("subPath"):
            flags.append(f"path={quote(mount['subPath'])}")
        yield f"      {mount.get('mountPath')} from {mount.get('name')} ({','.join(flags)})"


def _state(label: str, state: Mapping[str, Any]) -> Iterator[str]:
    if state.get("running") is not None:
        yield f"    {label}:\tRunning"
        yield f"      Started:\t{_long(state['running'].get('startedAt'))}"
        return
    ended = state.get("terminated")
    if ended is None:
        yield f"    {label}:\tWaiting"
        if (state.get("waiting") or {}).get("reason"):
            yield f"      Reason:\t{state['waiting']['reason']}"
        return
    yield f"    {label}:\tTerminated"
    for name in ("Reason", "Message"):
        if ended.get(name.lower()):
            yield f"      {name}:\t{ended[name.lower()]}"
    yield f"      Exit Code:\t{ended.get('exitCode') or 0}"
    if ended.get("signal"):
        yield f"      Signal:\t{ended['signal']}"
    yield f"      Started:\t{_long(ended.get('startedAt'))}"
    yield f"      Finished:\t{_long(ended.get('finishedAt'))}"


def _probe(probe: Mapping[str, Any]) -> str:
    numbers = (
        f"delay={probe.get('initialDelaySeconds') or 0}s timeout={probe.get('timeoutSeconds') or 1}s "
        f"period={probe.get('periodSeconds') or 10}s successThreshold={probe.get('successThreshold') or 1} "
        f"failureThreshold={probe.get('failureThreshold') or 3}"
    )
    if probe.get("exec"):
        return f"exec [{' '.join(probe['exec'].get('command') or ())}] {numbers}"
    if probe.get("httpGet"):
        get = probe["httpGet"]
        scheme = (get.get("scheme") or "HTTP").lower()
        path = get.get("path") or ""
        slash = "" if path.startswith("/") or not path else "/"
        return f"http-get {scheme}://{get.get('host') or ''}:{get.get('port')}{slash}{path} {numbers}"
    if probe.get("tcpSocket"):
        return f"tcp-socket {probe['tcpSocket'].get('host') or ''}:{probe['tcpSocket'].get('port')} {numbers}"
    if probe.get("grpc"):
        return f"grpc <pod>:{probe['grpc'].get('port')} {probe['grpc'].get('service') or ''} {numbers}"
    return f"unknown {numbers}"


def _env_from(sources: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    if sources:
        yield "    Environment Variables from:"
    for source in sources:
        kind, reference = ("ConfigMap", source.get("configMapRef")) if source.get("configMapRef") else (
            "Secret", source.get("secretRef")
        )  # fmt: skip
        reference = reference or {}
        prefix = f" with prefix '{source['prefix']}'" if source.get("prefix") else ""
        optional = _boolean(reference.get("optional"))
        yield f"      {reference.get('name')}\t{kind}{prefix}\tOptional: {optional}"


def _environment(
    container: Mapping[str, Any], pod: Mapping[str, Any], downward: DownwardValues
) -> Iterator[str]:
    variables = container.get("env") or ()
    yield "    Environment:" if variables else "    Environment:\t<none>"
    for variable in variables:
        name, source = variable.get("name"), variable.get("valueFrom")
        if not source:
            first, *rest = (variable.get("value") or "").split("\n")
            yield f"      {name}:\t{first}"
            yield from (f"      \t{line}" for line in rest)
        elif source.get("fieldRef"):
            reference = source["fieldRef"]
            path = reference.get("fieldPath") or ""
            version = reference.get("apiVersion") or "v1"
            yield f"      {name}:\t{_field(path, pod, downward)} ({version}:{path})"
        elif source.get("resourceFieldRef"):
            resource = source["resourceFieldRef"].get("resource") or ""
            yield f"      {name}:\t{_resource(source['resourceFieldRef'], container, pod)} ({resource})"
        elif source.get("secretKeyRef") or source.get("configMapKeyRef"):
            secret = source.get("secretKeyRef")
            reference = secret or source["configMapKeyRef"]
            where = "in secret" if secret else "of config map"
            optional = _boolean(reference.get("optional"))
            yield (
                f"      {name}:\t<set to the key '{reference.get('key')}' {where} "
                f"'{reference.get('name')}'>\tOptional: {optional}"
            )


def _field(path: str, pod: Mapping[str, Any], downward: DownwardValues) -> str:
    try:
        return field_value(path, pod, downward)
    except FieldProblem:
        return ""


def _resource(reference: Mapping[str, Any], container: Mapping[str, Any], pod: Mapping[str, Any]) -> str:
    try:
        value = resource_value(reference, container, pod, DownwardValues(cpu=0))
    except FieldProblem:
        return ""
    unset = value == "0" and reference.get("resource") in ("limits.cpu", "limits.memory")
    return "node allocatable" if unset else value


def _volumes(volumes: Sequence[Mapping[str, Any]] | None) -> Iterator[str]:
    if not volumes:
        yield "Volumes:\t<none>"
        return
    yield "Volumes:"
    for volume in volumes:
        kind = next((key for key in volume if key != "name" and volume[key] is not None), "emptyDir")
        yield f"  {volume.get('name')}:"
        yield f"    Type:\t{_VOLUME_TYPES.get(kind, kind)}"
        for label, value in _volume_fields(kind, volume.get(kind) or {}):
            yield f"    {label}:\t{value}"


_VOLUME_TYPES = {
    "emptyDir": "EmptyDir (a temporary directory that shares a pod's lifetime)",
    "configMap": "ConfigMap (a volume populated by a ConfigMap)",
    "secret": "Secret (a volume populated by a Secret)",
    "hostPath": "HostPath (bare host directory volume)",
    "persistentVolumeClaim": (
        "PersistentVolumeClaim (a reference to a PersistentVolumeClaim in the same namespace)"
    ),
    "downwardAPI": "DownwardAPI (a volume populated by information about the pod)",
    "projected": "Projected (a volume that contains injected data from multiple sources)",
}


def _volume_fields(kind: str, source: Mapping[str, Any]) -> tuple[tuple[str, object], ...]:
    if kind == "emptyDir":
        return ("Medium", source.get("medium") or ""), ("SizeLimit", source.get("sizeLimit") or "<unset>")
    if kind == "configMap":
        return ("Name", source.get("name")), ("Optional", _boolean(source.get("optional")))
    if kind == "secret":
        return ("SecretName", source.get("secretName")), ("Optional", _boolean(source.get("optional")))
    if kind == "hostPath":
        return ("Path", source.get("path")), ("HostPathType", source.get("type") or "")
    if kind == "persistentVolumeClaim":
        return ("ClaimName", source.get("claimName")), ("ReadOnly", _boolean(source.get("readOnly")))
    return ()


def _boolean(value: object) -> str:
    return "true" if value else "false"


def _seccomp(context: Mapping[str, Any] | None, indent: str) -> Iterator[str]:
    profile = (context or {}).get("seccompProfile")
    if profile:
        yield f"{indent}SeccompProfile:\t{profile.get('type')}"
        if profile.get("type") == "Localhost":
            yield f"{indent}{'  ' if indent else ''}LocalhostProfile:\t{profile.get('localhostProfile')}"


def _map(label: str, entries: Mapping[str, Any] | None, separator: str) -> Iterator[str]:
    if not entries:
        yield f"{label}:\t<none>"
        return
    for index, key in enumerate(sorted(entries)):
        yield f"{f'{label}:' if index == 0 else ''}\t{key}{separator}{entries[key] or ''}"


def _long(text: object) -> str:
    """Write a time as RFC 1123 with a numeric zone."""
    if not isinstance(text, str) or not text:
        return "Mon, 01 Jan 0001 00:00:00 +0000"
    return datetime.fromisoformat(text).astimezone(UTC).strftime("%a, %d %b %Y %H:%M:%S +0000")
