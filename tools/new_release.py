"""Says what differs between two releases of Kubernetes, as far as it concerns Podproof.

Fields of the API's types, feature gates, what Pod Security decides, and the files with rules and words that
somebody has to read. Needs Go and its module proxy, but no particular Go: nothing is compiled.
Usage: python -m tools.new_release v1.37.2 v1.38.0-beta.0
"""

import difflib
import re
import sys
from collections.abc import Iterator

from .gates.generate import asked, listed
from .go_module import GoModule

TYPES = ("core/v1", "apps/v1", "batch/v1", "policy/v1beta1")
"""Packages of k8s.io/api with what Podproof decodes."""

RULES = (
    "pkg/api/pod", "pkg/apis/apps/validation", "pkg/apis/batch/validation", "pkg/apis/core/pods",
    "pkg/apis/core/v1", "pkg/apis/core/validation", "pkg/kubelet/lifecycle", "pkg/kubelet/sysctl",
    "pkg/kubelet/userns", "pkg/registry/core/pod", "pkg/securitycontext",
    "plugin/pkg/admission/security/podsecurity", "plugin/pkg/admission/serviceaccount",
)  # fmt: skip
"""Packages of k8s.io/kubernetes whose rules and words are written by hand in Podproof."""

TEST_DATA = re.compile(r"test/testdata/(baseline|restricted)/(v1\.\d+)/(?:pass|fail)/.+\.yaml")
_STRUCT = re.compile(r"^type (\w+) struct \{\n(.*?)^\}", re.MULTILINE | re.DOTALL)
_FIELD = re.compile(r'^\t(\w+) +([^`/]+?) *`[^`]*json:"([^",]+)', re.MULTILINE)


def fields(module: GoModule, package: str) -> dict[str, str]:
    """Map `Struct.field` to the field's type."""
    found = {}
    for path in module.sources(package):
        for name, body in _STRUCT.findall(module.read(path)):
            found |= {f"{package}.{name}.{key}": type_ for _, type_, key in _FIELD.findall(body)}
    return found


def differences(old: dict[str, str], new: dict[str, str]) -> Iterator[str]:
    """Give a line for each entry that is new, gone, or says something else."""
    for key in sorted(old.keys() | new.keys()):
        if key not in old:
            yield f"+ {key}: {new[key]}"
        elif key not in new:
            yield f"- {key}: {old[key]}"
        elif old[key] != new[key]:
            yield f"~ {key}: {old[key]} -> {new[key]}"


def gates(module: GoModule) -> dict[str, str]:
    """Map each feature gate to its last state; those that pods ask come first, marked with `*`."""
    about_pods = set(asked(module))
    states = {}
    for name, history in listed(module).items():
        since, (default, stage, locked) = max(history.items())
        told = f"{'on' if default else 'off'}, {stage}{', locked' if locked else ''} since 1.{since}"
        states[f"{'*' if name in about_pods else ' '} {name}"] = told
    return states


def pod_security(old: GoModule, new: GoModule) -> Iterator[str]:
    """Say which versions the test data gained, and which pods and which deciding files changed."""
    for level in ("baseline", "restricted"):
        before, after = pods(old, level), pods(new, level)
        gained = sorted(after.keys() - before.keys(), key=lambda version: int(version[3:]))
        for version in gained:
            last = after.get(f"v1.{int(version[3:]) - 1}", {})
            same = "as the version before" if last == after[version] else "not as the version before"
            yield f"+ {level} {version}: {len(after[version])} pods, {same}"
        for version in sorted(before.keys() & after.keys()):
            if before[version] != after[version]:
                changed = sorted(
                    name
                    for name in before[version].keys() | after[version].keys()
                    if before[version].get(name) != after[version].get(name)
                )
                yield f"~ {level} {version}: {', '.join(changed)}"
    yield from changed_files(old, new, ("admission", "api", "policy"))


def pods(module: GoModule, level: str) -> dict[str, dict[str, int]]:
    """Map each version of a level to its test pods, and these to checksums."""
    versions: dict[str, dict[str, int]] = {}
    for path, checksum in module.files.items():
        match = TEST_DATA.fullmatch(path)
        if match and match[1] == level:
            versions.setdefault(match[2], {})["/".join(path.split("/")[-2:])] = checksum
    return versions


def changed_files(old: GoModule, new: GoModule, packages: tuple[str, ...]) -> Iterator[str]:
    """Give the files of packages that differ, with the number of lines that are new and gone."""
    for package in packages:
        for path in sorted({*old.sources(package), *new.sources(package)}):
            if old.files.get(path) == new.files.get(path):
                continue
            lines = list(difflib.ndiff(old.read(path).splitlines(), new.read(path).splitlines(), None, None))
            added, removed = (sum(line.startswith(sign) for line in lines) for sign in ("+ ", "- "))
            yield f"~ {path}: {added} lines new, {removed} gone"


def module_version(release: str) -> str:
    """Give the version of the libraries of a release: v0.37.2 for v1.37.2."""
    return release.replace("v1.", "v0.", 1)


def report(old: str, new: str) -> Iterator[str]:
    """Give the lines of the whole report."""
    api = [GoModule("k8s.io/api", module_version(release)) for release in (old, new)]
    yield f"Fields of k8s.io/api ({', '.join(TYPES)})"
    before, after = ({k: v for p in TYPES for k, v in fields(one, p).items()} for one in api)
    yield from differences(before, after)
    kubernetes = [GoModule("k8s.io/kubernetes", release) for release in (old, new)]
    yield "\nFeature gates (* those that pods are asked about)"
    yield from differences(*(gates(one) for one in kubernetes))
    yield "\nPod Security"
    library = "k8s.io/pod-security-admission"
    yield from pod_security(*(GoModule(library, module_version(release)) for release in (old, new)))
    yield "\nRules and words to read"
    yield from changed_files(*kubernetes, RULES)


def main() -> int:
    releases = sys.argv[1:]
    if len(releases) != 2 or not all(re.fullmatch(r"v1\.\d+\.\d+(-\S+)?", one) for one in releases):
        print(__doc__)
        return 2
    for line in report(*releases):
        print(line)
    return 0


if __name__ == "__main__":
    sys.exit(main())
