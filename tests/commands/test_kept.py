"""Pods of `run --keep`, and `ps`, `logs`, `exec`, `describe` and `stop`: on the real engine."""

import contextlib
import json
import os
import re
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requires
from waiting import PATIENCE, freeze, wait_until

from .engine_command import POD, SLEEPER, Command, command_with_engine

pytestmark = requires.needs(requires.engine)

DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: shop, namespace: sales}
spec:
  selector: {matchLabels: {app: shop}}
  template:
    metadata: {labels: {app: shop}}
    spec:
      terminationGracePeriodSeconds: 0
      containers:
      - {name: app, image: "local.lab/bb:1", command: [sh, -c, "echo up; touch /tmp/well; sleep 1000"],
         livenessProbe: {exec: {command: [cat, /tmp/well]}, periodSeconds: 1, failureThreshold: 1}}
      - {name: side, image: "local.lab/bb:1", command: [sleep, "1000"]}
"""


@pytest.fixture(scope="module")
def engine() -> Iterator[Command]:
    with command_with_engine() as command:
        yield command


@pytest.fixture
def podproof(engine: Command) -> Iterator[Command]:
    """The command; no pod stays kept after the test."""
    yield engine
    engine("stop", "--all")


def keep(podproof: Command, text: str, *more: str) -> None:
    """Run a manifest until it is ready, and keep its pods."""
    code, _, err = podproof("run", podproof.write(text), "--until", "ready", "--keep", *more)
    assert (code, err) == (0, "")


def keepers(podproof: Command) -> list[int]:
    """The processes that look after kept pods."""
    sessions = podproof.folder / "engine" / "lib" / "sessions"
    return [int(path.read_text()) for path in sessions.glob("*/kept/pid")]


def test_kept_pods_are_listed_and_stopped(podproof: Command) -> None:
    before = podproof.left()
    keep(podproof, POD % SLEEPER)
    code, out, _ = podproof("ps")
    assert code == 0
    assert "web    1/1     Running   0" in out
    code, _, err = podproof("stop", "nosuch")
    assert (code, err) == (2, "podproof: there is no kept pod nosuch, only web\n")
    assert podproof("stop", "web") == (0, 'pod "web" stopped\n', "")
    assert podproof("ps") == (0, "no pods are kept\n", "")
    assert podproof.left() == before


def test_logs_as_kubectl_prints_them(podproof: Command) -> None:
    script = "for i in 1 2 3; do echo line $i; done; printf '\\033[31mred\\033[0m\\a\\n'; "
    keep(podproof, POD % (script.replace("\\", "\\\\") + SLEEPER))
    assert podproof("logs", "web") == (0, "line 1\nline 2\nline 3\nred␇\n", "")
    assert podproof("logs", "pod/web", "--tail", "2") == (0, "line 3\nred␇\n", "")
    assert podproof("logs", "web", "--tail", "0") == (0, "", "")
    assert podproof("logs", "web", "--raw", "--tail", "1") == (0, "\x1b[31mred\x1b[0m\a\n", "")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("logs", "nosuch"), "there is no kept pod nosuch, only web"),
        (("logs", "web", "-n", "other"), "there is no kept pod web in namespace other, only web"),
        (("logs", "web", "-c", "nosuch"), "container nosuch is not valid for pod web out of: app"),
        (("logs", "web", "--previous"), 'previous terminated container "app" in pod "web" not found'),
        (
            ("logs", "web", "--tail", "-2"),
            "--tail must be greater than or equal to -1 (see podproof logs --help)",
        ),
        (("exec", "web"), "exec needs a command: podproof exec web -- COMMAND"),
        (
            ("exec", "web", "-c", "nosuch", "--", "id"),
            "container nosuch is not valid for pod web out of: app",
        ),
        (("describe", "nosuch"), "there is no kept pod nosuch, only web"),
        (("stop",), "name the pods to stop, or write --all (see podproof stop --help)"),
    ],
)
def test_what_is_wrong_is_said_in_a_line(podproof: Command, arguments: tuple[str, ...], words: str) -> None:
    if not keepers(podproof):
        keep(podproof, POD % SLEEPER)
    assert podproof(*arguments) == (2, "", f"podproof: {words}\n")


def test_a_command_ends_with_its_exit_code(podproof: Command) -> None:
    keep(podproof, POD % SLEEPER)
    assert podproof("exec", "web", "--", "echo", "--", "in") == (0, "-- in\n", "")
    ended = "podproof: command terminated with exit code 7\n"
    assert podproof("exec", "web", "--", "sh", "-c", "echo no >&2; exit 7") == (7, "", f"no\n{ended}")
    code, _, err = podproof("exec", "web", "--", "nosuch")
    assert code == 127
    assert 'exec: "nosuch": executable file not found in $PATH' in err


def test_probes_and_restarts_go_on(podproof: Command) -> None:
    keep(podproof, DEPLOYMENT, "--time-scale", "0.01")
    name, status = podproof("ps", "-n", "sales")[1].splitlines()[1].split()[:2]
    assert (name[:5], status) == ("shop-", "2/2")
    code, out, err = podproof("logs", "deployment/shop")
    assert (code, out, err) == (0, "up\n", 'podproof: Defaulted container "app" out of: app, side\n')
    followed = podproof.start("logs", f"sales/{name}", "-c", "app", "--follow")
    assert followed.stdout is not None
    assert followed.stdout.readline() == "up\n"
    assert podproof("exec", "deployment/shop", "-c", "app", "--", "rm", "/tmp/well")[0] == 0
    assert followed.communicate(timeout=PATIENCE) == ("", "")  # it ends with the container
    assert followed.returncode == 0

    def restarted() -> bool:
        out = podproof("ps")[1]
        return re.search(r"2/2 +Running +1 ", out) is not None

    wait_until(restarted, "the restart of what its probe found dead")
    assert podproof("logs", name, "-c", "app", "-p")[:2] == (0, "up\n")
    out = podproof("describe", "deployment/shop")[1]
    assert f"Name:             {name}\nNamespace:        sales\n" in out
    assert "      Exit Code:    137\n" in out
    message = "Liveness probe failed: cat: can't open '/tmp/well': No such file or directory"
    assert re.search(rf"Warning  Unhealthy .* kubelet  spec.containers{{app}}: {message}", out)


def test_what_has_ended_stays_to_be_looked_at(podproof: Command) -> None:
    code, _, err = podproof("run", podproof.write(POD % "echo done; exit 3"), "--keep")
    assert (code, err) == (1, 'podproof: pod web: container "app": Error, exit code 3\n')
    assert podproof("logs", "web")[:2] == (0, "done\n")
    assert "Exit Code:    3" in podproof("describe")[1]
    words = "podproof: cannot exec into a container in a completed pod; current phase is Failed\n"
    assert podproof("exec", "web", "--", "id") == (2, "", words)


def test_two_pods_of_one_name_are_told_apart(podproof: Command) -> None:
    for _ in range(2):
        keep(podproof, POD % SLEEPER)
    code, _, err = podproof("logs", "web")
    assert code == 2
    assert err.startswith("podproof: 2 kept pods are web: default/web (")
    uid = re.findall(r"\(([0-9a-f-]{36})\)", err)[0]
    assert podproof("exec", uid, "--", "true")[0] == 0
    assert podproof("stop", "web")[1] == 2 * 'pod "web" stopped\n'


def test_the_pods_of_a_job_go_on(podproof: Command) -> None:
    job = (
        "apiVersion: batch/v1\nkind: Job\nmetadata: {name: count}\nspec:\n  completions: 3\n  template:\n"
        "    spec:\n      restartPolicy: Never\n      containers:\n"
        "      - {name: c, image: 'local.lab/bb:1', command: [sleep, '1']}\n"
    )
    keep(podproof, job)
    wait_until(lambda: podproof("ps")[1].count("Completed") == 3, "the other pods of the Job")
    assert podproof("stop", "job/count")[1].count("stopped") == 3
    assert podproof("ps")[1] == "no pods are kept\n"


def test_a_killed_keeper_leaves_nothing(podproof: Command) -> None:
    before = podproof.left()
    keep(podproof, POD % SLEEPER)
    (pid,) = keepers(podproof)
    os.kill(pid, signal.SIGKILL)
    wait_until(lambda: podproof.left() == before, "the end of what was kept")
    assert podproof("ps") == (0, "no pods are kept\n", "")


SERVICE = """\
apiVersion: v1
kind: Service
metadata: {name: web}
spec: {selector: {app: web}, ports: [{port: 80}]}
---
"""


@pytest.mark.parametrize("count", [3, pytest.param(60, marks=pytest.mark.slow)])
def test_kills_at_random_moments_leave_nothing(podproof: Command, count: int) -> None:
    """The command, the process that keeps its pods, or both: what is kept after all can be stopped."""
    import random

    chance = random.Random(count)
    before = podproof.left()
    path = podproof.write(SERVICE + (POD % SLEEPER).replace("{name: web}", "{name: web, labels: {app: web}}"))
    for _ in range(count):
        process = podproof.start("run", path, "--until", "ready", "--keep")
        time.sleep(chance.uniform(0.05, 6))  # at any moment: nothing is waited for
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
        kept = [*keepers(podproof), *(int(pid) for pid in _text(children).split())]
        for pid in chance.choice([[process.pid], kept, [process.pid, *kept]]):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        process.communicate(timeout=PATIENCE)

        def nothing_is_left() -> bool:
            podproof("stop", "--all")
            return podproof.left() == before

        wait_until(nothing_is_left, "the end of what was killed")


def _text(path: Path) -> str:
    """What is in a file of /proc, nothing once its process has ended."""
    try:
        return path.read_text()
    except OSError:
        return ""


def test_a_killed_command_leaves_kept_pods(podproof: Command) -> None:
    process = podproof.start("run", podproof.write(POD % f"echo up; {SLEEPER}"), "--keep")
    assert process.stdout is not None
    assert process.stdout.readline() == "web/app | up\n"
    process.kill()
    wait_until(lambda: "web " in podproof("ps")[1], "the pod among the kept ones")
    assert podproof("stop", "web")[0] == 0
    process.communicate(timeout=PATIENCE)


def test_the_streams_are_let_go(podproof: Command) -> None:
    """Who reads what `run --keep` prints sees its end, although the pods go on."""
    process = podproof.start("run", podproof.write(POD % SLEEPER), "--until", "ready", "--keep")
    out, err = process.communicate(timeout=PATIENCE)
    assert (process.returncode, err) == (0, "")
    assert "Running" in out
    (pid,) = keepers(podproof)
    assert Path(f"/proc/{pid}/cwd").readlink() == Path("/")
    assert os.getsid(pid) == pid
    log = podproof.folder / "engine" / "lib" / "kept.log"
    assert [Path(f"/proc/{pid}/fd/{number}").readlink() for number in (1, 2)] == [log, log]
    assert log.read_text() == ""


@pytest.mark.parametrize("verb", ["stop", "reset"])
def test_the_engine_ends_with_its_kept_pods(verb: str) -> None:
    with command_with_engine() as podproof:
        keep(podproof, POD % SLEEPER)
        (pid,) = keepers(podproof)
        assert "has kept pods" in podproof("engine", "status")[1]
        code, _, err = podproof("engine", verb)
        assert code == 2
        assert "stop them, or add --force" in err
        # the session of the fixture itself is in the way, too, and its process is this one
        assert podproof("engine", verb, "--force")[0] == 0
        # it takes a signal when it is next on a processor, and an init that reaps late leaves an entry
        wait_until(lambda: not _text(Path(f"/proc/{pid}/cmdline")), "the end of the process that kept it")
        # what is left is the session of this process, without mounts
        assert len(podproof.left()) <= 1


def test_a_frozen_keeper_is_named(podproof: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    from podproof.runtimes.embedded import Places
    from podproof.session.run import kept_pods

    keep(podproof, POD % SLEEPER)
    (pid,) = keepers(podproof)
    freeze(pid)
    try:
        monkeypatch.setattr(kept_pods, "_PATIENCE", 0.2)
        folder = podproof.folder / "engine"
        places = Places(lib=folder / "lib", run=folder / "run")
        kept = list(kept_pods.find_kept(places))
        assert [one.pid for one in kept] == [pid]
        assert kept_pods.stop_kept(kept, places) == kept
    finally:
        os.kill(pid, signal.SIGCONT)
    wait_until(lambda: not list(kept_pods.find_kept(places)), "the end that was asked for meanwhile")


def test_files_of_kept_pods_are_roots(podproof: Command) -> None:
    keep(podproof, POD % SLEEPER)
    (folder,) = (podproof.folder / "engine" / "lib" / "sessions").glob("*/kept")
    assert folder.stat().st_mode & 0o777 == 0o700
    (path,) = folder.glob("*.json")
    assert json.loads(path.read_text())["pod"]["metadata"]["name"] == "web"
    refused = subprocess.run(
        ["setpriv", "--reuid", "65534", "--clear-groups", "cat", str(path)], capture_output=True, check=False
    )
    assert refused.returncode != 0
