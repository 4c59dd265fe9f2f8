"""`podproof images`: archives and manifests come in, a lock file goes out; packages or files, an archive."""

from typing import Any

import click

from . import _options, _pod_options
from ._messages import say

HELP = """\b
podproof images lock build/web.tar --manifest deploy/ \\
    --output podproof-images.yaml
podproof images build images.example/nginx:1 --output nginx.tar \\
    --from-debian nginx-light

Build images without a registry, or record what images in archives and registries contain, so that check and
explain need neither the images nor a network.
"""

LOCK_HELP = """\b
podproof images lock deploy/ --output podproof-images.yaml
podproof images lock build/web.tar --manifest deploy/ \\
    --output podproof-images.yaml

Write a lock file: what images contain, so that check and explain know it without a network.

PATH is a manifest or a folder of manifests, whose images are read from their registries, or an archive: an
OCI layout (folder or tar) or a docker save file. An image that an archive has is not asked for. What the file
at --output says of images already stays, unless --update is given.

With --manifest, only the images that these manifests use are written, from archives alone. With archives
alone, all images in them are.
"""


@click.group(name="images", help=HELP)
def command() -> None:
    """Hold the verbs about images."""


@command.command(name="lock", help=LOCK_HELP, short_help="Write a lock file of what images contain.")
@click.argument("paths", metavar="PATH...", nargs=-1, required=True, type=click.Path(readable=False))
@click.option(
    "--manifest",
    "manifests",
    metavar="PATH",
    multiple=True,
    help="Lock only the images that these manifests use, from archives.",
)
@click.option(
    "--platform",
    metavar="OS/ARCH",
    default="linux/amd64",
    show_default=True,
    help="The platform whose images are read.",
)
@click.option("--update", is_flag=True, help="Ask again for images that the file at --output has.")
@_pod_options.max_image_size
@_pod_options.allow_registry
@_pod_options.registries
@_options.output
def lock(
    paths: tuple[str, ...], manifests: tuple[str, ...], platform: str, output: str | None, **options: Any
) -> int:
    """Write the lock file; returns 4 when an image that is used cannot be read, 3 when none is used."""
    from ..outputs.sink import deliver
    from ..session.images_lock import LockRequest, cache_folder, earlier_lock, lock_paths, registry_reader
    from ._progress import working

    request = LockRequest(
        paths=paths,
        manifests=manifests,
        platform=_platform(platform),
        earlier=earlier_lock(output),
        update=options["update"],
    )
    settings = _pod_options.registry_settings(options)
    with (
        registry_reader(
            settings, platform=platform, cache=cache_folder(), limit=options["max_image_size"]
        ) as read,
        working("reading images"),
    ):
        locked = lock_paths(request, read)
    deliver(locked.text.encode(), output)
    for reference, reason in locked.missing.items():
        named = reason if reason.startswith(reference) else f"{reference}: {reason}"
        said = named if reason else f"no archive contains {reference}"
        stays = (
            f"{output} says what it said" if reference in locked.stayed else "what it contains stays unknown"
        )
        say(f"{said}: {stays}")
    if not locked.used:
        say("the manifests name no image: the lock file is empty")
        return 3
    if locked.kept:
        say(f"kept {locked.kept} of {output} as they are: --update asks their registries again")
    return 4 if locked.missing else 0


BUILD_HELP = """\b
podproof images build images.example/nginx:1 -o nginx.tar \\
    --from-debian nginx-light --entrypoint 'nginx -g "daemon off;"'
podproof images build images.example/tool:1 -o tool.tar --from-scratch \\
    --add ./tool:/bin/tool:0755 --entrypoint /bin/tool --user 1000

Build an image into an OCI archive, which `podproof run --image-archive`, `ctr images import` and
`docker load` accept. The same inputs give the same file; SOURCE_DATE_EPOCH sets the times in it.

--from-debian installs packages and their dependencies with mmdebstrap, as root or in a user namespace.
--from-scratch starts with an empty file system. Files, folders and links are added on top.
"""


@command.command(name="build", help=BUILD_HELP, short_help="Build an image from packages or files.")
@click.argument("name", metavar="NAME")
@click.argument("more", metavar="[PKG...]", nargs=-1)
@click.option(
    "-o", "--output", metavar="ARCHIVE", required=True, help="The archive to write, all of it or nothing."
)
@click.option("--from-debian", "packages", metavar="PKG...", multiple=True, help="Install these packages.")
@click.option("--from-scratch", is_flag=True, help="Start with an empty file system.")
@click.option(
    "--add", "additions", metavar="SRC:DST[:MODE[:UID:GID]]", multiple=True, help="Add a file or folder."
)
@click.option("--link", "links", metavar="TARGET:PATH", multiple=True, help="Add a symbolic link at PATH.")
@click.option("--user", metavar="USER", default="", help="The user: a name or uid, optionally with :GROUP.")
@click.option(
    "--entrypoint",
    metavar="WORDS",
    default="",
    help="The program: a JSON list, or words as a shell splits them.",
)
@click.option(
    "--command",
    "words",
    metavar="WORDS",
    default="",
    help="The arguments, written in the same way; without --entrypoint, the program too.",
)
@click.option("--workdir", metavar="PATH", default="", help="The working directory.")
@click.option("--env", "environment", metavar="KEY=VALUE", multiple=True, help="Set a variable.")
@click.option("--label", "labels", metavar="KEY=VALUE", multiple=True, help="Set a label.")
@click.option(
    "--files-only",
    is_flag=True,
    help="Unpack packages without running their scripts: small, but without the users they create.",
)
@click.option("--suite", metavar="NAME", help="The release to install from.  [default: this machine's]")
@click.option(
    "--source",
    "sources",
    metavar="LINE|FILE",
    multiple=True,
    help="An apt source, such as a mirror.  [default: this machine's]",
)
@click.option(
    "--platform",
    metavar="OS/ARCH",
    help="The platform of the files with --from-scratch.  [default: this machine's]",
)
def build(
    name: str,
    more: tuple[str, ...],
    output: str,
    packages: tuple[str, ...],
    from_scratch: bool,
    additions: tuple[str, ...],
    links: tuple[str, ...],
    user: str,
    entrypoint: str,
    words: str,
    workdir: str,
    environment: tuple[str, ...],
    labels: tuple[str, ...],
    files_only: bool,
    suite: str | None,
    sources: tuple[str, ...],
    platform: str | None,
) -> int:
    """Write one archive and print its name, digest and size; returns 0."""
    from pathlib import Path

    from ..errors import UsageError
    from ..images.additions import parse_addition, parse_link
    from ..images.build import DEBIAN_PATH, Debian, build_image, machine_platform, parse_command, source_epoch
    from ..images.layout import ImageSettings
    from ._progress import working

    wanted = tuple(package for text in (*packages, *more) for package in text.replace(",", " ").split())
    if bool(packages) == from_scratch:
        raise UsageError("name what to start from: either --from-debian PKG... or --from-scratch")
    if from_scratch and (more or suite or sources or files_only):
        raise UsageError(
            "--from-scratch takes no packages, --suite, --source or --files-only: use --from-debian"
        )
    if packages and platform is not None:
        raise UsageError("--platform needs --from-scratch: packages are always for this machine's platform")
    variables = tuple(_pair("--env", text) for text in environment)
    if packages and not any(key == "PATH" for key, _ in variables):
        variables = (("PATH", DEBIAN_PATH), *variables)
    with working(f"building {name}"):
        built = build_image(
            name,
            Path(output),
            settings=ImageSettings(
                user=user,
                entrypoint=parse_command("--entrypoint", entrypoint),
                command=parse_command("--command", words),
                working_directory=workdir,
                environment=tuple(f"{key}={value}" for key, value in variables),
                labels=dict(_pair("--label", text) for text in labels),
                platform=_platform(platform) if platform else machine_platform(),
            ),
            debian=Debian(wanted, suite, sources, files_only) if packages else None,
            additions=(
                *(entry for text in additions for entry in parse_addition(text)),
                *map(parse_link, links),
            ),
            epoch=source_epoch(),
        )
    click.echo(f"{output}: {built.reference} {built.digest} {built.size} bytes")
    return 0


def _pair(option: str, text: str) -> tuple[str, str]:
    from ..errors import UsageError

    key, equals, value = text.partition("=")
    if not equals or not key:
        raise UsageError(f"{option} {text!r} must be KEY=VALUE")
    return key, value


def _platform(text: str) -> str:
    from ..errors import UsageError

    system, slash, architecture = text.partition("/")
    if not (system and slash and architecture) or "/" in architecture:
        raise UsageError(f"--platform {text!r} must be OS/ARCH, for example linux/arm64")
    return text
