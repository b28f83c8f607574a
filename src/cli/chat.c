/* askance chat - a conversation with a language model about a video. */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "cli/chat_text.h"
#include "cli/interrupt.h"
#include "cli/words.h"
#include "text/lines.h"

typedef struct {
    cli_study_values study;
    cli_words_values words;
    int64_t seed;
} values;

/* All that is open while the command runs. */
typedef struct {
    const values *v;
    cli_study study;
    cli_words words;
    ask_lines *lines;
    ask_str line;         // what is being said
    cli_chat_sight sight; // once it was told
    bool told;            // what is shown
    bool answered;        // something
    bool changed;         // what --context keeps
    bool typed;           // someone sits before it
    bool quit;
    bool streamed;    // a part of the answer that comes is on its way
    int write_errno;  // why it could not be sent
    ask_error failed; // the first thing said that was not answered; its code else 0
} job;

/* ---- saying what is ---- */

static const cli_output *output_of(const job *j)
{
    return j->study.call->output;
}

static const ask_logger *log_of(const job *j)
{
    return &j->study.console.log;
}

static bool print(job *j, ask_str *text, ask_error *err)
{
    bool ok =
        cli_output_text(output_of(j), text, err) && cli_output_finish(output_of(j), err);
    ask_str_free(text);
    return ok;
}

/* Tells why something was not done, and the conversation goes on. */
static bool tell(job *j, const char *question, const ask_error *why, ask_error *err)
{
    ask_str text = {0};
    if (!j->failed.code) j->failed = *why;
    ask_log_send(log_of(j), ASK_LOG_ERROR, "%s", why->message);
    if (output_of(j)->json) cli_chat_error_json(&text, question, why);
    return print(j, &text, err);
}

static void see(job *j, const ask_talk_plan *plan)
{
    j->sight = (cli_chat_sight){.path = j->study.path,
                                .footage = ask_talk_footage(j->words.talk),
                                .subtitles = &j->words.subtitles,
                                .plan = *plan};
}

static void warn(const job *j)
{
    const char *const why[] = {j->sight.footage->sampling.why_changed,
                               j->sight.plan.why_changed};
    for (size_t i = 0; i < sizeof why / sizeof *why; i++)
        if (why[i][0])
            ask_log_send(log_of(j), ASK_LOG_WARNING, "%s: %s", j->study.path, why[i]);
}

/* Once they were seen. */
static void warn_of_damage(const job *j)
{
    const ask_sampled *seen = &j->sight.footage->sampled;
    int n = 0;
    for (int i = 0; i < seen->n; i++) n += seen->frames[i].damaged;
    if (n > 0)
        ask_log_send(log_of(j), ASK_LOG_WARNING, "%s: %d of %d frames are damaged",
                     j->study.path, n, seen->n);
}

/* What is shown with the first thing said. */
static bool tell_sight(job *j, ask_error *err)
{
    ask_talk_plan plan;
    if (j->told) return true;
    if (!ask_talk_plan_of(&plan, j->words.talk, ask_str_text(&j->line), err)) return false;
    see(j, &plan);
    cli_chat_log(log_of(j), &j->sight);
    warn(j);
    j->told = true;
    return true;
}

/* ---- an answer ---- */

static bool send(job *j, const char *text, size_t n_bytes)
{
    FILE *out = output_of(j)->out;
    j->streamed = true;
    if (fwrite(text, 1, n_bytes, out) == n_bytes && fflush(out) == 0) return true;
    j->write_errno = errno;
    return false;
}

/* Of ask_generate_options. */
static bool on_text(void *user, const char *text, size_t n_bytes)
{
    job *j = user;
    if (!j->streamed) cli_console_close(&j->study.console);
    return send(j, text, n_bytes);
}

static bool check_sent(job *j, ask_error *err)
{
    if (!j->write_errno) return true;
    j->quit = true;
    return j->write_errno == EPIPE ||
           ask_fail_errno(err, j->write_errno, "standard output");
}

static bool finish_answer(job *j, const ask_generated *said, double first_s, ask_error *err)
{
    const cli_chat_answer answer = {.question = ask_str_text(&j->line),
                                    .said = said,
                                    .first_s = first_s,
                                    .sight = j->answered ? NULL : &j->sight};
    if (!j->answered) warn_of_damage(j);
    j->answered = j->changed = true;
    if (!output_of(j)->json) {
        if (!j->write_errno) send(j, "\n", 1);
        return check_sent(j, err);
    }
    ask_str line = {0};
    cli_chat_answer_json(&line, &answer);
    return print(j, &line, err);
}

static bool answer(job *j, ask_error *err)
{
    ask_generated said;
    ask_generate_options generate = j->words.generate;
    double start_s = ask_clock_s();
    j->streamed = false;
    generate.seed = (uint64_t)j->v->seed;
    generate.on_text = output_of(j)->json ? NULL : on_text;
    generate.user = j;
    if (!tell_sight(j, err) ||
        !ask_talk_say(&said, j->words.talk, ask_str_text(&j->line), &generate, err)) {
        cli_console_close(&j->study.console);
        if (j->streamed) send(j, "\n", 1);
        return false;
    }
    cli_console_close(&j->study.console);
    bool ok = finish_answer(j, &said, ask_clock_s() - start_s - said.rest_s, err);
    ask_generated_free(&said);
    return ok;
}

/* ---- what is no question ---- */

static const char help[] =
    "A line is a question, or one of these:\n"
    "  /forget     begin anew: what was said is forgotten, the video stays read\n"
    "  /save FILE  keep the conversation in FILE; --context=FILE goes on from there\n"
    "  /quit       end; so does the end of the input\n";

static bool obey(job *j, const char *line, ask_error *err)
{
    const char *file = line + strlen("/save");
    if (strcmp(line, "/quit") == 0) return j->quit = true;
    if (strcmp(line, "/help") == 0) return fputs(help, output_of(j)->err) >= 0;
    if (strcmp(line, "/forget") == 0) {
        j->changed |= ask_talk_n_answers(j->words.talk) > 0;
        ask_talk_forget(j->words.talk);
        return true;
    }
    if (!ask_starts_with(line, "/save ") && strcmp(line, "/save") != 0)
        return ask_fail(err, ASK_ERR_USAGE, "%.40s: no such command; /help lists them",
                        line);
    while (*file == ' ') file++;
    return *file ? ask_talk_save(j->words.talk, file, err)
                 : ask_fail(err, ASK_ERR_USAGE, "/save takes a file");
}

/* ---- the conversation ---- */

/* Whether only that answer was to stop: Ctrl-C before a terminal. */
static bool goes_on(const job *j, const ask_error *why)
{
    return why->code == ASK_ERR_CANCELLED && j->typed &&
           ask_cancel_signal(j->study.call->cancel) == SIGINT;
}

static bool hear_line(job *j, ask_error *err)
{
    const char *line = ask_str_text(&j->line);
    bool is_command = line[0] == '/';
    ask_error why = {0};
    if (is_command ? obey(j, line, &why) : answer(j, &why)) return true;
    if (goes_on(j, &why)) {
        cli_interrupt_forget();
        ask_log_send(log_of(j), ASK_LOG_INFO, "stopped: it is as if that was not asked");
        return true;
    }
    if (is_command || why.code == ASK_ERR_USAGE || why.code == ASK_ERR_LIMIT)
        return tell(j, line, &why, err);
    if (err) *err = why;
    return false;
}

/* Without the blanks at its ends. *out is false where the line cannot be said. */
static bool take_line(bool *out, job *j, const char *text, size_t n, ask_error *err)
{
    ask_error why = {0};
    *out = !memchr(text, 0, n);
    if (!*out) {
        ask_fail(&why, ASK_ERR_FORMAT, "the line has a zero byte");
        return tell(j, NULL, &why, err);
    }
    while (n > 0 && strchr(" \t\r\n", text[n - 1])) n--;
    while (n > 0 && strchr(" \t", *text)) text++, n--;
    ask_str_clear(&j->line);
    ask_str_append_bytes(&j->line, text, n);
    *out = n > 0;
    return !j->line.failed || ask_fail_memory(err);
}

static bool hear_next(job *j, ask_error *err)
{
    const char *text;
    size_t n;
    bool is_said;
    ask_error why = {0};
    if (j->typed) {
        fputs("> ", output_of(j)->err);
        fflush(output_of(j)->err);
    }
    if (!ask_lines_next(j->lines, &text, &n, &why)) {
        if (why.code == ASK_ERR_FORMAT) return tell(j, NULL, &why, err);
        if (err) *err = why;
        return false;
    }
    if (!text) return j->quit = true;
    return take_line(&is_said, j, text, n, err) && (!is_said || hear_line(j, err));
}

static bool talk(job *j, ask_error *err)
{
    static const char *const from[] = {"-"};
    int n = ask_talk_n_answers(j->words.talk);
    if (n > 0)
        ask_log_send(log_of(j), ASK_LOG_INFO, "%s: goes on behind %d answer%s",
                     j->v->words.context, n, n == 1 ? "" : "s");
    j->lines = ask_lines_open(from, 1, j->study.call->cancel, err);
    if (!j->lines) return false;
    while (!j->quit)
        if (!hear_next(j, err)) return false;
    return !j->changed || cli_words_keep(&j->words, err);
}

/* ---- the plan ---- */

/* As for the shortest question. */
static bool plan(job *j, ask_error *err)
{
    ask_talk_plan plan;
    if (!ask_talk_plan_of(&plan, j->words.talk, "?", err)) return false;
    see(j, &plan);
    warn(j);
    return cli_output_result(output_of(j), cli_chat_plan_text, cli_chat_plan_json,
                             &j->sight, err);
}

/* ---- the command ---- */

static bool check_model(const job *j, ask_error *err)
{
    ask_rows_info rows;
    return ask_rows_info_of(&rows, j->study.model, err);
}

static bool open_all(job *j, ask_error *err)
{
    j->study.console.log.least = ASK_LOG_INFO;
    j->typed = isatty(STDIN_FILENO) && isatty(fileno(output_of(j)->err));
    return cli_study_check(&j->study, err) && cli_study_open_video(&j->study, err) &&
           cli_study_open_model(&j->study, err) && check_model(j, err) &&
           cli_words_open(&j->words, &j->v->words, &j->study, true, err);
}

static cli_outcome run(const cli_call *call, const void *given, ask_error *err)
{
    job j = {.v = given};
    cli_study_begin(&j.study, call, &j.v->study, call->arguments->items[0]);
    bool ok = open_all(&j, err) && (j.v->study.plan ? plan(&j, err) : talk(&j, err));
    ask_lines_close(j.lines);
    ask_str_free(&j.line);
    cli_words_close(&j.words);
    cli_study_close(&j.study);
    if (!ok) return CLI_FAILED;
    if (!j.failed.code) return CLI_DONE;
    if (err) *err = j.failed;
    return CLI_TOLD;
}

static const values defaults = {.study = CLI_STUDY_DEFAULTS, .words = CLI_WORDS_DEFAULTS};

static const cli_option options[] = {
    CLI_STUDY_ROWS(offsetof(values, study), "8 frames in all"),
    CLI_WORDS_ROWS(offsetof(values, words)),
    {.name = "seed",
     .kind = CLI_INT,
     .at = offsetof(values, seed),
     .min = 0,
     .max = 9007199254740992.0,
     .argument = "N",
     .help = "of words that are drawn: the same gives the same answer (0)"},
    {0},
};

const cli_command cli_chat_command = {
    .name = "chat",
    .summary = "Talk with a language model about a video",
    .arguments = "VIDEO",
    .min_arguments = 1,
    .max_arguments = 1,
    .description =
        "VIDEO is a media file, a GIF, or a folder of images. TIME is in seconds, or\n"
        "minutes:seconds, or hours:minutes:seconds, from the first displayed frame.\n\n"
        "Every line of standard input is said to the model, and its answer comes as it is\n"
        "made. The frames are shown with the first, and so are subtitles; they are read\n"
        "once, and of what is said later only what is new. /forget begins anew, /save\n"
        "FILE keeps the conversation, /quit or the end of the input ends it. With\n"
        "--context=FILE it goes on from FILE, if that exists, and is kept there when it\n"
        "ends. With --json each answer is an object on a line of its own.\n\n"
        "Ctrl-C stops the answer that comes; at a terminal the conversation goes on, and\n"
        "Ctrl-C once more ends it, which keeps nothing.\n\n"
        "What cannot be said (a placeholder, more than fits) is told, and the next\n"
        "line is read. Exit status 0 when all was answered, else that of the first that\n"
        "was not: 2 for what cannot be said, 3 for a line that is not UTF-8, 5 for what\n"
        "does not fit; 3 when VIDEO cannot be read, 4 when the model cannot be, or does\n"
        "not talk.",
    .options = options,
    .defaults = &defaults,
    .values_bytes = sizeof defaults,
    .run = run,
};
