"""`podproof run`, `ps` and `stop` as a person uses them: on the real engine, in a process of its own."""

import contextlib
import os
import re
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requires
import yaml
from waiting import PATIENCE, wait_until

from .engine_command import POD, SLEEPER, Command, command_with_engine

pytestmark = requires.needs(requires.engine)


@pytest.fixture(scope="module")
def podproof() -> Iterator[Command]:
    with command_with_engine() as command:
        yield command


def test_a_pod_that_ends_well(podproof: Command) -> None:
    code, out, err = podproof("run", podproof.write(POD % "echo one; echo two >&2"))
    assert (code, err) == (0, "")
    logs, table = out.split("NAME")
    assert sorted(logs.splitlines()) == ["web/app | one", "web/app | two"]
    assert re.fullmatch(
        r"   READY   STATUS      RESTARTS   AGE\nweb    0/1     Completed   0          \d+s\n", table
    )


def test_a_pod_that_fails(podproof: Command) -> None:
    code, out, err = podproof("run", podproof.write(POD % "exit 7"))
    assert code == 1
    assert "web    0/1     Error    0" in out
    assert err == 'podproof: pod web: container "app": Error, exit code 7\n'


def test_a_pod_that_may_not_run_as_root(podproof: Command) -> None:
    path = podproof.write(
        (POD % "id").replace("    image:", "    securityContext: {runAsNonRoot: true}\n    image:")
    )
    code, out, err = podproof("run", path, "--describe")
    assert code == 1
    assert "      Reason:       CreateContainerConfigError\n" in out
    pod = r"\(pod: \"web_default\([0-9a-f-]{36}\)\", container: app\)"
    words = f"Error: container has runAsNonRoot and image will run as root {pod}"
    assert re.search(rf"Warning  Failed .* kubelet  spec.containers{{app}}: {words}\n", out)
    assert "CreateContainerConfigError" in err


def test_every_container_has_its_turn(podproof: Command) -> None:
    text = (POD % "id").replace("spec:", "spec:\n  securityContext: {runAsNonRoot: true}", 1)
    text += "  - {name: other, image: 'local.lab/bb-num:1'}\n  - {name: last, image: 'local.lab/bb-root:1'}\n"
    code, out, _ = podproof("run", podproof.write(text), "--format", "yaml")
    assert code == 1
    (app, last, other) = yaml.safe_load(out)["status"]["containerStatuses"]
    assert app["state"]["waiting"]["reason"] == "CreateContainerConfigError"
    assert "has non-numeric user (root)" in last["state"]["waiting"]["message"]
    assert "running" in other["state"]


def test_until_ready_and_a_look_inside(podproof: Command) -> None:
    path = podproof.write(POD % SLEEPER)
    code, out, _ = podproof("run", path, "--until", "ready")
    assert code == 0
    assert "web    1/1     Running" in out
    code, out, err = podproof("run", path, "--exec", "app", "--", "sh", "-c", "echo in; echo no >&2; exit 3")
    assert (code, out, err) == (1, "in\n", "no\npodproof: command terminated with exit code 3\n")
    code, out, _ = podproof("run", path, "--debug", "local.lab/bb:1", "--target", "app", "--", "ps")
    assert code == 0
    assert "trap" in out


def test_a_look_whose_image_is_not_there_ends_with_the_reason(podproof: Command) -> None:
    path = podproof.write(POD % f"echo up; {SLEEPER}")
    code, _, err = podproof("run", path, "--debug", "127.0.0.1:9/none:1", "--target", "app", "--", "ps")
    assert code == 1
    assert re.match(
        r'podproof: pod web: container "debugger-[a-z0-9]+": (ErrImagePull|ImagePullBackOff): ', err
    )


def test_what_will_not_come_is_told_before_what_may(podproof: Command) -> None:
    other = "  - {name: gone, image: 'local.lab/gone:1', imagePullPolicy: Never}\n"
    code, _, err = podproof("run", podproof.write((POD % "exit 3") + other))
    assert code == 1
    assert err.startswith('podproof: pod web: container "gone": ErrImageNeverPull: ')


def test_what_crashes_when_its_time_is_over_has_failed(podproof: Command) -> None:
    text = (POD % "exit 3").replace("restartPolicy: Never", "restartPolicy: Always")
    code, out, err = podproof("run", podproof.write(text), "--until", "3s")
    assert code == 1
    assert "CrashLoopBackOff" in out
    assert err.startswith('podproof: pod web: container "app": CrashLoopBackOff: back-off ')


def test_the_runtimes_own_message_stands_below_the_table(podproof: Command) -> None:
    path = podproof.write((POD % "true").replace("[sh,", "[/not/there,"))
    code, out, _ = podproof("run", path)
    assert code == 1
    table, line = out.splitlines()[-2:]
    assert "StartError" in table
    assert line.startswith('web: container "app": StartError, exit code 128: failed to ')
    assert 'exec: "/not/there"' in line


def is_running(*words: str) -> bool:
    """Whether a process of this machine, in whatever container, has exactly this command line."""
    wanted = b"".join(word.encode() + b"\0" for word in words)
    for file in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):  # gone meanwhile
            if file.read_bytes() == wanted:
                return True
    return False


def test_a_look_that_lasts_can_be_ended(podproof: Command) -> None:
    path = podproof.write(POD % f"echo up; {SLEEPER}")
    words = "podproof: the command of --exec did not end in time\n"
    for timeout in ("2s", "20s", "2m"):  # on a busy machine the command may not even begin in a short one
        code, _, err = podproof("run", path, "--timeout", timeout, "--exec", "app", "--", "sleep", "1000")
        if err == words:
            break
    assert (code, err) == (1, words)
    seconds = str(1000 + os.getpid())  # so that it is known among all processes
    process = podproof.start("run", path, "--exec", "app", "--", "sleep", seconds)
    assert process.stdout is not None
    assert process.stdout.readline() == "web/app | up\n"
    wait_until(lambda: is_running("sleep", seconds), "the command of --exec")
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=PATIENCE)
    assert process.returncode == 128 + signal.SIGINT


@pytest.mark.parametrize(
    ("program", "words", "ended"),
    [
        ("nosuch", 'exec: "nosuch": executable file not found in $PATH', 127),
        ("/no/such", "no such file or directory", 127),
        ("/etc/passwd", 'exec: "/etc/passwd": permission denied', 126),
    ],
)
def test_a_command_that_cannot_be_run(podproof: Command, program: str, words: str, ended: int) -> None:
    path = podproof.write(POD % SLEEPER)
    code, out, err = podproof("run", path, "--exec", "app", "--", program)
    assert (code, out) == (1, "")
    said, result = err.splitlines()
    assert words in said
    assert result == f"podproof: command terminated with exit code {ended}"


def test_yaml_is_a_pod_with_its_status(podproof: Command) -> None:
    code, out, err = podproof("run", podproof.write(POD % "echo hi"), "--format", "yaml")
    pod = yaml.safe_load(out)
    assert code == 0
    assert (pod["kind"], pod["status"]["phase"]) == ("Pod", "Succeeded")
    assert pod["status"]["containerStatuses"][0]["state"]["terminated"]["reason"] == "Completed"
    assert err == "web/app | hi\n"


@pytest.mark.parametrize("more", ["securityContext: {runAsUser: 7}", "tty: true"])
def test_verify_compares_with_the_process(podproof: Command, more: str) -> None:
    path = podproof.write((POD % SLEEPER).replace("    image:", f"    {more}\n    image:"))
    assert podproof("run", path, "--until", "ready", "--verify")[0] == 0


def test_a_subdomain_is_in_the_file_of_hosts(podproof: Command) -> None:
    manifest = (POD % "hostname; cat /etc/hosts").replace(
        "  containers:", "  hostname: foo\n  subdomain: bar\n  setHostnameAsFQDN: true\n  containers:"
    )
    code, out, _ = podproof("run", podproof.write(manifest))
    assert code == 0
    assert "web/app | foo.bar.default.svc.cluster.local\n" in out
    assert "\tfoo.bar.default.svc.cluster.local\tfoo\n" in out


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_with_grace_and_leaves_nothing(podproof: Command, number: signal.Signals) -> None:
    path = podproof.write(POD % "trap 'echo bye; exit 0' TERM; echo up; while :; do sleep 0.1; done")
    before = podproof.left()
    process = podproof.start("run", path)
    assert process.stdout is not None
    assert process.stdout.readline() == "web/app | up\n"
    process.send_signal(number)
    out, err = process.communicate(timeout=PATIENCE)
    assert process.returncode == 128 + number
    assert "web    1/1     Running" in out
    assert err == ""
    assert podproof.left() == before


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (
            ("--until", "soon"),
            2,
            "--until must be ready, completed or a duration such as 30s or 2m, has 'soon'",
        ),
        (("--exec", "app"), 2, "--exec needs a command: --exec CONTAINER -- COMMAND"),
        (("--exec", "no", "--", "id"), 2, "--exec no: no such container, there are app"),
        (("--", "id"), 2, "a command after -- needs --exec CONTAINER or --debug IMAGE"),
        (("--target", "app"), 2, "--target names what --debug IMAGE looks at: add --debug"),
        (("--time-scale", "0"), 2, "--time-scale must be between 0.001 and 1000, has 0.0"),
        (("--seccomp-root", "/nosuch"), 2, "--seccomp-root /nosuch must be a folder of seccomp profiles"),
        (("--runtime-endpoint", "tcp://x"), 2, "runtime endpoint 'tcp://x' must be unix:///PATH of a socket"),
        (("--image-archive", "nosuch.tar"), 4, "nosuch.tar"),
        (("nosuch.yaml",), 4, "nosuch.yaml"),
    ],
)
def test_what_is_wrong_is_said_in_a_line(
    podproof: Command, arguments: tuple[str, ...], code: int, words: str
) -> None:
    result, _, err = podproof("run", podproof.write(POD % "true"), *arguments)
    assert words in err
    assert len(err.splitlines()) == 1
    assert result == code


def test_nothing_to_run(podproof: Command) -> None:
    path = podproof.write("{apiVersion: v1, kind: ConfigMap, metadata: {name: a}}", "map.yaml")
    assert podproof("run", path) == (
        3,
        "",
        "podproof: there is nothing to run: no pod, and no workload that makes one, was found\n",
    )


def test_a_danger_is_refused_by_name(podproof: Command) -> None:
    path = podproof.write((POD % "true").replace("spec:", "spec:\n  hostNetwork: true", 1))
    code, out, err = podproof("run", path)
    assert (code, out) == (1, "")
    assert err == (
        "podproof: web.yaml:1: spec.hostNetwork is true and reaches every socket and port of this machine: "
        "run it only with --allow-host-network\n"
    )


def test_an_endpoint_that_nobody_serves(podproof: Command) -> None:
    path = podproof.write(POD % "true")
    code, _, err = podproof("run", path, "--runtime-endpoint", "unix:///nosuch/containerd.sock")
    assert code == 4
    assert len(err.splitlines()) == 1


def test_two_runs_do_not_disturb_each_other(podproof: Command) -> None:
    path = podproof.write(POD % "echo here; sleep 1; echo done")
    first, second = podproof.start("run", path), podproof.start("run", path)
    for process in (first, second):
        out, _ = process.communicate(timeout=PATIENCE)
        assert process.returncode == 0
        assert out.startswith("web/app | here\nweb/app | done\n")


@pytest.mark.parametrize("count", [3, pytest.param(100, marks=pytest.mark.slow)])
def test_what_a_killed_run_leaves_the_next_one_removes(podproof: Command, count: int) -> None:
    import random

    chance = random.Random(count)
    spec = (POD % SLEEPER) + "    volumeMounts: [{name: v, mountPath: /v}]\n  volumes:\n  - name: v\n"
    path = podproof.write(spec + "    emptyDir: {medium: Memory}\n")
    for _ in range(count):
        process = podproof.start("run", path)
        time.sleep(chance.uniform(0.05, 1.5))  # at any moment: nothing is waited for
        process.kill()
        process.communicate()
    other = podproof.write(POD % "true", "other.yaml")
    assert podproof("run", other)[0] == 0

    def only_one_left() -> bool:
        """The session of this test's own engine stays."""
        podproof("run", other)
        return len(podproof.left()) == 1

    wait_until(only_one_left, "the end of what killed runs left")
