"""What the families' trainings share: settings, data folders, learning, checkpoints, export, and their commands.

======================  ===================================================================================
`configuration`         defaults, and over them a TOML file, checked key by key
`folders`, `pieces`     a folder as one of the known data sets; its pieces, and how they are split
`csv_tables`            annotations in CSV files
`loading`               batches of excerpts, read piece by piece
`objective`, `learner`  what is learned, and the Lightning module that learns it
`fitting`               one training on a corpus, from start to end
`running`, `epoch_log`  a run in a folder: early stopping, checkpoints, log, progress, resuming
`checkpoints`           what training left, read safely
`exporting`             a network as files for every runtime, each compared with the engine
`commands`              ``modelparity FAMILY train`` and ``export``
======================  ===================================================================================

Nothing of PyTorch is imported before somebody trains or exports.
"""

from __future__ import annotations
