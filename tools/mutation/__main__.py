"""The command line of mutation runs: prints every survivor, then a line for each room."""

import argparse
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Sequence
from itertools import zip_longest
from math import inf
from pathlib import Path

if __package__ in {None, ""}:
    sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tools.mutation.equivalents import entry, equivalents
from tools.mutation.mutants import Mutant
from tools.mutation.reach import ROOMS, ROOT
from tools.mutation.run import Outcome, judge, judge_near, judge_recorded, write_record
from tools.mutation.sample import all_mutants, draw, fixed, room_of

SIZE, SEED = 60, "podproof"  # mutants of each room, and what decides which
GOAL = 3.0  # percent of a room's mutants that may survive


def chosen(rooms: Sequence[str], within: str, size: int | None, seed: str, skip: int = 0) -> list[Mutant]:
    """Choose mutants, the rooms in turns; `size` None means all, `skip` leaves out the first of the draw."""
    drawn: list[list[Mutant]] = []
    for room in rooms:
        there = all_mutants([room], within)
        drawn.append(there if size is None else draw(there, skip + size, seed)[skip:])
    return [mutant for turn in zip_longest(*drawn) for mutant in turn if mutant is not None]


def stale() -> list[str]:
    """Name the equivalents that no mutant has any more."""
    keys = equivalents().keys()
    there = {m.key for path in {key[0] for key in keys} for m in all_mutants(within=path)}
    return [" · ".join(map(str, key)) for key in keys if key not in there]


def table(outcomes: Sequence[Outcome]) -> str:
    """Write a line for each room and one for all."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for outcome in outcomes:
        for room in (room_of(outcome.mutant), "all"):
            counts[room][outcome.result] += 1
    lines = ["room         mutants   killed  equivalent  survived"]
    for room in [*ROOMS, "all"]:
        if count := counts.get(room):
            lines.append(
                f"{room:<12}{count.total():>8}{count['killed']:>9}{count['equivalent']:>12}"
                f"{count['survived']:>10}  {survived_percent(count):.1f} %"
            )
    return "\n".join(lines)


def survived_percent(count: Counter[str]) -> float:
    return 100 * count["survived"] / (count.total() or 1)


def over_goal(outcomes: Sequence[Outcome]) -> list[str]:
    """Name the rooms in which more survive than the goal allows."""
    rooms: dict[str, Counter[str]] = defaultdict(Counter)
    for outcome in outcomes:
        rooms[room_of(outcome.mutant)][outcome.result] += 1
    return [room for room, count in rooms.items() if survived_percent(count) > GOAL]


def shown(outcome: Outcome) -> str:
    m = outcome.mutant
    return (
        f"{m.path}:{m.line}: in {m.function}, {m.operator} ({outcome.tests} tests)\n- {m.before}\n+ {m.after}"
    )


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tools.mutation", description=__doc__)
    parser.add_argument(
        "--room", action="append", choices=ROOMS, help="only this room; may be given several times"
    )
    parser.add_argument("--within", default="", metavar="PART", help="only modules with PART in their path")
    parser.add_argument("--sample", type=int, default=SIZE, metavar="N", help=f"of each room ({SIZE})")
    parser.add_argument(
        "--skip", type=int, default=0, metavar="N", help="leave out the first N of each sample"
    )
    parser.add_argument("--all", action="store_true", help="every mutant instead of a sample")
    parser.add_argument("--seed", default=SEED, help=f"decides which are in the sample ({SEED})")
    parser.add_argument(
        "--entries", action="store_true", help="also write survivors as equivalents are written"
    )
    parser.add_argument(
        "--seconds",
        type=float,
        default=inf,
        metavar="N",
        help="try each on the likeliest of its tests, of N seconds in all: quicker, and more may survive",
    )
    parser.add_argument(
        "--near",
        action="store_true",
        help="try each on the tests of its own room only: quick, and more may survive",
    )
    parser.add_argument(
        "--fixed",
        action="store_true",
        help="the fixed sample of `./test --all`, about 20 of each room, of which none may survive",
    )
    parser.add_argument(
        "--record", action="store_true", help="with --fixed: write down which test notices which"
    )
    options = parser.parse_args(arguments)

    def say(text: str) -> None:
        print(text, file=sys.stderr, flush=True)

    rooms = options.room or [room for room in ROOMS if (ROOT / "src/podproof" / room).is_dir()]
    size = None if options.all else options.sample
    begun = time.monotonic()
    outcomes: list[Outcome] = []
    if options.fixed:
        sample = fixed(all_mutants(rooms, options.within))
    else:
        sample = chosen(rooms, options.within, size, options.seed, options.skip)
    if options.fixed:
        tried = judge_recorded(sample, say)
    elif options.near:
        tried = judge_near(sample, options.seconds)
    else:
        tried = judge(sample, say, options.seconds)
    try:
        for outcome in tried:
            outcomes.append(outcome)
            if outcome.result == "survived":
                print(shown(outcome), flush=True)
                if options.entries:
                    print(entry(outcome.mutant), flush=True)
            if len(outcomes) % 50 == 0:
                say(f"{len(outcomes)} tried, {time.monotonic() - begun:.0f} s")
    except KeyboardInterrupt:
        say("interrupted; so far:")
    except RuntimeError as error:
        say(f"error: {error}")
        return 2
    print(table(outcomes))
    say(f"{time.monotonic() - begun:.0f} s, seed {options.seed}")
    for text in stale():
        say(f"no mutant any more, remove it from equivalents.toml: {text}")
    if options.record:
        write_record(outcomes)
    if options.fixed:
        return 1 if any(outcome.result == "survived" for outcome in outcomes) else 0
    return 1 if over_goal(outcomes) else 0


if __name__ == "__main__":
    sys.exit(main())
