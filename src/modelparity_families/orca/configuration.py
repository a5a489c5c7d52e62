"""Upstream's configuration: sections of settings as its repositories keep them, and what they are called here."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from modelparity.errors import ArtefactError, InputError, near

#: The configuration in which the port reproduces the original.
DEFAULTS = Path(__file__).with_name("config.json")
#: Section -> name there -> the pipeline's setting.
SETTINGS: Mapping[str, Mapping[str, str]] = {
    "audio": {"resample_rate": "sample_rate", "normalize": "normalize"},
    "spectrogram": {
        "sample_rate": "mel_sample_rate",
        "n_fft": "n_fft",
        "hop_length": "hop_length",
        "mel_n_filters": "bands",
        "mel_f_min": "mel_f_min",
        "mel_f_max": "mel_f_max",
        "top_db": "top_db",
    },
    "model": {"input_pad_s": "image_s", "call_class_index": "call_class"},
    "inference": {"window_s": "window", "window_hop_s": "hop", "strict_segments": "strict"},
    "global_prediction": {
        "aggregation_strategy": "strategy",
        "mean_top_k": "mean_top_k",
        "pred_local_threshold": "local_threshold",
        "pred_global_threshold": "global_threshold",
    },
}
#: What has one value only: upstream raises for others, or computes something that no network was trained on.
FIXED: Mapping[str, Mapping[str, Any]] = {
    "audio": {"downmix_mono": True},
    "spectrogram": {"mel_f_pad": 0, "convert_to_db": True},
    "model": {"num_classes": 2},
}
#: What says how it is run, and changes nothing of what is computed.
BESIDE: Mapping[str, tuple[str, ...]] = {
    "model": ("name", "device", "precision"),
    "inference": ("max_batch_size",),
}


def read(path: Path) -> dict[str, dict[str, Any]]:
    """The sections of a configuration in JSON. Raises `ArtefactError` for what is none."""
    try:
        found = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise ArtefactError("not a configuration in JSON", where=path, found=error) from error
    if not isinstance(found, dict) or not all(isinstance(one, dict) for one in found.values()):
        raise ArtefactError("not a configuration", where=path, expected=f"sections {', '.join(SETTINGS)}")
    return found


def settings(sections: Mapping[str, Mapping[str, Any]], where: object = None) -> dict[str, Any]:
    """{setting of the pipeline: value} of a configuration; what it leaves out keeps its default.

    Raises `InputError` for a section or key that upstream does not have (it drops them without a word), and for a
    value that nothing here computes.
    """
    found: dict[str, Any] = {}
    for section, values in sections.items():
        if section not in SETTINGS:
            raise InputError(
                f"there is no section {section!r}", where=where, expected=near(section, [*SETTINGS])
            )
        for name, value in values.items():
            if name in SETTINGS[section]:
                found[SETTINGS[section][name]] = value
            elif name in FIXED.get(section, {}):
                if value != FIXED[section][name]:
                    raise InputError(
                        f"nothing here computes {section}.{name} = {value!r}",
                        where=where,
                        expected=FIXED[section][name],
                    )
            elif name not in BESIDE.get(section, ()):
                known = [*SETTINGS[section], *FIXED.get(section, {}), *BESIDE.get(section, ())]
                raise InputError(
                    f"there is no setting {section}.{name}",
                    where=where,
                    found=value,
                    expected=near(name, known),
                )
    return found
