"""docs/architecture.md tells the truth about the code, and the tool that checks it finds each kind of lie."""

import runpy
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
TOOL = runpy.run_path(str(ROOT / "tools" / "check_architecture.py"))

PROJECT = {
    "pyproject.toml": """
[[tool.importlinter.contracts]]
type = "layers"
containers = ["podproof"]
layers = ["session", "checks | attacks", "kube", "errors"]
""",
    "src/podproof/__init__.py": "",
    "src/podproof/__main__.py": "",
    "src/podproof/errors.py": "class InputError(Exception):\n    code = 4\n",
    "src/podproof/kube/__init__.py": "",
    "src/podproof/kube/pod.py": "from ..errors import InputError\n\ndef read(): ...\n",
    "src/podproof/attacks/__init__.py": "",
    "src/podproof/checks/__init__.py": "",
    "src/podproof/checks/privileged.py": "def find():\n    from ..kube import pod\n",
    "src/podproof/session/__init__.py": "",
    "src/podproof/session/check.py": "from ..checks.privileged import find\n",
    "tests/checks/privileged.md": "",
}

PAGE = """# Architecture

```mermaid
flowchart LR
    errors["errors"] --> kube["kube<br>typed objects"] -->|"pods"| checks["checks"] --> session["session"]
```

## Rooms

| room | what |
|---|---|
| `session/` | |
| `checks/` | |
| `attacks/` | |
| `kube/` | |
| `errors.py` | |

## Order

```text
session
checks | attacks
kube
errors
```

## Ways

```mermaid
flowchart LR
    check["session.check"] --> privileged["checks.privileged"] --> pod["kube.pod"]
```

`session.check` calls `checks.privileged.find`; `kube.pod.read` raises `errors.InputError`, see
`errors.InputError.code`. A check is `checks/NAME.py` and `tests/checks/NAME.md`.
"""

LIES = [
    ("| `kube/` |", "| `cube/` |", "the table of rooms leaves out kube"),
    ("| `kube/` |", "| `cube/` |", "the table of rooms has cube, which does not exist"),
    ("| `kube/` | |", "| `kube/` | |\n| `kube/` | |", "the table of rooms has kube twice"),
    ("\nkube\nerrors\n", "\nerrors\nkube\n", "the order of the rooms differs from pyproject.toml"),
    ("\nkube\nerrors\n", "\nerrors\n", "the order of the rooms differs from pyproject.toml"),
    ('["kube.pod"]', '["kube.pods"]', "a diagram has kube.pods, which is not a module"),
    ('["session.check"]', '["attacks"]', "attacks does not import checks.privileged"),
    ('--> pod["kube.pod"]', '--> pod["errors"]', "checks.privileged does not import errors"),
    ('errors["errors"]', 'errors["attacks"]', "neither of the rooms attacks and kube imports the other"),
    ('--> pod["kube.pod"]', "--> pod", "a diagram has an edge privileged --> pod without a name for both"),
    ('["session.check"] --> ', '["session.check"]\n', "session.check is in a diagram without an arrow"),
    ("`kube.pod.read`", "`kube.pod.write`", "kube.pod.write is not a module, nor anything that one defines"),
    ("`errors.InputError.code`", "`errors.InputError.exit`", "errors.InputError.exit is not a module"),
    ("`checks/NAME.py`", "`audits/NAME.py`", "there is no file or folder audits/NAME.py"),
    ("`tests/checks/NAME.md`", "`tests/checks/NAME.py`", "there is no file or folder tests/checks/NAME.py"),
]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    for name, text in PROJECT.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


def test_the_page_is_true(capsys: pytest.CaptureFixture[str]) -> None:
    assert TOOL["main"]() == 0, capsys.readouterr().out


def test_a_true_page_has_no_faults(project: Path) -> None:
    assert list(TOOL["false_statements"](PAGE, project)) == []


@pytest.mark.parametrize(("truth", "lie", "fault"), LIES)
def test_a_lie_is_found(project: Path, truth: str, lie: str, fault: str) -> None:
    assert truth in PAGE
    faults = list(TOOL["false_statements"](PAGE.replace(truth, lie, 1), project))
    assert any(fault in found for found in faults), faults
