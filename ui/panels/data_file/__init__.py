"""Chooses from a file of the user's own which columns become x and y."""

from ui.panels.data_file.dialog import DataFileDialog
from ui.panels.data_file.reading import ReadingDialog

__all__ = ["DataFileDialog", "ReadingDialog"]
