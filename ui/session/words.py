"""What the session says of settings."""

from __future__ import annotations

from playground.data.catalog import BY_NAME
from playground.failure import Failure
from playground.own_program import OwnProgram
from playground.programs.errors import ProgramError
from playground.programs.numbers import numbers_changed
from playground.setting_specs import SPECS, Kind, show_value
from playground.settings import SHARED_DEPTH, Settings
from playground.stages import OWN
from ui.session.orders import TorchMissingError

MOST_NUMBERS = 3
"""So many changed numbers are told one by one."""

TORCH_HINT = "Install torch again (pip install --force-reinstall torch); NumPy's stage runs without it."
KEPT = "What ran up to here is kept. Run starts again."


def failure_in_words(settings: Settings, failure: Failure, steps_made: int) -> tuple[str, str]:
    """What has failed, in one line, and a hint."""
    if failure.message.startswith(TorchMissingError.__name__):
        reason = failure.message.partition(": ")[2]
        return f"This stage needs torch, which could not be loaded: {reason}", TORCH_HINT
    own, where = settings.own, f" (line {failure.line})" if failure.line else ""
    what = f"Step {failure.step} failed" if own is None or steps_made else f"{own.name} cannot run"
    if own is not None and failure.message.startswith(f"{own.name}, line"):
        # It says so itself.
        what, where = "Cannot run", ""
    return f"{what}{where}: {failure.message}", KEPT if steps_made or own is None else ""


def leaves_shared_computation(settings: Settings) -> bool:
    """Whether a run from the shared start computes something else than the others."""
    return settings.same_start and settings.program.has_depth and settings.depth != SHARED_DEPTH


def worth_telling(reasons: tuple[str, ...]) -> tuple[str, ...]:
    """Without what another stage or start brings along: that goes without saying."""
    if "stage" in reasons or "own" in reasons:
        return ("stage",) if "stage" in reasons else ("own",)
    if "painted" in reasons:
        return ("painted",)
    brought = ("optimizer", "dtype") if "same_start" in reasons else ()
    return tuple(name for name in reasons if name not in brought)


def in_words(name: str, old: Settings, new: Settings) -> str:
    """`"hidden size 100 → 200"`, `"same start on"`, `"dtype float32 → float64"`."""
    if name == "own" and old.own is not None and new.own is not None and old.own.path == new.own.path:
        return _change_of_program(old.own, new.own)
    if name == "own" and old.stage == new.stage != OWN:
        return f"{new.program.title} edited" if old.own is None else f"{new.program.title} put back"
    if name in ("own", "stage"):
        return f"program {old.program.title} → {new.program.title}"
    if name == "painted":
        return _change_of_points(old, new)
    spec = SPECS.get(name, SPECS["optimizer_options"])
    if spec.kind is Kind.OPTIONS:
        return spec.called
    if spec.kind is Kind.SWITCH:
        return f"{spec.called} {spec.show(getattr(new, name))}"
    return f"{spec.called} {spec.show(getattr(old, name))} → {spec.show(getattr(new, name))}"


def _change_of_points(old: Settings, new: Settings) -> str:
    """`"other points, hence others held out"`, `"painted points → Two moons"`."""
    if new.painted is None:
        return f"painted points → {BY_NAME[new.data].title if new.data in BY_NAME else 'a file'}"
    if old.batch_size != new.batch_size and new.test_share:
        return f"points {old.batch_size} → {new.batch_size}, hence others held out"
    return "data painted"


def _change_of_program(old: OwnProgram, new: OwnProgram) -> str:
    """`"hidden 64 → 32"`, `"the text of mine.py"`."""
    try:
        numbers = numbers_changed(old.text, new.text)
    except ProgramError:
        numbers = None
    if numbers is not None and 1 <= len(numbers) <= MOST_NUMBERS:
        return ", ".join(
            f"{number.name} {show_value(number.value, ', ')} → {show_value(value, ', ')}"
            for number, value in numbers
        )
    what = "text" if old.text != new.text else "arguments" if old.loop == new.loop else "training loop"
    return f"the {what} of {new.name} changed"
