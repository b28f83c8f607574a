/* text/template.h - texts made from templates, as chat templates are published.
 *
 * Jinja 2 as Hugging Face's transformers sets it up for chat templates: trim_blocks and
 * lstrip_blocks on, break and continue, generation blocks, its own tojson, raise_exception
 * and strftime_now, and nothing that changes a value in place but namespaces. A construct
 * that is not known is an error that names it: tags of inheritance and import, call blocks,
 * recursive loops, rare filters.
 *
 * Where it differs: integers have 64 bits, `safe` leaves a text as it is, and a loop's
 * condition is asked for all items before the first is looked at.
 *
 * A template is read-only: threads share it. */
#ifndef ASK_TEXT_TEMPLATE_H
#define ASK_TEXT_TEMPLATE_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/json.h"

typedef struct ask_template ask_template;

/* text is UTF-8 and copied; name stands in messages, before the line.
 * Fails: ASK_ERR_FORMAT for what is malformed, ASK_ERR_UNSUPPORTED for what is not known,
 * ASK_ERR_LIMIT for what is longer than 4 MiB or too deep, ASK_ERR_NOMEM. */
ASK_API ask_template *ask_template_parse(const char *text, size_t n_bytes, const char *name,
                                         ask_error *err);

ASK_API void ask_template_free(ask_template *t); // NULL is fine

typedef struct {
    int64_t max_steps;  // nodes evaluated and values compared
    size_t max_bytes;   // memory of a rendering, results and all that is between
    int64_t now_unix_s; // what strftime_now tells, in local time; 0: the clock
} ask_template_limits;

ASK_API ask_template_limits ask_template_default_limits(void); // 20 million, 512 MiB

/* What the template makes of its variables: UTF-8, freed with free().
 *
 * variables  an object, or an absent value for none
 * limits     NULL for the default
 * Fails: ASK_ERR_USAGE where the template itself raises an exception, with its words;
 * ASK_ERR_FORMAT for what cannot be done with the values it has, ASK_ERR_UNSUPPORTED for a
 * function or method that is not known, ASK_ERR_LIMIT, ASK_ERR_NOMEM. */
ASK_API char *ask_template_render(const ask_template *t, ask_json_value variables,
                                  const ask_template_limits *limits, ask_error *err);

#endif
