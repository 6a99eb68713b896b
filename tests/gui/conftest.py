"""Every test of the window starts with fresh settings and leaves nothing behind: no widget, no thread."""

from __future__ import annotations

import gc
import threading
from collections.abc import Generator, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QSettings, QThread
from PySide6.QtWidgets import QApplication
from pytestqt.wait_signal import SignalBlocker
from shiboken6 import isValid

from tests.gui import waiting
from tests.gui.themes import wear
from ui.style.theme import LIGHT

HAS_FAILED = pytest.StashKey[bool]()
SECONDS_TO_END = 1.0


@pytest.fixture(autouse=True, scope="session")
def safe_waiting() -> Iterator[None]:
    """`waitSignal` is safe with signals of other threads."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(SignalBlocker, "connect", waiting.connect_for_good)
        yield


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.failed:
        item.stash[HAS_FAILED] = True
    return report


@pytest.fixture(autouse=True)
def fresh_settings(tmp_path: Path) -> None:
    """QSettings of the test's own, whichever format the program asks for."""
    for settings_format in (QSettings.Format.NativeFormat, QSettings.Format.IniFormat):
        QSettings.setPath(settings_format, QSettings.Scope.UserScope, str(tmp_path / "qsettings"))


@pytest.fixture(autouse=True)
def light(qapp: QApplication) -> None:
    """The application as it looks with a light desktop, whatever the test before has put on."""
    wear(LIGHT)


@pytest.fixture(autouse=True)
def nothing_survives(qapp: QApplication, request: pytest.FixtureRequest) -> Iterator[None]:
    """Fails a test that leaves a window that qtbot does not know of, or a thread that runs."""
    widgets = set(QApplication.topLevelWidgets())
    threads = set(threading.enumerate())
    # Frozen objects are neither collected nor listed: what is seen below is what the test has made.
    gc.freeze()
    yield
    # pytest itself would hold the fixtures' values until after this.
    request.node.funcargs.clear()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    gc.collect()
    running = [*_running_threads(threads), *_running_qthreads()]
    gc.unfreeze()
    windows = [widget for widget in QApplication.topLevelWidgets() if widget not in widgets]
    survivors = [*map(repr, windows), *running]
    # The traceback of a failed test keeps its widgets alive, and with them what these will delete themselves.
    if request.node.stash.get(HAS_FAILED, False):
        return
    for window in windows:
        window.close()
        window.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    if survivors:
        pytest.fail("The test left behind:\n" + "\n".join(survivors), pytrace=False)


def _running_threads(before: set[threading.Thread]) -> Iterator[str]:
    for thread in threading.enumerate():
        # Python makes up a dummy for a foreign thread that asks for its name, and never ends it.
        if thread not in before and not isinstance(thread, threading._DummyThread):
            thread.join(SECONDS_TO_END)
            if thread.is_alive():
                yield repr(thread)


def _running_qthreads() -> Iterator[str]:
    # Qt keeps no list of its threads. type(), since some objects of PyTorch warn when asked for __class__.
    found = [each for each in gc.get_objects() if issubclass(type(each), QThread)]
    for thread in found:
        if isValid(thread) and thread.isRunning() and not thread.wait(int(SECONDS_TO_END * 1000)):
            yield repr(thread)
