"""What `fix` shows of decisions: equal ones together, a reason once, everything with `verbose`."""

from podproof.findings import ContainerRef
from podproof.outputs.fix_text import render
from podproof.results.checked import ObjectRef
from podproof.results.fixed import FileFix, FixDecision, Fixed, FixedObject, FixTrial, LeftOver, TakenBack

WEB, DB = ContainerRef("web", "container"), ContainerRef("db", "container")
FIRST = ContainerRef("first", "init")
DROP, USER = "securityContext.capabilities.drop: [ALL]", "securityContext.runAsUser"


def drop(container: ContainerRef) -> FixDecision:
    return FixDecision(container, "tighter", DROP, f'container "{container.name}" must set it', ("c",))


def user(container: ContainerRef, uid: int) -> FixDecision:
    why = f"the image's user is not known: confirm that the program can run as {uid}"
    return FixDecision(container, "guess", f"{USER}: {uid}", why, ("u",))


def calm(container: ContainerRef) -> FixDecision:
    what = "securityContext.allowPrivilegeEscalation: false"
    return FixDecision(container, "tighter", what, f'container "{container.name}" must set this', ("a",))


def entry(name: str, *decisions: FixDecision, **fields: object) -> FixedObject:
    return FixedObject(1, 7, "", ObjectRef("v1", "Pod", "shop", name), decisions, **fields)  # type: ignore[arg-type]


def shown(*objects: FixedObject, columns: int = 160, verbose: bool = False) -> list[str]:
    file = FileFix("a.yaml", b"a", b"a", (), objects)
    fixed = Fixed("restricted", "latest", "v1.37", "v1.37", (file,), len(objects))
    text = "".join(render(fixed, columns=columns, verbose=verbose))
    return text.splitlines()[:-2]


def test_what_is_the_same_for_several_containers_is_said_once() -> None:
    assert shown(entry("a", drop(WEB), user(WEB, 5), drop(FIRST), drop(DB), user(DB, 6))) == [
        "Pod shop/a · a.yaml:7",
        "  containers web, db  tighter  securityContext.capabilities.drop: [ALL]",
        "                               must set it",
        "  container web       guess    securityContext.runAsUser: 5",
        "                               the image's user is not known: confirm that the program can run as 5",
        "  init first          tighter  capabilities.drop: [ALL]",
        "  container db        guess    runAsUser: 6",
    ]


def test_a_reason_is_given_once_and_what_it_is_for_on_one_line() -> None:
    one, two = entry("a", drop(WEB), calm(WEB)), entry("b", drop(DB), calm(DB))
    assert shown(one, two)[5:] == [
        "Pod shop/b · a.yaml:7",
        "  container db  tighter  capabilities.drop: [ALL], allowPrivilegeEscalation: false",
    ]
    everything = shown(one, two, verbose=True)
    assert [line.split() for line in everything[6:]] == [
        [word.replace("web", "db") for word in line.split()] for line in everything[1:5]
    ]


def test_what_was_run_is_shown_and_how_it_went() -> None:
    tried = FixDecision(WEB, "tighter", DROP, 'container "web" must set it', ("c",), shown="ready after 3 s")
    same = FixDecision(WEB, "same", "x", "y", (), shown="ready after 3 s")
    back = TakenBack(WEB, "tighter", DROP, "", ("c",), "it exits with 1: chown: not permitted")
    trial = FixTrial("ready after 1 s", "ready after 3 s", 4)
    assert shown(entry("b", tried, same, taken_back=(back,), trial=trial))[1:] == [
        "  container web  shown    securityContext.capabilities.drop: [ALL]",
        "                          must set it",
        "  container web  same     x",
        "                          y",
        "  tried  as it was: ready after 1 s; with the changes: ready after 3 s; 4 runs",
        "  taken back  container web: securityContext.capabilities.drop: [ALL]",
        "              it exits with 1: chown: not permitted",
    ]


def test_what_was_run_and_shows_nothing() -> None:
    broken = FixTrial("exit code 1: no database", "", 1, "it failed before any change")
    assert shown(entry("a", trial=broken))[1:] == [
        "  tried  as it was: exit code 1: no database",
        "         nothing is shown: it failed before any change",
    ]
    assert shown(entry("a", trial=FixTrial("", "", 0, "image i is not at hand")))[1:] == [
        "  not tried  image i is not at hand"
    ]


def test_a_remedy_is_given_once() -> None:
    left = LeftOver(3, 5, "host-path", "volume v is a hostPath", remedy="use an emptyDir")
    one, two = entry("a", left=(left,)), entry("b", left=(left,))
    assert shown(one, two) == [
        "Pod shop/a · a.yaml:7",
        "  left  3:5  host-path  volume v is a hostPath",
        "        use an emptyDir",
        "Pod shop/b · a.yaml:7",
        "  left  3:5  host-path  volume v is a hostPath",
    ]
    assert shown(one, two, verbose=True)[3:] == [line.replace("/a", "/b") for line in shown(one)]


def test_lines_are_broken_at_the_width() -> None:
    left = LeftOver(3, 5, "host-path", "volume " * 20, remedy="write something else " * 8)
    lines = shown(entry("a", drop(WEB), user(DB, 6), left=(left,)), columns=60)
    assert max(map(len, lines)) <= 60
    assert lines[5:8] == [
        "                          the image's user is not known:",
        "                          confirm that the program can run",
        "                          as 6",
    ]


def test_names_that_would_steer_a_terminal_are_harmless() -> None:
    wild = ContainerRef("a\x1b[2J\nb", "container")
    assert not any("\x1b" in line for line in shown(entry("x\x1b[0m", drop(wild))))
