"""The verbs that only look at text ask nobody: a process that makes a socket of the network is ended."""

from collections.abc import Callable
from pathlib import Path

import pytest

from .conftest import ROOT, Run

WATCH = """\
import os, socket, sys


def watch(event, arguments):
    if event == "socket.__new__" and arguments[1] in (socket.AF_INET, socket.AF_INET6):
        os._exit(99)
    if event in ("socket.getaddrinfo", "socket.gethostbyname", "socket.connect"):
        os._exit(99)


sys.addaudithook(watch)
"""

POD = """\
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: shop}
spec:
  hostNetwork: true
  containers:
  - name: web
    image: 127.0.0.1:1/team/web:1
"""

LOCK = """\
schema: podproof/images/v1
images:
  "127.0.0.1:1/team/web:1":
    user: "0"
"""


Watched = Callable[..., int]


@pytest.fixture
def watched(podproof: Run, tmp_path: Path) -> Watched:
    """Run podproof, watched; gives its exit code."""
    (tmp_path / "hook").mkdir()
    (tmp_path / "hook" / "sitecustomize.py").write_text(WATCH)
    for number in range(8):
        (tmp_path / f"pod-{number}.yaml").write_text(POD.replace("name: web,", f"name: web-{number},"))
    (tmp_path / "images.yaml").write_text(LOCK)

    def run(*arguments: str) -> int:
        env = {"PYTHONPATH": f"{tmp_path / 'hook'}:{ROOT / 'src'}"}
        return podproof(*arguments, env=env).returncode

    return run


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (
            ["check", ".", "--images", "images.yaml", "--format", "html=a.html", "--format", "sarif=a.sarif"],
            1,
        ),
        (["check", ".", "--jobs", "2"], 1),
        (["check", ".", "--diff-versions", "v1.24..v1.37"], 0),
        (["explain", "pod-1.yaml", "--images", "images.yaml"], 0),
        (["explain", "pod-1.yaml", "--format", "html"], 0),
        (["fix", "."], 0),
        (["admit", "."], 0),
        (["baseline", "write", ".", "--output", "baseline.yaml"], 0),
        (["init"], 0),
        (["rules", "privileged"], 0),
    ],
)
def test_text_is_looked_at_without_a_network(watched: Watched, arguments: list[str], code: int) -> None:
    assert watched(*arguments) == code


def test_the_watch_sees_what_reads_registries(watched: Watched) -> None:
    assert watched("images", "lock", "pod-1.yaml", "--registry-plain-http", "127.0.0.1:1") == 99
