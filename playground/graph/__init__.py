"""Computation graphs: captured from autograd, laid out and written to files. Loads no torch by itself."""

from __future__ import annotations

from playground.graph.autograd import capture
from playground.graph.model import Edge, Graph, GraphKind, Node, NodeKind, Phase

__all__ = ["Edge", "Graph", "GraphKind", "Node", "NodeKind", "Phase", "capture"]
