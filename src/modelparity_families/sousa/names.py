"""What the networks are called; nothing heavy is imported for it."""

from __future__ import annotations

#: The classifier of encoded strokes, and the network that finds their features.
ONSETS, FEATURES = "onset_transformer", "feature_inference"
#: What is trained on the command line, and the network that learns it.
TASKS = {"features": FEATURES, "rudiments": ONSETS}
