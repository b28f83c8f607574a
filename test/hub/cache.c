#include "hub/cache.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "support/testing.h"

#define OLD "1111111111111111111111111111111111111111"
#define NEW "2222222222222222222222222222222222222222"

static char *cache;

static void age(const char *path, time_t seconds)
{
    const struct timespec times[2] = {{.tv_sec = seconds}, {.tv_sec = seconds}};
    assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
}

static int make_cache(void **state)
{
    (void)state;
    cache = test_temp_dir_make();
    test_write_text(test_path(cache, "models--o--main/snapshots/" OLD "/config.json"), "");
    test_write_text(test_path(cache, "models--o--main/snapshots/" NEW "/config.json"), "");
    test_write_text(test_path(cache, "models--o--main/refs/main"), OLD "\n");
    test_write_text(test_path(cache, "models--o--main/refs/refs/pr/1"), NEW);
    test_write_text(test_path(cache, "models--o--main/refs/gone"),
                    "3333333333333333333333333333333333333333");
    test_write_text(test_path(cache, "models--o--main/refs/evil"), "../../..");
    test_write_text(test_path(cache, "models--o--noref/snapshots/" OLD "/x"), "");
    test_write_text(test_path(cache, "models--o--noref/snapshots/" NEW "/x"), "");
    test_write_text(test_path(cache, "models--o--noref/snapshots/other/x"), "");
    age(test_path(cache, "models--o--noref/snapshots/" OLD), 1000);
    age(test_path(cache, "models--o--noref/snapshots/" NEW), 2000);
    test_write_text(test_path(cache, "models--o--empty/refs/main"), OLD);
    test_write_text(test_path(cache, "models--single/snapshots/" OLD "/x"), "");
    return 0;
}

static int remove_cache(void **state)
{
    (void)state;
    test_temp_dir_remove(cache);
    return 0;
}

static void models_are_found_by_id(void **state)
{
    (void)state;
    static const struct {
        const char *id, *below; // NULL: not there
    } cases[] = {
        {"o/main", "models--o--main/snapshots/" OLD},
        {"o/main@main", "models--o--main/snapshots/" OLD},
        {"o/main@refs/pr/1", "models--o--main/snapshots/" NEW},
        {"o/main@" NEW, "models--o--main/snapshots/" NEW},
        {"o/main@gone", NULL},
        {"o/main@evil", NULL},
        {"o/main@v1", NULL},
        {"o/main@refs", NULL},
        {"o/noref", "models--o--noref/snapshots/" NEW},
        {"o/noref@main", NULL},
        {"o/empty", NULL},
        {"single", "models--single/snapshots/" OLD},
        {"o/none", NULL},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        ask_error err = {0};
        ask_hub_id id;
        char *dir;
        CHECK_OK(ask_hub_id_parse(&id, cases[i].id, &err), &err);
        CHECK_OK(ask_hub_cache_find(&dir, cache, &id, &err), &err);
        CHECK_CASE(cases[i].id, !dir == !cases[i].below);
        CHECK_CASE(cases[i].id, !dir || strcmp(dir, test_path(cache, cases[i].below)) == 0);
        free(dir);
    }
}

static bool find(void *user, ask_error *err)
{
    (void)user;
    ask_hub_id id;
    char *dir = NULL;
    bool ok =
        ask_hub_id_parse(&id, "o/noref", err) && ask_hub_cache_find(&dir, cache, &id, err);
    free(dir);
    return ok;
}

static void memory_may_run_out(void **state)
{
    (void)state;
    test_each_alloc_fails("find", find, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(models_are_found_by_id),
        cmocka_unit_test(memory_may_run_out),
    };
    return cmocka_run_group_tests(tests, make_cache, remove_cache);
}
