/* op_cases_priv.h - how lists of op cases are written, and what lists there are. */
#ifndef TEST_OP_CASES_PRIV_H
#define TEST_OP_CASES_PRIV_H

#include "support/op_cases.h"

/* ---- inputs and arguments ---- */

// clang-format off
#define SHAPE(...) \
    .shape = {__VA_ARGS__}, .n_dims = sizeof((int64_t[]){__VA_ARGS__}) / sizeof(int64_t)
#define INPUT(t, least, most, ...) \
    {.present = true, .type = (t), .low = (least), .high = (most), __VA_ARGS__}

#define VAR(...)             INPUT(ASK_F32, -2, 2, .grad = true, SHAPE(__VA_ARGS__))
#define POSITIVE(...)        INPUT(ASK_F32, 0.5, 3, .grad = true, SHAPE(__VA_ARGS__))
#define WIDE(...)            INPUT(ASK_F32, -90, 90, .grad = true, SHAPE(__VA_ARGS__))
#define NUMBER()             INPUT(ASK_F32, -2, 2, .grad = true)
#define FIXED(...)           INPUT(ASK_F32, -2, 2, SHAPE(__VA_ARGS__))
#define CLASS_WEIGHTS(n)     INPUT(ASK_F32, 0.5, 3, SHAPE(n))
#define SHARE(...)           INPUT(ASK_F32, 0, 1, SHAPE(__VA_ARGS__))
#define VALUE(v)             INPUT(ASK_F32, (v), (v), SHAPE(1))
#define SPECIAL(...)         INPUT(ASK_F32, 0, 0, .special = true, SHAPE(__VA_ARGS__))
#define STORED(...)          INPUT(ASK_F32, -1, 1, .store = true, SHAPE(__VA_ARGS__))
#define STORED_POSITIVE(...) INPUT(ASK_F32, 0, 1, .store = true, SHAPE(__VA_ARGS__))
#define LENT(...)            INPUT(ASK_F32, -2, 2, .lent = true, SHAPE(__VA_ARGS__))
#define INT(least, most, ...) INPUT(ASK_I64, least, most, SHAPE(__VA_ARGS__))
#define DIGITS(t, ...)       INPUT(t, 0, 9, SHAPE(__VA_ARGS__))
#define BITS(...)            INPUT(ASK_BOOL, 0, 1, SHAPE(__VA_ARGS__))
#define OFTEN(...)           INPUT(ASK_BOOL, 0, 3, SHAPE(__VA_ARGS__))
#define NEVER(...)           INPUT(ASK_BOOL, 0, 0, SHAPE(__VA_ARGS__))
#define NONE                 {.present = false}

#define ARG(type, ...)  &(const type){__VA_ARGS__}
#define ARGS(type, ...) (const type[]){__VA_ARGS__}
// clang-format on

/* ---- the lists, each in support/op_cases_<kind>.c ---- */

extern const op_case_list op_cases_elementwise;
extern const op_case_list op_cases_shape;
extern const op_case_list op_cases_product;
extern const op_case_list op_cases_conv;
extern const op_case_list op_cases_attention;
extern const op_case_list op_cases_norm;
extern const op_case_list op_cases_picture;
extern const op_case_list op_cases_training;

#endif
