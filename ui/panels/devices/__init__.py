"""The devices of this machine, and what runs on each."""

from ui.panels.devices.panel import DevicesView

__all__ = ["DevicesView"]
