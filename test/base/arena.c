#include "base/arena.h"

#include <string.h>

#include "support/testing.h"

static bool is_zero(const unsigned char *bytes, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (bytes[i]) return false;
    return true;
}

/* Pieces of all sizes, filled to the brim, so that an overlap shows. */
static void pieces_are_aligned_zeroed_and_apart(void **state)
{
    (void)state;
    enum { N = 300 };
    static const size_t blocks[] = {1, 100, 4096, 0};
    for (size_t b = 0; b < TEST_COUNT(blocks); b++) {
        ask_arena *a = ask_arena_new(blocks[b]);
        unsigned char *pieces[N];
        for (size_t i = 0; i < N; i++) {
            size_t align = i % 3 ? 16 : 64;
            pieces[i] = i % 3 ? ask_arena_alloc(a, i) : ask_arena_alloc64(a, i);
            assert_non_null(pieces[i]);
            assert_int_equal((uintptr_t)pieces[i] % align, 0);
            assert_true(is_zero(pieces[i], i));
            memset(pieces[i], (int)(i % 255) + 1, i);
        }
        for (size_t i = 0; i < N; i++)
            for (size_t k = 0; k < i; k++) assert_int_equal(pieces[i][k], i % 255 + 1);
        ask_arena_free(a);
    }
    ask_arena_free(NULL);
}

static void reset_forgets_and_gives_zeros_again(void **state)
{
    (void)state;
    ask_arena *a = ask_arena_new(256);
    for (int round = 0; round < 3; round++) {
        assert_int_equal(ask_arena_used_bytes(a), 0);
        for (size_t n = 1; n < 2000; n *= 3) {
            unsigned char *piece = ask_arena_alloc(a, n);
            assert_true(is_zero(piece, n));
            memset(piece, 0xEE, n);
        }
        assert_true(ask_arena_used_bytes(a) >= 1 + 3 + 9 + 27 + 81 + 243 + 729);
        ask_arena_reset(a);
    }
    ask_arena_free(a);
}

static void a_large_piece_does_not_use_up_the_block(void **state)
{
    (void)state;
    ask_arena *a = ask_arena_new(1024);
    char *before = ask_arena_alloc(a, 16);
    assert_non_null(ask_arena_alloc(a, 100000));
    char *after = ask_arena_alloc(a, 16);
    assert_ptr_equal(after, before + 16);
    ask_arena_free(a);
}

static void texts_are_copied(void **state)
{
    (void)state;
    ask_arena *a = ask_arena_new(0);
    assert_string_equal(ask_arena_strdup(a, "toys"), "toys");
    assert_string_equal(ask_arena_strdup(a, ""), "");
    assert_string_equal(ask_arena_strndup(a, "playroom", 4), "play");
    assert_string_equal(ask_arena_strndup(a, "ab", 9), "ab");
    assert_string_equal(ask_arena_sprintf(a, "%s.%d.%.2f", "w", 12, 0.5), "w.12.0.50");
    assert_int_equal(strlen(ask_arena_sprintf(a, "%*d", 100000, 1)), 100000);
    ask_arena_free(a);
}

static void absurd_sizes_are_refused(void **state)
{
    (void)state;
    ask_arena *a = ask_arena_new(0);
    assert_null(ask_arena_alloc(a, SIZE_MAX));
    assert_null(ask_arena_alloc64(a, SIZE_MAX - 32));
    assert_null(ask_arena_alloc(a, SIZE_MAX - 100));
    assert_null(ask_arena_array(a, SIZE_MAX / 4, 8));
    int64_t *numbers = ask_arena_array(a, 3, sizeof *numbers);
    assert_non_null(numbers);
    assert_int_equal(numbers[2], 0);
    ask_arena_free(a);
}

static bool fill_an_arena(void *user, ask_error *err)
{
    (void)user;
    ask_arena *a = ask_arena_new(64);
    bool ok = a != NULL;
    for (size_t n = 1; ok && n < 500; n += 37) ok = ask_arena_alloc64(a, n) != NULL;
    ok = ok && ask_arena_sprintf(a, "%0*d", 300, 1) && ask_arena_strdup(a, "text");
    ask_arena_free(a);
    return ok || ask_fail(err, ASK_ERR_NOMEM, "out of memory");
}

static void running_out_of_memory_gives_null(void **state)
{
    (void)state;
    assert_true(test_each_alloc_fails("arena", fill_an_arena, NULL) > 10);
}

static void what_was_handed_out_stays_when_memory_runs_out(void **state)
{
    (void)state;
    ask_arena *a = ask_arena_new(64);
    char *kept = ask_arena_strdup(a, "kept");
    size_t used = ask_arena_used_bytes(a);
    test_fail_alloc_at(1);
    assert_null(ask_arena_alloc(a, 1000));
    assert_true(test_alloc_has_failed());
    assert_string_equal(kept, "kept");
    assert_int_equal(ask_arena_used_bytes(a), used);
    assert_non_null(ask_arena_alloc(a, 1000));
    ask_arena_free(a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pieces_are_aligned_zeroed_and_apart),
        cmocka_unit_test(reset_forgets_and_gives_zeros_again),
        cmocka_unit_test(a_large_piece_does_not_use_up_the_block),
        cmocka_unit_test(texts_are_copied),
        cmocka_unit_test(absurd_sizes_are_refused),
        cmocka_unit_test(running_out_of_memory_gives_null),
        cmocka_unit_test(what_was_handed_out_stays_when_memory_runs_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
