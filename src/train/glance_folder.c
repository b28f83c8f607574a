#include "train/glance_folder.h"

#include "base/json_write.h"
#include "text/tokenizer.h"

static const char CLASSES_FILE[] = "action_mapping.txt";

/* ---- config.json ---- */

static const char *head_name(ask_answer_head head)
{
    static const char *const names[] = {[ASK_ANSWER_OPTIONS] = "options",
                                        [ASK_ANSWER_VOCABULARY] = "vocabulary",
                                        [ASK_ANSWER_COUNT] = "count",
                                        [ASK_ANSWER_MOMENT] = "moment"};
    return names[head];
}

static void put_sizes(ask_json_writer *w, const ask_glance_focus_config *c)
{
    ask_json_put_int(w, "d_model", c->width);
    ask_json_put_int(w, "nhead", c->n_heads);
    ask_json_put_int(w, "num_layers", c->n_layers);
    ask_json_put_int(w, "dim_feedforward", c->inner);
    ask_json_put_int(w, "num_queries", c->n_queries);
    ask_json_put_int(w, "feature_dim", c->n_features);
    ask_json_put_int(w, "max_feats", c->n_frames);
    ask_json_put_int(w, "event_pred_dim", c->n_classes);
    ask_json_put_double(w, "dropout", c->dropout);
}

static void put_head(ask_json_writer *w, const ask_glance_focus_config *c)
{
    ask_json_put_string(w, "head", head_name(c->head));
    if (c->head == ASK_ANSWER_OPTIONS) ask_json_put_int(w, "num_options", c->n_options);
    if (c->head == ASK_ANSWER_VOCABULARY) ask_json_put_int(w, "output_dim", c->n_answers);
}

static void put_compat(ask_json_writer *w, const ask_glance_focus_compat *c)
{
    bool any = c->added_masks || c->tail_memory || c->first_layer;
    bool all = c->added_masks && c->tail_memory && c->first_layer;
    if (all || !any) {
        ask_json_put_string(w, "compat", all ? "released" : "paper");
        return;
    }
    ask_json_open_object(w, "compat");
    ask_json_put_bool(w, "added_masks", c->added_masks);
    ask_json_put_bool(w, "tail_memory", c->tail_memory);
    ask_json_put_bool(w, "first_layer", c->first_layer);
    ask_json_close(w);
}

static void put_text_encoder(ask_json_writer *w, const ask_bert_config *c)
{
    const ask_stack_config *s = &c->stack;
    ask_json_open_object(w, "text_encoder");
    ask_json_put_string(w, "model_type", c->kind == ASK_BERT ? "bert" : "roberta");
    ask_json_put_int(w, "hidden_size", s->width);
    ask_json_put_int(w, "intermediate_size", s->inner);
    ask_json_put_int(w, "num_hidden_layers", s->n_layers);
    ask_json_put_int(w, "num_attention_heads", s->n_heads);
    ask_json_put_string(w, "hidden_act", ask_activation_name(s->activation));
    ask_json_put_double(w, "layer_norm_eps", s->eps);
    ask_json_put_double(w, "hidden_dropout_prob", s->dropout);
    ask_json_put_double(w, "attention_probs_dropout_prob", s->attention_dropout);
    ask_json_put_int(w, "vocab_size", c->n_vocab);
    ask_json_put_int(w, "max_position_embeddings", c->n_positions);
    ask_json_put_int(w, "type_vocab_size", c->n_types);
    ask_json_put_int(w, "pad_token_id", c->pad_id);
    ask_json_put_double(w, "initializer_range", c->init);
    ask_json_close(w);
}

static void put_features(ask_json_writer *w, const ask_glance_folder *f)
{
    if (!f->features_id && !f->features_layout) return;
    ask_json_open_object(w, "features");
    if (f->features_layout) ask_json_put_string(w, "layout", f->features_layout);
    if (f->features_id) ask_json_put_string(w, "model_id", f->features_id);
    ask_json_close(w);
}

static void put_config(ask_str *out, const ask_glance_folder *f)
{
    const ask_glance_focus_config *c = &f->config;
    ask_json_writer w = {.out = out, .pretty = true};
    ask_json_open_object(&w, NULL);
    ask_json_put_string(&w, "model_type", "glance_focus");
    put_sizes(&w, c);
    put_head(&w, c);
    put_compat(&w, &c->compat);
    ask_json_put_string(&w, "frame_positions",
                        c->places == ASK_FRAMES_WAVES ? "sine" : "none");
    ask_json_put_bool(&w, "memory", c->has_memory);
    ask_json_put_string(&w, "spans", f->ends ? "start_end" : "centre_width");
    ask_json_put_string(&w, "option_joint", f->option_joint);
    put_features(&w, f);
    put_text_encoder(&w, &c->text);
    ask_json_close(&w);
    ask_str_append_char(out, '\n');
}

/* ---- lists ---- */

static void put_answers(ask_str *out, const ask_glance_folder *f)
{
    ask_json_writer w = {.out = out, .pretty = true};
    ask_json_open_array(&w, NULL);
    for (int i = 0; i < f->config.n_answers; i++)
        ask_json_put_string(&w, NULL, f->answers[i]);
    ask_json_close(&w);
    ask_str_append_char(out, '\n');
}

static void put_classes(ask_str *out, const ask_glance_folder *f)
{
    for (int i = 0; i < f->config.n_classes - 1; i++)
        ask_str_printf(out, "a%03d %s\n", i, f->classes[i]);
}

/* ---- files ---- */

static bool write_text(const ask_glance_folder *f, const char *dir, const char *name,
                       void (*put)(ask_str *out, const ask_glance_folder *f),
                       ask_error *err)
{
    ask_str text = {0};
    put(&text, f);
    bool ok = ask_train_text_write(&text, dir, name, err);
    ask_str_free(&text);
    return ok;
}

bool ask_glance_folder_take_tokenizer(ask_glance_folder *f, const char *dir,
                                      ask_arena *room, ask_error *err)
{
    return ask_train_files_take(&f->tokenizer, dir, ask_tokenizer_files, room, err);
}

bool ask_glance_folder_take_classes(ask_glance_folder *f, const char *dir, ask_arena *room,
                                    ask_error *err)
{
    static const char *const names[] = {CLASSES_FILE, NULL};
    return ask_train_files_take(&f->class_list, dir, names, room, err);
}

static bool write_class_list(const ask_glance_folder *f, const char *dir, ask_error *err)
{
    if (f->classes) return write_text(f, dir, CLASSES_FILE, put_classes, err);
    return ask_train_files_write(&f->class_list, dir, err);
}

bool ask_glance_folder_write(void *folder, const char *dir, ask_error *err)
{
    const ask_glance_folder *f = folder;
    return ask_train_files_write(&f->tokenizer, dir, err) &&
           (f->config.head != ASK_ANSWER_VOCABULARY ||
            write_text(f, dir, "answers.json", put_answers, err)) &&
           write_class_list(f, dir, err) &&
           write_text(f, dir, "config.json", put_config, err);
}
