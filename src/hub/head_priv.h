/* hub/head_priv.h - what stands above the body of an answer over HTTP, as far as it is
 * used. */
#ifndef ASK_HUB_HEAD_PRIV_H
#define ASK_HUB_HEAD_PRIV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { HUB_HASH_CHARS = 64 };

typedef struct {
    int status;                    // 0 before the first line
    int64_t n_bytes;               // of the body; -1: not told
    int64_t begin, total;          // of a part: where it begins, of how many; -1: not told
    int64_t linked_bytes;          // of the file that a redirect leads to; -1
    int64_t retry_after_s;         // 0: not told
    char etag[HUB_HASH_CHARS + 1]; // without quotes; "": none, or none that is a hash
    char linked_etag[HUB_HASH_CHARS + 1];
    char error_code[32];     // "GatedRepo", ...; "": none
    char error_message[160]; // of the server, for people; may hold anything but NUL
} hub_head;

/* Takes one line, with or without its end. A status line begins anew. What is not
 * understood is passed over. */
void hub_head_line(hub_head *h, const char *line, size_t n_bytes);

/* Whether it is 40 (a SHA-1) or 64 (a SHA-256) hexadecimal digits, lower case. */
bool hub_is_hash(const char *text);

#endif
