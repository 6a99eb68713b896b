"""Connects the settings panel with the session, and with the numbers of a program of the user's own."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, QTimer

from playground.data.columns import Preview
from playground.data.examples import example_named
from playground.data.files import chosen_from
from playground.own_program import OwnProgram
from playground.programs.errors import ProgramError
from playground.programs.numbers import Number, find_numbers
from playground.programs.program import Program
from playground.settings import SettingsError
from ui.bindings.context import Context
from ui.panels.data_file import DataFileDialog, ReadingDialog
from ui.panels.settings import LoopChoice, NumberRow, SettingsPanel
from ui.state.data_file import DataFileLook
from ui.widgets.file_dialogs import ask_for_data

SHOWN_AFTER = 150
"""Milliseconds without a key stroke after which the numbers of an edited text are shown."""


class SettingsBinding(QObject):
    """Shows the settings in force, and chooses others; what is refused is said."""

    def __init__(self, panel: SettingsPanel, context: Context) -> None:
        """Connects both directions."""
        super().__init__(panel)
        session, worker, programs = context.session, context.session.worker, context.programs
        self._panel, self._programs, self._context = panel, programs, context
        self._shown: tuple[object, ...] = ()
        panel.value_chosen.connect(session.choose)
        panel.options_chosen.connect(session.choose_options)
        panel.start_chosen.connect(session.choose_start)
        panel.defaults_chosen.connect(session.choose_defaults)
        panel.data.data_chosen.connect(session.choose_data)
        panel.data.example_chosen.connect(self._try_example)
        panel.data.file_asked.connect(self._ask_for_file)
        self._look = DataFileLook(self)
        self._look.found.connect(self._take_file)
        self._look.refused.connect(self._refuse_file)
        self._reading: ReadingDialog | None = None
        self._refusal = ""
        panel.devices_asked.connect(lambda: context.places.bring_forward("devices"))
        panel.refused.connect(context.notices.warn)
        panel.own.number_chosen.connect(self._choose_number)
        panel.own.arguments_chosen.connect(programs.choose_arguments)
        panel.own.loop_chosen.connect(programs.choose_loop)
        session.settings_changed.connect(panel.show_settings)
        worker.devices_found.connect(panel.show_devices)
        worker.optimizers_found.connect(panel.show_optimizers)
        panel.show_settings(session.settings)
        self._typing = QTimer(self, singleShot=True, interval=SHOWN_AFTER)
        self._typing.timeout.connect(self._show_own)
        programs.changed.connect(self._look_at_program)
        self._show_own()

    def _try_example(self, name: str) -> None:
        example = example_named(name)
        self._context.session.choose_all(example.settings())
        self._context.notices.tell("info", f"{example.title}.", "", example.sentence)

    def _ask_for_file(self) -> None:
        file = self._context.session.settings.data_file
        folder = Path.home() if file is None else Path(file.path).parent
        ask_for_data(self._panel, str(folder), self._read_file)

    def _read_file(self, path: str) -> None:
        """On a thread of its own; where that takes long, a dialog counts the rows and can end it."""
        self._end_reading()
        dialog = self._reading = ReadingDialog(Path(path).name, self._panel.window())
        self._look.progressed.connect(dialog.show_rows)
        dialog.rejected.connect(self._look.forget)
        self._look.look(path)

    def _end_reading(self) -> None:
        if self._reading is not None:
            self._reading.end()
        self._reading = None

    def _refuse_file(self, problem: str) -> None:
        self._end_reading()
        self._warn_of_file(problem)

    def _warn_of_file(self, problem: str) -> None:
        self._refusal = problem
        self._context.notices.warn(problem)

    def _take_file(self, found: Preview) -> None:
        """Asks what of the file becomes x and y; what could be meant is chosen already."""
        self._end_reading()
        try:
            file = chosen_from(found).file
        except SettingsError as error:
            self._warn_of_file(str(error))
            return
        # What was wrong with the file before says nothing of this one.
        if self._refusal:
            self._context.notices.take_back(self._refusal)
            self._refusal = ""
        dialog = DataFileDialog(found, self._panel.window())
        dialog.choose(file.inputs, file.targets)
        dialog.chosen.connect(partial(self._use_file, dialog, found))
        dialog.open()

    def _use_file(
        self, dialog: DataFileDialog, found: Preview, inputs: tuple[str, ...], targets: tuple[str, ...]
    ) -> None:
        try:
            chosen = chosen_from(found, inputs, targets)
        except SettingsError as error:
            dialog.show_problem(str(error))
            return
        dialog.accept()
        self._context.session.choose_data(chosen.file, chosen.rows)

    def _choose_number(self, index: int, value: float) -> None:
        # What comes of it is shown in any case: a value that is refused stands in the field already.
        self._shown = ()
        self._programs.choose_number(index, value)

    def _look_at_program(self) -> None:
        """Another program is shown at once, another text when nobody types."""
        own, shown = self._programs.own, self._shown[0] if self._shown else None
        same = isinstance(shown, OwnProgram) and own is not None and own.path == shown.path
        if same and own != shown:
            self._typing.start()
        else:
            self._show_own()

    def _show_own(self) -> None:
        own, original = self._programs.own, self._programs.original
        if (own, original) == self._shown:
            return
        self._shown = own, original
        if own is None:
            self._panel.show_stage()
            return
        self._panel.show_own()
        try:
            # While it is being typed a text need not be Python: what is shown stays.
            numbers, loops = find_numbers(own.text, own.path, own.loop), _loops(own.text, own.path)
        except ProgramError:
            numbers, loops = None, ()
        self._panel.own.set_program(own.name, own.arguments, loops, own.loop)
        if numbers is not None:
            self._panel.own.show_numbers(_rows(numbers, original))


def _rows(numbers: tuple[Number, ...], original: str) -> tuple[NumberRow, ...]:
    """The numbers as the panel shows them; those with another value than in the file stand out."""
    try:
        before = {each.name: each.value for each in find_numbers(original)}
    except ProgramError:
        before = {}
    return tuple(
        NumberRow(
            each.index,
            each.name,
            each.value,
            each.whole,
            each.is_live,
            each.reason,
            each.line,
            each.part,
            is_changed=each.name in before and before[each.name] != each.value,
        )
        for each in numbers
    )


def _loops(text: str, filename: str) -> tuple[LoopChoice, ...]:
    lines = text.splitlines()
    return tuple(
        LoopChoice(each.lineno, lines[each.lineno - 1])
        for each in Program(text, filename).loops
        if each.lineno <= len(lines)
    )
