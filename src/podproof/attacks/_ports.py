"""Binding a port below 1024: one rule for every port of the attacks."""

from collections.abc import Callable, Iterable

from ..effective.value import Unknown
from ._outcomes import succeeds
from .model.attack import Expectation, NotTried, Scene, Trial
from .model.constants import AF_INET, SOCK_STREAM, inet_address
from .model.kernel_rules import allowed, ask_capability, unknown
from .model.program import Script

__all__ = ["binding"]

_START = "net.ipv4.ip_unprivileged_port_start"
_KERNEL_DEFAULT = 1024
"""Of every new network namespace. Source: linux Documentation/networking/ip-sysctl.rst."""

_ADDRESS = "127.80.80.80"
"""On loopback, and nobody else's: whoever listens on every address does not matter, see EADDRINUSE below."""


def binding(port: int) -> Callable[[Scene], Iterable[Trial | NotTried]]:
    """Make the trials of binding one TCP port."""

    def bind(script: Script) -> None:
        opened = script.call("socket", AF_INET, SOCK_STREAM, 0)
        with script.unless_failed(opened):
            place = script.block(inet_address(_ADDRESS, port), f"{_ADDRESS}:{port}")
            script.call("bind", opened, place, 16)

    def trials(scene: Scene) -> Iterable[Trial | NotTried]:
        # the kernel looks whether the port is free only after it has asked for permission
        yield Trial(bind, _expect(scene, port), succeeds("bind", "EADDRINUSE"))

    return trials


def _expect(scene: Scene, port: int) -> Expectation:
    start = _port_start(scene)
    if start is None:
        return unknown(f"the node's {_START} could not be read")
    if port >= start:
        return allowed(f"{_START} is {start}")
    return ask_capability(scene.context, "NET_BIND_SERVICE", error="EACCES")


def _port_start(scene: Scene) -> int | None:
    if scene.context.namespaces.net.value == "host":
        return scene.node.port_start
    sysctls = scene.context.sysctls.value
    if isinstance(sysctls, Unknown):
        return None
    value = dict(sysctls).get(_START, str(_KERNEL_DEFAULT))
    return int(value) if value.strip().isdigit() else None
