"""Generates the tables of feature gates in src/podproof/kube/tables from the Go modules k8s.io/kubernetes.

Since 1.33 upstream keeps a list of every gate with its history; of older releases the gates are read from
their Go source, so that gates that are gone since are known too. Needs Go and, the first time, its module
proxy: 20 modules of about 20 MB.
Usage: python -m tools.gates.generate [FOLDER], which is src/podproof/kube/tables when not given.
"""

import re
import sys
from collections.abc import Iterator
from pathlib import Path

from ..go_module import GoModule

HERE = Path(__file__).resolve().parent
TABLES = HERE.parent.parent / "src" / "podproof" / "kube" / "tables"
RELEASES = (
    "1.19.16", "1.20.15", "1.21.14", "1.22.17", "1.23.17", "1.24.17", "1.25.16", "1.26.15", "1.27.16",
    "1.28.15", "1.29.6", "1.30.14", "1.31.14", "1.32.13", "1.33.13", "1.34.4", "1.35.4", "1.36.3", "1.37.2",
    "1.38.0-beta.0",
)  # fmt: skip
"""One module for each minor release."""

FIRST_WITH_LIST = 33
"""The first release whose module has the list with the history of each gate."""
LIST = "test/compatibility_lifecycle/reference/versioned_feature_list.yaml"
SOURCES = ("pkg/features/kube_features.go", "pkg/features/versioned_kube_features.go")

ABOUT_PODS = (
    "pkg/api/pod", "pkg/apis/core/v1", "pkg/apis/core/validation", "pkg/registry/core/pod",
    "pkg/security/apparmor", "pkg/security/podsecuritypolicy", "pkg/securitycontext",
    "pkg/kubelet/kuberuntime", "pkg/kubelet/lifecycle", "pkg/kubelet/prober", "pkg/kubelet/sysctl",
    "pkg/kubelet/userns", "pkg/volume/git_repo", "plugin/pkg/admission/security/podsecurity",
    "plugin/pkg/admission/security/podsecuritypolicy", "plugin/pkg/admission/nodedeclaredfeatures",
)  # fmt: skip
"""Packages that decide about pods: a gate that one of them asks bears on pods."""

Spec = tuple[bool, str, bool]
"""Default, stage, whether it is locked."""

_LIST_ENTRY = re.compile(
    r"- default: (true|false)\n    lockToDefault: (true|false)\n"
    r'    preRelease: (\w+)\n    version: "1\.(\d+)"'
)
_SOURCE_ENTRY = re.compile(r"^\t(?:\w+\.)?(\w+):\s+\{([^{}]*\bPreRelease:[^{}]*)\}", re.MULTILINE)
_SOURCE_BLOCK = re.compile(r"^\t(?:\w+\.)?(\w+): \{\n((?:\t\t.*\n)*?)\t\},", re.MULTILINE)
_ASKED = re.compile(r"[fF]eatures\.([A-Z]\w+)\)")


def listed(module: GoModule) -> dict[str, dict[int, Spec]]:
    """Read the list: by gate, what changed in which minor release."""
    gates = {}
    for entry in module.read(LIST).split("\n- name: ")[1:]:
        name, _, body = entry.partition("\n")
        gates[name] = {int(m[3]): (m[0] == "true", m[2], m[1] == "true") for m in _LIST_ENTRY.findall(body)}
    return gates


def declared(module: GoModule, minor: int) -> dict[str, Spec]:
    """Read the gates of a release from its Go source."""
    text = "".join(module.read(source) for source in SOURCES)
    gates = {name: spec(fields) for name, fields in _SOURCE_ENTRY.findall(text)}
    for name, block in _SOURCE_BLOCK.findall(text):
        dated = re.findall(r'\{Version: version\.MustParse\("1\.(\d+)"\), ([^}]*)\}', block)
        reached = [(int(since), fields) for since, fields in dated if int(since) <= minor]
        if reached:
            gates[name] = spec(reached[-1][1])
    return gates


def spec(fields: str) -> Spec:
    """Read `Default: true, PreRelease: featuregate.GA, LockToDefault: true`."""
    stage = re.search(r"PreRelease: featuregate\.(\w+)", fields)
    default = re.search(r"Default:\s+(\w+)", fields)
    return (
        default is not None and default[1] == "true",
        stage[1] if stage else "Alpha",
        "LockToDefault: true" in fields,
    )


def asked(module: GoModule) -> Iterator[str]:
    """Name the gates that the packages about pods ask."""
    for package in ABOUT_PODS:
        for path in module.sources(package):
            yield from _ASKED.findall(module.read(path))


def changes(seen: dict[int, Spec]) -> Iterator[tuple[int, bool, str, bool]]:
    """Leave the minors in which nothing changed out."""
    last = None
    for minor, found in sorted(seen.items()):
        if found != last:
            yield minor, *found
        last = found


def main() -> None:
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else TABLES
    modules = {
        int(version.split(".")[1]): GoModule("k8s.io/kubernetes", f"v{version}") for version in RELEASES
    }
    oldest, newest = min(modules), max(modules)
    gates: dict[str, dict[int, Spec]] = {}
    last_seen: dict[str, int] = {}
    about_pods = {name for module in modules.values() for name in asked(module)}
    for minor, module in modules.items():
        if minor < FIRST_WITH_LIST:
            found = declared(module, minor)
        else:
            history = listed(module)
            found = {}
            for name, dated in history.items():
                for since, one in dated.items():
                    if since < oldest or (since < minor and name not in last_seen):
                        gates.setdefault(name, {}).setdefault(since, one)
                found[name] = dated[max(since for since in dated if since <= minor)]
        for name, one in found.items():
            gates.setdefault(name, {})[minor] = one
            last_seen[name] = minor
    for seen in gates.values():
        if min(seen) == oldest:
            seen[0] = seen.pop(oldest)
    gone = {name: last + 1 for name, last in last_seen.items() if last < newest}
    releases = f"k8s.io/kubernetes v{RELEASES[0]} to v{RELEASES[-1]}"
    for name, which, doc in (
        ("gates.py", about_pods, "The feature gates that bear on pods."),
        ("other_gates.py", set(gates) - about_pods, "The feature gates that do not bear on pods."),
    ):
        body = [f'"""{doc}\n\nGenerated by tools/gates from {releases}; do not edit.\n"""\n']
        body.append("\nGATES: dict[str, tuple[tuple[int, bool, str, bool], ...]] = {\n")
        for gate in sorted(which & gates.keys()):
            body.append(f'    "{gate}": {as_python(changes(gates[gate]))},\n')
        body.append('}\n"""By name, each change: since 1.N (0: 1.19 or before), default, stage, locked."""\n')
        body.append("\nGONE: dict[str, int] = {\n")
        body += [f'    "{gate}": {gone[gate]},\n' for gate in sorted(which & gone.keys())]
        body.append('}\n"""The first release that no longer has a gate, as 1.N."""\n')
        (folder / name).write_text("".join(body), encoding="utf-8")


def as_python(changed: Iterator[tuple[int, bool, str, bool]]) -> str:
    """Write the changes of a gate as a tuple of tuples."""
    parts = [f'({since}, {default}, "{stage}", {locked})' for since, default, stage, locked in changed]
    return f"({', '.join(parts)}{',' * (len(parts) == 1)})"


if __name__ == "__main__":
    main()
