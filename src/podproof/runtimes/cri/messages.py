"""Turns the port's values into the interface's messages; nothing is sent here, and nothing is decided.

Security contexts and resources arrive with the interface's own field names, as the room `kubelet` builds
them.
"""

from collections.abc import Mapping
from typing import Any, TypeVar

from google.protobuf.message import Message

from ..engine import AuthConfig, ContainerRequest, EngineError, Mount, SandboxRequest
from . import cri_pb2 as pb

__all__ = ["auth_config", "container_config", "sandbox_config"]

_Message = TypeVar("_Message", bound=Message)


def sandbox_config(request: SandboxRequest) -> pb.PodSandboxConfig:
    """Build PodSandboxConfig. Raises EngineError: a field of `security` that the interface does not have."""
    config = pb.PodSandboxConfig(
        metadata=_metadata(request),
        hostname=request.hostname,
        log_directory=request.log_directory,
        labels=request.labels,
        annotations=request.annotations,
        linux=pb.LinuxPodSandboxConfig(
            cgroup_parent=request.cgroup_parent,
            security_context=_message(pb.LinuxSandboxSecurityContext, request.security),
            sysctls=request.sysctls,
        ),
    )
    servers, searches, options = request.dns
    # Unset means the node's own resolv.conf to the runtime; set and empty means an empty one.
    if servers or searches or options:
        config.dns_config.CopyFrom(pb.DNSConfig(servers=servers, searches=searches, options=options))
    return config


def container_config(request: ContainerRequest) -> pb.ContainerConfig:
    """Build ContainerConfig. Raises EngineError: a field that the interface does not have."""
    security = _message(pb.LinuxContainerSecurityContext, request.security)
    return pb.ContainerConfig(
        metadata=pb.ContainerMetadata(name=request.name, attempt=request.attempt),
        image=pb.ImageSpec(image=request.image, user_specified_image=request.written_image),
        command=request.command,
        args=request.args,
        working_dir=request.working_directory,
        # A name or value that is no UTF-8 cannot come from a manifest; surrogates stand for files' raw bytes.
        envs=[
            pb.KeyValue(key=name, value=value.encode("utf-8", "surrogateescape"))
            for name, value in request.environment
        ],
        mounts=[_mount(mount, security) for mount in request.mounts],
        devices=[
            pb.Device(container_path=one.container_path, host_path=one.host_path, permissions=one.permissions)
            for one in request.devices
        ],
        labels=request.labels,
        annotations=request.annotations,
        log_path=request.log_path,
        stdin=request.stdin,
        tty=request.tty,
        linux=pb.LinuxContainerConfig(
            resources=_message(pb.LinuxContainerResources, request.resources),
            security_context=security,
        ),
    )


def auth_config(credentials: AuthConfig | None) -> pb.AuthConfig | None:
    """Build AuthConfig; None when nothing is known."""
    if credentials is None:
        return None
    return pb.AuthConfig(
        username=credentials.username,
        password=credentials.password,
        auth=credentials.auth,
        identity_token=credentials.identity_token,
        registry_token=credentials.registry_token,
        server_address=credentials.server_address,
    )


def _metadata(request: SandboxRequest) -> pb.PodSandboxMetadata:
    return pb.PodSandboxMetadata(
        name=request.name, uid=request.uid, namespace=request.namespace, attempt=request.attempt
    )


def _mount(mount: Mount, security: pb.LinuxContainerSecurityContext) -> pb.Mount:
    # Source: kubernetes kuberuntime_container_linux.go: every mount is mapped like the user namespace.
    mapping = security.namespace_options.userns_options
    return pb.Mount(
        container_path=mount.container_path,
        host_path=mount.host_path,
        readonly=mount.read_only,
        selinux_relabel=mount.selinux_relabel,
        propagation=f"PROPAGATION_{mount.propagation}",
        recursive_read_only=mount.recursive_read_only,
        uidMappings=mapping.uids,
        gidMappings=mapping.gids,
    )


def _message(kind: type[_Message], fields: Mapping[str, Any]) -> _Message:
    """Build a message from nested mappings: enumerations by name, a user namespace by `host_id`, `length`."""
    values = dict(fields)
    if "namespace_options" in values:
        values["namespace_options"] = _namespaces(values["namespace_options"])
    try:
        return kind(**values)
    except (TypeError, ValueError) as error:
        raise EngineError("InvalidArgument", f"{kind.__name__}: {error}") from error


def _namespaces(options: Mapping[str, Any]) -> dict[str, Any]:
    values = dict(options)
    if values.get("pid") == "TARGET" and not values.get("target_id"):
        raise EngineError(
            "InvalidArgument", "namespace_options: pid TARGET needs target_id, a container's id"
        )
    values.pop("target_container", None)
    users = values.pop("userns_options", None)
    if users is None:
        return values
    if users.get("mode") == "POD" and "host_id" not in users:
        raise EngineError(
            "InvalidArgument", "userns_options: mode POD needs host_id, the first id on the node"
        )
    mapping = pb.IDMapping(
        host_id=users.get("host_id", 0),
        container_id=users.get("container_id", 0),
        length=users.get("length", 0),
    )
    ids = [mapping] if users.get("mode") == "POD" else []
    values["userns_options"] = pb.UserNamespace(mode=users.get("mode", "NODE"), uids=ids, gids=ids)
    return values
