/* base/cpu_priv.h - counting cores over any /proc and /sys tree, so that tests can make
 * one. */
#ifndef ASK_BASE_CPU_PRIV_H
#define ASK_BASE_CPU_PRIV_H

#include <sched.h>

#include "base/api.h"

/* Hardware threads that an affinity mask can name here. */
enum { ASK_CPU_MOST = 8192, ASK_CPU_SETS = ASK_CPU_MOST / CPU_SETSIZE };

/* ask_cpu_count for a process with this affinity mask, with root ("" for the machine
 * itself) in front of /proc and /sys. */
int ask_cpu_count_under(const char *root, const cpu_set_t allowed[ASK_CPU_SETS]);

#endif
