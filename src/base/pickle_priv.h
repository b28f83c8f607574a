/* base/pickle_priv.h - the machine that a pickle is a program for. */
#ifndef ASK_BASE_PICKLE_PRIV_H
#define ASK_BASE_PICKLE_PRIV_H

#include "base/arena.h"
#include "base/pickle.h"

/* A value while it is made. */
typedef struct {
    ask_pickle_value value; // first: a value of ours is a node
    size_t capacity;        // of value.items
    uint32_t size;          // by pickle_check: values in it, itself too; 0: not known yet
    uint16_t depth;         // by pickle_check: levels of values, at least 1
    bool is_open;           // by pickle_check: its items are being looked at
    bool is_namespace;      // a DICT whose attributes are its members
} pickle_node;

/* A growing list outside of the arena. */
typedef struct {
    ask_pickle_value **at;
    size_t n, capacity;
} pickle_list;

typedef struct {
    const char *name; // in front of messages
    ask_pickle_options options;
    ask_arena *arena; // of all values
    const uint8_t *begin, *at, *end;
    const uint8_t *opcode; // where the one being done stands
    size_t max_bytes;      // of the arena
    pickle_list stack, memo, persistent;
    size_t *marks; // heights of the stack
    size_t n_marks, marks_capacity;
    ask_error *err;
} pickle_machine;

/* Reports a fault at the opcode being done. Returns false. */
bool pickle_fail(pickle_machine *m, ask_error_code code, const char *format, ...)
    ASK_PRINTF(3, 4);

/* Zeros from the arena; NULL with the error told when memory or the budget runs out. */
void *pickle_alloc(pickle_machine *m, size_t count, size_t item_bytes);

/* ---- values (pickle_value.c); NULL with the error told ---- */

ask_pickle_value *pickle_new(pickle_machine *m, ask_pickle_kind kind);

/* A value with text: a copy with a NUL behind it, or (pickle_new_bytes) borrowed. */
ask_pickle_value *pickle_new_text(pickle_machine *m, ask_pickle_kind kind, const void *text,
                                  size_t n_bytes);
ask_pickle_value *pickle_new_bytes(pickle_machine *m, const void *bytes, size_t n_bytes);

/* A STRING; fails when the bytes are not UTF-8. */
ask_pickle_value *pickle_new_string(pickle_machine *m, const void *text, size_t n_bytes);

/* A string of Python 2: a STRING when it is UTF-8, else BYTES. */
ask_pickle_value *pickle_new_string2(pickle_machine *m, const void *text, size_t n_bytes);

/* An INT or BIG_INT of bytes in little-endian two's complement. */
ask_pickle_value *pickle_new_integer(pickle_machine *m, const uint8_t *bytes,
                                     size_t n_bytes);

/* A value with these items. */
ask_pickle_value *pickle_new_items(pickle_machine *m, ask_pickle_kind kind,
                                   ask_pickle_value *const *items, size_t n);

/* Puts items behind those that a value has. */
bool pickle_append(pickle_machine *m, ask_pickle_value *v, ask_pickle_value *const *items,
                   size_t n);

/* The same for a DICT and all members of another value: a DICT, or a LIST or TUPLE of
 * pairs. */
bool pickle_append_members(pickle_machine *m, ask_pickle_value *dict,
                           const ask_pickle_value *members);

/* ---- texts of protocol 0 (pickle_text.c) ---- */

/* The line up to the next '\n', which is taken, too. */
bool pickle_take_line(pickle_machine *m, const char **line, size_t *n_bytes);

/* Make a value of a line; NULL with the error told. */
ask_pickle_value *pickle_line_integer(pickle_machine *m, const char *line, size_t n);
ask_pickle_value *pickle_line_long(pickle_machine *m, const char *line, size_t n);
ask_pickle_value *pickle_line_float(pickle_machine *m, const char *line, size_t n);
ask_pickle_value *pickle_line_string(pickle_machine *m, const char *line, size_t n);
ask_pickle_value *pickle_line_unicode(pickle_machine *m, const char *line, size_t n);

/* A number without a sign. */
bool pickle_line_index(pickle_machine *m, size_t *out, const char *line, size_t n);

/* ---- names (pickle_call.c) ---- */

/* The NAME "module.name"; NULL with the error told when it is not known. */
ask_pickle_value *pickle_name(pickle_machine *m, const char *module, size_t module_bytes,
                              const char *name, size_t name_bytes);

/* What calling a NAME with a TUPLE of arguments makes. */
ask_pickle_value *pickle_call(pickle_machine *m, const ask_pickle_value *callee,
                              const ask_pickle_value *args);

/* Gives a value its state, as BUILD does. */
bool pickle_build(pickle_machine *m, ask_pickle_value *v, const ask_pickle_value *state);

/* ---- NumPy (pickle_numpy.c): what its names make of arguments ---- */

ask_pickle_value *pickle_numpy_dtype(pickle_machine *m, const ask_pickle_value *args);
ask_pickle_value *pickle_numpy_reconstruct(pickle_machine *m, const ask_pickle_value *args);
ask_pickle_value *pickle_numpy_scalar(pickle_machine *m, const ask_pickle_value *args);
ask_pickle_value *pickle_numpy_from_buffer(pickle_machine *m, const ask_pickle_value *args);
bool pickle_numpy_build_dtype(pickle_machine *m, ask_pickle_value *dtype,
                              const ask_pickle_value *state);
bool pickle_numpy_build_array(pickle_machine *m, ask_pickle_value *array,
                              const ask_pickle_value *state);

/* ---- the end (pickle_value.c) ---- */

/* Checks that no value is in itself, that depth and number are within the limits, and that
 * all arrays have their data. */
bool pickle_check(pickle_machine *m, const ask_pickle_value *root);

#endif
