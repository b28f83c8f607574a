#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/number.h"
#include "base/str.h"
#include "hub/head_priv.h"

enum { VALUE_BYTES = 256 };

bool hub_is_hash(const char *text)
{
    size_t n = strspn(text, "0123456789abcdef");
    return (n == 40 || n == HUB_HASH_CHARS) && !text[n];
}

/* The value behind the colon, without spaces around it, cut where it is longer. */
static void copy_value(char out[VALUE_BYTES], const char *text, size_t n)
{
    while (n > 0 && isspace((unsigned char)*text)) text++, n--;
    while (n > 0 && isspace((unsigned char)text[n - 1])) n--;
    if (n > VALUE_BYTES - 1) n = VALUE_BYTES - 1;
    memcpy(out, text, n);
    out[n] = '\0';
}

/* Digits that are a number, and no sign; else what was there stays. */
static void take_count(int64_t *out, const char *text)
{
    if (isdigit((unsigned char)*text)) ask_parse_i64(out, text);
}

/* "abc" or W/"abc", of which only hashes are taken. */
static void take_etag(char out[HUB_HASH_CHARS + 1], const char *text)
{
    if (ask_starts_with(text, "W/")) text += 2;
    char bare[HUB_HASH_CHARS + 1];
    size_t n = strlen(text);
    bool quoted = n >= 2 && text[0] == '"' && text[n - 1] == '"';
    if (quoted) text++, n -= 2;
    if (n >= sizeof bare) return;
    memcpy(bare, text, n);
    bare[n] = '\0';
    if (hub_is_hash(bare)) memcpy(out, bare, n + 1);
}

/* "bytes 100-199/200"; the total may be an asterisk: not known. */
static void take_range(hub_head *h, char *text)
{
    if (strncasecmp(text, "bytes ", 6) != 0) return;
    char *begin = text + 6;
    char *dash = strchr(begin, '-'), *slash = strchr(begin, '/');
    if (!dash || !slash || slash < dash) return;
    *dash = *slash = '\0';
    take_count(&h->begin, begin);
    take_count(&h->total, slash + 1);
}

static void take_text(char *out, size_t size, const char *text)
{
    ask_format(out, size, "%.*s", (int)size - 1, text);
}

static void take_field(hub_head *h, const char *name, char *value)
{
    if (strcasecmp(name, "content-length") == 0) take_count(&h->n_bytes, value);
    if (strcasecmp(name, "content-range") == 0) take_range(h, value);
    if (strcasecmp(name, "x-linked-size") == 0) take_count(&h->linked_bytes, value);
    if (strcasecmp(name, "retry-after") == 0) take_count(&h->retry_after_s, value);
    if (strcasecmp(name, "etag") == 0) take_etag(h->etag, value);
    if (strcasecmp(name, "x-linked-etag") == 0) take_etag(h->linked_etag, value);
    if (strcasecmp(name, "x-error-code") == 0)
        take_text(h->error_code, sizeof h->error_code, value);
    if (strcasecmp(name, "x-error-message") == 0)
        take_text(h->error_message, sizeof h->error_message, value);
}

/* "HTTP/1.1 200 OK": three digits behind the version. */
static int status_of(const char *line, size_t n)
{
    const char *space = memchr(line, ' ', n);
    if (!space || line + n - space < 4) return 0;
    int status = 0;
    for (int i = 1; i <= 3; i++) {
        if (!isdigit((unsigned char)space[i])) return 0;
        status = 10 * status + (space[i] - '0');
    }
    return status;
}

void hub_head_line(hub_head *h, const char *line, size_t n_bytes)
{
    if (n_bytes >= 5 && memcmp(line, "HTTP/", 5) == 0) {
        *h = (hub_head){.status = status_of(line, n_bytes),
                        .n_bytes = -1,
                        .begin = -1,
                        .total = -1,
                        .linked_bytes = -1};
        return;
    }
    char name[32], value[VALUE_BYTES];
    const char *colon = memchr(line, ':', n_bytes);
    size_t n_name = colon ? (size_t)(colon - line) : sizeof name;
    if (n_name >= sizeof name || memchr(line, '\0', n_bytes)) return;
    memcpy(name, line, n_name);
    name[n_name] = '\0';
    copy_value(value, colon + 1, n_bytes - n_name - 1);
    take_field(h, name, value);
}
