#include "support/color_model.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/rng.h"
#include "base/str.h"
#include "media/writer.h"
#include "support/testing.h"
#include "weights/safetensors.h"

/* Features come in pairs, x and -x, so that their mean is 0 and a layer norm keeps their
 * direction. */
enum {
    N_PAIRS = 16,
    WIDTH = 2 * N_PAIRS,
    INNER = 4,
    SIDE_PX = 8, // of the picture, which is one patch
    RED = 0,
    GREEN,
    BLUE,
    BRIGHTNESS, // of any picture the same
    FILLER,     // words that say nothing
};

static const char *const words[] = {
    "red",  "green", "blue", "yellow", "a",    "photo", "cat",  "dog",  "owl",
    "lion", "horse", "fish", "snail",  "bear", "wolf",  "crab", "duck", "mouse",
};
enum { N_WORDS = TEST_COUNT(words), FIRST_ANIMAL = 6 };

/* Sentences whose words are all known. */
static const char OWN_CALIBRATION[] =
    "{\"data\": \"by construction\", \"n\": 1, \"find\": {\n"
    " \"background\": [\"a photo\", \"a\"],\n"
    " \"sentences\": [\"a cat\", \"dog\", \"owl lion\", \"horse\", \"a fish\", \"snail "
    "bear\",\n"
    "  \"wolf\", \"a crab\", \"duck mouse\", \"cat horse\", \"dog crab\", \"mouse owl\",\n"
    "  \"bear\", \"a wolf snail\", \"fish duck\", \"lion\"]}}\n";

/* ---- the vocabulary: letters, letters that end a word, pieces of the words, two marks
 * ---- */

typedef struct {
    ask_str vocabulary, merges; // of vocab.json and merges.txt
    int n_tokens;
    int id[N_WORDS]; // of whole words
} vocabulary;

static int add_token(vocabulary *v, const char *token)
{
    ask_str_printf(&v->vocabulary, "%s\"%s\": %d", v->n_tokens ? ", " : "{", token,
                   v->n_tokens);
    return v->n_tokens++;
}

/* A word grows from its end: s e</w>, r se</w>, o rse</w>, h orse</w>. Only the end of a
 * word can grow, so merges of other words do not get in the way. */
static void add_word(vocabulary *v, int w)
{
    const char *word = words[w];
    for (int i = (int)strlen(word) - 2; i >= 0; i--) {
        char piece[16], quoted[32];
        snprintf(piece, sizeof piece, "%s</w>", word + i);
        snprintf(quoted, sizeof quoted, "\"%s\":", piece);
        if (strstr(ask_str_text(&v->vocabulary), quoted)) continue; // the end of another
        v->id[w] = add_token(v, piece);
        ask_str_printf(&v->merges, "%c %s</w>\n", word[i], word + i + 1);
    }
}

static vocabulary make_vocabulary(void)
{
    vocabulary v = {0};
    ask_str_append(&v.merges, "#version: 0.2\n");
    for (char c = 'a'; c <= 'z'; c++) add_token(&v, (char[]){c, '\0'});
    for (char c = 'a'; c <= 'z'; c++) {
        int id = add_token(&v, (char[]){c, '<', '/', 'w', '>', '\0'});
        if (c == 'a') v.id[4] = id; // the word of one letter
    }
    for (int w = 0; w < N_WORDS; w++) add_word(&v, w);
    add_token(&v, "<unk>");
    add_token(&v, "<|startoftext|>");
    add_token(&v, "<|endoftext|>");
    ask_str_append(&v.vocabulary, "}\n");
    return v;
}

static void write_tokenizer(const char *dir, const vocabulary *v)
{
    test_write_text(test_path(dir, "vocab.json"), ask_str_text(&v->vocabulary));
    test_write_text(test_path(dir, "merges.txt"), ask_str_text(&v->merges));
    test_write_text(test_path(dir, "tokenizer_config.json"),
                    "{\"tokenizer_class\": \"CLIPTokenizer\", \"bos_token\": "
                    "\"<|startoftext|>\", \"eos_token\": \"<|endoftext|>\", \"pad_token\": "
                    "\"<|endoftext|>\", \"unk_token\": \"<unk>\"}\n");
}

/* ---- the weights ---- */

enum { MOST_TENSORS = 64 };

typedef struct {
    ask_weights_entry entries[MOST_TENSORS];
    char names[MOST_TENSORS][96];
    int n;
} weights;

/* A tensor of zeros, to be filled. */
static float *add_tensor(weights *w, int n_dims, const int64_t *shape, const char *prefix,
                         const char *name)
{
    int64_t count = 1;
    for (int i = 0; i < n_dims; i++) count *= shape[i];
    float *data = calloc((size_t)count, sizeof *data);
    assert_non_null(data);
    assert_true(w->n < MOST_TENSORS);
    snprintf(w->names[w->n], sizeof w->names[w->n], "%s%s", prefix, name);
    ask_weights_entry *e = &w->entries[w->n];
    *e = (ask_weights_entry){
        .name = w->names[w->n], .type = ASK_F32, .n_dims = n_dims, .data = data};
    for (int i = 0; i < n_dims; i++) e->shape[i] = shape[i];
    w->n++;
    return data;
}

static float *add_vector(weights *w, int64_t n, const char *prefix, const char *name)
{
    return add_tensor(w, 1, &n, prefix, name);
}

static float *add_matrix(weights *w, int64_t rows, int64_t columns, const char *prefix,
                         const char *name)
{
    return add_tensor(w, 2, (int64_t[]){rows, columns}, prefix, name);
}

static void add_identity(weights *w, const char *prefix, const char *name)
{
    float *m = add_matrix(w, WIDTH, WIDTH, prefix, name);
    for (int i = 0; i < WIDTH; i++) m[i * WIDTH + i] = 1;
}

static void add_norm(weights *w, const char *prefix, const char *name)
{
    char part[96];
    snprintf(part, sizeof part, "%s%s.", prefix, name);
    float *weight = add_vector(w, WIDTH, part, "weight");
    for (int i = 0; i < WIDTH; i++) weight[i] = 1;
    add_vector(w, WIDTH, part, "bias");
}

/* A layer that adds to each state the mean of all that it sees: queries and keys are 0, so
 * that attention is even, and what comes after it adds nothing. */
static void add_layer(weights *w, const char *prefix)
{
    static const char *const projections[] = {"q_proj", "k_proj", "v_proj", "out_proj"};
    for (int i = 0; i < 4; i++) {
        char part[96];
        snprintf(part, sizeof part, "%sself_attn.%s.", prefix, projections[i]);
        if (i < 2)
            add_matrix(w, WIDTH, WIDTH, part, "weight");
        else
            add_identity(w, part, "weight");
        add_vector(w, WIDTH, part, "bias");
    }
    add_norm(w, prefix, "layer_norm1");
    add_norm(w, prefix, "layer_norm2");
    add_matrix(w, INNER, WIDTH, prefix, "mlp.fc1.weight");
    add_vector(w, INNER, prefix, "mlp.fc1.bias");
    add_matrix(w, WIDTH, INNER, prefix, "mlp.fc2.weight");
    add_vector(w, WIDTH, prefix, "mlp.fc2.bias");
}

static void set_pair(float *row, int stride, int pair, float value)
{
    row[2 * pair * stride] += value;
    row[(2 * pair + 1) * stride] -= value;
}

static void add_vision(weights *w)
{
    const char *at = "vision_model.embeddings.";
    enum { N_PX = SIDE_PX * SIDE_PX, PATCH = 3 * N_PX };
    add_vector(w, WIDTH, at, "class_embedding");
    float *patch = add_tensor(w, 4, (int64_t[]){WIDTH, 3, SIDE_PX, SIDE_PX}, at,
                              "patch_embedding.weight"); // four times the mean colour
    for (int channel = 0; channel < 3; channel++)
        for (int i = 0; i < N_PX; i++)
            set_pair(patch + channel * N_PX + i, PATCH, RED + channel, 4.0f / N_PX);
    float *position = add_matrix(w, 2, WIDTH, at, "position_embedding.weight");
    set_pair(position + WIDTH, 1, BRIGHTNESS, 1);
    add_norm(w, "vision_model.", "pre_layrnorm");
    add_layer(w, "vision_model.encoder.layers.0.");
    add_norm(w, "vision_model.", "post_layernorm");
}

/* What a word means. Animals are of a bit of every colour, by chance, and of much else. */
static void set_meaning(float *row, int word, ask_rng *rng)
{
    switch (word) {
    case 0:
    case 1:
    case 2:
        set_pair(row, 1, RED + word, 1);
        return;
    case 3: // yellow
        set_pair(row, 1, RED, 1);
        set_pair(row, 1, GREEN, 1);
        return;
    case 4:
    case 5:
        set_pair(row, 1, FILLER, 1);
        return;
    default:
        for (int pair = 0; pair < N_PAIRS; pair++)
            set_pair(row, 1, pair, (float)ask_rng_normal(rng) * (pair < FILLER ? 0.3f : 1));
    }
}

static void add_text(weights *w, const vocabulary *v)
{
    const char *at = "text_model.embeddings.";
    float *tokens = add_matrix(w, v->n_tokens, WIDTH, at, "token_embedding.weight");
    ask_rng rng = ask_rng_new(11);
    for (int i = 0; i < v->n_tokens - 2; i++) // letters and pieces: by chance, as animals
        set_meaning(tokens + i * WIDTH, FIRST_ANIMAL, &rng);
    for (int i = 0; i < N_WORDS; i++) {
        float *row = tokens + v->id[i] * WIDTH;
        memset(row, 0, WIDTH * sizeof *row);
        set_meaning(row, i, &rng);
    }
    add_matrix(w, COLOR_MODEL_CONTEXT, WIDTH, at, "position_embedding.weight");
    add_layer(w, "text_model.encoder.layers.0.");
    add_norm(w, "text_model.", "final_layer_norm");
}

static void write_weights(const char *dir, const vocabulary *v)
{
    weights *w = calloc(1, sizeof *w);
    assert_non_null(w);
    add_vision(w);
    add_text(w, v);
    add_identity(w, "", "visual_projection.weight");
    add_identity(w, "", "text_projection.weight");
    add_tensor(w, 0, NULL, "", "logit_scale")[0] = 4.6052f;
    ask_error err = {0};
    CHECK_OK(ask_safetensors_write(test_path(dir, "model.safetensors"), w->entries,
                                   (size_t)w->n, NULL, 0, &err),
             &err);
    for (int i = 0; i < w->n; i++) free((void *)w->entries[i].data);
    free(w);
}

/* ---- the folder ---- */

static void write_config(const char *dir, const vocabulary *v)
{
    char text[1024];
    snprintf(
        text, sizeof text,
        "{\"model_type\": \"clip\", \"architectures\": [\"CLIPModel\"],\n"
        " \"projection_dim\": %d,\n"
        " \"text_config\": {\"hidden_size\": %d, \"intermediate_size\": %d,\n"
        "  \"num_hidden_layers\": 1, \"num_attention_heads\": 1, \"vocab_size\": %d,\n"
        "  \"max_position_embeddings\": %d, \"bos_token_id\": %d, \"eos_token_id\": %d,\n"
        "  \"pad_token_id\": %d},\n"
        " \"vision_config\": {\"hidden_size\": %d, \"intermediate_size\": %d,\n"
        "  \"num_hidden_layers\": 1, \"num_attention_heads\": 1, \"image_size\": %d,\n"
        "  \"patch_size\": %d}}\n",
        WIDTH, WIDTH, INNER, v->n_tokens, COLOR_MODEL_CONTEXT, v->n_tokens - 2,
        v->n_tokens - 1, v->n_tokens - 1, WIDTH, INNER, SIDE_PX, SIDE_PX);
    test_write_text(test_path(dir, "config.json"), text);
    snprintf(
        text, sizeof text,
        "{\"image_processor_type\": \"CLIPImageProcessor\", \"do_resize\": true,\n"
        " \"size\": {\"shortest_edge\": %d}, \"do_center_crop\": true,\n"
        " \"crop_size\": {\"height\": %d, \"width\": %d}, \"do_rescale\": true,\n"
        " \"do_normalize\": true, \"image_mean\": [0, 0, 0], \"image_std\": [1, 1, 1]}\n",
        SIDE_PX, SIDE_PX, SIDE_PX);
    test_write_text(test_path(dir, "preprocessor_config.json"), text);
}

void color_model_write(const char *dir, const color_model_options *opt)
{
    static const color_model_options none = {0};
    if (!opt) opt = &none;
    vocabulary v = make_vocabulary();
    assert_false(v.vocabulary.failed || v.merges.failed);
    write_config(dir, &v);
    write_weights(dir, &v);
    if (!opt->no_tokenizer) write_tokenizer(dir, &v);
    test_write_text(test_path(dir, "calibration.json"),
                    opt->calibration ? opt->calibration : OWN_CALIBRATION);
    ask_str_free(&v.vocabulary);
    ask_str_free(&v.merges);
}

/* ---- videos ---- */

static void fill(ask_image *image, unsigned rgb)
{
    for (int i = 0; i < image->width * image->height; i++) {
        uint8_t *p = image->pixels + 3 * i;
        p[0] = (uint8_t)(rgb >> 16);
        p[1] = (uint8_t)(rgb >> 8);
        p[2] = (uint8_t)rgb;
    }
}

void color_video_write(const char *path, int width, int height, int fps,
                       const color_span *spans, int n_spans)
{
    ask_error err = {0};
    ask_writer_options options = ask_writer_defaults();
    bool is_gif = ask_ends_with(path, ".gif");
    options.fps_num = is_gif ? 100 : fps;
    options.fps_den = 1;
    options.preset = "ultrafast";
    ask_video_writer *w = ask_video_writer_open(path, width, height, &options, &err);
    if (!w) fail_msg("%s", err.message);
    ask_image image;
    CHECK_OK(ask_image_new(&image, width, height, 3, &err), &err);
    int64_t ticks = 0;
    for (int i = 0; i < n_spans; i++) {
        int64_t end = ticks + (int64_t)llround(spans[i].length_s * options.fps_num);
        fill(&image, spans[i].rgb);
        for (int64_t t = ticks; t < end && (t == ticks || !is_gif); t++)
            CHECK_OK(ask_video_writer_add(w, &image, t, &err), &err);
        ticks = end;
    }
    CHECK_OK(ask_video_writer_commit(w, ticks, &err), &err);
    ask_image_free(&image);
}
