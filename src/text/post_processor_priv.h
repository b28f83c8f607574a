/* text/post_processor_priv.h - post-processors: marks around the tokens of one or two
 * texts, and offsets without the spaces that belong to byte-level tokens.
 *
 * Read from tokenizer.json's "post_processor"; a Sequence in it becomes the list. */
#ifndef ASK_TEXT_POST_PROCESSOR_PRIV_H
#define ASK_TEXT_POST_PROCESSOR_PRIV_H

#include "text/encoding_priv.h"
#include "text/parts_priv.h"

/* A part of a template: one of the texts, or marks. */
typedef struct {
    int text; // 0 or 1; -1: marks
    const ask_encoded *marks;
    size_t n_marks;
    int32_t type;
} ask_template_part;

typedef struct {
    ask_template_part *parts;
    size_t n;
} ask_template;

typedef struct ask_post_processor ask_post_processor;
struct ask_post_processor {
    /* special: marks are wanted. */
    bool (*apply)(const ask_post_processor *p, ask_encodings *list, bool special,
                  ask_error *err);
    bool trim_offsets;         // ByteLevel, RobertaProcessing
    bool add_prefix_space;     // the first space of a text was added, and is not trimmed
    ask_encoded start, end;    // RobertaProcessing, BertProcessing: cls and sep
    ask_template single, pair; // TemplateProcessing
};

typedef struct {
    ask_post_processor *items;
    size_t n, capacity;
} ask_post_processors;

/* v may be absent or null: then there are none. */
bool ask_post_processors_read(ask_post_processors *out, ask_parts *parts, ask_json_value v,
                              ask_error *err);
bool ask_post_process(const ask_post_processors *p, ask_encodings *list, bool special,
                      ask_error *err);

/* The ids that a single text is put between; -1 for none. */
void ask_post_processors_marks(const ask_post_processors *p, int64_t *start, int64_t *end);

#endif
