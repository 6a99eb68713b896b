"""Copies a number of the shown step, as a program that computes it."""

from __future__ import annotations

from PySide6.QtGui import QGuiApplication

from playground.workspace.files import FileError
from ui.bindings.context import Context
from ui.state.file_work import sentence

COPIED = "On the clipboard: a program that computes this {} and asserts it."


def copy_number(context: Context, key: str, what: str) -> None:
    """Puts a program on the clipboard, or says why there is none.

    Args:
        context: of the window.
        key: of a node of the shown graph.
        what: `"value"` or `"gradient"`.
    """
    graph = context.timeline.graph
    node = None if graph is None else graph.node(key)

    def copied(text: str) -> None:
        QGuiApplication.clipboard().setText(text)
        context.notices.tell("info", COPIED.format(what))

    try:
        program = context.exports.number(key if node is None else node.parameter or key, what)
    except FileError as error:
        context.notices.warn(sentence(error))
        return
    context.files.do("writing the program", lambda _tell: program(), copied)
