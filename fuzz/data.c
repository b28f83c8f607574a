/* Files of questions and what lies beside them: the first byte says of which set, from '<'
 * on, the rest is the file. */
#include <stdlib.h>
#include <string.h>

#include "data/beside_priv.h"
#include "data/socialiq_priv.h"
#include "data/star_priv.h"
#include "data/videos_priv.h"

typedef bool reader(data_build *b, data_text text, ask_error *err);

static bool read_fold(data_build *b, data_text text, ask_error *err)
{
    data_fold fold = {.name = "standard_train_fold"};
    bool ok = data_fold_parse(&fold, b, text, err);
    if (ok && (fold.videos.n == 0 || !data_fold_has(&fold, fold.videos.texts[0]))) abort();
    data_fold_free(&fold);
    return ok;
}

static void check_list(const data_list *l)
{
    if (l->n <= 0) abort();
    for (int i = 0; i < l->n; i++)
        if (!l->texts[i] || (l->rows && l->rows[i] == 0)) abort();
}

static bool read_line_list(data_build *b, data_text text, ask_error *err)
{
    data_list list = {0};
    if (!data_parse_line_list(b, &list, text, err)) return false;
    check_list(&list);
    return true;
}

/* What is no list of texts is noticed, and not used. */
static bool read_json_list(data_build *b, data_text text, ask_error *err)
{
    data_list list = {0};
    if (!data_parse_json_list(b, &list, NULL, text, err)) return false;
    if (b->n_notices == 0) check_list(&list);
    return true;
}

static bool read_class_list(data_build *b, data_text text, ask_error *err)
{
    data_classes classes = {0};
    if (!data_parse_classes(b, &classes, text, err)) return false;
    for (int i = 0; i < classes.n; i++)
        if (strchr(classes.ids[i], ' ') || !classes.names[i]) abort();
    return true;
}

static bool read_map(data_build *b, data_text text, ask_error *err)
{
    data_dictionary map = {0};
    bool ok = data_parse_map(&map, b, text, err);
    for (size_t i = 0; ok && i < map.keys.n; i++)
        if (!data_dictionary_get(&map, map.keys.texts[i])) abort();
    data_dictionary_free(&map);
    return ok;
}

static bool read_json_map(data_build *b, data_text text, ask_error *err)
{
    text.name = "fuzz.json";
    return read_map(b, text, err);
}

static bool read_rates(data_build *b, data_text text, ask_error *err)
{
    star_lists lists = {0};
    bool ok = star_rates_parse(&lists, b, text, err);
    for (size_t i = 0; ok && i < lists.videos.n; i++)
        if (!(lists.fps[i] > 0)) abort();
    star_lists_free(&lists);
    return ok;
}

static bool read_hois(data_build *b, data_text text, ask_error *err)
{
    b->event_format = &data_hois_format;
    return data_events_read(b, text, err);
}

static ask_json *parse(data_text text, ask_error *err)
{
    return ask_json_parse(text.text, text.bytes, text.name, NULL, err);
}

static bool read_other_answers(data_build *b, data_text text, ask_error *err)
{
    ask_json *doc = parse(text, err);
    bool ok = doc && data_nextqa_give_answers(b, text.name, doc, err);
    ask_json_free(doc);
    return ok;
}

static bool read_windows(data_build *b, data_text text, ask_error *err)
{
    ask_json *doc = parse(text, err);
    bool ok = doc && data_nextgqa_give_windows(b, text.name, doc, err);
    ask_json_free(doc);
    return ok;
}

static bool read_subsets(data_build *b, data_text text, ask_error *err)
{
    ask_json *doc = parse(text, err);
    bool ok = doc && data_socialiq2_give_subsets(b, doc, err);
    ask_json_free(doc);
    return ok;
}

static bool read_origins(data_build *b, data_text text, ask_error *err)
{
    ask_json *doc = parse(text, err);
    bool ok = doc && data_socialiq2_give_origins(b, doc, err);
    ask_json_free(doc);
    return ok;
}

/* Seeds name them by their places: new ones come last. */
static reader *const readers[] = {
    data_star_read,
    data_star_lines_read,
    data_events_read,
    data_nextqa_read,
    data_nextqa_open_read,
    data_tgif_action_read,
    data_tgif_count_read,
    data_tgif_frame_read,
    data_qvhighlights_read,
    data_socialiq2_read,
    data_own_lines_read,
    data_own_table_read,
    data_agqa_read,
    data_msvd_read,
    data_activitynet_read,
    data_nextgqa_read,
    data_egotaskqa_read,
    data_socialiq_read,
    data_tinysocial_read,
    read_fold,
    read_line_list,
    read_json_list,
    read_class_list,
    read_map,
    read_json_map,
    read_rates,
    data_msrvtt_read,
    data_tgif_transition_read,
    data_video_chatgpt_read,
    data_activitynet_read_answers,
    read_other_answers,
    read_windows,
    read_subsets,
    read_origins,
    read_hois,
};

/* Whether a file is of questions that are there already. */
static bool is_of_questions(reader *read)
{
    static reader *const those[] = {data_events_read,   data_activitynet_read_answers,
                                    read_other_answers, read_windows,
                                    read_subsets,       read_origins,
                                    read_hois};
    for (size_t i = 0; i < sizeof those / sizeof *those; i++)
        if (read == those[i]) return true;
    return false;
}

static void check_span(ask_data_span s)
{
    if (!(s.start_s <= s.end_s)) abort();
}

/* What every record promises, whatever the file was. */
static void check_record(const ask_data_record *r)
{
    if (!r->file || !r->id || !r->video || !r->question || !r->language || !r->features)
        abort();
    if (r->answer_index < -1 || (r->n_options > 0 && r->answer_index >= r->n_options))
        abort();
    if ((r->kind == ASK_DATA_CHOICE) != (r->n_options > 0)) abort();
    if (r->n_options > 0 && r->answer_index >= 0 &&
        strcmp(r->answer, r->options[r->answer_index]) != 0)
        abort();
    if (r->has_clip) check_span(r->clip);
    for (int i = 0; i < r->n_windows; i++) check_span(r->windows[i]);
    for (int i = 1; i < r->n_situations; i++)
        if (r->situations[i - 1].frame > r->situations[i].frame) abort();
    for (int i = 0; i < r->n_events; i++) check_span(r->events[i].at);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0) return 0;
    reader *read = readers[(uint8_t)(data[0] - '<') % (sizeof readers / sizeof *readers)];
    data_build b = {.arena = ask_arena_new(0),
                    .dir = ".",
                    .file = "fuzz",
                    .split = "val",
                    .event_format = &data_actions_format};
    ask_error err = {0};
    if (!b.arena) abort();
    ask_data_record question = {.kind = ASK_DATA_OPEN,
                                .id = "v|8_1",
                                .video = "v|8",
                                .question = "q",
                                .features = "Interaction_T1_13"};
    if (is_of_questions(read) && !data_add(&b, &question, &err)) abort();
    data_text text = {.name = "fuzz", .text = (const char *)data + 1, .bytes = size - 1};
    if (!read(&b, text, &err) && err.code == ASK_OK) abort();
    for (size_t i = 0; i < b.n_records; i++) check_record(&b.records[i]);
    for (size_t i = 0; i < b.n_notices; i++)
        if (!b.notices[i].text) abort();
    data_build_free(&b);
    return 0;
}
