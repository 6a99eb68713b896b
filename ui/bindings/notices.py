"""Connects the bar of notices with whoever has something to tell."""

from __future__ import annotations

from PySide6.QtCore import QObject

from ui.bindings.context import Context
from ui.panels.notices import NoticeBar


class NoticesBinding(QObject):
    """Shows each notice as it comes."""

    def __init__(self, bar: NoticeBar, context: Context) -> None:
        """Listens."""
        super().__init__(bar)
        context.notices.told.connect(bar.show_notice)
        context.session.noticed.connect(context.notices.tell)
