#!/bin/sh
# Writes requirements.lock and requirements-dev.lock from pyproject.toml: every version pinned, every file by
# hash, for every platform, and no address of an index, so that each machine uses the index it is set up for. What has
# no wheel is not taken: nothing that is locked has to be built from source, here or where it is installed.
# With --upgrade the newest versions are taken; without it what is locked stays unless pyproject.toml forbids it.
set -eu
cd "$(dirname "$0")/.."
compile() {
    uv pip compile --quiet --no-build --universal --python-version 3.11 --generate-hashes \
        --no-header --no-annotate --no-emit-index-url "$@"
}
upgrade=
case ${1-} in
    '') ;;
    --upgrade) upgrade=--upgrade ;;
    *) echo "usage: tools/lock.sh [--upgrade]" >&2; exit 2 ;;
esac
# With what running pods, serving and zstd need, so that a checkout sets itself up for every verb.
compile $upgrade --extra run --extra serve --extra zstd --output-file requirements.lock pyproject.toml
compile $upgrade --extra run --extra serve --extra zstd --output-file requirements-dev.lock --constraint requirements.lock --group dev \
    pyproject.toml
