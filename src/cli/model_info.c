/* askance model info - what a checkpoint is. */
#include <inttypes.h>

#include "base/json_write.h"
#include "cli/command.h"
#include "model/feature_qa.h"
#include "model/memory.h"
#include "model/video_vectors.h"

typedef struct {
    const char *arch;
} values;

/* ---- preprocessing in words ---- */

static const char *filter_name(ask_resize_filter filter)
{
    switch (filter) {
    case ASK_RESIZE_NEAREST:
        return "nearest";
    case ASK_RESIZE_BOX:
        return "box";
    case ASK_RESIZE_BILINEAR:
        return "bilinear";
    case ASK_RESIZE_HAMMING:
        return "hamming";
    case ASK_RESIZE_BICUBIC:
        return "bicubic";
    case ASK_RESIZE_LANCZOS:
        break;
    }
    return "lanczos";
}

static void words_of(ask_str *out, const ask_preprocess *p)
{
    if (p->fit == ASK_FIT_SHORTER)
        ask_str_printf(out, "shorter side to %d px (%s), ", p->shorter_px,
                       filter_name(p->filter));
    if (p->fit == ASK_FIT_EXACT)
        ask_str_printf(out, "resized to %d x %d px (%s), ", p->width_px, p->height_px,
                       filter_name(p->filter));
    if (p->crop_width_px > 0)
        ask_str_printf(out, "the middle %d x %d, ", p->crop_width_px, p->crop_height_px);
    ask_str_printf(out, "times %.6g, minus %.6g %.6g %.6g, over %.6g %.6g %.6g", p->scale,
                   (double)p->mean[0], (double)p->mean[1], (double)p->mean[2],
                   (double)p->std[0], (double)p->std[1], (double)p->std[2]);
}

/* ---- as text ---- */

static void text_sizes(ask_str *out, const ask_model *m)
{
    const char *between = "sizes          ";
    ask_model_size size;
    for (size_t k = 0; ask_model_size_at(m, k, &size); k++) {
        ask_str_printf(out, "%s%-20s %" PRId64 "\n", between, size.name, size.value);
        between = "               ";
    }
}

/* Of a network that sees the frame alone there is nothing to tell. */
static void text_views(ask_str *out, const ask_model_info *i)
{
    if (i->n_views < 2) return;
    ask_str_printf(out, "views          %d pictures, at ", i->n_views);
    for (int k = 0; k < i->n_views; k++)
        ask_str_printf(out, "%s%.6g", k ? ", " : "", i->view_offset_s[k]);
    ask_str_append(out, " s from the frame\n");
}

static void text_pictures(ask_str *out, const ask_model *m, const ask_model_info *i)
{
    if (i->n_channels == 0) return;
    text_views(out, i);
    ask_str_append(out, "pictures       ");
    words_of(out, ask_model_preprocess(m));
    ask_str_append_char(out, '\n');
}

static const char *const answer_kinds[] = {
    [ASK_QA_OPTIONS] = "options",
    [ASK_QA_VOCABULARY] = "vocabulary",
    [ASK_QA_COUNT] = "count",
    [ASK_QA_MOMENT] = "moment",
};

static void text_questions(ask_str *out, const ask_feature_qa_info *q)
{
    ask_str_printf(out, "answers        %s", answer_kinds[q->kind]);
    if (q->kind == ASK_QA_OPTIONS) ask_str_printf(out, ", %d a question", q->n_options);
    if (q->kind == ASK_QA_VOCABULARY)
        ask_str_printf(out, " of %d%s", q->n_answers,
                       q->answers ? "" : ", without a list of them");
    ask_str_printf(out, "\nfeatures       %d a frame, %d frames", q->width, q->n_frames);
    if (q->features_layout) ask_str_printf(out, ", %s", q->features_layout);
    if (q->features) ask_str_printf(out, ", of model %s", q->features);
    ask_str_printf(out, "\nevents         %d, of %d classes%s\n", q->n_events, q->n_classes,
                   q->classes ? "" : " without names");
    ask_str_printf(out, "work           %.4g GFLOP a video, %.4g a short text about it\n",
                   q->video_gflop, q->text_gflop);
}

static void text_memory(ask_str *out, const ask_memory_info *r)
{
    ask_str_append(out, "answers        options");
    if (r->n_answers > 0) ask_str_printf(out, ", or %d of its own", r->n_answers);
    ask_str_printf(out,
                   "\nmemory         %d frames, %d things a frame; %d events, %d things\n",
                   r->n_frames, r->n_sights, r->n_events, r->n_slots - r->n_events);
    ask_str_printf(out,
                   "remembering    %.4g GFLOP a frame, %.4g a memory, %.4g a question\n",
                   r->frame_gflop, r->memory_gflop, r->answer_gflop);
}

/* What the network takes, and the work it makes. */
static void text_work(ask_str *out, const ask_model *m, const ask_model_info *i)
{
    ask_video_sizes clips;
    ask_feature_qa_info questions;
    ask_memory_info memory;
    if (i->has_pictures) {
        ask_str_printf(out, "logit scale    %.6g\n", i->logit_scale);
        ask_str_printf(out,
                       "work           %.4g GFLOP an image, %.4g a token of a short text\n",
                       i->image_gflop, i->text_token_gflop);
    } else if (ask_video_sizes_of(&clips, m, NULL)) {
        ask_str_printf(out, "clips          %d frames, %.4g a second, of %d x %d px\n",
                       clips.n_frames, clips.fps, clips.side_px, clips.side_px);
        ask_str_printf(out, "work           %.4g GFLOP a clip\n", clips.clip_gflop);
    } else if (ask_feature_qa_info_of(&questions, m, NULL)) {
        text_questions(out, &questions);
    } else {
        ask_str_printf(out, "work           %.4g GFLOP a token of a short text\n",
                       i->text_token_gflop);
    }
    if (ask_memory_info_of(&memory, m, NULL)) text_memory(out, &memory);
}

static void as_text(ask_str *out, const void *what)
{
    const ask_model *m = what;
    const ask_model_info i = ask_model_info_of(m);
    ask_str_printf(out, "network        %s\n", i.network);
    ask_str_printf(out, "id             %s\n", i.id);
    ask_str_printf(out, "parameters     %" PRId64 "\n", i.n_params);
    ask_str_printf(out, "weights        %" PRId64 " bytes, most of them %s, in %d file%s\n",
                   i.weight_bytes, i.dtype, i.n_files, i.n_files == 1 ? "" : "s");
    text_sizes(out, m);
    text_work(out, m, &i);
    ask_str_printf(out, "tokenizer      %s\n",
                   i.has_tokenizer ? "yes" : "none: texts cannot be read");
    text_pictures(out, m, &i);
    ask_str_printf(out, "computes on    %s, %s, %d thread%s\n", i.backend, i.isa,
                   i.n_threads, i.n_threads == 1 ? "" : "s");
}

/* ---- as JSON ---- */

static void json_sizes(ask_json_writer *w, const ask_model *m)
{
    ask_json_open_object(w, "sizes");
    ask_model_size size;
    for (size_t k = 0; ask_model_size_at(m, k, &size); k++)
        ask_json_put_int(w, size.name, size.value);
    ask_json_close(w);
}

static void json_views(ask_json_writer *w, const ask_model_info *i)
{
    if (i->n_views < 2) return;
    ask_json_open_array(w, "view_offset_s");
    for (int k = 0; k < i->n_views; k++) ask_json_put_double(w, NULL, i->view_offset_s[k]);
    ask_json_close(w);
}

static void json_triple(ask_json_writer *w, const char *key, const float v[3])
{
    ask_json_open_array(w, key);
    for (int c = 0; c < 3; c++) ask_json_put_float(w, NULL, v[c]);
    ask_json_close(w);
}

static void json_preprocess(ask_json_writer *w, const ask_preprocess *p)
{
    ask_str words = {0};
    words_of(&words, p);
    ask_json_open_object(w, "preprocess");
    ask_json_put_string(w, "words", ask_str_text(&words));
    if (p->fit != ASK_FIT_NONE) ask_json_put_string(w, "filter", filter_name(p->filter));
    ask_json_put_double(w, "scale", p->scale);
    json_triple(w, "mean", p->mean);
    json_triple(w, "std", p->std);
    ask_json_close(w);
    w->out->failed |= words.failed;
    ask_str_free(&words);
}

static void json_clips(ask_json_writer *w, const ask_model *m)
{
    ask_video_sizes clips;
    if (!ask_video_sizes_of(&clips, m, NULL)) return;
    ask_json_open_object(w, "clips");
    ask_json_put_int(w, "n_frames", clips.n_frames);
    ask_json_put_double(w, "fps", clips.fps);
    ask_json_put_int(w, "side_px", clips.side_px);
    ask_json_put_double(w, "gflop", clips.clip_gflop);
    ask_json_close(w);
}

static void json_questions(ask_json_writer *w, const ask_model *m)
{
    ask_feature_qa_info q;
    if (!ask_feature_qa_info_of(&q, m, NULL)) return;
    ask_json_open_object(w, "questions");
    ask_json_put_string(w, "kind", answer_kinds[q.kind]);
    ask_json_put_int(w, "n_options", q.n_options);
    ask_json_put_int(w, "n_answers", q.n_answers);
    ask_json_put_bool(w, "answers", q.answers != NULL);
    ask_json_put_int(w, "n_frames", q.n_frames);
    ask_json_put_int(w, "width", q.width);
    ask_json_put_int(w, "n_events", q.n_events);
    ask_json_put_int(w, "n_classes", q.n_classes);
    ask_json_put_bool(w, "classes", q.classes != NULL);
    if (q.features) ask_json_put_string(w, "features", q.features);
    if (q.features_layout) ask_json_put_string(w, "features_layout", q.features_layout);
    ask_json_put_double(w, "video_gflop", q.video_gflop);
    ask_json_put_double(w, "text_gflop", q.text_gflop);
    ask_json_close(w);
}

static void json_memory(ask_json_writer *w, const ask_model *m)
{
    ask_memory_info r;
    if (!ask_memory_info_of(&r, m, NULL)) return;
    ask_json_open_object(w, "memory");
    ask_json_put_int(w, "n_frames", r.n_frames);
    ask_json_put_int(w, "n_sights", r.n_sights);
    ask_json_put_int(w, "n_slots", r.n_slots);
    ask_json_put_int(w, "n_events", r.n_events);
    ask_json_put_int(w, "n_answers", r.n_answers);
    ask_json_put_double(w, "frame_gflop", r.frame_gflop);
    ask_json_put_double(w, "memory_gflop", r.memory_gflop);
    ask_json_put_double(w, "answer_gflop", r.answer_gflop);
    ask_json_close(w);
}

static void as_json(ask_str *out, const void *what)
{
    const ask_model *m = what;
    const ask_model_info i = ask_model_info_of(m);
    ask_json_writer w = {.out = out, .pretty = true};
    ask_json_open_object(&w, NULL);
    ask_json_put_string(&w, "schema", "askance.model.info/1");
    ask_json_put_string(&w, "dir", i.dir);
    ask_json_put_string(&w, "network", i.network);
    ask_json_put_string(&w, "id", i.id);
    ask_json_put_int(&w, "n_params", i.n_params);
    ask_json_put_int(&w, "weight_bytes", i.weight_bytes);
    ask_json_put_string(&w, "dtype", i.dtype);
    ask_json_put_int(&w, "n_files", i.n_files);
    json_sizes(&w, m);
    if (i.has_pictures) {
        ask_json_put_double(&w, "logit_scale", i.logit_scale);
        ask_json_put_double(&w, "image_gflop", i.image_gflop);
    }
    ask_json_put_double(&w, "text_token_gflop", i.text_token_gflop);
    json_clips(&w, m);
    json_questions(&w, m);
    json_memory(&w, m);
    ask_json_put_bool(&w, "tokenizer", i.has_tokenizer);
    if (i.n_channels > 0) {
        json_views(&w, &i);
        json_preprocess(&w, ask_model_preprocess(m));
    }
    ask_json_put_string(&w, "backend", i.backend);
    ask_json_put_string(&w, "isa", i.isa);
    ask_json_put_int(&w, "n_threads", i.n_threads);
    ask_json_close(&w);
    ask_str_append_char(out, '\n');
}

/* ---- the command ---- */

static cli_outcome run(const cli_call *call, const void *given, ask_error *err)
{
    const ask_model_options opt = {.network = ((const values *)given)->arch};
    ask_model *m = ask_model_open(call->arguments->items[0], &opt, err);
    if (!m) return CLI_FAILED;
    bool ok = cli_output_result(call->output, as_text, as_json, m, err);
    ask_model_close(m);
    return ok ? CLI_DONE : CLI_FAILED;
}

static const values defaults = {0};

static const cli_option options[] = {
    {.name = "arch",
     .kind = CLI_TEXT,
     .at = offsetof(values, arch),
     .argument = "NAME",
     .help = "the network, if config.json tells none (clip, s3d, glance_focus, ...)"},
    {0},
};

const cli_command cli_model_info_command = {
    .name = "model info",
    .summary = "Show what a model is",
    .arguments = "DIR",
    .min_arguments = 1,
    .max_arguments = 1,
    .n_models = 1,
    .description =
        "DIR holds a model as published: config.json, *.safetensors or\n"
        "pytorch_model.bin, tokenizer files; or a .tar alone, as some authors publish\n"
        "theirs; or it is a GGUF file of a language model. The id tells models apart: a "
        "hash over\n"
        "the configuration, the names, types and shapes of all tensors, and the ends\n"
        "of their data.\n\n"
        "Exit status 4 when the model cannot be used.",
    .options = options,
    .defaults = &defaults,
    .values_bytes = sizeof defaults,
    .run = run,
};
