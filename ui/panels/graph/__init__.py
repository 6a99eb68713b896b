"""The computation graph, drawn and walked through."""

from ui.panels.graph.panel import GraphView

__all__ = ["GraphView"]
