"""Turns what was asked into a Judge and a Selection: the command line wins over the configuration.

Raises UsageError wherever a name or a version is not a known one. This module reads no files.
"""

from collections.abc import Iterable, Mapping

from ...checks.model.acceptance import AcceptanceCheck
from ...checks.model.catalogue import all_checks
from ...effective.image import ImageConfig
from ...effective.node import Node
from ...effective.setting import Setting
from ...errors import UsageError
from ...policies.levels import parse_level_version
from ...policies.pod_security import evaluator_of
from ..config import ProjectConfiguration, choose_gates, choose_runtime, choose_version, naming
from . import selection
from .effects import make_effects
from .judge import Judge

__all__ = ["make_judge", "make_selection"]

DEFAULT_LEVEL = "restricted"


def make_judge(
    configuration: ProjectConfiguration,
    *,
    level: str | None = None,
    kubernetes_version: str | None = None,
    runtime: str | None = None,
    images: Mapping[str, ImageConfig] | None = None,
    node: Node | None = None,
    feature_gates: Iterable[str] | Mapping[str, bool] = (),
) -> Judge:
    """Make the judge for a level (with or without a version) and a Kubernetes version.

    `images` and `node` hold what is known of them; the rest is unknown. `feature_gates` are texts such as
    `A=true,B=false`, or a mapping; they win over the configuration's. Raises UsageError: the level, a
    version, the runtime or a gate is not a known one.
    """
    with naming(configuration, "level", configuration.level and not level):
        standard = parse_level_version(level or configuration.level or DEFAULT_LEVEL)
    minor = choose_version(configuration, kubernetes_version)
    gates = choose_gates(configuration, feature_gates, minor)
    setting = Setting(
        images=images or {},
        node=node or Node(),
        runtime=choose_runtime(configuration, runtime or None),
        version=minor,
        changed_gates=gates.changed,
    )
    standards = evaluator_of(standard, gates)
    return Judge(
        level=standard.level,
        version=standard.version,
        evaluated_version=standards.evaluated_version,
        kubernetes_version=f"v1.{minor}",
        gates=gates,
        standards=standards,
        acceptance=tuple(check for check in all_checks() if isinstance(check, AcceptanceCheck)),
        find_effects=make_effects(setting),
        setting=setting,
    )


def make_selection(
    configuration: ProjectConfiguration,
    *,
    select: Iterable[str] = (),
    ignore: Iterable[str] = (),
    today: str = "",
    ignoring_refusals: bool = False,
) -> selection.Selection:
    """Make the selection; `select` of the command line replaces the configuration's, `ignore` adds to it.

    `today` and `ignoring_refusals` are those of a Selection.

    Raises UsageError: an id is unknown; one of the configuration names its file.
    """
    known = [check.id for check in all_checks()]
    chosen, ignored = tuple(select), tuple(ignore)
    selection.make_selection(known, select=chosen, ignore=ignored)
    try:
        return selection.make_selection(
            known,
            select=chosen or configuration.select,
            ignore=(*configuration.ignore, *ignored),
            severity=configuration.severity,
            per_file_ignores=configuration.per_file_ignores,
            folder=configuration.folder,
            today=today,
            ignoring_refusals=ignoring_refusals,
        )
    except UsageError as error:
        raise UsageError(f"{configuration.path}: {error}") from error
