/* models/mini/words.txt is all that is said in full worlds, and a tokenizer that has
 * learnt it has a token for each of the words. */
#include "train/timeline_words.h"

#include <stdlib.h>
#include <string.h>

#include "support/playroom_words.h"
#include "support/testing.h"
#include "world/clip.h"

enum { N_CLIPS = 170, SEED = 41 }; // of each split

static void the_file_has_the_words_of_full_worlds(void **state)
{
    (void)state;
    size_t n_bytes;
    ask_str words = {0};
    char *file = test_read("models/mini/words.txt", &n_bytes);
    ask_timeline_words(&words);
    assert_string_equal(file, ask_str_text(&words));
    free(file);
    ask_str_free(&words);
}

/* What a text is made of: words, and marks of one letter. */
static int count_pieces(const char *text)
{
    static const char marks[] = ".,;?";
    int n = 0;
    while (*(text += strspn(text, " "))) {
        size_t length = strchr(marks, *text) ? 1 : strcspn(text, " .,;?");
        text += length;
        n++;
    }
    return n;
}

static void check_text(const ask_tokenizer *t, const char *text)
{
    ask_error err = {0};
    ask_tokens tokens = {0};
    if (!text) return;
    CHECK_OK(ask_tokenizer_encode(t, text, NULL, false, &tokens, &err), &err);
    if (tokens.n != count_pieces(text)) fail_msg("\"%s\": %d tokens", text, tokens.n);
    if (tokens.has_unknown) fail_msg("\"%s\" has something unknown", text);
    ask_tokens_free(&tokens);
}

static void check_clip(const ask_tokenizer *t, const ask_world_clip *c)
{
    check_text(t, c->captions.clip);
    for (int i = 0; i < c->scene.n_events; i++) check_text(t, c->captions.events[i]);
    for (int i = 0; i < c->n_queries; i++) check_text(t, c->queries[i].text);
    for (int i = 0; i < c->n_questions; i++) {
        const ask_world_question *q = &c->questions[i];
        check_text(t, q->text);
        for (int k = 0; k < ASK_N_OPTIONS; k++) check_text(t, q->options[k].text);
        check_text(t, q->spare);
        check_text(t, ask_question_open_answer(q));
    }
}

static void every_word_of_clips_is_one_token(void **state)
{
    (void)state;
    ask_error err = {0};
    ask_tokenizer *t = playroom_tokenizer();
    ask_painter *painter = ask_painter_new(&err);
    for (int i = 0; i < ASK_N_SPLITS * N_CLIPS; i++) {
        ask_world_clip c;
        CHECK_OK(ask_world_clip_make(&c, painter, SEED, i / ASK_N_SPLITS,
                                     (ask_split)(i % ASK_N_SPLITS), ask_scene_full(), &err),
                 &err);
        check_clip(t, &c);
        ask_world_clip_free(&c);
    }
    ask_painter_free(painter);
    ask_tokenizer_close(t);
}

/* Answers without options, most of which no clip of the above has. */
static void every_answer_is_words_of_one_token(void **state)
{
    (void)state;
    ask_str answers = {0};
    ask_tokenizer *t = playroom_tokenizer();
    ask_family_answers(&answers);
    assert_false(answers.failed);
    char *rest = NULL;
    for (char *line = strtok_r(answers.data, "\n", &rest); line;
         line = strtok_r(NULL, "\n", &rest))
        check_text(t, line);
    ask_str_free(&answers);
    ask_tokenizer_close(t);
}

static bool list_words(void *user, ask_error *err)
{
    ask_str words = {0};
    (void)user;
    ask_timeline_words(&words);
    char *text = ask_str_take(&words, err);
    free(text);
    return text;
}

static void memory_may_run_out_at_any_time(void **state)
{
    (void)state;
    assert_true(test_some_allocs_fail("words", list_words, NULL) > 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_file_has_the_words_of_full_worlds),
        cmocka_unit_test(every_word_of_clips_is_one_token),
        cmocka_unit_test(every_answer_is_words_of_one_token),
        cmocka_unit_test(memory_may_run_out_at_any_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
