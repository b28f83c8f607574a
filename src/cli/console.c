#include "cli/console.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/utf8.h"

enum { LABEL_BYTES = 49, BAR_CELLS = 24 };

static const double REDRAW_S = 0.1;

static const char ERASE_LINE[] = "\r\033[K";

static void erase(cli_console *c)
{
    if (c->drawn) fputs(ERASE_LINE, c->output->err);
    c->drawn = false;
}

static void on_log(void *user, ask_log_level level, const char *message)
{
    cli_console *c = user;
    erase(c);
    fprintf(c->output->err, "askance: %s: %s: %s\n", c->output->command,
            ask_log_level_name(level), message);
}

static void draw_bar(FILE *out, int64_t done, int64_t total)
{
    double share = done < total ? (double)done / (double)total : 1;
    int cells = (int)(share * BAR_CELLS);
    static const char full[] = "########################";
    fprintf(out, "[%-*.*s] %3d %%", BAR_CELLS, cells, full, (int)(100 * share));
}

static void on_progress(void *user, int64_t done, int64_t total, const char *unit,
                        const char *label)
{
    cli_console *c = user;
    double now = ask_clock_s();
    if (!c->terminal || now - c->drawn_s < REDRAW_S) return;
    char shown[LABEL_BYTES]; // a label may hold the name of a file
    ask_utf8_line(shown, sizeof shown, label);
    FILE *out = c->output->err;
    fprintf(out, "%s%s ", ERASE_LINE, shown);
    if (total > 0)
        draw_bar(out, done, total);
    else
        fprintf(out, "%" PRId64 " %s", done, unit);
    fflush(out);
    c->drawn = true;
    c->drawn_s = now;
}

/* Whether lines can be redrawn on it. */
static bool is_terminal(FILE *stream)
{
    const char *kind = getenv("TERM");
    return isatty(fileno(stream)) && kind && strcmp(kind, "dumb") != 0;
}

void cli_console_open(cli_console *c, const cli_output *output)
{
    *c = (cli_console){
        .log = {.fn = on_log, .user = c, .least = ASK_LOG_WARNING},
        .progress = {.fn = on_progress, .user = c},
        .output = output,
        .terminal = is_terminal(output->err),
        .drawn_s = ask_clock_s(),
    };
}

void cli_console_close(cli_console *c)
{
    erase(c);
    fflush(c->output->err);
}
