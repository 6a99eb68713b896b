"""Finds and keeps the layouts of the present run's graphs, without ever holding up the window.

The structures of one run share a layout, made for all that have been seen so far, so that what they
have in common stays where it was. A graph that is none of them, of a further backward pass say, has
one of its own. Small layouts are made at once; large ones go to a process of their own, and until it
answers the graph has none.
"""

from __future__ import annotations

from collections.abc import Sequence

from playground.failure import one_line
from playground.graph.layout import Layout, lay_out, small
from playground.graph.layout_process import LayoutError, LayoutProcess
from playground.graph.model import Graph, Node, NodeKind
from playground.graph.sharing import split_shared_alike
from playground.graph.sizes import window_sizes
from playground.graph.union import union

LARGEST_UNION = 600
"""Nodes up to which structures share a layout; beyond, each is laid out on its own."""


class GraphLayouts:
    """The drawings of one run at a time.

    Attributes:
        failure: why a graph could not be laid out, in one line; "" if none failed.
    """

    def __init__(self) -> None:
        """No process runs before a large graph needs one."""
        self._process = LayoutProcess()
        self._job = 0
        self._asked: dict[int, tuple[object, ...]] = {}
        self._structures: Sequence[Graph] = ()
        self._split: list[Graph] = []
        self._made: dict[tuple[object, ...], Layout] = {}
        self._covered = 0
        self._together = True
        self._alone: tuple[Graph, bool, Graph] | None = None
        self.failure = ""

    def warm_up(self) -> None:
        """Loads the layout library, which the first graph would have to wait for."""
        node = Node(0, "", NodeKind.OPERATION, "")
        lay_out(Graph((node,)), {"": (1.0, 1.0)})

    def start_run(self, structures: Sequence[Graph]) -> None:
        """Forgets the drawings of the run before."""
        self._structures = structures
        self._split = []
        self._made.clear()
        self._asked.clear()
        self._covered = 0
        self._together = True
        self.failure = ""

    def drawing(self, structure: int, copies: bool) -> tuple[Graph, Layout | None]:
        """What to draw for a structure: its graph, with copies of shared leaves or without, and a layout.

        While a process is at work on the layout, an older one serves if it has a place for every node;
        else the layout is None.
        """
        graph = self._graph(structure, copies)
        seen = len(self._structures)
        if seen != self._covered:
            self._covered = seen
            whole = [self._graph(number, copies) for number in range(seen)]
            self._together = seen == 1 or len(union(whole).nodes) <= LARGEST_UNION
        key: tuple[object, ...] = (seen, copies) if self._together else (structure, copies, "alone")
        layout = self._made.get(key)
        if layout is None and not self.failure and key not in self._asked.values():
            layout = self._make(key, structure, copies)
        return graph, layout or self._older(graph)

    def drawing_of_pass(self, graph: Graph, structure: int, copies: bool) -> tuple[Graph, Layout | None]:
        """What to draw for the graph of one of a step's backward passes.

        Args:
            graph: of the pass.
            structure: of the step; a graph that looks the same is drawn in the same places.
            copies: as in `drawing`.
        """
        if look_of(graph) == look_of(self._structures[structure]):
            return self.drawing(structure, copies)
        return self.drawing_alone(graph, copies)

    def drawing_alone(self, graph: Graph, copies: bool) -> tuple[Graph, Layout | None]:
        """What to draw for a graph that is none of the run's structures, of a step that failed say."""
        if self._alone is None or self._alone[0] is not graph or self._alone[1] != copies:
            self._alone = graph, copies, split_shared_alike([graph])[0] if copies else graph
        split = self._alone[2]
        key = ("alone", *look_of(split))
        layout = self._made.get(key)
        if layout is None and graph.nodes and not self.failure and key not in self._asked.values():
            layout = self._lay_out(key, split)
        return split, layout

    def poll(self) -> bool:
        """Takes in a layout that the process has finished; whether there was one."""
        try:
            answer = self._process.poll()
        except LayoutError as error:
            self._asked.clear()
            self.failure = str(error)
            return True
        if answer is None:
            return False
        job, layout = answer
        key = self._asked.pop(job, None)
        if key is None:
            return False
        self._made[key] = layout
        return True

    @property
    def waiting(self) -> bool:
        """Whether a process is at work."""
        return bool(self._asked)

    def close(self) -> None:
        """Ends the process."""
        self._process.close()

    def _graph(self, structure: int, copies: bool) -> Graph:
        if not copies:
            return self._structures[structure]
        if len(self._split) != len(self._structures):
            # A leaf is split in every structure or in none, so that the structures still fit together.
            self._split = list(split_shared_alike(self._structures[:]))
        return self._split[structure]

    def _older(self, graph: Graph) -> Layout | None:
        for layout in reversed(self._made.values()):
            if all(node.key in layout.boxes for node in graph.nodes):
                return layout
        return None

    def _make(self, key: tuple[object, ...], structure: int, copies: bool) -> Layout | None:
        if self._together:
            graph = union([self._graph(number, copies) for number in range(self._covered)])
        else:
            graph = self._graph(structure, copies)
        return self._lay_out(key, graph)

    def _lay_out(self, key: tuple[object, ...], graph: Graph) -> Layout | None:
        sizes = window_sizes(graph)
        if small(graph):
            self._made[key] = layout = lay_out(graph, sizes)
            return layout
        self._job += 1
        try:
            self._process.submit(self._job, graph, sizes)
        except OSError as error:
            self.failure = f"The process that lays out large graphs cannot be started: {one_line(error)}"
            return None
        self._asked = {self._job: key}
        return None


def look_of(graph: Graph) -> tuple[object, ...]:
    """What a layout depends on: graphs that differ only in their lines of code have the same."""
    nodes = tuple((each.key, each.op, each.kind, each.shape, each.parameter) for each in graph.nodes)
    return nodes, graph.edges, graph.outputs
