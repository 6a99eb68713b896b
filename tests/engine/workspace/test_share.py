"""A set-up as a line of text, and back: every setting, and every damage."""

from __future__ import annotations

import base64
import json
import string
import zlib
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as some

from playground.data.data_file import DataFile
from playground.own_program import LARGEST_TEXT, OwnProgram
from playground.settings import Settings, make_settings
from playground.stages import OWN, STAGES
from playground.workspace.share import (
    LARGEST,
    SharedTextError,
    decode_setup,
    differing,
    encode_settings,
    looks_shared,
)
from tests.engine.workspace.any_settings import any_settings

PLAIN = some.recursive(
    some.none() | some.booleans() | some.integers() | some.floats(allow_nan=False) | some.text(),
    lambda inner: some.lists(inner, max_size=3) | some.dictionaries(some.text(), inner, max_size=3),
    max_leaves=6,
)


def line_of(data: object, version: int = 1) -> str:
    """A line with any data in it, its checksum right."""
    packed = base64.urlsafe_b64encode(zlib.compress(json.dumps(data).encode())).decode().rstrip("=")
    head = f"tp{version}.{packed}"
    return f"{head}.{zlib.crc32(head.encode()):08x}"


@given(any_settings(), some.dictionaries(some.text(), PLAIN.filter(lambda each: each == each), max_size=3))
def test_every_setting_comes_back(settings: Settings, view: dict[str, object]) -> None:
    view = {key: value for key, value in view.items() if "Infinity" not in json.dumps(value)}
    line = encode_settings(settings, view)
    assert set(line) <= set(string.ascii_letters + string.digits + "-_.")
    setup = decode_setup(line)
    assert dict(setup.view) == view
    assert setup.has_program == (settings.own is not None)
    if settings.own is None:
        assert setup.settings == settings
        return
    came = setup.settings.own
    assert came is not None
    assert (came.text, came.arguments, came.loop) == (
        settings.own.text,
        settings.own.arguments,
        settings.own.loop,
    )
    assert setup.settings.model_copy(update={"own": settings.own}) == settings
    # The same line from there.
    assert encode_settings(setup.settings, view) == line


def test_the_folder_of_a_file_is_nobodys_affair() -> None:
    own = OwnProgram("/home/somebody/secret/mine.py", "pass")
    line = encode_settings(make_settings(stage=OWN, own=own))
    assert decode_setup(line).settings.own == OwnProgram("mine.py", "pass")
    edited = make_settings(stage="nn", own=OwnProgram("/elsewhere/nn.py", "pass"))
    came = decode_setup(encode_settings(edited)).settings
    assert came.own is not None
    assert Path(came.own.path) == came.edited_from.source_file


def test_of_a_data_file_only_the_name_is_told() -> None:
    file = DataFile("/home/somebody/secret/table.csv", "csv", ("a", "b"), ("c",), 2, 1)
    settings = make_settings(stage="nn", data_file=file)
    came = decode_setup(encode_settings(settings)).settings
    assert came.data_file == replace(file, path="table.csv")
    assert came.model_copy(update={"data_file": file}) == settings


@pytest.mark.parametrize("path", ["../../etc/passwd", "C:\\Users\\x\\a.py", "/a/b.py"])
def test_a_path_that_somebody_has_put_in_leads_nowhere(path: str) -> None:
    own = {"path": path, "text": "pass"}
    came = decode_setup(line_of({"settings": {"stage": OWN, "own": own}})).settings.own
    assert came is not None
    assert not {"/", "\\"} & set(came.path)


@pytest.mark.parametrize("stage", [stage.name for stage in STAGES])
def test_of_the_defaults_only_the_stage_is_said(stage: str) -> None:
    assert differing(make_settings(stage=stage)) == {"stage": stage}
    assert differing(make_settings(stage=stage, same_start=True)) == {"stage": stage, "same_start": True}
    assert len(encode_settings(make_settings(stage=stage))) < 80


def test_spaces_line_ends_and_quotation_marks_around_do_not_matter() -> None:
    settings = make_settings(stage="dynamic", seed=7)
    line = encode_settings(settings)
    wrapped = f'  "{line[:20]}\n  {line[20:]}"\n'
    assert decode_setup(wrapped).settings == settings
    assert looks_shared(wrapped)
    assert not looks_shared("tp.py")
    assert not looks_shared("session.tp1")


@given(some.data())
def test_a_sign_that_is_missing_changed_or_too_many_is_noticed(data: some.DataObject) -> None:
    line = encode_settings(make_settings(stage="optim", seed=12345))
    place = data.draw(some.integers(0, len(line) - 1))
    other = data.draw(some.sampled_from(string.ascii_letters + string.digits + "-_."))
    damaged = [line[:place], line[:place] + line[place + 1 :], line[:place] + other + line[place:]]
    if other != line[place]:
        damaged.append(line[:place] + other + line[place + 1 :])
    for text in damaged:
        refused(text)


@given(some.text())
def test_a_foreign_text_gives_one_line(text: str) -> None:
    refused(text)


def refused(text: str) -> str:
    with pytest.raises(SharedTextError) as caught:
        decode_setup(text)
    assert len(str(caught.value).splitlines()) == 1
    assert len(str(caught.value)) < 400
    return str(caught.value)


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("", "an empty text is not allowed"),
        ("https://example.org/", "is no set-up; allowed: a text that begins with tp1."),
        (line_of({"settings": {"stage": "nn"}}, version=2), "newer version of this program (tp2)"),
        (line_of({"settings": {"stage": "nn"}}, version=0), "is damaged"),
        (line_of({"settings": {"stage": "cnn"}}), "stage: 'cnn' is not allowed; allowed: one of numpy"),
        (line_of({"settings": {"stage": "nn", "steps": 10**9}}), "steps: 1000000000 is not allowed"),
        (line_of({"settings": {"stage": "nn", "colour": 1}}), "there is no such setting"),
        (line_of({"settings": {"stage": OWN, "own": {"path": 1}}}), "own"),
        (line_of({"settings": {"stage": OWN, "own": "text"}}), "own"),
        (line_of({"settings": {"stage": "cnn", "own": {"path": "a", "text": ""}}}), "stage: 'cnn'"),
        (line_of({"settings": [1]}), "is damaged"),
        (line_of({"view": {}}), "is damaged"),
        (line_of({"settings": {"stage": "nn"}, "view": []}), "is damaged"),
        (line_of([1]), "is damaged"),
        (line_of("x" * (LARGEST + 1)), "is too long"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(line: str, why: str) -> None:
    assert why in refused(line)


def test_a_bomb_is_not_unpacked() -> None:
    packed = base64.urlsafe_b64encode(zlib.compress(b"[" * 10**8)).decode().rstrip("=")
    head = f"tp1.{packed}"
    assert "is too long" in refused(f"{head}.{zlib.crc32(head.encode()):08x}")
    deep = json.loads("[" * 500 + "]" * 500)
    refused(line_of(deep))


def test_the_longest_program_fits() -> None:
    own = OwnProgram("a.py", "\x01" * LARGEST_TEXT)
    settings = make_settings(stage=OWN, own=own)
    assert decode_setup(encode_settings(settings)).settings == settings
