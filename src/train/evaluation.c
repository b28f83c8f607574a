#include "train/evaluation.h"

#include <ctype.h>
#include <string.h>

static bool is_name(const char *name)
{
    size_t n = 0;
    while (isalnum((unsigned char)name[n]) || name[n] == '_') n++;
    return n > 0 && n < ASK_TRAIN_METRIC_BYTES && !name[n];
}

static bool is_taken(const ask_train_metrics *m, const char *name)
{
    for (int i = 0; i < m->n; i++)
        if (strcmp(m->items[i].name, name) == 0) return true;
    return false;
}

bool ask_train_metrics_add(ask_train_metrics *m, const char *name, double value,
                           ask_error *err)
{
    if (!is_name(name) || is_taken(m, name) || m->n == ASK_TRAIN_MOST_METRICS)
        return ask_fail(err, ASK_ERR_BUG, "\"%s\" cannot be the name of a %dth metric",
                        name, m->n + 1);
    strcpy(m->items[m->n].name, name);
    m->items[m->n++].value = value;
    return true;
}
