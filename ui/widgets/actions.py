"""Everything that can be done by a key: one table, which toolbar, menus, panels and tooltips read."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction, QKeySequence


@dataclass(frozen=True, slots=True)
class ActionSpec:
    """One action.

    Attributes:
        name: `<name>_action` is the action's object name.
        title: in a menu or on a button; `&` stands before its mnemonic.
        keys: as Qt writes them; "" for none.
        purpose: what it does, in words.
        group: the menu or the bar that it stands in.
    """

    name: str
    title: str
    keys: str
    purpose: str
    group: str


ACTIONS: tuple[ActionSpec, ...] = (
    ActionSpec("run", "&Run", "F5", "Train to the last step", "run"),
    ActionSpec("pause", "&Pause", "F6", "Stand still after this step", "run"),
    ActionSpec("step", "S&tep", "F10", "Make one step, then stand still", "run"),
    ActionSpec("reset", "R&eset", "Ctrl+R", "Back to step 0, same seed", "run"),
    ActionSpec(
        "run_to", "Run to …", "Ctrl+G", "Run on to a step, a loss, a new graph, the first NaN", "run_to"
    ),
    ActionSpec("pace_slower", "Slower", "[", "Fewer steps a second", "pace"),
    ActionSpec("pace_faster", "Faster", "]", "More steps a second", "pace"),
    ActionSpec("walk_first", "First event", "Shift+F7", "First event", "walk"),
    ActionSpec("walk_previous", "Previous event", "F7", "Previous event", "walk"),
    ActionSpec("walk_play", "Play", "Shift+F9", "Play", "walk"),
    ActionSpec("walk_next", "Next event", "F8", "Next event", "walk"),
    ActionSpec("walk_last", "Last event", "Shift+F8", "Last event", "walk"),
    ActionSpec("walk_phase", "Next phase", "F9", "Next phase: forward, loss, backward, update", "walk"),
    ActionSpec(
        "keep_step",
        "Keep this step",
        "",
        "Keep the step shown in the session, to look at it on another day",
        "keep",
    ),
    ActionSpec(
        "compare_runs", "Run several stages …", "Ctrl+Shift+R", "Run several stages in turn", "compare"
    ),
    ActionSpec(
        "compare_rosetta", "Two stages side by side …", "Ctrl+Shift+S", "Two stages side by side", "compare"
    ),
    ActionSpec(
        "compare_costs",
        "Time and memory per stage …",
        "Ctrl+Shift+T",
        "Time and memory per stage",
        "compare",
    ),
    ActionSpec(
        "compare_programs",
        "Two programs …",
        "Ctrl+Shift+D",
        "Two programs: where their values part",
        "compare",
    ),
    ActionSpec("compare_faults", "Break it …", "Ctrl+Shift+B", "Break a program on purpose", "compare"),
    ActionSpec(
        "compare_what_if",
        "What if a number were another …",
        "",
        "What if: change one number of x, a weight or a hidden unit, and see all that would differ",
        "compare",
    ),
    ActionSpec("open", "&Open …", "Ctrl+O", "Open a program of your own", "file"),
    ActionSpec("save", "&Save", "Ctrl+S", "Write the edited program to its file", "file"),
    ActionSpec(
        "save_as",
        "Save &as …",
        "Ctrl+Alt+S",
        "Write the program, with its numbers, to another file",
        "file",
    ),
    ActionSpec(
        "open_in_editor",
        "Open in the des&ktop's editor",
        "",
        "Save it, and open it in the program that the desktop has for such files",
        "file",
    ),
    ActionSpec("close_file", "&Close file", "Ctrl+W", "Take the file from the list", "file"),
    ActionSpec("edit", "&Edit code", "F2", "Go to the code, which can be edited", "file"),
    ActionSpec(
        "save_script",
        "&Script of this run …",
        "",
        "A program that prints this run's losses: what was changed in mid-run is in it",
        "export",
    ),
    ActionSpec("copy_script", "&Copy the script", "", "The same, to the clipboard", "export"),
    ActionSpec(
        "export_graph",
        "&Graph of this step …",
        "",
        "As SVG, PNG, PDF, DOT, JSON or Mermaid, light or dark as it is shown",
        "export",
    ),
    ActionSpec("export_plot", "Loss &plot …", "", "The plot as it is shown, as PNG, SVG or PDF", "export"),
    ActionSpec("export_losses", "&Losses of this run …", "", "Every step's loss, as a table (CSV)", "export"),
    ActionSpec(
        "export_all_losses", "Losses of &all runs …", "", "A column a run, as a table (CSV)", "export"
    ),
    ActionSpec(
        "export_tensorboard",
        "Runs for &TensorBoard …",
        "",
        "A folder that TensorBoard reads, with the runs whose curves are shown",
        "export",
    ),
    ActionSpec(
        "export_model", "&Model …", "", "What is trained, as safetensors or as a state_dict (.pt)", "export"
    ),
    ActionSpec(
        "export_recording", "&Recording of this step …", "", "Every event and tensor, as JSON", "export"
    ),
    ActionSpec(
        "export_replay",
        "Replay pa&ge of this step …",
        "",
        "One HTML file that walks through the step in any browser, without a network",
        "export",
    ),
    ActionSpec(
        "copy_setup",
        "&Copy the set-up as text",
        "Ctrl+Shift+C",
        "One line with all that differs from the defaults, to be pasted into another window",
        "share",
    ),
    ActionSpec(
        "show_code_of_setup",
        "Show as &QR code …",
        "",
        "The same line as a QR code, to be read off the wall by a camera",
        "share",
    ),
    ActionSpec(
        "paste_setup", "&Paste a set-up …", "Ctrl+Shift+V", "Take over a set-up that was copied", "share"
    ),
    ActionSpec(
        "save_session", "&Save the session …", "", "All runs, programs and settings, in one file", "session"
    ),
    ActionSpec(
        "open_session", "&Open a session …", "Ctrl+Shift+O", "Bring back what such a file holds", "session"
    ),
    ActionSpec("appearance_desktop", "Match system", "", "Light or dark, as the desktop", "appearance"),
    ActionSpec("appearance_light", "Light", "", "Light", "appearance"),
    ActionSpec("appearance_dark", "Dark", "", "Dark", "appearance"),
    ActionSpec("motion", "Motion", "", "Play what happens in a step where the pace is slow", "view"),
    ActionSpec("wide_code", "Large code", "Ctrl+E", "Half of the window for the code, and back", "view"),
    ActionSpec("full_screen", "Full screen", "F11", "Full screen, and back; Esc leaves it, too", "view"),
    ActionSpec("projector", "Projector", "Ctrl+Shift+P", "Larger, for those who look from afar", "view"),
    ActionSpec("notices", "Notices …", "Ctrl+Shift+N", "What the program has told so far", "view"),
    ActionSpec("show_graph", "Graph", "Alt+1", "Show or hide the graph", "panels"),
    ActionSpec("show_loss", "Loss", "Alt+2", "Show or hide the loss", "panels"),
    ActionSpec("show_details", "Health, Events, Output …", "Alt+3", "Show or hide the tabs", "panels"),
    ActionSpec("show_code", "Code", "Alt+4", "Show or hide the code", "panels"),
    ActionSpec("show_inspector", "Inspector", "Alt+5", "Show or hide the inspector", "panels"),
    ActionSpec("show_ladder", "Program", "Alt+6", "Show or hide the list of programs", "panels"),
    ActionSpec("show_settings", "Settings", "Alt+7", "Show or hide the settings", "panels"),
    ActionSpec("copy_graph", "Graph", "", "Copy a picture of the graph", "pictures"),
    ActionSpec("copy_loss", "Loss", "", "Copy a picture of the loss", "pictures"),
    ActionSpec("copy_details", "Tab in front", "", "Copy a picture of the tab in front", "pictures"),
    ActionSpec("copy_code", "Code", "", "Copy a picture of the code", "pictures"),
    ActionSpec("copy_inspector", "Inspector", "", "Copy a picture of the inspector", "pictures"),
    ActionSpec("copy_ladder", "Program", "", "Copy a picture of the list of programs", "pictures"),
    ActionSpec("copy_settings", "Settings", "", "Copy a picture of the settings", "pictures"),
    ActionSpec("copy_window", "Whole window", "", "Copy a picture of the whole window", "pictures"),
)


def actions_of(group: str) -> tuple[ActionSpec, ...]:
    """The actions of a menu or bar, in their order."""
    return tuple(spec for spec in ACTIONS if spec.group == group)


def make_action(spec: ActionSpec, parent: QObject) -> QAction:
    """The action, without anything that it would set off yet."""
    action = QAction(spec.title, parent)
    action.setObjectName(f"{spec.name}_action")
    if spec.keys:
        action.setShortcut(QKeySequence(spec.keys))
    action.setToolTip(tooltip(spec.purpose, action))
    return action


def tooltip(purpose: str, action: QAction) -> str:
    """What an action does, with its keys as the desktop writes them."""
    keys = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
    return f"{purpose} ({keys})" if keys else purpose
