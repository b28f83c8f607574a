/* base/thread.h - threads for decoding, files, queues and computing.
 *
 * After open, a mutex or condition must not be moved. lock, unlock, wait and the signals
 * cannot fail when used as written; wrong use is our own mistake and is asserted. */
#ifndef ASK_BASE_THREAD_H
#define ASK_BASE_THREAD_H

#include <pthread.h>
#include <stdbool.h>

#include "base/api.h"
#include "base/error.h"

typedef struct ask_thread ask_thread;

/* Runs fn(user) on a new thread; signals to the process go to other threads. ASK_ERR_NOMEM
 * or ASK_ERR_LIMIT when the system gives none. */
ASK_API ask_thread *ask_thread_start(void (*fn)(void *user), void *user, ask_error *err);

/* Waits for the end of fn and frees the thread. NULL is allowed. */
ASK_API void ask_thread_join(ask_thread *t);

typedef struct {
    pthread_mutex_t handle;
} ask_mutex;

ASK_API bool ask_mutex_open(ask_mutex *m, ask_error *err);
ASK_API void ask_mutex_close(ask_mutex *m);
ASK_API void ask_mutex_lock(ask_mutex *m);
ASK_API void ask_mutex_unlock(ask_mutex *m);

typedef struct {
    pthread_cond_t handle;
} ask_cond;

ASK_API bool ask_cond_open(ask_cond *c, ask_error *err);
ASK_API void ask_cond_close(ask_cond *c);

/* Gives m up, sleeps, and takes m again. May wake without a signal: wait in a loop. */
ASK_API void ask_cond_wait(ask_cond *c, ask_mutex *m);

/* The same for at most timeout_s seconds; false when they have passed. */
ASK_API bool ask_cond_wait_for(ask_cond *c, ask_mutex *m, double timeout_s);

ASK_API void ask_cond_signal(ask_cond *c);
ASK_API void ask_cond_broadcast(ask_cond *c);

#endif
