/* The program is linked with --wrap for these four, so its calls come here first. */
#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "support/testing.h"

void *__real_malloc(size_t n_bytes);
void *__real_calloc(size_t count, size_t item_bytes);
void *__real_realloc(void *old, size_t n_bytes);
int __real_posix_memalign(void **out, size_t alignment, size_t n_bytes);
void *__wrap_malloc(size_t n_bytes);
void *__wrap_calloc(size_t count, size_t item_bytes);
void *__wrap_realloc(void *old, size_t n_bytes);
int __wrap_posix_memalign(void **out, size_t alignment, size_t n_bytes);

__attribute__((visibility("default"))) const char *__asan_default_options(void);

/* Under AddressSanitizer an absurd size must fail as malloc does, not end the program. */
const char *__asan_default_options(void)
{
    return "allocator_may_return_null=1";
}

static atomic_long calls_left; // until the one that fails; 0 or less is never
static atomic_bool has_failed;

static bool must_fail(void)
{
    if (atomic_load(&calls_left) <= 0 || atomic_fetch_sub(&calls_left, 1) != 1)
        return false;
    atomic_store(&has_failed, true);
    return true;
}

void *__wrap_malloc(size_t n_bytes)
{
    return must_fail() ? NULL : __real_malloc(n_bytes);
}

void *__wrap_calloc(size_t count, size_t item_bytes)
{
    return must_fail() ? NULL : __real_calloc(count, item_bytes);
}

void *__wrap_realloc(void *old, size_t n_bytes)
{
    return must_fail() ? NULL : __real_realloc(old, n_bytes);
}

int __wrap_posix_memalign(void **out, size_t alignment, size_t n_bytes)
{
    return must_fail() ? ENOMEM : __real_posix_memalign(out, alignment, n_bytes);
}

void test_fail_alloc_at(long n)
{
    atomic_store(&has_failed, false);
    atomic_store(&calls_left, n);
}

bool test_alloc_has_failed(void)
{
    return atomic_load(&has_failed);
}

/* Lets the n-th allocation fail; false: there are not so many. */
static bool attempt_failing_at(const char *name, long n,
                               bool (*attempt)(void *user, ask_error *err), void *user)
{
    ask_error err = {0};
    test_fail_alloc_at(n);
    bool ok = attempt(user, &err);
    bool failed = test_alloc_has_failed();
    test_fail_alloc_at(0);
    if (!ok && !failed) fail_msg("%s, with no allocation failing: %s", name, err.message);
    if (!ok && err.code != ASK_ERR_NOMEM)
        fail_msg("%s, allocation %ld failing: code %s, \"%s\"", name, n,
                 ask_error_name(err.code), err.message);
    return failed;
}

int test_each_alloc_fails(const char *name, bool (*attempt)(void *user, ask_error *err),
                          void *user)
{
    int n = 1;
    while (attempt_failing_at(name, n, attempt, user)) n++;
    return n - 1;
}

int test_some_allocs_fail(const char *name, bool (*attempt)(void *user, ask_error *err),
                          void *user)
{
    int n_places = 0;
    for (long n = 1; attempt_failing_at(name, n, attempt, user); n += 1 + n / 8) n_places++;
    return n_places;
}
