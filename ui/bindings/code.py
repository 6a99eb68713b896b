"""Connects the code of the program with the walk through a recorded step."""

from __future__ import annotations

from PySide6.QtCore import QObject

from playground.recording.queries import line_of_node
from ui.panels.code.panel import CodeView
from ui.state.shown import Shown
from ui.state.timeline import Timeline

NODE_MARK, LINE_MARK = "node", "marked"


class CodeBinding(QObject):
    """Shows which line runs at the cursor, which made the chosen node, and which is marked."""

    def __init__(self, code: CodeView, timeline: Timeline) -> None:
        """Connects both directions."""
        super().__init__(code)
        self._code = code
        timeline.shown.connect(self.show)
        code.line_clicked.connect(timeline.replay.mark_line)

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
