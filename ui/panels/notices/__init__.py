"""What the program tells the user: as it comes, and all of it."""

from ui.panels.notices.list import NoticeList
from ui.panels.notices.panel import Toast

__all__ = ["NoticeList", "Toast"]
