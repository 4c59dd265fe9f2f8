"""Runs every bench of this folder, or those named, and prints medians and ratios.

    python -m bench [NAME...]

Each module of the folder that has a `run` is a bench: it returns its lines. Ratios compare within one run, so
they mean the same on every machine.
"""

import importlib
import pkgutil
import sys

import bench


def main() -> int:
    names = [m.name for m in pkgutil.iter_modules(bench.__path__) if not m.name.startswith("_")]
    wanted = sys.argv[1:] or names
    unknown = [name for name in wanted if name not in names]
    if unknown:
        print(f'no bench "{unknown[0]}"; there are {", ".join(names)}', file=sys.stderr)
        return 2
    for name in wanted:
        print(f"{name}")
        for line in importlib.import_module(f"bench.{name}").run():
            print(f"  {line}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
