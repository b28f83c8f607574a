#include "base/cpu.h"

#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#if defined(__x86_64__)
#include <cpuid.h>
#endif

#include "base/cpu_priv.h"
#include "base/fd_priv.h"
#include "base/str.h"

enum { SMALL_FILE_BYTES = 4096 };

static bool is_allowed(const cpu_set_t *allowed, long cpu)
{
    return cpu >= 0 && cpu < ASK_CPU_MOST &&
           CPU_ISSET_S((size_t)cpu, ASK_CPU_SETS * sizeof(cpu_set_t), allowed);
}

/* Reads the beginning of a small system file as text; false when there is none. */
ASK_PRINTF(2, 3)
static bool read_small(char out[SMALL_FILE_BYTES], const char *path_format, ...)
{
    char path[PATH_MAX];
    va_list args;
    va_start(args, path_format);
    int length = vsnprintf(path, sizeof path, path_format, args);
    va_end(args);
    if (length < 0 || (size_t)length >= sizeof path) return false;
    int fd = ask_fd_open(path, O_RDONLY, 0);
    if (fd < 0) return false;
    ssize_t n = ask_fd_read(fd, out, SMALL_FILE_BYTES - 1);
    ask_fd_close(fd);
    if (n < 0) return false;
    out[n] = '\0';
    return true;
}

/* The first allowed number of a kernel list such as "0-1,64"; -1 when there is none. */
static long first_allowed(const char *list, const cpu_set_t *allowed)
{
    while (*list >= '0' && *list <= '9') {
        char *end;
        long first = strtol(list, &end, 10);
        long last = *end == '-' ? strtol(end + 1, &end, 10) : first;
        for (long cpu = first; cpu <= last && cpu < ASK_CPU_MOST; cpu++)
            if (is_allowed(allowed, cpu)) return cpu;
        list = *end == ',' ? end + 1 : end;
    }
    return -1;
}

/* Of the allowed hardware threads of a core, the first one stands for the core. A core
 * whose siblings are not known stands for itself. */
static bool stands_for_core(const char *root, const cpu_set_t *allowed, int cpu)
{
    char siblings[SMALL_FILE_BYTES];
    if (!read_small(siblings,
                    "%s/sys/devices/system/cpu/cpu%d/topology/thread_siblings_list", root,
                    cpu))
        return true;
    long first = first_allowed(siblings, allowed);
    return first == cpu || first < 0;
}

static int count_cores(const char *root, const cpu_set_t *allowed)
{
    int n = 0;
    for (int cpu = 0; cpu < ASK_CPU_MOST; cpu++)
        if (is_allowed(allowed, cpu) && stands_for_core(root, allowed, cpu)) n++;
    return n;
}

/* Processors a quota of time per period is worth, rounded up; INT_MAX for no quota. */
static int quota_cpus(long long quota_us, long long period_us)
{
    if (quota_us <= 0 || period_us <= 0) return INT_MAX;
    long long n = (quota_us - 1) / period_us + 1;
    return n < INT_MAX ? (int)n : INT_MAX;
}

/* Version 2: one file, "max 100000" or "150000 100000". */
static int quota_v2(const char *root, const char *group)
{
    char text[SMALL_FILE_BYTES];
    long long quota_us, period_us;
    if (!read_small(text, "%s/sys/fs/cgroup%s/cpu.max", root, group) ||
        sscanf(text, "%lld %lld", &quota_us, &period_us) != 2)
        return INT_MAX;
    return quota_cpus(quota_us, period_us);
}

/* Version 1: two files; a quota of -1 is none. */
static int quota_v1(const char *root, const char *group)
{
    char quota[SMALL_FILE_BYTES], period[SMALL_FILE_BYTES];
    if (!read_small(quota, "%s/sys/fs/cgroup/cpu%s/cpu.cfs_quota_us", root, group) ||
        !read_small(period, "%s/sys/fs/cgroup/cpu%s/cpu.cfs_period_us", root, group))
        return INT_MAX;
    return quota_cpus(atoll(quota), atoll(period));
}

/* The smallest quota of a group and the groups above it. A group that cannot be seen from
 * inside a container is passed over. Shortens group. */
static int quota_upwards(const char *root, char *group,
                         int (*quota)(const char *, const char *))
{
    int least = INT_MAX;
    for (;;) {
        char *slash = strrchr(group, '/');
        if (slash && slash[1] == '\0') *slash = '\0'; // the top is "", not "/"
        int n = quota(root, group);
        if (n < least) least = n;
        slash = strrchr(group, '/');
        if (!slash) return least;
        *slash = '\0';
    }
}

/* Whether a comma-separated list has "cpu" in it. */
static bool controls_cpu(const char *controllers)
{
    for (const char *item = controllers; item; item = strchr(item, ',')) {
        item += *item == ',';
        if (strncmp(item, "cpu", 3) == 0 && (item[3] == ',' || item[3] == '\0'))
            return true;
    }
    return false;
}

/* Lines of /proc/self/cgroup are "number:controllers:/group"; version 2 names no
 * controllers. */
static int count_quota(const char *root)
{
    char text[SMALL_FILE_BYTES];
    if (!read_small(text, "%s/proc/self/cgroup", root)) return INT_MAX;
    int least = INT_MAX;
    char *rest = text;
    for (char *line; (line = strsep(&rest, "\n"));) {
        strsep(&line, ":");
        const char *controllers = strsep(&line, ":");
        if (!controllers || !line) continue;
        int n = INT_MAX;
        if (*controllers == '\0')
            n = quota_upwards(root, line, quota_v2);
        else if (controls_cpu(controllers))
            n = quota_upwards(root, line, quota_v1);
        if (n < least) least = n;
    }
    return least;
}

int ask_cpu_count_under(const char *root, const cpu_set_t allowed[ASK_CPU_SETS])
{
    int n_cores = count_cores(root, allowed);
    int n_quota = count_quota(root);
    int n = n_cores < n_quota ? n_cores : n_quota;
    return n > 1 ? n : 1;
}

int ask_cpu_count(void)
{
    cpu_set_t allowed[ASK_CPU_SETS] = {0};
    if (sched_getaffinity(0, sizeof allowed, allowed) != 0) return 1;
    return ask_cpu_count_under("", allowed);
}

#if defined(__x86_64__)

/* Whether vectors of 256 bits work: the processor has them and the system saves them, which
 * the compiler's own check of AVX covers. F16C, which it does not know, is bit 29. */
static bool has_f16c(void)
{
    unsigned a, b, c, d;
    return __builtin_cpu_supports("avx") && __get_cpuid(1, &a, &b, &c, &d) && (c >> 29 & 1);
}

static void read_features(ask_cpu_features *f)
{
    f->avx2 = __builtin_cpu_supports("avx2");
    f->fma = __builtin_cpu_supports("fma");
    f->f16c = has_f16c();
    f->avx512f = __builtin_cpu_supports("avx512f");
    f->avx512bw = __builtin_cpu_supports("avx512bw");
    f->avx512dq = __builtin_cpu_supports("avx512dq");
    f->avx512vl = __builtin_cpu_supports("avx512vl");
    f->avx512vnni = __builtin_cpu_supports("avx512vnni");
}

/* The name comes as three leaves of sixteen characters, with spaces in front or behind. */
static bool read_model(char out[64])
{
    unsigned words[12];
    for (unsigned i = 0; i < 3; i++) {
        unsigned *w = words + 4 * i;
        if (!__get_cpuid(0x80000002 + i, w, w + 1, w + 2, w + 3)) return false;
    }
    char name[sizeof words + 1] = {0};
    memcpy(name, words, sizeof words);
    const char *start = name + strspn(name, " ");
    size_t n = strlen(start);
    while (n > 0 && start[n - 1] == ' ') n--;
    memcpy(out, start, n);
    out[n] = '\0';
    return n > 0;
}

#else

static void read_features(ask_cpu_features *f)
{
#if defined(__aarch64__)
    f->neon = true; // part of the base instruction set
#else
    (void)f;
#endif
}

static bool read_model(char out[64])
{
    (void)out;
    return false;
}

#endif

ask_cpu_features ask_cpu_features_read(void)
{
    ask_cpu_features f = {0};
    read_features(&f);
    if (!read_model(f.model)) strcpy(f.model, "unknown");
    const struct {
        bool is;
        const char *name;
    } all[] = {
        {f.avx2, "avx2"},         {f.fma, "fma"},           {f.f16c, "f16c"},
        {f.avx512f, "avx512f"},   {f.avx512bw, "avx512bw"}, {f.avx512dq, "avx512dq"},
        {f.avx512vl, "avx512vl"}, {f.neon, "neon"},         {f.avx512vnni, "avx512vnni"},
    };
    size_t used = 0;
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        if (all[i].is)
            used += (size_t)ask_format(f.isa + used, sizeof f.isa - used, "%s%s",
                                       used ? " " : "", all[i].name);
    if (used == 0) strcpy(f.isa, "scalar");
    return f;
}
