"""What is being read or written that takes a while."""

from ui.panels.file_progress.panel import FileProgress

__all__ = ["FileProgress"]
