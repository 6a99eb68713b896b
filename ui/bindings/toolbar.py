"""Connects the toolbar with the session, and says how far the run has come."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject

from playground.pace import PACES, duration_text
from ui.bindings.context import Context
from ui.bindings.files import Files
from ui.bindings.presenting import Presenting
from ui.panels.toolbar import RunBar
from ui.panels.toolbar.panel import BUSY
from ui.session.session import RunState
from ui.state.run_figures import RunFigures, RunFiguresWatch
from ui.state.view_options import ViewOptions


class ToolbarBinding(QObject):
    """Does what the buttons say, and shows the numbers of the run."""

    def __init__(self, bar: RunBar, context: Context) -> None:
        """Connects both directions."""
        super().__init__(bar)
        self._bar, self._session = bar, context.session
        session, view, places = context.session, context.view, context.places
        self._figures = RunFiguresWatch(session)
        self._programs, self._files = context.programs, Files(bar, context)
        self._files.ask_about_the_disk()
        self._context, self._submenus = context, False
        bar.files_opening.connect(self._show_possible)
        context.when_painted(self._begin_session)
        context.programs.changed.connect(self._show_files)
        bar.recent_chosen.connect(context.programs.open)
        self._does: dict[str, Callable[[], object]] = {
            "run": session.train,
            "pause": session.pause,
            "step": session.make_one_step,
            "reset": session.reset,
            "compare_runs": lambda: places.bring_forward("run_all"),
            "compare_rosetta": lambda: places.bring_forward("rosetta"),
            "compare_costs": lambda: places.bring_forward("costs"),
            "compare_programs": lambda: places.bring_forward("two_programs"),
            "compare_faults": lambda: places.bring_forward("faults"),
            "compare_what_if": lambda: context.what_if.wanted.emit(),
            "appearance_desktop": lambda: view.change(appearance="desktop"),
            "appearance_light": lambda: view.change(appearance="light"),
            "appearance_dark": lambda: view.change(appearance="dark"),
            "motion": lambda: view.change(motion=not view.options.motion),
            "wide_code": places.widen_code,
            "projector": lambda: view.change(projector=not view.options.projector, drawer=False),
            "full_screen": places.switch_full_screen,
            **Presenting(bar, context).actions,
            "notices": lambda: places.bring_forward("told"),
            **self._files.actions,
        }
        context.looked.connect(self.look)
        bar.asked.connect(self._do)
        # The button is out of sight where the bar is too narrow; its keys shall be heard all the same.
        bar.window().addActions(bar.view_actions)
        bar.one_thread_asked.connect(lambda: session.choose("threads", 1))
        bar.pace_chosen.connect(lambda position: view.change(pace=position))
        bar.halt_chosen.connect(session.run_to)
        bar.refused.connect(context.notices.warn)
        session.state_changed.connect(self._show_state)
        session.run_changed.connect(self._take_run)
        session.worker.loading.connect(self._show_loading)
        view.changed.connect(self._show_view)
        bar.set_running(session.state is RunState.RUNNING)
        self._show_view(view.options)
        self._show_files()
        self.look()

    def look(self) -> None:
        """Shows what has changed since the last look."""
        figures = self._figures.look()
        if figures is not None:
            self._show(figures)

    def _show_files(self) -> None:
        programs = self._programs
        self._bar.set_files(programs.edited, programs.file is not None, self._files.recent)

    def _do(self, name: str) -> None:
        if name not in self._does:
            self._load_submenus()
        self._does[name]()

    def _begin_session(self) -> None:
        from ui.bindings.sessions import SessionMenu

        self._does.update(SessionMenu(self._bar, self._context).actions)

    def _load_submenus(self) -> None:
        """What exports and shares takes long to load, and is wanted by few."""
        from ui.bindings.exports import ExportMenu
        from ui.bindings.setup import setup_actions

        self._exports = ExportMenu(self._bar, self._context)
        self._does.update({**self._exports.actions, **setup_actions(self._context)})
        self._submenus = True

    def _show_possible(self) -> None:
        if not self._submenus:
            self._load_submenus()
        self._bar.set_exports(self._exports.reasons)

    def _show_state(self, state: RunState) -> None:
        self._bar.set_running(state is RunState.RUNNING)
        self._figures.interrupt()
        self.look()

    def _take_run(self, run: object) -> None:
        if run is None:
            self._figures.forget()

    def _show_loading(self, text: str) -> None:
        self._figures.loading = text
        self.look()

    def _show_view(self, options: ViewOptions) -> None:
        self._bar.set_appearance(options.appearance)
        self._bar.set_motion(options.motion)
        self._bar.set_pace(options.pace)
        away = {"settings"} if options.projector and not options.drawer else set()
        self._bar.set_hidden(options.hidden - {"settings"} | away if options.projector else options.hidden)
        self._bar.set_projector(options.projector)
        if self._session.pace != PACES[options.pace]:
            self._session.set_pace(PACES[options.pace])
            # What was measured so far tells nothing of it.
            self._figures.forget()

    def _show(self, now: RunFigures) -> None:
        bar = self._bar
        bar.set_busy(now.slowed, now.threads > 1)
        bar.pace.show_speed(now.steps_per_second)
        loss = "" if now.loss is None else f"{now.loss:.4g}"
        share = min(1.0, now.made / now.total) if now.total_is_known else 0.0
        bar.set_figures(_progress(now), share, loss)
        bar.set_more_losses([(name, f"{value:.4g}") for name, value in now.losses])


def _progress(now: RunFigures) -> str:
    """`"321 of 500 steps · 18 s left"`."""
    if now.slow_step or now.loading:
        return now.slow_step or now.loading
    of = f" of {now.total:,}" if now.total_is_known else ""
    made = f"{now.made:,}{of} step{'s' if of or now.made != 1 else ''}".replace(",", " ")
    if now.slowed:
        return f"{made} · {BUSY}"
    if now.seconds_left is not None:
        return f"{made} · {duration_text(now.seconds_left)} left"
    return f"{made} · {now.state}" if now.made and now.state is not RunState.RUNNING else made
