"""Connects the window of two programs with its state, and draws the difference of their graphs in it."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject

from ui.bindings.context import Context
from ui.panels.graph import GraphView
from ui.panels.two_programs import TwoProgramsView
from ui.panels.two_programs.shown import ShownPrograms
from ui.session.requests import ProgramsAnswer
from ui.state.two_programs import TwoPrograms
from ui.widgets.file_dialogs import ask_for_program

NO_GRAPH = "The graphs of both are drawn here, once they have been compared."


class TwoProgramsBinding(QObject):
    """Shows the two that are chosen, and what came of them.

    Attributes:
        state: which they are.
        graph: the drawing of their graphs.
    """

    def __init__(self, view: TwoProgramsView, context: Context) -> None:
        """Connects both directions."""
        super().__init__(view)
        self._view = view
        self.state = state = TwoPrograms(context.session, context.programs, context.requests, self)
        self.graph = GraphView()
        self.graph.setObjectName("two_programs_graph")
        self.graph.set_message(NO_GRAPH)
        self._drawn: ProgramsAnswer | None = None
        view.set_graph_view(self.graph)
        view.program_chosen.connect(state.choose)
        view.open_asked.connect(self._ask_for_file)
        view.compare_asked.connect(state.start)
        view.cancel_asked.connect(state.cancel)
        state.changed.connect(self._show_if_seen)
        view.came_up.connect(self._show)
        state.progressed.connect(view.show_progress)
        self._show()

    def _show_if_seen(self) -> None:
        """While the window is closed, a key stroke in the code shall cost nothing here."""
        if self._view.isVisible():
            self._show()

    def _show(self) -> None:
        state = self.state
        first, second = state.chosen()
        self._view.set_choices([(each.key, each.title) for each in state.choices()], first.key, second.key)
        answer = state.answer
        names = (first.title, second.title) if answer is None else state.names
        texts = first.program.text, second.program.text
        comparison = None if answer is None else answer.comparison
        self._view.show_programs(
            ShownPrograms(names, texts, comparison, state.problem, state.running, state.is_stale)
        )
        if answer is not self._drawn:
            self._drawn = answer
            self._draw(answer)

    def _draw(self, answer: ProgramsAnswer | None) -> None:
        graphs = None if answer is None else answer.graphs
        if graphs is None or graphs.layout is None:
            self.graph.set_difference(None)
            self.graph.set_graph(None, None)
            self.graph.set_message(NO_GRAPH if graphs is None else graphs.problem)
            return
        self.graph.set_graph(graphs.second, graphs.layout)
        self.graph.set_difference(graphs.first, f"{self.state.names[1]} against {self.state.names[0]}")
        self.graph.fit()

    def _ask_for_file(self, is_second: bool) -> None:
        chosen = self.state.chosen()[is_second].program
        folder = str(Path(chosen.path).parent)
        ask_for_program(self._view, folder, lambda path: self.state.open(is_second, path))
