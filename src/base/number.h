/* base/number.h - numbers to text and back, the same in every locale.
 *
 * Parsing is strict: the whole text must be the number, without spaces around it. On false,
 * *out is untouched. */
#ifndef ASK_BASE_NUMBER_H
#define ASK_BASE_NUMBER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/api.h"

/* Decimal digits with an optional sign; false on overflow. */
ASK_API bool ask_parse_i64(int64_t *out, const char *text);

/* Decimal digits without a sign; false on overflow. */
ASK_API bool ask_parse_u64(uint64_t *out, const char *text);

/* Sign, digits with an optional point, exponent: "-1.5e3", ".5", "5.". Correctly rounded.
 * No hexadecimal, no infinity, no NaN; false on overflow, while underflow goes to 0. */
ASK_API bool ask_parse_double(double *out, const char *text);

enum { ASK_DOUBLE_TEXT_BYTES = 32 };

/* The fewest digits (15 to 17) that parse back to the same double, ended by a NUL; "inf",
 * "-inf" and "nan" for the rest. Returns out. */
ASK_API char *ask_format_double(char out[ASK_DOUBLE_TEXT_BYTES], double value);

enum { ASK_BYTES_TEXT_BYTES = 32 };

/* A number of bytes for people, in powers of 1000: "999 B", "1.5 kB", "13.5 GB". Returns
 * out. */
ASK_API char *ask_format_bytes(char out[ASK_BYTES_TEXT_BYTES], int64_t n_bytes);

#endif
