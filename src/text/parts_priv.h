/* text/parts_priv.h - what the parts of an open tokenizer are made of: memory and regular
 * expressions, which all go when the tokenizer is closed. */
#ifndef ASK_TEXT_PARTS_PRIV_H
#define ASK_TEXT_PARTS_PRIV_H

#include "base/arena.h"
#include "base/json.h"
#include "text/regex_priv.h"

typedef struct ask_parts_regex ask_parts_regex;

typedef struct {
    ask_arena *arena;
    ask_parts_regex *regexes;
} ask_parts;

bool ask_parts_open(ask_parts *p, ask_error *err);
void ask_parts_close(ask_parts *p); // a {0} is fine

/* An expression that lives as long as the parts. */
const ask_regex *ask_parts_regex_new(ask_parts *p, const char *pattern, bool literal,
                                     ask_error *err);

/* The member "pattern" of a component: {"String": text} or {"Regex": expression}. */
const ask_regex *ask_parts_read_pattern(ask_parts *p, ask_json_value component,
                                        ask_error *err);

/* A text that must be there, copied. */
bool ask_parts_read_text(const char **out, ask_parts *p, ask_json_value v, const char *path,
                         ask_error *err);

/* A member that is a text of one character. */
bool ask_parts_read_character(uint32_t *out, ask_json_value v, const char *key,
                              ask_error *err);

/* The name of a component, {"type": name}, must be one of a table; *row tells which. `what`
 * is what messages call it: "normalizer". */
bool ask_parts_read_type(size_t *row, ask_json_value component, const char *const *names,
                         size_t n_names, const char *what, ask_error *err);

#endif
