#include "tensor/cpu/team_priv.h"

#include <assert.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/thread.h"

/* How often a thread looks again before it sleeps: a tenth of a millisecond or two, which
 * is longer than what lies between two parallel pieces of one computation. */
enum { LOOKS = 4000 };

/* A round is one call. The ticket tells which round it is, how many parts it has, and which
 * is the next that nobody has taken: all in one, so that nobody takes a part of a round
 * that is over. */
typedef _Atomic uint64_t ticket;

struct cpu_team {
    int n_others; // threads besides the caller
    ask_thread **others;
    bool is_started;
    ask_mutex mutex;
    ask_cond work, done;

    ticket ticket;
    cpu_team_part part; // of the round; these two do not change while a part of it runs
    void *ctx;
    atomic_int n_left;   // parts that have not returned
    atomic_int n_asleep; // others that wait for `work`
    atomic_bool caller_sleeps, is_busy, stops;
};

static uint64_t ticket_of(uint32_t round, int n_parts)
{
    return (uint64_t)round << 32 | (uint64_t)n_parts << 16;
}

static uint32_t round_of(uint64_t t)
{
    return (uint32_t)(t >> 32);
}

static void pause_briefly(void)
{
#if defined(__x86_64__)
    __builtin_ia32_pause();
#elif defined(__aarch64__)
    __asm__ volatile("yield");
#endif
}

/* ---- working ---- */

static bool take_part(cpu_team *t, int *part)
{
    uint64_t now = atomic_load(&t->ticket);
    do {
        *part = (int)(now & 0xffff);
        if (*part >= (int)(now >> 16 & 0xffff)) return false;
    } while (!atomic_compare_exchange_weak(&t->ticket, &now, now + 1));
    return true;
}

static void wake_caller(cpu_team *t)
{
    if (!atomic_load(&t->caller_sleeps)) return;
    ask_mutex_lock(&t->mutex);
    ask_cond_signal(&t->done);
    ask_mutex_unlock(&t->mutex);
}

static void take_all_parts(cpu_team *t)
{
    int part;
    while (take_part(t, &part)) {
        t->part(t->ctx, part);
        if (atomic_fetch_sub(&t->n_left, 1) == 1) wake_caller(t);
    }
}

/* ---- the others ---- */

static bool has_news(cpu_team *t, uint32_t round)
{
    return round_of(atomic_load(&t->ticket)) != round || atomic_load(&t->stops);
}

static void wait_for_news(cpu_team *t, uint32_t round)
{
    for (int i = 0; i < LOOKS; i++) {
        if (has_news(t, round)) return;
        pause_briefly();
    }
    ask_mutex_lock(&t->mutex);
    atomic_fetch_add(&t->n_asleep, 1);
    while (!has_news(t, round)) ask_cond_wait(&t->work, &t->mutex);
    atomic_fetch_sub(&t->n_asleep, 1);
    ask_mutex_unlock(&t->mutex);
}

static void other(void *user)
{
    cpu_team *t = user;
    uint32_t round = 0;
    for (;;) {
        wait_for_news(t, round);
        if (atomic_load(&t->stops)) return;
        round = round_of(atomic_load(&t->ticket));
        take_all_parts(t);
    }
}

/* ---- the caller ---- */

static void start_others(cpu_team *t)
{
    if (t->is_started) return;
    t->is_started = true;
    for (int i = 0; i < t->n_others; i++) {
        ask_error none = {0};
        t->others[i] = ask_thread_start(other, t, &none);
        if (!t->others[i]) return; // the rest of the work is the caller's
    }
}

static void begin_round(cpu_team *t, int n_parts, cpu_team_part part, void *ctx)
{
    t->part = part;
    t->ctx = ctx;
    atomic_store(&t->n_left, n_parts);
    uint32_t round = round_of(atomic_load(&t->ticket)) + 1;
    atomic_store(&t->ticket, ticket_of(round, n_parts));
    if (atomic_load(&t->n_asleep) == 0) return;
    ask_mutex_lock(&t->mutex);
    for (int i = 1; i < n_parts && i <= t->n_others; i++) ask_cond_signal(&t->work);
    ask_mutex_unlock(&t->mutex);
}

static void end_round(cpu_team *t)
{
    for (int i = 0; i < LOOKS; i++) {
        if (atomic_load(&t->n_left) == 0) return;
        pause_briefly();
    }
    ask_mutex_lock(&t->mutex);
    atomic_store(&t->caller_sleeps, true);
    while (atomic_load(&t->n_left) != 0) ask_cond_wait(&t->done, &t->mutex);
    atomic_store(&t->caller_sleeps, false);
    ask_mutex_unlock(&t->mutex);
}

void cpu_team_run(cpu_team *t, int n_parts, cpu_team_part part, void *ctx)
{
    assert(n_parts <= CPU_TEAM_MOST_PARTS);
    if (n_parts <= 1 || t->n_others == 0 || atomic_exchange(&t->is_busy, true)) {
        for (int i = 0; i < n_parts; i++) part(ctx, i);
        return;
    }
    start_others(t);
    begin_round(t, n_parts, part, ctx);
    take_all_parts(t);
    end_round(t);
    atomic_store(&t->is_busy, false);
}

/* ---- opening ---- */

cpu_team *cpu_team_open(int n_threads, ask_error *err)
{
    cpu_team *t = calloc(1, sizeof *t);
    if (!t) goto no_memory;
    t->n_others = n_threads - 1;
    t->others = calloc((size_t)n_threads, sizeof *t->others);
    if (!t->others) goto no_memory;
    if (!ask_mutex_open(&t->mutex, err)) goto fail;
    if (!ask_cond_open(&t->work, err)) goto close_mutex;
    if (!ask_cond_open(&t->done, err)) goto close_work;
    return t;

close_work:
    ask_cond_close(&t->work);
close_mutex:
    ask_mutex_close(&t->mutex);
    goto fail;
no_memory:
    ask_fail_memory(err);
fail:
    if (t) free(t->others);
    free(t);
    return NULL;
}

void cpu_team_close(cpu_team *t)
{
    if (!t) return;
    atomic_store(&t->stops, true);
    ask_mutex_lock(&t->mutex);
    ask_cond_broadcast(&t->work);
    ask_mutex_unlock(&t->mutex);
    for (int i = 0; i < t->n_others; i++) ask_thread_join(t->others[i]);
    ask_cond_close(&t->done);
    ask_cond_close(&t->work);
    ask_mutex_close(&t->mutex);
    free(t->others);
    free(t);
}
