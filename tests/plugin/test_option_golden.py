"""--parity-update, --parity-golden and --parity-golden-dir: recorded, used, stale, never deleted."""

from __future__ import annotations

import pytest


def stored(pytester) -> list[str]:
    folder = pytester.path / "golden"
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.safetensors"))


def test_without_goldens_references_are_computed_live(toy, pytester):
    result = toy()
    result.stdout.fnmatch_lines(["note: references: 4 computed live (no golden)"])
    assert stored(pytester) == []


def test_update_records_every_case_and_the_next_run_uses_them(toy, pytester):
    result = toy("--parity-update")
    result.assert_outcomes(passed=5)
    result.stdout.fnmatch_lines(["note: references: 4 recorded as goldens now"])
    assert stored(pytester) == [
        f"toy/good/{model}/{recipe}-s0-l100.safetensors"
        for model in ("curve", "line")
        for recipe in ("noise", "noise_small")
    ]
    result = toy()
    result.assert_outcomes(passed=5)
    result.stdout.fnmatch_lines(["note: references: 4 from goldens"])


def test_a_stale_golden_fails_and_says_what_to_do(toy, pytester, monkeypatch):
    toy("--parity-update")
    before = stored(pytester)
    monkeypatch.setenv("TOY_SCALE", "7")
    result = toy()
    result.assert_outcomes(passed=3, failed=2)
    result.stdout.fnmatch_lines(["GoldenError: *golden is stale*", "*weights: 'w'*", "*--parity-update*"])
    assert stored(pytester) == before
    toy("--parity-update").assert_outcomes(passed=5)
    toy().assert_outcomes(passed=5)


def test_missing_records_only_what_is_missing(toy, pytester, monkeypatch):
    toy("--parity-update")
    gone, kept, *_ = [pytester.path / "golden" / name for name in stored(pytester)]
    gone.unlink()
    written = kept.stat().st_mtime_ns
    result = toy("--parity-golden", "missing")
    result.stdout.fnmatch_lines(["note: references: 3 from goldens, 1 recorded as goldens now"])
    assert gone.is_file()
    assert kept.stat().st_mtime_ns == written
    monkeypatch.setenv("TOY_SCALE", "7")
    toy("--parity-golden", "missing").assert_outcomes(passed=3, failed=2)


def test_live_looks_at_no_golden(toy, monkeypatch):
    toy("--parity-update")
    monkeypatch.setenv("TOY_SCALE", "7")
    toy("--parity-golden", "live").assert_outcomes(passed=5)


def test_a_partial_run_deletes_nothing_and_takes_nothing_for_an_orphan(toy, pytester):
    toy("--parity-update")
    before = stored(pytester)
    result = toy("--parity-update", "--parity-model", "line", "--parity-recipe", "noise")
    assert "no longer lists" not in result.stdout.str()
    assert stored(pytester) == before


def test_a_golden_of_no_model_is_named_and_kept(toy, pytester):
    toy("--parity-update")
    orphan = pytester.path / "golden" / "toy" / "good" / "lost" / "noise-s0-l100.safetensors"
    orphan.parent.mkdir()
    orphan.write_bytes((pytester.path / "golden" / stored(pytester)[0]).read_bytes())
    result = toy("--parity-model", "line")
    result.stdout.fnmatch_lines(
        ["note: 1 goldens belong to a model*golden/toy/good/lost/noise-s0-l100.safetensors"]
    )
    assert orphan.is_file()


def test_a_damaged_golden_fails(toy, pytester):
    toy("--parity-update")
    path = pytester.path / "golden" / stored(pytester)[0]
    data = bytearray(path.read_bytes())
    data[-3] ^= 1
    path.write_bytes(bytes(data))
    result = toy()
    result.assert_outcomes(passed=4, failed=1)
    result.stdout.fnmatch_lines(["GoldenError: *"])


def test_a_golden_that_was_renamed_fails(toy, pytester):
    toy("--parity-update")
    noise_small, noise = (
        pytester.path / "golden/toy/good/line" / f"{r}-s0-l100.safetensors" for r in ("noise_small", "noise")
    )
    noise_small.write_bytes(noise.read_bytes())
    result = toy("-k", "line and noise_small")
    result.assert_outcomes(failed=1, deselected=4)
    result.stdout.fnmatch_lines(["*holds another case than its name says*"])


def test_another_folder(toy, pytester):
    toy("--parity-update", "--parity-golden-dir", "blessed")
    assert stored(pytester) == []
    assert len(list((pytester.path / "blessed").rglob("*.safetensors"))) == 4


def test_an_unknown_mode_lists_the_modes(toy):
    result = toy("--parity-golden", "all")
    assert result.ret == 4
    result.stderr.fnmatch_lines(
        ["*--parity-golden all: not known. Use one of stored, live, missing, update*"]
    )


@pytest.mark.parametrize("twin", ["parity_update = true", "parity_golden = update"])
def test_the_twins(toy, pytester, twin):
    toy(ini=f"{twin}\nparity_golden_dir = blessed\n").assert_outcomes(passed=5)
    assert len(list((pytester.path / "blessed").rglob("*.safetensors"))) == 4
