"""docs/pod-security-policy.md shows what the commands in it really print."""

import importlib.util

import pytest

from .conftest import ROOT

PAGE = ROOT / "docs" / "pod-security-policy.md"


def test_the_page_is_as_generated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(ROOT / "src"))
    found = importlib.util.spec_from_file_location("generate", ROOT / "tools" / "generate_readme.py")
    assert found is not None
    assert found.loader is not None
    tool = importlib.util.module_from_spec(found)
    found.loader.exec_module(tool)
    assert PAGE in tool.PAGES
    present, wanted = tool.generate(PAGE)
    assert present.count("<!-- run: podproof ") == 4
    assert present == wanted
