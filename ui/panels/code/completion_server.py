"""Names that exist at a place in a program, found by Jedi in a process of its own.

Run as a script: reading PyTorch takes Jedi seconds of pure Python, which would hold the window's lock.
A question is a line of JSON on the standard input, `{"number", "text", "line", "column", "path"}`, the line
from 1 and the column in characters from 0; its answer is one on the standard output, `{"number", "names"}`.
Of questions that wait only the last is answered. It ends with its input.
"""

from __future__ import annotations

import json
import os
import queue
import sys
import threading
from typing import TypedDict

NICE = 10
"""How far behind training it stands."""


class Question(TypedDict):
    """What is asked."""

    number: int
    text: str
    line: int
    column: int
    path: str


def _names(question: Question, environment: object) -> list[str]:
    import jedi

    script = jedi.Script(question["text"], path=question["path"] or None, environment=environment)
    return [each.name for each in script.complete(question["line"], question["column"])]


def _read(waiting: queue.SimpleQueue[str]) -> None:
    for line in sys.stdin:
        waiting.put(line)
    waiting.put("")


def main() -> None:
    """Answers until the input ends."""
    if hasattr(os, "nice"):
        os.nice(NICE)
    import jedi

    # Jedi would start one more process to look into compiled modules: this one is for that.
    environment = jedi.InterpreterEnvironment()
    waiting: queue.SimpleQueue[str] = queue.SimpleQueue()
    threading.Thread(target=_read, args=(waiting,), daemon=True).start()
    while line := waiting.get():
        while not waiting.empty():
            line = waiting.get()
            if not line:
                return
        question: Question = json.loads(line)
        try:
            names = _names(question, environment)
        except Exception:
            # Jedi stumbles over code that is being typed now and then; what it does not know it does not say.
            names = []
        print(json.dumps({"number": question["number"], "names": names}), flush=True)


if __name__ == "__main__":
    main()
