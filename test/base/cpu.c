#include "base/cpu.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/cpu_priv.h"
#include "support/testing.h"

/* A machine of four hardware threads, as files under a root of its own. */
typedef struct {
    const char *name;
    const char *siblings[4]; // thread_siblings_list of each; NULL when it has no file
    const char *cgroup;      // /proc/self/cgroup
    struct {
        const char *path, *text;
    } quota[4];       // files under /sys/fs/cgroup
    unsigned allowed; // bit n is hardware thread n
    int expected;
} machine;

#define PAIRS                                                                              \
    {                                                                                      \
        "0,2\n", "1,3\n", "0,2\n", "1,3\n"                                                 \
    }
#define NEIGHBOURS                                                                         \
    {                                                                                      \
        "0-1\n", "0-1\n", "2-3\n", "2-3\n"                                                 \
    }
#define SINGLE                                                                             \
    {                                                                                      \
        "0\n", "1\n", "2\n", "3\n"                                                         \
    }

static const machine machines[] = {
    {.name = "no files at all", .allowed = 0xF, .expected = 4},
    {.name = "four cores", .siblings = SINGLE, .allowed = 0xF, .expected = 4},
    {.name = "two cores in pairs", .siblings = PAIRS, .allowed = 0xF, .expected = 2},
    {.name = "two cores as ranges", .siblings = NEIGHBOURS, .allowed = 0xF, .expected = 2},
    {.name = "one thread of each core", .siblings = PAIRS, .allowed = 0x3, .expected = 2},
    {.name = "second threads only", .siblings = PAIRS, .allowed = 0xC, .expected = 2},
    {.name = "one core", .siblings = PAIRS, .allowed = 0x5, .expected = 1},
    {.name = "nothing allowed", .siblings = SINGLE, .allowed = 0, .expected = 1},
    {.name = "v2 quota of two",
     .siblings = SINGLE,
     .cgroup = "0::/\n",
     .quota = {{"cpu.max", "200000 100000\n"}},
     .allowed = 0xF,
     .expected = 2},
    {.name = "v2 quota is rounded up",
     .siblings = SINGLE,
     .cgroup = "0::/\n",
     .quota = {{"cpu.max", "110000 100000\n"}},
     .allowed = 0xF,
     .expected = 2},
    {.name = "v2 quota below one",
     .siblings = SINGLE,
     .cgroup = "0::/\n",
     .quota = {{"cpu.max", "5000 100000\n"}},
     .allowed = 0xF,
     .expected = 1},
    {.name = "v2 without a quota",
     .siblings = SINGLE,
     .cgroup = "0::/a\n",
     .quota = {{"a/cpu.max", "max 100000\n"}},
     .allowed = 0xF,
     .expected = 4},
    {.name = "v2 quota of a group above",
     .siblings = SINGLE,
     .cgroup = "0::/a/b/c\n",
     .quota = {{"a/b/c/cpu.max", "max 100000\n"}, {"a/cpu.max", "300000 100000\n"}},
     .allowed = 0xF,
     .expected = 3},
    {.name = "v2 group not to be seen from inside",
     .siblings = SINGLE,
     .cgroup = "0::/docker/0123\n",
     .quota = {{"cpu.max", "100000 100000\n"}},
     .allowed = 0xF,
     .expected = 1},
    {.name = "v2 quota over what there is",
     .siblings = SINGLE,
     .cgroup = "0::/\n",
     .quota = {{"cpu.max", "99999999999999 100000\n"}},
     .allowed = 0xF,
     .expected = 4},
    {.name = "v1 quota",
     .siblings = SINGLE,
     .cgroup = "5:memory:/m\n4:cpu,cpuacct:/a\n",
     .quota = {{"cpu/a/cpu.cfs_quota_us", "300000\n"},
               {"cpu/a/cpu.cfs_period_us", "100000\n"}},
     .allowed = 0xF,
     .expected = 3},
    {.name = "v1 without a quota",
     .siblings = SINGLE,
     .cgroup = "4:cpuacct,cpu:/\n0::/\n",
     .quota = {{"cpu/cpu.cfs_quota_us", "-1\n"}, {"cpu/cpu.cfs_period_us", "100000\n"}},
     .allowed = 0xF,
     .expected = 4},
    {.name = "another controller's quota does not count",
     .siblings = SINGLE,
     .cgroup = "4:cpuset,cpuacct:/\n",
     .quota = {{"cpu/cpu.cfs_quota_us", "100000\n"}, {"cpu/cpu.cfs_period_us", "100000\n"}},
     .allowed = 0xF,
     .expected = 4},
    {.name = "files that are not what they should be",
     .siblings = {"", "x\n", "2-\n", ",\n"},
     .cgroup = "\n:\n::\n0:\nnonsense\n0::\n",
     .quota = {{"cpu.max", "lots\n"}},
     .allowed = 0xF,
     .expected = 4},
};

static void build(const char *root, const machine *m)
{
    char path[128];
    for (int cpu = 0; cpu < 4; cpu++) {
        if (!m->siblings[cpu]) continue;
        snprintf(path, sizeof path,
                 "sys/devices/system/cpu/cpu%d/topology/thread_siblings_list", cpu);
        test_write_text(test_path(root, path), m->siblings[cpu]);
    }
    if (m->cgroup) test_write_text(test_path(root, "proc/self/cgroup"), m->cgroup);
    for (size_t i = 0; i < TEST_COUNT(m->quota) && m->quota[i].path; i++) {
        snprintf(path, sizeof path, "sys/fs/cgroup/%s", m->quota[i].path);
        test_write_text(test_path(root, path), m->quota[i].text);
    }
}

static void cores_are_counted_on_every_kind_of_machine(void **state)
{
    (void)state;
    for (size_t i = 0; i < TEST_COUNT(machines); i++) {
        const machine *m = &machines[i];
        char *root = test_temp_dir_make();
        build(root, m);
        cpu_set_t allowed[ASK_CPU_SETS] = {0};
        for (unsigned cpu = 0; cpu < 4; cpu++)
            if (m->allowed >> cpu & 1) CPU_SET(cpu, &allowed[0]);
        int n = ask_cpu_count_under(root, allowed);
        if (n != m->expected) fail_msg("case \"%s\": %d, not %d", m->name, n, m->expected);
        test_temp_dir_remove(root);
    }
}

static void this_machine_has_cores_but_no_more_than_threads(void **state)
{
    (void)state;
    assert_in_range(ask_cpu_count(), 1, sysconf(_SC_NPROCESSORS_ONLN));
}

static bool cpuinfo_has(const char *flag)
{
    FILE *file = fopen("/proc/cpuinfo", "r");
    if (!file) return false;
    char line[16384];
    char wanted[32];
    snprintf(wanted, sizeof wanted, " %s ", flag);
    bool found = false;
    while (!found && fgets(line, sizeof line, file)) {
        line[strcspn(line, "\n")] = ' ';
        if (strncmp(line, "flags", 5) == 0) found = strstr(line, wanted);
    }
    fclose(file);
    return found;
}

static void features_are_those_the_kernel_lists(void **state)
{
    (void)state;
    ask_cpu_features f = ask_cpu_features_read();
    assert_true(f.isa[0] && f.model[0]);
#if defined(__x86_64__)
    const struct {
        const char *flag;
        bool is;
    } cases[] = {
        {"avx2", f.avx2},         {"fma", f.fma},
        {"f16c", f.f16c},         {"avx512f", f.avx512f},
        {"avx512bw", f.avx512bw}, {"avx512dq", f.avx512dq},
        {"avx512vl", f.avx512vl}, {"avx512_vnni", f.avx512vnni},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++)
        CHECK_CASE(cases[i].flag, cases[i].is == cpuinfo_has(cases[i].flag));
    assert_int_equal(strstr(f.isa, "avx2") != NULL, f.avx2);
#else
    (void)cpuinfo_has;
#endif
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cores_are_counted_on_every_kind_of_machine),
        cmocka_unit_test(this_machine_has_cores_but_no_more_than_threads),
        cmocka_unit_test(features_are_those_the_kernel_lists),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
