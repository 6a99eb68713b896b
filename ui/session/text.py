"""What the session tells the user about changes, in words."""

from __future__ import annotations

from playground.settings import SHARED_DEPTH, Settings

DIVERGED_HINT = (
    "Everything up to here is kept. What usually helps: a smaller learning rate, then Reset and Run. "
    "Run goes on regardless."
)
ANOTHER_DEPTH = (
    "With depth {}:{} DynamicNet computes something else than the other stages: "
    "its curve can be compared with theirs at depth 0:0."
)


def leaves_shared_computation(settings: Settings) -> bool:
    """Whether a run from the shared start computes something else than the others."""
    return settings.same_start and settings.program.has_depth and settings.depth != SHARED_DEPTH


def worth_telling(reasons: tuple[str, ...]) -> tuple[str, ...]:
    """Without what another stage or start brings along: that goes without saying."""
    if "stage" in reasons:
        return ("stage",)
    brought = ("optimizer", "dtype") if "same_start" in reasons else ()
    return tuple(name for name in reasons if name not in brought)


def in_words(name: str, old: Settings, new: Settings) -> str:
    """`"hidden size 100 → 200"`, `"same start on"`, `"numbers float32 → float64"`."""
    if name == "same_start":
        return f"same start {'on' if new.same_start else 'off'}"
    if name == "optimizer_options" or name not in Settings.model_fields:
        return "optimizer's numbers"
    before, after = (getattr(settings, name) for settings in (old, new))
    if name == "stage":
        before, after = old.program.title, new.program.title
    if name == "dtype":
        name, before, after = "numbers", before or "the document’s", after or "the document’s"
    return f"{name.replace('_', ' ')} {before} → {after}"
