/* base/time_text.h - times as people write and read them. */
#ifndef ASK_BASE_TIME_TEXT_H
#define ASK_BASE_TIME_TEXT_H

#include <stdbool.h>

#include "base/api.h"

/* Reads seconds ("7.5", "1e3"), minutes and seconds ("1:07.5"), or hours too
 * ("2:01:07.5"); what stands behind a colon is less than 60. False for anything else and
 * for times before 0, with *out untouched. */
ASK_API bool ask_parse_time(double *out, const char *text);

enum { ASK_TIME_TEXT_BYTES = 40 };

/* The same the other way, to hundredths: "7.25", "1:07.25", "2:01:07.25". Returns out. */
ASK_API char *ask_format_time(char out[ASK_TIME_TEXT_BYTES], double t_s);

/* " s" for a time that is written without a colon, else "". */
ASK_API const char *ask_time_unit(double t_s);

#endif
