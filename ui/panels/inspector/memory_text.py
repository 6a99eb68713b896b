"""What a node held for backward, and with whom it shares that memory."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from playground.recording.ledger import SavedTensor
from playground.recording.model import NodeRecord, Recording
from ui.panels.inspector.moment import place


def saved_by(recording: Recording, record: NodeRecord, cursor: int | None) -> Mapping[str, SavedTensor]:
    """What the ledger of memory says of a node's saved tensors, by PyTorch's names for them.

    Args:
        recording: of the step.
        record: of the node.
        cursor: number of an event in the pass to whose graph the node belongs.
    """
    found = recording.pass_at(cursor)
    number = None if found is None else found.number
    # A node that several passes walk stands in the ledger with the first of them.
    return {
        each.name: each
        for each in recording.memory.saved
        if each.node == record.key and (each.backward_pass == number or each.made_by == record.made_by)
    }


def total_bytes(saved: Sequence[SavedTensor]) -> int:
    """Of all of them together, each storage once."""
    return sum({each.storage: each.nbytes for each in saved}.values())


def sharing_words(recording: Recording, tensor: SavedTensor) -> str:
    """With whom a saved tensor shares its memory, "" if with nobody; memory that is shared counts once."""
    others = [
        each for each in recording.memory.saved if each.storage == tensor.storage and each is not tensor
    ]
    if not others:
        return ""
    same = next((each.name for each in others if _of_same_node(each, tensor)), None)
    if same is not None:
        return f"same memory as {same}, counted once"
    events = sorted({each.made_by for each in others if each.made_by is not None})
    if not events:
        return "memory shared, counted once"
    more = f" and {len(events) - 1} more" if len(events) > 1 else ""
    return f"memory shared with what {place(events[0])}{more} saved, counted once"


def _of_same_node(one: SavedTensor, other: SavedTensor) -> bool:
    same = (one.node, one.backward_pass, one.made_by) == (other.node, other.backward_pass, other.made_by)
    return same and one.node is not None
