"""What is known of the runs that were made, without torch.

`entry` is one run, `archive` all of them within a budget of memory, `clock` the time that a run took,
`settings_table` what the settings of several differ in; `tally` counts the structures that a run has built,
and `smoothing` draws a calmer curve through its losses.
"""
