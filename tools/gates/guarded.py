"""Compares the gates that the package asks about pods with those that upstream's source asks.

Every gate that a release asks before it drops a field of a pod's spec must be in kube/gated_fields.py, and no
other; gates of the status are left out, since nobody sends one. Every gate that changes a rule of validation
must be asked in the room `kube`. Needs the modules that `tools.gates.generate` fetches.
Usage: python -m tools.gates.guarded
"""

import re
import sys
from collections.abc import Iterator

from ..go_module import GoModule
from .generate import HERE, RELEASES

SOURCE = "pkg/api/pod/util.go"
BY_HAND = frozenset({"AppArmor"})
"""Gates of annotations, which gated_fields has in a function."""

ABOUT_CHANGES = {
    "ImageVolumeWithDigest": "a status is not validated",
    "InPlacePodLevelResourcesVerticalScaling": "the subresource resize is judged without it",
    "InPlacePodVerticalScalingMemoryBackedVolumes": "the subresource resize is judged without it",
}
"""Gates that change a rule which is not modelled, and why."""
FIRST_WITH_OPTIONS = 29

_OPTIONS = re.compile(
    r"^func (?:GetValidationOptionsFromPodSpecAndMeta|use[A-Z]\w*|allow[A-Z]\w*)\(.*?\n(.*?)^}",
    re.MULTILINE | re.DOTALL,
)
_FUNCTION = re.compile(r"^func (drop\w*)\([^\n]*\n(.*?)^}", re.MULTILINE | re.DOTALL)
_ASKED = re.compile(r"features\.([A-Z]\w+)\)")
_GUARDED = re.compile(r'GatedField\(\s*"(\w+)"')


def dropping(module: GoModule) -> Iterator[str]:
    """Name the gates that a release asks in the functions that drop fields of the spec."""
    for name, body in _FUNCTION.findall(module.read(SOURCE)):
        if "Status" not in name:
            yield from _ASKED.findall(body)


def changing_rules(module: GoModule) -> Iterator[str]:
    """Name the gates that a release asks for the options of validation."""
    for body in _OPTIONS.findall(module.read(SOURCE)):
        yield from _ASKED.findall(body)


def main() -> None:
    room = HERE.parent.parent / "src" / "podproof" / "kube"
    table = room / "gated_fields.py"
    written = "".join(
        path.read_text(encoding="utf-8") for path in room.glob("**/*.py") if path.parent.name != "tables"
    )
    ours = set(_GUARDED.findall(table.read_text(encoding="utf-8"))) | BY_HAND
    upstream: dict[str, list[str]] = {}
    unasked: dict[str, str] = {}
    for release in RELEASES:
        module = GoModule("k8s.io/kubernetes", f"v{release}")
        for gate in dropping(module):
            upstream.setdefault(gate, []).append(release)
        for gate in changing_rules(module) if int(release.split(".")[1]) >= FIRST_WITH_OPTIONS else ():
            if f'"{gate}"' not in written and gate not in ABOUT_CHANGES:
                unasked.setdefault(gate, release)
    for gate, release in sorted(unasked.items()):
        print(f"no rule in kube/ asks {gate}, which {release} asks for validation", file=sys.stderr)
    for gate in sorted(upstream.keys() - ours):
        print(f"gated_fields.py lacks {gate}, which {upstream[gate][0]} asks", file=sys.stderr)
    for gate in sorted(ours - upstream.keys()):
        print(f"gated_fields.py has {gate}, which no release asks", file=sys.stderr)
    if upstream.keys() != ours or unasked:
        sys.exit(1)
    print(f"{len(ours)} gates guard fields of pods, as in {len(RELEASES)} releases")


if __name__ == "__main__":
    main()
