"""Listen on port 80: below net.ipv4.ip_unprivileged_port_start it takes an effective NET_BIND_SERVICE.

Source: linux net/ipv4/af_inet.c, __inet_bind(); containerd 2 sets the sysctl to 0 for pods.
"""

from ._ports import binding
from .model.attack import Attack

ATTACK = Attack(
    id="bind-port-80",
    title="bind TCP port 80",
    claim="the process cannot bind port 80",
    field="capabilities",
    trials=binding(80),
)
