"""Runs the Markdown documents of checks.

A document holds sentences and fenced `yaml` blocks, each a pod. Words after `yaml` say at which level:version
it is judged (default restricted:latest) and `as-written` that it is not defaulted. `# error: [id]` (several
ids, or one several times, with commas) stands on the line where findings start; each must be announced.
Findings of other checks than the document's own (its name) are left out unless announced. A `text` block that
follows a pod holds the exact `reason (detail)` of the document's check.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from podproof.checks._check import pod_security_checks
from podproof.kube.default_pod import default_pod
from podproof.manifest.document import Document
from podproof.manifest.reader import read
from podproof.policies.pod_security import evaluator, read_pod

BLOCK = re.compile(r"^```yaml([^\n]*)\n(.*?)^```$(?:\s*^```text\n(.*?)^```$)?", re.DOTALL | re.MULTILINE)
ERROR = re.compile(r"# error: \[([^\]]+)\]")


class Case(pytest.Item):
    words: list[str]
    manifest: str
    text: str | None

    def runtest(self) -> None:
        own = self.path.stem.replace("_", "-")
        level = next((word for word in self.words if ":" in word), "restricted:latest")
        expected = [
            (number, name.strip())
            for number, line in enumerate(self.manifest.splitlines(), 1)
            for ids in ERROR.findall(line)
            for name in ids.split(",")
        ]
        (document,) = read("pod.yaml", self.manifest.encode())
        assert isinstance(document, Document)
        assert isinstance(document.value, dict)
        pod = read_pod(document.value)
        verdict = evaluator(level).judge(pod if "as-written" in self.words else default_pod(pod))
        named = {own, *(name for _, name in expected)}
        places = [(document.place(f.route).line, f.check) for f in verdict.findings if f.check in named]
        assert sorted(places) == sorted(expected)
        if self.text is not None:
            said = [
                f"{v.reason} ({v.detail})" if v.detail else v.reason
                for c, v in verdict.violations
                if c.id == own
            ]
            assert said == [self.text.rstrip("\n")]

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: object = None) -> str:
        return f"{self.path.name}: {self.name}\n{self.manifest}\n{excinfo.exconly()}"

    def reportinfo(self) -> tuple[Path, int, str]:
        return self.path, 0, f"{self.path.name}: {self.name}"


class Page(pytest.File):
    def collect(self) -> Iterator[pytest.Item]:
        text = self.path.read_text(encoding="utf-8")
        known = {check.id for check in pod_security_checks()}
        assert self.path.stem.replace("_", "-") in known, f"{self.path.name} is named for no check"
        for match in BLOCK.finditer(text):
            above = [p.strip() for p in text[: match.start()].split("\n\n") if p.strip()]
            case: Case = Case.from_parent(self, name=above[-1].replace("\n", " ") if above else "pod")
            case.words, case.manifest, case.text = match[1].split(), match[2], match[3]
            yield case


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    return Page.from_parent(parent, path=file_path) if file_path.suffix == ".md" else None
