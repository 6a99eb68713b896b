"""The application's style sheet: what a palette cannot say, by the classes that widgets name.

A widget names its classes with `set_class(widget, "button small")`, and never has a sheet of its own.
"""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from ui.style.colors import mixed
from ui.style.theme import Theme, other


def set_class(widget: QWidget, names: str) -> None:
    """Gives a widget these classes of the style sheet, at any time and in place of those before."""
    if widget.property("class") == names:
        return
    widget.setProperty("class", names)
    if widget.testAttribute(Qt.WidgetAttribute.WA_WState_Polished):
        style = widget.style()
        style.unpolish(widget)
        style.polish(widget)


def style_sheet(theme: Theme) -> str:
    """All rules, in the colors of a theme."""
    return _window(theme) + _words(theme) + _fields(theme) + _buttons(theme) + _lists(theme)


def _window(theme: Theme) -> str:
    return f"""
    QMainWindow::separator, QSplitter::handle {{ background: {theme.border}; }}
    QSplitter.thin::handle {{ height: 1px; }}
    QToolBar {{ background: {theme.surface}; border: 0; border-bottom: 1px solid {theme.border};
        padding: 7px 8px; spacing: 4px; }}
    QToolBar::separator {{ background: {theme.border}; width: 1px; margin: 5px 4px; }}
    QToolBar QToolButton {{ color: {theme.text}; padding: 5px 9px; border: 1px solid transparent;
        border-radius: 6px; }}
    QToolBar QToolButton:hover {{ background: {theme.raised}; border-color: {theme.edge}; }}
    QToolBar QToolButton:focus {{ border: 1px dashed {theme.parameter}; }}
    QToolBar QToolButton:disabled {{ color: {theme.disabled}; }}
    QToolBar QToolButton.next {{ background: {theme.accent}; color: {theme.on_accent};
        font-weight: 600; }}
    QToolBar QToolButton.next:focus {{ border: 1px dashed {theme.on_accent}; }}
    QToolButton#file_button::menu-indicator, QToolButton#compare_button::menu-indicator,
    QToolButton#appearance_button::menu-indicator {{
        subcontrol-position: right center; subcontrol-origin: padding; right: 2px; }}
    QToolButton#file_button, QToolButton#compare_button, QToolButton#appearance_button {{
        padding-left: 4px; padding-right: 14px; }}
    QToolButton#examples_button {{ padding-right: 14px; }}
    QToolButton#examples_button::menu-indicator {{
        subcontrol-position: right center; subcontrol-origin: padding; right: 1px; }}
    QToolTip {{ color: {theme.text}; background: {theme.surface}; border: 1px solid {theme.edge};
        padding: 4px; }}
    QTabWidget::pane {{ border: none; border-top: 1px solid {theme.border}; }}
    QTabBar {{ background: {theme.surface}; }}
    QTabBar::tab {{ color: {theme.muted}; background: {theme.surface}; padding: 7px 5px 6px 6px; border: none;
        border-bottom: 2px solid {theme.surface}; }}
    QTabBar::tab:selected {{ color: {theme.text}; font-weight: 600; border-bottom-color: {theme.accent}; }}
    QTabBar::tab:hover {{ color: {theme.text}; }}
    QTabBar:focus {{ outline: none; }}
    QTabBar::tab:selected:focus {{ color: {theme.parameter}; }}
    """ + _bars(theme)


def _bars(theme: Theme) -> str:
    """Scroll bars and sliders: the same everywhere."""
    return f"""
    QScrollBar {{ background: transparent; border: none; margin: 0; }}
    QScrollBar:horizontal {{ height: 8px; }}
    QScrollBar:vertical {{ width: 8px; }}
    QScrollBar::handle {{ background: {theme.edge}; border-radius: 3px; min-width: 24px; min-height: 24px; }}
    QScrollBar::handle:horizontal {{ margin: 1px 0; }}
    QScrollBar::handle:vertical {{ margin: 0 1px; }}
    QScrollBar::handle:hover {{ background: {theme.faint}; }}
    QScrollBar::add-line, QScrollBar::sub-line {{ width: 0; height: 0; }}
    QScrollBar::add-page, QScrollBar::sub-page {{ background: transparent; }}
    QSlider::groove:horizontal {{ height: 4px; background: {theme.edge}; border-radius: 2px; }}
    QSlider::sub-page:horizontal {{ background: {theme.parameter}; border-radius: 2px; }}
    QSlider::sub-page:horizontal:disabled {{ background: {theme.edge}; }}
    QSlider::handle:horizontal {{ width: 10px; margin: -5px 0; border-radius: 7px;
        background: {theme.surface}; border: 2px solid {theme.parameter}; }}
    QSlider::handle:horizontal:hover, QSlider::handle:horizontal:focus {{ background: {theme.parameter}; }}
    QSlider::handle:horizontal:disabled {{ border-color: {theme.edge}; background: {theme.surface}; }}
    """


def _words(theme: Theme) -> str:
    """Labels, and texts that can be selected: title, muted, error, changed; words, code."""
    selection = f"selection-color: {theme.surface}; selection-background-color: {theme.parameter};"
    return f"""
    .title {{ color: {theme.text}; font-weight: 600; }}
    .muted {{ color: {theme.muted}; }}
    .error {{ color: {theme.error}; }}
    QLabel.changed {{ color: {theme.warning}; background: {theme.warning_ground}; border-radius: 3px;
        padding: 1px 6px; }}
    QLabel.keys {{ color: {theme.surface}; background: {theme.text}; border-radius: 6px; padding: 8px 14px; }}
    .message {{ padding: 24px; }}
    QFrame.line {{ border: none; border-top: 1px solid {theme.border}; margin-top: 4px; }}
    .bare {{ background: transparent; }}
    QTextEdit.words {{ background: transparent; border: none; {selection} }}
    QPlainTextEdit.code {{ color: {theme.text}; background: {theme.surface}; border: none;
        border-top: 1px solid {theme.border}; {selection} }}
    QPlainTextEdit.code:focus {{ border-top-color: {theme.parameter}; }}
    """


def _fields(theme: Theme) -> str:
    """Lines to type in: field, with high where it stands among buttons; rename."""
    selection = f"selection-color: {theme.surface}; selection-background-color: {theme.parameter};"
    return f"""
    QLineEdit.field {{ background: {theme.surface}; padding: 2px 4px; border: 1px solid {theme.faint};
        border-radius: 4px; min-height: 18px; {selection} }}
    QLineEdit.high {{ min-height: 20px; }}
    QLineEdit.field:focus {{ border-color: {theme.parameter}; }}
    QLineEdit.rename {{ background: {theme.surface}; padding: 0 2px; border: 1px solid {theme.parameter};
        border-radius: 3px; {selection} }}
    """


def _buttons(theme: Theme) -> str:
    """Buttons: button, and flat for one without a border.

    A button may be small (and low or wide), first of its panel, left or right in a switch; a flat one may be
    small, a link or a sign. A chip is one of several that can be pressed.
    """
    tint = mixed(theme.surface, theme.parameter, 0.12).name()
    # With the kind of widget: Qt passes over the second of two selectors that name but one class.
    return f"""
    QAbstractButton.button {{ color: {theme.text}; background: {theme.surface}; padding: 1px 7px;
        border: 1px solid {theme.edge}; border-radius: 4px; min-height: 20px; }}
    QAbstractButton.button:checked {{ color: {theme.parameter}; background: {tint};
        border-color: {theme.parameter}; }}
    QAbstractButton.button:disabled {{ color: {theme.disabled}; border-color: {theme.border}; }}
    QAbstractButton.button:hover {{ border-color: {theme.parameter}; }}
    QAbstractButton.button:focus {{ border: 1px dashed {theme.parameter}; }}
    QAbstractButton.button::menu-indicator {{ image: none; }}
    QPushButton.button:pressed {{ background: {theme.border}; }}
    QAbstractButton.small {{ padding: 2px 8px; min-height: 18px; }}
    QAbstractButton.low {{ padding: 1px 7px; }}
    QAbstractButton.wide {{ padding: 2px 10px; }}
    QToolButton.first {{ color: {theme.on_accent}; background: {theme.accent};
        border-color: {theme.accent}; }}
    QToolButton.first:focus {{ border-color: {theme.text}; }}
    QToolButton.first:disabled {{ border-color: {theme.border}; }}
    QToolButton.left {{ border-right-width: 0; border-top-right-radius: 0; border-bottom-right-radius: 0; }}
    QToolButton.right {{ border-top-left-radius: 0; border-bottom-left-radius: 0; }}
    QToolButton.flat {{ color: {theme.text}; background: transparent; padding: 1px 4px;
        border: 1px solid transparent; border-radius: 4px; }}
    QToolButton.flat:hover {{ background: {theme.raised}; border-color: {theme.border}; }}
    QToolButton.flat:disabled {{ color: {theme.disabled}; }}
    QToolButton.flat:focus {{ border-color: {theme.parameter}; }}
    QToolButton.toast {{ color: {other(theme).text}; background: transparent; padding: 1px 7px;
        border: 1px solid {other(theme).edge}; border-radius: 4px; min-height: 18px; }}
    QToolButton.toast:hover, QToolButton.toast:focus {{ border-color: {other(theme).parameter}; }}
    QToolButton.link {{ color: {theme.info}; padding: 1px 3px; }}
    QToolButton.sign {{ padding: 3px; }}
    QToolButton.sign:checked {{ background: {theme.raised}; border-color: {theme.border}; }}
    QToolButton.chip {{ color: {theme.muted}; background: transparent; padding: 2px 4px;
        border: 1px dashed {theme.border}; border-radius: 4px; min-height: 18px; }}
    QToolButton.chip:checked {{ color: {theme.text}; background: {theme.border};
        border: 1px solid {theme.faint}; }}
    QToolButton.chip:hover, QToolButton.chip:focus {{ border-color: {theme.parameter}; }}
    """


def _lists(theme: Theme) -> str:
    """Lists and tables: list; table, grid, tree."""
    edge = f"border: none; border-bottom: 1px solid {theme.border}; border-right: 1px solid {theme.border};"
    return f"""
    QListView.list {{ background: {theme.surface}; border: none; outline: none; }}
    QTableView.table {{ color: {theme.text}; background: {theme.surface}; border: none;
        border-top: 1px solid {theme.border};
        selection-color: {theme.text}; selection-background-color: {theme.border}; }}
    QTableView.table:focus {{ border-top-color: {theme.parameter}; }}
    QTableView.table::item {{ padding: 0 8px; }}
    QTableView.table::item:selected {{ color: {theme.text}; background: {theme.border}; }}
    .table QHeaderView {{ background: {theme.surface}; border: none; }}
    .table QHeaderView::section {{ color: {theme.muted}; background: {theme.surface}; border: none;
        padding: 3px 11px; }}
    QTableView.grid {{ color: {theme.text}; background: {theme.surface}; border: none;
        border-top: 1px solid {theme.border}; gridline-color: {theme.border}; }}
    .grid QHeaderView {{ background: {theme.raised}; border: none; }}
    .grid QHeaderView::section {{ color: {theme.text}; background: {theme.raised}; {edge}
        padding: 1px 6px; }}
    .grid QHeaderView::section:vertical {{ color: {theme.muted}; }}
    .grid QTableCornerButton::section {{ background: {theme.raised}; {edge} }}
    QTreeView.tree {{ color: {theme.text}; background: {theme.surface}; border: 1px solid {theme.border}; }}
    """
