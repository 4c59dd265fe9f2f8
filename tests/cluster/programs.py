"""etcd and kube-apiserver: found in KUBEBUILDER_ASSETS or in PATH, or kube-apiserver built from its modules.

Building takes about six minutes on two cores. `./test --all` does it, and so does

    python tests/cluster/programs.py

`./test` uses what is there. Neither builds twice: what is built is kept in the user's cache.
"""

import os
import re
import shutil
import sys
from pathlib import Path

import pytest

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from go_tools import install_once, installed

_FOLDER = Path(__file__).resolve().parent
_PACKAGES = {"etcd": "etcd-server"}
_STAMP = "k8s.io/component-base/version"

VERSION = re.findall(r"k8s\.io/kubernetes (v\S+)", (_FOLDER / "go.mod").read_text())[0]
"""The release that go.mod pins."""


def program(name: str) -> str:
    """Give the path of a program; skips the test where there is none."""
    assets = os.environ.get("KUBEBUILDER_ASSETS")
    path = shutil.which(name, path=assets) if assets else None
    path = path or shutil.which(name)
    if path is not None:
        return path
    if name != "kube-apiserver":
        package = _PACKAGES.get(name, name)
        pytest.skip(f"needs {name}, in KUBEBUILDER_ASSETS or in PATH (package {package})")
    stored = installed(name, VERSION)
    if not stored.exists() and os.environ.get("PODPROOF_TESTS") != "all":
        pytest.skip(f"needs {name}, in KUBEBUILDER_ASSETS or in PATH; ./test --all builds it where Go is")
    return build_api_server()


def build_api_server() -> str:
    """Give the path of the kube-apiserver that go.mod pins, built where it is not there yet."""
    stamp = f"-s -w -X {_STAMP}.gitVersion={VERSION} -X {_STAMP}.gitTreeState=clean"
    arguments = ("-mod=readonly", f"-ldflags={stamp}", "k8s.io/kubernetes/cmd/kube-apiserver")
    return install_once("kube-apiserver", VERSION, *arguments, module=_FOLDER)


if __name__ == "__main__":
    print(f"kube-apiserver {VERSION}: built once where it is not there yet, in about six minutes", flush=True)
    try:
        print(build_api_server())
    except pytest.skip.Exception as reason:
        print(reason)
