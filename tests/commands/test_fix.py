"""`podproof fix`: what is shown, what is written, what is left, and that nothing else changes."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import click
import pytest
import requires
from click.testing import CliRunner

from podproof.commands.main import podproof
from podproof.errors import OutputError, UsageError
from podproof.outputs.rewrite import rewrite

SOURCE = Path(__file__).resolve().parents[2] / "src"
WEB = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}   # ours
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
      - name: web
        image: nginx:1.27   # pinned
        ports: [{containerPort: 8080}]
      - name: log
        image: busybox
        securityContext:
          runAsNonRoot: false   # why?
          privileged: true
"""

FIXED = """\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}   # ours
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      securityContext:
        runAsNonRoot: true
        seccompProfile:
          type: RuntimeDefault
      containers:
      - name: web
        image: nginx:1.27   # pinned
        ports: [{containerPort: 8080}]
        securityContext:
          allowPrivilegeEscalation: false
          capabilities:
            drop:
            - ALL
          runAsUser: 35041
      - name: log
        image: busybox
        securityContext:
          allowPrivilegeEscalation: false
          capabilities:
            drop:
            - ALL
          runAsUser: 30302
          # why?
"""


def run(*arguments: str, stdin: bytes | None = None) -> tuple[int, str, str]:
    result = CliRunner().invoke(podproof, ["fix", *arguments], input=stdin, standalone_mode=False)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return int(result.return_value or 0), result.stdout, result.stderr


@pytest.fixture
def web(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "web.yaml"
    path.write_text(WEB)
    return path


def test_it_shows_and_writes_nothing(web: Path) -> None:
    code, shown, _ = run("web.yaml")
    assert code == 0
    assert web.read_text() == WEB
    assert "+++ b/web.yaml" in shown
    assert "Deployment shop/web · web.yaml:1" in shown
    assert "guess    securityContext.runAsUser: 30302" in shown
    assert "the image's user is not known: confirm that the program can run as 30302" in shown
    assert shown.splitlines()[-1].endswith("mend 8 errors · 0 left")


def test_it_writes_the_file(web: Path) -> None:
    web.chmod(0o640)
    before = web.stat()
    code, shown, _ = run("web.yaml", "--write")
    assert code == 0
    assert "1 file changed" in shown
    assert web.read_text() == FIXED
    after = web.stat()
    assert (stat.S_IMODE(after.st_mode), after.st_uid, after.st_gid) == (0o640, before.st_uid, before.st_gid)
    assert os.listdir(web.parent) == ["web.yaml"]


def test_the_second_time_nothing_is_to_do(web: Path) -> None:
    web.write_text(FIXED)
    code, shown, _ = run("web.yaml", "--check")
    assert (code, shown) == (0, "1 workload · 0 files to change · 0 changes · mend 0 errors · 0 left\n")


def test_with_check_it_fails_where_something_could_be_mended(web: Path) -> None:
    assert run("web.yaml", "--check")[0] == 1
    assert web.read_text() == WEB


def test_git_applies_the_patch(web: Path) -> None:
    web.with_name("é b.yaml").write_text(WEB.replace("\n", "\r\n").rstrip())
    assert run(".", "-o", "../a.patch")[0] == 0
    subprocess.run(["git", "apply", "--whitespace=nowarn", "../a.patch"], check=True)
    assert web.read_text() == FIXED
    assert web.with_name("é b.yaml").read_bytes() == FIXED.replace("\n", "\r\n").rstrip().encode()
    web.parent.with_name("a.patch").unlink()


def test_a_stream_is_printed_whole(web: Path) -> None:
    head = "# Source: chart/templates/web.yaml\n"
    stream = f"---\n{head}{WEB}---\nkind: ConfigMap\napiVersion: v1\nmetadata: {{name: c}}\n"
    code, printed, said = run("-", stdin=stream.encode())
    assert code == 0
    assert printed == stream.replace(WEB, FIXED)
    assert said.splitlines()[-1].endswith("0 left")


def test_a_stream_with_nothing_to_mend_stays(web: Path) -> None:
    for text in (FIXED, "kind: ConfigMap\napiVersion: v1\nmetadata: {name: c}\n", "", "a: [\n"):
        assert run("-", stdin=text.encode())[1] == text


@pytest.mark.parametrize(
    ("options", "kinds"),
    [
        (("--no-guess",), {"tighter"}),
        (("--only", "guess"), set()),
        (("--only", "tighter,guess"), {"tighter", "guess"}),
        (("--select", "capabilities-restricted"), {"tighter"}),
    ],
)
def test_kinds_are_chosen(web: Path, options: tuple[str, ...], kinds: set[str]) -> None:
    _, shown, _ = run("web.yaml", *options)
    assert {kind for kind in ("same", "tighter", "guess") if f"  {kind.ljust(7)}  " in shown} == kinds


def test_users_come_from_the_range(web: Path) -> None:
    assert "runAsUser: 70000\n" in run("web.yaml", "--uid-range", "70000-70000")[1]
    for wrong, words in (("0-5", "two from 1 to 2147483647"), ("5", "FIRST-LAST")):
        with pytest.raises(AssertionError, match=words):
            run("web.yaml", "--uid-range", wrong)


BOUND = """\
apiVersion: v1
kind: Pod
metadata: {name: a}
spec:
  containers:
  - name: driver
    image: d
    securityContext: {privileged: true}
    volumeMounts: [{name: v, mountPath: /v, mountPropagation: Bidirectional}]
  - {name: other, image: o}
  volumes: [{name: v, hostPath: {path: /v}}]
"""


def test_what_would_make_something_worse_is_taken_back(web: Path) -> None:
    web.write_text(BOUND)
    code, shown, _ = run("web.yaml")
    assert code == 1
    assert "-" not in {line[0] for line in shown.splitlines() if "privileged" in line and line[0] in "+-"}
    assert 'privileged  container "driver" must not be privileged' in shown
    assert "restricted-volumes" in shown
    assert "container other  tighter  securityContext.runAsNonRoot: true" in shown
    assert "container driver  tighter" not in shown


def test_a_known_root_gets_no_duty_that_it_cannot_meet(web: Path) -> None:
    web.with_name("podproof-images.yaml").write_text(
        "schema: podproof/images/v1\nimages:\n  nginx:1.27: {user: '', passwd: 'root:x:0:0::/root:/bin/sh'}\n"
    )
    _, shown, _ = run("web.yaml", "--no-guess", "--images", "podproof-images.yaml")
    assert 'run-as-non-root  container "web" may run as root' in shown


def test_what_is_ignored_stays(web: Path) -> None:
    text = "# podproof: ignore[capabilities-restricted] the program needs them\n" + WEB
    web.write_text(text)
    assert run("web.yaml", "--write")[0] == 0
    assert "drop" not in web.read_text()
    assert "runAsNonRoot: true" in web.read_text()


def test_other_objects_of_a_list_and_json_stay(web: Path) -> None:
    text = (
        '{"apiVersion": "v1", "kind": "List", "items": [\n  {"apiVersion": "v1", "kind": "Service"},\n'
        '  {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a"}, "spec": {"hostPID": true, '
        '"containers": [{"name": "c", "image": "i"}]}}\n]}\n'
    )
    web = web.with_name("a.json")
    web.write_text(text)
    run("a.json", "--write")
    written = web.read_text()
    assert written.splitlines()[1] == text.splitlines()[1]
    assert '"hostPID"' not in written
    assert '"capabilities": {"drop": ["ALL"]}' in written


def test_files_that_may_not_be_written(web: Path) -> None:
    folder = web.with_name("below")
    folder.mkdir()
    (folder / "link.yaml").symlink_to("../web.yaml")
    code, _, said = run("below/link.yaml", "--write")
    assert code == 4
    assert "it is a link out of its folder; name the file it leads to" in said
    os.link(web, folder / "other.yaml")
    code, _, said = run("web.yaml", "--write")
    assert code == 4
    assert "it has 2 names, and the others would keep the old text" in said
    assert web.read_text() == WEB


def test_a_link_within_its_folder_stays_one(web: Path) -> None:
    link = web.with_name("a-link.yaml")
    link.symlink_to("web.yaml")
    assert run(".", "--write")[0] == 0
    assert link.is_symlink()
    assert web.read_text() == FIXED
    assert sorted(os.listdir(web.parent)) == ["a-link.yaml", "web.yaml"]


def test_a_file_that_has_changed_meanwhile_is_not_written(web: Path) -> None:
    before = web.read_bytes()
    web.write_text(WEB + "# somebody's\n")
    with pytest.raises(OutputError, match="it has changed since it was read; run fix again"):
        rewrite("web.yaml", before, FIXED.encode())
    assert web.read_text() == WEB + "# somebody's\n"


def test_the_group_of_the_file_counts_and_not_that_of_its_folder(web: Path) -> None:
    requires.demand(requires.root)
    os.chown(web.parent, -1, 4242)
    web.parent.chmod(0o2755)
    os.chown(web, 1234, 1235)
    assert run("web.yaml", "--write")[0] == 0
    assert (web.stat().st_uid, web.stat().st_gid) == (1234, 1235)


def test_a_folder_that_may_not_be_written_is_left(web: Path) -> None:
    requires.demand(requires.ordinary_user)
    web.parent.chmod(0o555)
    code, _, said = run("web.yaml", "--write")
    web.parent.chmod(0o755)
    assert code == 4
    assert "cannot write web.yaml: Permission denied" in said
    assert web.read_text() == WEB


KILLED = """
import os, sys
from podproof.outputs.rewrite import rewrite
if sys.argv[1] == "before":
    os.replace = lambda *_, **__: os.kill(os.getpid(), 9)
else:
    replace = os.replace
    def replace_and_die(*given, **named):
        replace(*given, **named)
        os.kill(os.getpid(), 9)
    os.replace = replace_and_die
rewrite("web.yaml", open("web.yaml", "rb").read(), b"new")
"""


@pytest.mark.parametrize(("moment", "text"), [("before", WEB), ("behind", "new")])
def test_a_run_that_is_killed_leaves_nothing_half_written(web: Path, moment: str, text: str) -> None:
    done = subprocess.run([sys.executable, "-c", KILLED, moment], env={"PYTHONPATH": str(SOURCE)})
    assert done.returncode == -9
    assert web.read_text() == text
    web.write_text(WEB)
    assert run(".", "--write")[0] == 0
    assert web.read_text() == FIXED


def test_the_patch_is_taken_below_the_top_of_a_repository(web: Path) -> None:
    subprocess.run(["git", "init", "--quiet", web.parent], check=True)
    folder = web.with_name("a folder") / "ünter"
    folder.mkdir(parents=True)
    (folder / "web.yaml").write_text(WEB.rstrip())
    for where, path in ((web.parent, "a folder"), (folder.parent, "ünter"), (folder, "web.yaml")):
        os.chdir(where)
        patch = run(path, "--format", "patch")[1]
        subprocess.run(["git", "apply"], input=patch.encode(), check=True)
        assert (folder / "web.yaml").read_text() == FIXED.rstrip()
        (folder / "web.yaml").write_text(WEB.rstrip())


def test_a_file_that_cannot_be_read_stays(web: Path) -> None:
    web.write_text(WEB + "---\na: [\n")
    code, shown, _ = run("web.yaml", "--write")
    assert code == 4
    assert "not changed: line 20 cannot be read" in shown
    assert web.read_text() == WEB + "---\na: [\n"


def test_what_cannot_be_edited_safely_is_refused(web: Path) -> None:
    text = WEB.replace(
        "ports: [{containerPort: 8080}]", "ports: [{containerPort: 80, # why\n          hostPort: 80}]"
    )
    web.write_text(text)
    code, shown, _ = run("web.yaml", "--write")
    assert code == 4
    assert "comments stand beside" in shown
    assert web.read_text() == text


def test_nothing_to_judge(web: Path) -> None:
    web.write_text("kind: ConfigMap\napiVersion: v1\nmetadata: {name: c}\n")
    assert run("web.yaml")[0] == 3


@pytest.mark.parametrize(
    "arguments",
    [("--write", "--check"), ("--write", "-"), ("-", "web.yaml"), ("--only", "all"), ("--write", "-o", "x")],
)
def test_contradictions_are_refused(web: Path, arguments: tuple[str, ...]) -> None:
    result = CliRunner().invoke(podproof, ["fix", *arguments], standalone_mode=False)
    assert isinstance(result.exception, click.UsageError | UsageError)


def test_what_is_left_is_said_with_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    container = "{name: a, image: i, volumeMounts: [{name: v, mountPath: /t}]}"
    spec = f"{{containers: [{container}], volumes: [{{name: v, hostPath: {{path: /etc/localtime}}}}]}}"
    Path("p.yaml").write_text(f"apiVersion: v1\nkind: Pod\nmetadata: {{name: p}}\nspec: {spec}\nsepc: {{}}\n")
    code, shown, _ = run("p.yaml", "--level", "baseline", "--color", "never")
    assert code == 1
    assert "must not be a hostPath, has path /etc/localtime\n        set the environment variable TZ" in shown
    assert 'unknown field "sepc"; did you mean spec?\n        spec has another value: keep one' in shown


def test_that_no_root_has_no_capabilities_follows_from_the_duty(web: Path) -> None:
    web.write_text(WEB.replace("          privileged: true\n", ""))
    code, shown, _ = run("web.yaml", "--select", "run-as-non-root", "--no-guess")
    assert code == 0
    assert "securityContext.runAsNonRoot: true" in shown
    assert shown.splitlines()[-1].endswith("0 left")


def test_archives_are_for_runs(web: Path) -> None:
    with pytest.raises(AssertionError, match="--image-archive goes with --run"):
        run("web.yaml", "--image-archive", "web.tar")
    with pytest.raises(AssertionError, match="write a duration such as 30s or 2m"):
        run("web.yaml", "--run", "--timeout", "soon")
