"""`podproof prove` as a person uses it: on the real engine, in a process of its own."""

import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import requires
from waiting import PATIENCE, wait_until

from podproof.images.additions import parse_addition
from podproof.images.build import build_image
from podproof.images.layout import ImageSettings

from .conftest import ROOT, environment

pytestmark = requires.needs(requires.engine)

SCHEMA = json.loads((ROOT / "schemas" / "prove.v1.json").read_text())

POD = """\
apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  containers:
  - name: app
    image: cloudnatived/demo:hello
    securityContext: %s
"""


class Command:
    """Runs podproof with an engine of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.env = environment(PODPROOF_ENGINE_DIR=str(folder / "engine"), PODPROOF_ENGINE_IDLE="600")

    def __call__(self, *arguments: str) -> tuple[int, str, str]:
        done = subprocess.run(
            [sys.executable, "-m", "podproof", "prove", *arguments],
            cwd=self.folder, env=self.env, capture_output=True, text=True, timeout=PATIENCE,
        )  # fmt: skip
        assert "Traceback" not in done.stderr, done.stderr
        return done.returncode, done.stdout, done.stderr

    def proven(self, *arguments: str) -> tuple[int, dict[str, Any]]:
        code, out, err = self(*arguments, "--format", "json")
        assert err == ""
        found = json.loads(out)
        jsonschema.validate(found, SCHEMA)
        return code, found


@pytest.fixture(scope="module")
def prove() -> Iterator[Command]:
    from podproof.runtimes.embedded import Places, stop_engine

    with tempfile.TemporaryDirectory(dir="/var/tmp", prefix="podproof-prove-") as folder:
        os.chmod(folder, 0o755)
        program = ROOT / "examples" / "images" / "demo" / "demo"
        build_image(
            "cloudnatived/demo:hello",
            Path(folder) / "demo.tar",
            settings=ImageSettings(entrypoint=("/bin/demo",)),
            additions=parse_addition(f"{program}:/bin/demo:0755"),
        )
        yield Command(Path(folder))
        engine = Path(folder) / "engine"
        stop_engine(Places(lib=engine / "lib", run=engine / "run"))


def pod(prove: Command, context: str) -> str:
    (prove.folder / "web.yaml").write_text(POD % context)
    return "web.yaml"


def attacks(container: dict[str, Any]) -> dict[str, str]:
    return {
        f"{attack['id']} {attack['target']}".strip(): attack["observed"] for attack in container["attacks"]
    }


def test_a_restricted_container_in_a_scratch_image(prove: Command) -> None:
    context = (
        "{runAsUser: 1000, runAsGroup: 1000, allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, "
        "capabilities: {drop: [ALL]}, seccompProfile: {type: RuntimeDefault}}"
    )
    code, found = prove.proven(pod(prove, context), "--image-archive", "demo.tar")
    assert (code, found["schema"]) == (0, "podproof/prove/v1")
    assert found["environment"].keys() >= {
        "podproof",
        "kernel",
        "runtime",
        "cgroup",
        "images",
        "time",
        "limits",
    }
    assert found["environment"]["images"]["cloudnatived/demo:hello"].startswith("sha256:")
    assert found["summary"]["fields"]["different"] == 0
    (container,) = found["containers"]
    assert (container["object"], container["container"], container["state"]) == ("Pod/web", "app", "running")
    assert container["fields"]["uid"] | {"origin": None} == {
        "predicted": 1000, "observed": 1000, "equal": True, "why": "", "origin": None,
    }  # fmt: skip
    assert container["fields"]["seccomp"]["observed"] == "Filtered"
    ended = attacks(container)
    assert ended["write-root-filesystem"] == "EROFS"
    assert ended["set-user-id-binary"] == "still UID 1000"
    assert ended["new-user-namespace"] == "EPERM"
    assert "allowed" not in {word for name, word in ended.items() if name != "bind-port-80"}
    evidence = next(a["evidence"] for a in container["attacks"] if a["id"] == "write-root-filesystem")
    assert evidence == [
        'openat(AT_FDCWD, "/.podproof-written", O_WRONLY|O_CREAT|O_EXCL, 0644) = -1 EROFS '
        "(Read-only file system)"
    ]


def test_a_setuid_program_gains_root_unless_it_may_not(prove: Command) -> None:
    wanted = ("--attack", "set-user-id-binary,file-capability-binary")
    archive = ("--image-archive", "demo.tar")
    _, found = prove.proven(pod(prove, "{runAsUser: 1000}"), *archive, *wanted)
    assert attacks(found["containers"][0]) == {
        "set-user-id-binary": "allowed", "file-capability-binary NET_RAW": "allowed",
    }  # fmt: skip
    assert found["containers"][0]["attacks"][1]["evidence"] == ["geteuid() = 0"]
    context = "{runAsUser: 1000, allowPrivilegeEscalation: false}"
    _, found = prove.proven(pod(prove, context), *archive, *wanted)
    assert attacks(found["containers"][0]) == {
        "set-user-id-binary": "still UID 1000",
        "file-capability-binary NET_RAW": "still without NET_RAW",
    }


def test_a_container_that_does_not_start_is_predicted_too(prove: Command) -> None:
    code, found = prove.proven(pod(prove, "{runAsNonRoot: true}"), "--image-archive", "demo.tar")
    assert code == 0
    (container,) = found["containers"]
    start = container["fields"]["start"]
    assert start["equal"] is True
    assert "container has runAsNonRoot and image will run as root (pod: " in start["observed"]
    assert container["attacks"] == []


def test_a_job_that_has_ended_is_observed_by_its_attacker(prove: Command) -> None:
    (prove.folder / "job.yaml").write_text(
        "apiVersion: batch/v1\nkind: Job\nmetadata: {name: once}\n"
        "spec: {template: {spec: {restartPolicy: Never, "
        "containers: [{name: a, image: 'cloudnatived/demo:hello', args: ['0'], "
        "securityContext: {runAsUser: 7}}]}}}\n"
    )
    code, found = prove.proven("job.yaml", "--image-archive", "demo.tar")
    (container,) = found["containers"]
    assert container["state"] == "ended: Error, exit code 2, observed by its attacker"
    assert container["fields"]["uid"]["observed"] == 7
    assert attacks(container)["change-user user"] == "EPERM"
    assert code == 0


def test_dangers_need_their_flags(prove: Command) -> None:
    code, out, _ = prove(pod(prove, "{privileged: true}"), "--image-archive", "demo.tar")
    assert code == 1
    assert "--allow-privileged" in out
    code, found = prove.proven("web.yaml", "--image-archive", "demo.tar", "--allow-privileged")
    assert code == 0, [a for a in found["containers"][0]["attacks"] if a["as_predicted"] is False]
    assert attacks(found["containers"][0])["open-device-node /dev/kmsg to write"] == "allowed"


def test_a_pod_without_its_image_proves_nothing(prove: Command) -> None:
    absent = prove.folder / "no-image.yaml"
    absent.write_text(
        "apiVersion: v1\nkind: Pod\nmetadata: {name: absent}\nspec:\n  containers:\n"
        "  - {name: app, image: 'local.lab/nowhere:1', imagePullPolicy: Never}\n"
    )
    code, found = prove.proven("no-image.yaml")
    assert code == 1
    assert found["containers"][0]["fields"]["start"]["equal"] is None
    assert (found["summary"]["verdict"], found["summary"]["as_predicted"]) == ("incomplete", False)
    assert found["problems"] == [
        'no-image.yaml:1: Pod/absent: container "app" was not run: ErrImageNeverPull: Container image'
        ' "local.lab/nowhere:1" is not present with pull policy of Never;'
        " name a file with it in --image-archive"
    ]


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        (
            "env: [{name: A, valueFrom: {configMapKeyRef: {name: nope, key: k}}}]",
            'CreateContainerConfigError: configmap "nope" not found',
        ),
        (
            "volumeMounts: [{name: v, mountPath: /v}]}], volumes: [{name: v, secret: {secretName: nope}",
            'ContainerCreating: MountVolume.SetUp failed for volume "v" : secret "nope" not found',
        ),
        (
            "volumeMounts: [{name: v, mountPath: /v}]}],"
            " volumes: [{name: v, persistentVolumeClaim: {claimName: nope}",
            'Unschedulable: 0/1 nodes are available: persistentvolumeclaim "nope" not found.',
        ),
    ],
)
def test_a_pod_without_its_objects_proves_nothing(prove: Command, fields: str, message: str) -> None:
    (prove.folder / "lacks.yaml").write_text(
        "{apiVersion: v1, kind: Pod, metadata: {name: lacks}, spec: {containers: [{name: app,"
        f" image: 'cloudnatived/demo:hello', imagePullPolicy: Never, {fields}}}]}}}}"
    )
    code, found = prove.proven("lacks.yaml", "--image-archive", "demo.tar")
    assert code == 1
    assert found["problems"] == [
        f'lacks.yaml:1: Pod/lacks: container "app" was not run: {message}; name the manifest with it too'
    ]


def test_every_format_shows_the_same(prove: Command) -> None:
    manifest = pod(prove, '{runAsUser: 1000, capabilities: {add: ["<b>NOT_ONE</b>"]}}')
    arguments = (manifest, "--image-archive", "demo.tar", "--attack", "raw-socket")
    for format in ("text", "markdown", "html"):
        code, out, _ = prove(*arguments, "--format", format, "--output", f"out.{format}")
        assert (code, out) == (0, "")
        page = (prove.folder / f"out.{format}").read_text()
        assert "raw-socket" in page
        assert "Operation not permitted" in page
        assert "<b>" not in page
    assert "default-src 'none'; style-src 'sha256-" in page
    assert "<script" not in page


def test_wrong_command_lines(prove: Command) -> None:
    code, _, err = prove("web.yaml", "--attack", "bind-port-8")
    assert (code, err) == (
        2,
        "podproof: no such attack: bind-port-8, did you mean bind-port-80 or bind-port-443? "
        "(podproof prove --list-attacks)\n",
    )
    assert prove()[0] == 2
    (prove.folder / "nothing.yaml").write_text("apiVersion: v1\nkind: Namespace\nmetadata: {name: a}\n")
    assert prove("nothing.yaml")[0] == 3
    assert prove("absent.yaml")[0] == 4
    code, out, _ = prove("--list-attacks")
    assert code == 0
    assert len(out.splitlines()) > 25


def test_a_signal_leaves_nothing_half_proven(prove: Command) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "podproof", "prove", str(ROOT / "examples" / "seed"), "--format", "json"],
        cwd=prove.folder, env=prove.env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    pods: set[Path] = set()

    def third_pod() -> bool:
        """Some are proven by then, and most are not: each has its folder while it runs."""
        assert process.poll() is None
        pods.update((prove.folder / "engine/lib/sessions").glob("*/pods/*"))
        return len(pods) >= 3

    wait_until(third_pod, "the third pod")
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=PATIENCE)
    assert (process.returncode, err) == (128 + signal.SIGINT, "")
    found = json.loads(out)
    jsonschema.validate(found, SCHEMA)
    assert found["problems"] == ["interrupted: what was not proven by then is not in this report"]
    assert len(found["claims"]) < 43
    assert [claim["id"] for claim in found["claims"] if claim["result"] == "not shown"] == []
    assert found["summary"]["fields"]["different"] == 0


def test_all_attacks_cost_little_more_than_one(prove: Command) -> None:
    """The pod is started once for all of them, on an engine that runs."""
    arguments = (pod(prove, "{runAsUser: 1000}"), "--image-archive", "demo.tar")
    ones, alls = [], []
    for _ in range(8):  # the quietest moments of a busy machine are compared
        ones.append(prove.proven(*arguments, "--attack", "raw-socket")[1]["summary"]["seconds"])
        alls.append(prove.proven(*arguments)[1]["summary"]["seconds"])
        if len(ones) > 1 and min(alls) < 4 * min(ones):
            break
    assert min(alls) < 4 * min(ones), (ones, alls)


@pytest.mark.slow
def test_every_statement_of_the_seed(prove: Command) -> None:
    code, found = prove.proven(str(ROOT / "examples" / "seed"))
    assert [
        (claim["id"], claim["shown"]) for claim in found["claims"] if claim["result"] == "not shown"
    ] == []
    assert code == 0
    assert found["summary"]["claims"] == {"proven": 15, "corrected": 25, "refuted": 3, "not_shown": 0}
    assert found["summary"]["fields"]["different"] == 0
    assert found["summary"]["attacks"]["not_as_predicted"] == 0
