#include "hub/id.h"

#include <ctype.h>
#include <string.h>

#include "base/str.h"

enum { PART_CHARS = 96 };

static bool is_one_of(char c, const char *others)
{
    return (c & 0x80) == 0 && c && (isalnum((unsigned char)c) || strchr(others, c));
}

/* An owner or a name: n characters of text. */
static bool is_part(const char *text, size_t n)
{
    if (n == 0 || n > PART_CHARS) return false;
    for (size_t i = 0; i < n; i++) {
        if (!is_one_of(text[i], "-_.")) return false;
        if (i > 0 && text[i] != '_' && !isalnum((unsigned char)text[i]) &&
            text[i] == text[i - 1])
            return false;
    }
    return !strchr("-.", text[0]) && !strchr("-.", text[n - 1]);
}

static bool is_name(const char *text, size_t n)
{
    const char *slash = memchr(text, '/', n);
    if (!slash) return is_part(text, n);
    size_t n_owner = (size_t)(slash - text);
    return is_part(text, n_owner) && is_part(slash + 1, n - n_owner - 1);
}

/* As git has it, without what means something in a path. */
static bool is_revision(const char *text)
{
    size_t n = strlen(text);
    if (n == 0 || n >= ASK_HUB_REVISION_BYTES || strstr(text, "..") || strstr(text, "//"))
        return false;
    for (size_t i = 0; i < n; i++) {
        if (!is_one_of(text[i], "-_./+")) return false;
        if (text[i] == '.' && (i == 0 || text[i - 1] == '/')) return false;
    }
    return !strchr("-/", text[0]) && text[n - 1] != '/';
}

bool ask_hub_id_parse(ask_hub_id *out, const char *text, ask_error *err)
{
    const char *at = strchr(text, '@');
    size_t n = at ? (size_t)(at - text) : strlen(text);
    if (!is_name(text, n))
        return ask_fail(err, ASK_ERR_USAGE,
                        "\"%.200s\" is not the id of a model; ids are OWNER/NAME, or "
                        "OWNER/NAME@REVISION",
                        text);
    ask_hub_id id = {0};
    memcpy(id.name, text, n);
    if (at && !ask_hub_id_at(&id, at + 1, err)) return false;
    *out = id;
    return true;
}

bool ask_hub_id_at(ask_hub_id *id, const char *revision, ask_error *err)
{
    if (!is_revision(revision))
        return ask_fail(err, ASK_ERR_USAGE,
                        "\"%.200s\" is not a revision: give a branch, a tag or a commit",
                        revision);
    if (id->revision[0] && strcmp(id->revision, revision) != 0)
        return ask_fail(err, ASK_ERR_USAGE, "two revisions of %s: %s and %s; give one",
                        id->name, id->revision, revision);
    ask_format(id->revision, sizeof id->revision, "%s", revision);
    return true;
}

bool ask_hub_is_commit(const char *text)
{
    size_t n = strspn(text, "0123456789abcdef");
    return (n == 40 || n == 64) && !text[n];
}
