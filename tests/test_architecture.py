"""docs/architecture.md tells the truth about the code, and the tool that checks it finds each kind of lie."""

import runpy
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PAGE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
TOOL = runpy.run_path(str(ROOT / "tools" / "check_architecture.py"))

LIES = [
    ("| `manifest/` |", "| `manifold/` |", "the table of rooms leaves out manifest"),
    ("| `manifest/` |", "| `manifold/` |", "the table of rooms has manifold, which does not exist"),
    ("| `errors.py` |", "| `registry.py` |", "the table of rooms has registry twice"),
    ("\nresults\n", "\n", "the order of the rooms differs from pyproject.toml"),
    ("\nkube\nmanifest\n", "\nmanifest\nkube\n", "the order of the rooms differs from pyproject.toml"),
    (
        'check["session.check"]',
        'check["session.chuck"]',
        "a diagram has session.chuck, which is not a module",
    ),
    ('check["session.check"]', 'check["session.rules"]', "session.rules does not import session.sources"),
    ("command --> prepared", "commend --> prepared", "without a name for both"),
    ('as data"] --> runtimes', 'as data"] --> inputs', "neither of the rooms attacks and inputs imports"),
    ("`manifest.reader.read`", "`manifest.reader.rede`", "manifest.reader.rede is not a module, nor"),
    (
        "`admission.cluster.Cluster.admit`",
        "`admission.cluster.Cluster.admits`",
        "Cluster.admits is not a module",
    ),
    ("`policies/psp/NAME.py`", "`policies/pss/NAME.py`", "there is no file or folder policies/pss/NAME.py"),
    ("`tests/conformance/`", "`tests/conformity/`", "there is no file or folder tests/conformity/"),
]


def false_statements(page: str) -> list[str]:
    return list(TOOL["false_statements"](page, ROOT))


def test_the_page_is_true() -> None:
    assert false_statements(PAGE) == []


@pytest.mark.parametrize(("truth", "lie", "fault"), LIES)
def test_a_lie_is_found(truth: str, lie: str, fault: str) -> None:
    assert truth in PAGE
    assert any(fault in found for found in false_statements(PAGE.replace(truth, lie, 1)))


def test_a_diagram_without_an_edge_is_found() -> None:
    page = '```mermaid\nflowchart LR\n  a["kube"] -.-> b["errors"]\n```\n'
    assert any("no edge that can be read" in found for found in false_statements(page))


def test_a_chain_of_arrows_is_read_whole() -> None:
    page = '```mermaid\nflowchart LR\n  a["errors"] --> b["kube"] -->|"pods"| c["attacks"]\n```\n'
    assert "neither of the rooms kube and attacks imports the other" in false_statements(page)
