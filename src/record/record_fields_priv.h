/* record/record_fields_priv.h - the evidence record as a table: one row per field.
 *
 * Copying, checking, writing and reading all walk these rows, so a field that is added here
 * is known to each of them. */
#ifndef ASK_RECORD_RECORD_FIELDS_PRIV_H
#define ASK_RECORD_RECORD_FIELDS_PRIV_H

#include <string.h>

#include "record/record.h"

typedef enum {
    FIELD_TEXT,  // const char *
    FIELD_INT,   // int64_t
    FIELD_REAL,  // double
    FIELD_BOOL,  // bool
    FIELD_WORD,  // an enum, by the words of its values
    FIELD_RATIO, // int64_t[2]
    FIELD_MAYBE_INT,
    FIELD_MAYBE_REAL,
    FIELD_MAYBE_BOOL,
    FIELD_STRUCT, // a struct, in place
    FIELD_PART,   // const pointer to a struct; NULL is absent
    FIELD_LIST,   // const pointer to structs, and a size_t that counts them; NULL is absent
    FIELD_TEXTS,  // ask_record_texts
    FIELD_REALS,  // ask_record_reals; none is absent, where it may be
    FIELD_PAIRS,  // ask_record_pairs; the same
} field_kind;

typedef enum {
    ABSENT_NEVER,   // it must be there
    ABSENT_NOTED,   // a note says why it is not
    ABSENT_FREE,    // that is itself the answer
    ABSENT_BY_KIND, // a part of the record: as the kind of record says
} field_absence;

typedef enum {
    RANGE_ANY, // of finite numbers
    RANGE_NOT_NEGATIVE,
    RANGE_POSITIVE,
} field_range;

typedef struct record_struct record_struct;

typedef struct {
    const char *key; // NULL ends a table
    field_kind kind;
    field_absence absence;
    size_t at;                // offset in its struct
    field_range range;        // of numbers
    int n_hex;                // FIELD_TEXT: so many hexadecimal digits; 0: any text
    bool may_be_empty;        // FIELD_TEXT
    size_t n_at;              // FIELD_LIST: offset of the count
    const record_struct *of;  // FIELD_STRUCT, FIELD_PART, FIELD_LIST
    const char *const *words; // FIELD_WORD; ends with NULL
} record_field;

struct record_struct {
    const record_field *fields;
    size_t bytes;
};

extern const record_struct record_query_fields, record_presence_fields, record_video_fields,
    record_plan_fields, record_frame_fields, record_moment_fields, record_cost_fields,
    record_reproduce_fields, record_answer_fields, record_verdict_fields,
    record_checks_fields, record_map_fields, record_subtitles_fields;

/* The parts of the record itself, in the order of the document. */
extern const record_struct record_fields;

/* What the document calls a kind of record. */
typedef struct {
    const char *schema;
    const char *const *parts; // keys of those that it needs; ends with NULL
    const char *const *noted; // of those that it has, or a note that says why not
} record_kind_row;

enum { N_RECORD_KINDS = ASK_RECORD_ANSWER + 1 };
extern const record_kind_row record_kinds[N_RECORD_KINDS];

static inline const void *field_in(const void *object, size_t at)
{
    return (const char *)object + at;
}

/* The items of a FIELD_LIST or the struct of a FIELD_PART; NULL: absent. */
static inline const void *field_pointer(const void *object, const record_field *f)
{
    const void *pointer; // whatever type the member has
    memcpy(&pointer, field_in(object, f->at), sizeof pointer);
    return pointer;
}

static inline size_t field_count(const void *object, const record_field *f)
{
    return *(const size_t *)field_in(object, f->n_at);
}

/* The i-th item of a FIELD_LIST. */
static inline const void *field_item(const void *items, const record_field *f, size_t i)
{
    return field_in(items, i * f->of->bytes);
}

/* Whether a field that may be absent is there. */
bool field_is_known(const void *object, const record_field *f);

/* Whether the part of this name is among those: parts or noted of a kind. */
bool record_kind_lists(const char *const *parts, const char *part);

/* Copies n structs with all that they point to into the arena; NULL without memory. */
void *record_copy(ask_arena *a, const record_struct *s, const void *items, size_t n);
/* A copy of a text, made UTF-8. */
const char *record_copy_text(ask_arena *a, const char *text);

#endif
