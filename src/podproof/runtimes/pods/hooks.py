"""postStart and preStop: runs a hook and says what went wrong, in the kubelet's words.

Source: kubernetes pkg/kubelet/lifecycle/handlers.go.
"""

from collections.abc import Mapping
from threading import Event
from typing import Any

from ...kube.go_format import quote
from ..engine import Engine, EngineError
from .http_get import HttpFailure, http_get
from .reach import Place
from .values import Clock

__all__ = ["run_hook"]

_HTTP_TIMEOUT = 60.0


def run_hook(
    hook: Mapping[str, Any],
    container: Mapping[str, Any],
    pod: str,
    *,
    engine: Engine,
    id: str,
    place: Place,
    clock: Clock,
    timeout: float = 0,
) -> str | None:
    """Run the hook to its end and give the failure's message, None when it went well.

    `pod` is name_namespace(uid); `timeout` in seconds bounds a command, 0 for none.
    """
    name = f"for Container {quote(str(container.get('name')))} in Pod {quote(pod)} failed - error:"
    if hook.get("exec"):
        command = tuple(hook["exec"].get("command") or ())
        try:
            result = engine.exec(id, command, timeout)
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
            http_get(hook["httpGet"], container, place, _HTTP_TIMEOUT, "lifecycle")
        except HttpFailure as failure:
            return f"HTTP lifecycle hook ({hook['httpGet'].get('path') or ''}) {name} {failure}"
        return None
    if hook.get("sleep"):
        clock.wait(Event(), float(hook["sleep"].get("seconds") or 0))
        return None
    return "Cannot run handler: invalid handler: tcpSocket is not supported in lifecycle hooks"
