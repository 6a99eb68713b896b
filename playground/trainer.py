"""Drives a stage one step at a time, and notes the loss, depth and structure of each step."""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext, suppress
from typing import TYPE_CHECKING, cast

from playground.data.held_out import HeldOutCurve
from playground.devices import resolve_device
from playground.failure import Failure, details_of, one_line
from playground.forward_pass import ForwardPass
from playground.graph.autograd import NodeCount, capture, signature
from playground.graph.model import Graph
from playground.health.live import StepWatch
from playground.health.sample import HealthSample
from playground.history import NO_DEPTH, History
from playground.memory import check_memory, free_on
from playground.optimizers import apply_numbers, check_optimizer, default_numbers
from playground.programs.driver import Driver
from playground.programs.program import Program, program_of
from playground.programs.repainting import repainted
from playground.programs.slots import depth_values
from playground.random_states import kept_random_states as kept_random_states
from playground.recording.finite_difference import EPSILON, GradientCheck, GradientCheckError, check_gradient
from playground.recording.model import Recording
from playground.recording.recorder import StepRecorder
from playground.restarts import repaints, restarting
from playground.runs.changes import Change, changes_between
from playground.runs.series import LossSeries
from playground.settings import Settings
from playground.threads import check_threads
from playground.tracing import StepTracer

if TYPE_CHECKING:
    import torch
    from torch.autograd.graph import Node as GradientFunction

    from playground.threads import Threads


DEEP_LAYER = "middle_linear.weight"
"""The parameter of DynamicNet of which a graph tells how often it was used."""
STEPS_UNTIL_WALKED = 64
"""A graph whose number of nodes is known is taken to have the structure known for it; every so many steps
it is walked all the same. In the eight stages only the depth changes a graph, and with it the number."""


class Trainer:
    """One run of a stage.

    Attributes:
        settings: what the run is made of; `apply` changes what can be changed while it runs.
        history: loss, depth and number of the structure of each step.
        structures: the graphs that the run has built so far, each once, in order of appearance.
            For a stage that builds no graph: the trace of its operations.
        program: the stage's text with the settings that it began with.
        recording: of the step that was recorded last, also of one that failed; None before there is one.
        changes: what was changed after the first step, in order.
        series: the losses of a program of the user's own by their names; of a stage, where some rows are
            held out: its own, and the test loss, computed now and then.
    """

    def __init__(self, settings: Settings, history: History | None = None) -> None:
        """Checks the settings against this machine; allocates nothing large yet.

        Raises:
            SettingsError: a device or an optimizer that is not here.
            NotEnoughMemoryError: the sizes do not fit.
        """
        self.settings = settings
        self.history = History(settings.steps) if history is None else history
        self.structures: list[Graph] = []
        self.program: Program = program_of(settings)
        if settings.own is None:
            check_machine(settings)
        self._driver: Driver | None = None
        self._structure_of: dict[object, int] = {}
        self._depths: list[int] = []
        self._structure_of_count: dict[int, int] | None = {}
        self._structures_of_rows: dict[int, tuple[dict[object, int], dict[int, int] | None]] = {}
        self._nodes = NodeCount()
        self._parameter_index: dict[int, int] | None = None
        self._optimizer: torch.optim.Optimizer | None = None
        self._failed_after_the_loss = False
        self._parameters: Mapping[str, object] = {}
        self.recording: Recording | None = None
        self.changes: list[Change] = []
        self.series: list[LossSeries] = []
        self._test: HeldOutCurve | None = None
        self._settings_from: list[tuple[int, Settings]] = [(0, settings)]

    def step(self) -> float:
        """Makes one step: forward, backward and update.

        Returns:
            The loss that the forward pass gave, before the update.

        Raises:
            Exception: whatever the stage raises; `failure` tells it in plain words.
        """
        driver = self._begun()
        if self._wants_trace:
            return self._traced_step(driver)
        self._nodes.begin()
        forward = self._forward(driver)
        loss = self._note(forward, self._nodes.count(forward.loss))
        try:
            self._finish(driver)
        except Exception:
            self._failed_after_the_loss = True
            raise
        return loss

    def watched_step(self) -> tuple[float, HealthSample, float]:
        """Makes one step like `step`, with the same numbers, and looks at its parameters meanwhile.

        Returns:
            The loss, what was seen, and the seconds that looking took.

        Raises:
            Exception: whatever the stage raises.
        """
        driver = self._begun()
        self._nodes.begin()
        forward = self._forward(driver)
        step = self.history.length
        loss = self._note(forward, self._nodes.count(forward.loss))
        began = time.perf_counter()
        watch = StepWatch(step, forward, driver.variables)
        looked = time.perf_counter() - began
        try:
            self._finish(driver)
        except Exception:
            self._failed_after_the_loss = True
            raise
        finally:
            began = time.perf_counter()
            sample = watch.sample()
        return loss, sample, looked + time.perf_counter() - began

    @property
    def ended(self) -> bool:
        """Whether there is no further step: a program of the user's own may come to its end."""
        return False

    @property
    def can_record(self) -> bool:
        """Whether the next step can be recorded while it is made."""
        return True

    @property
    def can_be_watched(self) -> bool:
        """Whether the program has begun: the first step is made in another way."""
        return self._driver is not None and self.history.length > 0 and not self._wants_trace

    @property
    def _wants_trace(self) -> bool:
        """Whether the operations of the next step are to be written down: of no other step they are known."""
        return not self.settings.program.builds_graph and None not in self._structure_of

    def run(self, until: Callable[[float], bool]) -> None:
        """Makes steps without standing still in between, which is faster than `step` by what that costs.

        Args:
            until: told the loss of every step, when it is done; whether to stand still.

        Raises:
            Exception: whatever the stage raises.
        """
        if (not self.history.length or self._wants_trace) and until(self.step()):
            return
        driver, nodes = self._begun(), self._nodes
        loss = 0.0

        def note(forward: ForwardPass) -> None:
            nonlocal loss
            self._failed_after_the_loss = False
            loss = self._note(forward, nodes.count(forward.loss))
            self._failed_after_the_loss = True

        def is_over() -> bool:
            self._failed_after_the_loss = False
            if self._test is not None:
                self._test.look()
            nodes.begin()
            return until(loss)

        nodes.begin()
        driver.run(note, is_over)

    def started(self) -> Driver:
        """What drives the program, with its data and weights made: nothing more runs than has to for that."""
        return self._begun()

    def test_loss(self) -> float | None:
        """The loss of the rows that are held out, with the weights as they are; None where none are."""
        self._begun()
        return None if self._test is None else self._test.loss()

    def line_now(self) -> int | None:
        """The line that runs now, asked from another thread; None while none of the program's own does."""
        driver = self._driver
        return None if driver is None else driver.line_now()

    def run_out(self) -> None:
        """Runs what follows the last step: nothing in a stage."""

    def stop(self) -> None:
        """Ends the step that is being made, from another thread; the run cannot go on after that.

        `ProgramStopped` is raised on the thread that makes the step as soon as Python has control there.
        """
        driver = self._driver
        if driver is not None:
            driver.stop()

    def trained(self) -> tuple[dict[str, object], Mapping[str, object]]:
        """The program's variables, and what its last step has updated by name; none before the first step."""
        return {} if self._driver is None else self._driver.variables(), self._parameters

    def close(self) -> None:
        """Ends the program where it stands; to be called on the thread that ran it."""
        self._parameters = {}
        if self._driver is not None:
            self._driver.close()

    def __del__(self) -> None:
        """Lets go of the program's arrays at once: its hooks refer to it, and it to them."""
        with suppress(Exception):
            self.close()

    def record_step(self, run: int = 0) -> Recording:
        """Makes one step like `step`, with the same numbers, and records it.

        Args:
            run: the number that the recording shall carry.

        Raises:
            Exception: whatever the stage raises; `recording` then tells how far it came.
        """
        driver = self._begun()
        step = self.history.length
        recorder = StepRecorder(self.program, driver)
        builds_graph = self.settings.program.builds_graph
        forward: ForwardPass | None = None
        with recorder:
            try:
                forward = recorder.forward()
                builds_graph = builds_graph and getattr(forward.loss, "grad_fn", None) is not None
                if builds_graph:
                    self._note(forward)
                recorder.backward()
            except Exception:
                self._failed_after_the_loss = forward is not None
                raise
            finally:
                depth = self.history.depth(step) if self.history.length > step else NO_DEPTH
                self.recording = recording = recorder.recording(
                    self.settings.stage, step, run, None if depth == NO_DEPTH else depth
                )
                if forward is not None and not builds_graph:
                    self._note_trace(forward, recording.graph)
        return recording

    def record_again(
        self,
        step: int,
        run: int = 0,
        on_progress: Callable[[int, int], None] | None = None,
        threads: Threads | None = None,
        around: Callable[[Trainer], AbstractContextManager[object]] | None = None,
    ) -> Recording:
        """Records a step that has been made, or has failed, by making all steps up to it once more.

        The run itself stays where it is: the same seed and settings give the same numbers.

        Args:
            step: counted from 0, at most the next one.
            run: the number that the recording shall carry.
            on_progress: hears how many steps are made, and of how many; what it raises ends the work.
            threads: sets the numbers of threads that the steps were made with, as they change the last bits;
                the last of them stays in force. None leaves the number that is.
            around: entered with the twin of the run before the step is made, for what shall be another there.

        Raises:
            IndexError: a step that the run has not reached.
        """
        if not 0 <= step <= self.history.length:
            raise IndexError(f"step {step} has not been reached; allowed: 0 to {self.history.length}")
        settings_from = list(self._settings_from)
        with kept_random_states():
            again = self._twin(settings_from.pop(0)[1], History(step + 1))
            if threads is not None:
                threads.use(again.settings)
            for number in range(step + 1):
                while settings_from and settings_from[0][0] == number:
                    again.apply(settings_from.pop(0)[1])
                    if threads is not None:
                        threads.use(again.settings)
                if number < step:
                    again.step()
                if on_progress is not None:
                    on_progress(number, step)
            try:
                with nullcontext() if around is None else around(again):
                    return again.record_step(run)
            except Exception:
                if again.recording is None:
                    raise
                return again.recording
            finally:
                again.close()

    def check_gradient(
        self,
        recording: Recording,
        parameter: str,
        index: tuple[int, ...],
        epsilon: float = EPSILON,
        on_progress: Callable[[int, int], None] | None = None,
    ) -> GradientCheck:
        """Measures the slope of the loss along one element of a parameter; see `finite_difference`.

        Raises:
            GradientCheckError: why it cannot be measured, in one line.
        """
        if self._driver is None:
            raise GradientCheckError("no step has been made: there is nothing to nudge")
        with kept_random_states():
            return check_gradient(
                self.program, self._driver, recording, parameter, index, epsilon, on_progress
            )

    def apply(self, settings: Settings) -> None:
        """Takes over new settings from the next step on.

        Raises:
            ValueError: settings that need new weights, hence a new run.
            SettingsError: numbers that the optimizer does not allow.
        """
        wrong = restarting(self.settings, settings)
        if wrong:
            raise ValueError(f"a running network cannot take over another {', '.join(wrong)}")
        check_threads(settings)
        check_optimizer(settings)
        if self._optimizer is not None:
            apply_numbers(self._optimizer, settings)
        self.history.reserve(settings.steps)
        step = self.history.length
        self._settings_from.append((step, settings))
        if step:
            self.changes += changes_between(step, self.settings, settings, default_numbers(settings))
        before, self.settings = self.settings, settings
        if before.batch_size != settings.batch_size:
            # Graphs of other sizes are others, though their structure is the same.
            self._structures_of_rows[before.batch_size] = self._structure_of, self._structure_of_count
            known = self._structures_of_rows.pop(settings.batch_size, ({}, {}))
            self._structure_of, self._structure_of_count = known
        if self._driver is not None:
            self._driver.change({"learning_rate": settings.learning_rate, **depth_values(*settings.depth)})
            if repaints(before, settings):
                self._driver.change(repainted(settings, self._driver.variables()))

    def failure(self, error: BaseException) -> Failure:
        """What `step` raised, as plain text."""
        frames = traceback.extract_tb(error.__traceback__)
        lines = [frame.lineno for frame in frames if frame.filename == self.program.filename]
        return Failure(
            step=self.history.length - self._failed_after_the_loss,
            line=lines[-1] if lines else None,
            message=one_line(error),
            details=details_of(error),
        )

    def _twin(self, settings: Settings, history: History) -> Trainer:
        """A run of the same program that nobody sees."""
        return Trainer(settings, history)

    def _forward(self, driver: Driver) -> ForwardPass:
        """The first half of a step."""
        return driver.forward()

    def _finish(self, driver: Driver) -> None:
        """The second half of a step."""
        driver.finish()

    def _begun(self) -> Driver:
        """The stage with its data and weights made."""
        if self._driver is None:
            if len(self._settings_from) > 1:
                # Changed before the beginning.
                self.program = program_of(self.settings)
            self._driver = self.program.start(names={"print": _say_nothing})
            self._driver.begin()
            if self.settings.test_share:
                self._test = HeldOutCurve(self.program, self._driver, self.history)
                self.series += self._test.all_series
        if self._test is not None:
            self._test.look()
        return self._driver

    def _traced_step(self, driver: Driver) -> float:
        """A step of a stage that builds no graph: its operations are written down, once a run."""
        tracer = StepTracer(self.program, driver)
        forward: ForwardPass | None = None
        try:
            with tracer:
                forward = tracer.forward()
                tracer.backward()
        except Exception:
            self._failed_after_the_loss = forward is not None
            raise
        finally:
            # Even where the backward pass failed, what ran up to there is shown.
            if forward is not None:
                self._note_trace(forward, tracer.graph())
        return forward.loss.item()

    def _note_trace(self, forward: ForwardPass, graph: Graph) -> None:
        """Notes a step of a stage that builds no graph; its first trace stands for all."""
        if None not in self._structure_of:
            self._structure_of[None] = len(self.structures)
            self._add_structure(graph)
        self._note(forward)

    def _note(self, forward: ForwardPass, count: int | None = None) -> float:
        """Notes a step.

        Args:
            forward: what the stage has handed over.
            count: how many nodes autograd has made in its forward pass, None if that is not known.
        """
        loss = self._number(forward)
        self._parameters = forward.parameters
        root = getattr(forward.loss, "grad_fn", None)
        if self._parameter_index is None:
            self._parameter_index = {id(value): i for i, value in enumerate(forward.parameters.values())}
            self._optimizer = forward.optimizer
        known = self._structure_of_count
        structure = None
        if count is not None and known is not None and self.history.length % STEPS_UNTIL_WALKED:
            structure = known.get(count)
        if structure is None:
            structure = self._walked_structure(root, forward, count)
        self.history.append(loss, self._depths[structure], structure)
        return loss

    def _number(self, forward: ForwardPass) -> float:
        return forward.loss.item()

    def _walked_structure(self, root: object, forward: ForwardPass, count: int | None) -> int:
        """The structure as a walk over the whole graph finds it."""
        assert self._parameter_index is not None, "the first step has filled it"
        key = None if root is None else signature(cast("GradientFunction", root), self._parameter_index)
        structure = self._structure_of.get(key)
        if structure is None:
            structure = self._new_structure(key, forward)
        known = self._structure_of_count
        if count is not None and known is not None and known.setdefault(count, structure) != structure:
            # Two structures of as many nodes: from now on every graph is walked.
            self._structure_of_count = None
        return structure

    def _add_structure(self, graph: Graph) -> None:
        self.structures.append(graph)
        self._depths.append(graph.uses(DEEP_LAYER) if self.settings.program.has_depth else NO_DEPTH)

    def _new_structure(self, key: object, forward: ForwardPass) -> int:
        parameters = cast("Mapping[str, torch.Tensor]", forward.parameters)
        self._add_structure(capture(cast("torch.Tensor", forward.loss), parameters))
        self._structure_of[key] = len(self.structures) - 1
        return len(self.structures) - 1


def check_machine(settings: Settings) -> None:
    """Checks whether this machine can run what the settings ask for; allocates nothing large.

    Raises:
        SettingsError: a device, an optimizer or a number of threads that is not here.
        NotEnoughMemoryError: the sizes do not fit.
    """
    check_threads(settings)
    if settings.program.name == "numpy":
        check_memory(settings)
        return
    device = resolve_device(settings.device)
    check_optimizer(settings)
    check_memory(settings, free=free_on(device))


def _say_nothing(*_values: object, **_options: object) -> None:
    """In place of `print`: what a stage says of its loss, the history holds."""
