/* eval/set_priv.h - how the questions of a task come together. */
#ifndef ASK_EVAL_SET_PRIV_H
#define ASK_EVAL_SET_PRIV_H

#include "eval/item.h"

struct ask_eval_set {
    ask_eval_set_options opt;
    ask_eval_item *items; // owned; [n]
    size_t n, capacity;
    ask_dataset *data; // of a published set; else NULL
    ask_arena *room;   // what items borrow, and the data does not own
    const char *file, *split;
};

/* Adds an item, unless there are as many as are wanted; *full: there are. */
bool set_add(ask_eval_set *s, const ask_eval_item *item, ask_error *err);
bool set_is_full(const ask_eval_set *s);

/* Fill an empty set. */
bool set_read_data(ask_eval_set *s, const char *task, const char *path, const char *split,
                   ask_error *err);
bool set_read_playroom(ask_eval_set *s, const char *dir, const char *split, ask_error *err);

#endif
