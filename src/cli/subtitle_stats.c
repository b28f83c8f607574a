#include "cli/subtitle_stats.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* ---- counting ---- */

/* What came of reading: the cues, or why not. False for what ends the command. */
static bool take_count(cli_cue_count *out, bool is_read, ask_subtitles *s,
                       const ask_error *reason, ask_error *err)
{
    if (is_read) {
        *out = (cli_cue_count){true, s->n_cues, s->n_dropped, ""};
        ask_subtitles_free(s);
        return true;
    }
    if (reason->code == ASK_ERR_CANCELLED || reason->code == ASK_ERR_NOMEM) {
        if (err) *err = *reason;
        return false;
    }
    memcpy(out->error, reason->message, sizeof out->error);
    return true;
}

static bool count_file(cli_subtitle_stats *out, ask_error *err)
{
    ask_subtitles s;
    ask_error reason = {0};
    bool is_read = ask_subtitles_read(&s, out->path, NULL, &reason);
    return take_count(&out->file, is_read, &s, &reason, err);
}

static bool count_track(cli_subtitle_stats *out, int i, const ask_video *v, ask_error *err)
{
    ask_subtitle_options options = ask_subtitle_defaults();
    options.stream = out->tracks[i].stream;
    ask_subtitles s;
    ask_error reason = {0};
    bool is_read = ask_subtitles_of_video(&s, v, &options, &reason);
    return take_count(&out->counts[i], is_read, &s, &reason, err);
}

static bool count_tracks(cli_subtitle_stats *out, const ask_video *v, ask_error *err)
{
    for (int i = 0; i < out->n_tracks; i++)
        if (out->tracks[i].is_read && !count_track(out, i, v, err)) return false;
    return true;
}

static bool find(cli_subtitle_stats *out, const ask_video *v, const char *path,
                 bool counts_tracks, ask_error *err)
{
    if (!ask_subtitles_beside(&out->path, path, NULL, err)) return false;
    if (out->path && !count_file(out, err)) return false;
    if (!ask_subtitles_tracks(&out->tracks, &out->n_tracks, v, err)) return false;
    out->counts = calloc((size_t)out->n_tracks + 1, sizeof *out->counts);
    if (!out->counts) return ask_fail_memory(err);
    return !counts_tracks || count_tracks(out, v, err);
}

bool cli_subtitle_stats_of(cli_subtitle_stats *out, const ask_video *v, const char *path,
                           bool counts_tracks, ask_error *err)
{
    *out = (cli_subtitle_stats){0};
    bool ok = find(out, v, path, counts_tracks, err);
    if (!ok) cli_subtitle_stats_free(out);
    return ok;
}

void cli_subtitle_stats_free(cli_subtitle_stats *s)
{
    free(s->path);
    free(s->tracks);
    free(s->counts);
    *s = (cli_subtitle_stats){0};
}

/* ---- as text ---- */

static void text_count(ask_str *out, const cli_cue_count *c)
{
    if (c->is_counted)
        ask_str_printf(out, ", %" PRId64 " cue%s", c->n_cues, c->n_cues == 1 ? "" : "s");
    if (c->n_dropped) ask_str_printf(out, " (%" PRId64 " cannot be placed)", c->n_dropped);
    if (*c->error) ask_str_printf(out, ", cannot be read: %s", c->error);
    ask_str_append_char(out, '\n');
}

static void text_track(ask_str *out, const ask_subtitle_track *t)
{
    ask_str_printf(out, "stream %d, %s", t->stream, t->codec);
    if (*t->language) ask_str_printf(out, ", %s", t->language);
    if (t->is_default) ask_str_append(out, ", default");
    if (t->is_forced) ask_str_append(out, ", forced");
    if (!t->is_read)
        ask_str_append(out, t->is_pictures ? ", pictures: not read" : ", not read");
}

void cli_subtitle_stats_text(ask_str *out, const cli_subtitle_stats *s)
{
    const char *before = "subtitles     ";
    if (s->path) {
        ask_str_printf(out, "%s%s", before, s->path);
        text_count(out, &s->file);
        before = "              ";
    }
    for (int i = 0; i < s->n_tracks; i++) {
        ask_str_append(out, before);
        text_track(out, &s->tracks[i]);
        text_count(out, &s->counts[i]);
        before = "              ";
    }
}

/* ---- as JSON ---- */

static void json_count(ask_json_writer *w, const cli_cue_count *c)
{
    if (c->is_counted) {
        ask_json_put_int(w, "n_cues", c->n_cues);
        ask_json_put_int(w, "n_dropped", c->n_dropped);
    }
    if (*c->error) ask_json_put_string(w, "error", c->error);
}

static void json_track(ask_json_writer *w, const ask_subtitle_track *t,
                       const cli_cue_count *count)
{
    ask_json_open_object(w, NULL);
    ask_json_put_int(w, "stream", t->stream);
    ask_json_put_string(w, "codec", t->codec);
    if (*t->language) ask_json_put_string(w, "language", t->language);
    ask_json_put_bool(w, "default", t->is_default);
    ask_json_put_bool(w, "forced", t->is_forced);
    ask_json_put_bool(w, "read", t->is_read);
    json_count(w, count);
    ask_json_close(w);
}

void cli_subtitle_stats_json(ask_json_writer *w, const cli_subtitle_stats *s)
{
    ask_json_open_object(w, "subtitles");
    if (s->path) {
        ask_json_open_object(w, "file");
        ask_json_put_string(w, "path", s->path);
        json_count(w, &s->file);
        ask_json_close(w);
    }
    ask_json_open_array(w, "tracks");
    for (int i = 0; i < s->n_tracks; i++) json_track(w, &s->tracks[i], &s->counts[i]);
    ask_json_close(w);
    ask_json_close(w);
}
