"""What the user is told."""

from ui.panels.notices.panel import NoticeBar

__all__ = ["NoticeBar"]
