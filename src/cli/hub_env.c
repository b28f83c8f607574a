#include "cli/hub_env.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/file.h"
#include "base/number.h"
#include "base/str.h"

enum { MOST_TOKEN_BYTES = 4096 };

/* NULL also for what is empty. */
static const char *value_of(const char *variable)
{
    const char *value = getenv(variable);
    return value && *value ? value : NULL;
}

/* A path with its "~" made the home folder, and a name below it (""); NULL when there is
 * none of them. */
static bool below(char **out, const char *path, const char *name, ask_error *err)
{
    const char *home = value_of("HOME");
    ask_str text = {0};
    if (!path || (path[0] == '~' && !home)) {
        *out = NULL;
        return true;
    }
    if (path[0] == '~' && (path[1] == '/' || !path[1]))
        ask_str_printf(&text, "%s%s%s", home, path + 1, name);
    else
        ask_str_printf(&text, "%s%s", path, name);
    *out = ask_str_take(&text, err);
    return *out;
}

static bool below_home(char **out, const char *name, ask_error *err)
{
    const char *xdg = value_of("XDG_CACHE_HOME");
    if (value_of("HF_HOME")) return below(out, value_of("HF_HOME"), name, err);
    char *cache;
    if (!below(&cache, xdg ? xdg : "~/.cache", "/huggingface", err)) return false;
    bool ok = below(out, cache, name, err);
    free(cache);
    return ok;
}

bool cli_hub_cache(char **out, ask_error *err)
{
    const char *cache = value_of("HF_HUB_CACHE");
    if (!cache) cache = value_of("HUGGINGFACE_HUB_CACHE"); // its name of before
    return cache ? below(out, cache, "", err) : below_home(out, "/hub", err);
}

/* Without the white space around it; NULL: there is nothing else. */
static bool take_trimmed(char **out, const char *text, ask_error *err)
{
    static const char blanks[] = " \t\r\n";
    text += strspn(text, blanks);
    size_t n = strlen(text);
    while (n > 0 && strchr(blanks, text[n - 1])) n--;
    ask_str token = {0};
    ask_str_append_bytes(&token, text, n);
    *out = n > 0 ? ask_str_take(&token, err) : NULL;
    return *out || n == 0;
}

static bool read_token(char **out, const char *path, ask_error *err)
{
    char *text;
    size_t n;
    if (!path || !ask_file_exists(path)) return true;
    if (!ask_file_read(&text, &n, path, MOST_TOKEN_BYTES, err)) return false;
    bool ok = take_trimmed(out, text, err);
    free(text);
    return ok;
}

static bool is_yes(const char *variable)
{
    static const char *const yes[] = {"1", "ON", "YES", "TRUE"};
    const char *value = value_of(variable);
    for (size_t i = 0; value && i < sizeof yes / sizeof *yes; i++)
        if (strcasecmp(value, yes[i]) == 0) return true;
    return false;
}

bool cli_hub_token(char **out, ask_error *err)
{
    const char *token = value_of("HF_TOKEN"), *file = value_of("HF_TOKEN_PATH");
    if (!token) token = value_of("HUGGING_FACE_HUB_TOKEN"); // its name of before
    *out = NULL;
    if (token) return take_trimmed(out, token, err);
    if (is_yes("HF_HUB_DISABLE_IMPLICIT_TOKEN")) return true;
    char *path = NULL;
    bool ok = file ? below(&path, file, "", err) : below_home(&path, "/token", err);
    ok = ok && read_token(out, path, err);
    free(path);
    return ok;
}

const char *cli_hub_endpoint(void)
{
    return value_of("HF_ENDPOINT");
}

bool cli_hub_is_offline(void)
{
    return is_yes("HF_HUB_OFFLINE");
}

bool cli_hub_stall(int *out, ask_error *err)
{
    const char *value = value_of("HF_HUB_DOWNLOAD_TIMEOUT");
    int64_t seconds;
    if (!value) return true;
    if (!ask_parse_i64(&seconds, value) || seconds < 1 || seconds > 3600)
        return ask_fail(err, ASK_ERR_USAGE,
                        "HF_HUB_DOWNLOAD_TIMEOUT=%.40s is not 1 to 3600 whole seconds",
                        value);
    *out = (int)seconds;
    return true;
}
