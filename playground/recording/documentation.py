"""The first sentence of a library's own documentation of an operation."""

from __future__ import annotations

import inspect
import re
import sys
from functools import lru_cache

_MATH = re.compile(r":math:`([^`]*)`")
_TEX = re.compile(r"\\(?:text|mathrm)\{([^}]*)\}")
_ROLE = re.compile(r":[a-z:]+:`~?([^`<]*?)(?:\s*<[^`]*>)?`")
_MARKUP = re.compile(r"``([^`]+)``|`([^`]+)`|\*\*([^*]+)\*\*")
_SIGNATURE = re.compile(r"^[\w.]+\(.*?\)(\s*->.*)?$")
_LONGEST = 220


@lru_cache(maxsize=512)
def documentation_of(library: str, op: str) -> str:
    """What `torch` or `numpy` say of an operation, "" where they say nothing.

    Args:
        library: `"torch"` or `"numpy"`.
        op: the operation's name in its documentation; that of one in place ends with an underscore.
    """
    names = [op] if library == "numpy" else [op, op.rstrip("_")]
    for name in names:
        for place in _places(library):
            sentence = first_sentence(inspect.getdoc(getattr(place, name, None)) or "")
            # Many methods say no more than where to look.
            if sentence and not sentence.startswith(
                ("See ", "In-place version", "Alias for", "this function")
            ):
                return sentence
    return ""


def first_sentence(text: str) -> str:
    """The first sentence of a documentation's text, on one line and without its markup."""
    paragraphs = [part.strip() for part in re.split(r"\n\s*\n", text.strip())]
    for paragraph in paragraphs:
        line = " ".join(paragraph.split())
        if not line or _SIGNATURE.match(line) or line.startswith((".. ", "@", "%")):
            continue
        line = _MATH.sub(lambda found: _TEX.sub(r"\1", found[1]), line)
        plain = _MARKUP.sub(lambda found: next(filter(None, found.groups())), _ROLE.sub(r"\1", line))
        sentence = re.split(r"(?<=[.])\s+(?=[A-Z])", plain, maxsplit=1)[0]
        return sentence if len(sentence) <= _LONGEST else sentence[: _LONGEST - 1] + "…"
    return ""


def _places(library: str) -> list[object]:
    """Where to look, of modules that are loaded already."""
    names = (
        ["numpy", "numpy.ndarray"] if library == "numpy" else ["torch.nn.functional", "torch", "torch.Tensor"]
    )
    places = []
    for name in names:
        module, _, attribute = name.rpartition(".")
        found = sys.modules.get(name) or getattr(sys.modules.get(module), attribute, None)
        if found is not None:
            places.append(found)
    return places
