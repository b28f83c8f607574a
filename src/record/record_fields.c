#include "record/record_fields_priv.h"

/* What rows and structs are made of. */
#define AT(type, member) .at = offsetof(type, member)
#define POSITIVE .range = RANGE_POSITIVE
#define NOT_NEGATIVE .range = RANGE_NOT_NEGATIVE
#define STRUCT_OF(rows, type)                                                              \
    {                                                                                      \
        .fields = rows, .bytes = sizeof(type)                                              \
    }

static const record_field query_rows[] = {
    {"text", FIELD_TEXT, AT(ask_record_query, text)},
    {"n_tokens", FIELD_INT, AT(ask_record_query, n_tokens), POSITIVE},
    {"unknown_words", FIELD_BOOL, AT(ask_record_query, unknown_words)},
    {"prompt", FIELD_TEXT, ABSENT_FREE, AT(ask_record_query, prompt)},
    {0},
};
const record_struct record_query_fields = STRUCT_OF(query_rows, ask_record_query);

static const record_field option_rows[] = {
    {"text", FIELD_TEXT, AT(ask_record_option, text)},
    {"logprob", FIELD_REAL, AT(ask_record_option, logprob)},
    {"prob", FIELD_REAL, AT(ask_record_option, prob), NOT_NEGATIVE},
    {0},
};
static const record_struct option_fields = STRUCT_OF(option_rows, ask_record_option);

static const record_field token_rows[] = {
    {"text", FIELD_TEXT, AT(ask_record_token, text), .may_be_empty = true},
    {"logprob", FIELD_REAL, AT(ask_record_token, logprob)},
    {"text_share", FIELD_MAYBE_REAL, ABSENT_NOTED, AT(ask_record_token, text_share),
     NOT_NEGATIVE},
    {"frames", FIELD_REALS, ABSENT_NOTED, AT(ask_record_token, frames), NOT_NEGATIVE},
    {0},
};
static const record_struct token_fields = STRUCT_OF(token_rows, ask_record_token);

static const record_field answer_rows[] = {
    {"text", FIELD_TEXT, AT(ask_record_answer, text), .may_be_empty = true},
    {"choice", FIELD_MAYBE_INT, ABSENT_NOTED, AT(ask_record_answer, choice), NOT_NEGATIVE},
    {"options", FIELD_LIST, ABSENT_NOTED, AT(ask_record_answer, options),
     .n_at = offsetof(ask_record_answer, n_options), .of = &option_fields},
    {"confidence", FIELD_REAL, AT(ask_record_answer, confidence), NOT_NEGATIVE},
    {"denies", FIELD_MAYBE_BOOL, ABSENT_FREE, AT(ask_record_answer, denies)},
    {"tokens", FIELD_LIST, ABSENT_FREE, AT(ask_record_answer, tokens),
     .n_at = offsetof(ask_record_answer, n_tokens), .of = &token_fields},
    {"ended_by", FIELD_TEXT, ABSENT_FREE, AT(ask_record_answer, ended_by)},
    {0},
};
const record_struct record_answer_fields = STRUCT_OF(answer_rows, ask_record_answer);

static const record_field one_check_rows[] = {
    {"s", FIELD_REAL, AT(ask_record_trial, s)},
    {"answer", FIELD_MAYBE_INT, ABSENT_FREE, AT(ask_record_trial, answer), NOT_NEGATIVE},
    {"same", FIELD_MAYBE_BOOL, ABSENT_FREE, AT(ask_record_trial, same)},
    {"n", FIELD_INT, AT(ask_record_trial, n), POSITIVE},
    {0},
};
static const record_struct one_check_fields = STRUCT_OF(one_check_rows, ask_record_trial);

#define CHECK(name)                                                                        \
    {                                                                                      \
#name, FIELD_PART, ABSENT_NOTED, AT(ask_record_checks, name),                      \
            .of = &one_check_fields                                                        \
    }
static const record_field checks_rows[] = {
    CHECK(full),
    CHECK(blind),
    CHECK(shuffled),
    CHECK(evidence_only),
    CHECK(evidence_removed),
    CHECK(random_removed),
    {0},
};
const record_struct record_checks_fields = STRUCT_OF(checks_rows, ask_record_checks);

static const char *const worth_words[] = {
    [ASK_WORTH_OUTSIDE] = "outside",
    [ASK_WORTH_NOT_IN_VIDEO] = "not_in_video",
    [ASK_WORTH_PRIOR_ONLY] = "prior_only",
    [ASK_WORTH_GROUNDED] = "grounded",
    [ASK_WORTH_WEAK] = "weak",
    NULL,
};

const char *ask_record_worth_word(ask_record_worth worth)
{
    return worth_words[worth];
}

static const record_field verdict_rows[] = {
    {"value", FIELD_WORD, AT(ask_record_verdict, value), .words = worth_words},
    {"note", FIELD_TEXT, ABSENT_FREE, AT(ask_record_verdict, note)},
    {"tau_prior", FIELD_REAL, AT(ask_record_verdict, tau_prior)},
    {"tau_suff", FIELD_REAL, AT(ask_record_verdict, tau_suff)},
    {"tau_nec", FIELD_REAL, AT(ask_record_verdict, tau_nec)},
    {"distance", FIELD_MAYBE_REAL, ABSENT_FREE, AT(ask_record_verdict, distance),
     NOT_NEGATIVE},
    {"most_distance", FIELD_MAYBE_REAL, ABSENT_FREE, AT(ask_record_verdict, most_distance),
     NOT_NEGATIVE},
    {"new_word", FIELD_TEXT, ABSENT_FREE, AT(ask_record_verdict, new_word)},
    {0},
};
const record_struct record_verdict_fields = STRUCT_OF(verdict_rows, ask_record_verdict);

static const record_field map_rows[] = {
    {"frame", FIELD_INT, AT(ask_record_map, frame), NOT_NEGATIVE},
    {"method", FIELD_TEXT, AT(ask_record_map, method)},
    {"layer", FIELD_TEXT, AT(ask_record_map, layer)},
    {"rows", FIELD_INT, AT(ask_record_map, rows), POSITIVE},
    {"cols", FIELD_INT, AT(ask_record_map, cols), POSITIVE},
    {"x", FIELD_REAL, AT(ask_record_map, x)},
    {"y", FIELD_REAL, AT(ask_record_map, y)},
    {"width", FIELD_REAL, AT(ask_record_map, width), POSITIVE},
    {"height", FIELD_REAL, AT(ask_record_map, height), POSITIVE},
    {"values", FIELD_REALS, AT(ask_record_map, values), NOT_NEGATIVE},
    {0},
};
const record_struct record_map_fields = STRUCT_OF(map_rows, ask_record_map);

static const record_field presence_rows[] = {
    {"present", FIELD_BOOL, AT(ask_record_presence, present)},
    {"score", FIELD_REAL, AT(ask_record_presence, score)},
    {"threshold", FIELD_REAL, AT(ask_record_presence, threshold)},
    {"threshold_source", FIELD_TEXT, AT(ask_record_presence, threshold_source)},
    {"threshold_data", FIELD_TEXT, ABSENT_FREE, AT(ask_record_presence, threshold_data)},
    {"threshold_n", FIELD_MAYBE_INT, ABSENT_FREE, AT(ask_record_presence, threshold_n),
     POSITIVE},
    {"level", FIELD_MAYBE_REAL, ABSENT_FREE, AT(ask_record_presence, level)},
    {0},
};
const record_struct record_presence_fields = STRUCT_OF(presence_rows, ask_record_presence);

static const record_field video_id_rows[] = {
    {"size", FIELD_INT, AT(ask_record_video_id, size), NOT_NEGATIVE},
    {"quick", FIELD_TEXT, AT(ask_record_video_id, quick), .n_hex = 16},
    {"sha256", FIELD_TEXT, ABSENT_NOTED, AT(ask_record_video_id, sha256), .n_hex = 64},
    {0},
};
static const record_struct video_id_fields = STRUCT_OF(video_id_rows, ask_record_video_id);

static const record_field video_rows[] = {
    {"path", FIELD_TEXT, AT(ask_record_video, path)},
    {"id", FIELD_STRUCT, AT(ask_record_video, id), .of = &video_id_fields},
    {"duration_s", FIELD_MAYBE_REAL, ABSENT_NOTED, AT(ask_record_video, duration_s),
     NOT_NEGATIVE},
    {"time_base", FIELD_RATIO, AT(ask_record_video, time_base), POSITIVE},
    {"n_frames", FIELD_MAYBE_INT, ABSENT_NOTED, AT(ask_record_video, n_frames), POSITIVE},
    {"vfr", FIELD_MAYBE_BOOL, ABSENT_NOTED, AT(ask_record_video, vfr)},
    {"width", FIELD_INT, AT(ask_record_video, width), POSITIVE},
    {"height", FIELD_INT, AT(ask_record_video, height), POSITIVE},
    {"rotation", FIELD_INT, AT(ask_record_video, rotation), NOT_NEGATIVE},
    {0},
};
const record_struct record_video_fields = STRUCT_OF(video_rows, ask_record_video);

static const record_field request_rows[] = {
    {"frames", FIELD_MAYBE_INT, ABSENT_FREE, AT(ask_record_request, frames), POSITIVE},
    {"fps", FIELD_MAYBE_REAL, ABSENT_FREE, AT(ask_record_request, fps), POSITIVE},
    {"max_frames", FIELD_MAYBE_INT, ABSENT_FREE, AT(ask_record_request, max_frames),
     POSITIVE},
    {"start_s", FIELD_MAYBE_REAL, ABSENT_FREE, AT(ask_record_request, start_s),
     NOT_NEGATIVE},
    {"end_s", FIELD_MAYBE_REAL, ABSENT_FREE, AT(ask_record_request, end_s), NOT_NEGATIVE},
    {"top", FIELD_MAYBE_INT, ABSENT_FREE, AT(ask_record_request, top), POSITIVE},
    {0},
};
static const record_struct request_fields = STRUCT_OF(request_rows, ask_record_request);

static const record_field sampling_rows[] = {
    {"n_frames", FIELD_INT, AT(ask_record_sampling, n_frames), POSITIVE},
    {"fps", FIELD_REAL, AT(ask_record_sampling, fps), NOT_NEGATIVE},
    {"start_s", FIELD_REAL, AT(ask_record_sampling, start_s), NOT_NEGATIVE},
    {"end_s", FIELD_REAL, AT(ask_record_sampling, end_s), NOT_NEGATIVE},
    {0},
};
static const record_struct sampling_fields = STRUCT_OF(sampling_rows, ask_record_sampling);

static const record_field work_rows[] = {
    {"images", FIELD_INT, AT(ask_record_work, images), NOT_NEGATIVE},
    {"gflop", FIELD_REAL, AT(ask_record_work, gflop), NOT_NEGATIVE},
    {0},
};
static const record_struct work_fields = STRUCT_OF(work_rows, ask_record_work);

static const record_field plan_rows[] = {
    {"mode", FIELD_TEXT, AT(ask_record_plan, mode)},
    {"strategy", FIELD_TEXT, AT(ask_record_plan, strategy)},
    {"requested", FIELD_STRUCT, AT(ask_record_plan, requested), .of = &request_fields},
    {"resolved", FIELD_STRUCT, AT(ask_record_plan, resolved), .of = &sampling_fields},
    {"tokens", FIELD_INT, AT(ask_record_plan, tokens), NOT_NEGATIVE},
    {"visual_tokens", FIELD_MAYBE_INT, ABSENT_FREE, AT(ask_record_plan, visual_tokens),
     NOT_NEGATIVE},
    {"answer_tokens", FIELD_MAYBE_INT, ABSENT_FREE, AT(ask_record_plan, answer_tokens),
     NOT_NEGATIVE},
    {"context", FIELD_MAYBE_INT, ABSENT_FREE, AT(ask_record_plan, context), POSITIVE},
    {"work", FIELD_STRUCT, AT(ask_record_plan, work), .of = &work_fields},
    {"expected_s", FIELD_MAYBE_REAL, ABSENT_NOTED, AT(ask_record_plan, expected_s),
     NOT_NEGATIVE},
    {"peak_mib", FIELD_MAYBE_REAL, ABSENT_NOTED, AT(ask_record_plan, peak_mib),
     NOT_NEGATIVE},
    {"why_changed", FIELD_TEXT, ABSENT_FREE, AT(ask_record_plan, why_changed)},
    {0},
};
const record_struct record_plan_fields = STRUCT_OF(plan_rows, ask_record_plan);

static const char *const role_words[] = {
    [ASK_ROLE_ANCHOR] = "anchor",
    [ASK_ROLE_RETRIEVED] = "retrieved",
    [ASK_ROLE_EVENT] = "event",
    NULL,
};

static const record_field frame_rows[] = {
    {"index", FIELD_MAYBE_INT, ABSENT_NOTED, AT(ask_record_frame, index), NOT_NEGATIVE},
    {"pts", FIELD_INT, AT(ask_record_frame, pts)},
    {"t_s", FIELD_REAL, AT(ask_record_frame, t_s), NOT_NEGATIVE},
    {"role", FIELD_WORD, AT(ask_record_frame, role), .words = role_words},
    {"score", FIELD_REAL, AT(ask_record_frame, score)},
    {"cosine", FIELD_MAYBE_REAL, ABSENT_NOTED, AT(ask_record_frame, cosine)},
    {"duplicate_of", FIELD_MAYBE_INT, ABSENT_FREE, AT(ask_record_frame, duplicate_of),
     NOT_NEGATIVE},
    {"damaged", FIELD_BOOL, AT(ask_record_frame, damaged)},
    {"thumb", FIELD_TEXT, ABSENT_NOTED, AT(ask_record_frame, thumb)},
    {0},
};
const record_struct record_frame_fields = STRUCT_OF(frame_rows, ask_record_frame);

static const record_field moment_rows[] = {
    {"start_s", FIELD_REAL, AT(ask_record_moment, start_s), NOT_NEGATIVE},
    {"end_s", FIELD_REAL, AT(ask_record_moment, end_s), NOT_NEGATIVE},
    {"score", FIELD_REAL, AT(ask_record_moment, score)},
    {"best_s", FIELD_REAL, AT(ask_record_moment, best_s), NOT_NEGATIVE},
    {"repeats", FIELD_MAYBE_INT, ABSENT_FREE, AT(ask_record_moment, repeats), NOT_NEGATIVE},
    {"event", FIELD_TEXT, ABSENT_FREE, AT(ask_record_moment, event)},
    {"text", FIELD_TEXT, ABSENT_FREE, AT(ask_record_moment, text)},
    {"confidence", FIELD_MAYBE_REAL, ABSENT_FREE, AT(ask_record_moment, confidence),
     NOT_NEGATIVE},
    {"slot", FIELD_MAYBE_INT, ABSENT_FREE, AT(ask_record_moment, slot), NOT_NEGATIVE},
    {0},
};
const record_struct record_moment_fields = STRUCT_OF(moment_rows, ask_record_moment);

static const record_field cue_rows[] = {
    {"start_s", FIELD_REAL, AT(ask_record_cue, start_s), NOT_NEGATIVE},
    {"end_s", FIELD_REAL, AT(ask_record_cue, end_s), NOT_NEGATIVE},
    {"text", FIELD_TEXT, AT(ask_record_cue, text)},
    {0},
};
static const record_struct cue_fields = STRUCT_OF(cue_rows, ask_record_cue);

static const record_field subtitles_rows[] = {
    {"source", FIELD_TEXT, AT(ask_record_subtitles, source)},
    {"cues", FIELD_LIST, ABSENT_FREE, AT(ask_record_subtitles, cues),
     .n_at = offsetof(ask_record_subtitles, n_cues), .of = &cue_fields},
    {"left_out", FIELD_MAYBE_INT, ABSENT_FREE, AT(ask_record_subtitles, left_out),
     NOT_NEGATIVE},
    {0},
};
const record_struct record_subtitles_fields =
    STRUCT_OF(subtitles_rows, ask_record_subtitles);

static const record_field cost_rows[] = {
    {"decode_s", FIELD_REAL, AT(ask_record_cost, decode_s), NOT_NEGATIVE},
    {"encode_s", FIELD_REAL, AT(ask_record_cost, encode_s), NOT_NEGATIVE},
    {"answer_s", FIELD_REAL, AT(ask_record_cost, answer_s), NOT_NEGATIVE},
    {"peak_mib", FIELD_MAYBE_REAL, ABSENT_NOTED, AT(ask_record_cost, peak_mib),
     NOT_NEGATIVE},
    {"cache_hits", FIELD_INT, AT(ask_record_cost, cache_hits), NOT_NEGATIVE},
    {"prompt_tokens", FIELD_MAYBE_INT, ABSENT_FREE, AT(ask_record_cost, prompt_tokens),
     NOT_NEGATIVE},
    {"reused_tokens", FIELD_MAYBE_INT, ABSENT_FREE, AT(ask_record_cost, reused_tokens),
     NOT_NEGATIVE},
    {"first_token_s", FIELD_MAYBE_REAL, ABSENT_FREE, AT(ask_record_cost, first_token_s),
     NOT_NEGATIVE},
    {"tokens_per_s", FIELD_MAYBE_REAL, ABSENT_FREE, AT(ask_record_cost, tokens_per_s),
     NOT_NEGATIVE},
    {0},
};
const record_struct record_cost_fields = STRUCT_OF(cost_rows, ask_record_cost);

static const record_field model_rows[] = {
    {"dir", FIELD_TEXT, AT(ask_record_model, dir)},
    {"id", FIELD_TEXT, AT(ask_record_model, id), .n_hex = 64},
    {"network", FIELD_TEXT, AT(ask_record_model, network)},
    {0},
};
static const record_struct model_fields = STRUCT_OF(model_rows, ask_record_model);

static const record_field reproduce_rows[] = {
    {"argv", FIELD_TEXTS, AT(ask_record_reproduce, argv)},
    {"version", FIELD_TEXT, AT(ask_record_reproduce, version)},
    {"build", FIELD_TEXT, AT(ask_record_reproduce, build)},
    {"model", FIELD_STRUCT, AT(ask_record_reproduce, model), .of = &model_fields},
    {"seed", FIELD_MAYBE_INT, ABSENT_NOTED, AT(ask_record_reproduce, seed)},
    {"threads", FIELD_INT, AT(ask_record_reproduce, threads), POSITIVE},
    {"isa", FIELD_TEXT, AT(ask_record_reproduce, isa)},
    {"backend", FIELD_TEXT, AT(ask_record_reproduce, backend)},
    {"dtype", FIELD_TEXT, AT(ask_record_reproduce, dtype)},
    {"libraries", FIELD_PAIRS, AT(ask_record_reproduce, libraries)},
    {"generation", FIELD_PAIRS, ABSENT_FREE, AT(ask_record_reproduce, generation)},
    {0},
};
const record_struct record_reproduce_fields =
    STRUCT_OF(reproduce_rows, ask_record_reproduce);

#define PART FIELD_PART, ABSENT_BY_KIND
#define LIST FIELD_LIST, ABSENT_BY_KIND
#define COUNT(member) .n_at = offsetof(ask_record, member)

static const record_field record_rows[] = {
    {"query", PART, AT(ask_record, query), .of = &record_query_fields},
    {"answer", PART, AT(ask_record, answer), .of = &record_answer_fields},
    {"verdict", PART, AT(ask_record, verdict), .of = &record_verdict_fields},
    {"presence", PART, AT(ask_record, presence), .of = &record_presence_fields},
    {"video", PART, AT(ask_record, video), .of = &record_video_fields},
    {"plan", PART, AT(ask_record, plan), .of = &record_plan_fields},
    {"frames", LIST, AT(ask_record, frames), COUNT(n_frames), .of = &record_frame_fields},
    {"moments", LIST, AT(ask_record, moments), COUNT(n_moments),
     .of = &record_moment_fields},
    {"checks", PART, AT(ask_record, checks), .of = &record_checks_fields},
    {"saliency", LIST, AT(ask_record, saliency), COUNT(n_saliency),
     .of = &record_map_fields},
    {"subtitles", PART, AT(ask_record, subtitles), .of = &record_subtitles_fields},
    {"cost", PART, AT(ask_record, cost), .of = &record_cost_fields},
    {"reproduce", PART, AT(ask_record, reproduce), .of = &record_reproduce_fields},
    {"notes", FIELD_PAIRS, AT(ask_record, notes)},
    {0},
};
const record_struct record_fields = STRUCT_OF(record_rows, ask_record);

static const char *const find_parts[] = {
    "query", "presence", "video", "plan", "frames", "moments", "cost", "reproduce", NULL,
};
static const char *const plan_parts[] = {"query", "video", "plan", "reproduce", NULL};
static const char *const answer_parts[] = {
    "query", "answer", "video", "plan", "frames", "moments", "cost", "reproduce", NULL,
};
static const char *const answer_noted[] = {
    "presence", "verdict", "checks", "saliency", NULL,
};
static const char *const nothing[] = {NULL};

const record_kind_row record_kinds[N_RECORD_KINDS] = {
    [ASK_RECORD_FIND] = {"askance.find/1", find_parts, nothing},
    [ASK_RECORD_PLAN] = {"askance.plan/1", plan_parts, nothing},
    [ASK_RECORD_ANSWER] = {"askance.answer/1", answer_parts, answer_noted},
};

bool record_kind_lists(const char *const *parts, const char *part)
{
    for (; *parts; parts++) {
        if (strcmp(*parts, part) == 0) return true;
    }
    return false;
}

bool field_is_known(const void *object, const record_field *f)
{
    const void *at = field_in(object, f->at);
    switch (f->kind) {
    case FIELD_TEXT:
        return *(const char *const *)at != NULL;
    case FIELD_MAYBE_INT:
        return ((const ask_maybe_int *)at)->known;
    case FIELD_MAYBE_REAL:
        return ((const ask_maybe_real *)at)->known;
    case FIELD_MAYBE_BOOL:
        return ((const ask_maybe_bool *)at)->known;
    case FIELD_PART:
    case FIELD_LIST:
        return field_pointer(object, f) != NULL;
    case FIELD_REALS:
        return f->absence == ABSENT_NEVER || ((const ask_record_reals *)at)->n > 0;
    case FIELD_PAIRS:
        return f->absence == ABSENT_NEVER || ((const ask_record_pairs *)at)->n > 0;
    default:
        return true;
    }
}
