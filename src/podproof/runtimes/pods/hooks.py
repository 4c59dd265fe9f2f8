"""postStart and preStop: runs a container's hook, and tells what went wrong in the kubelet's words.

Source: kubernetes pkg/kubelet/lifecycle/handlers.go.
"""

from collections.abc import Mapping
from threading import Event
from typing import Any, Literal

from ...kube.go_format import quote
from ..engine import EngineError
from .context import PodContext
from .http_get import HttpFailure, UnreadBody, http_get
from .tracked import Tracked

__all__ = ["hook_of", "run_hook"]

HookName = Literal["PostStart", "PreStop"]

_FIELDS: dict[HookName, str] = {"PostStart": "postStart", "PreStop": "preStop"}

_HTTP_TIMEOUT = 60.0


def hook_of(tracked: Tracked, name: HookName) -> Mapping[str, Any] | None:
    """Give the container's hook, None when it has none of the name."""
    hook: Mapping[str, Any] | None = (tracked.container.get("lifecycle") or {}).get(_FIELDS[name])
    return hook or None


def run_hook(
    context: PodContext, tracked: Tracked, name: HookName, *, id: str, timeout: float = 0
) -> str | None:
    """Run the hook to its end in the container `id`; tell of its failure and give the message of that.

    None: it went well, or there is none. `timeout` in seconds bounds a command, 0 for none.
    """
    hook = hook_of(tracked, name)
    message = None if hook is None else _run(context, hook, tracked.container, id, timeout)
    if message is not None:
        context.record_event("Warning", f"Failed{name}Hook", f"{name}Hook failed", tracked.field_path)
    return message


def _run(
    context: PodContext, hook: Mapping[str, Any], container: Mapping[str, Any], id: str, timeout: float
) -> str | None:
    pod = quote(context.full_name)
    name = f"for Container {quote(str(container.get('name')))} in Pod {pod} failed - error:"
    if hook.get("exec"):
        command = tuple(hook["exec"].get("command") or ())
        try:
            result = context.engine.exec(id, command, timeout)
        except EngineError as error:
            return f"Exec lifecycle hook ([{' '.join(command)}]) {name} {error}, message: {quote('')}"
        if result.exit_code == 0:
            return None
        output = (result.stdout + result.stderr)[:10240].decode("utf-8", "replace")
        words = " ".join(command)
        ended = f"command {quote(words)} exited with {result.exit_code}: {output}"
        return f"Exec lifecycle hook ([{words}]) {name} {ended}, message: {quote(output)}"
    if hook.get("httpGet"):
        try:
            http_get(hook["httpGet"], container, context.location, _HTTP_TIMEOUT, "lifecycle")
        except UnreadBody:
            return None  # it was answered; the kubelet throws the body away
        except HttpFailure as failure:
            return f"HTTP lifecycle hook ({hook['httpGet'].get('path') or ''}) {name} {failure}"
        return None
    if hook.get("sleep"):
        context.clock.wait(Event(), float(hook["sleep"].get("seconds") or 0))
        return None
    return "Cannot run handler: invalid handler: tcpSocket is not supported in lifecycle hooks"
