"""For all tests: skips of one file for one reason are one line, and a slow machine is no failed property.

PODPROOF_READER=python switches the native reader off here as it does for commands. SIGINT interrupts, even
where it was ignored.
"""

import os
import signal
import sys
from collections.abc import Generator

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile("any-machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("any-machine")

if os.environ.get("PODPROOF_READER") == "python":
    sys.modules["podproof_reader"] = None  # type: ignore[assignment]  # so that importing it fails

# A shell without job control starts `./test &` with SIGINT ignored, which every child inherits: what a test
# interrupts would never end.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Take the line out of a skip's place: pytest counts together what has one place and reason."""
    report = yield
    if report.skipped and isinstance(report.longrepr, tuple):
        path, _, reason = report.longrepr
        report.longrepr = (path, None, reason)  # type: ignore[assignment]  # None is what pytest's summary allows
    return report
