/* base/clock.h - what time it is and what was used up. */
#ifndef ASK_BASE_CLOCK_H
#define ASK_BASE_CLOCK_H

#include <stddef.h>
#include <stdint.h>

#include "base/api.h"

/* Seconds since some fixed moment; never goes back. */
ASK_API double ask_clock_s(void);

/* Seconds of processor time used by all threads of this process. */
ASK_API double ask_clock_cpu_s(void);

/* Seconds since 1970-01-01 00:00 UTC. */
ASK_API int64_t ask_clock_unix_s(void);

enum { ASK_CLOCK_TEXT_BYTES = 32 };

/* "2025-01-31T12:34:56Z" (ISO 8601, UTC). Returns out. */
ASK_API char *ask_clock_text(char out[ASK_CLOCK_TEXT_BYTES], int64_t unix_s);

/* The most memory this process has had in RAM so far, in bytes; 0 when the system does not
 * tell. */
ASK_API size_t ask_peak_resident_bytes(void);

#endif
