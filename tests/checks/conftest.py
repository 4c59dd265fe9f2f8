"""Runs the Markdown documents of checks.

A document holds sentences and fenced `yaml` blocks, each a pod. Words after `yaml` say at which level:version
it is judged (default restricted:latest) and `as-written` that it is not defaulted. `# error: [id]` (several
ids, or one several times, with commas) stands on the line where findings start; each must be announced.
Findings of other checks than the document's own (its name) are left out unless announced. A `text` block that
follows a pod holds the exact `reason (detail)` of the document's check.

Checks of what settings really do are announced by `# warning: [id]` or `# note: [id]`, and their `text` block
holds the messages, one a line. `runtime=NAME`, `user=TEXT` (the USER of every image, which otherwise is not
known) and `apparmor=BOOL` after `yaml` say where the pod runs. The images' users are in PASSWD and GROUP.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from podproof.checks.model.across import AcrossCheck
from podproof.checks.model.catalogue import all_checks
from podproof.checks.model.effect import EffectCheck
from podproof.effective.image import ImageConfig
from podproof.effective.node import Node
from podproof.effective.runtime import DEFAULT_RUNTIME, parse_runtime
from podproof.effective.setting import Setting
from podproof.findings import Finding, Severity
from podproof.kube.default_pod import default_pod
from podproof.kube.pod import Pod
from podproof.kube.visit import visit_containers
from podproof.manifest.document import Document
from podproof.manifest.reader import read
from podproof.policies.pod_security import evaluator, read_pod
from podproof.session.check import check
from podproof.session.config import Configuration
from podproof.session.judging.effects import put_on_node
from podproof.session.judging.settings import make_judge, make_selection
from podproof.session.sources import collect

BLOCK = re.compile(r"^```yaml([^\n]*)\n(.*?)^```$(?:\s*^```text\n(.*?)^```$)?", re.DOTALL | re.MULTILINE)
ANNOUNCED = re.compile(r"# (?:error|warning|note): \[([^\]]+)\]")
PASSWD = "root:x:0:0::/root:/bin/sh\napp:x:1000:3000::/:/bin/sh\n"
GROUP = "root:x:0:\nwheel:x:10:app\nstaff:x:2000:\napp:x:3000:\n"


class Case(pytest.Item):
    words: list[str]
    manifest: str
    text: str | None

    def runtest(self) -> None:
        own = self.path.stem.replace("_", "-")
        level = next((word for word in self.words if ":" in word and "=" not in word), "restricted:latest")
        expected = [
            (number, name.strip())
            for number, line in enumerate(self.manifest.splitlines(), 1)
            for ids in ANNOUNCED.findall(line)
            for name in ids.split(",")
        ]
        if any(isinstance(check, AcrossCheck) and check.id == own for check in all_checks()):
            self.across(own, expected)
            return
        (document,) = read("pod.yaml", self.manifest.encode())
        assert isinstance(document, Document)
        assert isinstance(document.value, dict)
        pod = read_pod(document.value)
        pod = pod if "as-written" in self.words else default_pod(pod)
        verdict = evaluator(level).judge(pod)
        named = {own, *(name for _, name in expected)}
        effects = list(self.effects(pod, named))
        found = [*(f for f in verdict.findings if f.check in named), *effects]
        places = [(document.place(f.route).line, f.check) for f in found]
        assert sorted(places) == sorted(expected)
        for line in self.manifest.splitlines():
            for severity in Severity:
                for ids in re.findall(rf"# {severity.value}: \[([^\]]+)\]", line):
                    for name in ids.split(","):
                        assert all(f.severity is severity for f in found if f.check == name.strip())
        if self.text is not None:
            said = [
                f"{v.reason} ({v.detail})" if v.detail else v.reason
                for c, v in verdict.violations
                if c.id == own
            ] + [f.message for f in effects if f.check == own]
            assert "\n".join(said) == self.text.rstrip("\n")

    def across(self, own: str, expected: list[tuple[int, str]]) -> None:
        with TemporaryDirectory() as folder:
            path = Path(folder) / "pod.yaml"
            path.write_text(self.manifest, encoding="utf-8")
            nothing = Configuration()
            result = check(collect([str(path)]), make_judge(nothing), make_selection(nothing, select=[own]))
        assert result.undecided == 0
        assert sorted((f.place.line, f.finding.check) for f in result.findings) == sorted(expected)
        assert all(f.finding.severity is Severity.NOTE for f in result.findings)
        if self.text is not None:
            said = [f.finding.message.replace(str(path), "pod.yaml") for f in result.findings]
            assert "\n".join(said) == self.text.rstrip("\n")

    def effects(self, pod: Pod, named: set[str]) -> Iterator[Finding]:
        checks = [c for c in all_checks() if isinstance(c, EffectCheck) and c.id in named]
        if not checks:
            return
        facts = dict(word.split("=", 1) for word in self.words if "=" in word)
        spec = pod.spec
        assert spec is not None
        image = ImageConfig(user=facts["user"], passwd=PASSWD, group=GROUP) if "user" in facts else None
        setting = Setting(
            images={c.image or "": image for _, c, _ in visit_containers(pod)} if image else {},
            runtime=parse_runtime(facts.get("runtime", DEFAULT_RUNTIME)),
            node=Node(apparmor=facts["apparmor"] == "true") if "apparmor" in facts else Node(),
        )
        seen = put_on_node(setting, pod)
        for one in checks:
            yield from one.find(seen)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException], style: object = None) -> str:
        return f"{self.path.name}: {self.name}\n{self.manifest}\n{excinfo.exconly()}"

    def reportinfo(self) -> tuple[Path, int, str]:
        return self.path, 0, f"{self.path.name}: {self.name}"


class Page(pytest.File):
    def collect(self) -> Iterator[pytest.Item]:
        text = self.path.read_text(encoding="utf-8")
        known = {check.id for check in all_checks()}
        assert self.path.stem.replace("_", "-") in known, f"{self.path.name} is named for no check"
        for match in BLOCK.finditer(text):
            above = [p.strip() for p in text[: match.start()].split("\n\n") if p.strip()]
            case: Case = Case.from_parent(self, name=above[-1].replace("\n", " ") if above else "pod")
            case.words, case.manifest, case.text = match[1].split(), match[2], match[3]
            yield case


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> pytest.Collector | None:
    return Page.from_parent(parent, path=file_path) if file_path.suffix == ".md" else None
