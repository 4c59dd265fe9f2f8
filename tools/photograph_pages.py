"""Photographs the HTML pages of `check`, `explain` and `prove` for docs/pictures: light, dark, narrow.

    python tools/photograph_pages.py

Needs chromium, ImageMagick's convert, and what `prove` needs. The date of the pages is fixed, but for that of
`prove`, which says when its evidence was taken.
"""

import html
import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PICTURES = ROOT / "docs" / "pictures"
FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--hide-scrollbars",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip
DARK = "--blink-settings=preferredColorScheme=0"
FRAME = (
    "<!doctype html><style>body{{margin:0}}iframe{{border:0}}</style>"
    '<iframe width="400" height="{}" srcdoc="{}"></iframe>'
)


def main() -> int:
    """Write every picture anew."""
    PICTURES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        check = _page(folder, "check", "examples/shop")
        explain = _page(folder, "explain", "examples/shop/api.yaml")
        archive = _demo_archive(folder)
        seed = "examples/seed/corrected/capabilities.yaml"
        prove = _page(folder, "prove", seed, "--image-archive", archive)
        _photograph(folder, check, "check-page.png", 1180, 1120)
        _photograph(folder, check, "check-page-dark.png", 1180, 1120, DARK)
        _photograph(folder, _narrow(folder, check, 1100), "check-page-narrow.png", 500, 1100, crop=400)
        _photograph(folder, explain, "explain-page.png", 1180, 1000)
        _photograph(folder, prove, "prove-page-dark.png", 1180, 1000, DARK)
    return 0


def _demo_archive(folder: Path) -> str:
    """Build the image of the seed's manifests."""
    build = ["sh", "examples/images/build.sh", "--no-packages", str(folder / "images")]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    return str(folder / "images" / "demo-hello.tar")


def _page(folder: Path, verb: str, path: str, *more: str) -> Path:
    page = folder / f"{verb}.html"
    subprocess.run(
        [sys.executable, "-m", "podproof", verb, path, *more, "--format", "html", "--output", page],
        cwd=ROOT,
        env={**os.environ, "SOURCE_DATE_EPOCH": "1767225600", "PYTHONPATH": str(ROOT / "src")},
        check=False,
    )
    return page


def _narrow(folder: Path, page: Path, height: int) -> Path:
    """Put a page into a frame as narrow as a phone: no window of Chromium is."""
    framed = folder / f"narrow-{page.name}"
    framed.write_text(FRAME.format(height, html.escape(page.read_text("utf-8"))), "utf-8")
    return framed


def _photograph(
    folder: Path, page: Path, name: str, width: int, height: int, *flags: str, crop: int | None = None
) -> None:
    shot = folder / name
    subprocess.run(
        ["chromium", *FLAGS, *flags, f"--user-data-dir={folder / 'profile'}",
         f"--window-size={width},{height}", f"--screenshot={shot}", page.as_uri()],
        check=True, capture_output=True, timeout=120,
    )  # fmt: skip
    size = ["-crop", f"{crop}x{height}+0+0", "+repage"] if crop else []
    subprocess.run(
        ["convert", shot, *size, "-strip", "-dither", "None", "-colors", "160", PICTURES / name], check=True
    )


if __name__ == "__main__":
    sys.exit(main())
