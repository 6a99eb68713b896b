"""The names that could stand at a place in a program: its own at once, those of its modules soon."""

from __future__ import annotations

import builtins
import json
import keyword
import re
import sys
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QObject, QProcess, Signal

from ui.panels.code import completion_server
from ui.widgets.code_lexer import LexedLine, lex_lines

_NAME = re.compile(r"[^\W\d]\w*")
_WORD_BEFORE = re.compile(r"(?:(?P<owner>(?:[^\W\d]\w*|[)\]}\"'])\s*)(?P<dot>\.))?(?P<word>[^\W\d]\w*)?$")
LONGEST = 200
"""Characters of a name, with what stands before its dot; a line without end is not searched."""
_ALWAYS = frozenset([*keyword.kwlist, *(name for name in dir(builtins) if not name.startswith("_"))])


@dataclass(frozen=True, slots=True)
class Word:
    """What was typed of a name.

    Attributes:
        start: the column in characters at which it begins.
        text: what of it stands before the caret.
        is_attribute: whether a dot stands before it.
    """

    start: int
    text: str
    is_attribute: bool


def word_before(text: str, column: int, line: LexedLine) -> Word | None:
    """The name that is being typed at a column of a line; None in a string, a comment or a number."""
    bare = line.bare[:column]
    if column and text[column - 1] != " " and bare[-1:] == " ":
        return None
    # What a dot stands behind may end with a quote.
    shape = "".join(letter if letter in "'\"" else code for letter, code in zip(text, bare, strict=False))
    match = _WORD_BEFORE.search(shape, max(0, column - LONGEST))
    if match is None or (match["word"] is None and match["dot"] is None):
        return None
    start = column if match["word"] is None else match.start("word")
    before = text[:start].rstrip()
    if match["dot"] is None and (before.endswith(".") or text[max(0, start - 1) : start].isdigit()):
        return None
    return Word(start, match["word"] or "", match["dot"] is not None)


def names_in(text: str, word: Word) -> frozenset[str]:
    """The names of a program, its keywords and Python's own names, without the one that is being typed."""
    found: set[str] = set()
    counts = 0
    for line in lex_lines(text):
        names = _NAME.findall(line.bare)
        counts += names.count(word.text)
        found.update(names)
    if counts <= 1:
        found.discard(word.text)
    return frozenset(found) | _ALWAYS


def matching(names: Collection[str], word: str) -> list[str]:
    """Names that begin so, upper and lower case alike; the same case first, private ones last."""
    wanted = word.casefold()
    found = {name for name in names if name.casefold().startswith(wanted)}
    if not word.startswith("_"):
        found = {name for name in found if not name.startswith("__")}
    return sorted(
        found, key=lambda name: (not name.startswith(word), name.startswith("_"), name.casefold(), name)
    )


class NameServer(QObject):
    """Asks a process that reads the program's modules; it is started by the first question.

    Signals:
        answered(int, list, bool): a question's number, the names, and whether these are but a guess.
    """

    answered = Signal(int, list, bool)

    def __init__(self) -> None:
        """Without a process at first. It must be ended by `end`."""
        super().__init__()
        self._process: QProcess | None = None
        self._number = 0

    def ask(self, text: str, line: int, column: int, path: str) -> int:
        """Asks what could stand at a place; the number of the question, whose answer may never come."""
        self._number += 1
        if self._process is None:
            self._start()
        question = completion_server.Question(
            number=self._number, text=text, line=line, column=column, path=path
        )
        if self._process is not None and self._process.state() is not QProcess.ProcessState.NotRunning:
            self._process.write(json.dumps(question).encode() + b"\n")
        return self._number

    def end(self) -> None:
        """Ends the process and waits for that."""
        process, self._process = self._process, None
        if process is not None:
            process.readyReadStandardOutput.disconnect(self._read)
            process.kill()
            process.waitForFinished()

    def _start(self) -> None:
        self._process = process = QProcess()
        application = QCoreApplication.instance()
        if application is not None:
            application.aboutToQuit.connect(self.end)
        process.setStandardErrorFile(QProcess.nullDevice())
        process.readyReadStandardOutput.connect(self._read)
        # Its folder is not to be looked into for modules: it has a `numbers` of its own.
        process.start(sys.executable, ["-P", str(Path(completion_server.__file__))])

    def _read(self) -> None:
        while self._process is not None and self._process.canReadLine():
            answer: completion_server.Answer = json.loads(bytes(self._process.readLine().data()))
            self.answered.emit(answer["number"], answer["names"], answer["is_guess"])
