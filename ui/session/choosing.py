"""What the user chooses becomes settings; what is not allowed is refused in words, and changes nothing."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from playground.own_program import OwnProgram
from playground.settings import Settings, SettingsError
from playground.stages import OWN
from ui.session.choices import Choices
from ui.session.words import leaves_shared_computation

if TYPE_CHECKING:
    from playground.data.data_file import DataFile
    from playground.data.painted import PaintedData

ANOTHER_DEPTH = (
    "With depth {}:{} DynamicNet computes something else than the other stages: "
    "its curve can be compared with theirs at depth 0:0."
)


class Choosing(QObject):
    """The settings, and every way of changing them.

    Attributes:
        settings: in force, or to be in force from the next step on.

    Signals:
        settings_changed(object): Settings, after every change and after every refusal.
        noticed(str, str, str, str): level (info, warning, error), text, details, hint.
    """

    settings_changed = Signal(object)
    noticed = Signal(str, str, str, str)

    def __init__(self, settings: Settings, parent: QObject | None = None) -> None:
        """Nothing has been chosen."""
        super().__init__(parent)
        self.settings = settings
        self._choices = Choices(settings)

    @abstractmethod
    def _take_over(self, new: Settings) -> None:
        """Puts settings in force that are allowed."""

    def choose(self, name: str, value: object) -> None:
        """Changes one setting; what is not allowed is refused with a notice and changes nothing."""
        self._choose(lambda: self._choices.with_value(self.settings, name, value))

    def choose_data(self, data: str | DataFile, points: int | None = None) -> None:
        """Trains on other data: a set by its name, or a file, with as many of its rows as are to be used."""
        self._choose(lambda: self._choices.of_data(self.settings, data, points))

    def choose_painted(self, painted: PaintedData) -> None:
        """Trains on points that were painted; where the weights allow it, the run goes on with them."""
        self._choose(lambda: self._choices.of_painted(self.settings, painted))

    def choose_all(self, settings: Settings) -> None:
        """Takes over all settings of another run."""
        self._choose(lambda: self._choices.of_run(self.settings, settings))

    def choose_options(self, options: Mapping[str, object]) -> None:
        """Changes the optimizer's own numbers; given are those that differ from its defaults."""
        self.choose("optimizer_options", dict(options))

    def choose_stage(self, name: str) -> None:
        """Changes the stage; each has its own learning rate and optimizer, the rest is common."""
        if name != self.settings.stage or self.settings.own is not None:
            self._choose(lambda: self._choices.of_stage(self.settings, name))

    def choose_program(self, own: OwnProgram, stage: str = OWN) -> None:
        """Runs a text of the user's: that of a file, or of the stage that it was made from."""
        self._choose(lambda: self._choices.of_program(self.settings, own, stage))

    def stage_settings(self, name: str) -> Settings:
        """What the settings would be with this stage chosen."""
        return self._choices.of_stage(self.settings, name)

    def program_settings(self, own: OwnProgram, stage: str = OWN) -> Settings:
        """What the settings would be with this text; raises SettingsError."""
        return self._choices.of_program(self.settings, own, stage)

    def choose_start(self, same_start: bool, dtype: str | None) -> None:
        """Lets all stages share their data and first weights, or each draw its own.

        The learning rate, the optimizer and the depth range of the other start are remembered until
        the user comes back to it.

        Args:
            same_start: whether the start is shared.
            dtype: of data and weights, float32 or float64; None for the start's own.
        """
        self._choose(lambda: self._choices.of_start(self.settings, same_start, dtype))

    def choose_defaults(self) -> None:
        """Goes back to the numbers of the stage's program in the tutorial, and to its start."""
        self._choose(lambda: self._choices.defaults(self.settings))

    def _choose(self, choose: Callable[[], Settings]) -> None:
        old = self.settings
        try:
            new = choose()
        except SettingsError as error:
            self._refuse(str(error))
            return
        self._take_over(new)
        self._tell_of_depth(old)

    def _tell_of_depth(self, old: Settings) -> None:
        """Says, when it begins, that DynamicNet leaves the computation that the stages share."""
        now = self.settings
        if leaves_shared_computation(now) and not leaves_shared_computation(old):
            self._notice("info", ANOTHER_DEPTH.format(*now.depth))

    def _notice(self, level: str, text: str, details: str = "", hint: str = "") -> None:
        self.noticed.emit(level, text, details, hint)

    def _refuse(self, text: str) -> None:
        self._notice("warning", text[:1].upper() + text[1:])
        self.settings_changed.emit(self.settings)
