#include "cli/options.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/number.h"
#include "base/time_text.h"
#include "cli/nearest.h"

typedef struct {
    const cli_option *option;
    void *at; // where its value goes
} match;

typedef struct {
    const cli_target *targets;
    int n_targets;
    char *const *argv;
    int argc;
    int next; // the argument to read next
    cli_arguments arguments;
} parse;

static match match_in(const cli_target *target, const cli_option *option)
{
    return (match){option, (char *)target->values + option->at};
}

/* Whether an option's name begins with a text; - and _ are the same. */
static bool name_begins(const cli_option *option, const char *text, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        char a = option->name[i], b = text[i];
        if ((a == '-' ? '_' : a) != (b == '-' ? '_' : b)) return false;
    }
    return true;
}

static bool is_name(const cli_option *option, const char *text, size_t length)
{
    return name_begins(option, text, length) && option->name[length] == '\0';
}

static bool unknown_option(const parse *p, const char *text, size_t length, ask_error *err)
{
    char word[64];
    ask_format(word, sizeof word, "%.*s", (int)(length < 63 ? length : 63), text);
    cli_nearest nearest = {.word = word};
    for (int t = 0; t < p->n_targets; t++) {
        for (const cli_option *o = p->targets[t].options; o->name; o++)
            cli_nearest_offer(&nearest, o->name);
    }
    if (nearest.name)
        return ask_fail(err, ASK_ERR_USAGE, "unknown option --%s; did you mean --%s?", word,
                        nearest.name);
    return ask_fail(err, ASK_ERR_USAGE, "unknown option --%s; see --help", word);
}

/* Finds the option that has this name, or the only one whose name begins with it. */
static bool find_long(match *out, const parse *p, const char *text, size_t length,
                      ask_error *err)
{
    match begun = {0}, second = {0};
    for (int t = 0; t < p->n_targets; t++) {
        for (const cli_option *o = p->targets[t].options; o->name; o++) {
            if (is_name(o, text, length)) {
                *out = match_in(&p->targets[t], o);
                return true;
            }
            if (length == 0 || !name_begins(o, text, length)) continue;
            if (begun.option)
                second = match_in(&p->targets[t], o);
            else
                begun = match_in(&p->targets[t], o);
        }
    }
    if (second.option)
        return ask_fail(err, ASK_ERR_USAGE,
                        "option --%.*s is ambiguous: --%s or --%s; write it out",
                        (int)length, text, begun.option->name, second.option->name);
    if (!begun.option) return unknown_option(p, text, length, err);
    *out = begun;
    return true;
}

static bool find_letter(match *out, const parse *p, char letter, ask_error *err)
{
    for (int t = 0; t < p->n_targets; t++) {
        for (const cli_option *o = p->targets[t].options; o->name; o++) {
            if (o->letter != letter) continue;
            *out = match_in(&p->targets[t], o);
            return true;
        }
    }
    return ask_fail(err, ASK_ERR_USAGE, "unknown option -%c; see --help", letter);
}

static bool out_of_range(const cli_option *o, const char *value, ask_error *err)
{
    char min[ASK_DOUBLE_TEXT_BYTES], max[ASK_DOUBLE_TEXT_BYTES];
    return ask_fail(err, ASK_ERR_USAGE, "option --%s: %s is outside %s to %s", o->name,
                    value, ask_format_double(min, o->min), ask_format_double(max, o->max));
}

static bool in_range(const cli_option *o, double value)
{
    return (o->min == 0 && o->max == 0) || (value >= o->min && value <= o->max);
}

static bool add_to_list(cli_list *list, const char *value, ask_error *err)
{
    const char **items = realloc(list->items, ((size_t)list->n + 1) * sizeof *items);
    if (!items) return ask_fail_memory(err);
    list->items = items;
    list->items[list->n++] = value;
    return true;
}

static bool read_args(const parse *p, cli_args *args, const char *path, ask_error *err);

static bool store(const parse *p, match m, const char *value, ask_error *err)
{
    const cli_option *o = m.option;
    switch (o->kind) {
    case CLI_FLAG:
        *(bool *)m.at = true;
        return true;
    case CLI_TEXT:
    case CLI_MODEL:
        *(const char **)m.at = value;
        return true;
    case CLI_INT: {
        int64_t number;
        if (!ask_parse_i64(&number, value))
            return ask_fail(err, ASK_ERR_USAGE, "option --%s: %s is not a whole number",
                            o->name, value);
        if (!in_range(o, (double)number)) return out_of_range(o, value, err);
        *(int64_t *)m.at = number;
        return true;
    }
    case CLI_REAL: {
        double number;
        if (!ask_parse_double(&number, value))
            return ask_fail(err, ASK_ERR_USAGE, "option --%s: %s is not a number", o->name,
                            value);
        if (!in_range(o, number)) return out_of_range(o, value, err);
        *(double *)m.at = number;
        return true;
    }
    case CLI_TIME:
        return ask_parse_time(m.at, value) ||
               ask_fail(err, ASK_ERR_USAGE,
                        "option --%s: %s is not a time; give seconds, or [hours:]minutes:"
                        "seconds",
                        o->name, value);
    case CLI_LIST:
        return add_to_list(m.at, value, err);
    case CLI_ARGS:
        return read_args(p, m.at, value, err);
    }
    return ask_fail(err, ASK_ERR_BUG, "option --%s has no kind", o->name);
}

/* ---- files of options ---- */

/* The text without the spaces around it. */
static char *trim(char *text)
{
    text += strspn(text, " \t\r");
    size_t n = strlen(text);
    while (n > 0 && strchr(" \t\r", text[n - 1])) n--;
    text[n] = '\0';
    return text;
}

static bool store_flag(match m, const char *value, ask_error *err)
{
    bool yes = !value || strcmp(value, "true") == 0;
    if (!yes && strcmp(value, "false") != 0)
        return ask_fail(err, ASK_ERR_USAGE, "option --%s is true or false, not %s",
                        m.option->name, value);
    *(bool *)m.at = yes;
    return true;
}

static bool read_line(const parse *p, char *line, ask_error *err)
{
    char *equals = strchr(line, '='), *value = equals ? trim(equals + 1) : NULL;
    if (equals) *equals = '\0';
    const char *name = trim(line);
    match m;
    if (!find_long(&m, p, name, strlen(name), err)) return false;
    if (m.option->kind == CLI_FLAG) return store_flag(m, value, err);
    if (m.option->kind == CLI_ARGS)
        return ask_fail(err, ASK_ERR_USAGE, "a file of options names no other");
    if (!value)
        return ask_fail(err, ASK_ERR_USAGE, "option --%s needs a value (%s)",
                        m.option->name, m.option->argument);
    return store(p, m, value, err);
}

static bool read_lines(const parse *p, char *text, const char *path, ask_error *err)
{
    for (int row = 1; text; row++) {
        char *end = strchr(text, '\n'), *line = text;
        if (end) *end = '\0';
        text = end ? end + 1 : NULL;
        line = trim(line);
        if (*line && *line != '#' && !read_line(p, line, err))
            return ask_fail_in(err, "%s:%d", path, row);
    }
    return true;
}

static bool read_args(const parse *p, cli_args *args, const char *path, ask_error *err)
{
    enum { MOST_BYTES = 1 << 20 };
    size_t n_bytes;
    char **texts = realloc(args->texts, ((size_t)args->n + 1) * sizeof *texts);
    if (!texts) return ask_fail_memory(err);
    args->texts = texts;
    if (!ask_file_read(&args->texts[args->n], &n_bytes, path, MOST_BYTES, err))
        return false;
    return read_lines(p, args->texts[args->n++], path, err);
}

/* ---- the command line ---- */

/* The value that follows an option: attached to it, or the next argument. */
static bool take_value(parse *p, const cli_option *o, const char *attached,
                       const char **value, ask_error *err)
{
    *value = attached;
    if (attached) return true;
    if (p->next == p->argc)
        return ask_fail(err, ASK_ERR_USAGE, "option --%s needs a value (%s)", o->name,
                        o->argument);
    *value = p->argv[p->next++];
    return true;
}

static bool parse_long(parse *p, const char *text, ask_error *err)
{
    const char *equals = strchr(text, '=');
    size_t length = equals ? (size_t)(equals - text) : strlen(text);
    match m;
    if (!find_long(&m, p, text, length, err)) return false;
    if (m.option->kind == CLI_FLAG && equals)
        return ask_fail(err, ASK_ERR_USAGE, "option --%s takes no value", m.option->name);

    const char *value = NULL;
    if (m.option->kind != CLI_FLAG &&
        !take_value(p, m.option, equals ? equals + 1 : NULL, &value, err))
        return false;
    return store(p, m, value, err);
}

/* "-abc" is the flags a, b and c, or the option a with the value "bc". */
static bool parse_letters(parse *p, const char *letters, ask_error *err)
{
    for (const char *c = letters; *c; c++) {
        match m;
        if (!find_letter(&m, p, *c, err)) return false;
        if (m.option->kind != CLI_FLAG) {
            const char *value;
            return take_value(p, m.option, c[1] ? c + 1 : NULL, &value, err) &&
                   store(p, m, value, err);
        }
        if (!store(p, m, NULL, err)) return false;
    }
    return true;
}

static bool parse_all(parse *p, ask_error *err)
{
    bool ended = false; // after --
    while (p->next < p->argc) {
        const char *text = p->argv[p->next++];
        if (ended || text[0] != '-' || text[1] == '\0')
            p->arguments.items[p->arguments.n++] = text;
        else if (strcmp(text, "--") == 0)
            ended = true;
        else if (text[1] == '-' ? !parse_long(p, text + 2, err)
                                : !parse_letters(p, text + 1, err))
            return false;
    }
    return true;
}

bool cli_options_parse(cli_arguments *arguments, const cli_target *targets, int n_targets,
                       char *const *argv, int argc, ask_error *err)
{
    parse p = {.targets = targets, .n_targets = n_targets, .argv = argv, .argc = argc};
    *arguments = (cli_arguments){0};
    p.arguments.items = calloc((size_t)argc + 1, sizeof *p.arguments.items);
    if (!p.arguments.items) return ask_fail_memory(err);
    bool ok = parse_all(&p, err);
    if (!ok) cli_options_free(&p.arguments, targets, n_targets);
    *arguments = p.arguments;
    return ok;
}

static void free_list(cli_list *list)
{
    free(list->items);
    *list = (cli_list){0};
}

static void free_args(cli_args *args)
{
    for (int i = 0; i < args->n; i++) free(args->texts[i]);
    free(args->texts);
    *args = (cli_args){0};
}

void cli_options_free(cli_arguments *arguments, const cli_target *targets, int n_targets)
{
    free(arguments->items);
    *arguments = (cli_arguments){0};
    for (int t = 0; t < n_targets; t++) {
        for (const cli_option *o = targets[t].options; o->name; o++) {
            void *at = match_in(&targets[t], o).at;
            if (o->kind == CLI_LIST) free_list(at);
            if (o->kind == CLI_ARGS) free_args(at);
        }
    }
}

void cli_options_help(ask_str *out, const cli_option *options)
{
    for (const cli_option *o = options; o->name; o++) {
        char left[64];
        ask_format(left, sizeof left, "--%s%s%s", o->name, o->argument ? "=" : "",
                   o->argument ? o->argument : "");
        if (o->letter)
            ask_str_printf(out, "  -%c, ", o->letter);
        else
            ask_str_append(out, "      ");
        ask_str_printf(out, "%-20s  %s\n", left, o->help);
    }
}
