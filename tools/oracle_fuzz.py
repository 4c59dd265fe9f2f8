"""Ask a real API server and Podproof the same questions and print where the answers differ.

    python tools/oracle_fuzz.py --server https://127.0.0.1:6443 --token T --seed 1 --count 1000

Seeded random pods and workloads (`random_objects`) are asked about; nothing is stored on the server. It
needs a namespace without policy and is no part of the test suite. The whole answer of `podproof.accept` is
compared: code, message, causes, warnings, object. `--oddness` is the share of bodies that are spoilt (wrong
types, nulls, unknown and doubled fields), `--yaml` the share that is sent as YAML.
"""

import argparse
import collections
import sys

from oracle_compare import compare
from oracle_server import OracleServer
from random_objects.chance import Chance
from random_objects.spoiler import Spoiler
from random_objects.workloads import API_VERSIONS, make_object

from podproof import accept


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--server", default="https://127.0.0.1:6443")
    parser.add_argument("--token", required=True)
    parser.add_argument("--namespace", default="oracle")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=500)
    parser.add_argument("--show", type=int, default=10)
    parser.add_argument("--density", type=float, default=1.0, help="how many fields are set")
    parser.add_argument("--oddness", type=float, default=0.3, help="share of bodies that are spoilt")
    parser.add_argument("--yaml", type=float, default=0.2, help="share of bodies that are YAML")
    options = parser.parse_args()
    server = OracleServer(options.server, options.token, options.namespace)
    chance, shown = Chance(options.seed, options.density), 0
    tally: collections.Counter[str] = collections.Counter()
    spoiler = Spoiler(chance.random)
    for _ in range(options.count):
        kind, obj = make_object(chance)
        if chance.some(options.oddness):
            spoiler.spoil(obj)
        yaml = chance.some(options.yaml)
        body = spoiler.yaml(obj) if yaml else spoiler.text(obj)
        media = f"application/{'yaml' if yaml else 'json'}"
        how = chance.pick(["Strict", "Strict", "Strict", "Strict", "Warn", "Ignore"])
        said = server.create(
            body, kind=kind, api_version=API_VERSIONS[kind], content_type=media, field_validation=how
        )
        if said.code not in (201, 400, 422):
            tally[f"skipped {said.code}"] += 1
            continue
        mine = accept(body, kind=kind, namespace=options.namespace, content_type=media, field_validation=how)
        found = compare(mine, said)
        tally[f"{said.code} {'differs' if found else 'agrees'}"] += 1
        if found and shown < options.show:
            shown += 1
            print(kind, media, how, body[:3000], *found, "", sep="\n  ")
    print(dict(tally))
    return int(any("differs" in key for key in tally))


if __name__ == "__main__":
    sys.exit(main())
