"""The encoding of a program's text as Python finds it: by a byte order mark, or by its first lines."""

from __future__ import annotations

import tokenize
from io import BytesIO

_UNKNOWN = "unknown encoding: "


class EncodingError(ValueError):
    """The first lines name no encoding that Python knows; the message is one line without a file's name."""


def encoding_of(content: bytes) -> str:
    """The encoding of a text, by its first bytes. Raises EncodingError."""
    try:
        return tokenize.detect_encoding(BytesIO(content).readline)[0]
    except SyntaxError as error:
        problem = error.msg or str(error)
        if problem.startswith(_UNKNOWN):
            problem = f"its first lines name the encoding {problem.removeprefix(_UNKNOWN)!r}"
        raise EncodingError(f"{problem}; allowed: one that Python knows, such as utf-8") from None
