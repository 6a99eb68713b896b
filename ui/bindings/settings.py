"""Connects the settings panel with the session."""

from __future__ import annotations

from PySide6.QtCore import QObject

from ui.bindings.context import Context
from ui.panels.settings import SettingsPanel


class SettingsBinding(QObject):
    """Shows the settings in force, and chooses others; what is refused is said."""

    def __init__(self, panel: SettingsPanel, context: Context) -> None:
        """Connects both directions."""
        super().__init__(panel)
        session, worker = context.session, context.session.worker
        panel.value_chosen.connect(session.choose)
        panel.options_chosen.connect(session.choose_options)
        panel.start_chosen.connect(session.choose_start)
        panel.defaults_chosen.connect(session.choose_defaults)
        panel.devices_asked.connect(lambda: context.places.bring_forward("devices"))
        panel.refused.connect(context.notices.warn)
        session.settings_changed.connect(panel.show_settings)
        worker.devices_found.connect(panel.show_devices)
        worker.optimizers_found.connect(panel.show_optimizers)
        panel.show_settings(session.settings)
