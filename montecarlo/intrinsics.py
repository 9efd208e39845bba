"""Four instructions that Numba cannot express: bit casts, a BLAS call, a register-held sum."""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba.core import cgutils, types
from numba.extending import get_cython_function_address, intrinsic

__all__ = [
    "LANES",
    "accumulate_lanes",
    "bits_of_double",
    "double_of_bits",
    "sgemm",
    "sgemm_address",
]

LANES = 32
"""Replicas that advance together; 32 floats fill the vector registers of AVX2 and AVX-512."""

_CHAINS = 2  # independent sums, so that additions do not wait for one another


def sgemm_address() -> int:
    """Address of the single-precision matrix product of SciPy's BLAS.

    Examples
    --------
    >>> sgemm_address() > 0
    True
    """
    import scipy.linalg.cython_blas  # noqa: F401  (loads the library)

    return int(get_cython_function_address("scipy.linalg.cython_blas", "sgemm"))


@intrinsic
def bits_of_double(typing_context: Any, value: Any) -> Any:
    """The 64 bits of a float64 as an int64."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.bitcast(args[0], ir.IntType(64))

    return types.int64(types.float64), generate


@intrinsic
def double_of_bits(typing_context: Any, bits: Any) -> Any:
    """The float64 with the given 64 bits."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.bitcast(args[0], ir.DoubleType())

    return types.float64(types.int64), generate


def _data(context: Any, builder: Any, array_type: Any, value: Any) -> Any:
    return context.make_array(array_type)(context, builder, value).data


@intrinsic
def sgemm(
    typing_context: Any, address: Any, transposed: Any, m: Any, n: Any, k: Any,
    a: Any, b: Any, ldb: Any, beta: Any, c: Any,
) -> Any:  # fmt: skip
    """C (m, n) = A (m, k) op(B) (k, n) + beta C, column-major, leading dimensions m, ldb, m."""
    signature = types.void(
        types.int64, types.boolean, types.int64, types.int64, types.int64,
        a, b, types.int64, types.float32, c,
    )  # fmt: skip

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        i32, f32, char = ir.IntType(32), ir.FloatType(), ir.IntType(8)

        def by_reference(value: Any) -> Any:
            slot = cgutils.alloca_once(builder, value.type)
            builder.store(value, slot)
            return builder.bitcast(slot, ir.IntType(8).as_pointer())

        def integer(value: Any) -> Any:
            return by_reference(builder.trunc(value, i32))

        def matrix(position: int) -> Any:
            data = _data(context, builder, signature.args[position], args[position])
            return builder.bitcast(data, ir.IntType(8).as_pointer())

        flag = builder.trunc(args[1], ir.IntType(1))
        no = by_reference(char(ord("N")))
        op = by_reference(builder.select(flag, char(ord("T")), char(ord("N"))))
        m, n, k, ldb = integer(args[2]), integer(args[3]), integer(args[4]), integer(args[7])
        one = by_reference(f32(1.0))
        operands = [no, op, m, n, k, one, matrix(5), m, matrix(6), ldb, by_reference(args[8])]
        pointer = ir.IntType(8).as_pointer()
        kind = ir.FunctionType(ir.VoidType(), [pointer] * 13)
        function = builder.inttoptr(args[0], kind.as_pointer())
        builder.call(function, [*operands, matrix(9), m])
        return context.get_dummy_value()

    return signature, generate


@intrinsic
def accumulate_lanes(typing_context: Any, fields: Any, gram: Any, flips: Any, row: Any) -> Any:
    """fields[row] += sum over j < row of gram[row, j] flips[j], all rows LANES floats long.

    The compiler stores the sum after every j; here it stays in registers.
    """
    signature = types.void(fields, gram, flips, types.int64)

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        i64, vector = ir.IntType(64), ir.VectorType(ir.FloatType(), LANES)
        row = args[3]
        bases = [_data(context, builder, signature.args[k], args[k]) for k in range(3)]
        gram_array = context.make_array(signature.args[1])(context, builder, args[1])
        width = cgutils.unpack_tuple(builder, gram_array.shape, 2)[1]
        gram_row = builder.gep(bases[1], [builder.mul(row, width)])

        def lanes(base: Any, index: Any) -> Any:
            element = builder.gep(base, [builder.mul(index, i64(LANES))])
            return builder.bitcast(element, vector.as_pointer())

        def add(total: Any, index: Any) -> Any:
            scalar = builder.load(builder.gep(gram_row, [index]))
            undefined = ir.Constant(vector, ir.Undefined)
            first = builder.insert_element(undefined, scalar, ir.IntType(32)(0))
            zeros = ir.Constant(ir.VectorType(ir.IntType(32), LANES), [0] * LANES)
            factor = builder.shuffle_vector(first, undefined, zeros)
            flip = builder.load(lanes(bases[2], index), align=4)
            product = builder.fmul(factor, flip, flags=("contract",))
            return builder.fadd(total, product, flags=("contract",))

        target = lanes(bases[0], row)
        totals = [cgutils.alloca_once(builder, vector) for _ in range(_CHAINS)]
        builder.store(builder.load(target, align=4), totals[0])
        for total in totals[1:]:
            builder.store(ir.Constant(vector, [0.0] * LANES), total)
        whole = builder.sub(row, builder.srem(row, i64(_CHAINS)))
        with cgutils.for_range_slice(builder, i64(0), whole, i64(_CHAINS)) as (index, _):
            for step, total in enumerate(totals):
                sum_ = add(builder.load(total), builder.add(index, i64(step)))
                builder.store(sum_, total)
        with cgutils.for_range_slice(builder, whole, row, i64(1)) as (index, _):
            builder.store(add(builder.load(totals[0]), index), totals[0])
        result = builder.load(totals[0])
        for total in totals[1:]:
            result = builder.fadd(result, builder.load(total))
        builder.store(result, target, align=4)
        return context.get_dummy_value()

    return signature, generate
