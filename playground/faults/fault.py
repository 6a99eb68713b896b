"""A fault: a small change to one of the eight programs, with a question, its answer and where to look."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

FOLDER = Path(__file__).parent
"""Of the files that describe the faults, one each."""


@dataclass(frozen=True, slots=True)
class Change:
    """Lines of a stage's program, and what stands in their place.

    Attributes:
        old: whole lines, as the stage's own file has them; they are found whatever numbers are chosen.
        new: whole lines, perhaps none. One that is also among the old keeps the numbers that are chosen.
    """

    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Look:
    """The one place to look at, in a run with the stage's own settings.

    Attributes:
        step: counted from 0, in which the faulty program parts from the healthy one.
        line: of the faulty program, without the blanks around it.
        tensor: what differs there first, in the program's words; "" where the program ends before.
        loss: the first step that has another loss; None if no loss differs, or the program ends before.
        error: a part of what the program ends with, in PyTorch's or Python's own words; "" if it goes on.
        warning: the same of what PyTorch warns of.
    """

    step: int
    line: str
    tensor: str = ""
    loss: int | None = None
    error: str = ""
    warning: str = ""


@dataclass(frozen=True, slots=True)
class Measure:
    """What shows the fault beside the loss; `facts` measures it.

    Attributes:
        kind: one of `KINDS`.
        name: of the tensor, the parameter or the operation, as the kind says.
    """

    kind: str
    name: str = ""


KINDS = ("zeros", "gradient", "spread", "nodes", "parameters", "versions", "slope")
"""Share of zeros behind an operation, norm of a parameter's gradient, standard deviation of a variable, nodes
of the graph behind a variable, elements that are trained, versions of a saved tensor, slope of the loss."""


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault, as its file tells it.

    Attributes:
        name: as the command line writes it; its file is called so.
        stage: name of the stage whose program it changes.
        title: what is wrong, in a few words.
        watch: what to watch while it runs.
        question: to be thought about before the answer is read.
        answer: what happens, why, and what would be right.
        url: the page of PyTorch's documentation that treats it.
        changes: of the stage's text, from top to bottom.
        look: the place to look at.
        settings: what the healthy program has to be set to as well, by the settings' names.
        measure: what else shows it, None where the losses and the tensors do.
    """

    name: str
    stage: str
    title: str
    watch: str
    question: str
    answer: str
    url: str
    changes: tuple[Change, ...]
    look: Look
    settings: Mapping[str, object] = field(default_factory=lambda: MappingProxyType({}))
    measure: Measure | None = None


_TEXTS = ("stage", "title", "watch", "question", "answer", "url")


def read_fault(path: Path) -> Fault:
    """The fault that a file describes.

    Raises:
        ValueError: what is wrong with the file, in one line that names it.
    """
    try:
        told = tomllib.loads(path.read_text(encoding="utf-8"))
        wrong = (told.keys() - {"settings", "measure"}) ^ {*_TEXTS, "changes", "look"}
        if wrong:
            raise ValueError(f"missing, or not known: {', '.join(sorted(wrong))}")
        # A text may go over several lines in the file; it is one paragraph.
        texts = {name: " ".join(told[name].split()) for name in _TEXTS}
        return Fault(
            name=path.stem,
            changes=tuple(Change(**each) for each in told["changes"]),
            look=Look(**told["look"]),
            settings=MappingProxyType(told.get("settings", {})),
            measure=_measure(told["measure"]) if "measure" in told else None,
            **texts,
        )
    except (TypeError, ValueError) as error:
        raise ValueError(f"{path.name}: {error}") from None


def _measure(told: Mapping[str, str]) -> Measure:
    measure = Measure(**told)
    if measure.kind not in KINDS:
        raise ValueError(f"the measure {measure.kind!r} is not known; known: {', '.join(KINDS)}")
    return measure
