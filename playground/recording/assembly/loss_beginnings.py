"""Tells where the loss begins in a statement that holds the model as well."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import TypeAlias

from playground.recording.assembly.reading import TapeReading
from playground.recording.call_sites import CallSite
from playground.recording.drafts import Draft

_CALLED_LOSS = frozenset(
    {"cross_entropy", "binary_cross_entropy", "binary_cross_entropy_with_logits", "kl_div"}
)
"""Losses in `torch.nn.functional` besides those whose names end so."""
_COMPREHENSIONS = ("<genexpr>", "<listcomp>", "<setcomp>", "<dictcomp>")
_Part: TypeAlias = "tuple[str | None, int | None]"


class LossBeginnings:
    """Finds the first operation of a loss among those of the statement that computes it.

    It comes after the last operation of a module of the model, if there is one. Otherwise the loss begins
    with the first loss that is called, else where the target comes in: where a result that is followed
    meets data.
    """

    def __init__(self, reading: TapeReading, modules: Collection[int]) -> None:
        """Reads a tape.

        Args:
            reading: of the step's tape.
            modules: `id` of each module of the step's models.
        """
        self._reading = reading
        self._modules = modules

    def of(self, end: Draft) -> Draft:
        """The first operation of the loss that an operation gives."""
        statement = _Statement(self._operations(end, end.site), self._modules)
        site = end.site.caller
        # A loss of the program's own is a part of the statement that calls it.
        while site is not None:
            wider = _Statement(self._operations(end, site), self._modules)
            if not wider.calls_loss():
                break
            statement, site = wider, site.caller
        return statement.beginning()

    def _operations(self, end: Draft, site: CallSite) -> dict[Draft, str | None]:
        """What ran in a statement up to an operation, the latest first, each with the function it called."""
        found: dict[Draft, str | None] = {end: self._called(end, site)}
        drafts = self._reading.tape.drafts
        for number in range(self._reading.numbers[end] - 1, -1, -1):
            draft = drafts[number]
            if draft.walk is not None or site.line is None:
                break
            if draft.parent is not None:
                continue
            if not self._is_in(draft, site):
                break
            found[draft] = self._called(draft, site)
        return found

    def _is_in(self, draft: Draft, site: CallSite) -> bool:
        return any(self._is_same(each, site) for each in _upwards(draft.site))

    def _called(self, draft: Draft, site: CallSite) -> str | None:
        """The function of the source in which an operation ran that a statement called; None for itself."""
        called = None
        for each in _upwards(draft.site):
            if self._is_same(each, site):
                break
            # A comprehension is no function that is called.
            called = called if each.inside.endswith(_COMPREHENSIONS) else each.inside
        return called

    def _is_same(self, one: CallSite, other: CallSite) -> bool:
        """Whether two places are in the same statement of the same function."""
        statement = self._reading.statement(one)
        return statement is not None and (statement, one.inside) == (
            self._reading.statement(other),
            other.inside,
        )


class _Statement:
    """The operations of one statement, the latest first, in parts: itself, and each call or object in it."""

    def __init__(self, operations: dict[Draft, str | None], modules: Collection[int]) -> None:
        self._drafts = list(operations)
        self._called = operations
        self._modules = modules
        self._parts: dict[_Part, list[Draft]] = {}
        for draft in operations:
            self._parts.setdefault(self._part(draft), []).append(draft)
        self._losses = {part for part, drafts in self._parts.items() if self._is_loss(drafts)}

    def calls_loss(self) -> bool:
        """Whether the call that gave the latest operation holds nothing but a loss."""
        called = self._called[self._drafts[0]]
        return self._is_loss([each for each in self._drafts if self._called[each] == called])

    def beginning(self) -> Draft:
        """The first operation of the loss that the latest one gives."""
        end = self._drafts[0]
        loss = [end]
        for draft in self._drafts[1:]:
            if not self._belongs(draft, end):
                if draft.site.owner is not None:
                    return loss[-1]
                break
            loss.append(draft)
        called = [each for each in loss if self._is_called_loss(each)]
        meetings = [each for each in loss[1:] if _meets_data(each)]
        return called[-1] if called else next(iter(meetings), loss[-1])

    def _part(self, draft: Draft) -> _Part:
        return self._called[draft], draft.site.owner

    def _is_loss(self, drafts: Sequence[Draft]) -> bool:
        """Whether operations take in a target, and neither parameters nor anything of the model's."""
        if any(each.site.owner in self._modules or _uses_leaf(each) for each in drafts):
            return False
        return any(_is_named_loss(each) or _meets_data(each) for each in drafts)

    def _belongs(self, draft: Draft, end: Draft) -> bool:
        """Whether an operation before the end of a loss is not the model's."""
        if _is_named_loss(draft) or self._part(draft) == self._part(end):
            return True
        if draft.site.owner in self._modules:
            return False
        return self._part(draft) == (None, None) or self._part(draft) in self._losses

    def _is_called_loss(self, draft: Draft) -> bool:
        part = self._part(draft)
        return _is_named_loss(draft) or (part != (None, None) and part in self._losses)


def _upwards(site: CallSite) -> Iterator[CallSite]:
    each: CallSite | None = site
    while each is not None:
        yield each
        each = each.caller


def _is_named_loss(draft: Draft) -> bool:
    return draft.op.endswith("_loss") or draft.op in _CALLED_LOSS


def _uses_leaf(draft: Draft) -> bool:
    return any(link.function is not None and not link.function.next_functions for link in draft.inputs)


def _meets_data(draft: Draft) -> bool:
    """Whether it joins a result that autograd follows with a tensor that it does not."""
    followed = any(link.function is not None and link.function.next_functions for link in draft.inputs)
    return followed and any(link.function is None and link.value is not None for link in draft.inputs)
