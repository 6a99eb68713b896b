"""How the views are arranged."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from ui.state.view_options import View, ViewOptions


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
