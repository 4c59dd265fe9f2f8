"""Pods on the real engine: what only a kernel can answer: volumes, probes, hooks, memory, names, owners."""

import os
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from waiting import wait_until

from podproof.effective.node import Node
from podproof.effective.runtime import parse_runtime
from podproof.effective.setting import Setting
from podproof.kube.review import review
from podproof.kubelet.objects import Objects
from podproof.runtimes.embedded import EmbeddedEngine
from podproof.runtimes.pods.logs import read_lines
from podproof.runtimes.pods.runner import PodRunner
from podproof.runtimes.pods.values import PodSnapshot, RunOptions
from podproof.runtimes.pods.volumes.host_path import HostPaths

BB = "local.lab/bb:1"

OBJECTS = Objects(
    [
        {"kind": "ConfigMap", "metadata": {"name": "settings"}, "data": {"a": "one", "b": "two"}},
        {"kind": "Secret", "metadata": {"name": "keys"}, "stringData": {"token": "hush"}},
        {"kind": "PersistentVolumeClaim", "metadata": {"name": "data"}, "spec": {}},
    ]
)


class Ran:
    def __init__(self, snapshot: PodSnapshot, logs: dict[str, str]) -> None:
        self.snapshot, self.logs = snapshot, logs
        self.status: dict[str, Any] = snapshot.pod["status"]

    def state(self, name: str) -> dict[str, Any]:
        listed = [*self.status.get("initContainerStatuses", ()), *self.status["containerStatuses"]]
        found: dict[str, Any] = next(held["state"] for held in listed if held["name"] == name)
        return found


def run(
    engine: EmbeddedEngine,
    spec: dict[str, Any],
    *,
    until: Any = lambda snapshot: snapshot.finished,
    name: str = "web",
    **options: Any,
) -> Ran:
    """Run a pod until a snapshot fulfils the condition; a pod that ends by itself is the usual one."""
    pod = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "labels": {"app": name}},
        "spec": spec,
    }
    reviewed = review(pod, version=37)
    assert not reviewed.errors, reviewed.errors
    assert reviewed.object is not None
    folder = engine.session.directory / "pods" / f"{name}-{time.monotonic_ns()}"
    made = RunOptions(
        **{
            "setting": Setting(
                node=Node(apparmor=False, unsafe_sysctls=()), runtime=parse_runtime("containerd-1.6.20")
            ),
            "cgroup_root": engine.session.cgroup,
            "claims": str(engine.session.directory / "claims"),
            "memory": 1 << 33,
            "cpu": 2,
            "host_ip": "192.0.2.1",
            **options,
        }
    )
    runner = PodRunner(
        reviewed.object,
        engine=engine,
        objects=OBJECTS,
        options=made,
        directory=folder,
        session=engine.session.id,
    )
    stop = threading.Event()
    thread = threading.Thread(target=runner.run, args=(stop,))
    thread.start()
    try:

        def come() -> PodSnapshot | None:
            snapshot = runner.snapshot()
            if until(snapshot):
                return snapshot
            assert runner.failure is None, runner.failure
            return None

        snapshot = wait_until(come, "what the pod is run for")
        assert snapshot is not None
        logs = {
            container: "".join(
                line.data.decode() for path in sorted(where.glob("*.log")) for line in read_lines(path)
            )
            for container, where in runner.logs.items()
        }
        return Ran(snapshot, logs)
    finally:
        stop.set()
        thread.join()
        assert not folder.exists(), [*folder.rglob("*")]


def once(script: str, **fields: Any) -> dict[str, Any]:
    return {"name": "c", "image": BB, "command": ["/bin/sh", "-c", script], **fields}


def ready(snapshot: PodSnapshot) -> bool:
    conditions = snapshot.pod["status"].get("conditions", ())
    return any(c["type"] == "Ready" and c["status"] == "True" for c in conditions)


def test_volumes_have_their_modes_owners_and_kinds(embedded: EmbeddedEngine) -> None:
    script = (
        "for p in /empty /memory /config /secret /claim; do stat -c '%n %a %u:%g' $p; done; "
        "stat -L -c '%n %a %g' /config/a /secret/renamed /down/labels; "
        "cat /secret/renamed; echo; cat /down/labels; echo; "
        "grep -E ' /(memory|secret|down) ' /proc/mounts | cut -d' ' -f2,3 | sort; "
        "touch /config/x 2>&1; touch /empty/x /claim/x && echo written"
    )
    ran = run(
        embedded,
        {
            "restartPolicy": "Never",
            "securityContext": {"runAsUser": 1000, "fsGroup": 2345},
            "volumes": [
                {"name": "empty", "emptyDir": {}},
                {"name": "memory", "emptyDir": {"medium": "Memory", "sizeLimit": "1Mi"}},
                {"name": "config", "configMap": {"name": "settings", "defaultMode": 0o400}},
                {
                    "name": "secret",
                    "secret": {"secretName": "keys", "items": [{"key": "token", "path": "renamed"}]},
                },
                {"name": "claim", "persistentVolumeClaim": {"claimName": "data"}},
                {
                    "name": "down",
                    "downwardAPI": {
                        "items": [{"path": "labels", "fieldRef": {"fieldPath": "metadata.labels"}}]
                    },
                },
            ],
            "containers": [
                once(
                    script,
                    volumeMounts=[
                        {"name": name, "mountPath": f"/{name}"}
                        for name in ("empty", "memory", "config", "secret", "claim", "down")
                    ],
                )
            ],
        },
    )
    assert ran.logs["c"].splitlines() == [
        "/empty 2777 0:2345",
        "/memory 2777 0:2345",
        "/config 2777 0:2345",
        "/secret 2777 0:2345",
        "/claim 2775 0:2345",
        "/config/a 440 2345",
        "/secret/renamed 644 2345",
        "/down/labels 644 2345",
        "hush",
        'app="web"',
        "/down tmpfs",
        "/memory tmpfs",
        "/secret tmpfs",
        "touch: /config/x: Read-only file system",
        "written",
    ]


def test_a_sub_path_is_a_piece_of_its_volume(embedded: EmbeddedEngine) -> None:
    ran = run(
        embedded,
        {
            "restartPolicy": "Never",
            "volumes": [{"name": "v", "emptyDir": {}}, {"name": "c", "configMap": {"name": "settings"}}],
            "initContainers": [
                {
                    **once("mkdir /v/x; echo in > /v/x/f"),
                    "name": "i",
                    "volumeMounts": [{"name": "v", "mountPath": "/v"}],
                }
            ],
            "containers": [
                once(
                    "cat /x/f /one; ls /new | wc -l; cat /named/f",
                    env=[{"name": "WHERE", "value": "x"}],
                    volumeMounts=[
                        {"name": "v", "mountPath": "/x", "subPath": "x"},
                        {"name": "v", "mountPath": "/new", "subPath": "made/here"},
                        {"name": "v", "mountPath": "/named", "subPathExpr": "$(WHERE)"},
                        {"name": "c", "mountPath": "/one", "subPath": "a"},
                    ],
                )
            ],
        },
    )
    assert ran.logs["c"] == "in\none0\nin\n"


def test_a_link_out_of_the_volume_is_no_sub_path(embedded: EmbeddedEngine) -> None:
    ran = run(
        embedded,
        {
            "volumes": [{"name": "v", "emptyDir": {}}],
            "initContainers": [
                {**once("ln -s /etc /v/out"), "name": "i", "volumeMounts": [{"name": "v", "mountPath": "/v"}]}
            ],
            "containers": [
                once("cat /x/shadow", volumeMounts=[{"name": "v", "mountPath": "/x", "subPath": "out"}])
            ],
        },
        until=lambda snapshot: any(event.reason == "Failed" for event in snapshot.events),
    )
    assert ran.state("c")["waiting"]["reason"] == "CreateContainerConfigError"
    assert "not within volume path" in ran.state("c")["waiting"]["message"]


def test_environment_and_names(embedded: EmbeddedEngine) -> None:
    ran = run(
        embedded,
        {
            "restartPolicy": "Never",
            "hostAliases": [{"ip": "192.0.2.9", "hostnames": ["db"]}],
            "containers": [
                once(
                    "echo $A $B $POD $CPU $X_a $TOKEN; hostname; "
                    "grep -c db /etc/hosts; grep $(hostname) /etc/hosts | wc -l",
                    env=[
                        {"name": "A", "valueFrom": {"configMapKeyRef": {"name": "settings", "key": "b"}}},
                        {"name": "B", "value": "$(A)-$(NOPE)-$$(A)"},
                        {"name": "POD", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}},
                        {"name": "CPU", "valueFrom": {"resourceFieldRef": {"resource": "limits.cpu"}}},
                        {"name": "TOKEN", "valueFrom": {"secretKeyRef": {"name": "keys", "key": "token"}}},
                    ],
                    envFrom=[{"prefix": "X_", "configMapRef": {"name": "settings"}}],
                )
            ],
        },
    )
    assert ran.logs["c"] == "two two-$(NOPE)-$(A) web 2 one hush\nweb\n1\n1\n"


def test_too_much_memory_is_oom_killed(embedded: EmbeddedEngine) -> None:
    ran = run(
        embedded,
        {
            "restartPolicy": "Never",
            # containerd begins to listen for a full cgroup only after the start
            "containers": [once("sleep 1; tail /dev/zero", resources={"limits": {"memory": "16Mi"}})],
        },
    )
    ended = ran.state("c")["terminated"]
    assert (ended["exitCode"], ended["reason"]) == (137, "OOMKilled")
    assert ran.status["qosClass"] == "Burstable"


@pytest.mark.parametrize(
    ("probe", "server"),
    [
        ({"httpGet": {"port": "web", "path": "/index.html"}}, "httpd -f -p 8080 -h /tmp"),
        ({"tcpSocket": {"port": 8080}}, "httpd -f -p 8080 -h /tmp"),
        ({"exec": {"command": ["cat", "/tmp/index.html"]}}, "sleep 60"),
    ],
)
def test_probes_reach_the_container(embedded: EmbeddedEngine, probe: dict[str, Any], server: str) -> None:
    for seconds in (1, 10, 60):  # a busy machine may probe only when the server is there
        ran = run(
            embedded,
            {
                "terminationGracePeriodSeconds": 0,
                "containers": [
                    once(
                        f"sleep {seconds}; echo hi > /tmp/index.html; exec {server}",
                        ports=[{"name": "web", "containerPort": 8080}],
                        readinessProbe={**probe, "periodSeconds": 1},
                    )
                ],
            },
            until=ready,
        )
        if unhealthy := any(event.reason == "Unhealthy" for event in ran.snapshot.events):
            break
    assert unhealthy


def test_a_refused_probe_speaks_as_go_does(embedded: EmbeddedEngine) -> None:
    ran = run(
        embedded,
        {
            "terminationGracePeriodSeconds": 0,
            "containers": [once("sleep 60", readinessProbe={"httpGet": {"port": 81}, "periodSeconds": 1})],
        },
        until=lambda snapshot: any(event.reason == "Unhealthy" for event in snapshot.events),
    )
    ip = ran.status["podIP"]
    (message,) = {event.message for event in ran.snapshot.events if event.reason == "Unhealthy"}
    assert message == (
        f'Readiness probe failed: Get "http://{ip}:81/": dial tcp {ip}:81: connect: connection refused'
    )


def test_grpc_health(embedded: EmbeddedEngine) -> None:
    """A real gRPC server on this machine's side of the network, asked as a pod's is."""
    import grpc

    from podproof.runtimes.pods.prober import probe
    from podproof.runtimes.pods.reach import NetworkLocation

    answers = {b"": b"\x08\x01", b"\n\x03bad": b"\x08\x02"}

    class Health(grpc.GenericRpcHandler):  # type: ignore[misc] # grpc has no types
        def service(self, details: Any) -> Any:
            if details.method != "/grpc.health.v1.Health/Check":
                return None
            return grpc.unary_unary_rpc_method_handler(
                lambda request, _: answers[request], request_deserializer=bytes, response_serializer=bytes
            )

    from concurrent.futures import ThreadPoolExecutor

    server = grpc.server(ThreadPoolExecutor(2), handlers=(Health(),))
    port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    try:
        target = NetworkLocation("127.0.0.1")
        assert probe({"grpc": {"port": port}}, {}, embedded, "", target).result == "success"
        # the same through this process's own network namespace, as for a pod without an address
        inside = NetworkLocation("127.0.0.1", os.getpid())
        assert probe({"grpc": {"port": port}}, {}, embedded, "", inside).result == "success"
        bad = probe({"grpc": {"port": port, "service": "bad"}}, {}, embedded, "", target)
        assert bad.output == 'service unhealthy (responded with "NOT_SERVING")'
        none = probe({"grpc": {"port": 1}}, {}, embedded, "", target)
        assert none.output.startswith('timeout: failed to connect service "127.0.0.1:1" within 1s')
    finally:
        server.stop(0)


def test_hooks_run_inside(embedded: EmbeddedEngine) -> None:
    ran = run(
        embedded,
        {
            "restartPolicy": "Never",
            "containers": [
                once(
                    "while [ ! -f /tmp/go ]; do sleep 0.1; done; echo went",
                    lifecycle={"postStart": {"exec": {"command": ["touch", "/tmp/go"]}}},
                )
            ],
        },
    )
    assert ran.logs["c"] == "went\n"


def test_the_termination_message_is_read(embedded: EmbeddedEngine) -> None:
    ran = run(
        embedded,
        {"restartPolicy": "Never", "containers": [once("echo last > /dev/termination-log; exit 4")]},
    )
    assert ran.state("c")["terminated"]["message"] == "last\n"


def test_host_paths_stay_below_their_prefix(embedded: EmbeddedEngine, tmp_path: Path) -> None:
    (tmp_path / "given").mkdir()
    (tmp_path / "given" / "f").write_text("mine\n")
    (tmp_path / "given" / "link").symlink_to("/etc")
    spec = {
        "restartPolicy": "Never",
        "volumes": [{"name": "v", "hostPath": {"path": str(tmp_path / "given")}}],
        "containers": [once("cat /v/f", volumeMounts=[{"name": "v", "mountPath": "/v"}])],
    }
    assert run(embedded, spec, host_paths=HostPaths((str(tmp_path),))).logs["c"] == "mine\n"
    spec["volumes"] = [{"name": "v", "hostPath": {"path": str(tmp_path / "given" / "link")}}]
    ran = run(
        embedded,
        spec,
        host_paths=HostPaths((str(tmp_path),)),
        until=lambda snapshot: any(event.reason == "FailedMount" for event in snapshot.events),
    )
    assert "is not under an allowed path" in ran.snapshot.events[0].message


def test_a_host_path_is_the_same_at_each_start(embedded: EmbeddedEngine, tmp_path: Path) -> None:
    """A container that replaces what it mounts by a link does not get what the link leads to."""
    (tmp_path / "given/inner").mkdir(parents=True)
    (tmp_path / "given/inner/f").write_text("mine\n")
    script = "cat /inner/f && rm -rf /v/inner && ln -s /etc /v/inner; ls /inner | head -n 3; exit 1"
    spec = {
        "volumes": [
            {"name": "v", "hostPath": {"path": str(tmp_path / "given")}},
            {"name": "i", "hostPath": {"path": str(tmp_path / "given/inner")}},
        ],
        "containers": [
            once(
                script,
                volumeMounts=[{"name": "v", "mountPath": "/v"}, {"name": "i", "mountPath": "/inner"}],
            )
        ],
    }
    ran = run(
        embedded,
        spec,
        time_scale=0.01,
        host_paths=HostPaths((str(tmp_path),)),
        until=lambda snapshot: snapshot.pod["status"]["containerStatuses"][0]["restartCount"] >= 2,
    )
    assert (tmp_path / "given/inner").is_symlink()
    assert "passwd" not in ran.logs["c"]


def test_an_empty_dir_beyond_its_limit_evicts(embedded: EmbeddedEngine) -> None:
    ran = run(
        embedded,
        {
            "terminationGracePeriodSeconds": 0,
            "volumes": [{"name": "v", "emptyDir": {"sizeLimit": "1Mi"}}],
            "containers": [
                once(
                    "dd if=/dev/zero of=/v/f bs=1M count=3 2>/dev/null; sleep 60",
                    volumeMounts=[{"name": "v", "mountPath": "/v"}],
                )
            ],
        },
    )
    assert (ran.status["phase"], ran.status["reason"]) == ("Failed", "Evicted")
    assert ran.status["message"] == 'Usage of EmptyDir volume "v" exceeds the limit "1Mi". '


def test_nobody_else_on_this_machine_reaches_a_pods_files(embedded: EmbeddedEngine) -> None:
    modes: list[int] = []

    def look(snapshot: PodSnapshot) -> bool:
        if not modes:
            (folder,) = (embedded.session.directory / "pods").iterdir()
            modes.append(folder.stat().st_mode & 0o777)
        return snapshot.finished

    run(embedded, {"restartPolicy": "Never", "containers": [once("true")]}, until=look)
    assert modes == [0o700]
