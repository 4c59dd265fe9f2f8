"""tools/check_imports.py finds circles and what deciding rooms must not use, in a package made for it."""

import importlib.util
from pathlib import Path

import pytest

TOOL = Path(__file__).resolve().parents[1] / "tools" / "check_imports.py"


def problems(folder: Path, **files: str) -> list[str]:
    """Write modules (`kube__pod` is kube/pod.py) into a package, and check it."""
    for name, text in files.items():
        path = folder / "podproof" / (name.replace("__", "/").replace("/init", "/__init__") + ".py")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    for path in [folder / "podproof", *(folder / "podproof").iterdir()]:
        if path.is_dir() and not (path / "__init__.py").exists():
            (path / "__init__.py").write_text("")
    spec = importlib.util.spec_from_file_location("check_imports", TOOL)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    told: list[str] = module.problems(folder)
    return told


@pytest.mark.parametrize(
    "back",
    [
        "from .. import session\nfrom ..session import a",
        "from ..session.a import x",
        "def late():\n    from ..session.a import x",
        "import typing\nif typing.TYPE_CHECKING:\n    from podproof.session.a import x",
        "import podproof.session.a",
    ],
)
def test_a_circle_is_found_however_it_is_closed(tmp_path: Path, back: str) -> None:
    told = problems(tmp_path, session__a="from ..outputs.b import y", outputs__b=back)
    assert told == ["modules import each other in a circle: podproof.outputs.b, podproof.session.a"]


def test_a_circle_of_three_and_one_through_a_package_are_told_apart(tmp_path: Path) -> None:
    told = problems(
        tmp_path,
        session__a="from .b import x",
        session__b="from .c import x",
        session__c="from .a import x",
        outputs__init="from .d import x",
        outputs__d="from . import x",
        api="from .session import a\nfrom .outputs import d",
    )
    assert told == [
        "modules import each other in a circle: podproof.outputs, podproof.outputs.d",
        "modules import each other in a circle: podproof.session.a, podproof.session.b, podproof.session.c",
    ]


def test_modules_that_import_one_way_are_no_circle(tmp_path: Path) -> None:
    files = {"session__a": "from . import b, c", "session__b": "from .c import x", "session__c": "import sys"}
    assert problems(tmp_path, **files) == []


@pytest.mark.parametrize("room", ["kube", "effective", "kubelet", "checks", "policies", "admission", "edits"])
def test_every_room_that_decides_is_checked(tmp_path: Path, room: str) -> None:
    told = problems(tmp_path, **{f"{room}__a__b": "\nopen('x')"})
    assert told == [f"podproof/{room}/a/b.py:2: deciding code must not use open"]


@pytest.mark.parametrize(
    ("text", "used"),
    [
        ("import os.path", "import os.path"),
        ("from time import sleep", "import time"),
        ("def late():\n    import random", "import random"),
        ("from pathlib import Path", "import pathlib"),
        ("import datetime\ndatetime.datetime.now()", ".now"),
        ("from datetime import datetime\ndatetime.utcnow()", ".utcnow"),
        ("from datetime import date\ndate.today()", ".today"),
        ("def read(path): return path.read_text()", ".read_text"),
        ("read = open", "open"),
        ("import sys\nsys.argv", "sys.argv"),
        ("from sys import stdin", "sys.stdin"),
        ("print('x')", "print"),
    ],
)
def test_what_reaches_outside_is_found(tmp_path: Path, text: str, used: str) -> None:
    (told,) = problems(tmp_path, kube__a=text)
    assert told.endswith(f": deciding code must not use {used}")


@pytest.mark.parametrize(
    "text",
    [
        "import sys\nsys.modules['x']",
        "import posixpath\nposixpath.join('a')",
        "from datetime import datetime, UTC\ndatetime.fromtimestamp(0, UTC)",
        "open_ports = 1\nclosed = open_ports",
        "from .b import time_of",
    ],
)
def test_what_stays_inside_is_left_alone(tmp_path: Path, text: str) -> None:
    assert problems(tmp_path, kube__a=text, kube__b="") == []


def test_other_rooms_may_open_files(tmp_path: Path) -> None:
    assert problems(tmp_path, inputs__a="import os\nopen('x')", errors="open('x')") == []
