"""A pod as a picture: its parts come in, inline SVG goes out, the same bytes for the same pod.

Containers stand on the left with a line for each thing that they reach; what they reach stands on the right:
volumes of the pod within its outline, below it what is the node's or lies elsewhere. Wires run in a channel
between them where there is no text, one lane for each thing, so that nothing is drawn over words. Text is cut
to the room that it has. A title and a description say the same for those who do not see it.
"""

from collections import Counter
from collections.abc import Iterator, Sequence

import msgspec
from msgspec.structs import replace

from ...results.pictured import PicturedContainer, PicturedPod, PicturedVolume
from ..plain import one_line, width
from .markup import Markup, element, join, void
from .values import DANGER

__all__ = ["picture"]

_WIDE, _NARROW = 760, 360
"""Widths in pixels: a page shows one of both, so that text is never scaled down."""

_CHARACTER = 7.3
"""Pixels of one character of 12 pixels' monospace, and some air: the widest of the fonts has 7.22."""

_LINE, _PAD, _GAP = 17, 8, 12

_MOST_CONTAINERS, _MOST_VOLUMES, _MOST_LINES = 20, 30, 16
"""That are drawn: of a pod, and lines (mounts, ports) of a container. Nobody can follow more wires."""

_CAPTION = (
    "rw: reads and writes · r: reads · ?: not known · :: listens. Within the dashed line is the pod; what is "
    "below it leaves its sandbox."
)


class _Thing(msgspec.Struct):
    """A box on the right: what it is, whose it is (pod, node, elsewhere), and the lines that lead to it.

    Of each line, the height at which it begins, and its style.
    """

    words: tuple[str, ...]
    place: str
    ends: list[tuple[float, str]] = []
    top: float = 0

    @property
    def height(self) -> float:
        return 2 * _PAD + _LINE * len(self.words) - 4


class _Reach(msgspec.Struct, frozen=True):
    """A line of a container: words, and the thing that it leads to; `style` is rw, r or unknown."""

    words: str
    thing: _Thing | None
    style: str


def picture(pod: PicturedPod, name: str) -> Markup:
    """Draw the pod twice, for wide and for narrow screens; `name` is part of the ids.

    What is too much for a picture is left out, and counted below it.
    """
    drawn, left = _drawn_part(pod)
    counts = ", ".join(
        f"{count:,} {what}{'' if count == 1 else 's'}" for what, count in left.items() if count
    )
    return element(
        "figure",
        _draw(drawn, _WIDE, f"{name}-wide", "wide-only"),
        _draw(drawn, _NARROW, f"{name}-narrow", "narrow-only"),
        element("figcaption", f"{_CAPTION} Not drawn: {counts}." if counts else _CAPTION),
        class_="picture",
    )


def _drawn_part(pod: PicturedPod) -> tuple[PicturedPod, dict[str, int]]:
    """Give the part of a pod that is drawn, what is the node's first, and how much is left out."""
    containers = tuple(
        replace(container, ports=container.ports[:_MOST_LINES])
        for container in pod.containers[:_MOST_CONTAINERS]
    )
    lines = Counter({container.name: len(container.ports) for container in containers})
    first = sorted(range(len(pod.volumes)), key=lambda number: pod.volumes[number].place != "node")
    volumes: list[PicturedVolume] = []
    for number in sorted(first[:_MOST_VOLUMES]):
        mounts = []
        for mount in pod.volumes[number].mounts:
            if mount.container in lines and lines[mount.container] < _MOST_LINES:
                lines[mount.container] += 1
                mounts.append(mount)
        volumes.append(replace(pod.volumes[number], mounts=tuple(mounts)))
    left = {
        "container": len(pod.containers) - len(containers),
        "volume": len(pod.volumes) - len(volumes),
        "mount": sum(len(one.mounts) for one in pod.volumes) - sum(len(one.mounts) for one in volumes),
        "port": sum(len(one.ports) for one in pod.containers) - sum(len(one.ports) for one in containers),
    }
    return replace(pod, containers=containers, volumes=tuple(volumes)), left


def _draw(pod: PicturedPod, total: int, name: str, class_: str) -> Markup:
    things, reaches = _things(pod)
    channel = 26 + min(7 * len(things), total // 6)
    left = (total - channel) * 11 // 20 - _PAD
    right = total - channel - left - 2 * _PAD
    lane = (channel - 16) / max(1, len(things))
    out: list[Markup] = []
    y = float(_LINE + _PAD)
    for container, lines in zip(pod.containers, reaches, strict=True):
        box, height = _container(container, lines, _PAD, y, left)
        out.append(box)
        y += height + _GAP
    inner = float(_LINE + _PAD)
    x = _PAD + left + channel
    for thing in things:
        if thing.place == "pod":
            thing.top = inner
            inner += thing.height + _GAP
    bottom = max(y, inner, 60.0)
    outline = void("rect", x=1, y=1, width=total - 2, height=f"{bottom - 1:.0f}", rx=8, class_="outline")
    y, bands = bottom + _GAP, []
    for place, title in (("node", "on the node"), ("elsewhere", "elsewhere")):
        band, y = _band(place, title, things, pod.host if place == "node" else (), y, left, bottom)
        bands.append(band)
    wires = [_wire(one, number, _PAD + left, lane, x) for number, one in enumerate(things)]
    boxes = [_thing(one, x, right) for one in things]
    return element(
        "svg",
        element("title", _title(pod), id=f"{name}-title"),
        element("desc", _description(pod), id=f"{name}-desc"),
        outline,
        _text("pod", _PAD, _LINE, total, "soft"),
        *bands,
        *wires,
        *out,
        *boxes,
        viewBox=f"0 0 {total} {y:.0f}",
        width=total,
        height=f"{y:.0f}",
        role="img",
        aria_labelledby=f"{name}-title {name}-desc",
        class_=class_,
    )


def _things(pod: PicturedPod) -> tuple[list[_Thing], list[list[_Reach]]]:
    """Give what is reached, and for each container its lines."""
    things: list[_Thing] = []
    lines: dict[str, list[_Reach]] = {container.name: [] for container in pod.containers}
    for volume in pod.volumes:
        thing = _Thing(_volume_words(volume), volume.place)
        things.append(thing)
        for mount in volume.mounts:
            style = "rw" if mount.writes else "r" if mount.writes is False else "unknown"
            rights = {"rw": "rw", "r": "r ", "unknown": "? "}[style]
            lines.setdefault(mount.container, []).append(_Reach(f"{rights} {mount.path}", thing, style))
    for container in pod.containers:
        for port in container.ports:
            words = f"{port.port}/{port.protocol}"
            on_node: _Thing | None = None
            if port.on_node:
                on_node = _Thing((f"port {port.on_node}/{port.protocol}",), "node")
                things.append(on_node)
            lines[container.name].append(_Reach(f":: {words}", on_node, "rw"))
    if pod.account:
        api = _Thing(("API server", f"as {pod.account}"), "elsewhere")
        things.append(api)
        for container in pod.containers:
            lines[container.name].append(_Reach("r  account token", api, "r"))
    order = ("pod", "node", "elsewhere")
    things.sort(key=lambda thing: order.index(thing.place))
    return things, [lines[container.name] for container in pod.containers]


def _volume_words(volume: PicturedVolume) -> tuple[str, ...]:
    danger = f"{DANGER} " if volume.place == "node" else ""
    words = (f"{danger}{volume.name}", volume.source)
    return (*words, volume.detail) if volume.detail else words


def _container(
    container: PicturedContainer, lines: Sequence[_Reach], x: float, y: float, room: float
) -> tuple[Markup, float]:
    """Draw a container, whose lines become known to the things that they lead to; its height too."""
    kind = "" if container.kind == "container" else f" ({container.kind})"
    head = [(f"{container.name}{kind}", "name"), (container.image or "(no image)", "soft")]
    head += [(f"{DANGER} {danger}", "bad") for danger in container.dangers]
    height = 2 * _PAD + _LINE * (len(head) + len(lines)) - 4
    parts = [void("rect", x=f"{x:.0f}", y=f"{y:.0f}", width=f"{room:.0f}", height=height, rx=5, class_="box")]
    at = y + _PAD + 8
    for words, class_ in head:
        parts.append(_text(words, x + _PAD, at, room - 2 * _PAD, class_))
        at += _LINE
    for line in lines:
        parts.append(_text(line.words, x + _PAD, at, room - 2 * _PAD, "reach"))
        if line.thing is not None:
            line.thing.ends.append((at - 4, line.style))
        at += _LINE
    return element("g", *parts), height


def _band(
    place: str,
    title: str,
    things: Sequence[_Thing],
    host: Sequence[str],
    y: float,
    left: float,
    bottom: float,
) -> tuple[Markup, float]:
    """Place what is outside of the pod: namespaces of the node on the left, all else on the right."""
    inside = [thing for thing in things if thing.place == place]
    if not inside and not host:
        return Markup(""), y
    parts = [_text(title, 3 * _PAD if host else _PAD, y + _LINE - 5, left, "soft")]
    top = y + _LINE + 2
    at = top
    if host:
        end = at + (28 + _GAP) * (len(host) - 1)
        parts.append(void("path", d=f"M{2 * _PAD} {bottom:.0f}V{end:.0f}", class_="wire rw"))
    for name in host:
        parts += [
            void("rect", x=_PAD, y=f"{at:.0f}", width=f"{left:.0f}", height=28, rx=5, class_="box node"),
            _text(f"{DANGER} host {name}", 2 * _PAD, at + 18, left - 2 * _PAD, "bad"),
        ]
        at += 28 + _GAP
    below = y + 2
    for thing in inside:
        thing.top = below
        below += thing.height + _GAP
    return element("g", *parts), max(at if host else top, below)


def _wire(thing: _Thing, number: int, start: float, lane: float, x: float) -> Markup | None:
    """Draw the lines from containers to a thing: across to its lane, along it, and across to its box."""
    lane_x = start + 8 + lane * (number + 0.5)
    target = thing.top + _PAD + 3
    parts = [
        void("path", d=f"M{start:.0f} {at:.1f}H{lane_x:.1f}V{target:.1f}H{x:.0f}", class_=f"wire {style}")
        for at, style in thing.ends
    ]
    return join(parts) if parts else None


def _thing(thing: _Thing, x: float, room: float) -> Markup:
    class_ = f"box {thing.place}"
    box = void(
        "rect", x=f"{x:.0f}", y=f"{thing.top:.0f}", width=f"{room:.0f}", height=f"{thing.height:.0f}", rx=5,
        class_=class_,
    )  # fmt: skip
    first, soft = "bad" if thing.place == "node" else "name", "soft"
    lines = [
        _text(
            words, x + _PAD, thing.top + _PAD + 8 + _LINE * number, room - 2 * _PAD, soft if number else first
        )
        for number, words in enumerate(thing.words)
    ]
    return element("g", box, *lines)


def _text(words: str, x: float, y: float, room: float, class_: str) -> Markup:
    shown = _fit(one_line(words), int(room / _CHARACTER))
    return element(
        "text",
        element("title", words) if shown != one_line(words) else None,
        shown,
        x=f"{x:.0f}",
        y=f"{y:.0f}",
        class_=class_,
    )


def _fit(words: str, columns: int) -> str:
    """Cut text to columns, in which a wide character takes two."""
    if width(words) <= columns:
        return words
    kept = words[: max(1, columns - 1)]
    while width(kept) > columns - 1 and len(kept) > 1:
        kept = kept[:-1]
    return f"{kept}…"


def _title(pod: PicturedPod) -> str:
    count = len(pod.containers)
    return f"A pod with {count} container{'' if count == 1 else 's'} and what they reach"


def _description(pod: PicturedPod) -> str:
    return " ".join(_sentences(pod))


def _sentences(pod: PicturedPod) -> Iterator[str]:
    for container in pod.containers:
        dangers = f": {', '.join(container.dangers)}" if container.dangers else ""
        yield f"Container {container.name}, image {container.image or 'not named'}{dangers}."
        for port in container.ports:
            behind = f", port {port.on_node} of the node" if port.on_node else ""
            yield f"It listens on {port.port}/{port.protocol}{behind}."
    for volume in pod.volumes:
        what = " ".join(part for part in (volume.source, volume.detail) if part)
        users = [
            f"{mount.container} {_rights(mount.reads, mount.writes)} at {mount.path}"
            for mount in volume.mounts
        ]
        yield f"Volume {volume.name} ({what}): {', '.join(users) or 'not mounted'}."
    if pod.host:
        yield f"It uses the node's namespaces: {', '.join(pod.host)}."
    yield f"Its containers get a token of account {pod.account}." if pod.account else "It gets no token."


def _rights(reads: bool | None, writes: bool | None) -> str:
    if writes:
        return "reads and writes" if reads else "writes"
    if writes is None:
        return "may write"
    return "reads" if reads is not False else "can neither read nor write"
