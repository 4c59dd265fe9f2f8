"""Options of the verbs that run pods: click's values go in, what they allow goes out.

The flags that open this machine to a pod are defined only here, so that `run` and `prove` never differ in
what they allow.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

from ._options import names

if TYPE_CHECKING:
    from ..images.distribution.settings import RegistrySettings
    from ..runtimes.pods.dangers import Allowed

__all__ = [
    "allow_registry",
    "allowed",
    "dangers",
    "host_dangers",
    "image_archives",
    "max_image_size",
    "registries",
    "registry_login",
    "registry_settings",
    "runtime_endpoint",
    "seccomp_root",
    "unsafe_sysctls",
]

_Decorated = TypeVar("_Decorated", bound=Callable[..., Any])

image_archives = click.option(
    "--image-archive",
    metavar="FILE",
    multiple=True,
    help="Import an image from an OCI layout or docker save.",
)


def _size(_context: click.Context, _parameter: click.Parameter, value: str) -> int:
    from ..errors import UsageError
    from ..kube.quantity import parse_quantity

    quantity = parse_quantity(value)
    if quantity is None or quantity.value < 1:
        raise UsageError(f"--max-image-size must be a size such as 16Gi, has {value!r}")
    return int(quantity.value)


max_image_size = click.option(
    "--max-image-size",
    metavar="QUANTITY",
    default="16Gi",
    show_default=True,
    callback=_size,
    help="Refuse images that unpack to more.",
)

_REGISTRIES = (
    click.option(
        "--registry-plain-http", metavar="HOST", multiple=True, help="Pull from HOST[:PORT] without TLS."
    ),
    click.option(
        "--registry-ca",
        metavar="HOST=FILE",
        multiple=True,
        help="Trust the CA in this PEM file for HOST[:PORT].",
    ),
    click.option(
        "--registry-mirror",
        metavar="HOST=MIRROR",
        multiple=True,
        help="Ask MIRROR[:PORT] for the images of HOST first.",
    ),
)


registry_login = click.option(
    "--registry-login",
    is_flag=True,
    help="Use your logins of podman and docker where manifests have none.",
)


def registry_settings(options: dict[str, Any]) -> "RegistrySettings":
    """Read what the options of `registries` and --allow-registry say. Raises UsageError."""
    from ..session.registry_options import registry_settings

    return registry_settings(
        options["allow_registry"],
        plain_http=options["registry_plain_http"],
        authorities=options["registry_ca"],
        mirrors=options["registry_mirror"],
        own_logins=options.get("registry_login", False),
    )


def registries(command: _Decorated) -> _Decorated:
    """Add the options that say how registries are reached."""
    for option in reversed(_REGISTRIES):
        command = option(command)
    return command


runtime_endpoint = click.option(
    "--runtime-endpoint",
    metavar="unix:///PATH",
    help="Use this container runtime (CRI) instead of the embedded engine.",
)
unsafe_sysctls = click.option(
    "--allowed-unsafe-sysctls",
    metavar="NAME,...",
    multiple=True,
    callback=names,
    help="Allow these sysctls, as the kubelet's option does.",
)
seccomp_root = click.option(
    "--seccomp-root",
    metavar="DIR",
    help="The folder of Localhost profiles.  [default: /var/lib/kubelet/seccomp]",
)

allow_registry = click.option(
    "--allow-registry",
    metavar="HOST",
    multiple=True,
    help="Pull from HOST[:PORT] although it is in this machine's network.",
)

_DANGERS = (
    click.option("--allow-privileged", is_flag=True, help="Let privileged containers own this machine."),
    click.option("--allow-host-network", is_flag=True, help="Let pods have this machine's network."),
    click.option("--allow-host-pid", is_flag=True, help="Let pods see this machine's processes."),
    click.option("--allow-host-ipc", is_flag=True, help="Let pods have this machine's shared memory."),
    click.option(
        "--allow-host-path", metavar="PREFIX", multiple=True, help="Let pods mount files below PREFIX."
    ),
    click.option(
        "--allow-capability",
        metavar="NAME,...",
        multiple=True,
        callback=names,
        help="Let containers add capabilities that reach out of them, such as SYS_ADMIN.",
    ),
)


def host_dangers(command: _Decorated) -> _Decorated:
    """Add the switches that allow what reaches out of a pod to this machine; all are off by default."""
    for option in reversed(_DANGERS):  # click lists the last decorator applied first
        command = option(command)
    return command


def dangers(command: _Decorated) -> _Decorated:
    """Add these switches for a verb that pulls images, too."""
    return host_dangers(allow_registry(command))


def allowed(options: dict[str, Any]) -> "Allowed":
    """Make the allowance of what the switches of `dangers` were given."""
    from ..runtimes.pods.dangers import Allowed

    return Allowed(
        privileged=options["allow_privileged"],
        host_network=options["allow_host_network"],
        host_pid=options["allow_host_pid"],
        host_ipc=options["allow_host_ipc"],
        host_paths=options["allow_host_path"],
        capabilities=tuple(name.upper().removeprefix("CAP_") for name in options["allow_capability"]),
        registries=(
            *options.get("allow_registry", ()),
            # who says how to reach a registry means to reach it
            *options.get("registry_plain_http", ()),
            *(text.partition("=")[0] for text in options.get("registry_ca", ())),
            *(text.partition("=")[2] for text in options.get("registry_mirror", ())),
        ),
    )
