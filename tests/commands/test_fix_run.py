"""`podproof fix --run` on the real engine: what is shown, added and taken back, and that nothing is left."""

import json
import signal
from collections.abc import Iterator
from typing import Any

import pytest
import requires
from waiting import PATIENCE, wait_until

from .engine_command import SLEEPER, Command, command_with_engine

pytestmark = requires.needs(requires.engine)

POD = """\
apiVersion: v1
kind: Pod
metadata: {name: %s}
spec:
  restartPolicy: Never
  terminationGracePeriodSeconds: 0
  containers:
  - name: app
    image: %s
    command: [sh, -c, "%s"]
"""

DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      terminationGracePeriodSeconds: 0
      containers:
      - name: app
        image: local.lab/bb:1
        command: [sh, -c, "mkdir -p /home/web && touch /home/web/x && exec httpd -f -p 80 -h /home/web"]
        ports: [{containerPort: 80}]
        readinessProbe: {tcpSocket: {port: 80}, periodSeconds: 1}
"""


@pytest.fixture(scope="module")
def podproof() -> Iterator[Command]:
    with command_with_engine() as command:
        yield command


@pytest.fixture(scope="module")
def archive(podproof: Command) -> str:
    """An image that gives /owned to user 999, and that the engine does not have yet."""
    from runtimes.images import busybox_entries, static_busybox

    from podproof.images.build import build_image
    from podproof.images.layer_writer import LayerEntry
    from podproof.images.layout import ImageSettings

    build_image(
        "local.lab/owned:1",
        podproof.folder / "owned.tar",
        settings=ImageSettings(),
        additions=[
            *busybox_entries(static_busybox()),
            LayerEntry(path="owned", kind="folder", mode=0o755, uid=999, gid=999),
        ],
    )
    return "owned.tar"


def fix(podproof: Command, text: str, *options: str) -> tuple[int, dict[str, Any]]:
    path = podproof.write(text, "app.yaml")
    code, out, err = podproof("fix", path, "--run", "--format", "json", *options)
    assert out, err
    objects = [each for file in json.loads(out)["files"] for each in file["objects"]]
    return code, {each["object"]["name"]: each for each in objects}


def kinds(one: dict[str, Any]) -> dict[str, bool]:
    """Whether each decision was shown, by its words."""
    return {each["what"].removeprefix("securityContext."): bool(each["shown"]) for each in one["decisions"]}


def taken_back(one: dict[str, Any]) -> dict[str, str]:
    return {each["what"].removeprefix("securityContext."): each["reason"] for each in one["taken_back"]}


def test_what_works_is_shown_and_what_lacks_is_added(podproof: Command, archive: str) -> None:
    text = "---\n".join(
        (
            POD % ("calm", "local.lab/bb:1", "id"),
            POD % ("data", "local.lab/bb:1", "echo x > /data/x"),
            POD % ("owned", "local.lab/owned:1", "echo x > /owned/x && echo x > /tmp/x"),
        )
    )
    there = podproof.left()
    code, objects = fix(podproof, text, "--image-archive", archive)
    assert code == 0
    for one in objects.values():
        assert all(kinds(one).values())
        assert one["taken_back"] == []
        assert one["trial"]["after"].startswith("completed after ")
    assert objects["calm"]["trial"]["tries"] == 2
    assert "an emptyDir at /data" in kinds(objects["data"])
    assert objects["data"]["trial"]["tries"] == 3
    assert "runAsUser: 999" in kinds(objects["owned"])
    assert podproof.left() == there


def test_a_smallest_set_is_taken_back(podproof: Command) -> None:
    text = "---\n".join(
        (
            POD % ("chown", "local.lab/bb:1", "touch /etc/x && chown 7 /etc/x"),
            POD % ("user", "local.lab/bb:1", "touch /etc/x"),
        )
    )
    code, objects = fix(podproof, text)
    assert code == 1
    (drop,) = (what for what in taken_back(objects["chown"]) if what.startswith("capabilities"))
    assert "Operation not permitted" in taken_back(objects["chown"])[drop]
    assert set(kinds(objects["chown"])) == {
        "allowPrivilegeEscalation: false",
        "seccompProfile: {type: RuntimeDefault}",
    }
    reasons = taken_back(objects["user"])
    assert {what.partition(":")[0] for what in reasons} == {"runAsNonRoot", "runAsUser"}
    assert set(reasons.values()) == {
        'container "app" ended with exit code 1: touch: /etc/x: Permission denied'
    }
    assert "capabilities.drop: [ALL]" in kinds(objects["user"])
    assert [each["check"] for each in objects["user"]["left"]] == ["run-as-non-root"]


def test_a_server_with_a_read_only_root(podproof: Command) -> None:
    code, objects = fix(podproof, DEPLOYMENT, "--all-advice")
    assert code == 0
    web = objects["web"]
    assert "readOnlyRootFilesystem: true, an emptyDir at /home" in kinds(web)
    assert web["trial"]["before"].startswith("ready by its probes")
    assert web["trial"]["after"].startswith("ready by its probes")
    assert web["taken_back"] == []


def test_low_ports_are_closed_where_the_runtime_closes_them(podproof: Command) -> None:
    text = DEPLOYMENT.replace("mkdir -p /home/web && touch /home/web/x && ", "").replace(" -h /home/web", "")
    code, objects = fix(podproof, text, "--runtime", "containerd-1.6.20")
    assert code == 0
    assert any("ip_unprivileged_port_start" in what for what in kinds(objects["web"]))
    assert objects["web"]["taken_back"] == []
    undeclared = text.replace("        ports: [{containerPort: 80}]\n", "")
    code, objects = fix(podproof, undeclared, "--runtime", "containerd-1.6.20")
    assert code == 1
    assert {what.partition(":")[0] for what in taken_back(objects["web"])} >= {"runAsNonRoot"}


def test_what_shows_nothing(podproof: Command) -> None:
    text = "---\n".join(
        (
            POD % ("broken", "local.lab/bb:1", "echo no database; exit 3"),
            POD % ("absent", "local.lab/absent:1", "id"),
            (POD % ("host", "local.lab/bb:1", "id")).replace("spec:\n", "spec:\n  hostPID: true\n"),
        )
    )
    code, objects = fix(podproof, text)
    assert code == 0
    trials = {name: one["trial"] for name, one in objects.items()}
    assert trials["broken"] == {
        "before": 'container "app" ended with exit code 3: no database',
        "after": "",
        "tries": 1,
        "not_concluded": "it failed before any change",
    }
    assert trials["absent"]["not_concluded"] == (
        "image local.lab/absent:1 is not at hand: name a file with it in --image-archive"
    )
    assert "--allow-host-pid" in trials["host"]["not_concluded"]
    assert not any(any(kinds(one).values()) for one in objects.values())


def test_a_patch_and_a_stream_say_what_was_taken_back(podproof: Command) -> None:
    path = podproof.write(POD % ("user", "local.lab/bb:1", "touch /etc/x"))
    code, out, err = podproof("fix", path, "--run", "--format", "patch")
    assert code == 1
    assert "+      capabilities:" in out
    assert (
        "web.yaml:1: taken back: securityContext.runAsNonRoot: true: "
        'container "app" ended with exit code 1: touch: /etc/x: Permission denied\n'
    ) in err


def test_a_job_is_run_to_its_end_and_the_file_is_written(podproof: Command) -> None:
    job = """\
apiVersion: batch/v1
kind: Job
metadata: {name: once}
spec:
  backoffLimit: 0
  template:
    spec:
      restartPolicy: Never
      containers:
      - {name: app, image: 'local.lab/bb:1', command: [sh, -c, 'id -u | grep -qv 7']}   # kept
"""
    code, out, _ = podproof("fix", podproof.write(job, "job.yaml"), "--run", "--write")
    assert code == 0
    assert "  tried  as it was: completed after " in out
    assert "runAsNonRoot: true" in (podproof.folder / "job.yaml").read_text()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_nothing_is_left_when_it_is_ended(podproof: Command, number: int) -> None:
    path = podproof.write(
        (POD % ("long", "local.lab/bb:1", SLEEPER)) + "    readinessProbe: {exec: {command: ['false']}}\n",
        "long.yaml",
    )
    before, there = (podproof.folder / path).read_text(), podproof.left()
    process = podproof.start("fix", path, "--run", "--write")
    try:
        wait_until(lambda: _has_pod(podproof) or process.poll() is not None, "a pod")
        process.send_signal(number)
        out, err = process.communicate(timeout=PATIENCE)
    finally:
        process.kill()
    assert (podproof.folder / path).read_text() == before
    assert "Traceback" not in err
    if number == signal.SIGINT:
        assert process.returncode == 130
        assert "interrupted: nothing was written" in err
        assert out == ""
    wait_until(lambda: podproof.left() == there, "the end of the session")


def _has_pod(podproof: Command) -> bool:
    sessions = podproof.folder / "engine" / "lib" / "sessions"
    return any(sessions.glob("*/pods/*"))
