/* eval/set_priv.h - how the questions of a task come together. */
#ifndef ASK_EVAL_SET_PRIV_H
#define ASK_EVAL_SET_PRIV_H

#include "eval/item.h"
#include "world/question.h"

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

/* The tags of a question of a playroom: "type"; "held_out", "yes" where question or right
 * answer is about what only the test split has, else "no"; of full worlds "family",
 * "reasoning" in NExT-QA's words, if it has one, and "clutter", of 0 and 1 also as "0-1".
 * False without memory. */
bool set_tags_of(ask_data_record *out, const ask_scene *s, const ask_world_question *q,
                 ask_arena *room);

#endif
