#include "support/records.h"

static const char SHA256[] =
    "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";

static const ask_record_query query = {
    .text = "a red ball", .n_tokens = 5, .unknown_words = true};

static const ask_record_presence presence = {
    .present = true,
    .score = 2.75,
    .threshold = 1.25,
    .threshold_source = "calibration.json",
    .threshold_data = "seeds 1 to 200",
    .threshold_n = {true, 800},
    .level = {true, 1.5},
};

static const ask_record_video video = {
    .path = "clip.mp4",
    .id = {.size = 204800, .quick = "9f86d081884c7d65", .sha256 = SHA256},
    .duration_s = {true, 6},
    .time_base = {1, 12288},
    .n_frames = {true, 72},
    .vfr = {true, false},
    .width = 128,
    .height = 96,
    .rotation = 90,
};

static const ask_record_plan plan = {
    .mode = "original",
    .strategy = "uniform",
    .requested = {.frames = {true, 12},
                  .fps = {true, 4},
                  .max_frames = {true, 512},
                  .start_s = {true, 0},
                  .end_s = {true, 8},
                  .top = {true, 5}},
    .resolved = {.n_frames = 12, .fps = 2, .start_s = 0, .end_s = 6},
    .tokens = 310,
    .work = {.images = 12, .gflop = 105.6},
    .expected_s = {true, 1.75},
    .peak_mib = {true, 480},
    .why_changed = "the video ends at 6.000 s, before 8 s",
};

enum { N_FRAMES = 12 };
static const double scores[N_FRAMES] = {-0.8, -0.2, 0.4, 2.1, 3.25, 2.9,
                                        0.1,  -0.6, 0.3, 1.9, 2.2,  -0.4};

static ask_record_frame frame_of(int i)
{
    return (ask_record_frame){
        .index = ask_known_int(6 * i + 3),
        .pts = 1024 * (6 * i + 3),
        .t_s = 0.25 + 0.5 * i,
        .role = i == 4 || i == 10 ? ASK_ROLE_RETRIEVED : ASK_ROLE_ANCHOR,
        .score = scores[i],
        .cosine = ask_known_real(0.2 + 0.01 * scores[i]),
        .duplicate_of = i == 5 ? ask_known_int(4) : (ask_maybe_int){0},
        .damaged = i == 7,
        .thumb = "frames/thumb.png",
    };
}

static const ask_record_moment moments[] = {
    {.start_s = 1.5, .end_s = 2.5, .score = 3.25, .best_s = 2.25},
    {.start_s = 4.5, .end_s = 5.5, .score = 2.2, .best_s = 5.25},
    {.start_s = 2.5, .end_s = 3, .score = 2.9, .best_s = 2.75, .repeats = {true, 0}},
};

static const ask_record_cost cost = {
    .decode_s = 0.0625,
    .encode_s = 1.5,
    .answer_s = 0.25,
    .peak_mib = {true, 471.5},
    .cache_hits = 0,
};

static const char *const argv[] = {"askance", "find", "clip.mp4", "a red ball"};
static const ask_record_pair libraries[] = {{"libavcodec", "59.37.100"},
                                            {"jansson", "2.14"}};

static const ask_record_reproduce reproduce = {
    .argv = {argv, 4},
    .version = "0.1.0",
    .build = "gcc 12.2.0 for x86_64, with OpenMP",
    .model = {.dir = "models/clip", .id = SHA256, .network = "clip"},
    .seed = {true, 7},
    .threads = 2,
    .isa = "avx2",
    .backend = "cpu",
    .dtype = "f32",
    .libraries = {libraries, 2},
};

static bool fill(ask_record *r, const ask_record_video *v, const ask_record_plan *p,
                 const ask_record_frame *frames, const ask_record_cost *c,
                 const ask_record_reproduce *how, ask_error *err)
{
    return ask_record_set_query(r, &query, err) &&
           ask_record_set_presence(r, &presence, err) && ask_record_set_video(r, v, err) &&
           ask_record_set_plan(r, p, err) &&
           ask_record_set_frames(r, frames, N_FRAMES, err) &&
           ask_record_set_moments(r, moments, sizeof moments / sizeof *moments, err) &&
           ask_record_set_cost(r, c, err) && ask_record_set_reproduce(r, how, err);
}

static ask_record *whole(ask_record *r, bool ok)
{
    if (ok) return r;
    ask_record_free(r);
    return NULL;
}

ask_record *record_sample(ask_error *err)
{
    ask_record_frame frames[N_FRAMES];
    for (int i = 0; i < N_FRAMES; i++) frames[i] = frame_of(i);
    ask_record *r = ask_record_new(ASK_RECORD_FIND, err);
    return whole(r, r && fill(r, &video, &plan, frames, &cost, &reproduce, err));
}

static const char *const noted[] = {
    "video.id.sha256", "video.duration_s", "video.n_frames", "video.vfr",
    "plan.expected_s", "plan.peak_mib",    "frames.index",   "frames.cosine",
    "frames.thumb",    "cost.peak_mib",    "reproduce.seed",
};

ask_record *record_sparse(ask_error *err)
{
    ask_record_video v = video;
    v.id.sha256 = NULL;
    v.duration_s.known = v.n_frames.known = v.vfr.known = false;
    ask_record_plan p = plan;
    p.requested = (ask_record_request){0};
    p.expected_s.known = p.peak_mib.known = false;
    p.why_changed = NULL;
    ask_record_cost c = cost;
    c.peak_mib.known = false;
    ask_record_reproduce how = reproduce;
    how.seed.known = false;
    ask_record_frame frames[N_FRAMES];
    for (int i = 0; i < N_FRAMES; i++) {
        frames[i] = frame_of(i);
        frames[i].index.known = frames[i].cosine.known = false;
        frames[i].thumb = NULL;
    }

    ask_record *r = ask_record_new(ASK_RECORD_FIND, err);
    bool ok = r && fill(r, &v, &p, frames, &c, &how, err);
    for (size_t i = 0; ok && i < sizeof noted / sizeof *noted; i++)
        ok = ask_record_note(r, noted[i], "not asked for", err);
    return whole(r, ok);
}

/* ---- an answer ---- */

static const ask_record_option options[] = {
    {.text = "red", .logprob = -0.25, .prob = 0.75},
    {.text = "blue", .logprob = -1.5, .prob = 0.25},
};
static const ask_record_answer answer = {.text = "red",
                                         .choice = {true, 0},
                                         .options = options,
                                         .n_options = 2,
                                         .confidence = 0.75};

static const ask_record_trial full = {.s = -0.25, .answer = {true, 0}, .n = 1},
                              blind = {.s = -0.75, .answer = {true, 1}, .n = 1},
                              only = {.s = -0.125, .answer = {true, 0}, .n = 1},
                              removed = {.s = -2, .answer = {true, 1}, .n = 1},
                              random_removed = {.s = -0.5, .answer = {true, 0}, .n = 4};
static const ask_record_checks checks = {.full = &full,
                                         .blind = &blind,
                                         .evidence_only = &only,
                                         .evidence_removed = &removed,
                                         .random_removed = &random_removed};
static const ask_record_verdict verdict = {.value = ASK_WORTH_GROUNDED,
                                           .note = "of a kind",
                                           .tau_prior = 0.25,
                                           .tau_suff = 0.5,
                                           .tau_nec = 0.75,
                                           .distance = {true, 1.5},
                                           .most_distance = {true, 2.5},
                                           .new_word = "owl"};

static ask_record_map map_of(int frame, const double *values)
{
    return (ask_record_map){
        .frame = frame,
        .method = "gradient-weighted attention",
        .layer = "vision.attentions.4",
        .rows = 2,
        .cols = 3,
        .x = 0.125,
        .width = 0.75,
        .height = 1,
        .values = {values, 6},
    };
}

ask_record *record_answer(ask_error *err)
{
    static const double values[] = {0, 0.25, 0.5, 0.75, 1, 0.125};
    const ask_record_map maps[] = {map_of(4, values), map_of(10, values)};
    ask_record_frame frames[N_FRAMES];
    for (int i = 0; i < N_FRAMES; i++) frames[i] = frame_of(i);
    ask_record *r = ask_record_new(ASK_RECORD_ANSWER, err);
    bool ok = r && fill(r, &video, &plan, frames, &cost, &reproduce, err) &&
              ask_record_set_answer(r, &answer, err) &&
              ask_record_set_checks(r, &checks, err) &&
              ask_record_set_verdict(r, &verdict, err) &&
              ask_record_set_saliency(r, maps, 2, err) &&
              ask_record_note(r, "checks.shuffled", "it cannot tell", err);
    return whole(r, ok);
}

/* ---- an answer from a memory ---- */

static const ask_record_moment remembered[] = {
    {.start_s = 2.5,
     .end_s = 2.6,
     .score = 0.625,
     .best_s = 2.75,
     .event = "hits",
     .text = "the red ball hits the blue star",
     .confidence = {true, 0.75},
     .slot = {true, 3}},
    {.start_s = 0,
     .end_s = 6,
     .score = 0.25,
     .best_s = 3.25,
     .text = "the blue star",
     .confidence = {true, 0.875},
     .slot = {true, 9}},
    {.start_s = 1,
     .end_s = 2,
     .score = 0.0625,
     .best_s = 1.25,
     .event = "jumps",
     .text = "the red ball jumps",
     .confidence = {true, 0.5},
     .slot = {true, 0}},
};

ask_record *record_memory(ask_error *err)
{
    ask_record_answer own = answer;
    own.denies = ask_known_bool(false);
    ask_record_presence odds = presence;
    odds.level.known = false;
    ask_record_frame frames[N_FRAMES];
    for (int i = 0; i < N_FRAMES; i++) {
        frames[i] = frame_of(i);
        frames[i].score = i == 5 ? 0.75 : 0.015625;
        frames[i].cosine.known = false;
    }
    ask_record *r = record_answer(err);
    bool ok = r && ask_record_set_answer(r, &own, err) &&
              ask_record_set_presence(r, &odds, err) &&
              ask_record_set_frames(r, frames, N_FRAMES, err) &&
              ask_record_set_moments(r, remembered, 3, err) &&
              ask_record_note(r, "frames.cosine", "not compared", err);
    return whole(r, ok);
}

/* ---- an answer in words ---- */

/* Every frame has 1/64 of the attention, one has more, and the text has the rest. */
static const struct {
    const char *text;
    double logprob;
    int frame;
    double more;
} said[] = {
    {"The", -0.25, 0, 0},     {" ball", -0.5, 4, 0.25}, {" is", -0.125, 0, 0},
    {" red", -0.375, 4, 0.5}, {".", -0.25, 10, 0.0625}, {"", -0.0625, 0, 0},
};
enum { N_SAID = sizeof said / sizeof *said };

static void list_tokens(ask_record_token tokens[N_SAID], double shares[N_SAID][N_FRAMES])
{
    for (int i = 0; i < N_SAID; i++) {
        for (int k = 0; k < N_FRAMES; k++) shares[i][k] = 1.0 / 64;
        shares[i][said[i].frame] += said[i].more;
        tokens[i] = (ask_record_token){
            .text = said[i].text,
            .logprob = said[i].logprob,
            .text_share = ask_known_real(1 - N_FRAMES / 64.0 - said[i].more),
            .frames = {shares[i], N_FRAMES},
        };
    }
}

static const ask_record_trial words_full = {.s = -0.25, .same = {true, true}, .n = 1},
                              words_blind = {.s = -2, .same = {true, false}, .n = 1},
                              words_only = {.s = -0.5, .same = {true, true}, .n = 1};
static const ask_record_checks words_checks = {
    .full = &words_full, .blind = &words_blind, .evidence_only = &words_only};

static const ask_record_cue cues[] = {
    {.start_s = 1, .end_s = 2.5, .text = "Look at the ball!"},
    {.start_s = 1, .end_s = 8, .text = "It is <red> & round."},
};
static const ask_record_subtitles subtitles = {
    .source = "clip.srt", .cues = cues, .n_cues = 2, .left_out = {true, 3}};

static const ask_record_pair generation[] = {{"temperature", "0.7"}, {"max_tokens", "256"}};

static bool set_words(ask_record *r, const ask_record_token *tokens, ask_error *err)
{
    const ask_record_answer words = {
        .text = "The ball is red.",
        .confidence = 0.75,
        .tokens = tokens,
        .n_tokens = N_SAID,
        .ended_by = "end",
    };
    return ask_record_set_answer(r, &words, err) &&
           ask_record_note(r, "answer.choice", "answered in words", err) &&
           ask_record_note(r, "answer.options", "answered in words", err) &&
           ask_record_note(r, "presence", "not measured", err) &&
           ask_record_note(r, "moments", "none was looked for", err) &&
           ask_record_note(r, "verdict", "there are no thresholds for words", err) &&
           ask_record_note(r, "saliency", "not asked for", err);
}

static ask_record *new_words(ask_record_frame frames[N_FRAMES], ask_error *err)
{
    ask_record *r = ask_record_new(ASK_RECORD_ANSWER, err);
    bool ok = r && fill(r, &video, &plan, frames, &cost, &reproduce, err) &&
              ask_record_set_moments(r, NULL, 0, err) &&
              ask_record_note(r, "frames.cosine", "not compared", err);
    if (ok) r->presence = NULL;
    return whole(r, ok);
}

/* What is told of a language model alone. */
static bool tell_all(ask_record *r, ask_error *err)
{
    ask_record_query asked = query;
    asked.prompt = "<user>[12 frames]\nWhat is <red>?<assistant>";
    ask_record_plan room = plan;
    room.visual_tokens = ask_known_int(768);
    room.answer_tokens = ask_known_int(256);
    room.context = ask_known_int(4096);
    ask_record_cost spent = cost;
    spent.prompt_tokens = ask_known_int(801);
    spent.reused_tokens = ask_known_int(12);
    spent.first_token_s = ask_known_real(1.5);
    spent.tokens_per_s = ask_known_real(8.25);
    ask_record_reproduce how = reproduce;
    how.generation = (ask_record_pairs){generation, 2};
    return ask_record_set_query(r, &asked, err) && ask_record_set_plan(r, &room, err) &&
           ask_record_set_cost(r, &spent, err) && ask_record_set_reproduce(r, &how, err) &&
           ask_record_set_checks(r, &words_checks, err) &&
           ask_record_note(r, "checks.shuffled", "not done for words", err) &&
           ask_record_note(r, "checks.evidence_removed", "not done for words", err) &&
           ask_record_note(r, "checks.random_removed", "not done for words", err) &&
           ask_record_set_subtitles(r, &subtitles, err);
}

ask_record *record_words(ask_error *err)
{
    ask_record_token tokens[N_SAID];
    double shares[N_SAID][N_FRAMES];
    list_tokens(tokens, shares);
    ask_record_frame frames[N_FRAMES];
    for (int i = 0; i < N_FRAMES; i++) {
        frames[i] = frame_of(i);
        frames[i].cosine.known = false;
        frames[i].score = 1.0 / 64 + (i == 4 ? 0.75 / N_SAID : 0);
    }
    ask_record *r = new_words(frames, err);
    return whole(r, r && set_words(r, tokens, err) && tell_all(r, err));
}

ask_record *record_bare_words(ask_error *err)
{
    ask_record_token tokens[N_SAID];
    double shares[N_SAID][N_FRAMES];
    list_tokens(tokens, shares);
    for (int i = 0; i < N_SAID; i++) {
        tokens[i].text_share.known = false;
        tokens[i].frames.n = 0;
    }
    ask_record_frame frames[N_FRAMES];
    for (int i = 0; i < N_FRAMES; i++) {
        frames[i] = frame_of(i);
        frames[i].cosine.known = false;
        frames[i].score = 0;
    }
    static const char NOT_READ[] = "the model keeps none of it";
    ask_record *r = new_words(frames, err);
    return whole(r, r && set_words(r, tokens, err) &&
                        ask_record_note(r, "checks", "not asked for", err) &&
                        ask_record_note(r, "frames.score", NOT_READ, err) &&
                        ask_record_note(r, "answer.tokens.frames", NOT_READ, err) &&
                        ask_record_note(r, "answer.tokens.text_share", NOT_READ, err));
}
