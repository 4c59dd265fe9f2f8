"""Schedules of cron jobs: names, borders of each field, ranges and steps, in the parser's words.

Source: github.com/robfig/cron/v3 v3.0.1 parser.go and spec.go.
"""

import pytest

from podproof.kube.cron_schedule import find_schedule_problem

MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
DAYS = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"]
PLACES = ["{} * * * *", "* {} * * *", "* * {} * *", "* * * {} *", "* * * * {}"]
BORDERS = [(0, 59), (0, 23), (1, 31), (1, 12), (0, 6)]


@pytest.mark.parametrize(("place", "names", "first"), [(3, MONTHS, 1), (4, DAYS, 0)])
def test_names_stand_for_numbers(place: int, names: list[str], first: int) -> None:
    for number, name in enumerate(names, first):
        for written in (name, name.upper(), name.capitalize()):
            schedule = PLACES[place].format(f"{written}-{number}")
            assert find_schedule_problem(schedule) == ""
            assert find_schedule_problem(PLACES[place].format(f"{number}-{written}")) == ""
            if number > first:
                back = f"{written}-{number - 1}"
                said = f"beginning of range ({number}) beyond end of range ({number - 1}): {back}"
                assert find_schedule_problem(PLACES[place].format(back)) == said
    for other in (0, 1, 2, 4 if place == 3 else 3):
        said = f'failed to parse int from {names[0]}: strconv.Atoi: parsing "{names[0]}": invalid syntax'
        assert find_schedule_problem(PLACES[other].format(names[0])) == said


@pytest.mark.parametrize("place", range(5))
def test_the_borders_of_each_field(place: int) -> None:
    least, most = BORDERS[place]

    def problem(expression: str) -> str:
        return find_schedule_problem(PLACES[place].format(expression))

    for expression in (least, most, f"{least}-{most}", f"{least}/1", "*/2", "?", f"{least},{most},,", "*,?"):
        assert problem(str(expression)) == ""
    over = most + 1
    assert problem(f"{over}") == f"end of range ({over}) above maximum ({most}): {over}"
    assert problem(f"{least}-{over}") == f"end of range ({over}) above maximum ({most}): {least}-{over}"
    if least:
        assert problem("0") == "beginning of range (0) below minimum (1): 0"
        assert problem(f"0-{most}") == f"beginning of range (0) below minimum (1): 0-{most}"
        assert problem("0/2") == "beginning of range (0) below minimum (1): 0/2"


@pytest.mark.parametrize(
    ("expression", "problem"),
    [
        ("5-5", ""),
        ("5-4", "beginning of range (5) beyond end of range (4): 5-4"),
        ("5/15", ""),
        ("5-10/15", ""),
        ("*/60", ""),
        ("*/0", "step of range should be a positive number: */0"),
        ("5/0", "step of range should be a positive number: 5/0"),
        ("1-5-7", "too many hyphens: 1-5-7"),
        ("*-5-7", ""),
        ("*-99", ""),
        ("1/2/3", "too many slashes: 1/2/3"),
        ("*/2/3", "too many slashes: */2/3"),
        ("1-5-7/2/3", "too many hyphens: 1-5-7/2/3"),
        ("x", 'failed to parse int from x: strconv.Atoi: parsing "x": invalid syntax'),
        ("1-x", 'failed to parse int from x: strconv.Atoi: parsing "x": invalid syntax'),
        ("1/x", 'failed to parse int from x: strconv.Atoi: parsing "x": invalid syntax'),
        ("-1", 'failed to parse int from : strconv.Atoi: parsing "": invalid syntax'),
        ("+1", ""),
        (",", ""),
        ("1,x,99", 'failed to parse int from x: strconv.Atoi: parsing "x": invalid syntax'),
    ],
)
def test_expressions(expression: str, problem: str) -> None:
    assert find_schedule_problem(PLACES[0].format(expression)) == problem


@pytest.mark.parametrize("name", ["yearly", "annually", "monthly", "weekly", "daily", "midnight", "hourly"])
def test_names_of_schedules(name: str) -> None:
    assert find_schedule_problem(f"@{name}") == ""
    for other in (f"@{name}s", f"@{name.upper()}", f"@{name} "):
        assert find_schedule_problem(other) == f"unrecognized descriptor: {other}"


@pytest.mark.parametrize(
    ("schedule", "problem"),
    [
        ("@every 1h30m", ""),
        ("@every", "unrecognized descriptor: @every"),
        ("@every 1x", 'failed to parse duration @every 1x: time: unknown unit "x" in duration "1x"'),
        ("* * * *", "expected exactly 5 fields, found 4: [* * * *]"),
        ("* *  * *\t* *", "expected exactly 5 fields, found 6: [* * * * * *]"),
        (" 1\u00a02\u20033\n4 5 ", ""),
        ("1\x1c2 * * *", "expected exactly 5 fields, found 4: [1\x1c2 * * *]"),
        ("TZ=UTC * * * * *", ""),
        ("CRON_TZ=UTC   @daily", ""),
        ("TZ=UTC * * * *", "expected exactly 5 fields, found 4: [* * * *]"),
        ("TZ=Odd/Zone * * * * *", "provided bad location Odd/Zone: unknown time zone Odd/Zone"),
        ("TZ=UTC", "invalid schedule format: runtime error: slice bounds out of range [:-1]"),
        ("TZ=UTC\t* * * * *", "provided bad location UTC\t*: unknown time zone UTC\t*"),
    ],
)
def test_schedules(schedule: str, problem: str) -> None:
    assert find_schedule_problem(schedule) == problem
