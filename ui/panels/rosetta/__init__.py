"""Two stages side by side, line by line and tensor by tensor."""

from ui.panels.rosetta.panel import RosettaView

__all__ = ["RosettaView"]
