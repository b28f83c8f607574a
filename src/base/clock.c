#include "base/clock.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/fd_priv.h"

static double read_clock_s(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

double ask_clock_s(void)
{
    return read_clock_s(CLOCK_MONOTONIC);
}

double ask_clock_cpu_s(void)
{
    return read_clock_s(CLOCK_PROCESS_CPUTIME_ID);
}

int64_t ask_clock_unix_s(void)
{
    return time(NULL);
}

char *ask_clock_text(char out[ASK_CLOCK_TEXT_BYTES], int64_t unix_s)
{
    time_t when = unix_s;
    struct tm utc;
    if (!gmtime_r(&when, &utc) ||
        strftime(out, ASK_CLOCK_TEXT_BYTES, "%Y-%m-%dT%H:%M:%SZ", &utc) == 0)
        snprintf(out, ASK_CLOCK_TEXT_BYTES, "unknown");
    return out;
}

/* From /proc rather than getrusage, whose peak includes that of the program before exec. */
size_t ask_peak_resident_bytes(void)
{
    int fd = ask_fd_open("/proc/self/status", O_RDONLY, 0);
    if (fd < 0) return 0;
    char text[4096];
    ssize_t n = ask_fd_read(fd, text, sizeof text - 1);
    ask_fd_close(fd);
    text[n > 0 ? n : 0] = '\0';
    const char *peak = strstr(text, "VmHWM:");
    return peak ? (size_t)strtoull(peak + strlen("VmHWM:"), NULL, 10) * 1024 : 0; // in kB
}
