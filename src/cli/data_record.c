/* data_record.c - one question as JSON: docs/formats.md. */
#include "cli/data_record.h"

static void json_span(ask_json_writer *w, const char *key, ask_data_span s)
{
    ask_json_open_array(w, key);
    ask_json_put_double(w, NULL, s.start_s);
    ask_json_put_double(w, NULL, s.end_s);
    ask_json_close(w);
}

static void json_texts(ask_json_writer *w, const char *key, const char *const *texts, int n)
{
    if (!texts) return;
    ask_json_open_array(w, key);
    for (int i = 0; i < n; i++) ask_json_put_string(w, NULL, texts[i]);
    ask_json_close(w);
}

static void json_some(ask_json_writer *w, const char *key, const char *text)
{
    if (text) ask_json_put_string(w, key, text);
}

static void json_answer(ask_json_writer *w, const ask_data_record *r)
{
    json_texts(w, "options", r->options, r->n_options);
    json_texts(w, "option_tags", r->option_tags, r->n_options);
    if (r->answer_index >= 0 && r->n_options > 0)
        ask_json_put_int(w, "answer_index", r->answer_index);
    json_some(w, "answer", r->answer);
    json_some(w, "other_answer", r->other_answer);
    if (r->has_count) ask_json_put_int(w, "count", r->count);
}

static void json_times(ask_json_writer *w, const ask_data_record *r)
{
    ask_json_open_array(w, "windows");
    for (int i = 0; i < r->n_windows; i++) json_span(w, NULL, r->windows[i]);
    ask_json_close(w);
    if (r->clip_s > 0) ask_json_put_double(w, "clip_s", r->clip_s);
    ask_json_open_array(w, "saliency");
    for (int i = 0; i < r->n_saliency; i++) {
        ask_json_open_object(w, NULL);
        ask_json_put_int(w, "clip", r->saliency[i].clip);
        ask_json_open_array(w, "scores");
        for (int k = 0; k < 3; k++) ask_json_put_int(w, NULL, r->saliency[i].scores[k]);
        ask_json_close(w);
        ask_json_close(w);
    }
    ask_json_close(w);
    if (r->events_s > 0) ask_json_put_double(w, "events_s", r->events_s);
    ask_json_open_array(w, "events");
    for (int i = 0; i < r->n_events; i++) {
        ask_json_open_object(w, NULL);
        ask_json_put_int(w, "class", r->events[i].class_index);
        json_span(w, "at", r->events[i].at);
        ask_json_close(w);
    }
    ask_json_close(w);
}

static void json_vectors(ask_json_writer *w, const ask_data_vectors *v)
{
    if (!v) return;
    ask_json_open_object(w, "vectors");
    ask_json_put_string(w, "array", v->array);
    ask_json_put_int(w, "question", v->question);
    ask_json_put_int(w, "choice", v->choice);
    ask_json_put_int(w, "n_tokens", v->n_tokens);
    ask_json_put_int(w, "width", v->width);
    ask_json_close(w);
}

static void json_object(ask_json_writer *w, const ask_data_object *o)
{
    ask_json_open_object(w, NULL);
    ask_json_put_string(w, "name", o->name);
    if (o->has_box) {
        ask_json_open_array(w, "box");
        for (int i = 0; i < 4; i++) ask_json_put_double(w, NULL, o->box[i]);
        ask_json_close(w);
    }
    ask_json_close(w);
}

static void json_relation(ask_json_writer *w, const ask_data_relation *r)
{
    json_texts(w, NULL, (const char *[]){r->subject, r->name, r->object}, 3);
}

static void json_situation(ask_json_writer *w, const ask_data_situation *s)
{
    ask_json_open_object(w, NULL);
    ask_json_put_int(w, "frame", s->frame);
    if (s->t_s >= 0) ask_json_put_double(w, "t_s", s->t_s);
    ask_json_open_array(w, "objects");
    for (int i = 0; i < s->n_objects; i++) json_object(w, &s->objects[i]);
    ask_json_close(w);
    ask_json_open_array(w, "relations");
    for (int i = 0; i < s->n_relations; i++) json_relation(w, &s->relations[i]);
    ask_json_close(w);
    json_texts(w, "actions", s->actions, s->n_actions);
    ask_json_close(w);
}

static void json_situations(ask_json_writer *w, const ask_data_record *r)
{
    ask_json_open_array(w, "situations");
    for (int i = 0; i < r->n_situations; i++) json_situation(w, &r->situations[i]);
    ask_json_close(w);
}

void cli_data_record(ask_json_writer *w, const char *key, const ask_data_record *r)
{
    ask_json_open_object(w, key);
    ask_json_put_string(w, "file", r->file);
    ask_json_put_int(w, "row", (int64_t)r->row);
    ask_json_put_string(w, "id", r->id);
    ask_json_put_string(w, "video", r->video);
    json_some(w, "video_path", r->video_path);
    ask_json_put_string(w, "features", r->features);
    if (r->video_s > 0) ask_json_put_double(w, "video_s", r->video_s);
    if (r->origin_s > 0) ask_json_put_double(w, "origin_s", r->origin_s);
    if (r->has_clip) json_span(w, "clip", r->clip);
    ask_json_put_string(w, "language", r->language);
    ask_json_put_string(w, "kind", ask_data_kind_name(r->kind));
    ask_json_put_string(w, "question", r->question);
    json_vectors(w, r->vectors);
    json_answer(w, r);
    ask_json_open_array(w, "tags");
    for (int i = 0; i < r->n_tags; i++) {
        ask_json_open_array(w, NULL);
        ask_json_put_string(w, NULL, r->tags[i].group);
        ask_json_put_string(w, NULL, r->tags[i].name);
        ask_json_close(w);
    }
    ask_json_close(w);
    json_times(w, r);
    json_situations(w, r);
    json_some(w, "subtitles", r->subtitles);
    ask_json_close(w);
}
