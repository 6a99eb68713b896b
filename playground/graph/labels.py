"""What a node is called on screen: its key, which only the program reads, in plain words."""

from __future__ import annotations

import re
from functools import lru_cache

from playground.graph.model import FoldedNode, Node
from playground.graph.sizes import short_op

_OF_PARAMETER = re.compile(r"(?P<op>[^(<#]+)\((?P<owner>.*)\)#(?P<call>\d+)'*")
_AFTER = re.compile(r"(?P<op>[^(<#]+)<(?P<anchor>.+)#(?P<call>\d+)(?:/(?P<count>\d+))?'*")
_COPY = re.compile(r"(?P<name>.+)@(?P<number>\d+)")
_UNNAMED = re.compile(r"leaf#(?P<number>\d+)'*")
_AT_LINE = re.compile(r"(?P<op>[^:]+):(?P<line>\d+)(?:#(?P<call>\d+))?")
_AGAIN = re.compile(r"(?P<name>.+)#(?P<call>\d+)'*")


@lru_cache(maxsize=4096)
def key_in_words(key: str) -> str:
    """A node's key in words.

    `"AddmmBackward0(middle_linear)#2"` is `"Addmm of middle_linear, 2nd use"`, `"ClampBackward1<w1#1"` is
    `"Clamp after w1"`, `"w1@2"` `"w1, copy 2"`, and a trace's `"mul:12"` `"mul of line 12"`. A parameter's
    key is its name.
    """
    if found := _OF_PARAMETER.fullmatch(key):
        return f"{short_op(found['op'])} of {found['owner']}{_use(found['call'])}"
    if found := _AFTER.fullmatch(key):
        which = f", {_ordinal(found['count'])} of its kind" if found["count"] else ""
        return f"{short_op(found['op'])} after {short_op(found['anchor'])}{_use(found['call'])}{which}"
    if found := _COPY.fullmatch(key):
        return f"{key_in_words(found['name'])}, copy {found['number']}"
    if found := _UNNAMED.fullmatch(key):
        return f"unnamed leaf {found['number']}"
    if found := _AT_LINE.fullmatch(key):
        return f"{found['op']} of line {found['line']}{_use(found['call'] or '1')}"
    if found := _AGAIN.fullmatch(key):
        return f"{short_op(found['name'])}{_use(found['call'])}"
    return key


def label_of(node: Node) -> str:
    """The same of a node: its parameter's name, what a trace bound it to, else its key in words."""
    if isinstance(node, FoldedNode) and node.parameter is None:
        return node.title
    return node.parameter or node.name or key_in_words(node.key)


def _use(call: str) -> str:
    return "" if call == "1" else f", {_ordinal(call)} use"


def _ordinal(number: str) -> str:
    """`"1st"`, `"2nd"`, `"3rd"`, `"11th"`, `"22nd"`."""
    ending = {"1": "st", "2": "nd", "3": "rd"}.get(number[-1], "th")
    return number + ("th" if number[-2:] in ("11", "12", "13") else ending)
