"""Exports from the File menu: dialogs in front, what is written behind them, one notice at the end."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget

from playground.settings import on_a_line, quoted
from playground.workspace.files import Seen, seen, write_bytes, write_file
from ui.bindings.context import Context
from ui.panels.loss import LossPlot
from ui.state.exports import FORMATS, Exports, What
from ui.state.file_work import Tell, sentence
from ui.style.theme import current_theme
from ui.widgets.file_dialogs import ask, ask_for_folder, ask_where_to_save, filter_of

NOUNS = {
    What.SCRIPT: "the script",
    What.COPY_SCRIPT: "the script",
    What.GRAPH: "the graph",
    What.LOSSES: "the losses",
    What.ALL_LOSSES: "the losses of all runs",
    What.PLOT: "the loss plot",
    What.MODEL: "the model",
    What.TENSORBOARD: "the runs for TensorBoard",
    What.RECORDING: "the recording",
    What.REPLAY: "the replay page",
}
NO_EDITOR = "The desktop has no program that opens {}."
NO_EDITOR_HINT = "The file is there: any editor opens it."


class ExportMenu(QObject):
    """Does what the entries of the Export menu say."""

    def __init__(self, window: QWidget, context: Context) -> None:
        """Nothing is asked yet; the dialogs stand in front of the widget's window."""
        super().__init__(window)
        self._window, self._context = window, context
        self._folder = Path.home()
        context.session.model_saved.connect(self._tell_of_model)

    @property
    def actions(self) -> dict[str, Callable[[], object]]:
        """By the names of the menu's entries."""
        asked: dict[str, Callable[[], object]] = {str(what): partial(self._ask, what) for what in What}
        return {
            **asked,
            What.COPY_SCRIPT: self._copy_script,
            What.TENSORBOARD: self._ask_for_folder,
            "open_in_editor": self._open_in_editor,
        }

    @property
    def reasons(self) -> dict[str, str]:
        """Why an entry cannot be chosen now, "" where it can."""
        return {str(what): self._exports.why_not(what) for what in What}

    @property
    def _exports(self) -> Exports:
        return self._context.exports

    def _possible(self, what: What) -> bool:
        why = self._exports.why_not(what)
        if why:
            self._context.notices.warn(f"{_capital(NOUNS[what])} cannot be exported: {why}.")
        return not why

    def _ask(self, what: What, then: Callable[[Path], object] = lambda _path: None) -> None:
        if not self._possible(what):
            return
        endings = FORMATS[what]
        path = self._folder / f"{self._exports.stem(what)}.{next(iter(endings))}"
        filters = [filter_of(ending, words) for ending, words in endings.items()]
        title = f"Save {NOUNS[what]}"
        ask_where_to_save(
            self._window, title, str(path), filters, lambda path: self._write(what, Path(path), then)
        )

    def _write(self, what: What, path: Path, then: Callable[[Path], object]) -> None:
        written = path.suffix.removeprefix(".").lower()
        if written not in FORMATS[what]:
            allowed = ", ".join(f".{each}" for each in FORMATS[what])
            self._context.notices.warn(
                f"{quoted(path.name)} was not written: its ending does not say how; allowed: {allowed}."
            )
            return
        # The run may have been started again while the dialog was open.
        if not self._possible(what):
            return
        self._folder = path.parent
        # What is there now is what the user has agreed to have replaced, and nothing that comes later.
        over = seen(path)
        if what is What.MODEL:
            self._context.session.ask_model(str(path), written, over)
            return
        work, noun = self._writer(what, written, path, over), NOUNS[what]

        def written_whole(_nothing: object) -> None:
            self._tell(noun, path)
            then(path)

        self._context.files.do(f"writing {noun}", work, written_whole)

    def _writer(self, what: What, written: str, path: Path, over: Seen) -> Callable[[Tell], object]:
        """What writes the file on another thread, from what there is now."""
        exports = self._exports
        if what in (What.LOSSES, What.ALL_LOSSES):
            table = exports.losses(what is What.ALL_LOSSES)
            return lambda tell: write_file(path, lambda file: table(file, tell), over=over)
        content = self._content(what, written)
        return lambda tell: write_bytes(path, content(), over=over, on_progress=tell)

    def _content(self, what: What, written: str) -> Callable[[], bytes]:
        """What makes the content of the file on another thread."""
        exports = self._exports
        if what is What.PLOT:
            picture = self._plot(written)
            return lambda: picture
        if what is What.GRAPH and written in ("png", "pdf"):
            from ui.widgets.drawings import svg_as

            drawing = exports.graph("svg", _scheme())
            return lambda: svg_as(drawing(), written)
        text = self._text(what, written)
        return lambda: text().encode()

    def _text(self, what: What, written: str) -> Callable[[], str]:
        exports = self._exports
        if what is What.GRAPH:
            return exports.graph(written, _scheme())
        texts = {What.SCRIPT: exports.script, What.RECORDING: exports.recording, What.REPLAY: exports.replay}
        return texts[what]()

    def _plot(self, written: str) -> bytes:
        """The plot as it is shown; only the window's thread can paint it."""
        from ui.widgets.drawings import widget_as

        plot = self._context.places.panel("loss")
        assert isinstance(plot, LossPlot), "the registry says so"
        return widget_as(plot, written, plot.picture_area)

    def _open_in_editor(self) -> None:
        """A file of the user's as it stands here; of a stage the script, which gets a file for that."""
        programs = self._context.programs
        if programs.file is None:
            self._ask(What.SCRIPT, self._show_in_editor)
        elif not programs.file.edited or programs.save():
            self._show_in_editor(Path(programs.file.path))

    def _show_in_editor(self, path: Path) -> None:
        from ui.widgets.desktop import open_in_editor

        if not open_in_editor(path):
            self._context.notices.tell("warning", NO_EDITOR.format(on_a_line(path)), "", NO_EDITOR_HINT)

    def _copy_script(self) -> None:
        script = self._exports.script()
        self._context.files.do("writing the script", lambda _tell: script(), self._copied)

    def _copied(self, text: str) -> None:
        QGuiApplication.clipboard().setText(text)
        self._context.notices.tell("info", "The script is on the clipboard.")

    def _ask_for_folder(self) -> None:
        if self._possible(What.TENSORBOARD):
            ask_for_folder(self._window, "A folder for TensorBoard", str(self._folder), self._write_events)

    def _write_events(self, folder: str) -> None:
        if not self._possible(What.TENSORBOARD):
            return
        there, write = self._exports.events(Path(folder))

        def go() -> None:
            self._context.files.do(
                f"writing {NOUNS[What.TENSORBOARD]}", write, lambda count: self._tell_of_events(count, folder)
            )

        if not there:
            go()
            return
        text = f"{folder} holds such a run already: {there[0].parent.name}."
        ask(self._window, text, "Replace it", "Keep it", go)

    def _tell_of_events(self, count: int, folder: str) -> None:
        runs = "1 run" if count == 1 else f"{count} runs"
        hint = f"tensorboard --logdir {quoted(folder)}"
        self._context.notices.tell("info", f"{runs} for TensorBoard written to {folder}.", "", hint)

    def _tell(self, noun: str, path: Path) -> None:
        self._context.notices.tell("info", f"Saved {noun} as {on_a_line(path)}.")

    def _tell_of_model(self, path: str, problem: str) -> None:
        if problem:
            self._context.notices.warn(sentence(Exception(problem)))
        else:
            self._tell(NOUNS[What.MODEL], Path(path))


def _capital(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}"


def _scheme() -> str:
    """Of a drawing that goes with what is shown."""
    return "dark" if current_theme().dark else "light"
