"""Of several requests of one kind the latest is answered, whatever was asked of another kind."""

from __future__ import annotations

from pytestqt.qtbot import QtBot

from tests.gui.state.desk import PATIENCE, Desk
from ui.session.requests import CostsRequest, DevicesRequest, RosettaRequest
from ui.session.session import RunState
from ui.state.latest_requests import LatestRequests


def test_the_latest_of_each_kind_is_answered(qtbot: QtBot, desk: Desk) -> None:
    requests = LatestRequests(desk.session)
    answered: list[tuple[object, bool, str]] = []
    requests.answered.connect(
        lambda request, answer, why: answered.append((request, answer is not None, why))
    )
    settings = desk.session.settings
    older, newer = RosettaRequest("numpy", "tensor", settings), RosettaRequest("numpy", "nn", settings)
    costs = CostsRequest(("numpy",), settings)
    for request in (older, costs, newer):
        requests.ask(request)
    assert requests.latest(RosettaRequest) is newer
    qtbot.waitUntil(lambda: len(answered) == 2, timeout=PATIENCE)
    assert {id(request) for request, _, _ in answered} == {id(costs), id(newer)}
    assert all(is_there and not why for _, is_there, why in answered)


def test_one_that_was_stopped_is_not_answered(qtbot: QtBot, desk: Desk) -> None:
    requests = LatestRequests(desk.session)
    answered: list[object] = []
    requests.answered.connect(lambda request, *_: answered.append(request))
    stopped = DevicesRequest(1, 1)
    requests.ask(stopped)
    requests.stop(DevicesRequest)
    assert requests.latest(DevicesRequest) is None
    # Asked after it, so answered after it.
    last = CostsRequest(("numpy",), desk.session.settings)
    requests.ask(last)
    qtbot.waitUntil(lambda: bool(answered), timeout=PATIENCE)
    assert answered == [last]


def test_a_run_is_paused_for_it(qtbot: QtBot, desk: Desk) -> None:
    requests = LatestRequests(desk.session)
    desk.choose(steps=1_000_000)
    desk.session.train()
    qtbot.waitUntil(lambda: desk.session.steps_made > 5, timeout=PATIENCE)
    with qtbot.waitSignal(requests.answered, timeout=PATIENCE):
        requests.ask(CostsRequest(("numpy",), desk.session.settings))
    qtbot.waitUntil(lambda: desk.session.state is RunState.PAUSED, timeout=PATIENCE)
    assert len(desk.runs.archive.entries) == 1
