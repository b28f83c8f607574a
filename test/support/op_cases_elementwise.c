/* Cases of ops: sums, functions, comparisons, types: an element at a time. */
#include "support/op_cases_priv.h"

// clang-format off
#define EACH_BINARY(op, RIGHT) \
    {.name = #op ", one shape", build_##op, {VAR(3, 37), RIGHT(3, 37)}}, \
    {.name = #op ", a row against many", build_##op, {VAR(4, 3, 5), RIGHT(5)}}, \
    {.name = #op ", a column against many", build_##op, {VAR(4, 5), RIGHT(4, 1)}}, \
    {.name = #op ", column and row", build_##op, {VAR(7, 1), RIGHT(1, 19)}}, \
    {.name = #op ", nothing", build_##op, {VAR(0, 3), RIGHT(3)}}, \
    {.name = #op ", special numbers", build_##op, {SPECIAL(1, 16), SPECIAL(16, 1)}}

#define EACH_UNARY(op, IN, a) \
    {.name = #op ", odd width", build_##op, {IN(131)}, a}, \
    {.name = #op ", three axes", build_##op, {IN(2, 5, 9)}, a}, \
    {.name = #op ", nothing", build_##op, {IN(3, 0)}, a}, \
    {.name = #op ", many", build_##op, {IN(33, 1001)}, a}, \
    {.name = #op ", special numbers", build_##op, {SPECIAL(16)}, a}
// clang-format on

static const op_case cases[] = {
    EACH_BINARY(add, VAR),
    EACH_BINARY(sub, VAR),
    EACH_BINARY(mul, VAR),
    EACH_BINARY(div, POSITIVE),
    EACH_BINARY(maximum, VAR),
    EACH_BINARY(minimum, VAR),
    {.name = "add, a number", build_add, {VAR(2, 3), NUMBER()}},
    {.name = "add, six axes", build_add, {VAR(2, 1, 3, 1, 2, 1), VAR(1, 2, 1, 2, 1, 3)}},
    {.name = "add, many rows", build_add, {VAR(33, 1001), VAR(1001)}},
    {.name = "mul, many columns", build_mul, {VAR(33, 1001), VAR(33, 1)}},
    {.name = "mul, one tensor twice as wide", build_mul, {VAR(2, 3, 1, 5), VAR(3, 4, 5)}},

    EACH_UNARY(affine, VAR, ARGS(double, -1.5, 0.25)),
    EACH_UNARY(exp, VAR, NULL),
    EACH_UNARY(log, POSITIVE, NULL),
    EACH_UNARY(sqrt, POSITIVE, NULL),
    EACH_UNARY(relu, VAR, NULL),
    EACH_UNARY(sigmoid, VAR, NULL),
    EACH_UNARY(silu, VAR, NULL),
    EACH_UNARY(tanh, VAR, NULL),
    EACH_UNARY(sin, VAR, NULL),
    EACH_UNARY(cos, WIDE, NULL),
    EACH_UNARY(pow, POSITIVE, ARG(double, 1.7)),
    EACH_UNARY(gelu, VAR, ARG(ask_gelu_kind, ASK_GELU_EXACT)),
    {.name = "pow, square of any sign", build_pow, {VAR(3, 7)}, ARG(double, 2.0)},
    {.name = "pow, inverse", build_pow, {POSITIVE(3, 7)}, ARG(double, -1.0)},
    {.name = "gelu tanh, odd width",
     build_gelu,
     {VAR(131)},
     ARG(ask_gelu_kind, ASK_GELU_TANH)},
    {.name = "gelu tanh, wide", build_gelu, {WIDE(131)}, ARG(ask_gelu_kind, ASK_GELU_TANH)},
    {.name = "gelu quick, odd width",
     build_gelu,
     {VAR(131)},
     ARG(ask_gelu_kind, ASK_GELU_QUICK)},
    {.name = "gelu quick, wide",
     build_gelu,
     {WIDE(131)},
     ARG(ask_gelu_kind, ASK_GELU_QUICK)},
    {.name = "gelu, wide", build_gelu, {WIDE(131)}, ARG(ask_gelu_kind, ASK_GELU_EXACT)},
    {.name = "sigmoid, wide", build_sigmoid, {WIDE(131)}},
    {.name = "silu, wide", build_silu, {WIDE(131)}},
    {.name = "tanh, wide", build_tanh, {WIDE(131)}},

    {.name = "less, f32", build_less, {FIXED(3, 5), FIXED(5)}},
    {.name = "less, i64", build_less, {INT(0, 3, 3, 5), INT(0, 3, 3, 1)}},
    {.name = "less, nothing", build_less, {FIXED(0, 5), FIXED(5)}},
    {.name = "less, many", build_less, {FIXED(129, 1001), FIXED(1001)}},
    {.name = "equal, f32", build_equal, {SPECIAL(16), SPECIAL(16)}},
    {.name = "equal, i64", build_equal, {INT(0, 2, 4, 7), INT(0, 2, 7)}},
    {.name = "where, all broadcast", build_where, {BITS(4, 1, 5), VAR(3, 1), VAR(4, 3, 5)}},
    {.name = "where, odd width", build_where, {BITS(3, 37), VAR(3, 37), VAR(3, 37)}},
    {.name = "where, nothing", build_where, {BITS(0, 2), VAR(0, 2), VAR(2)}},
    {.name = "where, many", build_where, {BITS(33, 1001), VAR(33, 1001), VAR(1001)}},
    {.name = "cast, f32 to f16", build_cast, {FIXED(3, 37)}, ARG(ask_dtype, ASK_F16)},
    {.name = "cast, f32 to bf16", build_cast, {FIXED(3, 37)}, ARG(ask_dtype, ASK_BF16)},
    {.name = "cast, f32 to i32", build_cast, {FIXED(3, 37)}, ARG(ask_dtype, ASK_I32)},
    {.name = "cast, f32 to i64", build_cast, {FIXED(3, 37)}, ARG(ask_dtype, ASK_I64)},
    {.name = "cast, f32 to bool", build_cast, {SPECIAL(16)}, ARG(ask_dtype, ASK_BOOL)},
    {.name = "cast, i64 to f32", build_cast, {INT(-9, 9, 3, 5)}, ARG(ask_dtype, ASK_F32)},
    {.name = "cast, i64 to i32", build_cast, {INT(-9, 9, 3, 5)}, ARG(ask_dtype, ASK_I32)},
    {.name = "cast, bool to f32", build_cast, {BITS(3, 5)}, ARG(ask_dtype, ASK_F32)},
    {.name = "cast, bool to i64", build_cast, {BITS(3, 5)}, ARG(ask_dtype, ASK_I64)},
    {.name = "cast, f16 to f32",
     build_cast,
     {DIGITS(ASK_F16, 3, 7)},
     ARG(ask_dtype, ASK_F32)},
    {.name = "cast, bf16 to f32",
     build_cast,
     {DIGITS(ASK_BF16, 3, 7)},
     ARG(ask_dtype, ASK_F32)},
    {.name = "cast, i32 to f32",
     build_cast,
     {DIGITS(ASK_I32, 3, 7)},
     ARG(ask_dtype, ASK_F32)},
    {.name = "cast, nothing", build_cast, {FIXED(0, 3)}, ARG(ask_dtype, ASK_F16)},
    {.name = "cast, many", build_cast, {FIXED(129, 1001)}, ARG(ask_dtype, ASK_BF16)},
    {.name = "cast through f16",
     build_cast_through,
     {VAR(3, 7)},
     ARG(ask_dtype, ASK_F16),
     .steps = true,
     .why = "rounding is a staircase"},
    {.name = "cast through bf16",
     build_cast_through,
     {VAR(3, 7)},
     ARG(ask_dtype, ASK_BF16),
     .steps = true,
     .why = "rounding is a staircase"},
};
const op_case_list op_cases_elementwise = {cases, sizeof cases / sizeof cases[0]};
