"""The start of the program where there is no display, and where one is named that does not answer."""

from __future__ import annotations

import socket
import sys

import pytest

from ui import app


@pytest.fixture(autouse=True)
def no_display(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("QT_QPA_PLATFORM", "DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)


pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="other systems always have a display")


@pytest.mark.parametrize("display", [None, "", ":31999", ":x", "nonsense", "localhost:31999"])
def test_without_a_display_there_is_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], display: str | None
) -> None:
    if display is not None:
        monkeypatch.setenv("DISPLAY", display)
    assert app.main() == 1
    message = capsys.readouterr().err
    assert message.count("\n") == 1
    assert "xvfb-run" in message


def test_a_display_that_answers_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket(socket.AF_UNIX) as server:
        # The same name as an X server's, in the namespace that needs no file.
        server.bind("\0/tmp/.X11-unix/X31998")
        server.listen()
        monkeypatch.setenv("DISPLAY", ":31998")
        assert not app.lacks_display()


@pytest.mark.parametrize(
    ("name", "value"), [("QT_QPA_PLATFORM", "offscreen"), ("WAYLAND_DISPLAY", "wayland-0")]
)
def test_another_platform_needs_no_x_server(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    assert not app.lacks_display()
