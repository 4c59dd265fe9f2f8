"""Opens the engine on which `fix` tries its plans: options go in, a way to run objects comes out."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import msgspec

from ...effective.image import ImageConfig
from ...effective.setting import Setting
from ...images.catalog import Catalog
from ...images.limits import MAX_IMAGE_BYTES
from ...kube.workload import find_workload
from ...runtimes.pods.dangers import Allowed
from ..run.engine import OpenEngine, make_options, open_engine
from ..run.image_sources import import_archives, served_names
from .trial_run import PodTrials

__all__ = ["OpenTrials", "TrialOptions", "open_trials"]

_TIME_SCALE = 0.1
"""Of back-offs: what crashes is started again after one second instead of ten."""

_PORT_START = "net.ipv4.ip_unprivileged_port_start"


class TrialOptions(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody asked of trials. `endpoint` None: the embedded engine. `timeout`: seconds of a run."""

    archives: tuple[str, ...] = ()
    max_image_size: int = MAX_IMAGE_BYTES
    endpoint: str | None = None
    allow: Allowed = Allowed()
    timeout: float = 60.0


class OpenTrials:
    """An engine with the images at hand."""

    def __init__(
        self, opened: OpenEngine, asked: TrialOptions, catalog: Catalog, interrupted: Callable[[], int]
    ) -> None:
        self._opened, self._asked, self._catalog = opened, asked, catalog
        self._interrupted = interrupted

    def images(self, known: Mapping[str, ImageConfig]) -> Mapping[str, ImageConfig]:
        """Add what the archives say of their images to what is known already."""
        return Catalog({**self._catalog, **known})

    def trials(
        self, values: Iterable[Any], setting: Setting | None, told: Callable[[str], None]
    ) -> PodTrials:
        """Make the runner for objects among `values`, for the setting's runtime; `told` hears of each run."""
        beside: Sequence[tuple[Any, str]] = [
            (value, "") for value in values if isinstance(value, dict) and find_workload(value) is None
        ]
        options = make_options(
            self._opened,
            allow=self._asked.allow,
            served=served_names(self._catalog),
            time_scale=_TIME_SCALE,
        )
        sysctls = setting.runtime.sysctls if setting is not None else ()
        return PodTrials(
            engine=self._opened.engine,
            options=options,
            directory=self._opened.session.directory,
            session=self._opened.session.id,
            allow=self._asked.allow,
            beside=beside,
            sysctls=tuple(one for one in sysctls if one[0] == _PORT_START),
            timeout=self._asked.timeout,
            interrupted=self._interrupted,
            told=told,
        )


@contextmanager
def open_trials(
    asked: TrialOptions, *, progress: Callable[[str], None], interrupted: Callable[[], int]
) -> Iterator[OpenTrials]:
    """Start or find an engine and import the archives; nothing of the trials is left afterwards.

    Raises UsageError, EngineError, OutputError, ImageError, InputError as opening and importing do.
    """
    with open_engine(asked.endpoint, progress) as opened:
        catalog = import_archives(opened.engine, asked.archives, limit=asked.max_image_size)
        yield OpenTrials(opened, asked, catalog, interrupted)
