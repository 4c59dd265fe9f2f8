"""Bridges for pods: engines that start at once have a private network each."""

import os
import subprocess
import sys
from pathlib import Path

import requires

SOURCE = Path(__file__).resolve().parents[2] / "src"

AT_ONCE = """
import sys, threading
from podproof.runtimes.embedded.network import _bridge

barrier, found = threading.Barrier(8), []

def make(number):
    barrier.wait()
    found.append(str(_bridge(f"podproof{number}").network))

sys.setswitchinterval(1e-5)
threads = [threading.Thread(target=make, args=(number,)) for number in range(8)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
again = [str(_bridge(f"podproof{number}").network) for number in range(8)]
print(len(found), len(set(found)), sorted(again) == sorted(found))
"""
"""Makes eight bridges at once, and asks again: how many there are, their networks, and whether each stays."""


@requires.needs(requires.mounts)
def test_engines_that_start_at_once_have_networks_of_their_own() -> None:
    """In a network namespace of their own, so that no interface of this machine is touched."""
    done = subprocess.run(
        ["unshare", "--net", sys.executable, "-c", AT_ONCE],
        env={**os.environ, "PYTHONPATH": str(SOURCE)},
        capture_output=True,
        text=True,
    )
    assert done.stdout.split() == ["8", "8", "True"], done
