"""What the window remembers from one start to the next."""

from __future__ import annotations

import contextlib
import json
from dataclasses import dataclass, field
from pathlib import Path

from PySide6.QtCore import QByteArray, QSettings

from playground.settings import Settings, SettingsError, settings_from_plain
from ui.appearance import Appearance

NAME = "torch-playground"
SPLITTERS = ("columns", "middle", "right", "bottom")


@dataclass(frozen=True, slots=True)
class Remembered:
    """The window's state.

    Attributes:
        settings: of the last run.
        appearance: light, dark, or as the desktop.
        geometry: what `QWidget.saveGeometry` gave, or empty.
        splitters: what `QSplitter.saveState` gave, by name.
        logarithmic: whether the loss is drawn on a logarithmic scale.
        smoothing: steps of the average that is drawn; 0 for none.
        in_seconds: whether the axis counts seconds.
        by_depth: whether steps are coloured by depth.
    """

    settings: Settings = field(default_factory=Settings)
    appearance: Appearance = Appearance.DESKTOP
    geometry: bytes = b""
    splitters: dict[str, bytes] = field(default_factory=dict)
    logarithmic: bool = True
    smoothing: int = 0
    in_seconds: bool = False
    by_depth: bool = False


class Preferences:
    """The settings file. A damaged one is set aside, never overwritten and never fatal."""

    def __init__(self) -> None:
        """Opens the user's file; `QSettings.setPath` says where."""
        self._file = self._open()

    @property
    def path(self) -> Path:
        """Where the file is, or will be."""
        return Path(self._file.fileName())

    def load(self) -> tuple[Remembered, str]:
        """What was remembered, and a notice for the user, "" if there is nothing to say."""
        try:
            if self._file.status() is not QSettings.Status.NoError:
                raise ValueError("it is not a settings file")
            if self.path.exists() and self.path.stat().st_size and not self._file.contains("run/settings"):
                raise ValueError("it holds no settings")
            return self._read(), ""
        except (ValueError, TypeError, KeyError) as error:
            aside = self._set_aside()
            where = f"It is kept as {aside}." if aside else "It could not be moved."
            return Remembered(), f"The settings file was damaged ({error}); the defaults are used. {where}"

    def save(self, remembered: Remembered) -> None:
        """Writes the file."""
        file = self._file
        file.setValue("run/settings", json.dumps(remembered.settings.to_plain()))
        file.setValue("window/appearance", str(remembered.appearance))
        file.setValue("window/geometry", QByteArray(remembered.geometry))
        file.setValue("window/logarithmic", int(remembered.logarithmic))
        file.setValue("window/smoothing", remembered.smoothing)
        file.setValue("window/in_seconds", int(remembered.in_seconds))
        file.setValue("window/by_depth", int(remembered.by_depth))
        for name, state in remembered.splitters.items():
            file.setValue(f"window/{name}", QByteArray(state))
        file.sync()

    def _open(self) -> QSettings:
        return QSettings(QSettings.Format.IniFormat, QSettings.Scope.UserScope, NAME, NAME)

    def _read(self) -> Remembered:
        settings = self._file.value("run/settings")
        splitters = {name: self._bytes(f"window/{name}") for name in SPLITTERS}
        return Remembered(
            settings=Settings() if settings is None else _settings(str(settings)),
            appearance=Appearance(str(self._file.value("window/appearance", Appearance.DESKTOP))),
            geometry=self._bytes("window/geometry"),
            splitters={name: state for name, state in splitters.items() if state},
            logarithmic=str(self._file.value("window/logarithmic", 1)) == "1",
            smoothing=int(str(self._file.value("window/smoothing", 0))),
            in_seconds=str(self._file.value("window/in_seconds", 0)) == "1",
            by_depth=str(self._file.value("window/by_depth", 0)) == "1",
        )

    def _bytes(self, key: str) -> bytes:
        value = self._file.value(key)
        if value is None:
            return b""
        if not isinstance(value, QByteArray):
            raise ValueError(f"{key} is not what was saved")
        return bytes(value.data())

    def _set_aside(self) -> Path | None:
        """Moves the file away, under a name that nothing has yet."""
        path = self.path
        number = 1
        while (aside := path.with_name(f"{path.name}.damaged-{number}")).exists():
            number += 1
        self._file.clear()
        moved = False
        with contextlib.suppress(OSError):
            path.rename(aside)
            moved = True
        self._file = self._open()
        return aside if moved else None


def _settings(text: str) -> Settings:
    try:
        plain = json.loads(text)
    except json.JSONDecodeError as error:
        raise ValueError(f"the run's settings: {error}") from None
    if not isinstance(plain, dict):
        raise ValueError("the run's settings are not a set of names and values")
    try:
        return settings_from_plain(plain)
    except SettingsError as error:
        raise ValueError(str(error)) from None
