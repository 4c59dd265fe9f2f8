"""A run while it goes on: whole lines with who wrote them, a table below, nothing that steers a terminal."""

from typing import Any

from podproof.outputs.run_live import LiveReporter
from podproof.runtimes.pods.values import PodSnapshot


class Screen:
    def __init__(self, **options: Any) -> None:
        self.out: list[str] = []
        self.reporter = LiveReporter(
            lambda data: self.out.append(data.decode()), lambda text: self.out.append(text), **options
        )

    @property
    def text(self) -> str:
        return "".join(self.out)


def snapshot(phase: str = "Running") -> PodSnapshot:
    pod = {"metadata": {"name": "web"}, "spec": {"containers": [{"name": "app"}]}, "status": {"phase": phase}}
    return PodSnapshot(pod)


def test_lines_wait_for_their_end() -> None:
    screen = Screen()
    screen.reporter.log("web", "app", b"one\ntw")
    screen.reporter.log("web", "sidecar", b"x\n")
    screen.reporter.log("web", "app", b"o\n")
    assert screen.text == "web/app | one\nweb/sidecar | x\nweb/app     | two\n"
    screen.reporter.log("web", "app", b"no end")
    screen.reporter.close()
    assert screen.text.endswith("web/app     | no end\n")


def test_the_table_moves_below_the_logs() -> None:
    screen = Screen()
    screen.reporter.pods([snapshot()])
    table = "NAME   READY   STATUS    RESTARTS   AGE\nweb    0/1     Running   0          <unknown>\n"
    assert screen.text == table
    screen.reporter.log("web", "app", b"hi\n")
    assert screen.text == f"{table}\x1b[2F\x1b[Jweb/app | hi\n"


def test_a_narrow_terminal_cuts_the_table() -> None:
    screen = Screen(columns=lambda: 30)
    screen.reporter.pods([snapshot()])
    assert max(map(len, screen.text.splitlines())) <= 29


def test_a_table_stays_on_the_screen() -> None:
    screen = Screen(rows=lambda: 6)
    screen.reporter.pods([snapshot()] * 10)
    lines = screen.text.splitlines()
    assert len(lines) == 4
    assert lines[-1] == "and 8 more"
    screen.reporter.close()
    assert screen.text.endswith("\x1b[4F\x1b[J")


def test_a_signal_is_answered() -> None:
    screen = Screen()
    screen.reporter.pods([snapshot()])
    screen.reporter.ending()
    said = "podproof: stopping the pods, each with its grace; Ctrl-C again ends them at once\n"
    assert screen.text.endswith(f"\x1b[2F\x1b[J{said}")


def test_no_terminal_sees_no_table() -> None:
    out: list[bytes] = []
    reporter = LiveReporter(out.append, None)
    reporter.ending()
    reporter.pods([snapshot()])
    assert out == []


def test_raw_leaves_a_log_as_it_is() -> None:
    out: list[bytes] = []
    reporter = LiveReporter(out.append, None, raw=True)
    reporter.log("web", "app", b"\x1b[2Jraw\xff\r\n")
    assert b"".join(out) == b"web/app | \x1b[2Jraw\xff\r\n"


def test_a_log_cannot_steer_the_terminal() -> None:
    """Nor who reads a pipe later: a log of CI, `less -R`, a page."""
    screen = Screen()
    screen.reporter.log("web", "app", b"\x1b[31mred\x1b[0m \x1b]0;title\x07 \x1b[2J\r\n")
    assert screen.text == "web/app | red ␛]0;title␇ ␛[2J\n"


def test_an_endless_line_is_shown_in_pieces() -> None:
    screen = Screen()
    screen.reporter.log("web", "app", b"x" * 70_000)
    assert screen.text == f"web/app | {'x' * 70_000}\n"
