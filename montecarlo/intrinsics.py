"""Instructions that Numba cannot express: bit casts, a fused product, BLAS, LANES at once."""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from llvmlite.binding import get_host_cpu_features
from numba.core import cgutils, types
from numba.extending import get_cython_function_address, intrinsic

__all__ = [
    "LANES",
    "ROWS",
    "accumulate_row",
    "accumulate_rows",
    "bits_of_double",
    "bits_of_single",
    "decide_lanes",
    "double_of_bits",
    "fused",
    "sgemm",
    "sgemm_address",
]

LANES = 32
"""Replicas that advance together; 32 floats fill the vector registers of AVX2 and AVX-512."""


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


@intrinsic
def bits_of_single(typing_context: Any, value: Any) -> Any:
    """The 32 bits of a float32 as an int32."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.bitcast(args[0], ir.IntType(32))

    return types.int32(types.float32), generate


@intrinsic
def fused(typing_context: Any, a: Any, b: Any, c: Any) -> Any:
    """Product of a and b plus c, rounded once, as IEEE 754 has it: on every device the same."""

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        return builder.fma(*args)

    return types.float64(types.float64, types.float64, types.float64), generate


def _rows(context: Any, builder: Any, kind: Any, value: Any) -> tuple[Any, Any]:
    """Pointer to the first byte of an array, and the bytes from row to row."""
    array = context.make_array(kind)(context, builder, value)
    data = builder.bitcast(array.data, ir.IntType(8).as_pointer())
    return data, cgutils.unpack_tuple(builder, array.strides)[0]


def _lanes(builder: Any, rows: tuple[Any, Any], row: Any, element: Any) -> Any:
    """Pointer to the first LANES elements of a row, as one vector."""
    data, stride = rows
    first = builder.gep(data, [builder.mul(row, stride)])
    return builder.bitcast(first, ir.VectorType(element, LANES).as_pointer())


@intrinsic
def sgemm(
    typing_context: Any, address: Any, transposed: Any, m: Any, n: Any, k: Any,
    a: Any, b: Any, beta: Any, c: Any,
) -> Any:  # fmt: skip
    """C (n, m) = op(B) (n, k) A (k, m) + beta C for float32 arrays whose rows are contiguous.

    op(B) is B, or its transpose if `transposed`. The arrays may be wider than what is multiplied:
    the distance of their rows is taken from them.
    """
    signature = types.void(
        types.int64, types.boolean, types.int64, types.int64, types.int64,
        a, b, types.float32, c,
    )  # fmt: skip

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        i32, f32, char = ir.IntType(32), ir.FloatType(), ir.IntType(8)

        def by_reference(value: Any) -> Any:
            slot = cgutils.alloca_once(builder, value.type)
            builder.store(value, slot)
            return builder.bitcast(slot, ir.IntType(8).as_pointer())

        def integer(value: Any) -> Any:
            return by_reference(builder.trunc(value, i32))

        def matrix(position: int) -> list[Any]:
            data, stride = _rows(context, builder, signature.args[position], args[position])
            return [data, integer(builder.sdiv(stride, ir.IntType(64)(4)))]

        flag = builder.trunc(args[1], ir.IntType(1))
        no = by_reference(char(ord("N")))
        op = by_reference(builder.select(flag, char(ord("T")), char(ord("N"))))
        shape = [integer(args[position]) for position in (2, 3, 4)]
        factors = [by_reference(f32(1.0)), *matrix(5), *matrix(6), by_reference(args[7])]
        pointer = ir.IntType(8).as_pointer()
        kind = ir.FunctionType(ir.VoidType(), [pointer] * 13)
        function = builder.inttoptr(args[0], kind.as_pointer())
        builder.call(function, [no, op, *shape, *factors, *matrix(8)])
        return context.get_dummy_value()

    return signature, generate


def _spread(builder: Any, scalar: Any) -> Any:
    """Vector with the same number in every lane."""
    undefined = ir.Constant(ir.VectorType(scalar.type, LANES), ir.Undefined)
    first = builder.insert_element(undefined, scalar, ir.IntType(32)(0))
    zeros = ir.Constant(ir.VectorType(ir.IntType(32), LANES), [0] * LANES)
    return builder.shuffle_vector(first, undefined, zeros)


def _accumulate(rows: int) -> Any:
    """Build fields[row : row + rows] += gram[row : row + rows, first : last] @ flips[first : last].

    The compiler would store the sums after every term; here they stay in registers, and with
    several rows a flip is loaded once for all of them.
    """

    def typed(
        typing_context: Any, fields: Any, gram: Any, flips: Any, row: Any, first: Any, last: Any
    ) -> Any:
        return types.void(fields, gram, flips, *[types.int64] * 3), generate

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        i64, f32 = ir.IntType(64), ir.FloatType()
        row, first, last = args[3:]
        fields, gram, flips = (
            _rows(context, builder, kind, value)
            for kind, value in zip(signature.args[:3], args[:3], strict=True)
        )
        own = [builder.add(row, i64(k)) for k in range(rows)]
        targets = [_lanes(builder, fields, r, f32) for r in own]
        data, stride = gram
        factors = [
            builder.bitcast(builder.gep(data, [builder.mul(r, stride)]), f32.as_pointer())
            for r in own
        ]
        totals = [cgutils.alloca_once(builder, ir.VectorType(f32, LANES)) for _ in own]
        for total, target in zip(totals, targets, strict=True):
            builder.store(builder.load(target, align=4), total)
        with cgutils.for_range_slice(builder, first, last, i64(1)) as (index, _):
            flip = builder.load(_lanes(builder, flips, index, f32), align=4)
            for total, factor in zip(totals, factors, strict=True):
                each = _spread(builder, builder.load(builder.gep(factor, [index])))
                product = builder.fmul(each, flip, flags=("contract",))
                sum_ = builder.fadd(builder.load(total), product, flags=("contract",))
                builder.store(sum_, total)
        for total, target in zip(totals, targets, strict=True):
            builder.store(builder.load(total), target, align=4)
        return context.get_dummy_value()

    return intrinsic(typed)


ROWS = 4 if get_host_cpu_features().get("avx512f") else 2
"""Rows of fields whose sums fit into the registers together."""

accumulate_rows = _accumulate(ROWS)
accumulate_row = _accumulate(1)


@intrinsic
def decide_lanes(
    typing_context: Any, fields: Any, diagonal: Any, thresholds: Any, spins: Any, flips: Any,
    count: Any, row: Any, metropolis: Any,
) -> Any:  # fmt: skip
    """New spins of site `row` in all lanes.

    A spin becomes +1 if its field, fields[row] - diagonal * spin, exceeds its threshold t; for
    Metropolis a spin that is +1 stays so if the field exceeds -t - 1. `flips[row]` receives new
    minus old and `count` gains one for every flip.
    """
    signature = types.void(
        fields, types.float32, thresholds, spins, flips, count, types.int64, types.boolean
    )

    def generate(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        f32, i8, i32 = ir.FloatType(), ir.IntType(8), ir.IntType(32)
        row = args[6]

        def pointer(position: int, index: Any, element: Any) -> Any:
            rows = _rows(context, builder, signature.args[position], args[position])
            return _lanes(builder, rows, index, element)

        def constant(number: float) -> Any:
            return ir.Constant(ir.VectorType(f32, LANES), [number] * LANES)

        spin_at = pointer(3, row, i8)
        old = builder.sitofp(builder.load(spin_at, align=1), ir.VectorType(f32, LANES))
        own = builder.fmul(_spread(builder, args[1]), old)
        field = builder.fsub(builder.load(pointer(0, row, f32), align=4), own)
        threshold = builder.load(pointer(2, row, f32), align=4)
        mirrored = builder.fsub(builder.fsub(constant(0.0), threshold), constant(1.0))
        chosen = _spread(builder, builder.trunc(args[7], ir.IntType(1)))
        up = builder.fcmp_ordered(">", old, constant(0.0))
        limit = builder.select(builder.and_(chosen, up), mirrored, threshold)
        above = builder.fcmp_ordered(">", field, limit)
        new = builder.select(above, constant(1.0), constant(-1.0))
        builder.store(builder.fsub(new, old), pointer(4, row, f32), align=4)
        builder.store(builder.fptosi(new, ir.VectorType(i8, LANES)), spin_at, align=1)
        moved = builder.zext(builder.xor(above, up), ir.VectorType(i32, LANES))
        total = pointer(5, ir.IntType(64)(0), i32)
        builder.store(builder.add(builder.load(total, align=4), moved), total, align=4)
        return context.get_dummy_value()

    return signature, generate
