"""Of a fixed sample of small mistakes in the rooms that decide, each is noticed by a test.

A survivor that is printed here wants a test of the rule that it breaks, or, when nothing changes by it, an
entry with the reason in tools/mutation/equivalents.toml. `python -m tools.mutation --help` says more.
"""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from podproof.kube.whole_pod import whole_pod_of_values  # noqa: E402
from tools.mutation.constants import Constants  # noqa: E402
from tools.mutation.equivalents import equivalents  # noqa: E402
from tools.mutation.live import Live  # noqa: E402
from tools.mutation.mutants import mutants  # noqa: E402
from tools.mutation.reach import Tracer  # noqa: E402
from tools.mutation.run import name_of, read_record  # noqa: E402
from tools.mutation.sample import all_mutants, draw, fixed, room_of  # noqa: E402

SOURCE = '''\
"""Nothing in here is changed: docstrings are not."""
LIMIT = 3
Alias = dict[str, int]


def within(size: int, names: "tuple[str, ...]" = ()) -> bool:
    """Nor here."""
    if size < LIMIT and names:
        return True
    return len(sorted(names)) == 1
'''


def test_a_module_is_changed_in_one_place_at_a_time() -> None:
    assert [(m.function, m.operator, m.before, m.after) for m in mutants("m.py", SOURCE)] == [
        ("<module>", "constant", "LIMIT = 3", "LIMIT = 4"),
        ("within", "removed condition", "if size < LIMIT and names:", "if True:"),
        ("within", "removed condition", "if size < LIMIT and names:", "if False:"),
        ("within", "boolean", "size < LIMIT and names", "size < LIMIT or names"),
        ("within", "removed operand", "if size < LIMIT and names:", "if names:"),
        ("within", "removed operand", "if size < LIMIT and names:", "if size < LIMIT:"),
        ("within", "boundary", "size < LIMIT and names", "size <= LIMIT and names"),
        ("within", "comparison", "size < LIMIT and names", "size >= LIMIT and names"),
        ("within", "removed return", "return True", ""),
        ("within", "constant", "return True", "return False"),
        ("within", "return", "return len(sorted(names)) == 1", "return None"),
        ("within", "comparison", "len(sorted(names)) == 1", "len(sorted(names)) != 1"),
        ("within", "removed call", "len(sorted(names)) == 1", "sorted(names) == 1"),
        ("within", "removed call", "len(sorted(names))", "len(names)"),
        ("within", "constant", "len(sorted(names)) == 1", "len(sorted(names)) == 2"),
    ]


BRANCHES = """\
def size(number):
    if number > 3:
        return "large"
    for _ in range(number):
        pass
    return "small"
"""


def test_a_test_is_traced_alone_whatever_ran_before() -> None:
    path = "src/podproof/kube/made_up.py"
    names: dict[str, Any] = {}
    exec(compile(BRANCHES, str(ROOT / path), "exec"), names)
    tracer = Tracer()

    def lines(*numbers: int) -> list[int]:
        tracer.start()
        for number in numbers:
            names["size"](number)
        tracer.stop()
        return tracer.take()[path]

    assert lines(5) == [0, 1, 2, 3]
    assert lines(5, 1, 5, 1) == [0, 1, 2, 3, 4, 5, 6]
    assert lines(1) == [0, 1, 2, 4, 5, 6]


def test_a_test_is_taken_to_run_what_fills_a_cache_that_it_asks() -> None:
    path = "src/podproof/kube/whole_pod.py"
    tracer = Tracer()
    constants = Constants(Live(), tracer)

    def lines(asked: Callable[[], object]) -> list[int]:
        constants.fill()
        tracer.start()
        asked()
        tracer.stop()
        return constants.with_used(tracer.take()).get(path, [])

    assert len(lines(whole_pod_of_values)) > 20
    assert lines(list) == []


def test_the_draw_stays_when_code_moves() -> None:
    moved = SOURCE.replace("LIMIT = 3\n", "\n\nLIMIT = 3\nOTHER = 3\n")
    first = {m.before + m.after for m in draw(mutants("m.py", SOURCE), 6, "seed")}
    second = {m.before + m.after for m in draw(mutants("n.py", moved), 7, "seed")}
    assert len(first & second) >= 5
    assert first != {m.before + m.after for m in draw(mutants("m.py", SOURCE), 6, "another")}


def test_the_fixed_sample_stays_when_code_is_added_beside() -> None:
    path = "src/podproof/edits/apply.py"
    source = (ROOT / path).read_text(encoding="utf-8")
    more = source.replace("def ", f"def other() -> int:\n    return {'1 + ' * 99}1\n\n\ndef ", 1)
    before, after = ({m.key for m in fixed(mutants(path, text))} for text in (source, more))
    assert before
    assert before == {key for key in after if key[1] != "other"}


def test_what_decides_for_a_room_in_another_is_of_that_room() -> None:
    rooms = {m.path: room_of(m) for m in all_mutants(["fixes", "edits"])}
    assert rooms["src/podproof/session/fix/objects.py"] == "fixes"
    assert {room for path, room in rooms.items() if path.startswith("src/podproof/edits/")} == {"edits"}
    assert "src/podproof/session/fix/pipeline.py" not in rooms


@pytest.mark.slow
def test_most_of_the_fixed_sample_has_a_recorded_test() -> None:
    """Those that have none are tried on every test that reaches them, which takes a minute or two."""
    sample = {name_of(m) for m in fixed(all_mutants()) if m.key not in equivalents()}
    recorded = read_record()
    assert len(sample - recorded.keys()) <= len(sample) / 10, "run python -m tools.mutation --fixed --record"
    assert len(sample) >= 100


def test_equivalents_have_their_reasons() -> None:
    assert all(reason.strip() for reason in equivalents().values())


@pytest.mark.slow
def test_tests_notice_every_mistake_of_the_sample() -> None:
    command = [sys.executable, "-m", "tools.mutation", "--fixed"]
    found = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert found.returncode == 0, f"{found.stdout}\n{found.stderr}"
