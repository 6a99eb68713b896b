"""What the net is trained on: a set, or a file, and what of it is seen in a step or held out."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QLabel, QMenu, QToolButton, QVBoxLayout, QWidget

from playground.data.catalog import BY_NAME, DATA_SETS, FILE, PAINTED, RANDOM
from playground.data.examples import EXAMPLES
from playground.setting_specs import SPECS
from playground.settings import Settings
from ui.panels.settings.fields import Choice, ChoiceBox
from ui.panels.settings.form import Form
from ui.panels.settings.formula_field import FormulaField
from ui.panels.settings.text import (
    DATA_LEARNED,
    EXAMPLES_TIP,
    MORE_OF_DATA,
    NEW_RUN,
    NO_NOISE,
    PAINTED_POINTS,
    PAINTED_SENTENCE,
    POINTS,
    STANDARD_ALREADY,
    describe,
)
from ui.style.sheet import set_class
from ui.widgets.number_fields import IntegerField, ScientificField

ASK_FOR_FILE = "file …"
_OTHER_FILE = "Another file …"


class DataRows(QWidget):
    """The choice of the data in one row, and a drawer below it that opens for other data than the tutorial's.

    Signals:
        value_chosen(str, object): name of a field of Settings and its new value.
        data_chosen(str): name of a set.
        file_asked(): the user wants data from a file.
        example_chosen(str): name of a set-up to be tried.
        refused(str): the one line of a field that refused a typed text.
    """

    value_chosen = Signal(str, object)
    data_chosen = Signal(str)
    file_asked = Signal()
    example_chosen = Signal(str)
    refused = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        """Shows the tutorial's random numbers, the drawer shut."""
        super().__init__(parent)
        self._settings = Settings()
        self._box = ChoiceBox("data")
        self._box.setObjectName("data_box")
        self._examples = self._link("Examples", "examples_button", EXAMPLES_TIP)
        self._more = self._link("More", "more_of_data_button", MORE_OF_DATA)
        self._more.setCheckable(True)
        self._make_fields()
        self._drawer = self._make_drawer()
        self._arrange()
        self._box.currentIndexChanged.connect(self._choose)
        self._more.toggled.connect(self._drawer.setVisible)
        self._more.toggled.connect(lambda opened: self._more.setText("Less" if opened else "More"))
        self.show_settings(self._settings)

    def show_settings(self, settings: Settings) -> None:
        """Shows these, without a signal; other data open the drawer, or shut it."""
        before, self._settings = self._settings, settings
        self._box.show_choices(_choices(settings), settings.data)
        self._points.set_value(settings.batch_size)
        self._minibatch.set_value(settings.minibatch)
        self._noise.set_value(settings.noise or 0.0)
        self._test_share.set_value(settings.test_share)
        self._formula.show_formula(settings.formula)
        with QSignalBlocker(self._standardize):
            self._standardize.setChecked(settings.standardize)
        if before.data != settings.data:
            self._more.setChecked(settings.data != RANDOM)
        self._say()

    def tab_chain(self) -> list[QWidget]:
        """What takes the focus, from top to bottom."""
        return [
            *(self._examples, self._more, self._box, self._formula.line),
            *(self._points, self._noise, self._minibatch, self._test_share, self._standardize),
        ]

    def _make_fields(self) -> None:
        # Above the number of examples no mini-batch would be one; Settings says so, with both numbers.
        least, most = SPECS["batch_size"].ends
        self._points = IntegerField("points", least, most)
        self._minibatch = IntegerField("mini-batch", 0, most, zero=SPECS["minibatch"].blank)
        self._noise = ScientificField("noise")
        self._test_share = ScientificField("test share", 0.0, 1.0, below_maximum=True)
        self._standardize = QCheckBox("Standardize the inputs")
        self._standardize.setAccessibleName("standardize the inputs")
        for name, field, setting in (
            ("points", self._points, "batch_size"),
            ("minibatch", self._minibatch, "minibatch"),
            ("noise", self._noise, "noise"),
            ("test_share", self._test_share, "test_share"),
        ):
            field.setObjectName(name)
            field.valueChanged.connect(partial(self.value_chosen.emit, setting))
            field.refused.connect(self.refused)
        self._formula = FormulaField()
        self._formula.chosen.connect(partial(self.value_chosen.emit, "formula"))
        self._formula.refused.connect(self.refused)
        self._standardize.setObjectName("standardize")
        self._standardize.toggled.connect(partial(self.value_chosen.emit, "standardize"))

    def _make_drawer(self) -> Form:
        drawer = Form()
        drawer.setObjectName("data_drawer")
        drawer.add_wide(self._formula)
        drawer.add_pair([("Points", self._points), ("Noise", self._noise)])
        drawer.add_row("Mini-batch", self._minibatch)
        drawer.add_row("Test share", self._test_share)
        drawer.add_wide(self._standardize)
        drawer.hide()
        return drawer

    def _arrange(self) -> None:
        menu = QMenu("Examples", self._examples)
        menu.setToolTipsVisible(True)
        for example in EXAMPLES:
            entry = menu.addAction(example.title, partial(self.example_chosen.emit, example.name))
            entry.setObjectName(f"example_{example.name}")
            entry.setToolTip(example.sentence)
        self._examples.setMenu(menu)
        self._examples.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        label = QLabel("Data")
        label.setBuddy(self._box)
        links = QHBoxLayout()
        links.setSpacing(8)
        links.addWidget(label)
        links.addStretch(1)
        links.addWidget(self._examples)
        links.addWidget(self._more)
        rows = QVBoxLayout(self)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(3)
        rows.addLayout(links)
        # The names of the sets are longer than a column of fields is wide.
        rows.addWidget(self._box)
        rows.addWidget(self._drawer)

    def _link(self, text: str, name: str, tip: str) -> QToolButton:
        link = QToolButton(self)
        link.setText(text)
        link.setToolTip(tip)
        link.setAccessibleDescription(tip)
        link.setObjectName(name)
        set_class(link, "flat link")
        link.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        return link

    def _choose(self, index: int) -> None:
        name = self._box.itemData(index)
        if name != ASK_FOR_FILE:
            self.data_chosen.emit(name)
            return
        # Nothing is chosen before the file has been looked into.
        self._box.show_choices(_choices(self._settings), self._settings.data)
        self.file_asked.emit()

    def _say(self) -> None:
        """Lets each control say what it does, or why it does nothing."""
        settings = self._settings
        is_painted = settings.painted is not None
        standard = PAINTED_POINTS if is_painted else STANDARD_ALREADY if settings.data == RANDOM else ""
        tips: list[tuple[QWidget, str, str]] = [
            (self._box, "", f"{_sentence(settings)}\n{DATA_LEARNED}\n{NEW_RUN}"),
            (self._points, PAINTED_POINTS if is_painted else "", f"{POINTS}\n{NEW_RUN}"),
            (self._minibatch, "", describe(SPECS["minibatch"])),
            (self._noise, NO_NOISE if settings.noise is None else "", describe(SPECS["noise"])),
            (self._test_share, "", describe(SPECS["test_share"])),
            (self._standardize, standard, describe(SPECS["standardize"])),
        ]
        for widget, reason, text in tips:
            widget.setEnabled(not reason)
            widget.setToolTip(reason or text)
            widget.setAccessibleDescription(reason or text)


def _choices(settings: Settings) -> list[Choice]:
    choices = [Choice(short_title(each.title), each.name, each.sentence) for each in DATA_SETS]
    file = settings.data_file
    if file is not None:
        choices.append(Choice(file.name, FILE, file.path))
    if settings.painted is not None:
        choices.append(Choice("Painted", PAINTED, PAINTED_SENTENCE))
    choices.append(Choice(_OTHER_FILE if file is not None else "File …", ASK_FOR_FILE))
    return choices


def short_title(title: str) -> str:
    """Without its article: `"Noisy polynomial"`, of which more can be read in a narrow list."""
    plain = title.removeprefix("A ")
    return plain[:1].upper() + plain[1:]


def _sentence(settings: Settings) -> str:
    if settings.data_file is not None:
        return settings.data_file.path
    return PAINTED_SENTENCE if settings.painted is not None else BY_NAME[settings.data].sentence


def why_fixed(name: str, settings: Settings) -> str:
    """Why a size follows from the data and cannot be chosen; "" where it can."""
    if name not in ("input_size", "output_size") or settings.data == RANDOM or settings.own is not None:
        return ""
    chosen = BY_NAME.get(settings.data)
    if chosen is not None and chosen.inputs is None:
        return ""
    title = "what is painted" if chosen is None else chosen.title
    if settings.data_file is not None:
        title = settings.data_file.name
    if name == "output_size":
        return f"follows the data: {title} has {settings.output_size} columns in y"
    ones = ", and one of ones" if settings.ones else ""
    return f"follows the data: {title} has {settings.input_size - settings.ones} columns in x{ones}"
