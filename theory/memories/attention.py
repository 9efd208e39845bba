r"""Errors of softmax attention and of its local linear form on random pairs."""

from __future__ import annotations

import numpy as np
from scipy.optimize import brentq

from hopfield.memories import LocalLinearAttention, SoftmaxAttention
from theory.exponential.bessel import log_mean_exponential
from theory.memories.setting import EXACT, LIMIT, Prediction, Setting
from theory.saddle import Array

__all__ = ["crosstalk_estimate", "local_prediction", "softmax_prediction"]

POINTS = 400
"""Least points of quadrature over an overlap."""
WIDTH = 0.05
"""Largest distance of two of them, in units in which logarithms of weights grow by 1."""
REACH, SPACING = 4.5, 1.125
"""How far fluctuations of a query are integrated beyond the tilt, in standard deviations, and in
what steps."""
NEGLIGIBLE = 1e-6
"""Part of the error of a query, over the largest such part, that does not matter."""
TAIL, STEP = 20.0, 0.1
"""Logarithm below which the variable of the Laplace transform does not matter, and its step."""
VANISHING = 60.0
"""Number whose negative exponential does not matter."""
MOST_BETA, MOST_TILT = 1000.0, 8.0
"""Largest inverse temperature, and largest shift of where the error comes from."""
MOST_LOCAL_BETA, LEAST_RIDGE = 100.0, 1e-30
"""Range of local linear attention in which no sum overflows."""


def softmax_prediction(memory: SoftmaxAttention, setting: Setting) -> Prediction | None:
    r"""Error of softmax attention, exactly.

    Let :math:`x_j` be the weights of the other K - 1 pairs over that of the pair itself. Given
    the query they are independent, and with :math:`\phi_p(t) = \mathbb E\, x^p e^{-tx}`

    .. math::
        \mathbb E\, \frac{(\sum x)^2 + \sum x^2}{(1 + \sum x)^2} = \int_0^\infty dt\, t e^{-t}
        \big[2 (K-1)\, \phi_2 \phi_0^{K-2} + (K-1)(K-2)\, \phi_1^2 \phi_0^{K-3}\big] .

    For Gaussian keys or noisy queries this is averaged over the norm of the query and its product
    with the key, from d = 16 on to two parts in a thousand.

    Parameters
    ----------
    memory : hopfield.memories.SoftmaxAttention
    setting : Setting

    Returns
    -------
    Prediction or None
        None where β is above 1000, or where the error comes from keys or noise more than 8
        standard deviations off: :math:`2\beta\sqrt{2/d} > 8` for Gaussian keys and
        :math:`2 \beta s/\sqrt d > 8`.

    Examples
    --------
    >>> softmax_prediction(SoftmaxAttention(8.0), Setting(400, 64)).errors.round(5)
    array([0.03274])
    """
    tilts = _tilts(memory.beta, setting)
    if memory.beta > MOST_BETA or max(tilts) > MOST_TILT:
        return None
    products, norms, chances = _that_count(memory.beta, setting, _queries(setting, tilts))
    errors = [
        _given_query(memory.beta, setting, product, norm)
        for product, norm in zip(products, norms, strict=True)
    ]
    return Prediction.of_all(float(chances @ errors), EXACT)


def crosstalk_estimate(memory: SoftmaxAttention, setting: Setting) -> float:
    r"""Error of softmax attention on the sphere if the crosstalk did not fluctuate.

    .. math::
        \epsilon = \Big(\frac r{1+r}\Big)^2 + \frac{r_2}{(1+r)^2}, \qquad
        r = (K-1)\, \mathbb E\, e^{\beta(u-1)}, \quad r_2 = (K-1)\, \mathbb E\, e^{2\beta(u-1)}

    with a component u of a random unit vector. It is a half, up to :math:`r_2`, at
    r = 1 + :math:`\sqrt2`, and signal equals crosstalk at r = 1, where
    :math:`K - 1 = e^\beta / \mathbb E\, e^{\beta u}`.

    Parameters
    ----------
    memory : hopfield.memories.SoftmaxAttention
    setting : Setting
        Keys on the sphere; queries without noise.

    Returns
    -------
    float

    Examples
    --------
    >>> round(crosstalk_estimate(SoftmaxAttention(8.0), Setting(400, 64)), 5)
    0.0327
    """
    others, beta, d = setting.n_pairs - 1, memory.beta, setting.dimension
    r, r2 = (others * float(np.exp(log_mean_exponential(b, d) - b)) for b in (beta, 2.0 * beta))
    return (r / (1.0 + r)) ** 2 + r2 / (1.0 + r) ** 2


def _overlaps(setting: Setting, growth: float) -> tuple[Array, Array]:
    """Products u of a random key with a unit vector, for weights exp(growth u), and chances."""
    d = setting.dimension
    if setting.keys == "sphere":
        angles = np.linspace(0.0, np.pi, POINTS + int(growth * np.pi / WIDTH) + 1)
        u, chances = np.cos(angles), np.sin(angles) ** (d - 2)
    else:
        tilt = growth / np.sqrt(d)
        ends = -9.0, 9.0 + 2.0 * tilt
        g = np.linspace(*ends, POINTS + int((ends[1] - ends[0]) * tilt / WIDTH) + 1)
        u, chances = g / np.sqrt(d), np.exp(-(g**2) / 2.0)
    possible = chances > 0.0
    return u[possible], chances[possible] / chances.sum()


def _given_query(beta: float, setting: Setting, product: float, norm: float) -> float:
    """Error for a query of given norm and product with its key."""
    u, chances = _overlaps(setting, beta * norm)
    log_x, n = beta * (norm * u - product), setting.n_pairs - 1
    if n == 0:
        return 0.0
    logs = log_x + np.log(chances)
    start = (
        -max(0.0, float(np.log(n) + logs.max() + np.log(np.exp(logs - logs.max()).sum()))) - TAIL
    )
    log_t = np.arange(start, np.log(VANISHING), STEP)
    # Where t x is above 700 its exponential is zero, and its square must not overflow.
    tx = np.exp(np.minimum(log_t[:, None] + log_x, np.log(700.0)))
    decay = np.exp(-tx)
    logs = np.log(decay @ chances)
    first, second = (decay * tx) @ chances, (decay * tx**2) @ chances
    pairs = n * (n - 1) * first**2 * np.exp((n - 2) * logs) if n > 1 else 0.0
    density = 2.0 * n * second * np.exp((n - 1) * logs) + pairs
    return float(STEP * (density * np.exp(-np.exp(log_t))).sum())


def _tilts(beta: float, setting: Setting) -> tuple[float, float, float]:
    """How fast logarithms of squared weights change with each fluctuation of a query."""
    d, noise = setting.dimension, setting.query_noise
    of_keys = np.sqrt(2.0 / d) if setting.keys == "gaussian" else 0.0
    across = noise**2 * beta / d * np.sqrt(2.0 / d)
    return 2.0 * beta * of_keys, 2.0 * beta * noise / np.sqrt(d), 2.0 * beta * across


def _queries(setting: Setting, tilts: tuple[float, float, float]) -> tuple[Array, Array, Array]:
    """Products of a query with its key, its norms, and their chances."""
    d, noise = setting.dimension, setting.query_noise
    alone = np.ones(1), np.ones(1)
    squares = _chi_squares(d, tilts[0]) if setting.keys == "gaussian" else alone
    along = _normals(tilts[1]) if noise > 0.0 else (np.zeros(1), np.ones(1))
    across = _chi_squares(d - 1, tilts[2]) if noise > 0.0 else alone
    square, normal, other = np.meshgrid(squares[0], along[0], across[0], indexing="ij")
    key, shift = np.sqrt(square), noise * normal / np.sqrt(d)
    norms = np.sqrt((key + shift) ** 2 + noise**2 * other * (d - 1) / d)
    chances = np.einsum("i,j,k->ijk", squares[1], along[1], across[1])
    return (key * (key + shift)).ravel(), norms.ravel(), chances.ravel()


def _that_count(
    beta: float, setting: Setting, queries: tuple[Array, Array, Array]
) -> tuple[Array, Array, Array]:
    """Queries whose part of the error, which bounds of the moments of weights limit, matters."""
    products, norms, chances = queries
    others, growth = setting.n_pairs - 1, (beta * norms) ** 2 / (2.0 * setting.dimension)
    first, second = (
        np.exp(np.minimum(p * (p * growth - beta * products), 50.0)) for p in (1.0, 2.0)
    )
    most = chances * np.minimum(2.0, others * 2.0 * second + (others * first) ** 2)
    kept = most >= NEGLIGIBLE * most.max()
    return products[kept], norms[kept], chances[kept]


def _nodes(tilt: float) -> Array:
    """Equidistant points, in standard deviations, as far as the error may come from."""
    half = np.ceil((REACH + tilt) / SPACING)
    return np.asarray(SPACING * np.arange(-half, half + 1))


def _normals(tilt: float) -> tuple[Array, Array]:
    z = _nodes(tilt)
    chances = np.exp(-(z**2) / 2.0)
    return z, chances / chances.sum()


def _chi_squares(degrees: int, tilt: float) -> tuple[Array, Array]:
    """Values of chi-square over its degrees of freedom, equidistant in their logarithm."""
    logs = np.sqrt(2.0 / degrees) * _nodes(tilt)
    chances = np.exp(degrees / 2.0 * (logs - np.expm1(logs)))
    return np.exp(logs), chances / chances.sum()


def local_prediction(memory: LocalLinearAttention, setting: Setting) -> Prediction | None:
    r"""Error of local linear attention on the sphere, in the limit of many dimensions.

    The fit of slopes across the query takes part of the weight of every other pair j, with the
    overlap u of its key and the query,

    .. math:: W = \frac w{1 + w (1-u^2) \tau}, \qquad
        \Lambda \tau + \frac1d \sum_j W (1-u^2)\, \tau = \frac{d-1}d

    where Λ is the ridge times the sum of the weights, and :math:`w = e^{\beta(u-1)}`. What is left
    is a fit along the query, with :math:`S_k = \sum_j W (u-1)^k` and the slope
    :math:`\rho = S_1/(S_2 + \Lambda)`. With :math:`y = 1 - (u-1)\rho`,

    .. math::
        \epsilon = \frac{\Omega^2 + \sum_j W^2 [y^2 + (1-u^2) p/d]}{(1 + \Omega)^2}, \qquad
        \Omega = S_0 - S_1 \rho, \qquad
        p = \frac{\tau^2 \sum_j (1-u^2) W^2 y^2}{1 - \frac{\tau^2}d \sum_j (1-u^2)^2 W^2} .

    Without a ridge the error vanishes up to K = d + 1.

    Parameters
    ----------
    memory : hopfield.memories.LocalLinearAttention
    setting : Setting

    Returns
    -------
    Prediction or None
        None for Gaussian keys and noisy queries, and unless β <= 100 and λ is 0 or at least
        1e-30.

    Examples
    --------
    >>> local_prediction(LocalLinearAttention(3.0, 0.01), Setting(128, 64)).errors.round(4)
    array([0.0224])
    """
    if setting.keys != "sphere" or setting.query_noise > 0.0:
        return None
    if memory.beta > MOST_LOCAL_BETA or 0.0 < memory.ridge < LEAST_RIDGE:
        return None
    d, others = setting.dimension, setting.n_pairs - 1
    if memory.ridge == 0.0 and others <= d:
        return Prediction.of_all(0.0, EXACT)
    u, chances = _overlaps(setting, memory.beta)
    number, w, across = others * chances, np.exp(memory.beta * (u - 1.0)), 1.0 - u**2
    ridge = memory.ridge * (1.0 + number @ w)

    def missing(log_tau: float) -> float:
        lever = w * across * np.exp(log_tau)
        return float(ridge * np.exp(log_tau) + number @ (lever / (1.0 + lever)) / d - (d - 1) / d)

    tau = np.exp(brentq(missing, -100.0, 100.0 + 2.0 * memory.beta))
    left = w / (1.0 + w * across * tau)
    s0, s1, s2 = (number @ (left * (u - 1.0) ** k) for k in range(3))
    slope = s1 / (s2 + ridge)
    y = 1.0 - (u - 1.0) * slope
    total = s0 - s1 * slope
    spread = tau**2 * (number @ (across * left**2 * y**2))
    spread /= 1.0 - tau**2 * (number @ (across**2 * left**2)) / d
    squares = number @ (left**2 * (y**2 + across * spread / d))
    return Prediction.of_all(float((total**2 + squares) / (1.0 + total) ** 2), LIMIT)
