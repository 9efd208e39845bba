"""The Newton solver on equations whose solutions are known."""

import numpy as np
import pytest

from theory.saddle import newton


def square_roots_of(numbers):
    numbers = np.asarray(numbers, dtype=float)[:, None]

    def equations(x, cells):
        return x**2 - numbers[cells], 2.0 * x[:, :, None]

    return equations


def test_every_cell_finds_its_own_root():
    numbers = np.array([1e-6, 0.5, 2.0, 1e6])
    solution = newton(square_roots_of(numbers), np.ones((4, 1)))
    assert solution.converged.all()
    np.testing.assert_allclose(solution.value[:, 0], np.sqrt(numbers), rtol=1e-15)


def test_cells_that_are_done_are_not_evaluated_again():
    seen = []
    equations = square_roots_of([1.0, 1e12])

    def counted(x, cells):
        seen.extend(cells.tolist())
        return equations(x, cells)

    newton(counted, np.ones((2, 1)))
    assert seen.count(0) < 5 < seen.count(1)


def test_damping_where_the_full_step_diverges():
    def equations(x, cells):
        return np.arctan(x), (1.0 / (1.0 + x**2))[:, :, None]

    solution = newton(equations, [[10.0], [1e3]])
    assert solution.converged.all()
    np.testing.assert_allclose(solution.value, 0.0, atol=1e-12)


def test_no_solution_is_reported_beside_those_found():
    """x² = -1 has none; its residual stays and its neighbour is not disturbed."""
    solution = newton(square_roots_of([-1.0, 4.0]), [[0.7], [0.7]])
    assert solution.converged.tolist() == [False, True]
    assert solution.residual[0] >= 1.0
    assert solution.value[1, 0] == 2.0


def test_running_out_of_iterations_is_not_convergence():
    solution = newton(square_roots_of([1e12]), [[1.0]], max_iterations=3)
    assert not solution.converged.any()
    assert solution.iterations == 3


def test_singular_jacobian_is_not_convergence():
    def equations(x, cells):
        return np.ones_like(x), np.zeros((*x.shape, x.shape[1]))

    for unknowns in (1, 2, 3):
        assert not newton(equations, np.ones((2, unknowns))).converged.any()


def test_not_a_number_at_the_start_is_not_convergence():
    solution = newton(square_roots_of([2.0, 2.0]), [[np.nan], [1.0]])
    assert solution.converged.tolist() == [False, True]


def test_bound():
    """Both signs solve x² = 4; below the bound no unknown may go."""
    assert newton(square_roots_of([4.0]), [[-3.0]]).value.item() == -2.0
    assert newton(square_roots_of([4.0]), [[0.1]], lower=0.0).value.item() == 2.0


@pytest.mark.parametrize("unknowns", [1, 2, 3, 4])
def test_linear_equations_take_one_step(unknowns):
    rng = np.random.default_rng(3)
    matrix = rng.normal(size=(5, unknowns, unknowns)) + 3.0 * np.eye(unknowns)
    root = rng.normal(size=(5, unknowns))

    def equations(x, cells):
        offset = x - root[cells]
        return np.einsum("nij,nj->ni", matrix[cells], offset), matrix[cells]

    solution = newton(equations, np.zeros((5, unknowns)))
    assert solution.converged.all()
    assert solution.iterations <= 3
    np.testing.assert_allclose(solution.value, root, rtol=1e-12)


def test_two_coupled_equations_converge_quadratically():
    """x² + y² = 5 and x y = 2 from (2.5, 0.5): (2, 1) to all digits in a few steps."""

    def equations(x, cells):
        a, b = x.T
        values = np.stack([a**2 + b**2 - 5.0, a * b - 2.0], axis=1)
        jacobian = np.stack([np.stack([2 * a, 2 * b], 1), np.stack([b, a], 1)], axis=1)
        return values, jacobian

    solution = newton(equations, [[2.5, 0.5]])
    assert solution.iterations <= 7
    np.testing.assert_allclose(solution.value, [[2.0, 1.0]], rtol=1e-15)


def test_no_cells():
    solution = newton(square_roots_of([]), np.empty((0, 1)))
    assert solution.value.shape == (0, 1)
    assert solution.iterations == 0
