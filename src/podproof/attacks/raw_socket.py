"""Open raw sockets, IP and packet: reading and forging the traffic of the pod's network.

Source: raw(7), packet(7): both take NET_RAW.
"""

from collections.abc import Iterable

from ._outcomes import succeeds
from .model.attack import Attack, NotTried, Scene, Trial
from .model.constants import AF_INET, AF_PACKET, IPPROTO_ICMP, SOCK_RAW
from .model.kernel_rules import ask_capability
from .model.program import Named, Script

_EVERY_PROTOCOL = Named("htons(ETH_P_ALL)", 0x0300)


def _raw(script: Script) -> None:
    script.call("socket", AF_INET, SOCK_RAW, IPPROTO_ICMP)


def _packet(script: Script) -> None:
    script.call("socket", AF_PACKET, SOCK_RAW, _EVERY_PROTOCOL)


def _trials(scene: Scene) -> Iterable[Trial | NotTried]:
    # in the node's network a capability of the pod's user namespace does not count
    on_node = scene.context.namespaces.net.value == "host"
    expected = ask_capability(scene.context, "NET_RAW", on_node=on_node)
    yield Trial(_raw, expected, succeeds("socket"), "IP")
    yield Trial(_packet, expected, succeeds("socket"), "packet")


ATTACK = Attack(
    id="raw-socket",
    title="open a raw socket",
    claim="the process cannot read or forge network packets",
    field="capabilities",
    trials=_trials,
)
