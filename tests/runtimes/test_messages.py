"""Values of the port as messages of the interface, and back: what no engine is needed for."""

import json
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from podproof.effective.container_in_pod import place_containers
from podproof.errors import UsageError
from podproof.kube.pod import raw_pod
from podproof.kubelet.cri import (
    AuthConfig,
    DNSConfig,
    IDMapping,
    LinuxContainerResources,
    LinuxContainerSecurityContext,
    NamespaceOption,
    UserNamespace,
)
from podproof.kubelet.security_contexts import container_security_context, sandbox_security_context
from podproof.runtimes.cri import answers, messages
from podproof.runtimes.cri import cri_pb2 as pb
from podproof.runtimes.cri.archives import complete
from podproof.runtimes.cri.client import CriEngine
from podproof.runtimes.engine import ContainerRequest, EngineError, Mount, SandboxRequest

ROOT = Path(__file__).resolve().parents[2]
POD = SandboxRequest(name="pod", namespace="default", uid="1")


@pytest.mark.parametrize("tool", ["generate_cri.py", "generate_pause.py"])
def test_what_is_generated_is_current(tool: str) -> None:
    done = subprocess.run([sys.executable, ROOT / "tools" / tool, "--check"], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_no_dns_is_the_nodes_and_some_is_the_pods() -> None:
    assert not messages.sandbox_config(POD).HasField("dns_config")
    asked = SandboxRequest(name="pod", namespace="default", uid="1", dns=DNSConfig(("10.0.0.10",), ("svc",)))
    assert list(messages.sandbox_config(asked).dns_config.servers) == ["10.0.0.10"]


def test_what_the_kubelets_rules_ask_for_can_be_sent() -> None:
    security = {
        "runAsUser": 1000,
        "runAsGroup": 2000,
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"], "add": ["KILL"]},
        "seccompProfile": {"type": "Localhost", "localhostProfile": "x.json"},
        "seLinuxOptions": {"level": "s0"},
    }
    pod = raw_pod(
        {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {"name": "pod"},
            "spec": {
                "securityContext": {"fsGroup": 3000, "supplementalGroups": [4000]},
                "containers": [{"name": "c", "image": "i", "securityContext": security}],
            },
        }
    )
    (placed,) = place_containers(pod)
    request = ContainerRequest(name="c", image="i", security=container_security_context(placed))
    sent = messages.container_config(request).linux.security_context
    assert (sent.run_as_user.value, sent.run_as_group.value) == (1000, 2000)
    assert list(sent.supplemental_groups) == [3000, 4000]
    assert (sent.no_new_privs, sent.readonly_rootfs) == (True, True)
    assert (list(sent.capabilities.drop_capabilities), list(sent.capabilities.add_capabilities)) == (
        ["ALL"],
        ["KILL"],
    )
    assert (sent.seccomp.profile_type, sent.selinux_options.level) == (pb.SecurityProfile.Localhost, "s0")
    assert sent.namespace_options.pid == pb.CONTAINER
    asked = SandboxRequest(name="pod", namespace="d", uid="1", security=sandbox_security_context(pod))
    assert list(messages.sandbox_config(asked).linux.security_context.supplemental_groups) == [3000, 4000]


def test_a_user_namespace_maps_the_mounts_too() -> None:
    ids = (IDMapping(host_id=65536, container_id=0, length=65536),)
    namespaces = NamespaceOption(userns_options=UserNamespace(ids, ids))
    request = ContainerRequest(
        name="c",
        image="i",
        mounts=(Mount("/data", "/host", propagation="HOST_TO_CONTAINER"),),
        security=LinuxContainerSecurityContext(namespace_options=namespaces),
    )
    config = messages.container_config(request)
    options = config.linux.security_context.namespace_options.userns_options
    assert options.mode == pb.POD
    assert [(one.host_id, one.container_id, one.length) for one in options.uids] == [(65536, 0, 65536)]
    (mount,) = config.mounts
    assert list(mount.uidMappings) == list(options.uids)
    assert mount.propagation == pb.PROPAGATION_HOST_TO_CONTAINER


def test_nothing_is_sent_for_what_is_not_set() -> None:
    config = messages.container_config(ContainerRequest(name="c", image="i"))
    security = config.linux.security_context
    assert not config.mounts
    for field in ("run_as_user", "run_as_group", "seccomp", "apparmor", "selinux_options"):
        assert not security.HasField(field)
    assert not security.namespace_options.HasField("userns_options")
    zero = LinuxContainerSecurityContext(run_as_user=0)
    sent = messages.container_config(ContainerRequest(name="c", image="i", security=zero))
    assert sent.linux.security_context.HasField("run_as_user")


def test_resources_and_a_target_are_sent() -> None:
    request = ContainerRequest(
        name="c",
        image="i",
        security=LinuxContainerSecurityContext(
            namespace_options=NamespaceOption(pid="TARGET", target_id="id"), masked_paths=("/proc/keys",)
        ),
        resources=LinuxContainerResources(cpu_quota=5000, memory_limit_in_bytes=1 << 20, oom_score_adj=-997),
    )
    linux = messages.container_config(request).linux
    options = linux.security_context.namespace_options
    assert (options.pid, options.target_id) == (pb.TARGET, "id")
    assert list(linux.security_context.masked_paths) == ["/proc/keys"]
    resources = linux.resources
    assert (resources.cpu_quota, resources.memory_limit_in_bytes) == (5000, 1 << 20)
    assert (resources.oom_score_adj, resources.memory_swap_limit_in_bytes) == (-997, 0)


def test_credentials_and_none() -> None:
    assert messages.auth_config(None) is None
    sent = messages.auth_config(AuthConfig(username="u", password="p", server_address="r:5000"))
    assert sent is not None
    assert (sent.username, sent.password, sent.server_address) == ("u", "p", "r:5000")


@pytest.mark.parametrize(
    ("version", "runtime"),
    [
        ("1.6.20~ds1", "containerd-1.6.20"),
        ("v2.3.7", "containerd-2.3.7"),
        ("1.7.24+k3s1", "containerd-1.7.24"),
    ],
)
def test_a_distributions_suffix_is_no_version(version: str, runtime: str) -> None:
    told = pb.VersionResponse(runtime_name="containerd", runtime_version=version)
    assert answers.features(told, pb.StatusResponse()).runtime == runtime


def test_a_runtime_without_a_network_says_why() -> None:
    broken = pb.RuntimeCondition(type="NetworkReady", status=False, reason="NoPlugin", message="no config")
    status = pb.StatusResponse(status=pb.RuntimeStatus(conditions=[broken]))
    assert answers.features(pb.VersionResponse(), status).network == "NoPlugin: no config"


def test_information_that_is_missing_or_broken_is_unknown() -> None:
    for info in ({}, {"info": "no json"}, {"info": "[]"}, {"info": json.dumps({"pid": 0})}):
        status = pb.ContainerStatus(id="c", state=pb.CONTAINER_RUNNING)
        assert answers.container_status(pb.ContainerStatusResponse(status=status, info=info)).pid is None
    (record,) = answers.image_records(pb.ImageStatusResponse(image=pb.Image(id="sha256:1")))
    assert (record.reference, record.config.user, record.config.command) == ("sha256:1", None, None)


@pytest.mark.parametrize(
    ("name", "full"),
    [
        ("web", "docker.io/library/web:latest"),
        ("team/web:2", "docker.io/team/web:2"),
        ("localhost/web", "localhost/web:latest"),
        ("import-2026-01-02:v1", "podproof.local/imported:v1"),
        ("Not A Name", "Not A Name"),
    ],
)
def test_imported_names_are_completed(name: str, full: str) -> None:
    assert complete(name) == full


def test_an_endpoint_is_a_unix_socket() -> None:
    with pytest.raises(UsageError, match="must be unix:///PATH of a socket"):
        CriEngine("tcp://127.0.0.1:1")
    assert CriEngine("/run/x.sock").endpoint == "unix:///run/x.sock"


def test_a_closed_engine_says_so(tmp_path: Path) -> None:
    engine = CriEngine(str(tmp_path / "none"))
    engine.close()
    with pytest.raises(EngineError) as error:
        engine.features()
    assert error.value.code == "Canceled"


def test_what_speaks_another_language_is_no_runtime(tmp_path: Path) -> None:
    path = tmp_path / "s"
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(path))
        server.listen()
        script = (
            "import socket,sys\ns=socket.socket(fileno=int(sys.argv[1]))\n"
            "while True:\n c,_=s.accept()\n c.sendall(b'HTTP/1.0 400 Bad\\r\\n\\r\\n')\n c.close()"
        )
        other = subprocess.Popen(
            [sys.executable, "-c", script, str(server.fileno())], pass_fds=(server.fileno(),)
        )
        try:
            with pytest.raises(EngineError) as error:
                CriEngine(str(path)).features()
        finally:
            other.kill()
            other.wait()
    assert error.value.code == "Unavailable"
    assert str(path) in error.value.detail
