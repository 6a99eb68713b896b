"""What the session says of settings."""

from __future__ import annotations

from playground.setting_specs import SPECS, Kind
from playground.settings import SHARED_DEPTH, Settings
from playground.stages import OWN


def leaves_shared_computation(settings: Settings) -> bool:
    """Whether a run from the shared start computes something else than the others."""
    return settings.same_start and settings.program.has_depth and settings.depth != SHARED_DEPTH


def worth_telling(reasons: tuple[str, ...]) -> tuple[str, ...]:
    """Without what another stage or start brings along: that goes without saying."""
    if "stage" in reasons or "own" in reasons:
        return ("stage",) if "stage" in reasons else ("own",)
    brought = ("optimizer", "dtype") if "same_start" in reasons else ()
    return tuple(name for name in reasons if name not in brought)


def in_words(name: str, old: Settings, new: Settings) -> str:
    """`"hidden size 100 → 200"`, `"same start on"`, `"dtype float32 → float64"`."""
    if name == "own" and old.own is not None and new.own is not None and old.own.path == new.own.path:
        changed = "edited" if old.own.text != new.own.text else "started in another way"
        return f"{new.own.name} {changed}"
    if name == "own" and old.stage == new.stage != OWN:
        return f"{new.program.title} edited" if old.own is None else f"{new.program.title} put back"
    if name in ("own", "stage"):
        return f"program {old.program.title} → {new.program.title}"
    spec = SPECS.get(name, SPECS["optimizer_options"])
    if spec.kind is Kind.OPTIONS:
        return spec.called
    if spec.kind is Kind.SWITCH:
        return f"{spec.called} {spec.show(getattr(new, name))}"
    return f"{spec.called} {spec.show(getattr(old, name))} → {spec.show(getattr(new, name))}"
