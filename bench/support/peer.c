#include "support/peer.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

/* ---- pipes ---- */

static bool write_all(int to, const void *bytes, size_t n)
{
    for (const char *p = bytes; n > 0;) {
        ssize_t done = write(to, p, n);
        if (done <= 0) return false;
        p += done;
        n -= (size_t)done;
    }
    return true;
}

static bool read_all(int from, void *bytes, size_t n)
{
    for (char *p = bytes; n > 0;) {
        ssize_t done = read(from, p, n);
        if (done <= 0) return false;
        p += done;
        n -= (size_t)done;
    }
    return true;
}

/* A line without its end; false when it does not fit. */
static bool read_line(int from, char *out, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        if (!read_all(from, out + i, 1)) return false;
        if (out[i] != '\n') continue;
        out[i] = '\0';
        return true;
    }
    return false;
}

/* ---- the child ---- */

static bool start(bench_peer *p, char *const *argv)
{
    int in[2], out[2];
    posix_spawn_file_actions_t actions;
    signal(SIGPIPE, SIG_IGN); // a child that ends early is told by write
    if (pipe2(in, O_CLOEXEC) != 0) return false;
    if (pipe2(out, O_CLOEXEC) != 0) {
        close(in[0]);
        close(in[1]);
        return false;
    }
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, in[0], STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, out[1], STDOUT_FILENO);
    bool ok = posix_spawn(&p->pid, argv[0], &actions, NULL, argv, environ) == 0;
    posix_spawn_file_actions_destroy(&actions);
    close(in[0]);
    close(out[1]);
    p->to = in[1];
    p->from = out[0];
    if (!ok) {
        close(p->to);
        close(p->from);
    }
    return ok;
}

bool bench_peer_open(bench_peer *out, char *const *argv, const void *input,
                     size_t input_bytes, void *result, size_t result_bytes)
{
    bench_peer p;
    if (!start(&p, argv)) return false;
    if (write_all(p.to, input, input_bytes) && read_line(p.from, p.name, sizeof p.name) &&
        read_all(p.from, result, result_bytes)) {
        *out = p;
        return true;
    }
    bench_peer_close(&p);
    return false;
}

void bench_peer_run(void *user)
{
    const bench_peer *p = user;
    char answer[16];
    if (write_all(p->to, "run\n", 4) && read_line(p->from, answer, sizeof answer)) return;
    fprintf(stderr, "bench: %s has ended\n", p->name);
    exit(1);
}

void bench_peer_close(bench_peer *peer)
{
    close(peer->to); // the end of its input ends it
    close(peer->from);
    waitpid(peer->pid, NULL, 0);
}
