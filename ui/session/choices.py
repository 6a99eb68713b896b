"""From what the user chooses to settings: what belongs to a stage or a start is remembered for it."""

from __future__ import annotations

from playground.data.catalog import PAINTED, RANDOM
from playground.data.data_file import DataFile
from playground.data.defaults import data_defaults, with_data
from playground.data.painted import PaintedData
from playground.own_program import OwnProgram
from playground.programs.length import steps_of
from playground.settings import Settings, changed, make_settings, with_start
from playground.stages import OWN, stage_named

_OF_STAGE = ("learning_rate", "optimizer", "optimizer_options")
"""Settings that each stage has for itself, once for its own start and once for the shared one, with
each of the data."""


class Choices:
    """Makes settings of those in force and of one choice; raises SettingsError where it is not allowed."""

    def __init__(self, settings: Settings) -> None:
        """Remembers the device alone: it was chosen for every stage that can use it."""
        self._device = settings.device
        self._of_stage: dict[tuple[str, bool, str], dict[str, object]] = {}
        self._depth_of_start: dict[bool, tuple[int, int]] = {}
        self._steps = Settings.model_fields["steps"].default if settings.own else settings.steps

    def with_value(self, old: Settings, name: str, value: object) -> Settings:
        """With one setting changed."""
        values: dict[str, object] = {**old.model_dump(), name: value}
        if name == "optimizer":
            # Another optimizer has other numbers: they start from their defaults.
            del values["optimizer_options"]
        new = make_settings(**values)
        if name == "device":
            self._device = new.device
        return new

    def of_data(self, old: Settings, data: str | DataFile, points: int | None = None) -> Settings:
        """With other data, and the sizes and numbers that the stage learns it with."""
        self._remember(old)
        return with_data(old, data, points)

    def of_painted(self, old: Settings, painted: PaintedData) -> Settings:
        """With points that were painted, and nothing else changed: the run can go on with them."""
        if old.data != PAINTED:
            self._remember(old)
        return changed(old, data=PAINTED, painted=painted)

    def of_run(self, old: Settings, settings: Settings) -> Settings:
        """All settings of another run."""
        self._remember(old)
        self._device = settings.device
        return settings

    def of_program(self, old: Settings, own: OwnProgram, stage: str) -> Settings:
        """Of a text of the user's: a file, or an edited stage; how many steps it makes is its own affair."""
        if old.own is None:
            self._remember(old)
            self._steps = old.steps
        base = old if stage in (OWN, old.stage) else self.of_stage(old, stage)
        values = {**base.model_dump(), "own": own, "stage": stage, "steps": steps_of(own.text)}
        return make_settings(**values)

    def of_stage(self, old: Settings, name: str) -> Settings:
        """Of another stage: its own learning rate and optimizer, the rest is common."""
        if old.own is None:
            self._remember(old)
            self._steps = old.steps
        common = {key: value for key, value in old.model_dump().items() if key not in _OF_STAGE}
        stage = stage_named(name)
        device = self._device if stage is not None and stage.on_any_device else "cpu"
        own = {"stage": name, "device": device, "steps": self._steps, "own": None}
        of_data = self._of_data({**common, "stage": name})
        return make_settings(**{**common, **of_data, **self._own(name, old.same_start, old.data), **own})

    def of_start(self, old: Settings, same_start: bool, dtype: str | None) -> Settings:
        """From another start: its own learning rate, optimizer and depth range."""
        self._remember(old)
        plain = with_start(old, same_start, dtype).model_dump()
        depth = self._depth_of_start.get(same_start, plain["depth"])
        remembered = {**self._of_data(plain), **self._own(old.stage, same_start, old.data)}
        return make_settings(**{**plain, **remembered, "depth": depth})

    def defaults(self, old: Settings) -> Settings:
        """The stage's own, as in the tutorial; what was remembered of it is forgotten."""
        for key in [each for each in self._of_stage if each[0] == old.stage]:
            del self._of_stage[key]
        self._depth_of_start.clear()
        self._device = "cpu"
        return make_settings(stage=old.stage, threads=old.threads)

    def _remember(self, now: Settings) -> None:
        """Keeps what belongs to the stage or to the start, for when the user comes back to it."""
        self._of_stage[now.stage, now.same_start, now.data] = {key: getattr(now, key) for key in _OF_STAGE}
        self._depth_of_start[now.same_start] = now.depth

    def _own(self, stage: str, same_start: bool, data: str) -> dict[str, object]:
        return self._of_stage.get((stage, same_start, data), {})

    def _of_data(self, values: dict[str, object]) -> dict[str, object]:
        """What a stage that is come to, or a start, learns the data with; sizes stay as they are."""
        if values["data"] == RANDOM:
            return {}
        return {name: value for name, value in data_defaults(values).items() if name in _WITH_STAGE}


_WITH_STAGE = ("learning_rate", "ones")
"""Numbers that go with the data and with the stage."""
