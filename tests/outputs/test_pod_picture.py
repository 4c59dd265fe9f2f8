"""The picture of a pod: who reads and writes what, the same bytes each time, and no text over another."""

import re

import pytest
from pages import Page

from podproof.outputs.pages.pod_picture import picture
from podproof.results.pictured import (
    PicturedContainer,
    PicturedMount,
    PicturedPod,
    PicturedPort,
    PicturedVolume,
)

LONG = "x" * 300
HOSTILE = '"><script>alert(1)</script>\u202e'

WRITTEN = PicturedMount("web", "/d", True, True)

POD = PicturedPod(
    containers=(
        PicturedContainer(
            "web", "container", "nginx:1.27", ("may be root",), (PicturedPort(80, 8080, "TCP"),)
        ),
        PicturedContainer("agent", "sidecar", "agent:2", ("privileged", "root"), ()),
    ),
    volumes=(
        PicturedVolume(
            "docker", "hostPath", "/var/run/docker.sock", "node", (PicturedMount("agent", "/d", True, True),)
        ),
        PicturedVolume(
            "cache",
            "emptyDir",
            "",
            "pod",
            (PicturedMount("web", "/cache", True, False), PicturedMount("agent", "/c", None, None)),
        ),
        PicturedVolume("unused", "secret", "", "pod", ()),
        PicturedVolume("data", "persistentVolumeClaim", "web", "elsewhere", (WRITTEN,)),
    ),
    host=("network", "PID"),
    account="default",
)


def many(count: int, name: str) -> PicturedPod:
    return PicturedPod(
        containers=tuple(
            PicturedContainer(f"{name}{n}", "container", name, ("root",), (PicturedPort(n, n, "TCP"),))
            for n in range(1, count)
        ),
        volumes=tuple(
            PicturedVolume(
                f"{name}v{n}", "hostPath", name, ("pod", "node", "elsewhere")[n % 3],
                (PicturedMount(f"{name}1", f"/{name}", True, None),),
            )
            for n in range(count)
        ),
        host=("network", "PID", "IPC"),
        account=name,
    )  # fmt: skip


def drawings(html: str) -> list[str]:
    return re.findall(r"<svg.*?</svg>", html, re.DOTALL)


def test_it_is_the_same_each_time() -> None:
    assert picture(POD, "p") == picture(POD, "p")


def test_it_says_the_same_to_those_who_do_not_see_it() -> None:
    page = Page(picture(POD, "p"))
    assert page.ids == ["p-wide-title", "p-wide-desc", "p-narrow-title", "p-narrow-desc"]
    described = re.findall(r"<desc[^>]*>(.*?)</desc>", page.html)
    assert described[0] == described[1] == (
        "Container web, image nginx:1.27: may be root. It listens on 80/TCP, port 8080 of the node. "
        "Container agent, image agent:2: privileged, root. "
        "Volume docker (hostPath /var/run/docker.sock): agent reads and writes at /d. "
        "Volume cache (emptyDir): web reads at /cache, agent may write at /c. "
        "Volume unused (secret): not mounted. "
        "Volume data (persistentVolumeClaim web): web reads and writes at /d. "
        "It uses the node&#x27;s namespaces: network, PID. Its containers get a token of account default."
    )  # fmt: skip


def test_wires_are_those_of_mounts_ports_and_tokens() -> None:
    for drawing in drawings(picture(POD, "p")):
        styles = re.findall(r'class="wire (\w+)"', drawing)
        # two volumes are written, one is read, one is not known; a port; two tokens; the node's namespaces
        assert sorted(styles) == sorted(["rw", "rw", "r", "unknown", "rw", "r", "r", "rw"])


def test_a_pod_without_a_token_reaches_no_server() -> None:
    alone = PicturedPod((PicturedContainer("a", "container", "", (), ()),), (), (), "")
    html = picture(alone, "p")
    assert "API server" not in html
    assert "elsewhere" not in html
    assert "It gets no token." in html
    assert "(no image)" in html


@pytest.mark.parametrize("pod", [POD, many(3, LONG), many(25, "ab"), many(4, "長い名前" * 20)])
def test_no_text_is_drawn_over_another_or_out_of_its_box(pod: PicturedPod) -> None:
    for drawing in drawings(picture(pod, "p")):
        whole = re.search(r'viewBox="0 0 (\d+) (\d+)"', drawing)
        assert whole is not None
        boxes = [
            tuple(float(value) for value in found)
            for found in re.findall(
                r'<rect x="(\d+)" y="(\d+)" width="(\d+)" height="([\d.]+)" rx="5"', drawing
            )
        ]
        assert len(boxes) >= len(pod.containers) + len(pod.volumes)
        texts = []
        for x, y, shown in re.findall(
            r'<text x="(\d+)" y="(\d+)"[^>]*>(?:<title>.*?</title>)?(.*?)</text>', drawing
        ):
            columns = sum(2 if ord(character) > 0x2E80 else 1 for character in shown.replace("&quot;", "'"))
            texts.append((float(x), float(y) - 10, float(x) + 7.22 * columns, float(y) + 3))
        assert all(right <= float(whole[1]) and bottom <= float(whole[2]) for _, _, right, bottom in texts)
        for number, (left, top, right, bottom) in enumerate(texts):
            for other in texts[number + 1 :]:
                assert right <= other[0] or other[2] <= left or bottom <= other[1] or other[3] <= top
            inside = [
                box
                for box in boxes
                if box[0] <= left <= box[0] + box[2] and box[1] <= top + 5 <= box[1] + box[3]
            ]
            assert all(right <= x + width and bottom <= y + height for x, y, width, height in inside)
        for number, (x, y, width, height) in enumerate(boxes):
            for left, top, other_width, other_height in boxes[number + 1 :]:
                apart = (
                    x + width <= left
                    or left + other_width <= x
                    or y + height <= top
                    or top + other_height <= y
                )
                assert apart, "two boxes overlap"
        channel = (
            max(x + width for x, _, width, _ in boxes if x < 20),
            min((x for x, _, _, _ in boxes if x > 20), default=float(whole[1])),
        )
        for path in re.findall(r'<path d="M([\d.]+) [\d.]+H([\d.]+)V[\d.]+H([\d.]+)"', drawing):
            assert all(channel[0] <= float(x) <= channel[1] for x in path), "a wire leaves the channel"


def test_names_of_others_are_text() -> None:
    html = picture(many(3, HOSTILE), "p")
    assert "<script" not in html
    assert "\u202e" not in html
    Page(html)


def test_what_is_too_much_is_counted_and_what_is_the_nodes_is_drawn() -> None:
    pod = many(91, "x")
    drawn = str(picture(pod, "p"))
    caption = re.search(r"<figcaption>(.*)</figcaption>", drawn)
    assert caption is not None
    assert caption[1].endswith("Not drawn: 70 containers, 61 volumes, 76 mounts, 70 ports.")
    shown = set(re.findall(r"▲ (xv\d+)<", drawn))
    assert shown == {volume.name for volume in pod.volumes if volume.place == "node"}
    assert "Not drawn" not in str(picture(POD, "p"))


def test_the_picture_grows_no_further() -> None:
    assert len(str(picture(many(5_000, "x"), "p"))) < 2 * len(str(picture(many(91, "x"), "p")))
