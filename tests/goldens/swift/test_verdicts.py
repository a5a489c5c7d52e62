"""Verdicts in Swift are those in Python, to the last digit of text and JSON."""

from __future__ import annotations

import json
import struct
import unicodedata
import warnings
from collections import Counter
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from unittest.mock import patch

import numpy as np
import safetensors.numpy

from modelparity.goldens.reference import reference_from
from modelparity.verdict.judging import judge
from modelparity.verdict.model import Verdict

from .cases import Made, make
from .conftest import Ask

CASES = 1500


def in_python(made: Made) -> Verdict:
    reference = reference_from(made.graph, made.golden)
    known = nullcontext()
    if made.golden.terms is None:  # then nothing is known of half precision, and there is no network to run
        known = patch("modelparity.verdict.judging.explanation", return_value=None)
    with known:
        found = judge(
            reference,
            made.outputs,
            candidate=made.candidate,
            runtime="Core ML",
            expect=made.expect,
            settings=made.settings,
            held=made.weights,
        )
    if made.weights is None or found.band not in ("exact", "rounding"):
        return found
    why = f"{made.weights} weights, read from the candidate; on this input the outputs alone do not show them"
    return replace(found, band="reduced", explained_by=why)


def test_verdicts_agree_to_the_last_digit(ask: Ask, tmp_path: Path) -> None:
    requests, wanted, bands = [], [], Counter()
    for seed in range(CASES):
        made = make(seed)
        golden = made.golden.save(tmp_path / f"{seed}.safetensors")
        outputs = tmp_path / f"{seed}.outputs"
        outputs.write_bytes(
            safetensors.numpy.save(
                {name: np.ascontiguousarray(a).reshape(a.shape) for name, a in made.outputs.items()}
            )
        )
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            verdict = in_python(made)
        bands[verdict.band, verdict.explained_by and verdict.explained_by.partition(",")[0]] += 1
        data = json.dumps(verdict.to_json(), sort_keys=True, separators=(",", ":"))
        wanted.append({"text": str(verdict), "json": data})
        requests.append(
            {
                "ask": "verdict",
                "golden": str(golden),
                "outputs": str(outputs),
                "candidate": made.candidate,
                "runtime": "Core ML",
                "expect": made.expect,
                "weights": made.weights,
                "settings": made.settings,
            }
        )
    answers = ask(requests)
    different = [seed for seed in range(CASES) if answers[seed] != wanted[seed]]
    shown = "\n".join(
        f"case {seed}\nPython: {wanted[seed]}\nSwift:  {answers[seed]}" for seed in different[:3]
    )
    assert not different, f"{len(different)} of {CASES} differ\n{shown}"
    # The cases reach what there is to reach.
    assert {band for band, _ in bands} == {"exact", "rounding", "reduced", "wrong"}
    for precision in ("float16", "bfloat16"):
        assert bands["reduced", f"{precision} weights"] >= 5, bands
        assert bands["reduced", f"{precision} arithmetic"] >= 5, bands
    assert bands["reduced", "float16 outputs"] >= 5, bands


def test_numbers_are_written_as_python_writes_them(ask: Ask) -> None:
    rng = np.random.default_rng(5)
    values = [
        0.0,
        -0.0,
        1.0,
        0.1,
        1e16,
        9999999999999998.0,
        1e15,
        123456789.0,
        1e-4,
        1e-5,
        0.5,
        2.5,
        1e22,
        5e-324,
    ]
    values += [
        np.inf,
        -np.inf,
        np.nan,
        -np.nan,
        65504.0,
        65519.99,
        65520.0,
        2.0**-25,
        2.0**-24 * 1.5,
        3.4e38,
        3.5e38,
    ]
    values += [
        999.5,
        999999.5,
        0.99995,
        1e6,
        99.5,
        100.0,
        9.95,
        1 + 2.0**-11,
        1 + 2.0**-11 + 2.0**-40,
        1e-45,
        7e-46,
    ]
    values += list(rng.integers(0, 2**64, 4000, dtype=np.uint64).view(np.float64))
    values += list(rng.standard_normal(2000) * 10.0 ** rng.integers(-9, 12, 2000))
    values += list(np.round(rng.standard_normal(1000) * 100, 2))
    values += list((1 + rng.integers(0, 2**13, 1000) * 2.0**-12) * 2.0 ** rng.integers(-26, 17, 1000))
    bits = [struct.pack(">d", float(value)).hex() for value in values]
    [answer] = ask([{"ask": "numbers", "texts": bits}])
    with np.errstate(all="ignore"):
        wanted = [
            [
                repr(v),
                f"{v:.9g}",
                f"{v:.3g}",
                f"{v:.2g}",
                f"{v:.1e}",
                f"{v:,.0f}",
                f"{v:.2%}",
                repr(float(np.float64(v).astype(np.float16))),
                repr(float(np.float32(v))),
            ]
            for v in map(float, values)
        ]
    assert [(v, a) for v, a, w in zip(values, answer["answers"], wanted, strict=True) if a != w] == []


def test_text_is_quoted_as_python_quotes_it(ask: Ask) -> None:
    texts = ["", "y", "it's", '"', "'\"", "\\", "\n\r\t\b\f\0\x1f\x7f\x80\xa0\xad", "état", "\U0001f600"]
    texts += [chr(c) for c in range(0x20, 0x3000) if not 0xD800 <= c < 0xE000]
    plain, ascii_only = ask([{"ask": "quoted", "texts": texts}, {"ask": "ascii", "texts": texts}])
    assert ascii_only["answers"] == [json.dumps(text) for text in texts]
    odd = [(t, a) for t, a in zip(texts, plain["answers"], strict=True) if a != repr(t)]
    # A newer version of Unicode has names for more; nothing else may differ.
    assert [(text, answer) for text, answer in odd if unicodedata.category(text) != "Cn"] == []
