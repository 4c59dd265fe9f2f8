"""What `python -m tools.new_release` says of two releases, on modules made up for it."""

import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from tools import new_release


class Made:
    """Files by path, as a GoModule has them."""

    def __init__(self, **files: str) -> None:
        self.texts = {name.replace("__", "/"): text for name, text in files.items()}
        self.files = {path: hash(text) for path, text in self.texts.items()}

    def read(self, path: str) -> str:
        return self.texts.get(path, "")

    def sources(self, folder: str) -> list[str]:
        return [path for path in self.files if path.rpartition("/")[0] == folder and path.endswith(".go")]


def types(*fields: str) -> Any:
    body = "".join(
        f'\t// a word\n\t{field}`json:"{field.split()[0].lower()},omitempty"`\n' for field in fields
    )
    return Made(**{"core__v1__types.go": f"type Pod struct {{\n{body}}}\n"})


def test_fields_that_are_new_gone_or_other() -> None:
    old, new = (
        types("Old *string ", "Same int32 ", "Other bool "),
        types("New Time ", "Same int32 ", "Other *bool "),
    )
    found = new_release.differences(new_release.fields(old, "core/v1"), new_release.fields(new, "core/v1"))
    assert list(found) == [
        "+ core/v1.Pod.new: Time",
        "- core/v1.Pod.old: *string",
        "~ core/v1.Pod.other: bool -> *bool",
    ]


def test_gates_that_pods_are_asked_about_are_marked() -> None:
    entry = '- default: true\n    lockToDefault: true\n    preRelease: GA\n    version: "1.38"\n'
    listed = f"\n- name: Mine\n  versionedSpecs:\n  {entry}\n- name: Others\n  versionedSpecs:\n  {entry}"
    module: Any = Made()
    module.texts = {
        "test/compatibility_lifecycle/reference/versioned_feature_list.yaml": listed,
        "pkg/api/pod/util.go": "if Enabled(features.Mine) {",
    }
    module.files = dict.fromkeys(module.texts, 0)
    state = "on, GA, locked since 1.38"
    assert new_release.gates(module) == {"* Mine": state, "  Others": state}


def test_pods_of_pod_security() -> None:
    one, two = "test/testdata/baseline/v1.37/pass/a.yaml", "test/testdata/baseline/v1.38/pass/a.yaml"
    old: Any = Made()
    new: Any = Made()
    old.files = {one: 1}
    new.files = {one: 1, two: 1}
    assert list(new_release.pod_security(old, new)) == ["+ baseline v1.38: 1 pods, as the version before"]
    new.files = {one: 2, two: 1}
    assert list(new_release.pod_security(old, new)) == [
        "+ baseline v1.38: 1 pods, not as the version before",
        "~ baseline v1.37: pass/a.yaml",
    ]


def test_files_with_rules_are_named_with_their_changes() -> None:
    old: Any = Made(pkg__a="", **{"pkg__api__pod__util.go": "a\nb\n", "pkg__api__pod__same.go": "x"})
    new: Any = Made(**{"pkg__api__pod__util.go": "a\nc\nd\n", "pkg__api__pod__same.go": "x"})
    found = new_release.changed_files(old, new, ("pkg/api/pod",))
    assert list(found) == ["~ pkg/api/pod/util.go: 2 lines new, 1 gone"]
