"""`check` and `fix` for programs: paths, texts and objects come in, a CheckResult or a FixResult goes out.

They differ from the commands only in what it reads: no configuration and no lock file that is not named.
"""

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby
from os import PathLike
from time import strftime
from typing import TYPE_CHECKING, Any

from ..effective.node import parse_node
from ..errors import ManifestError, UsageError
from ..inputs.input import InputFile
from ..inputs.objects import read_file
from ..manifest.json_of import plain_copy
from ..manifest.surrogates import to_utf8
from ..manifest.type_name import type_name
from ..results.check_result import CheckResult, make_check_result
from .check import check
from .config import ProjectConfiguration, load_configuration
from .explain import images_of
from .judging.judge import Judge
from .judging.selection import Selection
from .judging.settings import make_judge, make_selection
from .sources import Input, collect

if TYPE_CHECKING:
    from ..results.fix_result import FixResult

__all__ = ["Manifest", "check_manifests", "plan_fixes"]

Manifest = str | bytes | PathLike[str] | Mapping[str, Any]
"""What `podproof.check` and `podproof.fix` take, one or several: paths, texts of manifests, objects."""


def check_manifests(manifests: Manifest | Iterable[Manifest], level: str | None, **asked: Any) -> CheckResult:
    """Check manifests; see `podproof.check`, whose arguments these are."""
    return make_check_result(check(*_read_question(manifests, level, **asked)))


def plan_fixes(
    manifests: Manifest | Iterable[Manifest],
    level: str | None,
    *,
    only: Iterable[str],
    no_guess: bool,
    uid_range: tuple[int, int],
    all_advice: bool,
    **asked: Any,
) -> "FixResult":
    """Plan what `fix` would write; see `podproof.fix`, whose arguments these are."""
    from ..results.fix_result import make_fix_result
    from .fix.options import make_fix_options
    from .fix.pipeline import fix_manifests

    options = make_fix_options(
        _names(only, "only"),
        no_guess=no_guess,
        uid_range=uid_range,
        select=_names(asked["select"], "select"),
        all_advice=all_advice,
    )
    inputs, judge, selection = _read_question(manifests, level, **asked)
    return make_fix_result(fix_manifests(inputs, judge, selection, options))


def _read_question(
    manifests: Manifest | Iterable[Manifest],
    level: str | None,
    *,
    kubernetes_version: str | None,
    feature_gates: Mapping[str, bool] | None,
    runtime: str | None,
    images: Mapping[str, Any] | str | None,
    node: Mapping[str, Any] | None,
    select: Iterable[str],
    ignore: Iterable[str],
    include: Iterable[str],
    exclude: Iterable[str],
    hidden: bool,
    kustomize: bool,
    config: str | PathLike[str] | None,
) -> tuple[Iterator[Input], Judge, Selection]:
    """Read what is asked about which manifests."""
    for name, text in (("level", level), ("kubernetes_version", kubernetes_version), ("runtime", runtime)):
        if not isinstance(text, str | None):
            raise UsageError(f"{name} must be text, is {type_name(text)}")
    if not isinstance(feature_gates, Mapping | None):
        raise UsageError(f"feature_gates must map gates to booleans, is {type_name(feature_gates)}")
    configuration = ProjectConfiguration() if config is None else load_configuration(os.fspath(config))
    judge = make_judge(
        configuration,
        level=level,
        kubernetes_version=kubernetes_version,
        runtime=runtime,
        images=images_of(configuration.images_path if images is None else images),
        node=parse_node(node),
        feature_gates=feature_gates or {},
    )
    selection = make_selection(
        configuration,
        select=_names(select, "select"),
        ignore=_names(ignore, "ignore"),
        today=strftime("%Y-%m-%d"),
    )
    inputs = _inputs(
        _several(manifests),
        _names(include, "include"),
        (*configuration.exclude, *_names(exclude, "exclude")),
        hidden=hidden,
        kustomize=kustomize,
    )
    return inputs, judge, selection


def _several(manifests: Any) -> list[Manifest]:
    """Give the manifests one by one. Raises UsageError: something else is among them, or there is none."""
    one = isinstance(manifests, str | bytes | PathLike | Mapping)
    if not one and not isinstance(manifests, Iterable):
        raise UsageError(f"manifests must be paths, texts or mappings, is {type_name(manifests)}")
    several = [manifests] if one else list(manifests)
    for manifest in several:
        if not isinstance(manifest, str | bytes | PathLike | Mapping):
            raise UsageError(f"manifests must be paths, texts or mappings, has {type_name(manifest)}")
    if not several:
        raise UsageError("nothing to read: give a path, a text or a mapping")
    return several


def _inputs(
    manifests: list[Manifest],
    include: tuple[str, ...],
    exclude: tuple[str, ...],
    *,
    hidden: bool,
    kustomize: bool,
) -> Iterator[Input]:
    """Read every object, in the order of the manifests; paths beside each other are read as one set."""
    number = 0
    for are_paths, group in groupby(manifests, _is_path):
        if are_paths:
            paths = [os.fspath(path) for path in group if isinstance(path, str | PathLike)]
            number += len(paths)
            yield from collect(paths, include=include, exclude=exclude, hidden=hidden, kustomize=kustomize)
            continue
        for manifest in group:
            number += 1
            file = _read(manifest, f" {number}" if len(manifests) > 1 else "")
            for item in read_file(file):
                yield item, file.data


def _is_path(manifest: Manifest) -> bool:
    if isinstance(manifest, str):
        return "\n" not in manifest and not manifest.lstrip().startswith("{")
    return isinstance(manifest, PathLike)


def _read(manifest: object, number: str) -> InputFile:
    """Read a text, or write an object as JSON, as what a file of its own would hold."""
    if isinstance(manifest, bytes):
        return InputFile(f"<text{number}>", manifest)
    if isinstance(manifest, str):
        return InputFile(f"<text{number}>", to_utf8(manifest))
    name = f"<object{number}>"
    try:
        text = json.dumps(plain_copy(manifest), indent=2)
    except RecursionError:
        raise ManifestError(f"{name}: is nested too deeply to be read") from None
    except ManifestError as error:
        raise ManifestError(f"{name}: {str(error).removeprefix('the object ')}") from None
    return InputFile(name, text.encode())


def _names(names: Iterable[str], argument: str) -> tuple[str, ...]:
    """Read a list of strings. Raises UsageError: it is a single string, or something in it is not one."""
    listed = () if isinstance(names, str) else tuple(names)
    if isinstance(names, str) or not all(isinstance(name, str) for name in listed):
        raise UsageError(f"{argument} must be a list of strings, has {names!r}")
    return listed
