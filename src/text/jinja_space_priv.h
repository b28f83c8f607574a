/* text/jinja_space_priv.h - white space as Python's str has it. */
#ifndef ASK_TEXT_JINJA_SPACE_PRIV_H
#define ASK_TEXT_JINJA_SPACE_PRIV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

bool ask_py_is_space(uint32_t c);

/* Bytes of white space that text begins, or ends, with. */
size_t ask_py_leading_space(const char *text, size_t n_bytes);
size_t ask_py_trailing_space(const char *text, size_t n_bytes);

/* Bytes of the last character of a text that is not empty. */
size_t ask_py_last_bytes(const char *text, size_t n_bytes);

#endif
