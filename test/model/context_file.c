/* Contexts in files: what was saved goes on as if it had never been away, and nothing else
 * is taken. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/context.h"
#include "support/checkpoint.h"
#include "support/reader.h"
#include "support/testing.h"
#include "weights/safetensors.h"

enum { N_TEXT = 70, N_MORE = 20 };

static const char *file_of(const reader *r)
{
    return test_path(r->dir, "context.safetensors");
}

static void save(const ask_context *c, const char *path)
{
    ask_error err = {0};
    CHECK_OK(ask_context_save(c, path, NULL, &err), &err);
}

static ask_context *load(const reader *r, const char *path, int n_rows)
{
    ask_error err = {0};
    ask_context *c;
    CHECK_OK(c = ask_context_load(r->session, path, n_rows, NULL, &err), &err);
    return c;
}

/* With other room the same text may be read in other pieces. */
static void check_same(const float *is, const float *expected, int64_t n, bool same_room)
{
    for (int64_t i = 0; i < n; i++)
        assert_true(same_room ? is[i] == expected[i] : fabsf(is[i] - expected[i]) <= 1e-5f);
}

static void what_was_saved_goes_on_as_it_would_have(void **state)
{
    (void)state;
    static const char *const fixtures[] = {"golden/llama_mha", "golden/llama3_rope",
                                           "golden/mistral",   "golden/qwen2",
                                           "golden/opt",       "golden/gpt2"};
    static const int rooms[] = {100, 400}; // as the first had, and more
    for (size_t f = 0; f < TEST_COUNT(fixtures); f++) {
        reader r = reader_open(fixtures[f]);
        ask_place text[N_TEXT + N_MORE];
        reader_text(text, N_TEXT + N_MORE, r.n_vocab, 1);
        ask_context *c = reader_context(&r, 100);
        free(reader_read(c, text, N_TEXT));
        save(c, file_of(&r));
        float *next = reader_read(c, text, N_TEXT);
        float *behind = reader_read(c, text, N_TEXT + N_MORE);
        for (size_t i = 0; i < TEST_COUNT(rooms); i++) {
            ask_context *again = load(&r, file_of(&r), rooms[i]);
            assert_int_equal(ask_context_n_read(again), N_TEXT);
            assert_true(ask_context_n_rows(again) >= rooms[i]);
            assert_int_equal(ask_context_common(again, text, N_TEXT), N_TEXT - 1);
            float *a = reader_read(again, text, N_TEXT);
            float *b = reader_read(again, text, N_TEXT + N_MORE);
            check_same(a, next, r.n_vocab, i == 0);
            check_same(b, behind, r.n_vocab, i == 0);
            free(a);
            free(b);
            ask_context_close(again);
        }
        free(next);
        free(behind);
        ask_context_close(c);
        reader_close(&r);
    }
}

/* Rows of features, and texts that go on differently. */
static void rows_and_branches_are_saved_too(void **state)
{
    (void)state;
    ask_error err = {0};
    reader r = reader_open("golden/llama_mha");
    size_t bytes = 2 * (size_t)r.n_vocab * sizeof(float);
    float row[32], *logits = malloc(bytes), *again_logits = malloc(bytes);
    assert_true(r.info.width == 32 && logits && again_logits);
    for (int i = 0; i < 32; i++) row[i] = (float)sin(i);
    ask_place text[10];
    reader_text(text, 10, r.n_vocab, 2);
    text[3] = (ask_place){.id = 5000, .identity = UINT64_MAX, .row = row};
    ask_context *c = reader_context(&r, 20);
    free(reader_read(c, text, 9));
    const int64_t first[] = {4, text[9].id}, second[] = {9, 8};
    CHECK_OK(ask_context_branch(c, first, (int[]){8, 8}, 2, logits, NULL, &err), &err);
    save(c, file_of(&r));
    ask_context *again = load(&r, file_of(&r), 20);
    assert_int_equal(ask_context_n_read(again), 11);
    const int parents[] = {10, 9};
    CHECK_OK(ask_context_branch(c, second, parents, 2, logits, NULL, &err), &err);
    CHECK_OK(ask_context_branch(again, second, parents, 2, again_logits, NULL, &err), &err);
    assert_memory_equal(logits, again_logits, bytes);
    text[3].row = NULL; // it was read
    assert_int_equal(ask_context_common(again, text, 10), 9);
    free(reader_read(again, text, 10));
    free(logits);
    free(again_logits);
    ask_context_close(c);
    ask_context_close(again);
    reader_close(&r);
}

static void only_what_was_read_is_in_the_file(void **state)
{
    (void)state;
    reader r = reader_open("golden/llama3_rope"); // 3 layers, 1 head of keys, 16 numbers
    ask_place text[30];
    reader_text(text, 30, r.n_vocab, 3);
    ask_context *c = reader_context(&r, READER_MOST);
    free(reader_read(c, text, 30));
    ask_context_rewind(c, 25);
    save(c, file_of(&r));
    tensor_list list = tensors_read(file_of(&r));
    assert_int_equal(list.n, 3 + 2 * 3);
    const ask_weights_entry *keys = tensors_get(&list, "keys.2");
    assert_int_equal(keys->n_dims, 3);
    assert_memory_equal(keys->shape, ((int64_t[]){1, 25, 16}), 3 * sizeof(int64_t));
    const ask_weights_entry *parents = tensors_get(&list, "parents");
    for (int64_t i = 0; i < 25; i++)
        assert_int_equal(((const int64_t *)parents->data)[i], i - 1);
    tensors_free(&list);
    ask_context_close(c);
    reader_close(&r);
}

static void a_context_that_has_read_nothing_is_one_too(void **state)
{
    (void)state;
    reader r = reader_open("golden/llama_mha");
    ask_context *c = reader_context(&r, 10);
    save(c, file_of(&r));
    ask_context *again = load(&r, file_of(&r), 10);
    assert_int_equal(ask_context_n_read(again), 0);
    ask_place text[5];
    reader_text(text, 5, r.n_vocab, 4);
    free(reader_read(again, text, 5));
    ask_context_close(c);
    ask_context_close(again);
    reader_close(&r);
}

/* ---- what is not taken ---- */

static void check_refused(const char *name, const reader *r, const char *path, int n_rows,
                          ask_error_code code, const char *message)
{
    ask_error err = {0};
    CHECK_CASE(name, !ask_context_load(r->session, path, n_rows, NULL, &err));
    if (err.code != code || !strstr(err.message, message) || strchr(err.message, '\n'))
        fail_msg("case \"%s\": %s: %s", name, ask_error_name(err.code), err.message);
}

static void a_context_of_another_model_is_refused(void **state)
{
    (void)state;
    reader a = reader_open("golden/llama_mha"), b = reader_open("golden/mistral");
    ask_context *c = reader_context(&a, 10);
    save(c, file_of(&a));
    check_refused("another model", &b, file_of(&a), 10, ASK_ERR_MODEL,
                  "context.safetensors: another model has read this context (its id is");
    check_refused("another model", &b, file_of(&a), 10, ASK_ERR_MODEL,
                  "use that model, or read the text again");
    ask_context_close(c);
    reader_close(&a);
    reader_close(&b);
}

static void what_has_no_room_is_refused(void **state)
{
    (void)state;
    reader r = reader_open("golden/llama_mha");
    ask_place text[N_TEXT];
    reader_text(text, N_TEXT, r.n_vocab, 5);
    ask_context *c = reader_context(&r, N_TEXT);
    free(reader_read(c, text, N_TEXT));
    save(c, file_of(&r));
    check_refused("less room", &r, file_of(&r), 64, ASK_ERR_LIMIT,
                  "70 places do not fit into a context of 64; open it with more room");
    check_refused("no room", &r, file_of(&r), -1, ASK_ERR_LIMIT, "a context of -1 tokens");
    ask_context_close(c);
    reader_close(&r);
}

static void without_a_number_there_is_room_for_what_was_read(void **state)
{
    (void)state;
    reader r = reader_open("golden/llama_mha");
    ask_place text[N_TEXT];
    reader_text(text, N_TEXT, r.n_vocab, 5);
    ask_context *c = reader_context(&r, 2 * N_TEXT);
    free(reader_read(c, text, N_TEXT));
    save(c, file_of(&r));
    ask_context *again = load(&r, file_of(&r), 0);
    assert_int_equal(ask_context_n_read(again), N_TEXT);
    assert_in_range(ask_context_n_rows(again), N_TEXT, 2 * N_TEXT - 1);
    ask_context_close(again);
    ask_context_close(c);
    reader_close(&r);
}

/* What a file says; the notes in the order in which they are written. */
typedef struct {
    tensor_list tensors;
    ask_weights_note notes[16];
    size_t n_notes;
} content;

static void no_schema(content *f)
{
    for (size_t i = 0; i < f->n_notes; i++)
        if (strcmp(f->notes[i].key, "schema") == 0) f->notes[i].key = "skema";
}

static void set_note(content *f, const char *key, const char *value)
{
    for (size_t i = 0; i < f->n_notes; i++)
        if (strcmp(f->notes[i].key, key) == 0) f->notes[i].value = value;
}

static void newer_schema(content *f)
{
    set_note(f, "schema", "askance.context/2");
}

static void other_network(content *f)
{
    set_note(f, "network", "mistral");
}

static void other_heads(content *f)
{
    set_note(f, "n_heads", "5");
}

static void no_ids(content *f)
{
    tensors_drop(&f->tensors, "ids");
}

static void ids_of_f32(content *f)
{
    tensors_reshape(&f->tensors, "ids", ASK_F32, 1, (int64_t[]){12});
}

static void square_ids(content *f)
{
    tensors_reshape(&f->tensors, "ids", ASK_I64, 2, (int64_t[]){3, 4});
}

static void too_many_ids(content *f)
{
    tensors_reshape(&f->tensors, "ids", ASK_I64, 1, (int64_t[]){READER_MOST + 1});
}

static void fewer_parents(content *f)
{
    tensors_reshape(&f->tensors, "parents", ASK_I64, 1, (int64_t[]){11});
}

static void one_tensor_more(content *f)
{
    tensors_add(&f->tensors, "keys.3", ASK_F32, 3, (int64_t[]){4, 12, 8});
}

static void another_name(content *f)
{
    tensors_drop(&f->tensors, "keys.2");
    tensors_add(&f->tensors, "keys.02", ASK_F32, 3, (int64_t[]){4, 12, 8});
}

static void fewer_keys(content *f)
{
    tensors_reshape(&f->tensors, "values.1", ASK_F32, 3, (int64_t[]){4, 11, 8});
}

static void narrow_keys(content *f)
{
    tensors_reshape(&f->tensors, "keys.1", ASK_F16, 3, (int64_t[]){4, 12, 8});
}

static void nan_key(content *f)
{
    tensors_floats(&f->tensors, "keys.0")[5] = NAN;
}

static void infinite_value(content *f)
{
    tensors_floats(&f->tensors, "values.2")[4 * 12 * 8 - 1] = -INFINITY;
}

static int64_t *column(content *f, const char *name)
{
    return (int64_t *)(uintptr_t)tensors_get(&f->tensors, name)->data;
}

static void foreign_id(content *f)
{
    column(f, "ids")[11] = 100;
}

static void id_below_0(content *f)
{
    column(f, "ids")[0] = -1;
}

static void own_parent(content *f)
{
    column(f, "parents")[7] = 7;
}

static void later_parent(content *f)
{
    column(f, "parents")[7] = INT64_MAX;
}

static void two_beginnings(content *f)
{
    column(f, "parents")[7] = -1;
}

static void no_beginning(content *f)
{
    column(f, "parents")[0] = 0;
}

static void far_parent(content *f)
{
    column(f, "parents")[0] = INT64_MIN;
}

static content content_of(const ask_weights *w, const char *path)
{
    content f = {.tensors = tensors_read(path), .n_notes = ask_weights_n_notes(w)};
    assert_true(f.n_notes <= TEST_COUNT(f.notes));
    for (size_t i = 0; i < f.n_notes; i++) f.notes[i] = ask_weights_note_at(w, i);
    return f;
}

static void damaged_files_are_refused(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        void (*change)(content *f);
        const char *message;
    } cases[] = {
        {"no schema", no_schema,
         "is no saved context: the note \"schema\" is \"\", not \"askance.context/1\""},
        {"a newer schema", newer_schema, "\"askance.context/2\""},
        {"another network", other_network,
         "the note \"network\" is \"mistral\", not \"llama\""},
        {"other heads", other_heads, "the note \"n_heads\" is \"5\", not \"4\""},
        {"no ids", no_ids, "has no \"ids\" of 0 to 512 places"},
        {"ids of f32", ids_of_f32, "tensor \"ids\" is missing, or has another type"},
        {"ids in two dimensions", square_ids, "has no \"ids\" of 0 to 512 places"},
        {"too many ids", too_many_ids, "has no \"ids\" of 0 to 512 places"},
        {"fewer parents", fewer_parents, "tensor \"parents\""},
        {"one tensor more", one_tensor_more, "has 10 tensors, not 9"},
        {"another name", another_name, "tensor \"keys.2\""},
        {"fewer values", fewer_keys, "tensor \"values.1\""},
        {"narrow keys", narrow_keys, "tensor \"keys.1\""},
        {"NaN", nan_key, "tensor \"keys.0\" holds what is no number"},
        {"infinity", infinite_value, "tensor \"values.2\" holds what is no number"},
        {"a foreign id", foreign_id, "place 11: id 100 is not in a vocabulary of 100"},
        {"an id below 0", id_below_0, "place 0: id -1 is not in a vocabulary of 100"},
        {"its own parent", own_parent, "place 7 cannot follow place 7"},
        {"a parent that comes later", later_parent, "place 7 cannot follow place 92233720"},
        {"two beginnings", two_beginnings, "place 7 cannot follow place -1"},
        {"no beginning", no_beginning, "place 0 cannot follow place 0"},
        {"a beginning elsewhere", far_parent, "place 0 cannot follow place -92233720"},
    };
    ask_error err = {0};
    reader r = reader_open("golden/llama_mha");
    ask_place text[12];
    reader_text(text, 12, r.n_vocab, 6);
    ask_context *c = reader_context(&r, 12);
    free(reader_read(c, text, 12));
    save(c, file_of(&r));
    ask_weights *w = ask_weights_open(file_of(&r), &err);
    CHECK_OK(w, &err);
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        content f = content_of(w, file_of(&r));
        const char *path = test_path(r.dir, "damaged.safetensors");
        cases[i].change(&f);
        CHECK_OK(ask_safetensors_write(path, f.tensors.entries, f.tensors.n, f.notes,
                                       f.n_notes, &err),
                 &err);
        check_refused(cases[i].name, &r, path, 12, ASK_ERR_MODEL, cases[i].message);
        tensors_free(&f.tensors);
    }
    ask_weights_close(w);
    ask_context_close(c);
    reader_close(&r);
}

static void cut_files_are_refused(void **state)
{
    (void)state;
    reader r = reader_open("golden/llama_mha");
    ask_place text[3];
    reader_text(text, 3, r.n_vocab, 7);
    ask_context *c = reader_context(&r, 3);
    free(reader_read(c, text, 3));
    save(c, file_of(&r));
    size_t n_bytes;
    char *bytes = test_read(file_of(&r), &n_bytes);
    for (size_t n = 0; n < n_bytes; n += 97) {
        test_write(test_path(r.dir, "cut.safetensors"), bytes, n);
        check_refused("cut", &r, test_path(r.dir, "cut.safetensors"), 3, ASK_ERR_MODEL, "");
    }
    check_refused("missing", &r, test_path(r.dir, "none.safetensors"), 3, ASK_ERR_MODEL,
                  "none.safetensors");
    check_refused("weights", &r, test_path(r.dir, "model.safetensors"), 3, ASK_ERR_MODEL,
                  "is no saved context");
    free(bytes);
    ask_context_close(c);
    reader_close(&r);
}

static void a_note_is_kept_as_it_is(void **state)
{
    (void)state;
    static const char *const texts[] = {"", "{\"a\": \"\xe2\x82\xac\"}\n\t\\", NULL};
    ask_error err = {0};
    reader r = reader_open("golden/llama_mha");
    ask_context *c = reader_context(&r, 3);
    for (size_t i = 0; i < TEST_COUNT(texts); i++) {
        char *note = (char *)"untouched";
        CHECK_OK(ask_context_save(c, file_of(&r), texts[i], &err), &err);
        ask_context *again = ask_context_load(r.session, file_of(&r), 3, &note, &err);
        CHECK_OK(again, &err);
        if (texts[i])
            assert_string_equal(note, texts[i]);
        else
            assert_null(note);
        free(note);
        ask_context_close(again);
    }
    assert_false(ask_context_save(c, file_of(&r), "\xff", &err));
    assert_int_equal(err.code, ASK_ERR_USAGE);
    ask_context_close(c);
    reader_close(&r);
}

static void a_file_that_cannot_be_written_is_told(void **state)
{
    (void)state;
    ask_error err = {0};
    reader r = reader_open("golden/llama_mha");
    ask_context *c = reader_context(&r, 3);
    assert_false(ask_context_save(c, test_path(r.dir, "no/such/folder"), NULL, &err));
    assert_int_equal(err.code, ASK_ERR_IO);
    assert_non_null(strstr(err.message, "no/such/folder"));
    ask_context_close(c);
    reader_close(&r);
}

typedef struct {
    const reader *reader;
    const ask_context *context;
} saving;

static bool save_and_load(void *user, ask_error *err)
{
    const saving *s = user;
    char *note = NULL;
    if (!ask_context_save(s->context, file_of(s->reader), "said", err)) return false;
    ask_context *c =
        ask_context_load(s->reader->session, file_of(s->reader), 20, &note, err);
    ask_context_close(c);
    free(note);
    return c != NULL;
}

static void every_failing_allocation_is_told(void **state)
{
    (void)state;
    reader r = reader_open("golden/llama_mha");
    ask_place text[20];
    reader_text(text, 20, r.n_vocab, 8);
    ask_context *c = reader_context(&r, 20);
    free(reader_read(c, text, 20));
    assert_true(test_each_alloc_fails("save", save_and_load, &(saving){&r, c}) > 50);
    assert_int_equal(ask_context_n_read(c), 20);
    ask_context_close(c);
    reader_close(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_saved_goes_on_as_it_would_have),
        cmocka_unit_test(rows_and_branches_are_saved_too),
        cmocka_unit_test(only_what_was_read_is_in_the_file),
        cmocka_unit_test(a_context_that_has_read_nothing_is_one_too),
        cmocka_unit_test(a_context_of_another_model_is_refused),
        cmocka_unit_test(what_has_no_room_is_refused),
        cmocka_unit_test(without_a_number_there_is_room_for_what_was_read),
        cmocka_unit_test(damaged_files_are_refused),
        cmocka_unit_test(cut_files_are_refused),
        cmocka_unit_test(a_note_is_kept_as_it_is),
        cmocka_unit_test(a_file_that_cannot_be_written_is_told),
        cmocka_unit_test(every_failing_allocation_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
