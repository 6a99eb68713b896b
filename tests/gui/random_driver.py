"""Drives the real window at random, from a seed; after each action it must still agree with itself."""

from __future__ import annotations

import random
from collections.abc import Callable

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAction
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QListWidget, QSlider, QSpinBox

from playground.stages import STAGES
from tests.gui.driver import find
from ui.panels.graph import GraphView
from ui.panels.loss import LossPlot
from ui.shell.window import MainWindow
from ui.style.appearance import Appearance

SIZES = ("batch_size", "input_size", "hidden_size", "output_size")
ODD = ("", "abc", "-1", "0", "1e9", "999999999999", "½", "2 ")
KEYS = (
    *(Qt.Key.Key_F5, Qt.Key.Key_F6, Qt.Key.Key_F7, Qt.Key.Key_F8, Qt.Key.Key_F9, Qt.Key.Key_F10),
    *(Qt.Key.Key_Tab, Qt.Key.Key_Escape, Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Home, Qt.Key.Key_End),
    *(Qt.Key.Key_Plus, Qt.Key.Key_Minus, Qt.Key.Key_F, Qt.Key.Key_R, Qt.Key.Key_Return),
)


class RandomDriver:
    """Chooses actions and carries them out.

    Attributes:
        done: every action so far, in words, to be read when one has failed.
    """

    def __init__(self, window: MainWindow, seed: int) -> None:
        self._window, self._random = window, random.Random(seed)
        self.done: list[str] = []
        self._steps_of: dict[int, int] = {}
        self._actions: tuple[Callable[[], str], ...] = (
            *(self._press, self._press, self._press, self._stage, self._number, self._odd_number),
            *(self._optimizer, self._step, self._follow, self._event, self._key, self._click, self._look),
            *(self._appearance, self._node, self._compare, self._start, self._depth, self._wheel),
        )

    def act(self) -> None:
        """One action, and whether everything still agrees."""
        action = self._random.choice(self._actions)
        self.done.append(action.__name__)
        self.done[-1] = action()
        QApplication.processEvents()
        self.check()

    def check(self) -> None:
        """Controls equal settings, history never shrinks within a run, every panel shows the same step."""
        window = self._window
        settings = window.session.settings
        for name in SIZES:
            field = window.findChild(QSpinBox, name)
            assert field is not None
            if not field.hasFocus():
                assert field.value() == getattr(settings, name), name
        run = window.session.run
        if run is not None:
            assert run.history.length >= self._steps_of.get(run.number, 0)
            self._steps_of[run.number] = run.history.length
        now = window.timeline.latest
        graph, slider = window.findChild(GraphView), window.findChild(QSlider, "step_slider")
        assert graph is not None
        assert slider is not None
        if now is not None and now.step is not None:
            assert graph.property("step") == now.step
            assert (
                slider.property("depth")
                == graph.property("depth")
                == (-1 if now.depth is None else now.depth)
            )
            if now.layout is not None:
                assert graph.canvas.scene is not None
                assert graph.canvas.scene.graph is now.graph

    # What can be done

    def _press(self) -> str:
        name = self._random.choice(("run", "pause", "step", "reset", "run", "pause"))
        action = self._window.findChild(QAction, f"{name}_action")
        assert action is not None
        action.trigger()
        return f"press {name}"

    def _stage(self) -> str:
        ladder = self._window.findChild(QListWidget, "stage_list")
        assert ladder is not None
        row = self._random.randrange(len(STAGES))
        ladder.setCurrentRow(row)
        return f"stage {STAGES[row].name}"

    def _number(self) -> str:
        name, value = self._random.choice((*SIZES, "steps", "seed")), self._random.randint(1, 9)
        self._window.session.choose(name, value * 40 if name == "steps" else value)
        return f"{name} = {value}"

    def _odd_number(self) -> str:
        field = self._window.findChild(QSpinBox, self._random.choice(SIZES))
        assert field is not None
        text = self._random.choice(ODD)
        field.setFocus()
        field.selectAll()
        QTest.keyClicks(field, text)
        QTest.keyClick(field, Qt.Key.Key_Return)
        field.clearFocus()
        return f"type {text!r} as {field.objectName()}"

    def _optimizer(self) -> str:
        box = self._window.findChild(QComboBox, "optimizer_box")
        assert box is not None
        if box.isEnabled() and box.count():
            index = self._random.randrange(box.count())
            box.setCurrentIndex(index)
            box.activated.emit(index)
        return f"optimizer {box.currentText()}"

    def _step(self) -> str:
        slider = self._window.findChild(QSlider, "step_slider")
        assert slider is not None
        slider.setValue(self._random.randint(0, slider.maximum()))
        return f"step {slider.value()}"

    def _follow(self) -> str:
        newest = self._random.random() < 0.5
        self._window.timeline.follow(newest)
        return f"follow {newest}"

    def _event(self) -> str:
        number = self._random.randint(0, 60)
        self._window.replay.player.go(number)
        return f"event {number}"

    def _key(self) -> str:
        key = self._random.choice(KEYS)
        target = QApplication.focusWidget() or self._window
        QTest.keyClick(target, key)
        return f"key {key.name}"

    def _click(self) -> str:
        graph = self._window.findChild(GraphView)
        assert graph is not None
        place = QPoint(self._random.randrange(graph.width()), self._random.randrange(graph.height()))
        QTest.mouseClick(graph.canvas, Qt.MouseButton.LeftButton, pos=place)
        return f"click {place.x()}, {place.y()}"

    def _wheel(self) -> str:
        plot = find(self._window, LossPlot)
        name = self._random.choice(("logarithmic", "in_seconds", "by_depth"))
        getattr(plot, f"set_{name}")(self._random.random() < 0.5)
        return f"plot {name}"

    def _look(self) -> str:
        self._window.refresh()
        return "look"

    def _appearance(self) -> str:
        appearance = self._random.choice(list(Appearance))
        self._window.choose_appearance(appearance)
        return f"appearance {appearance}"

    def _node(self) -> str:
        graph = self._window.graph
        key = self._random.choice([node.key for node in graph.nodes]) if graph and graph.nodes else ""
        self._window.choose_node(key)
        return f"node {key}"

    def _compare(self) -> str:
        against = self._random.choice(("nothing", "before", "pinned"))
        self._window.timeline.compare(against)
        return f"compare {against}"

    def _start(self) -> str:
        same = self._random.random() < 0.5
        self._window.session.choose_start(same, None)
        return f"same start {same}"

    def _depth(self) -> str:
        low = self._random.randint(0, 3)
        self._window.session.choose("depth", (low, low + self._random.randint(0, 3)))
        return f"depth from {low}"
