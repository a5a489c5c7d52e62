"""Learning: losses, figures and mixing of examples; data, settings and commands of a training.

==========================  =========================================================================
`losses`, `mixup`           what is learned
`learners`, `scores`        both networks as modules of Lightning, and the figures of the classifier
`batches`                   performances as data modules of Lightning
`settings`, ``configs``     settings by Hydra: groups of YAML files
`fitting`                   one training, from settings to exported weights
`exporting`                 a checkpoint's weights as safetensors
`command`                   ``modelparity sousa train``
==========================  =========================================================================

It needs PyTorch and PyTorch Lightning, torchmetrics for the figures, and hydra for the settings.
"""

from __future__ import annotations
