"""What every engine must do: a class of tests of the port, for each engine's own test file to inherit.

The inheriting class's module has a fixture `engine` (with `session` and the recorded images) for it.
"""

import gzip
import json
import os
import shutil
import tarfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from images import SLEEPER, recorded_archive
from unpacking import unpack
from waiting import wait_until

from podproof.errors import InputError
from podproof.kubelet.cri import (
    Capability,
    IDMapping,
    LinuxContainerResources,
    LinuxContainerSecurityContext,
    LinuxSandboxSecurityContext,
    NamespaceOption,
    SecurityProfile,
    UserNamespace,
)
from podproof.runtimes.embedded import SESSION_LABEL, EmbeddedEngine
from podproof.runtimes.embedded.sessions import remove_sandbox
from podproof.runtimes.engine import ContainerRequest, ContainerStatus, EngineError, Mount, SandboxRequest
from podproof.runtimes.observation import wait_for_start
from podproof.session.registry_options import registry_settings
from podproof.session.run.registries import pull_through

DEFAULT = SecurityProfile("RuntimeDefault")


class Pod:
    """A sandbox of a test and what runs in it."""

    def __init__(self, engine: EmbeddedEngine, name: str, **fields: Any) -> None:
        self.engine = engine
        self.logs = engine.session.directory / name
        self.logs.mkdir(parents=True, exist_ok=True)
        self.request = SandboxRequest(
            name=name,
            namespace="default",
            uid=f"uid-{name}",
            hostname=fields.pop("hostname", name[:60]),
            log_directory=str(self.logs),
            labels={SESSION_LABEL: engine.session.id, "test": name},
            cgroup_parent=f"{engine.session.cgroup}/pod-{name}",
            security=LinuxSandboxSecurityContext(**{"seccomp": DEFAULT, **fields.pop("security", {})}),
            **fields,
        )
        self.id = engine.run_sandbox(self.request)

    def create(self, *command: str, name: str = "c", image: str = "local.lab/bb:1", **fields: Any) -> str:
        request = ContainerRequest(
            name=name,
            image=image,
            command=command,
            log_path=f"{name}.log",
            labels=self.request.labels,
            security=LinuxContainerSecurityContext(**fields.pop("security", {})),
            **fields,
        )
        return self.engine.create_container(self.id, request, self.request)

    def start(self, *command: str, **fields: Any) -> str:
        id = self.create(*command, **fields)
        self.engine.start_container(id)
        return id

    def run(self, script: str, **fields: Any) -> tuple[ContainerStatus, str]:
        """Run a shell script to its end: its status, and what it printed."""
        id = self.start("/bin/sh", "-c", script, **fields)
        status = self.ended(id)
        return status, self.log(fields.get("name", "c"))

    def ended(self, id: str) -> ContainerStatus:
        def status() -> ContainerStatus | None:
            now = self.engine.container(id)
            return now if now.state == "exited" else None

        return wait_until(status, "the container's end")

    def log(self, name: str = "c") -> str:
        """The log without each line's time, stream and tag."""
        lines = (self.logs / f"{name}.log").read_text().splitlines()
        return "\n".join(line.split(" ", 3)[3] for line in lines)

    def remove(self) -> None:
        remove_sandbox(self.engine, self.id)


def status_of(pid: int | None) -> dict[str, str]:
    # until its exec the process is still the runtime's, with other capabilities
    assert pid is not None
    assert wait_for_start(pid)
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}


class Conformance:
    """The port's promises."""

    @pytest.fixture
    def pod(self, engine: EmbeddedEngine, request: pytest.FixtureRequest) -> Iterator[Callable[..., Pod]]:
        pods: list[Pod] = []

        def make(**fields: Any) -> Pod:
            name = f"{request.node.name.replace('_', '-').lower()}-{len(pods)}"
            pods.append(Pod(engine, name, **fields))
            return pods[-1]

        yield make
        for one in pods:
            one.remove()

    def test_tells_name_version_and_what_it_lacks(self, engine: EmbeddedEngine) -> None:
        found = engine.features()
        assert found.name == "containerd"
        assert all(part.isdecimal() for part in found.version.split("."))
        assert found.runtime == f"containerd-{found.version}"

    def test_tells_what_an_image_says(self, engine: EmbeddedEngine) -> None:
        record = engine.image("local.lab/bb-numgrp:1")
        assert record is not None
        assert (record.reference, record.architecture) == ("local.lab/bb-numgrp:1", "amd64")
        assert record.config.user == "1000:2000"
        assert record.config.command == SLEEPER
        assert record.config.entrypoint == ()
        assert record.id.startswith("sha256:")
        workdir = engine.image("local.lab/bb-wd:1")
        assert workdir is not None
        assert workdir.config.working_directory == "/nosuch/dir"

    def test_an_image_it_does_not_have_is_none(self, engine: EmbeddedEngine) -> None:
        assert engine.image("local.lab/none:1") is None

    def test_lists_images_by_all_their_names(self, engine: EmbeddedEngine) -> None:
        names = [record.reference for record in engine.images()]
        assert {"local.lab/bb:1", "local.lab/bb-root:1", "local.lab/empty:1"} <= set(names)
        assert len(names) == len(set(names))

    def test_a_sandbox_is_ready_then_not_then_gone(
        self, engine: EmbeddedEngine, pod: Callable[..., Pod]
    ) -> None:
        one = pod(sysctls={"net.ipv4.ip_unprivileged_port_start": "80"})
        status = engine.sandbox(one.id)
        assert status.ready
        assert status.labels["test"] == one.request.name
        assert status.pid is not None
        command = Path(f"/proc/{status.pid}/comm")
        wait_until(lambda: command.read_text() == "pause\n", "the sandbox's process behind runc's own")
        assert bool(status.ip) == (engine.features().network is None)
        assert [found.id for found in engine.sandboxes({"test": one.request.name})] == [one.id]
        sysctl = Path(f"/proc/{status.pid}/root/proc/sys/net/ipv4/ip_unprivileged_port_start")
        container = one.start("/bin/sleep", "100")
        pid = engine.container(container).pid
        assert sysctl.exists() or pid
        assert engine.exec(
            container, ("/bin/cat", "/proc/sys/net/ipv4/ip_unprivileged_port_start")
        ).stdout == (b"80\n")
        engine.stop_sandbox(one.id)
        assert not engine.sandbox(one.id).ready
        assert not Path(f"/proc/{status.pid}").exists()
        engine.remove_sandbox(one.id)
        assert engine.sandboxes({"test": one.request.name}) == ()
        with pytest.raises(EngineError) as error:
            engine.sandbox(one.id)
        assert error.value.code == "NotFound"
        engine.remove_sandbox(one.id)  # as often as one likes

    def test_a_pod_on_the_nodes_network_has_no_address(
        self, engine: EmbeddedEngine, pod: Callable[..., Pod]
    ) -> None:
        host = NamespaceOption(network="NODE")
        one = pod(security={"namespace_options": host}, hostname="")  # the kubelet sends none
        pid = engine.container(one.start("/bin/sleep", "100", security={"namespace_options": host})).pid
        assert engine.sandbox(one.id).ip == ""
        assert os.readlink(f"/proc/{pid}/ns/net") == os.readlink("/proc/self/ns/net")

    def test_a_pods_network_is_its_own(self, engine: EmbeddedEngine, pod: Callable[..., Pod]) -> None:
        one = pod()
        pid = engine.container(one.start("/bin/sleep", "100")).pid
        assert os.readlink(f"/proc/{pid}/ns/net") != os.readlink("/proc/self/ns/net")
        addresses = engine.exec(engine.containers({"test": one.request.name})[0].id, ("ifconfig",)).stdout
        assert b"127.0.0.1" in addresses
        ip = engine.sandbox(one.id).ip
        if ip:
            assert ip.encode() in addresses

    def test_pods_reach_each_other(self, engine: EmbeddedEngine, pod: Callable[..., Pod]) -> None:
        if engine.features().network is not None:
            pytest.skip(f"pods have no network: {engine.features().network}")
        server, client = pod(), pod()
        server.start("/bin/sh", "-c", "echo hello | nc -l -p 8080")
        address = engine.sandbox(server.id).ip
        script = (
            f"for i in 1 2 3 4 5 6 7 8 9 10; do nc -w 3 {address} 8080 && exit 0; sleep 0.2; done; exit 1"
        )
        status, said = client.run(script)
        assert (status.exit_code, said.splitlines()[-1:]) == (0, ["hello"])

    def test_a_container_is_created_then_running_then_exited(
        self, engine: EmbeddedEngine, pod: Callable[..., Pod]
    ) -> None:
        one = pod()
        id = one.create("/bin/sh", "-c", "echo out; echo err >&2; sleep 0.3; exit 3")
        status = engine.container(id)
        assert (status.state, status.name, status.started_at) == ("created", "c", 0)
        engine.start_container(id)
        status = engine.container(id)
        assert (status.state, status.finished_at) == ("running", 0)
        assert status.pid is not None
        groups = Path(f"/proc/{status.pid}/cgroup").read_text()
        assert f"{one.request.cgroup_parent}/" in groups
        assert [found.id for found in engine.containers({"test": one.request.name})] == [id]
        status = one.ended(id)
        assert (status.exit_code, status.reason, status.pid) == (3, "Error", None)
        assert status.created_at < status.started_at < status.finished_at
        streams = sorted(line.split(" ")[1:] for line in (one.logs / "c.log").read_text().splitlines())
        assert streams == [["stderr", "F", "err"], ["stdout", "F", "out"]]
        engine.remove_container(id)
        with pytest.raises(EngineError) as error:
            engine.container(id)
        assert error.value.code == "NotFound"

    def test_success_is_completed(self, engine: EmbeddedEngine, pod: Callable[..., Pod]) -> None:
        status, _ = pod().run("true")
        assert (status.exit_code, status.reason) == (0, "Completed")

    def test_too_much_memory_is_oomkilled(self, engine: EmbeddedEngine, pod: Callable[..., Pod]) -> None:
        limit = LinuxContainerResources(memory_limit_in_bytes=32 << 20, memory_swap_limit_in_bytes=32 << 20)
        # containerd begins to listen for a full cgroup only after the start
        status, _ = pod().run("sleep 1; tail /dev/zero", resources=limit)
        assert (status.exit_code, status.reason) == (137, "OOMKilled")

    def test_command_arguments_environment_and_folder(
        self, engine: EmbeddedEngine, pod: Callable[..., Pod]
    ) -> None:
        one = pod()
        id = one.create(
            "/bin/sh",
            "-c",
            args=('echo "$0|$1|$A|$B|$PWD|$HOSTNAME"', "zero", "one two"),
            environment=(("A", "a=b"), ("B", "ü\n c")),
            working_directory="/home",
        )
        engine.start_container(id)
        one.ended(id)
        assert one.log() == f"zero|one two|a=b|ü\n c|/home|{one.request.name[:60]}"

    def test_mounts_as_asked(self, engine: EmbeddedEngine, pod: Callable[..., Pod], tmp_path: Path) -> None:
        (tmp_path / "rw").mkdir(mode=0o777)
        (tmp_path / "file").write_text("text\n")
        mounts = (
            Mount("/mnt/rw", str(tmp_path / "rw")),
            Mount("/mnt/file", str(tmp_path / "file"), read_only=True),
        )
        status, said = pod().run(
            "cat /mnt/file; echo new >/mnt/rw/new; echo no >>/mnt/file || exit 9", mounts=mounts
        )
        assert status.exit_code == 9
        assert "text" in said.splitlines()
        assert "Read-only file system" in said
        assert (tmp_path / "rw/new").read_text() == "new\n"

    def test_recursive_read_only_mounts(
        self, engine: EmbeddedEngine, pod: Callable[..., Pod], tmp_path: Path
    ) -> None:
        if not engine.features().recursive_read_only:
            pytest.skip(f"{engine.features().runtime} has no recursive read-only mounts")
        (tmp_path / "inner").mkdir()
        mounted = os.system(f"mount -t tmpfs none {tmp_path}/inner")
        assert mounted == 0
        try:
            mount = Mount("/mnt", str(tmp_path), read_only=True, recursive_read_only=True)
            status, said = pod().run("touch /mnt/inner/x", mounts=(mount,))
        finally:
            os.system(f"umount {tmp_path}/inner")
        assert status.exit_code == 1
        assert "Read-only file system" in said

    def test_credentials_as_asked(self, engine: EmbeddedEngine, pod: Callable[..., Pod]) -> None:
        security = {
            "run_as_user": 1000,
            "run_as_group": 3000,
            "supplemental_groups": (4000, 5000),
            "capabilities": Capability(("NET_BIND_SERVICE",), ("ALL",)),
            "no_new_privs": True,
            "readonly_rootfs": True,
            "seccomp": DEFAULT,
        }
        id = pod().start("/bin/sleep", "100", security=security)
        told = status_of(engine.container(id).pid)
        assert told["Uid"].split() == ["1000"] * 4
        assert told["Gid"].split() == ["3000"] * 4
        assert {"4000", "5000"} <= set(told["Groups"].split())
        assert (told["CapEff"], told["CapBnd"]) == ("0" * 16, "0000000000000400")
        assert (told["NoNewPrivs"], told["Seccomp"]) == ("1", "2")
        written = engine.exec(id, ("/bin/touch", "/x"))
        assert written.exit_code == 1
        assert b"Read-only file system" in written.stderr

    def test_root_with_the_defaults(self, engine: EmbeddedEngine, pod: Callable[..., Pod]) -> None:
        id = pod().start("/bin/sleep", "100")
        told = status_of(engine.container(id).pid)
        assert told["Uid"].split() == ["0"] * 4
        assert told["CapEff"] == told["CapBnd"] == "00000000a80425fb"
        assert told["NoNewPrivs"] == "0"

    def test_a_users_name_is_looked_up(self, engine: EmbeddedEngine, pod: Callable[..., Pod]) -> None:
        id = pod().start("/bin/sleep", "100", security={"run_as_username": "alice"})
        told = status_of(engine.container(id).pid)
        assert (told["Uid"].split()[0], told["Gid"].split()[0]) == ("1000", "1001")

    def test_privileged(self, engine: EmbeddedEngine, pod: Callable[..., Pod]) -> None:
        one = pod(security={"privileged": True})
        id = one.start("/bin/sleep", "100", security={"privileged": True})
        told = status_of(engine.container(id).pid)
        assert told["CapEff"] == status_of(os.getpid())["CapBnd"]

    def test_masked_and_read_only_paths(self, engine: EmbeddedEngine, pod: Callable[..., Pod]) -> None:
        security = {"masked_paths": ("/proc/keys",), "readonly_paths": ("/proc/sys",)}
        id = pod().start("/bin/sleep", "100", security=security)
        mounts = Path(f"/proc/{engine.container(id).pid}/mountinfo").read_text()
        assert " /proc/keys " in mounts
        assert any(" /proc/sys " in line and " ro," in line.split(" - ")[0] for line in mounts.splitlines())

    def test_processes_are_shared_when_asked(self, engine: EmbeddedEngine, pod: Callable[..., Pod]) -> None:
        shared = NamespaceOption(pid="POD")
        one = pod(security={"namespace_options": shared})
        first = one.start("/bin/sleep", "101", name="a", security={"namespace_options": shared})
        # an orphan of the pod is reaped by the sandbox's process
        dead = "ps -o stat | grep -q [Z]"  # which is not what it looks for itself
        script = f"(sleep 0.1 & exec true) ; sleep 0.5; while {dead}; do sleep 0.1; done; ps -o pid,stat,args"
        second = one.start("/bin/sh", "-c", script, name="b", security={"namespace_options": shared})
        one.ended(second)
        lines = one.log("b").splitlines()
        assert any("/pause" in line and line.split()[0] == "1" for line in lines)
        assert any("sleep 101" in line for line in lines)
        assert not any(" Z" in line for line in lines)
        assert engine.container(first).state == "running"

    def test_a_target_shares_one_containers_processes(
        self, engine: EmbeddedEngine, pod: Callable[..., Pod]
    ) -> None:
        one = pod()
        target = one.start("/bin/sleep", "102", name="target")
        options = NamespaceOption(pid="TARGET", target_id=target)
        _, said = one.run("ps", name="debug", security={"namespace_options": options})
        assert "sleep 102" in said

    def test_exec_tells_output_and_code(self, engine: EmbeddedEngine, pod: Callable[..., Pod]) -> None:
        id = pod().start("/bin/sleep", "100")
        result = engine.exec(id, ("/bin/sh", "-c", "echo out; echo err >&2; exit 7"), timeout=300)
        assert (result.stdout, result.stderr, result.exit_code) == (b"out\n", b"err\n", 7)

    def test_exec_ends_when_its_time_is_over(self, engine: EmbeddedEngine, pod: Callable[..., Pod]) -> None:
        id = pod().start("/bin/sleep", "100")
        with pytest.raises(EngineError) as error:
            engine.exec(id, ("/bin/sleep", "55"), timeout=1)
        assert error.value.code == "DeadlineExceeded"
        # it is killed, which it takes when it is next on a processor
        wait_until(lambda: b"sleep 55" not in engine.exec(id, ("ps",)).stdout, "the end of the command")

    def test_exec_with_streams(self, engine: EmbeddedEngine, pod: Callable[..., Pod]) -> None:
        id = pod().start("/bin/sleep", "100")
        script = "echo err >&2; cat; exit 7"
        connection = engine.exec_connection(id, ("/bin/sh", "-c", script), stdin=True)
        connection.send(b"in")
        connection.close_stdin()
        *printed, (name, status) = connection.frames()
        connection.close()
        assert sorted(printed) == [("stderr", b"err\n"), ("stdout", b"in")]
        assert (name, b'"reason":"NonZeroExitCode"' in status) == ("error", True)

    def test_exec_of_what_is_not_there(self, engine: EmbeddedEngine, pod: Callable[..., Pod]) -> None:
        id = pod().start("/bin/sleep", "100")
        with pytest.raises(EngineError, match="no such file or directory"):
            engine.exec(id, ("/nosuch",))

    def test_a_stop_is_a_question_then_an_order(
        self, engine: EmbeddedEngine, pod: Callable[..., Pod]
    ) -> None:
        one = pod()
        wait = "echo set; while :; do sleep 0.1; done"
        polite = one.start("/bin/sh", "-c", f'trap "exit 5" TERM; {wait}', name="polite")
        deaf = one.start("/bin/sh", "-c", f'trap "" TERM; {wait}', name="deaf")
        for name in ("polite", "deaf"):
            wait_until(lambda name=name: "set" in one.log(name), f"{name}'s trap")  # type: ignore[misc]
        grace = 1
        engine.stop_container(polite, 20)
        asked = time.monotonic()
        engine.stop_container(deaf, grace)
        assert time.monotonic() - asked > 0.9 * grace
        assert engine.container(polite).exit_code == 5
        assert engine.container(deaf).exit_code == 137

    def test_refusals_have_the_runtimes_words(self, engine: EmbeddedEngine, pod: Callable[..., Pod]) -> None:
        one = pod()
        with pytest.raises(EngineError, match=r"^rpc error: code = \w+ desc = .*no command specified"):
            one.create(image="local.lab/empty:1")
        with pytest.raises(EngineError) as error:
            one.create("/bin/true", image="local.lab/none:1")
        assert error.value.code == "NotFound"
        missing = one.create("/nosuch", name="missing")
        with pytest.raises(EngineError, match="no such file or directory"):
            engine.start_container(missing)
        status = engine.container(missing)
        assert (status.state, status.reason, status.exit_code) == ("exited", "StartError", 128)

    def test_many_at_once(self, engine: EmbeddedEngine, pod: Callable[..., Pod]) -> None:
        pods = [pod() for _ in range(4)]
        said: dict[str, str] = {}

        def work(one: Pod, number: int) -> None:
            name = f"c{number}"
            _, text = one.run(f"echo {one.request.name} {number}", name=name)
            said[f"{one.request.name} {number}"] = text

        threads = [threading.Thread(target=work, args=(one, number)) for one in pods for number in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(said) == 12
        assert all(key == text for key, text in said.items())

    def test_user_namespaces(self, engine: EmbeddedEngine, pod: Callable[..., Pod], tmp_path: Path) -> None:
        if not engine.features().user_namespaces:
            pytest.skip(f"{engine.features().runtime} has no user namespaces")
        ids = (IDMapping(host_id=6553600, container_id=0, length=65536),)
        options = NamespaceOption(userns_options=UserNamespace(ids, ids))
        one = pod(security={"namespace_options": options})
        (tmp_path / "volume").mkdir()
        id = one.start(
            "/bin/sleep",
            "100",
            security={"namespace_options": options},
            mounts=(Mount("/mnt", str(tmp_path / "volume")),),
        )
        pid = engine.container(id).pid
        assert Path(f"/proc/{pid}/uid_map").read_text().split() == ["0", "6553600", "65536"]
        assert engine.exec(id, ("/bin/touch", "/mnt/file")).exit_code == 0
        assert (tmp_path / "volume/file").stat().st_uid == 0  # the mount is mapped as well

    def test_strict_groups(self, engine: EmbeddedEngine, pod: Callable[..., Pod]) -> None:
        if not engine.features().strict_groups:
            pytest.skip(f"{engine.features().runtime} has no supplementalGroupsPolicy")
        security = {
            "run_as_user": 1000,
            "run_as_group": 1001,
            "supplemental_groups": (4000,),
            "supplemental_groups_policy": "Strict",
        }
        id = pod().start("/bin/sleep", "100", security=security)
        assert status_of(engine.container(id).pid)["Groups"].split() == ["1001", "4000"]

    def test_imports_every_kind_of_archive(self, engine: EmbeddedEngine, tmp_path: Path) -> None:
        layout = tmp_path / "layout"
        unpack(recorded_archive(), layout)
        (layout / "manifest.json").unlink(missing_ok=True)  # `docker save` in the same archive
        index = json.loads((layout / "index.json").read_text())
        chosen = index["manifests"][0]
        chosen["annotations"] = {"org.opencontainers.image.ref.name": "team/web:2"}
        self.write_index(layout, chosen)
        assert engine.import_archive(layout) == ("docker.io/team/web:2",)
        record = engine.image("team/web:2")
        assert record is not None
        assert record.reference == "team/web:2"
        chosen["annotations"] = {"org.opencontainers.image.ref.name": "3"}
        self.write_index(layout, chosen)
        assert engine.import_archive(layout) == ("podproof.local/imported:3",)
        # the client's stand-in for a name is forgotten everywhere, or containers would be asked for under it
        assert not [held for held in engine.images() if "import-" in held.reference]
        chosen["annotations"] = {}
        self.write_index(layout, chosen)
        named = f"podproof.local/imported@{chosen['digest']}"
        assert engine.import_archive(layout) == (named,)
        chosen["annotations"] = {"io.containerd.image.name": "local.lab/zipped:1"}
        self.write_index(layout, chosen)
        plain = tmp_path / "plain.tar"
        with tarfile.open(plain, "w") as archive:
            archive.add(layout, arcname=".")
        zipped = tmp_path / "zipped.tar.gz"
        with plain.open("rb") as source, gzip.open(zipped, "wb") as target:
            shutil.copyfileobj(source, target)
        assert engine.import_archive(zipped) == ("local.lab/zipped:1",)
        for name in ("docker.io/team/web:2", "podproof.local/imported:3", named, "local.lab/zipped:1"):
            engine.remove_image(name)
        assert engine.image("local.lab/zipped:1") is None
        engine.import_archive(recorded_archive())  # the interface removes an image under all its names

    @staticmethod
    def write_index(layout: Path, manifest: dict[str, Any]) -> None:
        index = {"schemaVersion": 2, "manifests": [manifest]}
        (layout / "index.json").write_text(json.dumps(index))

    def test_what_is_no_archive_is_the_users_fault(self, engine: EmbeddedEngine, tmp_path: Path) -> None:
        with pytest.raises(InputError, match="No such file or directory"):
            engine.import_archive(tmp_path / "none.tar")
        with pytest.raises(InputError, match="must be an OCI layout"):
            engine.import_archive(tmp_path)
        (tmp_path / "broken.tar.gz").write_bytes(gzip.compress(b"x" * 1000)[:20])
        with pytest.raises(InputError, match="not a complete gzip file"):
            engine.import_archive(tmp_path / "broken.tar.gz")
        (tmp_path / "text.tar").write_text("no tar\n" * 200)
        with pytest.raises((InputError, EngineError), match=r"text\.tar|import failed"):
            engine.import_archive(tmp_path / "text.tar")

    def test_a_pull_from_nowhere_fails_with_the_runtimes_words(self, engine: EmbeddedEngine) -> None:
        pull_through(engine, registry_settings(["127.0.0.1"]))
        with pytest.raises(EngineError, match=r"failed to pull and unpack image .*connection refused"):
            engine.pull("127.0.0.1:1/none:1")

    def test_removing_an_image_that_is_not_there(self, engine: EmbeddedEngine) -> None:
        engine.remove_image("local.lab/none:1")
