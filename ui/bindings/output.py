"""Connects the program's output with the run, and its steps with the timeline."""

from __future__ import annotations

from PySide6.QtCore import QObject

from ui.bindings.context import Context
from ui.panels.code import CodeView
from ui.panels.output import OutputPanel
from ui.state.output import Output


class OutputBinding(QObject):
    """Shows what is new at each look; a question brings the panel forward."""

    def __init__(self, panel: OutputPanel, context: Context) -> None:
        """Connects both directions."""
        super().__init__(panel)
        self._panel, self._context = panel, context
        self._output = output = Output(context.session)
        output.began.connect(panel.begin)
        output.came.connect(panel.take)
        output.asked.connect(self._ask)
        run = context.session.run
        panel.begin(run is not None and run.output is not None)
        context.looked.connect(self._look)
        panel.step_chosen.connect(self._go_to)
        panel.line_chosen.connect(self._go_to_line)
        panel.answered.connect(output.answer)
        panel.cleared.connect(self._clear)

    def _look(self) -> None:
        self._output.look(self._panel.isVisible())

    def _ask(self, prompt: str | None) -> None:
        if prompt is not None:
            self._context.places.bring_forward("output")
        self._panel.ask(prompt)

    def _go_to(self, step: int) -> None:
        # What is printed in a step that has no loss yet belongs to none that can be shown.
        made = self._context.session.steps_made
        if made:
            self._context.timeline.go_to(min(step, made - 1))

    def _go_to_line(self, file: str, line: int) -> None:
        """Shows a line of the program, or of a module beside it, which is opened for that."""
        context, programs = self._context, self._context.programs
        if file not in (programs.path, programs.name) and not programs.open(file):
            return
        code = context.places.panel("code")
        assert isinstance(code, CodeView), "the registry says so"
        code.scroll_to(line)
        if context.timeline.replay.line != line:
            context.timeline.replay.mark_line(line, context.timeline.plays)

    def _clear(self) -> None:
        self._output.clear()
        self._panel.clear()
