/* support/testing.h - what tests share: folders to work in, fixtures, allocations that
 * fail.
 *
 * Paths returned as const char * stand in a ring of static buffers: they hold for the next
 * fifteen calls. Anything that goes wrong in here ends the test with a message. */
#ifndef SUPPORT_TESTING_H
#define SUPPORT_TESTING_H

// cmocka wants these four before its own header.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/error.h"

#define TEST_COUNT(array) (sizeof(array) / sizeof(*(array)))

/* Fails the test with the name of the case and the condition. */
#define CHECK_CASE(name, condition)                                                        \
    do {                                                                                   \
        if (!(condition)) fail_msg("case \"%s\": %s", (name), #condition);                 \
    } while (0)

/* Fails the test unless an ask_ function succeeded; says the error. */
#define CHECK_OK(call, err)                                                                \
    do {                                                                                   \
        if (!(call)) fail_msg("%s: %s", #call, (err)->message);                            \
    } while (0)

/* A new folder in $TMPDIR or /tmp; the caller gives it to test_temp_dir_remove. */
char *test_temp_dir_make(void);

/* Removes the folder with all that is in it, and frees dir. */
void test_temp_dir_remove(char *dir);

const char *test_path(const char *dir, const char *name);

/* A file of the fixtures folder: $ASKANCE_FIXTURES, or test/fixtures. */
const char *test_fixture(const char *name);

/* A file of the folder that is shared between projects: $ASKANCE_SHARED, or ../shared. NULL
 * when it is not there; the test then skips and says so. */
const char *test_shared(const char *name);

/* Writes a whole file, and the folders above it when they are missing. */
void test_write(const char *path, const void *bytes, size_t n_bytes);
void test_write_text(const char *path, const char *text);

/* A whole file, with a NUL behind it. Freed by the caller. */
char *test_read(const char *path, size_t *n_bytes);

/* How many entries a folder has, hidden ones too. */
int test_count_entries(const char *dir);

/* The n-th malloc, calloc, realloc or posix_memalign of the program from now on fails, and
 * only that one; 0 lets all succeed. (Calls inside shared libraries do not count.) */
void test_fail_alloc_at(long n);

/* Whether the allocation asked for has failed by now. */
bool test_alloc_has_failed(void);

/* Calls attempt(user, err) with its first allocation failing, then its second, and so on
 * until it has no more. Every call must succeed, or fail with ASK_ERR_NOMEM; the last must
 * succeed. Returns how many allocations there were. Leaks are for the sanitizer to find. */
int test_each_alloc_fails(const char *name, bool (*attempt)(void *user, ask_error *err),
                          void *user);

/* The same for an attempt that takes long: the places lie ever farther apart, about 20 for
 * each tenfold. Returns at how many it failed. */
int test_some_allocs_fail(const char *name, bool (*attempt)(void *user, ask_error *err),
                          void *user);

#endif
