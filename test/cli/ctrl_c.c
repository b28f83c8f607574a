/* Ctrl-C while the command works: the real program on a terminal of its own, interrupted
 * when it shows how far it is. */
#include <fcntl.h>
#include <ftw.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "base/rng.h"
#include "base/str.h"
#include "model/init.h"
#include "support/color_model.h"
#include "support/language_model.h"
#include "support/playroom_model.h"
#include "support/testing.h"
#include "support/tiny_timeline.h"
#include "weights/safetensors.h"

static const char ERASE_LINE[] = "\r\033[K";

static char *dir;

enum { MOST_WORDS = 24 };

/* "@x" is the path of x in the folder of the test, also behind "=". */
typedef struct {
    const char *name;
    const char *words[MOST_WORDS];
    const char *label;   // of the progress that is shown when the signal comes
    const char *message; // the last line, behind "askance: "
    const char *absent;  // what must not be there afterwards; NULL: nothing
    bool reads;          // its standard input is a pipe that gives words and never ends
} long_case;

static const long_case cases[] = {
    {"find",
     {"find", "@story.mp4", "red", "--model=@slow", "--frames=400", "--report=@x.html",
      "--curve=@x.csv"},
     .label = "decoding",
     .message = "find: interrupted",
     .absent = "x.html"},
    {"ask",
     {"ask", "@story.mp4", "a photo", "-cred", "-cblue", "--model=@slow", "--frames=400",
      "--report=@x.html"},
     .label = "decoding",
     .message = "ask: interrupted",
     .absent = "x.html"},
    {"ask of a memory",
     {"ask", "@story.mp4", "a red ball", "-cred", "-cblue", "--model=@memory",
      "--report=@x.html"},
     .label = "decoding",
     .message = "ask: interrupted",
     .absent = "x.html"},
    {"features",
     {"features", "@story.mp4", "--model=@slow", "--out=@f", "--frames=400"},
     .label = "decoding",
     .message = "features: interrupted",
     .absent = "f/slow-frames/story.safetensors"},
    {"world",
     {"world", "@w", "--clips=100000"},
     .label = "making clips",
     .message = "world: interrupted"},
    {"train bpe",
     {"train", "bpe", "-", "--out=@v"},
     .label = "reading texts",
     .message = "train bpe: interrupted",
     .absent = "v",
     .reads = true},
    {"train clip",
     {"train", "clip", "--config=models/dual/config.json", "--tokenizer=@tokenizer",
      "--out=@t", "--steps=100000", "--batch=1", "--frames=2", "--texts=8"},
     .label = "loss",
     .message = "train clip: interrupted after step "},
    {"train glance-focus",
     {"train", "glance-focus", "--set=lines", "--data=@questions",
      "--features=@features.safetensors", "--eval_split=none", "--out=@g",
      "--max_steps=1000000", "--d_model=16", "--text_width=16", "--max_feats=4"},
     .label = "loss",
     .message = "train glance-focus: interrupted after step "},
    {"eval",
     {"eval", "playroom", "--data=@clips", "--model=@slow", "--out=@e", "--fps=12"},
     .label = "asking",
     .message = "eval: interrupted after ",
     .absent = "e/summary.json"},
    {"doctor", {"doctor"}, .label = "measuring", .message = "doctor: interrupted"},
    {"model bench",
     {"model", "bench", "@slow", "--rounds=99"},
     .label = "measuring",
     .message = "model bench: interrupted"},
    {"model calibrate",
     {"model", "calibrate", "@slow", "--data=@clips", "--fps=12"},
     .label = "looking",
     .message = "model calibrate: interrupted",
     .absent = "slow/calibration.json"},
    {"model init",
     {"model", "init", "@large.json", "@n"},
     .label = "drawing weights",
     .message = "model init: interrupted",
     .absent = "n"},
};

/* ---- what the commands work on ---- */

static char *askance(void)
{
    static char path[4096];
    const char *build = getenv("BUILD");
    snprintf(path, sizeof path, "%s/askance", build ? build : "build");
    return path;
}

static pid_t start(char *const *argv, int in, int err)
{
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    if (in >= 0) posix_spawn_file_actions_adddup2(&actions, in, 0);
    posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
    if (err >= 0) posix_spawn_file_actions_adddup2(&actions, err, 2);
    pid_t child;
    extern char **environ;
    int failed = posix_spawn(&child, argv[0], &actions, NULL, argv, environ);
    posix_spawn_file_actions_destroy(&actions);
    if (failed) fail_msg("%s: %s", argv[0], strerror(failed));
    return child;
}

static int status_of(pid_t child)
{
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* In the folder of the test, where the word says so; in a ring that holds all words of a
 * call. */
static char *resolve(const char *word)
{
    static char ring[2 * MOST_WORDS][4096];
    static size_t next;
    const char *at = strchr(word, '@');
    char *path = ring[next++ % TEST_COUNT(ring)];
    if (at)
        snprintf(path, sizeof *ring, "%.*s%s/%s", (int)(at - word), word, dir, at + 1);
    else
        snprintf(path, sizeof *ring, "%s", word);
    return path;
}

static void resolve_all(char *argv[MOST_WORDS + 2], const char *const *words)
{
    int n = 0;
    argv[n++] = askance();
    while (*words) argv[n++] = resolve(*words++);
    argv[n] = NULL;
}

/* One question, and features of its video. */
static void write_questions(void)
{
    ask_error err = {0};
    const float row[4] = {1, 2, 3, 4};
    const ask_weights_entry features = {
        .name = "story", .type = ASK_F32, .n_dims = 2, .shape = {1, 4}, .data = row};
    test_write_text(test_path(dir, "questions/train.jsonl"),
                    "{\"id\": 1, \"video\": \"story\", \"question\": \"what?\","
                    " \"options\": [\"red\", \"blue\"], \"answer\": 0}\n");
    CHECK_OK(ask_safetensors_write(test_path(dir, "features.safetensors"), &features, 1,
                                   NULL, 0, &err),
             &err);
}

/* A part of a text, put in place of another. */
static void replace(ask_str *text, const char *part, const char *by)
{
    ask_str out = {0};
    const char *at = strstr(ask_str_text(text), part);
    assert_non_null(at);
    ask_str_append_bytes(&out, text->data, (size_t)(at - text->data));
    ask_str_append(&out, by);
    ask_str_append(&out, at + strlen(part));
    ask_str_free(text);
    *text = out;
}

/* A model with a memory that looks long. */
static void make_memory(void)
{
    ask_str config = {0};
    ask_str_append(&config, tiny_timeline_config);
    replace(&config, "\"image_size\": 48, \"widths\": [4, 6, 8]",
            "\"image_size\": 256, \"widths\": [24, 48, 96]");
    replace(&config, "\"num_frames\": 6", "\"num_frames\": 256");
    tiny_timeline_make_of(test_path(dir, "memory"), ask_str_text(&config),
                          test_fixture("golden/tokenizer_roberta"));
    ask_str_free(&config);
}

static int make_all(void **state)
{
    (void)state;
    static const char *const vocabulary[MOST_WORDS] = {"train",
                                                       "bpe",
                                                       "models/dual/words.txt",
                                                       "--out=@tokenizer",
                                                       "--tokens=4000",
                                                       "--min-frequency=1"};
    static const color_span story[] = {{20, 0xff0000}, {20, 0x0000ff}};
    ask_error err = {0};
    dir = test_temp_dir_make();
    setenv("XDG_CACHE_HOME", test_path(dir, "cache"), 1);
    setenv("TERM", "xterm", 1);
    char *argv[MOST_WORDS + 2];
    resolve_all(argv, vocabulary);
    assert_int_equal(status_of(start(argv, -1, -1)), 0);
    const ask_model_init_options opt = {.tokenizer = test_path(dir, "tokenizer"),
                                        .preprocess =
                                            "models/dual/preprocessor_config.json"};
    CHECK_OK(ask_model_init(test_path(dir, "slow"), "models/dual/config.json", &opt, &err),
             &err);
    color_video_write(test_path(dir, "story.mp4"), 64, 48, 12, story, TEST_COUNT(story));
    playroom_world_write(test_path(dir, "clips"), 3, 6);
    write_questions();
    make_memory();
    test_write_text(test_path(dir, "large.json"), "{\"model_type\": \"clip\"}");
    language_model_write(test_path(dir, "talk"),
                         &(language_model_options){.n_context = 16384, .seed = 4});
    return 0;
}

static int remove_all(void **state)
{
    (void)state;
    test_temp_dir_remove(dir);
    return 0;
}

/* ---- a command on a terminal ---- */

typedef struct {
    const char *name;
    pid_t pid;
    int terminal; // what it shows comes out here
    int words;    // what it reads is written here; -1: it reads nothing
    ask_str shown;
} child;

static int open_terminal(int *inside)
{
    int fd = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    assert_true(fd >= 0);
    assert_int_equal(grantpt(fd), 0);
    assert_int_equal(unlockpt(fd), 0);
    *inside = open(ptsname(fd), O_RDWR | O_NOCTTY | O_CLOEXEC);
    assert_true(*inside >= 0);
    return fd;
}

static child begin(const long_case *c)
{
    int inside, ends[2] = {-1, -1};
    char *argv[MOST_WORDS + 2];
    resolve_all(argv, c->words);
    child it = {.name = c->name, .terminal = open_terminal(&inside), .words = -1};
    if (c->reads) {
        assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
        assert_int_equal(fcntl(ends[1], F_SETFL, O_NONBLOCK), 0);
    }
    it.pid = start(argv, ends[0], inside);
    it.words = ends[1];
    if (c->reads) close(ends[0]);
    close(inside);
    return it;
}

static void write_words(const child *it)
{
    static ask_rng rng;
    char line[4096];
    for (size_t i = 0; i < sizeof line; i++)
        line[i] = i % 8 == 7 ? '\n' : (char)('a' + ask_rng_below(&rng, 26));
    ssize_t n = write(it->words, line, sizeof line);
    (void)n; // the pipe is full: there is more than enough
}

/* Takes what is shown next; false when the command has ended, or has shown nothing for
 * long. */
static bool take(child *it)
{
    enum { LONG_MS = 60000 };
    struct pollfd fds[] = {{.fd = it->terminal, .events = POLLIN},
                           {.fd = it->words, .events = POLLOUT}};
    char text[4096];
    if (poll(fds, 2, LONG_MS) <= 0) return false;
    if (fds[1].revents & POLLOUT) write_words(it);
    if (!fds[0].revents) return true;
    ssize_t n = read(it->terminal, text, sizeof text);
    if (n > 0) ask_str_append_bytes(&it->shown, text, (size_t)n);
    return n > 0;
}

static void wait_for(child *it, const char *label)
{
    while (!strstr(ask_str_text(&it->shown), label))
        if (!take(it)) fail_msg("%s: no \"%s\" in %s", it->name, label, it->shown.data);
}

/* Its exit status; what it reads stays open, and silent. */
static int end(child *it)
{
    int words = it->words;
    it->words = -1;
    while (take(it)) continue;
    if (words >= 0) close(words);
    close(it->terminal);
    return status_of(it->pid);
}

/* Nothing that is only half a file. */
static int check_entry(const char *path, const struct stat *info, int type, struct FTW *ftw)
{
    (void)info, (void)type;
    if (strncmp(path + ftw->base, ".askance-", 9) == 0) fail_msg("%s was left", path);
    return 0;
}

static void check_left(const long_case *c)
{
    nftw(dir, check_entry, 16, FTW_PHYS);
    if (c->absent && ask_file_exists(test_path(dir, c->absent)))
        fail_msg("%s: %s was left", c->name, c->absent);
}

/* The last line, alone on its line: the progress before it is wiped out. */
static void check_last_line(const long_case *c, const child *it)
{
    const char *last = ask_str_text(&it->shown);
    for (const char *next; (next = strstr(last, ERASE_LINE));)
        last = next + strlen(ERASE_LINE);
    ask_str expected = {0};
    ask_str_printf(&expected, "askance: %s", c->message);
    const char *line_end = strstr(last, "\r\n");
    if (strncmp(last, ask_str_text(&expected), expected.length) != 0 || !line_end ||
        line_end[2])
        fail_msg("%s: \"%s\" is not one line \"%s\"", c->name, last, expected.data);
    ask_str_free(&expected);
}

static void ctrl_c_ends_every_long_command(void **state)
{
    (void)state;
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        const long_case *c = &cases[i];
        child it = begin(c);
        wait_for(&it, c->label);
        kill(it.pid, SIGINT);
        int status = end(&it);
        if (status != 130)
            fail_msg("%s: exit %d: %s", c->name, status, ask_str_text(&it.shown));
        check_last_line(c, &it);
        check_left(c);
        ask_str_free(&it.shown);
    }
}

/* ---- a conversation ---- */

static const long_case conversation = {
    "chat",
    {"chat", "@story.mp4", "--model=@talk", "--max-tokens=12000"},
    .message = "chat: interrupted"};

/* Stands in what is shown just before the answer is worked on. */
static const char coming[] = "info: prompt: ";

static void check_end(child *it, int expected)
{
    ask_str last = {0};
    ask_str_printf(&last, "askance: %s\r\n", conversation.message);
    int status = end(it);
    if (status != expected || !ask_ends_with(ask_str_text(&it->shown), ask_str_text(&last)))
        fail_msg("chat: exit %d: %s", status, ask_str_text(&it->shown));
    ask_str_free(&last);
    ask_str_free(&it->shown);
}

static void ctrl_c_ends_a_conversation_that_nobody_types(void **state)
{
    (void)state;
    long_case c = conversation;
    c.reads = true;
    child it = begin(&c);
    wait_for(&it, coming);
    kill(it.pid, SIGINT);
    check_end(&it, 130);
}

static void type(const child *it, const char *line)
{
    ssize_t n = (ssize_t)strlen(line);
    assert_int_equal(write(it->terminal, line, (size_t)n), n);
}

static child begin_typed(void)
{
    int inside;
    char *argv[MOST_WORDS + 2];
    resolve_all(argv, conversation.words);
    child it = {.name = "chat", .terminal = open_terminal(&inside), .words = -1};
    it.pid = start(argv, inside, inside);
    close(inside);
    wait_for(&it, "> ");
    return it;
}

static void ctrl_c_stops_an_answer_at_a_terminal(void **state)
{
    (void)state;
    child it = begin_typed();
    type(&it, "what happens?\n");
    wait_for(&it, coming);
    kill(it.pid, SIGINT);
    wait_for(&it, "info: stopped: it is as if that was not asked\r\n> ");
    ask_str_clear(&it.shown);
    type(&it, "/help\n");
    wait_for(&it, "/quit ");
    wait_for(&it, "\r\n> ");
    kill(it.pid, SIGINT);
    check_end(&it, 130);
    it = begin_typed();
    type(&it, "/quit\n");
    assert_int_equal(end(&it), 0);
    ask_str_free(&it.shown);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ctrl_c_ends_every_long_command),
        cmocka_unit_test(ctrl_c_ends_a_conversation_that_nobody_types),
        cmocka_unit_test(ctrl_c_stops_an_answer_at_a_terminal),
    };
    return cmocka_run_group_tests(tests, make_all, remove_all);
}
