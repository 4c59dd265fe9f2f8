"""A keeper that always finds another one running, which nobody else finds."""

import os
import sys

from podproof.runtimes.embedded.keepers import ANOTHER_KEEPER

os.write(int(sys.argv[1]), ANOTHER_KEEPER.encode())
