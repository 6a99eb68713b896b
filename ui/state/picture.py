"""What of the net's picture is looked at: of which step, over which inputs."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from ui.session.live_pictures import PictureLook, PictureWish
from ui.session.session import Session
from ui.state.shown import Shown


class PictureState(QObject):
    """Asks for the picture of the step that is shown while somebody looks, and hands on what comes.

    Attributes:
        axes: the inputs that vary; none for those that the data suggest.
        missing: the step that the user went to and that has no picture; None where the picture is of the
            step that is shown.
        of_another_run: whether that is a step that was kept of another run.

    Signals:
        changed(object): another PictureLook, or None: a new run has none yet.
    """

    changed = Signal(object)

    def __init__(self, session: Session, parent: QObject | None = None) -> None:
        """Nobody looks yet."""
        super().__init__(parent)
        self._session = session
        self.axes: tuple[int, ...] = ()
        self._shown: PictureLook | None = None
        self.missing: int | None = None
        self.of_another_run = False
        self._data = self._data_now()
        session.settings_changed.connect(self._take_settings)

    def look(self, now: Shown | None, visible: bool) -> None:
        """To be called at every look at the run; hidden, it costs nothing."""
        self._session.watch_picture(self._wish(now) if visible else None)
        run = self._session.run
        newest = run.picture[0] if run is not None and run.picture else None
        missing = self._missing_step(now)
        is_kept = now is not None and bool(now.kept)
        if visible and (
            newest is not self._shown or missing != self.missing or is_kept != self.of_another_run
        ):
            self._shown, self.missing, self.of_another_run = newest, missing, is_kept
            self.changed.emit(newest)

    def choose(self, axes: tuple[int, ...]) -> None:
        """Lets other inputs vary; none for those that the data suggest."""
        self.axes = axes

    def _wish(self, now: Shown | None) -> PictureWish:
        """The newest, unless the user went to an earlier step that is recorded."""
        earlier = now is not None and now.step is not None and now.recording is not None
        if now is None or not earlier or now.following or now.kept or now.step == now.made - 1:
            return PictureWish(self.axes)
        return PictureWish(self.axes, now.step)

    @staticmethod
    def _missing_step(now: Shown | None) -> int | None:
        if now is None or now.step is None:
            return None
        if now.kept:
            return now.step
        is_there = now.following or now.recording is not None or now.step == now.made - 1
        return None if is_there else now.step

    def _take_settings(self, _settings: object) -> None:
        # The inputs of other data are others.
        if self._data_now() != self._data:
            self._data = self._data_now()
            self.axes = ()

    def _data_now(self) -> tuple[object, ...]:
        now = self._session.settings
        # Painted points are data of the same inputs.
        data = None if now.painted is not None else (now.data, now.data_file)
        return data, now.input_size, None if now.own is None else now.own.path
