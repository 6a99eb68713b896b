"""How the views are arranged."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from ui.state.view_options import HIDEABLE, View, ViewOptions


def test_a_change_is_told_once() -> None:
    view = View()
    told: list[ViewOptions] = []
    view.changed.connect(told.append)
    view.change(smoothing=20, logarithmic=False)
    view.change(smoothing=20)
    assert [(each.smoothing, each.logarithmic) for each in told] == [(20, False)]
    assert view.options is told[0]


@pytest.mark.parametrize("values", [{"smoothing": -1}, {"appearance": "pink"}, {"colour": 1}])
def test_what_is_not_allowed_changes_nothing(values: dict[str, object]) -> None:
    view = View()
    with pytest.raises(ValidationError):
        view.change(**values)
    assert view.options == ViewOptions()


def test_a_panel_is_hidden_and_shown_but_never_the_last() -> None:
    view = View()
    assert view.switch_panel("code")
    assert view.options.hidden == {"code"}
    assert all(view.switch_panel(name) for name in HIDEABLE[:-1] if name != "code")
    assert not view.switch_panel(HIDEABLE[-1])
    assert view.options.hidden == {*HIDEABLE[:-1]}
    with pytest.raises(ValidationError, match="at least one"):
        view.change(hidden=HIDEABLE)
    assert view.switch_panel("code")
    assert ViewOptions.model_validate_json(view.options.model_dump_json()) == view.options
