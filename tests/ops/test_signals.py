"""Fourier transforms, windows, filters and counts, against scipy and counting by hand."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.fft
import scipy.signal

from modelparity.errors import GraphError

RNG = np.random.default_rng(0)


def parts(z):
    return np.stack([z.real, z.imag], axis=-1)


@pytest.mark.parametrize("length", [None, 5, 12])
@pytest.mark.parametrize("inverse", [False, True])
def test_fourier_agrees_with_scipy(apply, length, inverse):
    z = RNG.normal(size=(3, 8)) + 1j * RNG.normal(size=(3, 8))
    expected = (scipy.fft.ifft if inverse else scipy.fft.fft)(z, length, axis=1)
    n = None if length is None else np.array(length)
    np.testing.assert_allclose(
        apply("fourier", parts(z), n, axis=1, inverse=inverse), parts(expected), atol=1e-12
    )


def test_fourier_of_real_numbers(apply):
    x = RNG.normal(size=(2, 9, 3, 1))
    ours = apply("fourier", x, axis=1, onesided=True)
    np.testing.assert_allclose(ours, parts(scipy.fft.rfft(x[..., 0], axis=1)), atol=1e-12)
    back = apply("fourier", ours, np.array(9), axis=1, onesided=True, inverse=True)
    np.testing.assert_allclose(back, x, atol=1e-12)
    for bad, attrs in ((x[..., 0], {}), (x, {"axis": -1})):
        with pytest.raises(GraphError, match="real or complex"):
            apply("fourier", bad, **attrs)
    with pytest.raises(GraphError, match="one-sided"):
        apply("fourier", np.ones((4, 2)), axis=0, onesided=True)


@pytest.mark.parametrize("periodic", [True, False])
def test_cosine_windows_agree_with_scipy(apply, periodic):
    for name, shares in (("hann", (0.5, 0.5, 0)), ("blackman", (0.42, 0.5, 0.08))):
        expected = scipy.signal.get_window(name, 11, fftbins=periodic)
        ours = apply("cosine_window", np.array(11), shares=shares, periodic=periodic)
        np.testing.assert_allclose(ours, expected, atol=1e-12)
    hamming = apply("cosine_window", np.array(11), shares=(0.54, 0.46, 0.0), periodic=periodic)
    np.testing.assert_allclose(hamming, scipy.signal.get_window("hamming", 11, fftbins=periodic), atol=1e-12)


def test_mel_filters_are_triangles(apply):
    y = apply("mel_filters", np.array(8), np.array(64), np.array(8000), np.array(0.0), np.array(4000.0))
    assert y.shape == (33, 8)
    for column in y.T:
        top = column.argmax()
        assert column[top] == 1.0
        inside = np.flatnonzero(column)
        assert (np.diff(inside) == 1).all()
        assert (np.diff(column[inside[0] : top + 1]) > 0).all()
        assert (np.diff(column[top : inside[-1] + 1]) < 0).all()
    tops = y.argmax(axis=0)
    assert (np.diff(tops) > 0).all()
    assert np.diff(tops)[-1] > np.diff(tops)[0]  # wider where frequencies are high
    with pytest.raises(GraphError, match="no filters"):
        apply("mel_filters", np.array(8), np.array(64), np.array(8000), np.array(9.0), np.array(4.0))


def test_ngrams_are_counted_as_by_hand(apply):
    x = np.array([[1, 2, 1, 2, 3], [3, 3, 3, 1, 2]])
    grams, places = ((1,), (1, 2), (3, 3), ()), (2, 0, 1, 3)
    plain = apply("ngram_counts", x, ngrams=grams, places=places)
    np.testing.assert_array_equal(plain, [[2, 0, 2, 0], [1, 2, 1, 0]])
    skipping = apply("ngram_counts", x, ngrams=grams, places=places, most_skipped=2)
    np.testing.assert_array_equal(skipping, [[3, 0, 2, 0], [1, 3, 1, 0]])
    weights = (2.0, 3.0, 5.0, 7.0)
    np.testing.assert_array_equal(
        apply("ngram_counts", x[0], ngrams=grams, places=places, weights=weights, mode="IDF"), [3, 0, 2, 0]
    )
    np.testing.assert_array_equal(
        apply("ngram_counts", x[1], ngrams=grams, places=places, weights=weights, mode="TFIDF"), [3, 10, 2, 0]
    )
    with pytest.raises(GraphError, match="weights"):
        apply("ngram_counts", x, ngrams=grams, places=places, weights=weights[:1])
