"""A program asks its user: `input()`, or a line of `sys.stdin`."""

from __future__ import annotations

import queue
from collections.abc import Callable, Sequence

from playground.programs.errors import NoInputError

SLICE = 0.05
"""Seconds after which a program that waits looks whether it shall end."""


class Questions:
    """Lets the program's thread wait for what another thread answers.

    Attributes:
        given: the answers so far.
    """

    def __init__(self, echo: Callable[[str], object], known: Sequence[str | None] | None = None) -> None:
        """Nothing is asked.

        Args:
            echo: shows an answer behind its question.
            known: the answers, where nobody is there to give any.
        """
        self._echo = echo
        self._known = known
        self.given: list[str | None] = []
        self._answers: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self._waits = False

    @property
    def waits(self) -> bool:
        """Whether the program waits for an answer."""
        return self._waits

    def ask(self) -> str:
        """Waits for an answer.

        Returns:
            A line with its end; "" if there are no more.

        Raises:
            NoInputError: nobody is there, and this answer is not known.
        """
        answer = self._look_up() if self._known is not None else self._hear()
        self.given.append(answer)
        if answer is None:
            self._echo("")
            return ""
        self._echo(answer)
        return f"{answer}\n"

    def answer(self, text: str | None) -> bool:
        """Answers, from another thread; whether anything was asked."""
        if not self._waits:
            return False
        # A second answer to one question would be taken for one to the next.
        self._waits = False
        self._answers.put(text)
        return True

    def _look_up(self) -> str | None:
        assert self._known is not None, "the caller has looked"
        if len(self.given) >= len(self._known):
            raise NoInputError("the program asks for input, which nobody can give here")
        return self._known[len(self.given)]

    def _hear(self) -> str | None:
        self._waits = True
        try:
            return self._wait()
        finally:
            self._waits = False

    def _wait(self) -> str | None:
        while True:
            # Python must run now and then: only so can the program be ended while it waits.
            try:
                return self._answers.get(timeout=SLICE)
            except queue.Empty:
                continue
