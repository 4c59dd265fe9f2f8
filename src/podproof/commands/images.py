"""`podproof images`: archives come in, a lock file goes out; packages or files come in, an archive goes out."""

import click

HELP = """\b
podproof images lock build/web.tar --manifest deploy/ --output podproof-images.yaml
podproof images build images.example/nginx:1 --output nginx.tar --from-debian nginx-light

What is known of images, and images themselves, without a registry.
"""

LOCK_HELP = """\b
podproof images lock build/web.tar --manifest deploy/ --output podproof-images.yaml

Write a lock file from image archives: OCI layouts (folder or tar) and docker save files.

With --manifest, the images that those manifests use are written, under the names that they use; without, all
that the archives name.
"""


@click.group(name="images", help=HELP)
def command() -> None:
    """Hold the verbs about images."""


@command.command(name="lock", help=LOCK_HELP)
@click.argument("paths", metavar="PATH...", nargs=-1, required=True, type=click.Path())
@click.option("--manifest", "manifests", metavar="PATH", multiple=True, help="Lock what these manifests use.")
@click.option("--platform", metavar="OS/ARCH", default="linux/amd64", show_default=True)
@click.option("--output", metavar="FILE", help="Write to FILE, whole or not at all.")
def lock(paths: tuple[str, ...], manifests: tuple[str, ...], platform: str, output: str | None) -> int:
    """Write the lock file; returns 4 when a manifest uses an image that no archive has."""
    from ..images.lock import lock_images
    from ..outputs.sink import write_file, write_stdout

    text, missing = lock_images(paths, _references(manifests) if manifests else None, platform=platform)
    if output is None or output == "-":
        write_stdout(text.encode())
    else:
        write_file(output, text.encode())
    for reference in missing:
        click.echo(f"podproof: no archive has {reference}: its facts stay unknown", err=True)
    return 4 if missing else 0


def _references(manifests: tuple[str, ...]) -> list[str]:
    from ..errors import InputError
    from ..session.explain import references_in
    from ..session.sources import collect

    references, problems = references_in(collect(manifests))
    if problems:
        raise InputError(problems[0])
    return references
