"""The player: a cursor that is moved by hand or moves by itself, and stays within its recording."""

from __future__ import annotations

from dataclasses import replace

import pytest
from pytestqt.qtbot import QtBot

from playground.recording.model import Recording
from tests.gui.recordings import LOSS, small_recording
from ui.state.player import Player

RECORDING = small_recording()
LAST = len(RECORDING.events) - 1
QUICK = 1000.0


@pytest.fixture
def player(qtbot: QtBot) -> Player:
    player = Player()
    player.set_speed(QUICK)
    return player


def moves_of(player: Player) -> list[int]:
    moves: list[int] = []
    player.moved.connect(moves.append)
    return moves


def test_start_goes_to_the_first_event_and_stands_still(player: Player) -> None:
    moves = moves_of(player)
    player.start(RECORDING)
    assert (player.cursor, player.recording, player.playing) == (0, RECORDING, False)
    assert moves == [0]


def test_every_way_to_move(player: Player) -> None:
    player.set_recording(RECORDING, 3)
    moves = moves_of(player)
    for move in (player.next, player.last, player.first):
        move()
    player.go(7)
    assert moves == [4, LAST, 0, 7]
    assert player.cursor == 7


def test_the_ends_hold(player: Player) -> None:
    player.set_recording(RECORDING, LAST)
    moves = moves_of(player)
    player.next()
    player.last()
    assert moves == []
    player.go(LAST + 100)
    assert moves == []
    player.go(-3)
    player.first()
    assert moves == [0]


def test_playing_visits_every_event_and_stops_at_the_end(qtbot: QtBot, player: Player) -> None:
    player.start(RECORDING)
    moves = moves_of(player)
    told: list[bool] = []
    player.playing_changed.connect(told.append)
    player.play(True)
    qtbot.waitUntil(lambda: told == [True, False])
    assert moves == list(range(1, LAST + 1))
    assert not player.playing


def test_playing_at_the_end_starts_from_the_first(qtbot: QtBot, player: Player) -> None:
    player.set_recording(RECORDING, LAST)
    moves = moves_of(player)
    with qtbot.waitSignal(player.playing_changed, check_params_cb=lambda playing: not playing):
        player.play(True)
    assert moves == list(range(LAST + 1))


def test_a_move_by_hand_does_not_end_playing(qtbot: QtBot, player: Player) -> None:
    player.start(RECORDING)
    player.play(True)
    player.go(LAST - 2)
    assert player.playing
    moves = moves_of(player)
    with qtbot.waitSignal(player.playing_changed):
        pass
    assert moves == [LAST - 1, LAST]


def test_pausing_says_so_once(qtbot: QtBot, player: Player) -> None:
    player.start(RECORDING)
    told: list[bool] = []
    player.playing_changed.connect(told.append)
    for playing in (True, True, False, False):
        player.play(playing)
    assert told == [True, False]


def test_one_event_is_played_and_over(qtbot: QtBot, player: Player) -> None:
    player.start(replace(RECORDING, events=RECORDING.events[:1]))
    with qtbot.waitSignals([player.playing_changed, player.playing_changed], order="strict"):
        player.play(True)
    assert player.cursor == 0
    assert not player.playing


@pytest.mark.parametrize("recording", [None, replace(RECORDING, events=())])
def test_without_an_event_nothing_happens(player: Player, recording: Recording | None) -> None:
    player.set_recording(recording, None)
    said: list[object] = []
    player.moved.connect(said.append)
    player.playing_changed.connect(said.append)
    for call in (player.first, player.last, player.next):
        call()
    player.go(3)
    player.play(True)
    assert said == []
    assert player.cursor is None


def test_another_recording_is_taken_up_silently(qtbot: QtBot, player: Player) -> None:
    player.start(RECORDING)
    player.play(True)
    with qtbot.assertNotEmitted(player.moved), qtbot.assertNotEmitted(player.playing_changed):
        player.set_recording(replace(RECORDING, step=121), LOSS)
    assert (player.cursor, player.playing) == (LOSS, True)
    with qtbot.waitSignal(player.playing_changed):
        player.set_recording(None, None)
    assert not player.playing


@pytest.mark.parametrize("cursor", [-1, LAST + 1])
def test_a_cursor_outside_the_recording_is_refused(player: Player, cursor: int) -> None:
    with pytest.raises(ValueError, match=f"cursor: {cursor} "):
        player.set_recording(RECORDING, cursor)
    assert player.recording is None


@pytest.mark.parametrize("speed", [0.0, -1.0, float("nan"), float("inf")])
def test_an_impossible_speed_is_refused(player: Player, speed: float) -> None:
    with pytest.raises(ValueError, match="speed: "):
        player.set_speed(speed)
