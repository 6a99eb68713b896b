"""Makes a recording of a step's tape, once the step has ended.

`reading` settles what the graph is, what its nodes' keys are, and what the program calls everything;
`phases`, `events`, `parameters` and `nodes` each make one part of the recording of it; `assemble` puts
the parts together. The tape has to be open as long as this takes: it holds the nodes of autograd.
"""
