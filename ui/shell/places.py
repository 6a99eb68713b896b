"""Where the panels stand: columns, tabs, and windows of their own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from weakref import WeakMethod, WeakValueDictionary, ref

from PySide6.QtCore import QByteArray, QEvent, QObject, QPoint, QRect, Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QDialog, QMainWindow, QSplitter, QTabWidget, QToolBar, QVBoxLayout, QWidget

from ui.shell.preferences import decoded, encoded
from ui.shell.registry import PANELS, Area, Made, PanelSpec, panel_named

SIZES = {
    "columns": (212, 564, 504),
    "middle": (472, 280),
    "right": (480, 272),
    "bottom": (283, 285),
}
"""Pixels of what stands in each splitter, at the window's first size."""
STRETCHES = {"columns": (0, 3, 1), "middle": (3, 1), "right": (0, 1), "bottom": (1, 1)}
TOAST_WIDTH, TOAST_MARGIN = 460, 12
LEAST_REST = 160
"""Pixels that a panel which is as high as its text leaves to the one below it."""
WIDE = 0.55
"""Of the window's width, which a column has that was made wide."""


class WindowPlaces:
    """Puts each panel where the registry says; what is made later has a place kept for it."""

    def __init__(self, window: QMainWindow, make: Callable[[PanelSpec], QWidget]) -> None:
        """Keeps a place for every panel of the window.

        Args:
            window: what the panels stand in.
            make: makes a panel that is wanted for the first time, with its binding.
        """
        # Only Qt's tree keeps the window and its panels alive: a closed window shall go at once.
        self._window, self._make = ref(window), WeakMethod(make)
        self._panels: WeakValueDictionary[str, QWidget] = WeakValueDictionary()
        self._windows: WeakValueDictionary[str, QWidget] = WeakValueDictionary()
        self._kept = {
            spec.name: _kept_place(spec)
            for spec in PANELS
            if spec.area in (Area.LEFT, Area.MIDDLE, Area.BOTTOM, Area.RIGHT)
        }
        self._tabs = _tabs("details")
        self._wanted: dict[str, int] = {}
        self._dragged: set[str] = set()
        self._narrow: list[int] | None = None
        self._splitters: dict[str, QSplitter] = {}
        self._splitters = self._arranged()
        self.restore({})

    def panel(self, name: str) -> QWidget:
        """A panel that has been made; raises KeyError if it has not."""
        return self._panels[name]

    def put(self, spec: PanelSpec, panel: QWidget) -> None:
        """Puts a panel where the registry says."""
        self._panels[spec.name] = panel
        if spec.object_name:
            panel.setObjectName(spec.object_name)
        if spec.area is Area.TOOLBAR:
            assert isinstance(panel, QToolBar), "the registry says so"
            self._main().addToolBar(panel)
        elif spec.name in self._kept:
            # What has not been placed yet counts as hidden; what has hidden itself stays so.
            hides = panel.testAttribute(Qt.WidgetAttribute.WA_WState_ExplicitShowHide) and panel.isHidden()
            self._replace(self._kept.pop(spec.name), panel)
            panel.setVisible(not (spec.absent or hides))
        elif spec.absent:
            # Hidden, but the window's: it goes with it.
            panel.setParent(self._main())
        elif spec.area is Area.BOTTOM_TAB:
            self._tabs.addTab(panel, spec.title)
        elif spec.area is Area.TOAST:
            _Corner(panel, self._splitters["middle"])

    def set_present(self, name: str, present: bool) -> None:
        """Gives a panel its place, or takes it from there."""
        spec, panel = panel_named(name), self._panels[name]
        if spec.area is Area.BOTTOM_TAB:
            tabs = self._tabs
            place = tabs.indexOf(panel)
            if present and place < 0:
                tabs.addTab(panel, spec.title)
            elif not present and place >= 0:
                tabs.removeTab(place)
            return
        panel.setVisible(present)

    def bring_forward(self, name: str) -> None:
        """Shows the tab or the window that a panel is in; a window is opened if it is not there yet."""
        spec = panel_named(name)
        if spec.area is Area.DIALOG:
            dialog = self._made(spec)
            assert isinstance(dialog, QDialog), "the registry says so"
            dialog.setParent(self._main(), dialog.windowFlags())
            dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            dialog.open()
        elif spec.area is Area.WINDOW:
            window = self._windows.get(name)
            if window is None:
                window = self._windows[name] = _OwnWindow(self._made(spec), spec, self._main())
            window.show()
            window.raise_()
            window.activateWindow()
        elif spec.area is Area.BOTTOM_TAB:
            self._tabs.setCurrentWidget(self._panels[name])
        else:
            self._panels[name].setFocus(Qt.FocusReason.ShortcutFocusReason)

    def give_height(self, name: str, height: int) -> None:
        """Gives a panel so many pixels, unless the user has shared that room; the least is left to others."""
        self._wanted[name] = height
        self._share_as_wanted(name)

    def widen_code(self) -> None:
        """Gives the code half of the window; a second time gives it back what it had."""
        columns = self._splitters["columns"]
        sizes = columns.sizes()
        if self._narrow is not None and len(self._narrow) == len(sizes):
            columns.setSizes(self._narrow)
            self._narrow = None
            return
        self._narrow = sizes
        wide = round(WIDE * sum(sizes))
        columns.setSizes([sizes[0], sum(sizes) - sizes[0] - wide, wide])

    def settle(self, splitters: Mapping[str, str]) -> None:
        """The window has its size now: panels get the height that they were given, if the user left it so."""
        if "right" not in splitters:
            for name in self._wanted:
                self._share_as_wanted(name)

    def close(self) -> None:
        """Closes the windows of their own."""
        for window in self._windows.values():
            window.close()

    def restore(self, splitters: Mapping[str, str]) -> None:
        """Shares the room as it was; splitters that are not named get their first sizes."""
        for name, splitter in self._splitters.items():
            if name in splitters:
                splitter.restoreState(QByteArray(decoded(splitters[name])))
            else:
                splitter.setSizes(SIZES[name])

    def shares(self) -> dict[str, str]:
        """How the room is shared, for `restore`."""
        return {name: encoded(bytes(each.saveState().data())) for name, each in self._splitters.items()}

    def _share_as_wanted(self, name: str) -> None:
        panel = self._panels[name]
        for called, splitter in self._splitters.items():
            place = splitter.indexOf(panel)
            if place < 0 or called in self._dragged:
                continue
            total = sum(splitter.sizes())
            height = min(self._wanted[name], total - LEAST_REST * (splitter.count() - 1))
            others = (total - height) // max(1, splitter.count() - 1)
            splitter.setSizes([height if at == place else others for at in range(splitter.count())])

    def _main(self) -> QMainWindow:
        window = self._window()
        assert window is not None, "its places are asked for"
        return window

    def _made(self, spec: PanelSpec) -> QWidget:
        make = self._make()
        assert make is not None, "the window's own"
        return make(spec)

    def _replace(self, kept: QWidget, panel: QWidget) -> None:
        parent = kept.parentWidget()
        if isinstance(parent, QSplitter):
            index, sizes = parent.indexOf(kept), parent.sizes()
            parent.replaceWidget(index, panel)
            parent.setSizes(sizes)
            for name, splitter in self._splitters.items():
                if splitter is parent:
                    splitter.setStretchFactor(index, STRETCHES[name][index])
        else:
            layout = None if parent is None else parent.layout()
            assert layout is not None, "it was arranged"
            layout.replaceWidget(kept, panel)
        # Python's own, it goes when nobody holds it.
        kept.setParent(None)

    def _arranged(self) -> dict[str, QSplitter]:
        across, down = Qt.Orientation.Horizontal, Qt.Orientation.Vertical
        left = _column(*self._kept_in(Area.LEFT), grows=self._kept["settings"])
        middle = _column(*self._kept_in(Area.MIDDLE), grows=self._kept["graph"])
        bottom = _splitter(across, *self._kept_in(Area.BOTTOM), self._tabs)
        right = _splitter(down, *self._kept_in(Area.RIGHT))
        both = _splitter(down, middle, bottom)
        columns = _splitter(across, left, both, right)
        splitters = {"bottom": bottom, "right": right, "middle": both, "columns": columns}
        for name, splitter in splitters.items():
            splitter.splitterMoved.connect(partial(self._note_drag, name))
            for index, stretch in enumerate(STRETCHES[name]):
                splitter.setStretchFactor(index, stretch)
        self._main().setCentralWidget(columns)
        return splitters

    def _note_drag(self, name: str, *_place: int) -> None:
        self._dragged.add(name)

    def _kept_in(self, area: Area) -> list[QWidget]:
        return [self._kept[spec.name] for spec in PANELS if spec.area is area]


class _OwnWindow(QWidget):
    """A window of its own around a panel; it goes with the main window."""

    def __init__(self, panel: QWidget, spec: PanelSpec, parent: QWidget) -> None:
        super().__init__(parent, Qt.WindowType.Window)
        self.setWindowTitle(f"{spec.title} — PyTorch Playground")
        self.resize(spec.width, spec.height)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(panel)
        closing = QAction("Close", self)
        closing.setShortcuts([QKeySequence("Ctrl+W"), QKeySequence(Qt.Key.Key_Escape)])
        closing.triggered.connect(self.close)
        self.addAction(closing)


class _Corner(QObject):
    """Keeps a panel in the lower right corner of another widget, over whatever is there."""

    def __init__(self, panel: QWidget, host: QWidget) -> None:
        super().__init__(panel)
        self._panel, self._host = panel, host
        hidden = panel.isHidden()
        panel.setParent(host.window())
        panel.setVisible(not hidden)
        host.installEventFilter(self)
        panel.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in (
            QEvent.Type.Resize,
            QEvent.Type.Show,
            QEvent.Type.LayoutRequest,
            QEvent.Type.Move,
        ):
            self._place()
        return False

    def _place(self) -> None:
        panel, host = self._panel, self._host
        if panel.isHidden():
            return
        width = min(TOAST_WIDTH, host.width() - 2 * TOAST_MARGIN)
        height = panel.heightForWidth(width) if panel.hasHeightForWidth() else panel.sizeHint().height()
        corner = host.mapTo(host.window(), QPoint(host.width(), host.height()))
        place = QRect(0, 0, width, height)
        place.moveBottomRight(corner - QPoint(TOAST_MARGIN + 1, TOAST_MARGIN + 1))
        if panel.geometry() != place:
            panel.setGeometry(place)
        panel.raise_()


def _kept_place(spec: PanelSpec) -> QWidget:
    """Stands where a panel will be."""
    place = QWidget()
    if spec.height:
        place.setFixedHeight(spec.height)
    if spec.absent and spec.made is Made.PAINTED:
        place.hide()
    return place


def _tabs(name: str) -> QTabWidget:
    tabs = QTabWidget()
    tabs.setObjectName(name)
    tabs.setDocumentMode(True)
    # Its line is white in the dark.
    tabs.tabBar().setDrawBase(False)
    return tabs


def _column(*parts: QWidget, grows: QWidget) -> QWidget:
    """Widgets one above the other, without gaps; one of them takes what room there is."""
    column = QWidget()
    layout = QVBoxLayout(column)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(0)
    for widget in parts:
        layout.addWidget(widget, int(widget is grows))
    return column


def _splitter(orientation: Qt.Orientation, *parts: QWidget) -> QSplitter:
    """Widgets that the user can resize against each other."""
    splitter = QSplitter(orientation)
    splitter.setChildrenCollapsible(False)
    splitter.setHandleWidth(1)
    for widget in parts:
        splitter.addWidget(widget)
    return splitter
