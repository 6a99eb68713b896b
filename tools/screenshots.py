"""Writes the README's pictures: the real window, after real training, without a display."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

os.environ["QT_QPA_PLATFORM"] = "offscreen"

from PySide6.QtCore import QEventLoop, QSettings
from PySide6.QtWidgets import QApplication

from ui.app import make_application
from ui.appearance import Appearance
from ui.session import RunState
from ui.window import MainWindow

FOLDER = Path(__file__).parent.parent / "docs"
PICTURES = {
    "window-light.png": ("dynamic", Appearance.LIGHT, None),
    "window-dark.png": ("numpy", Appearance.DARK, "grad_w1"),
}
STEPS = 500


def main() -> None:
    """Trains each picture's stage for the document's 500 steps and saves what the window shows."""
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        QSettings.setPath(QSettings.Format.IniFormat, QSettings.Scope.UserScope, folder)
        application = make_application()
        window = MainWindow()
        window.resize(1280, 800)
        window.show()
        _wait_until_loaded(window)
        for name, (stage, appearance, node) in PICTURES.items():
            window.choose_appearance(appearance)
            window.session.choose_stage(stage)
            _train(window)
            if node is not None:
                window.choose_node(node)
            application.processEvents()
            window.grab().save(str(FOLDER / name))
            print(FOLDER / name)
        window.close()


def _wait_until_loaded(window: MainWindow) -> None:
    loop = QEventLoop()
    window.session.worker.optimizers_found.connect(lambda _: loop.quit())
    loop.exec()


def _train(window: MainWindow) -> None:
    loop = QEventLoop()

    def look(state: RunState) -> None:
        if state is not RunState.RUNNING:
            loop.quit()

    window.session.reset()
    window.session.choose("steps", STEPS)
    window.session.state_changed.connect(look)
    window.session.train()
    loop.exec()
    window.session.state_changed.disconnect(look)
    while not window.layout_is_there:
        QApplication.processEvents()
        window.refresh()
    window.refresh()


if __name__ == "__main__":
    main()
