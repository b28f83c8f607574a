#include "base/thread.h"

#include <assert.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <time.h>

struct ask_thread {
    pthread_t handle;
    void (*fn)(void *user);
    void *user;
};

/* For calls that fail only when they are used wrongly. */
static void expect_ok(int result)
{
    assert(result == 0);
    (void)result;
}

static bool fail_system(ask_error *err, const char *what)
{
    return ask_fail(err, ASK_ERR_LIMIT, "the system gives no more %s", what);
}

static void *run(void *argument)
{
    ask_thread *t = argument;
    t->fn(t->user);
    return NULL;
}

ask_thread *ask_thread_start(void (*fn)(void *user), void *user, ask_error *err)
{
    ask_thread *t = malloc(sizeof *t);
    if (!t) {
        ask_fail_memory(err);
        return NULL;
    }
    *t = (ask_thread){.fn = fn, .user = user};
    sigset_t all, before; // the new thread inherits the mask: it gets no signals
    sigfillset(&all);
    expect_ok(pthread_sigmask(SIG_SETMASK, &all, &before));
    int result = pthread_create(&t->handle, NULL, run, t);
    expect_ok(pthread_sigmask(SIG_SETMASK, &before, NULL));
    if (result != 0) {
        free(t);
        fail_system(err, "threads");
        return NULL;
    }
    return t;
}

void ask_thread_join(ask_thread *t)
{
    if (!t) return;
    expect_ok(pthread_join(t->handle, NULL));
    free(t);
}

bool ask_mutex_open(ask_mutex *m, ask_error *err)
{
    if (pthread_mutex_init(&m->handle, NULL) == 0) return true;
    return fail_system(err, "mutexes");
}

void ask_mutex_close(ask_mutex *m)
{
    expect_ok(pthread_mutex_destroy(&m->handle));
}

void ask_mutex_lock(ask_mutex *m)
{
    expect_ok(pthread_mutex_lock(&m->handle));
}

void ask_mutex_unlock(ask_mutex *m)
{
    expect_ok(pthread_mutex_unlock(&m->handle));
}

bool ask_cond_open(ask_cond *c, ask_error *err)
{
    pthread_condattr_t attributes;
    if (pthread_condattr_init(&attributes) != 0) return fail_system(err, "conditions");
    expect_ok(pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC));
    bool ok = pthread_cond_init(&c->handle, &attributes) == 0;
    expect_ok(pthread_condattr_destroy(&attributes));
    return ok || fail_system(err, "conditions");
}

void ask_cond_close(ask_cond *c)
{
    expect_ok(pthread_cond_destroy(&c->handle));
}

void ask_cond_wait(ask_cond *c, ask_mutex *m)
{
    expect_ok(pthread_cond_wait(&c->handle, &m->handle));
}

bool ask_cond_wait_for(ask_cond *c, ask_mutex *m, double timeout_s)
{
    const long second_ns = 1000000000;
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    time_t whole_s = (time_t)timeout_s;
    until.tv_sec += whole_s;
    until.tv_nsec += (long)((timeout_s - (double)whole_s) * (double)second_ns);
    if (until.tv_nsec >= second_ns) {
        until.tv_sec++;
        until.tv_nsec -= second_ns;
    }
    int result = pthread_cond_timedwait(&c->handle, &m->handle, &until);
    if (result == ETIMEDOUT) return false;
    expect_ok(result);
    return true;
}

void ask_cond_signal(ask_cond *c)
{
    expect_ok(pthread_cond_signal(&c->handle));
}

void ask_cond_broadcast(ask_cond *c)
{
    expect_ok(pthread_cond_broadcast(&c->handle));
}
