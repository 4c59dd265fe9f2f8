"""How the engine of a run reaches registries: the settings of a person come in, an engine pulls by them."""

from ...errors import UsageError
from ...images.distribution.settings import RegistrySettings
from ...images.limits import MAX_IMAGE_BYTES
from ...runtimes.embedded import EmbeddedEngine
from ...runtimes.engine import Engine

__all__ = ["pull_through"]


def pull_through(engine: Engine, settings: RegistrySettings, *, limit: int = MAX_IMAGE_BYTES) -> None:
    """Let the embedded engine pull from public registries, and from those that the settings name.

    `limit`: bytes that an image may unpack to. Another engine pulls by itself. Raises UsageError: such an
    engine would have to be told of settings.
    """
    if isinstance(engine, EmbeddedEngine):
        from .fetching import ImageFetcher

        engine.puller = ImageFetcher(engine, settings, limit)
    elif settings.plain_http or settings.authorities or settings.mirrors:
        raise UsageError(
            "--registry-plain-http, --registry-ca and --registry-mirror are for the embedded engine:"
            " the one at --runtime-endpoint has its own configuration"
        )
