"""A recorded step as one page of HTML that opens anywhere, without a network."""

from __future__ import annotations

from playground.workspace.replay.page import replay_page

__all__ = ["replay_page"]
