/* `askance chat`, from the lines of its standard input to its answers: what is shown, what
 * is read once, what is kept in a file, and what cannot be said. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support/color_model.h"
#include "support/command.h"
#include "support/language_model.h"
#include "support/scripted_model.h"
#include "support/testing.h"
#include "weights/safetensors.h"

static char *dir;
static char *video;  // 2 s of blue, 1.5 s of red, 2.5 s of blue
static char *model;  // talks
static char *colors; // does not
static char *input;  // what is said

static int make_all(void **state)
{
    (void)state;
    static const color_span story[] = {{2, 0x0000ff}, {1.5, 0xff0000}, {2.5, 0x0000ff}};
    dir = test_temp_dir_make();
    video = strdup(test_path(dir, "story.mp4"));
    model = strdup(test_path(dir, "model"));
    colors = strdup(test_path(dir, "colors"));
    input = strdup(test_path(dir, "lines"));
    color_video_write(video, 64, 48, 12, story, TEST_COUNT(story));
    language_model_write(model, &(language_model_options){.seed = 4});
    color_model_write(colors, NULL);
    unsetenv("ASKANCE_MODEL");
    return setenv("XDG_CACHE_HOME", test_path(dir, "cache"), 1);
}

static int remove_all(void **state)
{
    (void)state;
    free(video);
    free(model);
    free(colors);
    free(input);
    test_temp_dir_remove(dir);
    return 0;
}

/* ---- a conversation ---- */

/* Runs the command with these bytes as its standard input. */
static said chat_bytes(const char *lines, size_t n, const char *const *words)
{
    test_write(input, lines, n);
    int kept = dup(STDIN_FILENO), file = open(input, O_RDONLY | O_CLOEXEC);
    assert_true(kept >= 0 && file >= 0);
    assert_true(dup2(file, STDIN_FILENO) == STDIN_FILENO);
    close(file);
    said s = command_run((cli_command[]){cli_chat_command, {0}}, "chat", words);
    assert_true(dup2(kept, STDIN_FILENO) == STDIN_FILENO);
    close(kept);
    return s;
}

#define CHAT(lines, ...)                                                                   \
    chat_bytes(lines, strlen(lines),                                                       \
               (const char *[COMMAND_MAX_WORDS]){video, "--model", model,                  \
                                                 "--max-tokens=8", __VA_ARGS__})

static void check_status(const said *s, int status)
{
    if (s->status != status) fail_msg("exit %d: %s%s", s->status, s->out, s->err);
}

static int count(const char *text, const char *part)
{
    int n = 0;
    for (const char *at = text; (at = strstr(at, part)); at += strlen(part)) n++;
    return n;
}

/* The n-th line of the output, from 0 on, as JSON. */
static ask_json *line_of(const said *s, int n)
{
    ask_error err = {0};
    const char *at = s->out;
    while (n-- > 0 && (at = strchr(at, '\n'))) at++;
    const char *end = at ? strchr(at, '\n') : NULL;
    if (!end) fail_msg("no such line: %s%s", s->out, s->err);
    ask_json *doc = ask_json_parse(at, (size_t)(end - at), "line", NULL, &err);
    if (!doc) fail_msg("%s: %s", err.message, s->out);
    return doc;
}

static const char *text_of(const ask_json *doc, const char *path)
{
    const char *text;
    ask_error err = {0};
    CHECK_OK(ask_json_get_string(&text, ask_json_root(doc), path, &err), &err);
    return text;
}

static int number_of(const ask_json *doc, const char *path)
{
    int64_t n;
    ask_error err = {0};
    CHECK_OK(ask_json_get_int(&n, ask_json_root(doc), path, 0, 1 << 30, &err), &err);
    return (int)n;
}

static double real_of(const ask_json *doc, const char *path)
{
    double x;
    ask_error err = {0};
    CHECK_OK(ask_json_get_double(&x, ask_json_root(doc), path, &err), &err);
    return x;
}

static bool has(const ask_json *doc, const char *path)
{
    return ask_json_type_of(ask_json_find(ask_json_root(doc), path)) != ASK_JSON_ABSENT;
}

/* ---- answers ---- */

static void what_was_read_is_not_read_again(void **state)
{
    (void)state;
    said s = CHAT("what happens?\n\n   \nand then?\nwhy?", "--json");
    check_status(&s, 0);
    assert_int_equal(count(s.out, "\n"), 3);
    int read_before = 0, reused_before = 0;
    for (int i = 0; i < 3; i++) {
        ask_json *doc = line_of(&s, i);
        int n_prompt = number_of(doc, "prompt_tokens");
        int n_reused = number_of(doc, "reused_tokens");
        assert_string_equal(text_of(doc, "schema"), "askance.chat/1");
        assert_true(i == 0 ? n_reused == 0 : n_reused > reused_before);
        assert_true(n_reused >= read_before && n_prompt > n_reused);
        assert_in_range(number_of(doc, "answer_tokens"), 1, 8);
        assert_true(real_of(doc, "first_token_s") > 0);
        read_before = n_prompt;
        reused_before = n_reused;
        ask_json_free(doc);
    }
    said_free(&s);
}

static void the_first_answer_says_what_was_shown(void **state)
{
    (void)state;
    said s = CHAT("what happens?\nand then?\n", "--json", "--frames=4");
    check_status(&s, 0);
    ask_json *first = line_of(&s, 0), *second = line_of(&s, 1);
    assert_string_equal(text_of(first, "question"), "what happens?");
    assert_string_equal(text_of(first, "video.path"), video);
    assert_string_equal(text_of(first, "subtitles.from"), "none");
    assert_int_equal(number_of(first, "subtitles.told"), 0);
    static const double times[] = {0.75, 2.25, 3.75, 5.25};
    assert_int_equal(ask_json_count(ask_json_find(ask_json_root(first), "frames")), 4);
    for (int i = 0; i < 4; i++) {
        char path[32];
        snprintf(path, sizeof path, "frames.%d.t_s", i);
        assert_true(real_of(first, path) <= times[i] &&
                    real_of(first, path) > times[i] - 0.1);
        snprintf(path, sizeof path, "frames.%d.pts", i);
        number_of(first, path);
    }
    assert_string_equal(text_of(second, "question"), "and then?");
    assert_false(has(second, "video") || has(second, "frames") || has(second, "subtitles"));
    check_holds(s.err, "chat: info: frames: 4, at 0.75 s, 2.25 s, 3.75 s, 5.25 s\n");
    check_holds(s.err, "info: subtitles: none\n");
    check_holds(s.err, "tokens, 36 of them of frames; 8 more for the answer; ");
    assert_int_equal(count(s.err, "\n"), 3);
    ask_json_free(first);
    ask_json_free(second);
    said_free(&s);
}

static void words_come_as_they_are_in_json(void **state)
{
    (void)state;
    static const char lines[] = "what happens?\nand then?\n";
    said s = CHAT(lines, "--json"), t = CHAT(lines, NULL);
    check_status(&s, 0);
    check_status(&t, 0);
    ask_str expected = {0};
    for (int i = 0; i < 2; i++) {
        ask_json *doc = line_of(&s, i);
        assert_true(text_of(doc, "text")[0]);
        assert_string_equal(text_of(doc, "ended_by"), "length");
        ask_str_printf(&expected, "%s\n", text_of(doc, "text"));
        ask_json_free(doc);
    }
    assert_string_equal(t.out, ask_str_text(&expected));
    ask_str_free(&expected);
    said_free(&s);
    said_free(&t);
}

static void drawn_words_are_those_of_the_seed(void **state)
{
    (void)state;
    said a = CHAT("what?\n", "--temperature=2", "--seed=5");
    said b = CHAT("what?\n", "--temperature=2", "--seed=5");
    said c = CHAT("what?\n", "--temperature=2", "--seed=6");
    check_status(&c, 0);
    assert_string_equal(a.out, b.out);
    assert_string_not_equal(a.out, c.out);
    said_free(&a);
    said_free(&b);
    said_free(&c);
}

static void subtitles_are_told(void **state)
{
    (void)state;
    const char *path = test_path(dir, "words.srt");
    test_write_text(path, "1\n00:00:01,000 --> 00:00:02,000\nA ball.\n\n"
                          "2\n00:00:03,000 --> 00:00:04,000\nIt is red.\n");
    said s = CHAT("what?\n", "--json", "--subtitles", path);
    check_status(&s, 0);
    check_holds(s.err, "info: subtitles: 2 of ");
    ask_json *doc = line_of(&s, 0);
    assert_string_equal(text_of(doc, "subtitles.from"), "file");
    assert_string_equal(text_of(doc, "subtitles.path"), path);
    assert_int_equal(number_of(doc, "subtitles.told"), 2);
    ask_json_free(doc);
    said_free(&s);
}

static void an_input_without_lines_is_no_conversation(void **state)
{
    (void)state;
    static const char *const inputs[] = {"", "\n\n", "/quit\nwhat?\n"};
    for (size_t i = 0; i < TEST_COUNT(inputs); i++) {
        const char *kept = test_path(dir, "nothing.ctx");
        said s = CHAT(inputs[i], "--context", kept);
        check_status(&s, 0);
        assert_string_equal(s.out, "");
        assert_string_equal(s.err, "");
        assert_false(access(kept, F_OK) == 0);
        said_free(&s);
    }
}

/* ---- beginning anew, keeping ---- */

static void forgetting_keeps_the_video_read(void **state)
{
    (void)state;
    said s = CHAT("what happens?\nand then?\n/forget\nwhat happens?\n", "--json");
    check_status(&s, 0);
    ask_json *first = line_of(&s, 0), *again = line_of(&s, 2);
    assert_string_equal(text_of(again, "text"), text_of(first, "text"));
    assert_int_equal(number_of(again, "prompt_tokens"), number_of(first, "prompt_tokens"));
    assert_int_equal(number_of(again, "reused_tokens"),
                     number_of(first, "prompt_tokens") - 1);
    ask_json_free(first);
    ask_json_free(again);
    said_free(&s);
}

static void a_conversation_goes_on_where_it_ended(void **state)
{
    (void)state;
    const char *kept = test_path(dir, "talk.ctx");
    said whole = CHAT("what happens?\nand then?\n", "--json");
    said a = CHAT("what happens?\n", "--json", "--context", kept);
    said b = CHAT("and then?\n", "--json", "--context", kept);
    check_status(&b, 0);
    check_holds(b.err, "talk.ctx: goes on behind 1 answer\n");
    ask_json *expected = line_of(&whole, 1), *got = line_of(&b, 0);
    assert_string_equal(text_of(got, "text"), text_of(expected, "text"));
    assert_int_equal(number_of(got, "prompt_tokens"), number_of(expected, "prompt_tokens"));
    assert_int_equal(number_of(got, "reused_tokens"), number_of(expected, "reused_tokens"));
    ask_json_free(expected);
    ask_json_free(got);
    said c = CHAT("/forget\n", "--context", kept);
    check_holds(c.err, "goes on behind 2 answers\n");
    said d = CHAT("what happens?\n", "--json", "--context", kept);
    assert_null(strstr(d.err, "goes on"));
    ask_json *anew = line_of(&d, 0);
    assert_true(number_of(anew, "reused_tokens") > 72);
    ask_json_free(anew);
    said_free(&whole);
    said_free(&a);
    said_free(&b);
    said_free(&c);
    said_free(&d);
}

static void a_conversation_is_saved_on_demand(void **state)
{
    (void)state;
    char line[4096];
    const char *kept = test_path(dir, "my talk.ctx");
    snprintf(line, sizeof line, "/save %s\nwhat happens?\n/save  %s\n/save\n", kept, kept);
    said s = CHAT(line, NULL);
    check_status(&s, 2);
    check_holds(s.err, "error: nothing was read that ");
    check_holds(s.err, "error: /save takes a file\n");
    assert_int_equal(count(s.err, "error: "), 2);
    said t = CHAT("and then?\n", "--context", kept);
    check_status(&t, 0);
    check_holds(t.err, "goes on behind 1 answer\n");
    said_free(&s);
    said_free(&t);
}

typedef struct {
    const char *name;
    const char *note;
    const char *says;
} note_case;

static const note_case bad_notes[] = {
    {"no JSON", "what", "what"},
    {"another schema", "{\"schema\": \"other/1\", \"turns\": []}", "askance.talk/1"},
    {"no turns", "{\"schema\": \"askance.talk/1\"}", "turns"},
    {"no answer",
     "{\"schema\": \"askance.talk/1\", \"turns\": [{\"role\": \"user\","
     " \"text\": \"a\"}]}",
     "the last question has no answer"},
    {"out of turn",
     "{\"schema\": \"askance.talk/1\", \"turns\": [{\"role\": \"user\", \"text\": \"a\"},"
     " {\"role\": \"user\", \"text\": \"b\"}]}",
     "\"user\" where \"assistant\" comes in turn"},
    {"an empty question",
     "{\"schema\": \"askance.talk/1\", \"turns\": [{\"role\": \"user\", \"text\": \" \"},"
     " {\"role\": \"assistant\", \"text\": \"b\"}]}",
     "the question is empty"},
    {"a placeholder",
     "{\"schema\": \"askance.talk/1\", \"turns\": [{\"role\": \"user\", \"text\":"
     " \"<video>\"}, {\"role\": \"assistant\", \"text\": \"b\"}]}",
     "leave it out"},
    {"no text",
     "{\"schema\": \"askance.talk/1\", \"turns\": [{\"role\": \"user\", \"text\": 3},"
     " {\"role\": \"assistant\", \"text\": \"b\"}]}",
     "text"},
};

/* A copy of a saved context with another note. */
static void put_note(const char *to, const char *from, const char *note)
{
    enum { MOST_NOTES = 16 };
    ask_error err = {0};
    ask_weights *w = ask_weights_open(from, &err);
    if (!w) fail_msg("%s", err.message);
    ask_weights_note notes[MOST_NOTES];
    size_t n_notes = ask_weights_n_notes(w), n = ask_weights_count(w);
    assert_in_range(n_notes, 1, MOST_NOTES);
    for (size_t i = 0; i < n_notes; i++) {
        notes[i] = ask_weights_note_at(w, i);
        if (strcmp(notes[i].key, "note") == 0) notes[i].value = note;
    }
    ask_weights_entry *entries = calloc(n, sizeof *entries);
    assert_non_null(entries);
    for (size_t i = 0; i < n; i++) entries[i] = *ask_weights_at(w, i);
    CHECK_OK(ask_safetensors_write(to, entries, n, notes, n_notes, &err), &err);
    free(entries);
    ask_weights_close(w);
}

static void a_damaged_conversation_is_refused(void **state)
{
    (void)state;
    char *kept = strdup(test_path(dir, "good.ctx")), *bad = strdup(test_path(dir, "bad"));
    said s = CHAT("what?\n", "--context", kept);
    check_status(&s, 0);
    said_free(&s);
    for (size_t i = 0; i < TEST_COUNT(bad_notes); i++) {
        const note_case *c = &bad_notes[i];
        put_note(bad, kept, c->note);
        s = CHAT("what?\n", "--context", bad);
        CHECK_CASE(c->name, s.status == 4);
        CHECK_CASE(c->name, strstr(s.err, "/bad"));
        check_holds(s.err, c->says);
        said_free(&s);
    }
    free(kept);
    free(bad);
}

/* ---- what cannot be said ---- */

static void what_cannot_be_said_is_told_and_it_goes_on(void **state)
{
    (void)state;
    static const struct {
        const char *name, *line, *says;
        size_t n; // bytes of the line; 0: all of it
        int status;
    } cases[] = {
        {"a placeholder", "is <video> red?\n", "\"<video>\" stands for what", 0, 2},
        {"not UTF-8", "caf\xe9?\n", "-:1: is not UTF-8", 0, 3},
        {"a zero byte", "a\0b\n", "the line has a zero byte", 4, 3},
        {"no such command", "/forgive\n", "/forgive: no such command; /help lists them", 0,
         2},
        {"no such folder", "/save /no/such/folder/x\n", "nothing was read", 0, 2},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        char lines[128];
        size_t n = cases[i].n ? cases[i].n : strlen(cases[i].line);
        memcpy(lines, cases[i].line, n);
        strcpy(lines + n, "what happens?\n");
        n += strlen("what happens?\n");
        said s = chat_bytes(lines, n,
                            (const char *[COMMAND_MAX_WORDS]){video, "--model", model,
                                                              "--json", "--max-tokens=3"});
        CHECK_CASE(cases[i].name, s.status == cases[i].status);
        check_holds(s.err, cases[i].says);
        ask_json *first = line_of(&s, 0), *second = line_of(&s, 1);
        check_holds(text_of(first, "error.message"), cases[i].says);
        assert_string_equal(text_of(second, "question"), "what happens?");
        assert_true(has(second, "video"));
        ask_json_free(first);
        ask_json_free(second);
        said_free(&s);
    }
}

static void what_does_not_fit_is_told_and_it_goes_on(void **state)
{
    (void)state;
    enum { LONG = 6000 };
    ask_str lines = {0};
    for (int i = 0; i < LONG; i++) ask_str_append_char(&lines, i % 2 ? ' ' : 'z');
    ask_str_append(&lines, "\nwhat?\n");
    said s = CHAT(ask_str_text(&lines), NULL);
    check_status(&s, 5);
    check_holds(s.err, "do not fit: the prompt may have 2040; ");
    assert_int_equal(count(s.out, "\n"), 1);
    said_free(&s);
    ask_str_free(&lines);
    s = CHAT("what?\n", "--frames=60", "--max-prompt=200");
    check_status(&s, 5);
    check_holds(s.err, "; --frames ");
    said_free(&s);
    s = CHAT("what?\n", "--max-prompt=70");
    check_status(&s, 0);
    check_holds(s.err, "warning: ");
    check_holds(s.err, " frames instead of 8: more do not fit");
    said_free(&s);
}

static void the_help_lists_what_is_no_question(void **state)
{
    (void)state;
    said s = CHAT("/help\n", NULL);
    check_status(&s, 0);
    assert_string_equal(s.out, "");
    check_holds(s.err, "/forget");
    check_holds(s.err, "/quit");
    said_free(&s);
}

/* ---- the plan ---- */

static void a_plan_looks_at_nothing(void **state)
{
    (void)state;
    said s = CHAT("what?\n", "--plan", "--frames=2");
    check_status(&s, 0);
    check_holds(s.out, "frames      2, at 1.50 s, 4.50 s\nsubtitles   none\nprompt      ");
    check_holds(s.out, "work        ");
    assert_string_equal(s.err, "");
    said_free(&s);
    s = CHAT("what?\n", "--plan", "--json", "--frames=40");
    check_status(&s, 0);
    ask_json *doc = said_json(&s);
    assert_string_equal(text_of(doc, "schema"), "askance.chat.plan/1");
    assert_int_equal(number_of(doc, "frames"), 40);
    assert_int_equal(number_of(doc, "frame_tokens"), 360);
    assert_true(number_of(doc, "prompt_tokens") > 360 && real_of(doc, "context_mib") > 0);
    ask_json_free(doc);
    said_free(&s);
    s = CHAT("", "--plan", "--frames=40");
    check_holds(s.out, "frames      40, from 0.08 s to 5.93 s\n");
    said_free(&s);
}

/* ---- what is refused at once ---- */

static void mistakes_have_their_exit_status(void **state)
{
    (void)state;
    const char *broken = test_path(dir, "broken.mp4");
    const char *empty = test_path(dir, "empty"), *blind = test_path(dir, "blind/model");
    test_write_text(broken, "no video");
    assert_int_equal(mkdir(empty, 0777), 0);
    assert_int_equal(mkdir(test_path(dir, "blind"), 0777), 0);
    scripted_model_write(blind, "a ball");
    const struct {
        const char *name;
        const char *words[6];
        const char *says;
        int status;
    } cases[] = {
        {"no video", {"--model", model}, "expected VIDEO", 2},
        {"not a video", {broken, "--model", model}, "broken.mp4", 3},
        {"no such video", {"/no/such.mp4", "--model", model}, "/no/such.mp4", 3},
        {"no frames", {empty, "--model", model}, "/empty", 3},
        {"a model that sees nothing",
         {video, "--model", blind},
         "llama sees no videos; networks that write of what they see are",
         4},
        {"no such model", {video, "--model=/no/such"}, "/no/such", 4},
        {"not a language model",
         {video, "--model", colors},
         "clip writes no texts; networks that do are",
         4},
        {"an end at the beginning", {video, "--model", model, "--end=0"}, "--end", 2},
        {"no tokens", {video, "--model", model, "--max-tokens=0"}, "--max-tokens", 2},
        {"no such template", {video, "--model", model, "--template=none"}, "none", 2},
        {"no report", {video, "--model", model, "--report=x"}, "--report", 2},
        {"subtitles",
         {video, "--model", model, "--subtitles=/no/such.srt"},
         "/no/such.srt",
         3},
        {"another model for its eyes",
         {video, "--model", model, "--vision", colors},
         "sees frames by itself",
         2},
        {"no context", {video, "--model", model, "--context", broken}, "broken.mp4", 4},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        const char *words[COMMAND_MAX_WORDS] = {0};
        memcpy(words, cases[i].words, sizeof cases[i].words);
        said s = chat_bytes("what?\n", 6, words);
        if (s.status != cases[i].status)
            fail_msg("%s: exit %d: %s", cases[i].name, s.status, s.err);
        check_holds(s.err, cases[i].says);
        assert_string_equal(s.out, "");
        assert_int_equal(count(s.err, "\n"), 1);
        said_free(&s);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_read_is_not_read_again),
        cmocka_unit_test(the_first_answer_says_what_was_shown),
        cmocka_unit_test(words_come_as_they_are_in_json),
        cmocka_unit_test(drawn_words_are_those_of_the_seed),
        cmocka_unit_test(subtitles_are_told),
        cmocka_unit_test(an_input_without_lines_is_no_conversation),
        cmocka_unit_test(forgetting_keeps_the_video_read),
        cmocka_unit_test(a_conversation_goes_on_where_it_ended),
        cmocka_unit_test(a_conversation_is_saved_on_demand),
        cmocka_unit_test(a_damaged_conversation_is_refused),
        cmocka_unit_test(what_cannot_be_said_is_told_and_it_goes_on),
        cmocka_unit_test(what_does_not_fit_is_told_and_it_goes_on),
        cmocka_unit_test(the_help_lists_what_is_no_question),
        cmocka_unit_test(a_plan_looks_at_nothing),
        cmocka_unit_test(mistakes_have_their_exit_status),
    };
    return cmocka_run_group_tests(tests, make_all, remove_all);
}
