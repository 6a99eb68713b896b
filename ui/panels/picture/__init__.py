"""What the net gives over a plane of inputs, with the examples on it, and what its hidden units give."""

from ui.panels.picture.panel import PictureView

__all__ = ["PictureView"]
