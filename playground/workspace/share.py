"""A set-up as one line of text, to be pasted into another window: what differs from the defaults, no more.

`tp1.PAYLOAD.CHECKSUM`: the format's version; JSON, deflated, in the letters of base64 for addresses; the
CRC-32 of what stands before it. Nothing in it runs or is loaded: it is read as plain data, and judged by
`Settings` as everything that a user types.
"""

from __future__ import annotations

import base64
import json
import re
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path, PureWindowsPath

from playground.settings import Settings, SettingsError, make_settings, quoted
from playground.stages import OWN

VERSION = 1
LARGEST = 16_000_000
"""Bytes of the data at most: the longest program, should each of its characters be written in six."""

_FORM = re.compile(r"tp(\d{1,4})\.([A-Za-z0-9_=-]*)\.([0-9a-f]{8})")
_BEGINS = re.compile(r"tp\d{1,4}\.")


class SharedTextError(ValueError):
    """A text that is no set-up; the message is one line."""


@dataclass(frozen=True)
class Setup:
    """What a shared line opens.

    Attributes:
        settings: of the run. A program of somebody else's in it (`settings.own`) is to be shown to the
            user before it runs; its path is a name without a folder. So is that of a data file, which is
            not in the line: it is to be asked for where there is none of that name.
        view: what is to be shown, as plain data that the window has put in.
    """

    settings: Settings
    view: Mapping[str, object] = field(default_factory=dict)

    @property
    def has_program(self) -> bool:
        """Whether a text that somebody has written runs with it, and not a stage as it is."""
        return self.settings.own is not None


def encode_settings(settings: Settings, view: Mapping[str, object] | None = None) -> str:
    """The line for a set-up, the same for the same set-up.

    Args:
        settings: all of them; a program of the user's own is in it with its whole text, a data file only
            by its name, and both without their folders.
        view: what shall be shown: plain data that JSON can write.
    """
    data: dict[str, object] = {"settings": differing(settings)}
    if view:
        data["view"] = dict(view)
    text = json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":"), sort_keys=True)
    packed = zlib.compress(text.encode(errors="surrogatepass"), 9)
    head = f"tp{VERSION}.{base64.urlsafe_b64encode(packed).decode().rstrip('=')}"
    return f"{head}.{zlib.crc32(head.encode()):08x}"


def decode_setup(text: str) -> Setup:
    """The set-up that a line stands for; spaces, line ends and quotation marks around it do not matter.

    Raises:
        SharedTextError: it is foreign, damaged, of a newer version, or holds a value that is not allowed.
    """
    line = "".join(text.split()).strip("\"'`<>")
    found = _FORM.fullmatch(line)
    if found is None:
        raise SharedTextError(_why_not(line))
    version, payload, checksum = found.groups()
    if int(version) > VERSION:
        raise SharedTextError(
            f"{quoted(line)} was made by a newer version of this program (tp{version}); this one reads "
            f"up to tp{VERSION}"
        )
    if int(version) < 1 or f"{zlib.crc32(line.rpartition('.')[0].encode()):08x}" != checksum:
        raise SharedTextError(_damaged(line))
    data = _unpacked(line, payload)
    return Setup(_settings(line, data.get("settings")), _view(line, data.get("view", {})))


def looks_shared(text: str) -> bool:
    """Whether a text begins as such a line does."""
    return _BEGINS.match("".join(text.split()).strip("\"'`<>")) is not None


def differing(settings: Settings) -> dict[str, object]:
    """The values that have to be said, as plain data: `make_settings` fills in the others by itself."""
    values = settings.model_dump(mode="json")
    wanted = settings
    if settings.own is not None:
        # Where the file lies is nobody else's affair, and a stage's lies elsewhere on another machine.
        said = values["own"].items()
        values["own"] = {key: value for key, value in said if key == "text" or value not in (None, "")}
        path = settings.own.path if settings.stage == OWN else settings.edited_from.source_file.name
        values["own"]["path"] = _name_of(path)
        wanted = make_settings(**values)
    if settings.data_file is not None:
        values["data_file"]["path"] = _name_of(settings.data_file.path)
        wanted = make_settings(**values)
    for name in [name for name in values if name != "stage"]:
        fewer = {key: value for key, value in values.items() if key != name}
        try:
            if make_settings(**fewer) == wanted:
                values = fewer
        except SettingsError:
            # Another value leans on it.
            continue
    return values


def _name_of(path: str) -> str:
    return PureWindowsPath(Path(path).name).name


def _why_not(line: str) -> str:
    if not line:
        return "an empty text is not allowed; allowed: a set-up, which begins with tp1."
    if _BEGINS.match(line):
        return _damaged(line)
    return f"{quoted(line)} is no set-up; allowed: a text that begins with tp1."


def _damaged(line: str) -> str:
    return f"{quoted(line)} is damaged: a part of it is missing or was changed; copy it once more"


def _unpacked(line: str, payload: str) -> dict[str, object]:
    try:
        packed = base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4))
        unpacking = zlib.decompressobj()
        content = unpacking.decompress(packed, LARGEST)
        if not unpacking.eof:
            raise SharedTextError(f"{quoted(line)} is too long: it holds more than {LARGEST:,} bytes")
        data = json.loads(content.decode(errors="surrogatepass"))
    except (ValueError, zlib.error, RecursionError) as error:
        if isinstance(error, SharedTextError):
            raise
        raise SharedTextError(_damaged(line)) from None
    if not isinstance(data, dict):
        raise SharedTextError(_damaged(line))
    return data


def _settings(line: str, values: object) -> Settings:
    if not isinstance(values, dict):
        raise SharedTextError(_damaged(line))
    for each in (values.get("own"), values.get("data_file")):
        if isinstance(each, dict) and isinstance(each.get("path"), str):
            each["path"] = _name_of(each["path"])
    own = values.get("own")
    if isinstance(own, dict) and values.get("stage") != OWN:
        with_stage = {key: value for key, value in values.items() if key != "own"}
        own["path"] = str(_made(with_stage).edited_from.source_file)
    return _made(values)


def _made(values: Mapping[str, object]) -> Settings:
    try:
        return make_settings(**values)
    except SettingsError as error:
        raise SharedTextError(f"the set-up holds a value that is not allowed here: {error}") from None


def _view(line: str, view: object) -> dict[str, object]:
    if not isinstance(view, dict):
        raise SharedTextError(_damaged(line))
    return view
