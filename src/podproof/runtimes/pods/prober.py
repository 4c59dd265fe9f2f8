"""Probes a container once: by a command, HTTP, TCP or gRPC. What the outcomes amount to is not decided here.

Source: kubernetes pkg/probe/{exec,http,tcp,grpc}, pkg/kubelet/prober/prober.go (1.37).
"""

from collections.abc import Mapping
from typing import Any, Literal

import msgspec

from ...kube.go_duration import format_duration
from ...kube.go_format import quote
from ...kubelet.environment import ConfigProblem, expand_all
from ..engine import Engine, EngineError
from .http_get import HttpFailure, UnreadBody, dial_words, http_get, port_of
from .reach import NetworkLocation, connect, relay

__all__ = ["ProbeOutcome", "probe"]

_RETRIES = 3
_MAX_OUTPUT = 10 * 1024

_SERVING = ("UNKNOWN", "SERVING", "NOT_SERVING", "SERVICE_UNKNOWN")


class ProbeOutcome(msgspec.Struct, frozen=True):
    """What came of a probe: `error` means that nobody knows, which counts neither way."""

    result: Literal["success", "warning", "failure", "error"]
    output: str = ""


def probe(
    spec: Mapping[str, Any], container: Mapping[str, Any], engine: Engine, id: str, target: NetworkLocation
) -> ProbeOutcome:
    """Probe once, and up to three times while the probe itself cannot be made; `spec` is the probe's."""
    outcome = ProbeOutcome("error")
    for _ in range(_RETRIES):
        outcome = _once(spec, container, engine, id, target)
        if outcome.result != "error":
            break
    return outcome


def _once(
    spec: Mapping[str, Any], container: Mapping[str, Any], engine: Engine, id: str, target: NetworkLocation
) -> ProbeOutcome:
    timeout = float(spec.get("timeoutSeconds") or 1)
    if spec.get("exec"):
        return _exec(spec["exec"].get("command") or (), container, engine, id, timeout)
    if spec.get("httpGet"):
        try:
            status, body = http_get(spec["httpGet"], container, target, timeout, "probe")
        except UnreadBody as problem:
            return ProbeOutcome("error", str(problem))
        except HttpFailure as failure:
            return ProbeOutcome("failure", str(failure))
        if 200 <= status < 300:
            return ProbeOutcome("success", body)
        if status < 400:
            return ProbeOutcome("warning", f"Probe terminated redirects, Response body: {body}")
        return ProbeOutcome("failure", f"HTTP spec failed with statuscode: {status}")
    if spec.get("tcpSocket"):
        return _tcp(spec["tcpSocket"], container, target, timeout)
    if spec.get("grpc"):
        return _grpc(spec["grpc"], target, timeout)
    return ProbeOutcome("error", f"missing spec handler for {container.get('name')}")


def _exec(
    command: tuple[str, ...], container: Mapping[str, Any], engine: Engine, id: str, timeout: float
) -> ProbeOutcome:
    static = {
        str(variable.get("name")): variable.get("value") or ""
        for variable in container.get("env") or ()
        if not variable.get("valueFrom")
    }
    try:
        words = expand_all(command, static)
    except ConfigProblem as problem:
        return ProbeOutcome("error", str(problem))
    try:
        result = engine.exec(id, words, timeout)
    except EngineError as error:
        if error.code == "DeadlineExceeded":
            return ProbeOutcome(
                "failure",
                f"command timed out: {quote(' '.join(words))} timed out after {format_duration(timeout)}",
            )
        return ProbeOutcome("error", str(error))
    output = (result.stdout + result.stderr)[:_MAX_OUTPUT].decode("utf-8", "replace")
    return ProbeOutcome("success" if result.exit_code == 0 else "failure", output)


def _tcp(
    action: Mapping[str, Any], container: Mapping[str, Any], target: NetworkLocation, timeout: float
) -> ProbeOutcome:
    host, port = action.get("host"), port_of(action.get("port"), container)
    where = NetworkLocation(str(host)) if host else target
    try:
        connect(where, port, timeout).close()
    except OSError as error:
        return ProbeOutcome("failure", dial_words(error, where.address, port))
    return ProbeOutcome("success")


def _grpc(action: Mapping[str, Any], target: NetworkLocation, timeout: float) -> ProbeOutcome:
    import grpc

    service = (action.get("service") or "").encode()
    port = int(action.get("port") or 0)
    shown = quote(f"{target.address}:{port}")
    within = format_duration(timeout)
    waited = f"timeout: failed to connect service {shown} within {within}: context deadline exceeded"
    try:
        host, reached = relay(target, port, timeout)
    except OSError:
        return ProbeOutcome("failure", waited)
    # HealthCheckRequest has one text, field 1. Source: grpc health/v1 health.proto
    request = b"" if not service else b"\x0a" + _varint(len(service)) + service
    with grpc.insecure_channel(f"{host}:{reached}", options=[("grpc.enable_http_proxy", 0)]) as channel:
        ready = grpc.channel_ready_future(channel)
        try:
            ready.result(timeout)
        except grpc.FutureTimeoutError:
            return ProbeOutcome("failure", waited)
        finally:
            # ends the thread that watches the channel, which would outlive the channel and see it closed
            ready.cancel()
        call = channel.unary_unary(
            "/grpc.health.v1.Health/Check", request_serializer=bytes, response_deserializer=bytes
        )
        try:
            answer = call(request, timeout=timeout)
        except grpc.RpcError as error:
            return ProbeOutcome("failure", _grpc_words(error.code().name, error.details() or "", timeout))
    status = _SERVING[answer[1] if len(answer) > 1 and answer[1] < len(_SERVING) else 0]
    if status == "SERVING":
        return ProbeOutcome("success", "service healthy")
    return ProbeOutcome("failure", f"service unhealthy (responded with {quote(status)})")


def _grpc_words(code: str, details: str, timeout: float) -> str:
    if code == "UNIMPLEMENTED":
        missing = "this server does not implement the grpc health protocol (grpc.health.v1.Health)"
        return f"error: {missing}: {details}"
    if code == "DEADLINE_EXCEEDED":
        return f"timeout: health rpc did not complete within {format_duration(timeout)}"
    name = "".join(part.capitalize() for part in code.split("_"))
    return f"error: health rpc probe failed: rpc error: code = {name} desc = {details}"


def _varint(number: int) -> bytes:
    parts = bytearray()
    while number > 127:
        parts.append(number & 127 | 128)
        number >>= 7
    return bytes((*parts, number))
