"""The break-it lab: faults that one of the eight programs can be given, each beside its healthy twin.

    from playground.faults import fault_named, faulty_text
    from playground.settings import make_settings

    fault = fault_named("backward-twice")
    print(fault.question, faulty_text(fault, make_settings(stage=fault.stage)), fault.answer)

The way through the files: `fault` says what a fault is and reads one from its file, `catalogue` knows all,
`texts` changes a program's text, `twins` runs the two programs side by side, `parting` finds where they part.
The latter two, which record steps, are imported by their own names.
"""

from playground.faults.catalogue import fault_named, list_faults
from playground.faults.fault import Change, Fault, Look
from playground.faults.texts import (
    ChangedLines,
    changed_lines,
    faulty_program,
    faulty_text,
    healthy_program,
    healthy_text,
    look_line,
    twin_settings,
    with_fault,
)

__all__ = [
    "Change",
    "ChangedLines",
    "Fault",
    "Look",
    "changed_lines",
    "fault_named",
    "faulty_program",
    "faulty_text",
    "healthy_program",
    "healthy_text",
    "list_faults",
    "look_line",
    "twin_settings",
    "with_fault",
]
