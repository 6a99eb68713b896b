"""Connects the code of the program with the session and with the walk through a recorded step."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from playground.recording.queries import line_of_node
from ui.bindings.context import Context
from ui.panels.code import CodeView

if TYPE_CHECKING:
    from ui.state.shown import Shown

NODE_MARK, LINE_MARK = "node", "marked"
RUNS = "this text is what runs"


class CodeBinding(QObject):
    """Shows the program that runs, and which of its lines runs, made the chosen node, or is marked."""

    def __init__(self, code: CodeView, context: Context) -> None:
        """Shows the program at once, and what looks into a step when the window is painted."""
        super().__init__(code)
        self._code, self._context = code, context
        self._shown = self._text = ""
        self._height = 0
        context.programs.changed.connect(self._show_program)
        context.when_painted(self._connect)
        self._show_program()

    def _connect(self) -> None:
        self._context.timeline.shown.connect(self.show)
        self._context.looked.connect(self._fit)
        self._fit()
        self._code.line_clicked.connect(self._mark)

    def _show_program(self) -> None:
        programs = self._context.programs
        text, before = programs.text, self._text
        if text == before and programs.current == self._shown:
            return
        self._text = text
        if programs.current == self._shown:
            self._code.change_source(text)
            return
        self._shown = programs.current
        self._code.set_source(f"{programs.name} · {RUNS}", text)

    def _mark(self, line: int) -> None:
        timeline = self._context.timeline
        timeline.replay.mark_line(line, timeline.plays)

    def _fit(self) -> None:
        """As high as the text, whatever its letters' size is now."""
        height = self._code.whole_height
        if height != self._height:
            self._height = height
            self._context.places.give_height("code", height)

    def show(self, now: Shown, before: Shown | None) -> None:
        """Repaints what differs between two looks."""
        code = self._code
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
