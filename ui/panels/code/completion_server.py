"""Names that exist at a place in a program, found by Jedi in a process of its own.

Run as a script: reading PyTorch takes Jedi seconds of pure Python, which would hold the window's lock.
A question is a line of JSON on the standard input, `{"number", "text", "line", "column", "path"}`, the line
from 1 and the column in characters from 0; its answer is one on the standard output, `{"number", "names",
"is_guess"}`. Of questions that wait only the last is answered. It ends with its input.

What a module gives when it is called Jedi cannot know, for PyTorch does not say. Where it knows nothing of a
value in a program that imports PyTorch, the names are those of a tensor: a guess.
"""

from __future__ import annotations

import json
import os
import queue
import re
import sys
import threading
from typing import TypedDict

_TORCH = re.compile(r"^\s*(import|from)\s+torch\b", re.MULTILINE)
_TENSOR = "import torch\ntorch.Tensor."
NICE = 10
"""How far behind training it stands."""


class Question(TypedDict):
    """What is asked."""

    number: int
    text: str
    line: int
    column: int
    path: str


class Answer(TypedDict):
    """What could stand there, and whether that is but a guess."""

    number: int
    names: list[str]
    is_guess: bool


def _answer(question: Question, environment: object) -> Answer:
    text, line, column, path = question["text"], question["line"], question["column"], question["path"]
    names = _names(text, line, column, path, environment)
    is_guess = not names and text.split("\n")[line - 1][:column].endswith(".") and bool(_TORCH.search(text))
    if is_guess:
        names = _names(_TENSOR, 2, len(_TENSOR.split("\n")[1]), path, environment)
    return Answer(number=question["number"], names=names, is_guess=is_guess)


def _names(text: str, line: int, column: int, path: str, environment: object) -> list[str]:
    import jedi

    try:
        found = jedi.Script(text, path=path or None, environment=environment).complete(line, column)
    except Exception:
        # Jedi stumbles over code that is being typed now and then; what it does not know it does not say.
        return []
    return [each.name for each in found]


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
        print(json.dumps(_answer(question, environment)), flush=True)


if __name__ == "__main__":
    main()
