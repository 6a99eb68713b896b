"""What runs on which device, found by training there; a device that is not here is played by the CPU."""

from __future__ import annotations

import functools
import json
import random
from collections.abc import Callable

import numpy as np
import pytest
import torch

from playground.comparing.device_check import check_devices, settings_on
from playground.comparing.device_results import COMPARED_STEPS, TOLERANCE
from playground.comparing.device_text import COLUMNS, as_text, device_row, stage_row, to_plain
from playground.devices import Device, list_devices, synchronize
from playground.programs.program import program_of
from playground.settings import Settings, changed
from playground.stages import STAGES, stage_named
from playground.threads import ThreadCounts, Threads
from playground.trainer import Trainer
from tests.engine.command_line.test_command_line import Run, assert_complains, run

__all__ = ["run"]

SMALL = {"batch_size": 3, "input_size": 7, "hidden_size": 5, "output_size": 2}
NAMES = [stage.name for stage in STAGES]
ON_ANY = [stage.name for stage in STAGES if stage.on_any_device]


DEVICES = (
    Device("cpu", "CPU"),
    Device("cuda:0", "cuda:0  Big Card"),
    Device("cuda:1", "cuda:1  Small Card"),
    Device("mps", "mps", "this build of torch has no Metal (macOS only)"),
)


@pytest.fixture
def two_cards(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """A machine with two cards, which do not work."""
    monkeypatch.setattr("playground.comparing.device_check.list_devices", lambda: DEVICES)
    monkeypatch.setattr("playground.trainer.resolve_device", lambda name: torch.device(FAILING[name]))
    return monkeypatch


@pytest.fixture(autouse=True)
def few_timed_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing here depends on how fast a device is."""
    monkeypatch.setattr("playground.comparing.device_check.TIMED_STEPS", 3)


FAILING = {"cpu": "cpu", "cuda:0": "cuda:98", "cuda:1": "cuda:99"}


@pytest.fixture
def played(two_cards: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """A machine with two cards whose work the CPU does."""
    two_cards.setattr("playground.trainer.resolve_device", lambda name: torch.device("cpu"))
    two_cards.setattr("playground.trainer.program_of", lambda each: program_of(changed(each, device="cpu")))
    two_cards.setattr("playground.devices.resolve_device", torch.device)
    two_cards.setattr(torch.accelerator, "synchronize", lambda device: None)
    return two_cards


@pytest.fixture
def small_sizes(monkeypatch: pytest.MonkeyPatch) -> None:
    """The command checks at the document's sizes; for its tests small ones will do."""
    small = functools.partial(check_devices, values=SMALL)
    monkeypatch.setattr("playground.comparing.device_check.check_devices", small)


def losses_of(stage: str, dtype: str) -> list[float]:
    made = stage_named(stage)
    assert made is not None
    trainer = Trainer(settings_on(made, "cpu").model_copy(update={"dtype": dtype}))
    return [trainer.step() for _ in range(COMPARED_STEPS)]


def test_every_stage_passes_on_the_cpu() -> None:
    first, *others = check_devices(values=SMALL)
    assert first.device == Device("cpu", "CPU")
    assert [each.stage for each in first.stages] == NAMES
    assert first.passed
    for each in first.stages:
        assert each.max_relative_difference == 0.0
        assert each.elsewhere == 0
        assert each.steps_per_second is not None
        assert each.steps_per_second > 0
    assert [each.device for each in others] == list(list_devices()[1:])
    assert all(each.stages == () for each in others if not each.device.available)


def test_last_loss_and_events_are_those_of_a_run_by_hand() -> None:
    found = check_devices(["autograd"], values=SMALL)[0].stages[0]
    stage = stage_named("autograd")
    assert stage is not None
    trainer = Trainer(settings_on(stage, "cpu", SMALL))
    assert found.last_loss == [trainer.step() for _ in range(COMPARED_STEPS)][-1]
    assert found.events == len(trainer.record_step().events)


def test_the_middle_layer_takes_part_in_the_recorded_step() -> None:
    module, dynamic = check_devices(["module", "dynamic"], values=SMALL)[0].stages
    assert module.events is not None
    assert dynamic.events is not None
    assert dynamic.events > module.events


@pytest.mark.parametrize("stage", ["numpy", "nn", "optim", "dynamic"])
def test_rounding_alone_stays_within_the_tolerance(stage: str) -> None:
    # float64 stands for a device that rounds otherwise.
    single, double = np.array(losses_of(stage, "float32")), np.array(losses_of(stage, "float64"))
    assert np.isfinite(single).all()
    assert 0 < np.max(np.abs(single - double) / double) < TOLERANCE / 20


def test_generators_and_settings_stay_as_they_were(monkeypatch: pytest.MonkeyPatch) -> None:
    random.seed(5)
    np.random.seed(5)
    torch.manual_seed(5)
    drawn = random.random(), np.random.rand(), torch.rand(1).item()
    random.seed(5)
    np.random.seed(5)
    torch.manual_seed(5)
    check_devices(["numpy", "dynamic"], values=SMALL)
    assert (random.random(), np.random.rand(), torch.rand(1).item()) == drawn


def test_progress_is_heard_before_each_run_and_ends_what_it_wants_to_end() -> None:
    heard: list[tuple[int, int]] = []
    check_devices(["nn", "optim"], lambda done, of: heard.append((done, of)), values=SMALL)
    assert heard == [(0, 2), (1, 2), (2, 2)]

    class Stopped(Exception):
        pass

    def stop(done: int, of: int) -> None:
        if done == 1:
            raise Stopped

    with pytest.raises(Stopped):
        check_devices(["nn", "optim"], stop, values=SMALL)


def test_threads_are_set_for_each_run() -> None:
    stages: list[str] = []

    class Heard(Threads):
        def use(self, settings: Settings) -> ThreadCounts:
            stages.append(settings.stage)
            return super().use(settings)

    check_devices(["nn", "optim"], threads=Heard(), values=SMALL)
    # The reference, and the CPU as a device.
    assert stages == ["nn", "nn", "optim", "optim"]


# Devices that are not here


def test_each_card_is_checked_and_numpy_stays_on_the_cpu(played: pytest.MonkeyPatch) -> None:
    cpu, first, second, *absent = check_devices(values=SMALL)
    assert [each.device.name for each in (first, second)] == ["cuda:0", "cuda:1"]
    for card in (first, second):
        numpy, *others = card.stages
        assert (numpy.stage, numpy.unused, numpy.passed) == ("numpy", "NumPy runs on the CPU only", True)
        assert [each.stage for each in others] == ON_ANY
        assert [each.max_relative_difference for each in others] == [0.0] * len(ON_ANY)
        # What was recorded says where the results really are.
        assert all(each.elsewhere == each.events for each in others)
        assert card.passed
    assert cpu.passed
    assert [each.stages for each in absent] == [()] * len(absent)


def test_the_clock_waits_for_the_card(played: pytest.MonkeyPatch) -> None:
    waited: list[torch.device] = []
    played.setattr(torch.accelerator, "synchronize", waited.append)
    check_devices(["nn"], values=SMALL)
    assert waited == [torch.device("cuda", 0)] * 2 + [torch.device("cuda", 1)] * 2
    synchronize("cpu")
    assert len(waited) == 4


def test_random_states_of_cards_are_put_back(played: pytest.MonkeyPatch) -> None:
    put_back: list[tuple[str, str]] = []
    played.setattr(torch.cuda, "get_rng_state", lambda device: f"state of {device}")
    played.setattr(torch.cuda, "set_rng_state", lambda state, device: put_back.append((state, device)))
    check_devices(["nn"], values=SMALL)
    assert put_back == [("state of cuda:0", "cuda:0"), ("state of cuda:1", "cuda:1")]


Product = Callable[[torch.Tensor, torch.Tensor], torch.Tensor]


def in_tf32(x: torch.Tensor) -> torch.Tensor:
    mantissa, exponent = torch.frexp(x)
    return torch.ldexp(torch.round(mantissa * 2**11) / 2**11, exponent)


def test_a_device_with_fewer_digits_fails(played: pytest.MonkeyPatch) -> None:
    product: Product = torch.Tensor.mm
    runs = 0

    def resolve(name: str) -> torch.device:
        nonlocal runs
        # Of one stage: the reference, the CPU, and then the cards.
        runs += 1
        if runs == 3:
            played.setattr(torch.Tensor, "mm", lambda a, b: product(in_tf32(a), in_tf32(b)))
        return torch.device("cpu")

    played.setattr("playground.trainer.resolve_device", resolve)
    cpu, card, *_ = check_devices(["tensor"])
    (found,) = card.stages
    assert cpu.passed
    assert not card.passed
    assert found.max_relative_difference is not None
    assert found.max_relative_difference > TOLERANCE
    assert found.problem == (
        f"a loss is a relative {found.max_relative_difference:.1e} from the CPU’s; allowed: 1e-04"
    )
    assert stage_row(found, cpu)[-1] == found.problem


def test_a_card_that_does_not_work_fails_and_the_others_go_on(two_cards: pytest.MonkeyPatch) -> None:
    cpu, first, *_ = check_devices(["numpy", "nn"], values=SMALL)
    assert cpu.passed
    assert [each.passed for each in first.stages] == [True, False]
    problem = first.stages[1].problem
    assert any(word in problem.lower() for word in ("cuda", "nvidia"))
    assert "\n" not in problem


# The command


def test_the_command_lists_devices(run: Run) -> None:
    ended = run("devices")
    assert (ended.status, ended.err) == (0, "")
    lines = ended.out.splitlines()
    devices = list_devices()
    assert [line.split()[0] for line in lines] == [device.name for device in devices]
    for line, device in zip(lines, devices, strict=True):
        assert line.split(None, 1)[1].startswith("here" if device.available else f"not here: {device.reason}")


def test_the_command_lists_them_as_json(run: Run) -> None:
    ended = run("devices", "--json")
    assert (ended.status, ended.err) == (0, "")
    assert json.loads(ended.out) == [
        {"name": each.name, "available": each.available, "label": each.label, "reason": each.reason or None}
        for each in list_devices()
    ]


def test_the_command_checks(run: Run, small_sizes: None) -> None:
    ended = run("devices", "--check")
    assert (ended.status, ended.err) == (0, "")
    lines = ended.out.splitlines()
    assert lines[0].split() == " ".join(COLUMNS).split()
    assert [line.split()[0] for line in lines[2:10]] == NAMES
    assert all(line.endswith(" events  passed") for line in lines[2:10])
    assert "Allowed is a relative difference of 1e-04" in lines[-1]


def test_the_command_checks_as_json(run: Run, small_sizes: None) -> None:
    cpu = json.loads(run("devices", "--check", "--json").out)[0]
    assert (cpu["name"], cpu["available"], cpu["passed"]) == ("cpu", True, True)
    assert (cpu["tolerance"], cpu["steps"]) == (TOLERANCE, COMPARED_STEPS)
    assert list(cpu["stages"]) == NAMES
    for found in cpu["stages"].values():
        assert (found["passed"], found["problem"], found["max_relative_difference"]) == (True, None, 0.0)
        assert found["steps_per_second"] > 0
        assert found["recorded_events"] > 0


def test_a_failed_check_ends_with_1(run: Run, small_sizes: None, two_cards: pytest.MonkeyPatch) -> None:
    ended = run("devices", "--check", "--json")
    assert (ended.status, ended.err) == (1, "")
    cpu, first, *_ = json.loads(ended.out)
    assert (cpu["passed"], first["passed"]) == (True, False)
    assert first["stages"]["numpy"]["passed"] is None
    assert first["stages"]["numpy"]["problem"] == "NumPy runs on the CPU only"
    assert all(first["stages"][name]["problem"] for name in ON_ANY)
    text = run("devices", "--check")
    assert text.status == 1
    assert "cuda:0  Big Card" in text.out


def test_a_terminal_hears_how_far_it_is(run: Run, small_sizes: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    lines = run("devices", "--check").err.splitlines()
    assert lines[0] == "checking: 0 of 8 …"
    assert lines[-1] == "checking: 8 of 8 …"


@pytest.mark.parametrize("arguments", [["--stage", "nn"], ["--check", "--check"], ["cpu"], ["--chec"]])
def test_the_command_refuses_what_it_does_not_know(run: Run, arguments: list[str]) -> None:
    assert_complains(run("devices", *arguments), arguments[0])


def test_words_of_a_machine_with_a_card(played: pytest.MonkeyPatch) -> None:
    cpu, card, _, absent = check_devices(["numpy", "nn"], values=SMALL)
    assert device_row(card) == ("cuda:0  Big Card", "", "", "", "", "here")
    assert device_row(absent) == ("mps", "", "", "", "", "this build of torch has no Metal (macOS only)")
    numpy, nn = (stage_row(found, cpu) for found in card.stages)
    assert numpy == ("numpy", "", "", "", "", "NumPy runs on the CPU only")
    own, other = card.speed("nn"), cpu.speed("nn")
    assert own is not None
    assert other is not None
    assert nn[0] == "nn"
    assert float(nn[2]) == pytest.approx(own / other, abs=0.006)
    assert nn[3] == "0"
    assert nn[5] == f"{card.stages[1].events} of the events on another device"
    lines = as_text((cpu, card)).splitlines()
    assert [line.split("  ")[0] for line in lines[1:7:3]] == ["CPU", "cuda:0"]
    assert to_plain((cpu, card))[1]["label"] == "cuda:0  Big Card"
