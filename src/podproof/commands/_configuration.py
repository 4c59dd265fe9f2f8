"""The configuration that a verb uses: what `--config` says comes in, the project's wishes go out."""

import os

from ..session.config import ProjectConfiguration, find_configuration, load_configuration
from ._messages import say

__all__ = ["project_configuration"]

_MANIFESTS = (".yaml", ".yml", ".json")


def project_configuration(path: str | None) -> ProjectConfiguration:
    """Read the file at `path`; None: the nearest one, which is named unless it lies in the current folder.

    Raises UsageError: it cannot be read, or says something unknown; see `session.config`.
    """
    if path is not None:
        _refuse_manifest(path)
        return load_configuration(path)
    configuration = find_configuration(".")
    if configuration.path and configuration.folder != os.path.abspath("."):
        say(f"note: configuration is {configuration.path}")
    return configuration


def _refuse_manifest(path: str) -> None:
    from ..errors import UsageError

    if path.endswith(_MANIFESTS):
        raise UsageError(
            f"--config takes a podproof.toml, not {path}; admit takes a PodSecurityConfiguration by "
            "--admission-control-config-file"
        )
