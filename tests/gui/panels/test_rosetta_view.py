"""Two stages side by side: what lights up on a choice, what is joined, what the table lists."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QObject, QPoint, Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QToolButton, QWidget
from pytestqt.qtbot import QtBot

import playground
from playground.comparing.rosetta import Band, Link, Quantity, Rosetta, Side, TensorPair, compare_texts
from playground.graph.model import Phase
from tests.gui.driver import find
from tests.gui.themes import wear
from ui.panels.rosetta import RosettaView
from ui.panels.rosetta.code import RosettaCode
from ui.panels.rosetta.strip import runs
from ui.panels.rosetta.tensors import EMPTY, difference_words, lines_words
from ui.style.phases import phase_color
from ui.style.theme import DARK, LIGHT, Theme

STAGES = Path(playground.__file__).parent / "stages"
NUMPY = (STAGES / "with_numpy.py").read_text(encoding="utf-8")
AUTOGRAD = (STAGES / "autograd.py").read_text(encoding="utf-8")
OFFERED = [("numpy", "NumPy"), ("tensor", "Tensors"), ("autograd", "autograd")]
NOTE = "both started from the same data and weights, in float64"


def line_of(text: str, part: str) -> int:
    return next(number for number, line in enumerate(text.splitlines(), start=1) if part in line)


def lines_of(text: str, *parts: str) -> tuple[int, ...]:
    return tuple(line_of(text, part) for part in parts)


BY_HAND = lines_of(
    NUMPY, "grad_y_pred =", "grad_w2 =", "grad_h_relu =", "grad_h =", "grad_h[h < 0] = 0", "grad_w1 ="
)
BACKWARD = line_of(AUTOGRAD, "loss.backward()")
FORWARD = line_of(AUTOGRAD, "y_pred = x.mm")
H, UPDATE = line_of(NUMPY, "h = x.dot"), line_of(NUMPY, "w1 -= ")
NO_GRAD = line_of(AUTOGRAD, "with torch.no_grad")


def pair(phase: Phase, left: Quantity, right: Quantity, relative: float = 0.0) -> TensorPair:
    return TensorPair(phase, left, right, False, 10 * relative, relative)


PAIRS = (
    TensorPair(
        Phase.FORWARD, Quantity("w1 before", node="w1"), Quantity("w1 before", node="w1"), True, 0.0, 0.0
    ),
    pair(
        Phase.FORWARD,
        Quantity("h", H, 0, "h"),
        Quantity("x.mm(w1)", FORWARD, 0, "MmBackward0(w1)#1"),
        1e-15,
    ),
    pair(
        Phase.BACKWARD,
        Quantity("grad_w2", BY_HAND[1], 9, "grad_w2"),
        Quantity("∂L/∂w2", BACKWARD, 9, "MmBackward0(w2)#1"),
        2.5e-16,
    ),
    pair(
        Phase.BACKWARD,
        Quantity("grad_h", BY_HAND[4], 14, "grad_h#2", also=(BY_HAND[3],)),
        Quantity("∂L/∂(x.mm(w1))", BACKWARD, 11, "ClampBackward1<w1#1"),
    ),
)


def links() -> Sequence[Link]:
    return [
        Link(left, right, (each.left.node or "",), (each.right.node or "",), (each,))
        for each in PAIRS
        for left in each.left.lines
        for right in each.right.lines
    ]


RESULT = Rosetta(
    left=Side("numpy", "NumPy", "with_numpy.py", NUMPY, "6 lines of backward pass by hand", False),
    right=Side("autograd", "autograd", "autograd.py", AUTOGRAD, "loss.backward()"),
    bands=(
        Band(Phase.FORWARD, (H, H + 1, H + 2), (FORWARD,)),
        Band(Phase.LOSS, lines_of(NUMPY, "loss ="), lines_of(AUTOGRAD, "loss =")),
        Band(Phase.BACKWARD, BY_HAND, (BACKWARD,)),
        Band(Phase.UPDATE, (UPDATE, UPDATE + 1), (NO_GRAD, NO_GRAD + 1, NO_GRAD + 2)),
    ),
    pairs=PAIRS,
    links=tuple(links()),
    differences=tuple(compare_texts(NUMPY, AUTOGRAD)),
)
ALL = "4 quantities that both sides compute, found by their values"


@pytest.fixture
def view(qtbot: QtBot) -> RosettaView:
    panel = RosettaView()
    qtbot.addWidget(panel)
    panel.resize(1200, 760)
    panel.set_stages(OFFERED, "numpy", "autograd")
    panel.set_note(NOTE)
    panel.show_rosetta(RESULT)
    with qtbot.waitActive(panel):
        panel.show()
    return panel


def click_line(qtbot: QtBot, code: RosettaCode, line: int) -> None:
    top, bottom = code.area_of(line)
    place = QPoint(90, int((top + bottom) / 2) - code.viewport().y())
    qtbot.mouseClick(code.viewport(), Qt.MouseButton.LeftButton, pos=place)


class PaintCounter(QObject):
    """Counts how often a widget is painted."""

    def __init__(self, widget: QWidget) -> None:
        super().__init__(widget)
        self.count = 0
        widget.installEventFilter(self)

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        self.count += event.type() is QEvent.Type.Paint
        return False


def pixel(widget: QWidget, x: float, y: float) -> str:
    image = widget.grab().toImage()
    ratio = image.devicePixelRatio()
    return image.pixelColor(int(x * ratio), int(y * ratio)).name()


def mixed(ground: str, color: str, alpha: int) -> QColor:
    first, second = QColor(ground), QColor(color)
    share = alpha / 255
    channels = [
        round(getattr(first, name)() * (1 - share) + getattr(second, name)() * share)
        for name in ("red", "green", "blue")
    ]
    return QColor(*channels)


def is_near(found: str, expected: QColor) -> bool:
    color = QColor(found)
    return all(
        abs(getattr(color, name)() - getattr(expected, name)()) <= 3 for name in ("red", "green", "blue")
    )


def test_it_says_how_either_side_gets_its_gradients(view: RosettaView) -> None:
    assert view.text().splitlines()[:3] == [
        "NumPy: 6 lines of backward pass by hand ↔ autograd: loss.backward()",
        NOTE,
        ALL,
    ]


def test_without_a_choice_the_table_lists_every_pair(view: RosettaView) -> None:
    assert view.table.rows() == [
        "forward  w1 before  w1 before (transposed)  w1  0  0",
        f"forward  h  {H}  x.mm(w1)  {FORWARD}  Mm of w1  1.0e-14  1.0e-15",
        f"backward  grad_w2  {BY_HAND[1]}  ∂L/∂w2  {BACKWARD}  Mm of w2  2.5e-15  2.5e-16",
        f"backward  grad_h  {BY_HAND[4]}  ∂L/∂(x.mm(w1))  {BACKWARD}  Clamp after w1  0  0",
    ]
    assert not view.left.lit
    assert view.strip.joined == ()


def test_backward_lights_up_the_lines_by_hand(view: RosettaView, qtbot: QtBot) -> None:
    click_line(qtbot, view.right, BACKWARD)
    assert view.right.lit == {BACKWARD}
    assert view.left.lit == {BY_HAND[1], BY_HAND[3], BY_HAND[4]}
    assert view.strip.joined == tuple((line, BACKWARD, Phase.BACKWARD) for line in sorted(view.left.lit))
    assert [row.split("  ")[1] for row in view.table.rows()] == ["grad_w2", "grad_h"]
    expected = (
        f"autograd, line {BACKWARD} ↔ NumPy, lines {BY_HAND[1]}, {BY_HAND[3]}–{BY_HAND[4]}: 2 quantities"
    )
    assert expected in view.text()


def test_a_line_by_hand_lights_up_backward_and_names_its_node(view: RosettaView, qtbot: QtBot) -> None:
    click_line(qtbot, view.left, BY_HAND[1])
    assert view.left.lit == {BY_HAND[1]}
    assert view.right.lit == {BACKWARD}
    assert [row.split("  ")[5] for row in view.table.rows()] == ["Mm of w2"]


def test_a_copy_is_joined_like_what_is_written_into_it(view: RosettaView, qtbot: QtBot) -> None:
    click_line(qtbot, view.left, BY_HAND[3])
    assert view.strip.joined == ((BY_HAND[3], BACKWARD, Phase.BACKWARD),)


def test_a_click_on_the_number_is_a_click_on_the_line(view: RosettaView, qtbot: QtBot) -> None:
    numbers = next(each for each in view.left.children() if type(each).__name__ == "_Numbers")
    assert isinstance(numbers, QWidget)
    top, _ = view.left.area_of(BY_HAND[1])
    place = QPoint(5, int(top - view.left.viewport().y()) + 3)
    qtbot.mouseClick(numbers, Qt.MouseButton.LeftButton, pos=place)
    assert view.left.lit == {BY_HAND[1]}


def test_a_line_without_a_counterpart_says_so(view: RosettaView, qtbot: QtBot) -> None:
    click_line(qtbot, view.right, NO_GRAD)
    assert view.right.lit == {NO_GRAD}
    assert not view.left.lit
    assert view.table.rows() == []
    assert f"autograd, line {NO_GRAD}: update; no tensor that it makes is one of NumPy" in view.text()


@pytest.mark.parametrize("way", ["again", "comment", "button", "escape", "table"])
def test_ways_to_let_go(view: RosettaView, qtbot: QtBot, way: str) -> None:
    click_line(qtbot, view.left, BY_HAND[1])
    assert view.left.lit
    if way == "again":
        click_line(qtbot, view.left, BY_HAND[1])
    elif way == "comment":
        click_line(qtbot, view.left, BY_HAND[0] - 1)
    elif way == "button":
        qtbot.mouseClick(find(view, QToolButton, "rosetta_all_button"), Qt.MouseButton.LeftButton)
    else:
        qtbot.keyClick(view.left if way == "escape" else view.table, Qt.Key.Key_Escape)
    assert not view.left.lit
    assert not view.right.lit
    assert view.strip.joined == ()
    assert len(view.table.rows()) == len(PAIRS)
    assert not find(view, QToolButton, "rosetta_all_button").isEnabled()


def test_lines_are_chosen_by_keyboard(view: RosettaView, qtbot: QtBot) -> None:
    view.right.setFocus()
    # The caret begins at the first line that ran.
    for _ in range(BACKWARD - FORWARD):
        qtbot.keyClick(view.right, Qt.Key.Key_Down)
    qtbot.keyClick(view.right, Qt.Key.Key_Return)
    assert view.right.lit == {BACKWARD}


def test_a_row_joins_its_lines_and_gives_its_node(view: RosettaView, qtbot: QtBot) -> None:
    item = view.table.item(2, 1)
    assert item is not None
    with qtbot.waitSignal(view.node_chosen) as chosen:
        place = view.table.visualItemRect(item).center()
        qtbot.mouseClick(view.table.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert chosen.args == ["MmBackward0(w2)#1"]
    assert view.strip.joined == ((BY_HAND[1], BACKWARD, Phase.BACKWARD),)
    # The other rows stay to be chosen.
    assert len(view.table.rows()) == len(PAIRS)


def test_rows_are_chosen_by_keyboard(view: RosettaView, qtbot: QtBot) -> None:
    view.table.setFocus()
    view.table.setCurrentCell(1, 0)
    with qtbot.assertNotEmitted(view.node_chosen):
        qtbot.keyClick(view.table, Qt.Key.Key_Down)
    with qtbot.waitSignal(view.node_chosen) as chosen:
        qtbot.keyClick(view.table, Qt.Key.Key_Return)
    assert chosen.args == ["MmBackward0(w2)#1"]


def test_between_a_graph_and_a_trace_the_node_is_the_graphs(view: RosettaView, qtbot: QtBot) -> None:
    turned = tuple(
        TensorPair(each.phase, each.right, each.left, each.transposed, each.absolute, each.relative)
        for each in PAIRS
    )
    bands = tuple(Band(each.phase, each.right, each.left) for each in RESULT.bands)
    view.show_rosetta(Rosetta(RESULT.right, RESULT.left, bands, turned, (), ()))
    view.table.setCurrentCell(2, 0)
    with qtbot.waitSignal(view.node_chosen) as chosen:
        qtbot.keyClick(view.table, Qt.Key.Key_Return)
    assert chosen.args == ["MmBackward0(w2)#1"]


def test_choosers_ask_for_stages(view: RosettaView, qtbot: QtBot) -> None:
    with qtbot.waitSignal(view.stages_chosen) as chosen:
        qtbot.keyClick(view.left_box, Qt.Key.Key_Down)
    assert chosen.args == ["tensor", "autograd"]
    with qtbot.waitSignal(view.stages_chosen) as chosen:
        qtbot.keyClick(view.right_box, Qt.Key.Key_Up)
    assert chosen.args == ["tensor", "tensor"]


def test_setters_are_silent(view: RosettaView, qtbot: QtBot) -> None:
    with qtbot.assertNotEmitted(view.stages_chosen), qtbot.assertNotEmitted(view.node_chosen):
        view.set_stages(OFFERED, "tensor", "numpy")
        view.set_waiting("Recording a step of both …")
        view.set_problem("no")
        view.show_rosetta(RESULT)
        wear(DARK)
    assert (view.left_box.currentData(), view.right_box.currentData()) == ("tensor", "numpy")


def test_messages_stand_in_the_place_of_a_comparison(qtbot: QtBot) -> None:
    panel = RosettaView()
    qtbot.addWidget(panel)
    assert panel.text() == EMPTY
    panel.show_rosetta(RESULT)
    assert ALL in panel.text()
    panel.set_waiting("Recording a step of both …")
    assert panel.text() == "Recording a step of both …"
    assert not find(panel, QToolButton, "rosetta_difference_button").isEnabled()
    panel.set_problem("ValueError: too wide")
    assert panel.text() == "ValueError: too wide"
    panel.show_rosetta(RESULT)
    assert ALL in panel.text()


def test_the_difference_of_the_texts_is_a_page_of_its_own(view: RosettaView, qtbot: QtBot) -> None:
    qtbot.mouseClick(find(view, QToolButton, "rosetta_difference_button"), Qt.MouseButton.LeftButton)
    shown = view.text().splitlines()[2:]
    assert shown == difference_words(RESULT.differences)
    assert not view.table.isVisible()
    import_line = line_of(NUMPY, "import numpy")
    assert f"{import_line:>3}      − import numpy as np" in shown
    # A new comparison stays on the page.
    view.show_rosetta(RESULT)
    assert not view.table.isVisible()
    qtbot.keyClick(find(view, QToolButton, "rosetta_difference_button"), Qt.Key.Key_Space)
    assert view.table.isVisible()


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
def test_bands_run_through_the_strip_in_the_color_of_their_phase(view: RosettaView, theme: Theme) -> None:
    wear(theme)
    expected = mixed(theme.surface, phase_color(theme, Phase.BACKWARD), 34)
    y = sum(view.left.area_of(BY_HAND[2])) / 2
    right = sum(view.right.area_of(BACKWARD)) / 2
    assert is_near(pixel(view.strip, 1, y), expected)
    assert is_near(pixel(view.strip, view.strip.width() - 2, right), expected)
    assert is_near(pixel(view.left, view.left.width() - 4, y), expected)
    assert is_near(pixel(view.left, 2, y), expected)
    comment = sum(view.left.area_of(BY_HAND[0] - 1)) / 2
    assert is_near(pixel(view.strip, 1, comment), QColor(theme.surface))


def test_chosen_lines_stand_out_and_the_others_recede(view: RosettaView, qtbot: QtBot) -> None:
    click_line(qtbot, view.right, BACKWARD)
    color = phase_color(LIGHT, Phase.BACKWARD)
    strong = sum(view.left.area_of(BY_HAND[1])) / 2
    weak = sum(view.left.area_of(BY_HAND[0])) / 2
    edge = view.left.width() - 4
    assert is_near(pixel(view.left, edge, strong), mixed(LIGHT.surface, color, 92))
    assert is_near(pixel(view.left, edge, weak), mixed(LIGHT.surface, color, 16))


@pytest.mark.parametrize("side", ["left", "right"])
def test_the_strip_follows_the_scrolling_of_either_side(view: RosettaView, qtbot: QtBot, side: str) -> None:
    code = view.left if side == "left" else view.right
    view.resize(1200, 460)
    qtbot.waitUntil(lambda: code.verticalScrollBar().maximum() > 10)
    code.begin_at(1)
    paints = PaintCounter(view.strip)
    before, place = view.strip.grab().toImage(), code.area_of(H)[0]
    # What the new size has left to be painted is none of the scrolling's.
    QCoreApplication.processEvents()
    paints.count = 0
    code.begin_at(6)
    QCoreApplication.processEvents()
    assert paints.count > 0
    assert code.area_of(H)[0] < place - 50
    assert view.strip.grab().toImage() != before


def test_a_counterpart_out_of_sight_is_brought_into_it(view: RosettaView, qtbot: QtBot) -> None:
    view.resize(1200, 420)
    qtbot.waitUntil(lambda: view.left.verticalScrollBar().maximum() > 15)
    view.left.begin_at(1)
    view.right.scroll_to(BACKWARD)
    assert not view.left.is_in_sight(BY_HAND[1])
    click_line(qtbot, view.right, BACKWARD)
    assert view.left.is_in_sight(BY_HAND[1])


def test_it_opens_where_the_step_is(qtbot: QtBot) -> None:
    panel = RosettaView()
    qtbot.addWidget(panel)
    panel.resize(900, 600)
    panel.show_rosetta(RESULT)
    with qtbot.waitActive(panel):
        panel.show()
    assert all(panel.left.is_in_sight(line) for line in (H, *BY_HAND, UPDATE + 1))
    assert all(panel.right.is_in_sight(line) for line in (FORWARD, BACKWARD, NO_GRAD + 2))


def test_everything_has_a_name_and_can_be_reached_by_keyboard(view: RosettaView, qtbot: QtBot) -> None:
    view.left.line_clicked.emit(BY_HAND[1])
    parts = [
        find(view, QToolButton, "rosetta_difference_button"),
        view.left_box,
        view.right_box,
        view.left,
        view.right,
    ]
    parts += [find(view, QToolButton, "rosetta_all_button"), view.table]
    reached = []
    parts[0].setFocus()
    for _ in range(3 * len(parts)):
        reached.append(view.focusWidget())
        qtbot.keyClick(view.focusWidget(), Qt.Key.Key_Tab)
    assert all(part in reached for part in parts)
    assert all(part.accessibleName() for part in parts)
    assert "backward" in view.strip.accessibleDescription()


def test_runs_go_on_over_blank_lines_and_comments() -> None:
    text = "a\n\n# why\nb\nyield\nc\n"
    assert list(runs([1, 4, 6], text)) == [range(1, 5), range(6, 7)]
    assert list(runs([], text)) == []


def test_lines_in_words() -> None:
    assert lines_words([4]) == "line 4"
    assert lines_words([1, 2, 3, 7]) == "lines 1–3, 7"
