"""Text that is no model, and text around a model, made of a sound one."""

from __future__ import annotations

import json
import re

from .faults import W0
from .models import plain

SOUND = json.dumps(plain(), separators=(",", ":"))
HALF = SOUND.index('"weights"', SOUND.index('"weights"') + 1) + 16
#: Text that is no model: file name -> (bytes, what the error says, the path in it).
TEXTS: dict[str, tuple[bytes, str, str]] = {
    "empty": (b"", "the file ends too early", "$"),
    "truncated": (SOUND[:HALF].encode(), "the file ends too early", "$.layers[1].weights[0][0][0]"),
    "truncated_string": (
        SOUND[: SOUND.index("sigmoid") + 3].encode(),
        "the file ends too early",
        "$.layers[1].activation",
    ),
    "weight_nan": (
        SOUND.replace("sigmoid", "tanh").replace("]],[", "],[NaN]],[", 1).encode(),
        "NaN is no JSON",
        "$.layers[0].weights[0][3][0]",
    ),
    "weight_infinity": (
        SOUND.replace("[[[", "[[[Infinity,", 1).encode(),
        "Infinity is no JSON",
        W0 + "[0][0]",
    ),
    "weight_minus_infinity": (
        SOUND.replace("[[[", "[[[-Infinity,", 1).encode(),
        "-Infinity is no JSON",
        W0 + "[0][0]",
    ),
    "weight_beyond_double": (
        re.sub(r"\[\[\[[-.0-9]+", "[[[1e999", SOUND, count=1).encode(),
        "not a number|too large",
        W0 + "[0][0]",
    ),
    "key_twice": (
        SOUND.replace('"layers":[{', '"layers":[{"type":"gru",', 1).encode(),
        "'type' stands twice",
        "$.layers[0].type",
    ),
    "comma_missing": (SOUND.replace("],[", "][", 1).encode(), "not JSON", "$.layers[0].weights[0][0]"),
    "single_quotes": (SOUND.replace('"', "'").encode(), "not JSON", "$"),
    "comment": (b"// a model\n" + SOUND.encode(), "not JSON", "$"),
    "not_an_object": (b'["in_shape", "layers"]', "not a model", "$"),
    "state_dict": (b'{"gru.weight_ih_l0": [[0.5]], "gru.bias_ih_l0": [0.5]}', "a PyTorch state_dict", ""),
    "not_utf8": (SOUND.replace("tanh", "t\xe4nh").encode("latin-1"), "not UTF-8", "byte"),
    "nested_deeply": (b'{"in_shape":' + b"[" * 100_000 + b"]" * 100_000 + b"}", "nested too deeply", ""),
    "digits_without_end": (SOUND.replace("[[[", "[[[" + "9" * 5000 + ",", 1).encode(), "number", ""),
}
#: Sound models with something around them that RTNeural takes without a word.
SILENT_TEXTS = {"text_behind": (SOUND + SOUND).encode()}
