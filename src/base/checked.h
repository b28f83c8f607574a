/* base/checked.h - sizes that came from outside, multiplied and added without wrapping.
 *
 * Each function returns false when the exact result does not fit, and then leaves *out
 * untouched. out may point to one of the operands' variables. */
#ifndef ASK_BASE_CHECKED_H
#define ASK_BASE_CHECKED_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

static inline bool ask_mul_size(size_t *out, size_t a, size_t b)
{
    size_t exact;
    if (__builtin_mul_overflow(a, b, &exact)) return false;
    *out = exact;
    return true;
}

static inline bool ask_add_size(size_t *out, size_t a, size_t b)
{
    size_t exact;
    if (__builtin_add_overflow(a, b, &exact)) return false;
    *out = exact;
    return true;
}

static inline bool ask_mul_i64(int64_t *out, int64_t a, int64_t b)
{
    int64_t exact;
    if (__builtin_mul_overflow(a, b, &exact)) return false;
    *out = exact;
    return true;
}

static inline bool ask_add_i64(int64_t *out, int64_t a, int64_t b)
{
    int64_t exact;
    if (__builtin_add_overflow(a, b, &exact)) return false;
    *out = exact;
    return true;
}

/* The product of two counts; INT_MAX for more: what no one has room for. */
static inline int ask_mul_count(int a, int b)
{
    int exact;
    return __builtin_mul_overflow(a, b, &exact) ? INT_MAX : exact;
}

/* Bytes of a count that may be negative or absurd: count * item_bytes. */
static inline bool ask_bytes_of(size_t *out, int64_t count, size_t item_bytes)
{
    size_t exact;
    if (count < 0 || __builtin_mul_overflow(count, item_bytes, &exact)) return false;
    *out = exact;
    return true;
}

#endif
