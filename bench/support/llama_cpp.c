#include "support/llama_cpp.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <math.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "base/json.h"
#include "base/path.h"
#include "base/str.h"
#include "support/place.h"

extern char **environ;

/* ---- processes ---- */

/* Which of a program's outputs are taken; the other one is the terminal's. */
typedef enum { ONLY_RESULTS, ALL_OUTPUT } outputs;

/* 0, or why the program cannot be started. */
static int start(pid_t *pid, char *const *argv, int out, outputs which)
{
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
    if (which == ALL_OUTPUT) posix_spawn_file_actions_adddup2(&actions, out, STDERR_FILENO);
    int why = posix_spawn(pid, argv[0], &actions, NULL, argv, environ);
    posix_spawn_file_actions_destroy(&actions);
    return why;
}

static void read_to_end(ask_str *out, int from)
{
    char bytes[4096];
    ssize_t n;
    while ((n = read(from, bytes, sizeof bytes)) > 0)
        ask_str_append_bytes(out, bytes, (size_t)n);
}

/* For a message of one line. Cuts line ends off the text. */
static const char *last_line(ask_str *s)
{
    while (s->length > 0 && s->data[s->length - 1] == '\n') s->data[--s->length] = '\0';
    const char *text = ask_str_text(s), *end = strrchr(text, '\n');
    return end ? end + 1 : text;
}

/* Runs a program to its end; *out (empty before) has what it said, and is the caller's to
 * free. */
static bool run(ask_str *out, char *const *argv, outputs which, ask_error *err)
{
    int ends[2], status;
    pid_t pid;
    if (pipe2(ends, O_CLOEXEC) != 0) return ask_fail_errno(err, errno, "no pipe");
    int why = start(&pid, argv, ends[1], which);
    close(ends[1]);
    if (why == 0) read_to_end(out, ends[0]);
    close(ends[0]);
    if (why != 0) return ask_fail_errno(err, why, "%s cannot be run", argv[0]);
    bool ok = waitpid(pid, &status, 0) == pid && WIFEXITED(status) && !WEXITSTATUS(status);
    if (!ok)
        return ask_fail(err, ASK_ERR_IO, "%s failed: %s", argv[0],
                        which == ALL_OUTPUT ? last_line(out) : "its own words are above");
    return out->failed ? ask_fail_memory(err) : true;
}

/* The same for a program whose words matter only when it fails. */
static bool run_quietly(char *const *argv, ask_error *err)
{
    ask_str said = {0};
    bool ok = run(&said, argv, ALL_OUTPUT, err);
    ask_str_free(&said);
    return ok;
}

/* ---- the programs ---- */

/* "version: 0.5.0-dev (build 1, commit 0123456)" is somewhere in what llama-bench says. */
static bool read_version(bench_llama_cpp *l, ask_error *err)
{
    static const char label[] = "version: ";
    char *argv[] = {l->bench, "--version", NULL};
    ask_str said = {0};
    bool ok = run(&said, argv, ALL_OUTPUT, err);
    const char *version = ok ? strstr(ask_str_text(&said), label) : NULL;
    if (version) {
        version += strlen(label);
        ask_format(l->name, sizeof l->name, "llama.cpp %.*s", (int)strcspn(version, "\n"),
                   version);
    } else if (ok) {
        ok = ask_fail(err, ASK_ERR_FORMAT, "%s --version tells no version", l->bench);
    }
    ask_str_free(&said);
    return ok;
}

bool bench_llama_cpp_open(bench_llama_cpp *out, ask_error *err)
{
    const char *dir = getenv("ASKANCE_LLAMA_CPP");
    if (!dir || !*dir)
        return ask_fail(err, ASK_ERR_NOT_FOUND,
                        "not installed: set ASKANCE_LLAMA_CPP, the folder of llama-bench");
    bench_llama_cpp l = {.bench = ask_path_join(dir, "llama-bench", err)};
    l.quantize = l.bench ? ask_path_join(dir, "llama-quantize", err) : NULL;
    if (!l.quantize || !read_version(&l, err)) {
        bench_llama_cpp_close(&l);
        return false;
    }
    *out = l;
    return true;
}

void bench_llama_cpp_close(bench_llama_cpp *l)
{
    free(l->bench);
    free(l->quantize);
}

/* ---- models ---- */

static bool make_random(char *path, ask_error *err)
{
    const char *peers = getenv("ASKANCE_PEERS");
    if (!peers || !*peers)
        return ask_fail(err, ASK_ERR_NOT_FOUND,
                        "%s: set ASKANCE_PEERS to a Python environment that has gguf",
                        path);
    char *python = ask_path_join(peers, "bin/python", err);
    if (!python) return false;
    char *argv[] = {python, "tools/bench/llama_gguf.py", path, NULL};
    bool ok = run_quietly(argv, err);
    free(python);
    return ok;
}

/* In another place first, so that a half-made file is never used. */
static bool quantize(const bench_llama_cpp *l, const char *path, char *from,
                     const char *type, ask_error *err)
{
    ask_str making = {0};
    ask_str_printf(&making, "%s.making", path);
    char *to = ask_str_take(&making, err);
    if (!to) return false;
    char *argv[] = {l->quantize, from, to, (char *)type, NULL};
    bool ok = run_quietly(argv, err);
    if (ok && rename(to, path) != 0)
        ok = ask_fail_errno(err, errno, "%s cannot be renamed", to);
    free(to);
    return ok;
}

static char *place_of(const char *type)
{
    char name[64];
    ask_format(name, sizeof name, "llama-random-%s.gguf", type);
    return bench_place(name);
}

char *bench_llama_cpp_model(const bench_llama_cpp *l, const char *type, ask_error *err)
{
    char *path = place_of(type), *from = place_of("F16");
    bool ok = ask_file_exists(path) || ask_file_exists(from) || make_random(from, err);
    ok = ok && (ask_file_exists(path) || quantize(l, path, from, type, err));
    free(from);
    if (ok) return path;
    free(path);
    return NULL;
}

/* ---- measuring ---- */

/* Of each test llama-bench writes an object, with 0 for n_prompt or n_gen. Of several of
 * the same the fastest counts. */
static bool parse_test(bench_llama_cpp_speed *speed, ask_json_value test, ask_error *err)
{
    int64_t n_prompt;
    double tokens_s;
    if (!ask_json_get_int(&n_prompt, test, "n_prompt", 0, INT_MAX, err) ||
        !ask_json_get_double(&tokens_s, test, "avg_ts", err))
        return false;
    double *out = n_prompt > 0 ? &speed->prompt_tokens_s : &speed->decode_tokens_s;
    *out = fmax(*out, tokens_s);
    return true;
}

static bool parse(bench_llama_cpp_speed *out, const ask_str *said, const char *name,
                  ask_error *err)
{
    bench_llama_cpp_speed speed = {0};
    ask_json *json = ask_json_parse(ask_str_text(said), said->length, name, NULL, err);
    bool ok = json != NULL;
    size_t n = ok ? ask_json_count(ask_json_root(json)) : 0;
    for (size_t i = 0; ok && i < n; i++)
        ok = parse_test(&speed, ask_json_item(ask_json_root(json), i), err);
    ask_json_free(json);
    if (ok) *out = speed;
    return ok;
}

bool bench_llama_cpp_run(bench_llama_cpp_speed *out, const bench_llama_cpp *l,
                         const char *model, int n_threads, int n_prompt, int n_generated,
                         ask_error *err)
{
    char threads[16], prompt[16], generated[16];
    ask_format(threads, sizeof threads, "%d", n_threads);
    ask_format(prompt, sizeof prompt, "%d", n_prompt);
    ask_format(generated, sizeof generated, "%d", n_generated);
    // Repacked weights decode faster, but prompts of some types are faster without.
    char *argv[] = {l->bench, "-m",       (char *)model, "-t", threads, "-p",
                    prompt,   "-n",       generated,     "-r", "1",     "-fa",
                    "on",     "--repack", "0,1",         "-o", "json",  NULL};
    ask_str said = {0};
    bool ok = run(&said, argv, ONLY_RESULTS, err) && parse(out, &said, l->bench, err);
    ask_str_free(&said);
    return ok;
}
