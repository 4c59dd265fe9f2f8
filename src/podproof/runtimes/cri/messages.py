"""Turns the port's values into the interface's messages; nothing is sent here, and nothing is decided."""

from ...kubelet.cri import (
    AuthConfig,
    DNSConfig,
    IDMapping,
    LinuxContainerResources,
    LinuxContainerSecurityContext,
    LinuxSandboxSecurityContext,
    NamespaceOption,
    SecurityProfile,
    SELinuxOption,
    UserNamespace,
)
from ..engine import ContainerRequest, Mount, SandboxRequest
from . import cri_pb2 as pb

__all__ = ["auth_config", "container_config", "sandbox_config"]


def sandbox_config(request: SandboxRequest) -> pb.PodSandboxConfig:
    """Build PodSandboxConfig."""
    config = pb.PodSandboxConfig(
        metadata=_metadata(request),
        hostname=request.hostname,
        log_directory=request.log_directory,
        labels=request.labels,
        annotations=request.annotations,
        linux=pb.LinuxPodSandboxConfig(
            cgroup_parent=request.cgroup_parent,
            security_context=_sandbox_security(request.security),
            sysctls=request.sysctls,
        ),
    )
    dns = request.dns
    # Unset means the node's own resolv.conf to the runtime; set and empty means an empty one.
    if dns != DNSConfig():
        config.dns_config.CopyFrom(
            pb.DNSConfig(servers=dns.servers, searches=dns.searches, options=dns.options)
        )
    return config


def container_config(request: ContainerRequest) -> pb.ContainerConfig:
    """Build ContainerConfig."""
    security = _container_security(request.security)
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
            resources=_resources(request.resources),
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


def _sandbox_security(security: LinuxSandboxSecurityContext) -> pb.LinuxSandboxSecurityContext:
    return pb.LinuxSandboxSecurityContext(
        namespace_options=_namespaces(security.namespace_options),
        privileged=security.privileged,
        readonly_rootfs=security.readonly_rootfs,
        run_as_user=_number(security.run_as_user),
        run_as_group=_number(security.run_as_group),
        supplemental_groups=security.supplemental_groups,
        seccomp=_profile(security.seccomp),
        selinux_options=_selinux(security.selinux_options),
    )


def _container_security(security: LinuxContainerSecurityContext) -> pb.LinuxContainerSecurityContext:
    return pb.LinuxContainerSecurityContext(
        namespace_options=_namespaces(security.namespace_options),
        capabilities=pb.Capability(
            add_capabilities=security.capabilities.add_capabilities,
            drop_capabilities=security.capabilities.drop_capabilities,
        ),
        privileged=security.privileged,
        readonly_rootfs=security.readonly_rootfs,
        no_new_privs=security.no_new_privs,
        run_as_user=_number(security.run_as_user),
        run_as_username=security.run_as_username,
        run_as_group=_number(security.run_as_group),
        supplemental_groups=security.supplemental_groups,
        supplemental_groups_policy=security.supplemental_groups_policy,
        seccomp=_profile(security.seccomp),
        apparmor=_profile(security.apparmor),
        selinux_options=_selinux(security.selinux_options),
        masked_paths=security.masked_paths,
        readonly_paths=security.readonly_paths,
    )


def _resources(resources: LinuxContainerResources) -> pb.LinuxContainerResources:
    return pb.LinuxContainerResources(
        cpu_period=resources.cpu_period,
        cpu_quota=resources.cpu_quota,
        cpu_shares=resources.cpu_shares,
        memory_limit_in_bytes=resources.memory_limit_in_bytes,
        memory_swap_limit_in_bytes=resources.memory_swap_limit_in_bytes,
        oom_score_adj=resources.oom_score_adj,
    )


def _namespaces(option: NamespaceOption) -> pb.NamespaceOption:
    users = option.userns_options
    return pb.NamespaceOption(
        network=option.network,
        ipc=option.ipc,
        pid=option.pid,
        target_id=option.target_id,
        userns_options=None if users is None else _user_namespace(users),
    )


def _user_namespace(users: UserNamespace) -> pb.UserNamespace:
    return pb.UserNamespace(mode="POD", uids=_id_mappings(users.uids), gids=_id_mappings(users.gids))


def _id_mappings(ranges: tuple[IDMapping, ...]) -> list[pb.IDMapping]:
    return [
        pb.IDMapping(host_id=ids.host_id, container_id=ids.container_id, length=ids.length) for ids in ranges
    ]


def _number(value: int | None) -> pb.Int64Value | None:
    """Wrap a number: the interface has 0 and "not set" apart."""
    return None if value is None else pb.Int64Value(value=value)


def _profile(profile: SecurityProfile | None) -> pb.SecurityProfile | None:
    if profile is None:
        return None
    return pb.SecurityProfile(profile_type=profile.profile_type, localhost_ref=profile.localhost_ref)


def _selinux(option: SELinuxOption | None) -> pb.SELinuxOption | None:
    if option is None:
        return None
    return pb.SELinuxOption(user=option.user, role=option.role, type=option.type, level=option.level)
