"""Several stages beside each other.

`compare` trains them in turn and tells where their losses part; `costs` measures the time and the memory that
each way takes; `rosetta` records one step of two stages and pairs their lines and their tensors by value
(`rosetta_lines`, `rosetta_pairs`); `device_check` trains each stage on each device and holds it against the
CPU. How the stages come to the same data and weights is said in
`playground.same_start`, since a run alone can begin so, too.
"""
