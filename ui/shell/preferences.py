"""What the window remembers from one start to the next: a file of JSON, read as text only."""

from __future__ import annotations

import base64
import contextlib
import json
import os
import re
from collections.abc import Mapping
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from PySide6.QtCore import QSettings

from playground.settings import Settings, SettingsError, settings_from_plain
from ui.state.view_options import ViewOptions

NAME = "torch-playground"
VERSION = 1
LARGEST_FILE = 1 << 20
"""Bytes; what is larger was not written here."""


class Remembered(BaseModel):
    """The window's state.

    Attributes:
        settings: of the last run.
        view: how it was shown.
    """

    model_config = ConfigDict(frozen=True)

    settings: Settings = Field(default_factory=Settings)
    view: ViewOptions = Field(default_factory=ViewOptions)


class Preferences:
    """The settings file. A damaged one is set aside, never overwritten and never fatal."""

    @property
    def path(self) -> Path:
        """Where the file is, or will be; `QSettings.setPath` says where the user's settings are kept."""
        # Asked for the folder only, by a name that no file has: values that Qt reads may run code.
        folder = QSettings(QSettings.Format.IniFormat, QSettings.Scope.UserScope, NAME, "preferences")
        return Path(folder.fileName()).with_suffix(".json")

    def load(self) -> tuple[Remembered, str]:
        """What was remembered, and a notice for the user, "" if there is nothing to say."""
        path = self.path
        if not path.exists():
            return _from_older_file(path.with_name(f"{NAME}.ini")), self._unwritable()
        try:
            return _remembered(_text(path)), self._unwritable()
        except (OSError, ValueError, RecursionError) as error:
            reason = " ".join(str(error).split())[:200] or type(error).__name__
            aside = self._set_aside()
            where = f"It is kept as {aside}." if aside else "It could not be moved."
            return Remembered(), f"The settings file was damaged ({reason}); the defaults are used. {where}"

    def save(self, remembered: Remembered) -> str:
        """Writes the file as a whole or not at all; returns what went wrong, "" if nothing did."""
        plain = {
            "version": VERSION,
            "settings": remembered.settings.to_plain(),
            "view": remembered.view.model_dump(mode="json"),
        }
        path = self.path
        new = path.with_name(f"{path.name}.{os.getpid()}.new")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            new.write_text(json.dumps(plain, indent=1), encoding="utf-8")
            new.replace(path)
        except OSError as error:
            with contextlib.suppress(OSError):
                new.unlink(missing_ok=True)
            return _cannot_keep(path, error)
        return ""

    def _unwritable(self) -> str:
        """What keeps the settings from being written, said when the program starts."""
        folder = self.path.parent
        try:
            folder.mkdir(parents=True, exist_ok=True)
            probe = folder / f".{os.getpid()}.probe"
            probe.write_text("probe", encoding="utf-8")
            probe.unlink()
        except OSError as error:
            return _cannot_keep(self.path, error)
        return ""

    def _set_aside(self) -> Path | None:
        """Moves the file away, under a name that nothing has yet."""
        path = self.path
        number = 1
        while (aside := path.with_name(f"{path.name}.damaged-{number}")).exists():
            number += 1
        try:
            path.rename(aside)
        except OSError:
            return None
        return aside


def encoded(state: bytes) -> str:
    """What Qt gives as bytes, as text for the file."""
    return base64.b64encode(state).decode("ascii")


def decoded(state: str) -> bytes:
    """The bytes behind such a text; none if it is not one."""
    try:
        return base64.b64decode(state, validate=True)
    except ValueError:
        return b""


def _cannot_keep(path: Path, error: OSError) -> str:
    return f"What you set is not kept: {path} cannot be written ({error.strerror or error})."


def _text(path: Path) -> str:
    size = path.stat().st_size
    if size > LARGEST_FILE:
        raise ValueError(f"it has {size} bytes")
    return path.read_text(encoding="utf-8")


def _remembered(text: str) -> Remembered:
    plain = json.loads(text)
    if not isinstance(plain, dict) or plain.get("version") != VERSION:
        raise ValueError("it is not a settings file of this version")
    try:
        view = ViewOptions.model_validate(plain.get("view", {}))
    except ValidationError as error:
        first = error.errors()[0]
        raise ValueError(f"{'.'.join(map(str, first['loc']))}: {first['msg']}") from None
    return Remembered(settings=_settings(plain.get("settings")), view=view)


def _settings(plain: object) -> Settings:
    if not isinstance(plain, Mapping):
        raise ValueError("the run's settings are not a set of names and values")
    try:
        return settings_from_plain(plain)
    except SettingsError as error:
        raise ValueError(str(error)) from None


def _from_older_file(path: Path) -> Remembered:
    """The run's settings from a file of an earlier version, which was no JSON; only that line is read."""
    with contextlib.suppress(OSError, ValueError, RecursionError):
        line = re.search(r'^settings=(".*")$', _text(path), re.MULTILINE)
        if line is not None:
            return Remembered(settings=_settings(json.loads(json.loads(line[1]))))
    return Remembered()
