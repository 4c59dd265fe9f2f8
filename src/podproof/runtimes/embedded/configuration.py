"""Writes containerd's and the network plugins' configuration: places and abilities come in, texts go out."""

import json
from pathlib import Path
from typing import Any

from .places import Places

__all__ = ["containerd_config", "loopback_network", "pod_network"]

_UNUSED = (
    "io.containerd.snapshotter.v1.aufs",
    "io.containerd.snapshotter.v1.btrfs",
    "io.containerd.snapshotter.v1.devmapper",
    "io.containerd.snapshotter.v1.zfs",
    "io.containerd.snapshotter.v1.erofs",
    "io.containerd.snapshotter.v1.blockfile",
    # makes folders under /opt
    "io.containerd.internal.v1.opt",
    "io.containerd.internal.v1.tracing",
    "io.containerd.tracing.processor.v1.otlp",
)
"""Plugins that no pod needs; names that a version does not know are ignored by it."""

_CRI = 'plugins."io.containerd.grpc.v1.cri"'


def containerd_config(places: Places, *, pause: str, snapshotter: str, restrict_oom: bool) -> str:
    """Write the configuration, in version 2, which 1.x reads and 2.x converts.

    `restrict_oom`: this process may not lower a process's oom_score_adj, and runc fails where it tries to.
    """
    unused = ", ".join(map(_text, _UNUSED))
    return f"""version = 2
root = {_text(places.root)}
state = {_text(places.state)}
disabled_plugins = [{unused}]

[grpc]
  address = {_text(places.socket)}

[ttrpc]
  address = {_text(f"{places.socket}.ttrpc")}

[debug]
  level = "warn"

[{_CRI}]
  sandbox_image = {_text(pause)}
  restrict_oom_score_adj = {str(restrict_oom).lower()}
  netns_mounts_under_state_dir = true
  stream_server_address = "127.0.0.1"
  stream_server_port = "0"

[{_CRI}.cni]
  bin_dir = {_text(places.cni / "bin")}
  conf_dir = {_text(places.cni / "net.d")}

[{_CRI}.containerd]
  snapshotter = {_text(snapshotter)}
  default_runtime_name = "runc"

[{_CRI}.containerd.runtimes.runc]
  runtime_type = "io.containerd.runc.v2"

[{_CRI}.containerd.runtimes.runc.options]
  Root = {_text(places.engine / "runc")}
  SystemdCgroup = false

[plugins."io.containerd.nri.v1.nri"]
  disable = true
"""


def pod_network(places: Places, subnet: str, gateway: str, *, outside: bool) -> str:
    """Write a network of a bridge. The gateway is this machine's address on it; `outside`: also beyond."""
    bridge: dict[str, Any] = {
        "type": "bridge",
        "bridge": places.bridge,
        # The plugin would turn on forwarding for the whole machine; the bridge gets its address from here.
        "isGateway": False,
        "ipMasq": outside,
        "hairpinMode": True,
        "ipam": {
            "type": "host-local",
            "dataDir": str(places.cni / "ipam"),
            "ranges": [[{"subnet": subnet, "gateway": gateway}]],
            "routes": [{"dst": "0.0.0.0/0"}],
        },
    }
    return _network(places, bridge)


def loopback_network(places: Places) -> str:
    """Write a network that is none: pods have their loopback interface only."""
    return _network(places, {"type": "podproof-none"})


def _network(places: Places, plugin: dict[str, Any]) -> str:
    return json.dumps({"cniVersion": "0.4.0", "name": places.network, "plugins": [plugin]}, indent=1)


def _text(value: str | Path) -> str:
    return json.dumps(str(value))  # a TOML basic string takes JSON's escapes
