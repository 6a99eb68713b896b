"""What runs differ in."""

from __future__ import annotations

from playground.runs.archive import (
    RunArchive,
)
from playground.runs.changes import changes_between
from playground.runs.settings_table import NOT_THERE, SettingsRow, differences
from playground.settings import make_settings
from tests.engine.runs.made_runs import STEPS, begin, kept


def test_runs_alike_differ_in_nothing() -> None:
    archive = RunArchive()
    table = differences([begin(archive, 0), begin(archive, 1)])
    assert (table.runs, table.rows) == ((0, 1), ())
    assert differences([]).rows == differences(archive.entries[:1]).rows == ()


def test_each_setting_that_differs_is_a_row() -> None:
    archive = RunArchive()
    begin(archive, 2, learning_rate=1e-6, steps=500, depth="0:3", threads=0, seed=1)
    begin(archive, 5, learning_rate=0.5, steps=10_000_000, depth="2:2", threads=4, seed=1)
    begin(archive, 6, learning_rate=2.0, steps=500, depth="0:3", threads=0, seed=1)
    table = differences(archive.entries)
    assert table.runs == (2, 5, 6)
    assert table.rows == (
        SettingsRow("learning rate", ("1e-6", "0.5", "2")),
        SettingsRow("steps", ("500", "10000000", "500")),
        SettingsRow("threads", ("automatic", "4", "automatic")),
    )


def test_the_depth_is_a_row_only_where_it_is_used() -> None:
    archive = RunArchive()
    begin(archive, 0, stage="autograd", depth="2:2")
    begin(archive, 1, stage="dynamic", depth="0:3")
    begin(archive, 2, stage="dynamic", depth="1:3")
    rows = {row.name: row.values for row in differences(archive.entries).rows}
    assert rows["depth"] == ("—", "0:3", "1:3")


def test_the_start_is_told_in_words() -> None:
    archive = RunArchive()
    begin(archive, 0)
    begin(archive, 1, same_start=True, dtype="float32")
    rows = {row.name: row.values for row in differences(archive.entries).rows}
    assert rows["same start"] == ("off", "on")
    assert rows["dtype"] == ("default", "float32")


def test_an_optimizers_own_numbers_are_rows() -> None:
    archive = RunArchive()
    begin(archive, 0, stage="module")
    begin(archive, 1, stage="module", optimizer_options={"momentum": 0.9, "nesterov": True})
    begin(archive, 2, stage="module", optimizer="Adam", optimizer_options={"betas": (0.5, None)})
    assert differences(archive.entries).rows == (
        SettingsRow("optimizer", ("SGD", "SGD", "Adam")),
        SettingsRow("betas", (NOT_THERE, NOT_THERE, "0.5, none")),
        SettingsRow("momentum", ("default", "0.9", NOT_THERE)),
        SettingsRow("nesterov", ("default", "on", NOT_THERE)),
    )


def test_a_stage_without_an_optimizer_updates_by_hand() -> None:
    archive = RunArchive()
    entries = [begin(archive, 0, stage="nn"), begin(archive, 1, stage="module")]
    assert differences(entries).rows == (
        SettingsRow("stage", ("nn", "module")),
        SettingsRow("optimizer", ("by hand", "SGD")),
    )


def test_what_was_changed_in_mid_run_is_a_difference() -> None:
    archive = kept(3)
    old, new = make_settings(), make_settings(learning_rate=1e-5)
    archive.set_changes(1, changes_between(40, old, new, {}))
    archive.set_changes(2, changes_between(STEPS, old, new, {}))
    (row,) = differences(archive.entries).rows
    assert row == SettingsRow("changed in mid-run", (NOT_THERE, "lr 1e-6 → 1e-5 at step 40", NOT_THERE)), (
        "a change after the last step has changed nothing"
    )
