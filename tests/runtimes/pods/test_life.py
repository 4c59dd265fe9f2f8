"""A pod's life on an engine that only plays: what kubectl shows, when, and in which words."""

from itertools import pairwise
from pathlib import Path
from typing import Any

from driver import Driven, container, events
from fake_engine import Behaviour

from podproof.runtimes.engine import ExecResult


def state_of(snapshot: Any, name: str) -> dict[str, Any]:
    status = snapshot.pod["status"]
    listed = [*status.get("initContainerStatuses", ()), *status.get("containerStatuses", ())]
    return next(held for held in listed if held["name"] == name)


def conditions(snapshot: Any) -> dict[str, str]:
    return {
        c["type"]: c["status"] + (f" {c['reason']}" if "reason" in c else "")
        + (f": {c['message']}" if "message" in c else "")
        for c in snapshot.pod["status"]["conditions"]
    }  # fmt: skip


def test_a_pod_runs_and_is_stopped_with_its_grace(tmp_path: Path) -> None:
    driven = Driven({"containers": [container()], "terminationGracePeriodSeconds": 7}, tmp_path)
    driven.engine.behaviours["app"] = Behaviour(stops=3)
    snapshot = driven.run()
    assert driven.words == ["ContainerCreating", "Running", "Terminating", "Completed"]
    assert conditions(snapshot) == {
        "PodReadyToStartContainers": "True",
        "Initialized": "True",
        "Ready": "True",
        "ContainersReady": "True",
        "PodScheduled": "True",
    }
    assert driven.engine.calls == ["sandbox web", "start app", "stop app within 7", "remove sandbox"]
    assert driven.after.pod["status"]["phase"] == "Succeeded"
    assert not (tmp_path / "pod").exists()
    assert events(driven.after)[-1] == "Normal Killing: Stopping container app x1"


def test_what_outlives_its_grace_is_killed(tmp_path: Path) -> None:
    driven = Driven({"containers": [container()], "terminationGracePeriodSeconds": 5}, tmp_path)
    driven.engine.behaviours["app"] = Behaviour(stops=100)
    driven.run()
    assert state_of(driven.after, "app")["state"]["terminated"]["exitCode"] == 137
    assert driven.after.pod["status"]["phase"] == "Failed"


def test_a_container_always_has_two_seconds(tmp_path: Path) -> None:
    driven = Driven({"containers": [container()], "terminationGracePeriodSeconds": 0}, tmp_path)
    driven.run()
    assert "stop app within 2" in driven.engine.calls


def test_back_off_doubles_up_to_five_minutes(tmp_path: Path) -> None:
    driven = Driven({"containers": [container()]}, tmp_path, seconds=1500, app=Behaviour(ends=0, code=1))
    snapshot = driven.run()
    starts = [time for time, _, word, _ in driven.rows if word == "Error"]
    waits = [round(after - before) for before, after in pairwise(starts)]
    assert waits[:8] == [0, 10, 20, 40, 80, 160, 300, 300]
    held = state_of(snapshot, "app")
    assert held["state"]["waiting"] == {
        "reason": "CrashLoopBackOff",
        "message": "back-off 5m0s restarting failed container=app pod=web_default(0a)",
    }
    assert held["lastState"]["terminated"]["exitCode"] == 1
    assert snapshot.pod["status"]["phase"] == "Running"
    assert any(
        line.startswith("Warning BackOff: Back-off restarting failed container app in pod web_default(0a)")
        for line in events(snapshot)
    )


def test_time_scale_shortens_waits_and_not_words(tmp_path: Path) -> None:
    driven = Driven({"containers": [container()]}, tmp_path, seconds=3.5, app=Behaviour(ends=0, code=1))
    snapshot = driven.run(time_scale=0.1)
    assert state_of(snapshot, "app")["restartCount"] == 3
    assert "back-off 40s" in state_of(snapshot, "app")["state"]["waiting"]["message"]


def test_restart_policies(tmp_path: Path) -> None:
    cases: list[tuple[str, int, str, str]] = [
        ("Never", 0, "Succeeded", "Completed"),
        ("Never", 7, "Failed", "Error"),
        ("OnFailure", 0, "Succeeded", "Completed"),
        ("OnFailure", 7, "Running", "CrashLoopBackOff"),
        ("Always", 0, "Running", "CrashLoopBackOff"),
    ]
    for policy, code, phase, word in cases:
        folder = tmp_path / f"{policy}{code}"
        driven = Driven(
            {"containers": [container()], "restartPolicy": policy},
            folder,
            seconds=9,
            app=Behaviour(ends=1, code=code),
        )
        snapshot = driven.run()
        shown = (
            snapshot.pod["status"]["phase"],
            driven.rows[-1][2] if snapshot.finished else driven.words[-3],
        )
        assert shown[0] == phase, (policy, code, driven.rows)
        assert word in driven.words, (policy, code, driven.words)


def test_a_finished_pod_says_so_in_its_conditions(tmp_path: Path) -> None:
    driven = Driven(
        {"containers": [container()], "restartPolicy": "Never"},
        tmp_path,
        app=Behaviour(ends=1, code=7, message="why\n"),
    )
    snapshot = driven.run()
    assert conditions(snapshot) == {
        "PodReadyToStartContainers": "False PodSandboxNotReady: pod sandbox is not ready",
        "Initialized": "True",
        "Ready": "False PodFailed",
        "ContainersReady": "False PodFailed",
        "PodScheduled": "True",
    }
    ended = state_of(snapshot, "app")["state"]["terminated"]
    assert (ended["exitCode"], ended["reason"], ended["message"]) == (7, "Error", "why\n")


def test_the_end_of_the_log_stands_in_for_a_message(tmp_path: Path) -> None:
    driven = Driven(
        {
            "containers": [container(terminationMessagePolicy="FallbackToLogsOnError")],
            "restartPolicy": "Never",
        },
        tmp_path,
        app=Behaviour(ends=1, code=1, log=("first", "last words")),
    )
    assert state_of(driven.run(), "app")["state"]["terminated"]["message"] == "first\nlast words\n"


def test_init_containers_run_in_order_before_the_others(tmp_path: Path) -> None:
    driven = Driven(
        {"initContainers": [container("one"), container("two")], "containers": [container()]},
        tmp_path,
        one=Behaviour(ends=5),
        two=Behaviour(ends=5),
    )
    snapshot = driven.run()
    assert driven.words[:5] == ["Init:0/2", "Init:1/2", "PodInitializing", "Running", "Terminating"]
    assert driven.engine.calls[1:4] == ["start one", "start two", "start app"]
    assert state_of(snapshot, "one")["ready"] is True
    assert state_of(snapshot, "one")["state"]["terminated"]["reason"] == "Completed"


def test_a_failing_init_container_ends_a_pod_that_never_restarts(tmp_path: Path) -> None:
    driven = Driven(
        {"initContainers": [container("i")], "containers": [container()], "restartPolicy": "Never"},
        tmp_path,
        i=Behaviour(ends=1, code=3),
    )
    snapshot = driven.run()
    assert snapshot.pod["status"]["phase"] == "Failed"
    assert driven.words[-1] == "Init:Error"
    assert state_of(snapshot, "app")["state"] == {"waiting": {"reason": "PodInitializing"}}
    assert conditions(snapshot)["Initialized"] == (
        "False ContainersNotInitialized: containers with incomplete status: [i]"
    )


def test_a_failing_init_container_is_tried_again(tmp_path: Path) -> None:
    driven = Driven(
        {"initContainers": [container("i")], "containers": [container()]},
        tmp_path,
        seconds=12,
        i=(Behaviour(ends=1, code=3), Behaviour(ends=1, code=3), Behaviour(ends=1)),
    )
    snapshot = driven.run()
    assert "Init:CrashLoopBackOff" in driven.words
    assert snapshot.pod["status"]["phase"] == "Pending"


def test_a_sidecar_starts_before_and_ends_after_the_others(tmp_path: Path) -> None:
    driven = Driven(
        {
            "initContainers": [
                container("log", restartPolicy="Always"),
                container("net", restartPolicy="Always"),
                container("i"),
            ],
            "containers": [container()],
        },
        tmp_path,
        i=Behaviour(ends=1),
    )
    snapshot = driven.run()
    starts = [call for call in driven.engine.calls if call.startswith("start")]
    stops = [call.split(" within")[0] for call in driven.engine.calls if call.startswith("stop")]
    assert starts == ["start log", "start net", "start i", "start app"]
    assert stops == ["stop app", "stop net", "stop log"]
    assert "3/3" in [row[1] for row in driven.rows]
    assert state_of(snapshot, "log")["started"] is True


def test_a_sidecar_does_not_keep_a_finished_pod(tmp_path: Path) -> None:
    driven = Driven(
        {
            "initContainers": [container("log", restartPolicy="Always")],
            "containers": [container()],
            "restartPolicy": "Never",
        },
        tmp_path,
        app=Behaviour(ends=3),
    )
    snapshot = driven.run()
    assert snapshot.pod["status"]["phase"] == "Succeeded"
    assert "stop log within 30" in driven.engine.calls


def test_a_sidecar_is_restarted_in_a_pod_that_never_restarts(tmp_path: Path) -> None:
    driven = Driven(
        {
            "initContainers": [container("log", restartPolicy="Always")],
            "containers": [container()],
            "restartPolicy": "Never",
        },
        tmp_path,
        log=(Behaviour(ends=2, code=1), Behaviour()),
    )
    snapshot = driven.run()
    assert state_of(snapshot, "log")["restartCount"] == 1
    assert snapshot.pod["status"]["phase"] == "Running"


def test_run_as_non_root_is_refused_in_the_kubelets_words(tmp_path: Path) -> None:
    driven = Driven(
        {"containers": [container(image="root:1", securityContext={"runAsNonRoot": True})]}, tmp_path
    )
    snapshot = driven.run()
    message = 'container has runAsNonRoot and image will run as root (pod: "web_default(0a)", container: app)'
    assert state_of(snapshot, "app")["state"] == {
        "waiting": {"reason": "CreateContainerConfigError", "message": message}
    }
    assert snapshot.pod["status"]["phase"] == "Pending"
    assert f"Warning Failed: Error: {message} x6" in events(snapshot)
    assert driven.engine.requests == []


def test_the_engines_words_stand_in_status_and_event(tmp_path: Path) -> None:
    driven = Driven({"containers": [container()]}, tmp_path, seconds=5, app=Behaviour(create="no command"))
    snapshot = driven.run()
    assert state_of(snapshot, "app")["state"]["waiting"] == {
        "reason": "CreateContainerError",
        "message": "no command",
    }
    assert "Warning Failed: Error: no command x1" in events(snapshot)
    driven = Driven(
        {"containers": [container()], "restartPolicy": "Never"},
        tmp_path / "2",
        seconds=5,
        app=Behaviour(start='exec: "x": not found'),
    )
    snapshot = driven.run()
    ended = state_of(snapshot, "app")["state"]["terminated"]
    assert (ended["exitCode"], ended["reason"], ended["message"]) == (
        128,
        "StartError",
        'exec: "x": not found',
    )
    assert snapshot.pod["status"]["phase"] == "Failed"


def test_a_container_that_cannot_start_backs_off(tmp_path: Path) -> None:
    driven = Driven({"containers": [container()]}, tmp_path, seconds=5, app=Behaviour(start="no"))
    snapshot = driven.run()
    assert "RunContainerError" in driven.words
    assert "CrashLoopBackOff" in driven.words
    assert state_of(snapshot, "app")["restartCount"] == 1


def test_a_sandbox_that_fails_keeps_everything_creating(tmp_path: Path) -> None:
    driven = Driven({"containers": [container()]}, tmp_path, seconds=25)
    driven.engine.sandbox_errors = ["first", "second"]
    snapshot = driven.run()
    failed = "Warning FailedCreatePodSandBox: Failed to create pod sandbox: rpc error: code = Unknown desc = "
    assert events(snapshot)[:2] == [f"{failed}first x1", f"{failed}second x1"]
    assert snapshot.pod["status"]["phase"] == "Running"


def test_user_namespaces_need_a_runtime_that_has_them(tmp_path: Path) -> None:
    driven = Driven({"containers": [container()], "hostUsers": False}, tmp_path, seconds=5)
    snapshot = driven.run()
    assert events(snapshot) == [
        "Warning FailedCreatePodSandBox: Failed to create pod sandbox: can't set `spec.hostUsers: false`, "
        "runtime does not support user namespaces x1"
    ]
    assert conditions(snapshot)["PodReadyToStartContainers"] == (
        "False PodSandboxNotReady: no pod sandbox exists"
    )


def test_a_rejected_pod_has_failed_and_never_reaches_the_engine(tmp_path: Path) -> None:
    driven = Driven(
        {
            "containers": [container()],
            "securityContext": {"sysctls": [{"name": "kernel.msgmax", "value": "1"}]},
        },
        tmp_path,
    )
    snapshot = driven.run()
    status = snapshot.pod["status"]
    assert (status["phase"], status["reason"]) == ("Failed", "SysctlForbidden")
    assert status["message"] == 'Pod was rejected: forbidden sysctl: "kernel.msgmax" not allowlisted'
    assert driven.words == ["ContainerCreating", "SysctlForbidden"]
    assert driven.engine.calls == []


def test_a_deadline_ends_the_pod(tmp_path: Path) -> None:
    driven = Driven({"containers": [container()], "activeDeadlineSeconds": 20}, tmp_path)
    snapshot = driven.run()
    status = snapshot.pod["status"]
    assert (status["phase"], status["reason"]) == ("Failed", "DeadlineExceeded")
    assert status["message"] == "Pod was active on the node longer than the specified deadline"
    # kubectl shows the last container's word over the pod's
    assert driven.words[-1] == "Completed"


def test_liveness_restarts_after_its_threshold(tmp_path: Path) -> None:
    probe = {"exec": {"command": ["check"]}, "periodSeconds": 2, "failureThreshold": 3}
    driven = Driven({"containers": [container(livenessProbe=probe)]}, tmp_path, seconds=6)
    driven.engine.answers = lambda _name, _command: ExecResult(b"sick\n", b"", 1)
    snapshot = driven.run()
    assert "Warning Unhealthy: Liveness probe failed: sick\n x4" in events(snapshot)
    assert "Normal Killing: Container app failed liveness probe, will be restarted x1" in events(snapshot)
    assert state_of(snapshot, "app")["restartCount"] == 1
    assert "stop app within 30" in driven.engine.calls


def test_readiness_decides_about_ready_alone(tmp_path: Path) -> None:
    probe = {
        "exec": {"command": ["check"]},
        "periodSeconds": 1,
        "initialDelaySeconds": 5,
        "successThreshold": 2,
    }
    driven = Driven({"containers": [container(readinessProbe=probe)]}, tmp_path, seconds=20)
    snapshot = driven.run()
    ready = next(time for time, shown, _, _ in driven.rows if shown == "1/1")
    assert 6 <= ready <= 6.5
    assert conditions(snapshot)["Ready"] == "True"
    driven = Driven({"containers": [container(readinessProbe=probe)]}, tmp_path / "2", seconds=20)
    driven.engine.answers = lambda _name, _command: ExecResult(b"", b"nope", 2)
    snapshot = driven.run()
    assert state_of(snapshot, "app")["started"] is True
    assert conditions(snapshot)["Ready"] == (
        "False ContainersNotReady: containers with unready status: [app]"
    )
    assert any(
        line.startswith("Warning Unhealthy: Readiness probe failed: nope") for line in events(snapshot)
    )


def test_startup_holds_the_other_probes_back(tmp_path: Path) -> None:
    asked: list[tuple[float, str]] = []
    fields = {
        "startupProbe": {"exec": {"command": ["start"]}, "periodSeconds": 5, "failureThreshold": 10},
        "livenessProbe": {"exec": {"command": ["live"]}, "periodSeconds": 1},
    }
    driven = Driven({"containers": [container(**fields)]}, tmp_path, seconds=20)
    began = driven.clock.now()

    def answer(_name: str, command: tuple[str, ...]) -> ExecResult:
        asked.append((round(driven.clock.now() - began, 1), command[0]))
        return ExecResult(b"", b"", 0 if command[0] == "live" or driven.clock.now() - began > 9 else 1)

    driven.engine.answers = answer
    driven.run()
    first = next(time for time, word in asked if word == "live")
    starts = [time for time, word in asked if word == "start"]
    assert [round(time / 5) for time in starts] == [0, 1, 2]
    assert first >= 10


def test_hooks(tmp_path: Path) -> None:
    lifecycle = {"postStart": {"exec": {"command": ["begin"]}}, "preStop": {"exec": {"command": ["end"]}}}
    driven = Driven({"containers": [container(lifecycle=lifecycle)]}, tmp_path)
    driven.run()
    assert driven.engine.calls == [
        "sandbox web",
        "start app",
        "exec app begin",
        "exec app end",
        "stop app within 30",
        "remove sandbox",
    ]


def test_a_hook_that_fails_after_the_start_kills(tmp_path: Path) -> None:
    lifecycle = {"postStart": {"exec": {"command": ["begin"]}}}
    driven = Driven({"containers": [container(lifecycle=lifecycle)]}, tmp_path, seconds=5)
    driven.engine.answers = lambda _name, _command: ExecResult(b"out", b"", 3)
    snapshot = driven.run()
    told = events(snapshot)
    assert "Warning FailedPostStartHook: PostStartHook failed x2" in told
    assert "Normal Killing: FailedPostStartHook x2" in told
    assert "PostStartHookError" in driven.words
    assert "CrashLoopBackOff" in driven.words


def test_a_volume_without_its_object_is_tried_again(tmp_path: Path) -> None:
    spec = {
        "volumes": [{"name": "x", "configMap": {"name": "nosuch"}}],
        "containers": [container(volumeMounts=[{"name": "x", "mountPath": "/x"}])],
    }
    driven = Driven(spec, tmp_path, seconds=25)
    snapshot = driven.run()
    assert events(snapshot) == [
        'Warning FailedMount: MountVolume.SetUp failed for volume "x" : configmap "nosuch" not found x3'
    ]
    assert snapshot.pod["status"]["phase"] == "Pending"


def test_pulling_and_its_back_off(tmp_path: Path) -> None:
    driven = Driven({"containers": [container(image="far:1")]}, tmp_path, seconds=25)
    driven.engine.pulls = ["no route", "no route"]
    snapshot = driven.run()
    assert driven.words[:3] == ["ContainerCreating", "ErrImagePull", "ImagePullBackOff"]
    assert 'Warning Failed: Failed to pull image "far:1": no route x2' in events(snapshot)


def test_an_ephemeral_container_joins_its_target(tmp_path: Path) -> None:
    driven = Driven({"containers": [container()]}, tmp_path, seconds=20, debugger=Behaviour(ends=3))
    driven.ephemeral = [{"name": "debugger", "image": "root:1", "targetContainerName": "app"}]
    snapshot = driven.run()
    request = driven.engine.requests[-1]
    assert request.name == "debugger"
    assert request.security.namespace_options.target_id.startswith("app")
    assert snapshot.pod["status"]["phase"] == "Running"
    (held,) = snapshot.pod["status"]["ephemeralContainerStatuses"]
    assert held["state"]["terminated"]["exitCode"] == 0
    assert driven.engine.calls.count("start debugger") == 1


def test_a_pod_that_lost_its_sandbox_begins_again(tmp_path: Path) -> None:
    driven = Driven({"containers": [container()]}, tmp_path, seconds=30)
    driven.clock.later(10, lambda: driven.engine.stop_sandbox("sandbox1"))
    snapshot = driven.run()
    assert driven.engine.calls.count("sandbox web") == 2
    assert "Normal SandboxChanged: Pod sandbox changed, it will be killed and re-created. x1" in events(
        snapshot
    )
    assert state_of(snapshot, "app")["restartCount"] == 1
    assert conditions(snapshot)["Ready"] == "True"


def test_a_pod_that_never_restarts_ends_with_its_sandbox(tmp_path: Path) -> None:
    driven = Driven({"containers": [container()], "restartPolicy": "Never"}, tmp_path, seconds=30)
    driven.clock.later(10, lambda: driven.engine.stop_sandbox("sandbox1"))
    snapshot = driven.run()
    assert driven.engine.calls.count("sandbox web") == 1
    assert snapshot.pod["status"]["phase"] == "Failed"
    assert state_of(snapshot, "app")["state"]["terminated"]["exitCode"] == 137


def test_a_pod_without_its_claim_gets_no_node(tmp_path: Path) -> None:
    claimed: dict[str, Any] = {
        "containers": [{"name": "c", "image": "app:1", "volumeMounts": [{"name": "d", "mountPath": "/d"}]}],
        "volumes": [{"name": "d", "persistentVolumeClaim": {"claimName": "gone"}}],
    }
    words = 'persistentvolumeclaim "gone" not found'
    driven = Driven(claimed, tmp_path)
    held = driven.run()
    assert driven.rows == [(0.0, "0/1", "Pending", "0")]
    assert "nodeName" not in held.pod["spec"]
    (condition,) = held.pod["status"].pop("conditions")
    assert held.pod["status"] == {"phase": "Pending", "qosClass": "BestEffort"}
    assert (condition["type"], condition["status"], condition["reason"]) == (
        "PodScheduled",
        "False",
        "Unschedulable",
    )
    (event,) = held.events
    assert (event.source, event.reason) == ("default-scheduler", "FailedScheduling")
    assert event.message == condition["message"] == f"0/1 nodes are available: {words}."

    # whoever names the node asks no scheduler: the kubelet says it
    held = Driven({**claimed, "nodeName": "vm"}, tmp_path).run()
    assert held.events[0].reason == "FailedMount"
    assert words in held.events[0].message
