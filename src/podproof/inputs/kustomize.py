"""Builds a folder with the Kustomize that the machine has: a folder comes in, its manifests go out.

The tool is `kustomize`, else `kubectl kustomize`; it may fetch remote bases that a kustomization names. Never
parses what it prints.
"""

import os
import shutil
import subprocess

from ..errors import UsageError
from ..manifest.limits import DEFAULT, Limits
from .input import InputFile, UnreadableInput
from .recognise import KUSTOMIZATIONS

__all__ = ["build"]

_SECONDS = 300
"""So long a build may take: remote bases are cloned."""


def build(folder: str, limits: Limits = DEFAULT) -> InputFile | UnreadableInput:
    """Build a folder; the result's name is the folder's with `(kustomize)`.

    Raises UsageError: the folder has no kustomization, or the machine has none of the tools.
    """
    if not any(os.path.isfile(os.path.join(folder, name)) for name in KUSTOMIZATIONS):
        raise UsageError(f"{folder} has no kustomization.yaml: name a folder that has one")
    name = f"{folder} (kustomize)"
    try:
        done = subprocess.run(
            [*_tool(), os.path.join(folder, "")], capture_output=True, timeout=_SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        return UnreadableInput(name, 1, 1, f"kustomize took more than {_SECONDS} s: build it yourself")
    except OSError as error:
        words = (error.strerror or str(error)).lower()
        return UnreadableInput(name, 1, 1, f"kustomize cannot be started ({words})")
    if done.returncode:
        words = " ".join(done.stderr.decode("utf-8", "replace").split()).removeprefix("error: ")
        return UnreadableInput(name, 1, 1, f"kustomize cannot build it: {words[:1000]}")
    if len(done.stdout) > limits.max_bytes:
        megabytes = limits.max_bytes // (1024 * 1024)
        return UnreadableInput(name, 1, 1, f"kustomize wrote more than the {megabytes} MiB allowed at once")
    return InputFile(name, done.stdout)


def _tool() -> tuple[str, str]:
    for tool, verb in (("kustomize", "build"), ("kubectl", "kustomize")):
        path = shutil.which(tool)
        if path is not None:
            return path, verb
    raise UsageError("--kustomize needs kustomize or kubectl on PATH; there is neither")
