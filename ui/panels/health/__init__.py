"""How each parameter fares, and a sentence of advice."""

from ui.panels.health.panel import HealthPanel

__all__ = ["HealthPanel"]
