"""What is known of a node and of an event: tensors, gradients, ledgers."""

from ui.panels.inspector.panel import Inspector

__all__ = ["Inspector"]
