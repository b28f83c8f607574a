/* socialiq_vectors.c - Social-IQ 1.0 as it is delivered to networks: vectors for words.
 *
 * After: Zadeh et al. 2019 (Social-IQ), Zadeh et al. 2018 (the toolkit's computational
 * sequences, .csd, which are HDF5). One group, named as the sequence, holds
 * data/VIDEO/features and data/VIDEO/intervals, and metadata/. Of questions, the features
 * are [1, questions, choices, 1 + options, tokens, width]: the vectors of the question, of
 * its right answer, and of one wrong answer or three. No words are told, so the records
 * have none; they say where the vectors are. */
#include <math.h>
#include <string.h>

#include "base/hdf5.h"
#include "data/socialiq_priv.h"

enum { N_DIMS = 6, MOST_OPTIONS = 16, MOST_CHOICES = 1 << 20 }; // of one video

typedef struct {
    ask_hdf5 *file;
    const char *path; // of the file
    const char *data; // "/SEQUENCE/data"
    data_fold fold;
} sequence;

/* Whether features are those of questions. */
static bool is_questions(const ask_hdf5_info *info)
{
    const int64_t *n = info->shape;
    return !info->is_text && info->n_dims == N_DIMS && n[0] == 1 && n[1] > 0 &&
           n[1] <= MOST_CHOICES && n[2] > 0 && n[2] <= MOST_CHOICES / n[1] && n[3] > 2 &&
           n[3] <= 1 + MOST_OPTIONS && n[4] > 0 && n[5] > 0;
}

/* Options of which nothing is told but how many they are; the right one is the first. */
static bool give_options(data_build *b, ask_data_record *r, int n, ask_error *err)
{
    const char **options = data_array(b, (size_t)n, sizeof *options);
    if (!options) return ask_fail_memory(err);
    for (int i = 0; i < n; i++) options[i] = "";
    r->options = options;
    r->n_options = n;
    data_answer_index(r, 0);
    return true;
}

static bool add_choice(data_build *b, const ask_data_record *common, const char *array,
                       const ask_hdf5_info *info, int64_t question, int64_t choice,
                       ask_error *err)
{
    ask_data_record r = *common;
    ask_data_vectors *v = data_array(b, 1, sizeof *v);
    if (!v || !give_options(b, &r, (int)info->shape[3] - 1, err))
        return ask_fail_memory(err);
    *v = (ask_data_vectors){.array = array,
                            .question = question,
                            .choice = choice,
                            .n_tokens = info->shape[4],
                            .width = info->shape[5]};
    r.vectors = v;
    r.row = (size_t)(question * info->shape[2] + choice);
    r.id = data_printf(b, "%s_q%d_%d", r.video, (int)question + 1, (int)choice);
    return data_add(b, &r, err);
}

/* The part of the video that its questions are about: one row of start and end. Sequences
 * whose rows have no times hold what is none here. */
static bool read_clip(ask_data_record *r, const sequence *s, const char *path,
                      ask_error *err)
{
    ask_hdf5_info info;
    ask_npy a;
    if (!ask_hdf5_describe(&info, s->file, path, err)) return false;
    if (info.is_text || info.n_dims != 2 || info.shape[0] != 1 || info.shape[1] != 2)
        return true;
    if (!ask_hdf5_read(&a, s->file, path, sizeof(double[2]), err)) return false;
    double t[2] = {NAN, NAN};
    for (int i = 0; i < 2; i++) {
        if (a.type == ASK_NPY_F4) t[i] = ((const float *)a.data)[i];
        if (a.type == ASK_NPY_F8) t[i] = ((const double *)a.data)[i];
    }
    ask_npy_free(&a);
    r->has_clip = isfinite(t[0]) && isfinite(t[1]) && t[0] >= 0 && t[0] < t[1];
    if (r->has_clip) r->clip = (ask_data_span){t[0], t[1]};
    return true;
}

static bool add_choices(data_build *b, const ask_data_record *common, const char *array,
                        const ask_hdf5_info *info, ask_error *err)
{
    for (int64_t q = 0; q < info->shape[1]; q++)
        for (int64_t c = 0; c < info->shape[2]; c++)
            if (!add_choice(b, common, array, info, q, c, err)) return false;
    return true;
}

/* The toolkit's own training leaves out two videos. */
static bool notice_bad(data_build *b, const ask_data_record *r, ask_error *err)
{
    static const char *const bad[] = {"f5NJQiY9AuY", "aHBLOkfJSYI"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (strcmp(r->video, bad[i]) == 0)
            return data_notice(
                b, ASK_DATA_MISMATCH, err,
                "%s: the set's authors leave out \"%s\" as a bad video; kept", b->file,
                r->video);
    return true;
}

static bool read_video(data_build *b, const sequence *s, const char *name, ask_error *err)
{
    const char *features = data_printf(b, "%s/%s/features", s->data, name);
    const char *intervals = data_printf(b, "%s/%s/intervals", s->data, name);
    ask_hdf5_info info;
    if (b->no_memory) return ask_fail_memory(err);
    if (!ask_hdf5_describe(&info, s->file, features, err)) return false;
    if (!is_questions(&info))
        return data_notice(b, ASK_DATA_MISMATCH, err,
                           "%s: %s is not [1, questions, choices, 1 + options, tokens, "
                           "width]; left out",
                           s->path, features);
    ask_data_record r = {
        .kind = ASK_DATA_CHOICE, .video = data_copy(b, name), .question = ""};
    b->file = data_printf(b, "%s:%s", s->path, features);
    return notice_bad(b, &r, err) && read_clip(&r, s, intervals, err) &&
           add_choices(b, &r, features, &info, err);
}

/* The one group of the file: some tools wrote its name as Python shows bytes, so it is not
 * looked for by name. */
static bool find_data(sequence *s, data_build *b, ask_error *err)
{
    const ask_hdf5_entry *entries;
    size_t n;
    if (!ask_hdf5_list(&entries, &n, s->file, "/", b->arena, err)) return false;
    if (n != 1 || entries[0].kind != ASK_HDF5_GROUP)
        return ask_fail(err, ASK_ERR_FORMAT,
                        "%s: expected one group, that of a computational sequence, got %zu "
                        "members",
                        s->path, n);
    s->data = data_printf(b, "/%s/data", entries[0].name);
    return !b->no_memory || ask_fail_memory(err);
}

static bool read_videos(data_build *b, sequence *s, ask_error *err)
{
    const ask_hdf5_entry *videos;
    size_t n;
    if (!find_data(s, b, err) ||
        !ask_hdf5_list(&videos, &n, s->file, s->data, b->arena, err) ||
        !data_fold_read(&s->fold, b, err))
        return false;
    for (size_t i = 0; i < n; i++)
        if (data_fold_has(&s->fold, videos[i].name) &&
            !read_video(b, s, videos[i].name, err))
            return false;
    b->file = s->path;
    return data_fold_end(&s->fold, b, err);
}

bool data_socialiq_vectors_read_path(data_build *b, ask_error *err)
{
    b->in_array = true;
    sequence s = {.path = b->file, .file = ask_hdf5_open(b->file, err)};
    bool ok = s.file && read_videos(b, &s, err);
    data_fold_free(&s.fold);
    ask_hdf5_close(s.file);
    return ok;
}
