"""What raises in a slot, a timer or a paint event: caught in one place, said once; nothing stops for it."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Callable
from types import TracebackType

from PySide6.QtCore import QObject, Signal

from playground.failure import cut, one_line


class Mishaps(QObject):
    """Takes what nobody else has caught.

    Signals:
        told(str, str): one line, and the traceback; once for each place in the code.
    """

    told = Signal(str, str)

    def __init__(self, parent: QObject | None = None) -> None:
        """Nothing has happened yet; `install` listens."""
        super().__init__(parent)
        self._seen: set[tuple[str, str, int]] = set()
        self._before: Callable[..., object] | None = None

    def install(self) -> None:
        """Hears of what a slot or an event raises: PySide hands that to `sys.excepthook`."""
        self._before = sys.excepthook
        sys.excepthook = self.take

    def uninstall(self) -> None:
        """Puts back what was there."""
        if self._before is not None:
            sys.excepthook, self._before = self._before, None

    def take(self, kind: type[BaseException], error: BaseException, place: TracebackType | None) -> None:
        """Tells of it, unless the same place has done so before; may be called on any thread."""
        frames = traceback.extract_tb(place)
        last = frames[-1] if frames else None
        key = (kind.__name__, "" if last is None else last.filename, 0 if last is None else last.lineno or 0)
        details = "".join(traceback.format_exception(kind, error, place))
        if key in self._seen:
            return
        self._seen.add(key)
        print(details, file=sys.stderr)
        self.told.emit(f"Something went wrong in the window: {one_line(error)}", cut(details, 20_000))


def shielded(*parts: Callable[[], object]) -> None:
    """Calls one after the other; what one raises is told, and keeps none of the others from running."""
    for part in parts:
        try:
            part()
        except Exception as error:
            sys.excepthook(type(error), error, error.__traceback__)
