"""Bad input gets a line with its place and what to do, the right exit code, and the rest is checked."""

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import requires
from waiting import PATIENCE, is_drained, wait_until

from .conftest import Run, environment

GOOD = """\
apiVersion: v1
kind: Pod
metadata: {name: good}
spec:
  containers: [{name: a, image: b}]
"""


def _pod(context: str) -> str:
    return GOOD.replace("image: b}", f"image: b, securityContext: {context}}}")


LAUGHS = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{chr(b)}: &{chr(b)} [{','.join(['*' + chr(b - 1)] * 9)}]\n" for b in range(ord("b"), ord("k"))
)

UNREADABLE: dict[str, tuple[bytes, str]] = {
    "binary": (b"\x7fELF\x00\x01\x02" * 50, "binary"),
    "utf16": (GOOD.encode("utf-16"), "UTF-16"),
    "utf16-without-mark": (GOOD.encode("utf-16-le"), "UTF-16"),
    "tabs": (b"apiVersion: v1\nkind: Pod\nspec:\n\tcontainers: []\n", "tab"),
    "invalid-utf8": (b"apiVersion: v1\nkind: \xff\xfe\xfaPod\n", "UTF-8"),
    "unclosed-quote": (b'apiVersion: v1\nkind: "Pod\n', "never closed"),
    "unclosed-bracket": (b"apiVersion: v1\nspec: {a: [\n", "expected node content"),
    "alias-bomb": (LAUGHS.encode(), "alias"),
    "self-reference": (b"a: &a\n  b: *a\n", "itself"),
    "deep-flow": (b"[" * 100_000, "deep"),
    "deep-block": (b"".join(b" " * n + b"a:\n" for n in range(2000)), "deep"),
    "deep-json": (b'{"a":' * 100_000, ""),
    "control-character": (b"apiVersion: v1\nkind: \x1b[31mPod\n", "control"),
    "undefined-alias": (b"apiVersion: v1\nkind: *pod\n", "anchor"),
    "star": (b"volumes:\n- *\n", "quote"),
}


@pytest.mark.parametrize("name", UNREADABLE)
def test_unreadable(podproof: Run, tmp_path: Path, name: str) -> None:
    data, word = UNREADABLE[name]
    (tmp_path / "bad.yaml").write_bytes(data)
    (tmp_path / "good.yaml").write_text(GOOD)
    result = podproof("check", "--format", "full", "bad.yaml", "good.yaml")
    assert result.returncode == 4
    out = result.stdout.decode()
    (line,) = [line for line in out.splitlines() if line.startswith("bad.yaml:")]
    assert "  error  unreadable  " in line
    assert word in line
    assert "good.yaml:5:" in out, "the rest is checked"
    assert "1 skipped" in out.splitlines()[-1]
    assert "\x1b" not in out


def test_broken_document_in_the_middle(podproof: Run, tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(f"{GOOD}---\nkind: [\n---\n{GOOD.replace('good', 'other')}")
    result = podproof("check", "a.yaml", "--format", "json")
    assert result.returncode == 4
    report = json.loads(result.stdout)
    assert [entry["name"] for entry in report["objects"]] == ["good", "other"]
    assert report["summary"]["documents"] == 3
    assert [entry["document"] for entry in report["skipped"]] == [2]
    assert b"podproof: a.yaml:" in result.stderr, "a script that drops the output still hears of it"


@pytest.mark.parametrize(
    "text",
    [
        _pod('{privileged: "true"}'),
        _pod('{runAsUser: "1000"}'),
        _pod("{runAsUser: .nan}"),
        _pod("{runAsUser: .inf}"),
        _pod(f"{{runAsUser: {'9' * 5000}}}"),
        _pod("[]"),
        _pod("{capabilities: [NET_RAW]}"),
        _pod("{capabilities: {drop: ALL}}"),
        GOOD.replace("[{name: a, image: b}]", "{a: b}"),
        GOOD.replace("{name: good}", "[]"),
    ],
)  # fmt: skip
def test_wrong_types(podproof: Run, text: str) -> None:
    result = podproof("check", "--format", "full", "-", stdin=text.encode())
    out = result.stdout.decode()
    assert result.returncode in (1, 4), out
    assert "<stdin>:" in out


def test_wrong_type_is_named_with_its_remedy(podproof: Run) -> None:
    result = podproof("check", "--format", "full", "-", stdin=_pod('{privileged: "true"}').encode())
    assert result.returncode == 1
    assert (
        "<stdin>:5:66  error  wrong-type  json: cannot unmarshal string into Go struct field "
        "SecurityContext.spec.containers.securityContext.privileged of type bool; write true without quotes"
    ) in result.stdout.decode()


@pytest.mark.parametrize(("number", "words"), [(".nan", "NaN"), (".inf", "+Inf"), ("-.INF", "-Inf")])
def test_numbers_that_json_lacks(podproof: Run, number: str, words: str) -> None:
    result = podproof("check", "--format", "full", "-", stdin=_pod(f"{{runAsUser: {number}}}").encode())
    assert result.returncode == 1
    assert f"json: unsupported value: {words}; write a number that JSON has" in result.stdout.decode()


def test_no_remedy_is_offered_that_does_not_help(podproof: Run) -> None:
    result = podproof("check", "--format", "full", "-", stdin=_pod(f"{{runAsUser: {'9' * 5000}}}").encode())
    assert "without quotes" not in result.stdout.decode()


def test_ignoring_why_a_pod_was_not_judged_is_no_pass(podproof: Run) -> None:
    result = podproof(
        "check",
        "--format",
        "full",
        "-",
        "--ignore",
        "wrong-type",
        stdin=_pod('{privileged: "true"}').encode(),
    )
    assert result.returncode == 4


@pytest.mark.parametrize(
    "text",
    [
        GOOD.replace("{name: good}", "null"),
        GOOD.replace("[{name: a, image: b}]", "null"),
        GOOD.replace("{name: a, image: b}", "null"),
        _pod("null"),
        _pod("{capabilities: null, seccompProfile: null, runAsUser: null, privileged: ~}"),
        "apiVersion: v1\nkind: Pod\nmetadata:\nspec:\n",
        "apiVersion: apps/v1\nkind: Deployment\nspec: {template: null}\n",
        "apiVersion: apps/v1\nkind: Deployment\nspec: {template: {spec: null, metadata: null}}\n",
    ],
)
def test_null_everywhere(podproof: Run, text: str) -> None:
    result = podproof("check", "-", "--format", "json", stdin=text.encode())
    assert result.returncode == 1
    assert json.loads(result.stdout)["summary"]["workloads"] == 1


@pytest.mark.parametrize(
    "text", ["apiVersion:\nkind: null\n", "null\n", "- null\n", "~\n", "", "# nothing\n", "a\n"]
)
def test_nothing_to_check(podproof: Run, text: str) -> None:
    result = podproof("check", "--format", "full", "-", stdin=text.encode())
    assert result.returncode == 3
    assert "nothing to check was found" in result.stdout.decode()


def test_5000_containers(podproof: Run) -> None:
    containers = "".join(f"  - {{name: c{n}, image: i}}\n" for n in range(5000))
    text = GOOD.replace("containers: [{name: a, image: b}]", f"containers:\n{containers}")
    result = podproof("check", "-", "--format", "json", stdin=text.encode())
    assert result.returncode == 4
    report = json.loads(result.stdout)
    assert report["summary"]["containers"] == 5000
    # four checks for each container that is looked at, and the limit itself
    assert (report["summary"]["errors"], report["summary"]["notes"]) == (4 * 500 + 1, 500)
    assert "4,500 of 5,000 containers were not looked at one by one" in result.stdout.decode()
    verdict = report["objects"][0]["pod_security"]
    assert not verdict["allowed"]
    assert '"c4999"' in verdict["detail"]


def test_missing_file(podproof: Run, tmp_path: Path) -> None:
    (tmp_path / "good.yaml").write_text(GOOD)
    result = podproof("check", "--format", "full", "gone.yaml", "good.yaml")
    assert result.returncode == 4
    assert result.stdout.decode().startswith("gone.yaml:1:1  error  unreadable  no such file or folder")
    assert b"good.yaml:5" in result.stdout


@requires.needs(requires.ordinary_user)
def test_unreadable_file(podproof: Run, tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(GOOD)
    (tmp_path / "a.yaml").chmod(0)
    result = podproof("check", "--format", "full", "a.yaml")
    assert result.returncode == 4
    assert b"no permission" in result.stdout


def test_folder_without_manifests(podproof: Run, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("x")
    result = podproof("check", "--format", "full", "-v", str(tmp_path))
    assert result.returncode == 3
    assert "skipped  nothing in this folder" in result.stdout.decode()


@pytest.mark.slow
def test_100_megabytes(podproof: Run, tmp_path: Path) -> None:
    with open(tmp_path / "big.yaml", "wb") as stream:
        stream.truncate(100_000_000)
    result = podproof("check", "--format", "full", "big.yaml")
    assert result.returncode == 4
    assert "split the file" in result.stdout.decode()


@pytest.mark.slow
def test_100_megabytes_on_standard_input(podproof: Run) -> None:
    result = podproof("check", "--format", "full", "-", stdin=b"# x\n" * 25_000_000)
    assert result.returncode == 4
    assert "split the input" in result.stdout.decode()


@pytest.mark.parametrize("target", ["gone/out.json", ".", "/dev/full"])
def test_output_that_cannot_be_written(podproof: Run, target: str) -> None:
    result = podproof("check", "-", "--output", target, stdin=GOOD.encode())
    assert result.returncode == 4
    assert result.stderr.decode().startswith(f"podproof: cannot write output file {target}: ")
    assert result.stderr.count(b"\n") == 1


@pytest.mark.parametrize("arguments", ["check a.yaml", "--help", "check --help", "rules", "explain a.yaml"])
def test_a_full_standard_output_is_one_line_and_an_exit_code(tmp_path: Path, arguments: str) -> None:
    (tmp_path / "a.yaml").write_text(GOOD)
    process = subprocess.run(
        ["sh", "-c", f'"$0" -m podproof {arguments} > /dev/full', sys.executable],
        cwd=tmp_path,
        env=environment(),
        capture_output=True,
        check=False,
    )
    assert process.returncode == 4
    assert process.stderr.decode() == "podproof: cannot write to standard output: No space left on device\n"


def test_output_is_whole_or_not_at_all(podproof: Run, tmp_path: Path) -> None:
    result = podproof("check", "-", "--format", "full", "--output", "out.txt", stdin=GOOD.encode())
    assert result.returncode == 1
    assert result.stdout == b""
    assert (tmp_path / "out.txt").read_text().startswith("<stdin>:5:")
    assert [path.name for path in tmp_path.iterdir()] == ["out.txt"]


def _start(tmp_path: Path, *arguments: str, **options: object) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(  # type: ignore[call-overload,no-any-return]  # options are Popen's own
        [sys.executable, "-m", "podproof", *arguments],
        cwd=tmp_path,
        env=environment(),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        **options,
    )


def test_closed_pipe(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(f"---\n{GOOD}" * 500)
    process = _start(tmp_path, "check", "a.yaml")
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    assert process.wait(PATIENCE) == 141
    assert process.stderr.read() == b""


def test_ctrl_c(tmp_path: Path) -> None:
    process = _start(tmp_path, "check", "-")
    assert process.stdin is not None
    assert process.stderr is not None
    process.stdin.write(b"a: 1\n")
    process.stdin.flush()
    wait_until(lambda: is_drained(process.stdin), "a reader of standard input")
    process.send_signal(signal.SIGINT)
    assert process.wait(PATIENCE) == 130
    assert process.stderr.read() == b"podproof: interrupted\n"


def test_closed_standard_streams(podproof: Run, tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(GOOD)
    command = f'"{sys.executable}" -m podproof check a.yaml'
    for redirection, code in ((">&-", 4), ("2>&-", 1), ("<&-", 1)):
        result = subprocess.run(
            ["sh", "-c", f"{command} {redirection}"],
            cwd=tmp_path,
            env=environment(),
            capture_output=True,
            check=False,
        )
        assert result.returncode == code, redirection
        assert b"Traceback" not in result.stderr
