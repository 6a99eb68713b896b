"""Where the panels stand: columns, tabs, and windows of their own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from weakref import WeakMethod, WeakValueDictionary, ref

from PySide6.QtCore import QByteArray, QEvent, QObject, QPoint, QRect, Qt
from PySide6.QtGui import QAction, QContextMenuEvent, QKeySequence, QPixmap
from PySide6.QtWidgets import (
    QDialog,
    QMainWindow,
    QSizePolicy,
    QSplitter,
    QTabWidget,
    QToolBar,
    QVBoxLayout,
    QWidget,
)
from shiboken6 import isValid

from ui.shell.preferences import decoded, encoded
from ui.shell.projector import Projection
from ui.shell.registry import PANELS, Area, Made, PanelSpec, panel_named
from ui.shell.view_tabs import ViewTabs
from ui.state.view_options import Hideable, View, ViewOptions
from ui.widgets.picture_menu import PANEL, offer_copy

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
HOLDERS: dict[str, frozenset[Hideable]] = {
    "left": frozenset({"ladder", "settings"}),
    "bottom": frozenset({"loss", "details"}),
    "both": frozenset({"graph", "loss", "details"}),
    "right": frozenset({"code", "inspector"}),
}
"""What holds which panels, and takes no room when all of them are hidden."""
_HIDDEN_WITH: dict[Area, Hideable] = {Area.BOTTOM_TAB: "details", Area.VIEW: "graph"}
"""By what name the user hides the tabs in which a panel is."""


class WindowPlaces:
    """Puts each panel where the registry says; what is made later has a place kept for it."""

    def __init__(self, window: QMainWindow, view: View, make: Callable[[PanelSpec], QWidget]) -> None:
        """Keeps a place for every panel of the window.

        Args:
            window: what the panels stand in.
            view: which panels the user has hidden.
            make: makes a panel that is wanted for the first time, with its binding.
        """
        # Only Qt's tree keeps the window and its panels alive: a closed window shall go at once.
        self._window, self._make = ref(window), WeakMethod(make)
        self._view = view
        self._hidden: frozenset[Hideable] = frozenset()
        self._panels: WeakValueDictionary[str, QWidget] = WeakValueDictionary()
        self._windows: WeakValueDictionary[str, QWidget] = WeakValueDictionary()
        self._kept = {
            spec.name: _kept_place(spec)
            for spec in PANELS
            if spec.area in (Area.LEFT, Area.BANNER, Area.MIDDLE, Area.BOTTOM, Area.RIGHT)
        }
        self._tabs = _tabs("details")
        self._views = ViewTabs("views")
        self._wanted: dict[str, int] = {}
        self._dragged: set[str] = set()
        self._waiting: set[str] = set()
        self._holders: dict[str, QWidget] = {}
        self._at_desk: dict[str, str] = {}
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
        panel.setProperty(PANEL, spec.name)
        if spec.object_name:
            panel.setObjectName(spec.object_name)
        if spec.area is Area.TOOLBAR:
            assert isinstance(panel, QToolBar), "the registry says so"
            self._main().addToolBar(panel)
        elif spec.name in self._kept:
            # What has not been placed yet counts as hidden; what has hidden itself stays so.
            hides = panel.testAttribute(Qt.WidgetAttribute.WA_WState_ExplicitShowHide) and panel.isHidden()
            self._replace(self._kept.pop(spec.name), panel)
            panel.setVisible(not (spec.absent or hides or spec.name in self._hidden))
        elif spec.absent:
            # Hidden, but the window's: it goes with it.
            panel.setParent(self._main())
        elif spec.area is Area.BOTTOM_TAB:
            self._tabs.addTab(panel, spec.title)
        elif spec.area is Area.VIEW:
            self._views.add(panel, spec.title)
        elif spec.area is Area.OVERLAY:
            panel.setParent(self._main())
        elif spec.area is Area.TOAST:
            below = [self._panels[each.name] for each in PANELS if each.name in self._panels]
            below = [each for each in below if each.findChild(_Corner) is not None]
            # Over the legend of the graph: below that stand Health's advice and the numbers of the steps.
            _Corner(panel, self._views, below[-1] if below else None)

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
        hidden = self._hidden & {_HIDDEN_WITH.get(spec.area, name)}
        if hidden:
            self._view.change(hidden=self._hidden - hidden)
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
        elif spec.area is Area.VIEW:
            self._views.bring_forward(self._panels[name])
        else:
            self._panels[name].setFocus(Qt.FocusReason.ShortcutFocusReason)

    def give_height(self, name: str, height: int) -> None:
        """Gives a panel so many pixels, unless the user has shared that room; the least is left to others."""
        self._wanted[name] = height
        self._share_as_wanted(name)

    def widen_code(self) -> None:
        """Gives the code half of the window; a second time gives it back what it had."""
        columns = self._splitters["columns"]
        if _lacks_some(columns):
            return
        sizes = columns.sizes()
        if self._narrow is not None and len(self._narrow) == len(sizes):
            columns.setSizes(self._narrow)
            self._narrow = None
            return
        self._narrow = sizes
        wide = round(WIDE * sum(sizes))
        columns.setSizes([sizes[0], sum(sizes) - sizes[0] - wide, wide])

    def arrange(self, options: ViewOptions) -> None:
        """Shows the panels that the user wants to see, at a desk or from afar."""
        if options.projector != self._projection.in_force:
            self._project(options.projector)
        names = options.hidden
        if options.projector:
            names -= {"settings"}
            names |= set() if options.drawer else {"settings"}
        if names != self._hidden:
            self._hide_panels(names)
        self._projection.place_drawer()

    def _project(self, on: bool) -> None:
        settings = self._part("settings")
        if on:
            self._at_desk = self.shares()
            self._projection.begin(settings)
        else:
            self._projection.end(settings)
            settings.setVisible("settings" not in self._hidden)
            at_desk, self._at_desk = self._at_desk, {}
            self.restore(at_desk)

    def _hide_panels(self, names: frozenset[Hideable]) -> None:
        """Hides these panels and shows all others; until they come back, their neighbors have their room."""
        for name in names ^ self._hidden:
            self._part(name).setVisible(name not in names)
        self._hidden = names
        for holder, held in HOLDERS.items():
            # The drawer is nobody's but the window's.
            held -= {"settings"} if self._projection.in_force else set()
            self._holders[holder].setVisible(not held <= names)
        # Without the graph its bars need no more than their height: the rest is for what stands below them.
        policy = self._holders["middle"].sizePolicy()
        policy.setVerticalPolicy(
            QSizePolicy.Policy.Fixed if "graph" in names else QSizePolicy.Policy.Preferred
        )
        self._holders["middle"].setSizePolicy(policy)
        for waiting in [*self._waiting]:
            self._share_as_wanted(waiting)

    def switch_full_screen(self) -> None:
        """Lets the window fill the screen; a second time gives it back its place."""
        window = self._main()
        # One bit of its state: a window that was maximized is so again.
        window.setWindowState(window.windowState() ^ Qt.WindowState.WindowFullScreen)

    def picture_of(self, name: str) -> QPixmap:
        """What is seen of a panel, of the tabs ("details") or of the window, at the screen's pixel ratio."""
        return (self._main() if name == "window" else self._part(name)).grab()

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
        """How the room is shared at a desk, for `restore`."""
        if self._projection.in_force:
            return self._at_desk
        return {name: encoded(bytes(each.saveState().data())) for name, each in self._splitters.items()}

    def _share_as_wanted(self, name: str) -> None:
        panel = self._panels[name]
        for called, splitter in self._splitters.items():
            place = splitter.indexOf(panel)
            if place < 0 or called in self._dragged:
                continue
            if _lacks_some(splitter):
                # It would lose what it had before it was hidden.
                self._waiting.add(name)
                continue
            self._waiting.discard(name)
            total = sum(splitter.sizes())
            height = min(self._wanted[name], total - LEAST_REST * (splitter.count() - 1))
            others = (total - height) // max(1, splitter.count() - 1)
            splitter.setSizes([height if at == place else others for at in range(splitter.count())])

    def _main(self) -> QMainWindow:
        window = self._window()
        assert window is not None, "its places are asked for"
        return window

    def _part(self, name: str) -> QWidget:
        """What stands in the place of a panel, now that it is made or before."""
        if name == "details":
            return self._tabs
        if name == "graph":
            return self._views
        return self._panels.get(name) or self._kept[name]

    def _made(self, spec: PanelSpec) -> QWidget:
        make = self._make()
        assert make is not None, "the window's own"
        return make(spec)

    def _replace(self, kept: QWidget, panel: QWidget) -> None:
        parent = kept.parentWidget()
        if isinstance(parent, QSplitter):
            # Not the sizes: what is hidden has none.
            index, state = parent.indexOf(kept), parent.saveState()
            parent.replaceWidget(index, panel)
            parent.restoreState(state)
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
        middle = _column(
            *self._kept_in(Area.BANNER), self._views, *self._kept_in(Area.MIDDLE), grows=self._views
        )
        bottom = _splitter(across, *self._kept_in(Area.BOTTOM), self._tabs)
        right = _splitter(down, *self._kept_in(Area.RIGHT))
        both = _splitter(down, middle, bottom)
        columns = _splitter(across, left, both, right)
        splitters = {"bottom": bottom, "right": right, "middle": both, "columns": columns}
        for name, splitter in splitters.items():
            splitter.setObjectName(name)
            splitter.splitterMoved.connect(partial(self._note_drag, name))
            for index, stretch in enumerate(STRETCHES[name]):
                splitter.setStretchFactor(index, stretch)
        self._main().setCentralWidget(columns)
        self._projection = Projection(columns, left)
        self._holders = {"left": left, "middle": middle, "bottom": bottom, "both": both, "right": right}
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

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """What has no menu of its own offers a picture."""
        offer_copy(self, event.globalPos())


class _Corner(QObject):
    """Keeps a panel in the lower right corner of another widget, over whatever is there but for one."""

    def __init__(self, panel: QWidget, host: QWidget, below: QWidget | None) -> None:
        super().__init__(panel)
        self._panel, self._host, self._below = panel, host, below
        hidden = panel.isHidden()
        panel.setParent(host.window())
        panel.setVisible(not hidden)
        host.installEventFilter(self)
        panel.installEventFilter(self)
        if below is not None:
            below.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        # What goes with the window tells of it while it goes.
        parts = (self, watched, self._panel, self._host, self._below or self._host)
        if not all(map(isValid, parts)):
            return False
        if event.type() in (
            QEvent.Type.Resize,
            QEvent.Type.Show,
            QEvent.Type.Hide,
            QEvent.Type.LayoutRequest,
            QEvent.Type.Move,
        ):
            self._place()
        return False

    def _place(self) -> None:
        panel = self._panel
        if panel.isHidden():
            return
        host = panel.window() if self._host.isHidden() else self._host
        width = min(TOAST_WIDTH, host.width() - 2 * TOAST_MARGIN)
        height = panel.heightForWidth(width) if panel.hasHeightForWidth() else panel.sizeHint().height()
        corner = host.mapTo(host.window(), QPoint(host.width(), host.height()))
        place = QRect(0, 0, width, height)
        place.moveBottomRight(corner - QPoint(TOAST_MARGIN + 1, TOAST_MARGIN + 1))
        if self._below is not None and not self._below.isHidden():
            place.moveBottom(self._below.geometry().top() - TOAST_MARGIN // 2)
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
    # Takes the room only where what grows is hidden.
    layout.addStretch(0)
    return column


def _lacks_some(splitter: QSplitter) -> bool:
    """Whether something in it is hidden, and so tells no size of its own."""
    parts = [splitter.widget(at) for at in range(splitter.count())]
    return any(part is not None and part.isHidden() for part in parts)


def _splitter(orientation: Qt.Orientation, *parts: QWidget) -> QSplitter:
    """Widgets that the user can resize against each other."""
    splitter = QSplitter(orientation)
    splitter.setChildrenCollapsible(False)
    splitter.setHandleWidth(1)
    for widget in parts:
        splitter.addWidget(widget)
    return splitter
