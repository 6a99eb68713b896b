"""Connects the code of the program with the session and with the walk through a recorded step."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer

from playground.programs.errors import ProgramError
from playground.programs.numbers import Number, find_numbers
from playground.programs.program import program_of
from playground.recording.queries import line_of_node
from playground.restarts import repaints
from playground.runs.changes import with_data_of, with_first_data
from ui.bindings.context import Context
from ui.bindings.files import Files
from ui.panels.code import CodeView
from ui.panels.code.numbers import NumberSpot
from ui.session.orders import Run

if TYPE_CHECKING:
    from ui.state.shown import KeptStep, Shown

NODE_MARK, LINE_MARK = "node", "marked"
NUMBERED_AFTER = 200
"""Milliseconds without a key stroke after which the text is looked through for numbers."""


class CodeBinding(QObject):
    """Shows the text that can be edited, and which of its lines runs, made the chosen node, or is marked."""

    def __init__(self, code: CodeView, context: Context) -> None:
        """Shows the program at once, and what looks into a step when the window is painted."""
        super().__init__(code)
        self._code, self._context = code, context
        self._shown, self._numbered = "", ""
        self._begun = context.session.settings
        self._fitted: tuple[str, int] | None = None
        self._files = Files(code, context)
        self._numbering = QTimer(self, singleShot=True, interval=NUMBERED_AFTER)
        self._numbering.timeout.connect(self._show_numbers)
        context.programs.changed.connect(self._show_program)
        context.when_painted(self._connect)
        self._show_program()

    def _connect(self) -> None:
        code, programs = self._code, self._context.programs
        self._context.timeline.shown.connect(self.show)
        self._context.session.run_changed.connect(self._take_run)
        self._context.looked.connect(self._fit)
        self._fit()
        code.line_clicked.connect(self._mark)
        code.edited.connect(programs.edit)
        code.run_requested.connect(self._run)
        code.put_back_requested.connect(programs.put_back)
        code.save_requested.connect(self._files.save)
        code.difference_requested.connect(lambda: self._context.places.bring_forward("two_programs"))
        code.number_scrubbed.connect(self._scrub)
        code.scrub_finished.connect(programs.commit)
        self._show_numbers()

    def _show_program(self) -> None:
        programs, code = self._context.programs, self._code
        if programs.current != self._shown:
            self._shown = programs.current
            code.set_source(programs.name, programs.text)
            code.set_path(programs.path)
            self._show_recorded()
        elif programs.text != code.text:
            code.change_source(programs.text)
            if self._is_repainted and self._context.timeline.latest is not None:
                self._show_recorded()
                self.show(self._context.timeline.latest, None)
        code.set_edited(programs.edited, True)
        if programs.text != self._numbered:
            self._numbering.start()

    @property
    def _is_repainted(self) -> bool:
        """Whether the run goes on with other points than it began with, and its text has other lines."""
        return repaints(self._begun, self._context.session.settings)

    def _take_run(self, run: Run | None) -> None:
        if run is not None:
            self._begun = self._context.session.settings
            self._show_recorded()

    def _show_recorded(self, kept: KeptStep | None = None) -> None:
        """The marks are about what runs, or ran in a kept step, whatever stands in the editor by now."""
        settings, fits = self._context.session.settings, False
        if kept is not None:
            settings = with_first_data(kept.settings, kept.changes)
        elif self._is_repainted:
            settings, fits = with_data_of(settings, self._begun), True
        self._code.set_recorded_text(program_of(settings).text, fits)

    def _run(self) -> None:
        self._context.programs.commit()
        self._context.session.train()

    def _scrub(self, _spot: NumberSpot, _value: object) -> None:
        self._context.programs.edit(self._code.text)
        self._context.programs.settle()

    def _show_numbers(self) -> None:
        """The numbers that can be scrubbed; while the text is being typed it need not be Python."""
        self._numbered = text = self._context.programs.text
        try:
            numbers = find_numbers(text)
        except ProgramError:
            return
        self._code.set_numbers([_spot(each) for each in numbers])

    def _mark(self, line: int) -> None:
        timeline = self._context.timeline
        timeline.replay.mark_line(line, timeline.plays)

    def _fit(self) -> None:
        """As high as the program's text is when it is shown, and not higher with every line that is typed."""
        shown = self._shown, self._code.editor.fontMetrics().height()
        if shown != self._fitted:
            self._fitted = shown
            self._context.places.give_height("code", self._code.whole_height)

    def show(self, now: Shown, before: Shown | None) -> None:
        """Repaints what differs between two looks."""
        code = self._code
        if now.differs(before, "kept"):
            self._show_recorded(now.kept)
        if now.differs(before, "line"):
            code.mark_lines([] if now.line is None else [now.line], LINE_MARK)
        if now.differs(before, "key", "recording", "graph", "cursor"):
            line = line_of_node(now.graph, now.recording, now.cursor, now.key)
            code.mark_lines([] if line is None else [line], NODE_MARK)
            chosen = before is not None and now.key != before.key and now.cursor == before.cursor
            if chosen and line is not None:
                code.scroll_to(line)
        if now.differs(before, "recording", "cursor"):
            event = now.event
            if event is None:
                code.show_cursor(None, None, NODE_MARK)
            else:
                kind = "error" if event.error else str(event.phase)
                code.show_cursor(event.line, event.span, kind, origin=event.origin)


def _spot(number: Number) -> NumberSpot:
    return NumberSpot(
        number.line,
        number.column,
        number.end_column,
        number.text,
        number.is_live,
        number.whole,
        number.name,
    )
