"""A program asks its user: `input()`, or a line of `sys.stdin`."""

from __future__ import annotations

import queue
from collections.abc import Callable

SLICE = 0.05
"""Seconds after which a program that waits looks whether it shall end."""


class Questions:
    """Lets the program's thread wait for what another thread answers."""

    def __init__(self, echo: Callable[[str], object]) -> None:
        """Nothing is asked.

        Args:
            echo: shows an answer behind its question.
        """
        self._echo = echo
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
        """
        self._waits = True
        try:
            answer = self._wait()
        finally:
            self._waits = False
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

    def _wait(self) -> str | None:
        while True:
            # Python must run now and then: only so can the program be ended while it waits.
            try:
                return self._answers.get(timeout=SLICE)
            except queue.Empty:
                continue
