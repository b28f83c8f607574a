/* Reading evidence records: every rule that a document can break has its message. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "record/record.h"
#include "support/records.h"
#include "support/testing.h"

static char *sample; // a document that keeps every rule
static char *sparse; // one with every field absent that may be

static char *json_of(ask_record *r, ask_error *err)
{
    ask_str text = {0};
    if (!r || !ask_record_write(&text, r, err)) fail_msg("%s", err->message);
    ask_record_free(r);
    return ask_str_take(&text, err);
}

static int write_samples(void **state)
{
    (void)state;
    ask_error err = {0};
    sample = json_of(record_sample(&err), &err);
    sparse = json_of(record_sparse(&err), &err);
    return sample && sparse ? 0 : -1;
}

static int free_samples(void **state)
{
    (void)state;
    free(sample);
    free(sparse);
    return 0;
}

/* The text with its first `from` replaced. */
static char *replaced(const char *name, const char *text, const char *from, const char *to)
{
    const char *at = strstr(text, from);
    if (!at) fail_msg("case \"%s\": %s is not in the sample", name, from);
    ask_str out = {0};
    ask_str_append_bytes(&out, text, (size_t)(at - text));
    ask_str_append(&out, to);
    ask_str_append(&out, at + strlen(from));
    return ask_str_take(&out, NULL);
}

typedef struct {
    const char *name, *from, *to;
    const char *message; // behind "a.json: "; NULL: it is fine
} change;

static void check_change(const char *text, const change *c, ask_error_code code)
{
    char *json = replaced(c->name, text, c->from, c->to);
    ask_error err = {0};
    ask_record *r = ask_record_parse(json, strlen(json), "a.json", &err);
    if (!c->message) {
        if (!r) fail_msg("case \"%s\": %s", c->name, err.message);
    } else {
        if (r) fail_msg("case \"%s\" is read", c->name);
        CHECK_CASE(c->name, err.code == code);
        CHECK_CASE(c->name, strncmp(err.message, "a.json: ", 8) == 0);
        if (strcmp(err.message + 8, c->message) != 0)
            fail_msg("case \"%s\": \"%s\", expected \"%s\"", c->name, err.message + 8,
                     c->message);
    }
    ask_record_free(r);
    free(json);
}

static const change broken[] = {
    {"no schema", "\"schema\"", "\"scheme\"", "key \"schema\" is missing"},
    {"a schema that is a number", "\"askance.find/1\"", "1",
     "key \"schema\": expected a string, got the integer 1"},
    {"a part that is missing", "\"presence\"", "\"presents\"",
     "key \"presence\": is missing; askance.find/1 needs it"},
    {"a part that is null", "\"query\": {", "\"query\": null, \"q\": {",
     "key \"query\": expected an object, got null"},
    {"a list that is an object", "\"moments\": [", "\"moments\": {}, \"m\": [",
     "key \"moments\": expected an array, got an object"},
    {"a field that is missing", "\"n_tokens\"", "\"tokens\"",
     "key \"query.n_tokens\" is missing"},
    {"a field of the wrong type", "\"n_tokens\": 5", "\"n_tokens\": \"five\"",
     "key \"query.n_tokens\": expected an integer, got a string"},
    {"an empty text", "\"a red ball\"", "\"\"", "key \"query.text\": is empty"},
    {"no tokens", "\"n_tokens\": 5", "\"n_tokens\": 0",
     "key \"query.n_tokens\": 0 is not above 0"},
    {"present under the threshold", "\"score\": 2.75", "\"score\": 0.5",
     "key \"presence.present\": true, but the score is under the threshold"},
    {"absent above the threshold", "\"present\": true", "\"present\": false",
     "key \"presence.present\": false, but the score is not under the threshold"},
    {"a short id", "9f86d081884c7d65\",", "9f86d081884c7d6\",",
     "key \"video.id.quick\": expected 16 hexadecimal digits"},
    {"an id in capitals", "9f86d081884c7d65\",", "9F86D081884C7D65\",",
     "key \"video.id.quick\": expected 16 hexadecimal digits"},
    {"a duration below 0", "\"duration_s\": 6.0", "\"duration_s\": -1.0",
     "key \"video.duration_s\": -1 is below 0"},
    {"a duration that is null", "\"duration_s\": 6.0", "\"duration_s\": null",
     "key \"video.duration_s\": expected a number, got null"},
    {"a duration that is silently absent", "\"duration_s\": 6.0", "\"duration\": 6.0",
     "key \"video.duration_s\": is absent, and the notes do not say why"},
    {"half a time base", "12288\n", "12288, 3\n",
     "key \"video.time_base\": expected a numerator and a denominator"},
    {"a time base of 0", "12288\n", "0\n", "key \"video.time_base\": 0 is not above 0"},
    {"a width of 0", "\"width\": 128", "\"width\": 0",
     "key \"video.width\": 0 is not above 0"},
    {"a rotation askew", "\"rotation\": 90", "\"rotation\": 45",
     "key \"video.rotation\": expected 0, 90, 180 or 270"},
    {"a window past the end", "\"end_s\": 6.0", "\"end_s\": 6.5",
     "key \"plan.resolved.end_s\": 6.5 is outside what is left of the video (0 to 6 s)"},
    {"a window that ends before it starts", "\"start_s\": 0.0,\n      \"end_s\": 6.0",
     "\"start_s\": 5.0, \"end_s\": 4.0",
     "key \"plan.resolved.end_s\": 4 is outside what is left of the video (5 to 6 s)"},
    {"0 frames asked for", "\"frames\": 12", "\"frames\": 0",
     "key \"plan.requested.frames\": 0 is not above 0"},
    {"a frame past the end", "\"t_s\": 5.75", "\"t_s\": 6.25",
     "key \"frames[11].t_s\": 6.25 is outside the video (0 to 6 s)"},
    {"a frame before the first", "\"t_s\": 0.25", "\"t_s\": -0.25",
     "key \"frames[0].t_s\": -0.25 is below 0"},
    {"frames out of order", "\"t_s\": 1.25", "\"t_s\": 3.5",
     "key \"frames[3].t_s\": is before the frame in front of it; frames are in time order"},
    {"frame numbers out of order", "\"index\": 15", "\"index\": 40",
     "key \"frames[3].index\": is before the frame in front of it; frames are in time "
     "order"},
    {"a frame number past the end", "\"index\": 69", "\"index\": 72",
     "key \"frames[11].index\": is past the end of the video"},
    {"an unknown role", "\"role\": \"retrieved\"", "\"role\": \"chosen\"",
     "key \"frames[4].role\": \"chosen\" is no word that is known here"},
    {"a duplicate of itself", "\"duplicate_of\": 4", "\"duplicate_of\": 5",
     "key \"frames[5].duplicate_of\": is no earlier frame"},
    {"a cosine that is silently absent", "\"cosine\"", "\"cos\"",
     "key \"frames[0].cosine\": is absent, and the notes do not say why"},
    {"a moment past the end", "\"end_s\": 5.5", "\"end_s\": 7.0",
     "key \"moments[1].end_s\": 7 is outside what is left of the video (4.5 to 6 s)"},
    {"a best frame outside its moment", "\"best_s\": 2.25", "\"best_s\": 3.25",
     "key \"moments[0].best_s\": 3.25 is outside its moment (1.5 to 2.5 s)"},
    {"a best frame that is none", "\"best_s\": 2.25", "\"best_s\": 2.0",
     "key \"moments[0].best_s\": is the time of no frame"},
    {"moments out of order", "\"score\": 2.2,\n      \"best_s\"",
     "\"score\": 3.5,\n      \"best_s\"",
     "key \"moments[1].score\": is above the moment in front of it; the best comes first"},
    {"a moment that repeats itself", "\"repeats\": 0", "\"repeats\": 2",
     "key \"moments[2].repeats\": is no better moment"},
    {"a cost below 0", "\"encode_s\": 1.5", "\"encode_s\": -1.5",
     "key \"cost.encode_s\": -1.5 is below 0"},
    {"one argument less", "\"askance\",\n", "", NULL},
    {"an argument that is a number", "\"askance\",\n", "7,\n",
     "key \"reproduce.argv[0]\": expected a string, got the integer 7"},
    {"no threads", "\"threads\": 2", "\"threads\": 0",
     "key \"reproduce.threads\": 0 is not above 0"},
    {"a library without a version", "\"2.14\"", "true",
     "key \"reproduce.libraries.jansson\": expected a string, got true"},
    {"no notes", "\"notes\"", "\"remarks\"", "key \"notes\" is missing"},
    {"a note that is empty", "\"notes\": {", "\"notes\": {\"a.b\": \"\"",
     "key \"notes.a.b\": is empty"},
    {"a field of a later version", "\"notes\": {", "\"mood\": {}, \"notes\": {", NULL},
};

static void every_rule_has_its_message(void **state)
{
    (void)state;
    for (size_t i = 0; i < TEST_COUNT(broken); i++)
        check_change(sample, &broken[i], ASK_ERR_FORMAT);
}

static const char *const notes[] = {
    "video.id.sha256", "video.duration_s", "video.n_frames", "video.vfr",
    "plan.expected_s", "plan.peak_mib",    "frames.index",   "frames.cosine",
    "frames.thumb",    "cost.peak_mib",    "reproduce.seed",
};

static void a_field_is_absent_only_with_its_note(void **state)
{
    (void)state;
    for (size_t i = 0; i < TEST_COUNT(notes); i++) {
        char from[64], to[64], message[128];
        snprintf(from, sizeof from, "\"%s\": \"not asked for\"", notes[i]);
        snprintf(to, sizeof to, "\"x.%s\": \"not asked for\"", notes[i]);
        const char *key = strchr(notes[i], '.');
        bool item = strncmp(notes[i], "frames.", 7) == 0;
        snprintf(message, sizeof message,
                 "key \"%.*s%s%s\": is absent, and the notes do not say why",
                 (int)(key - notes[i]), notes[i], item ? "[0]" : "", key);
        check_change(sparse, &(change){notes[i], from, to, message}, ASK_ERR_FORMAT);
    }
}

static void an_unknown_schema_is_refused(void **state)
{
    (void)state;
    check_change(sample,
                 &(change){"a later version", "askance.find/1", "askance.find/2",
                           "the schema \"askance.find/2\" is none that this version reads"},
                 ASK_ERR_UNSUPPORTED);
}

static void what_is_no_record_at_all_is_refused(void **state)
{
    (void)state;
    static const struct {
        const char *name, *text, *message;
    } cases[] = {
        {"an array", "[]", "a.json: expected an object, got an array"},
        {"an empty text", "", "a.json:1:0: "},
        {"half a document", "{\"schema\": \"askance.find/1\"", "a.json:1:"},
        {"an error", "{\"error\": {}}", "a.json: key \"schema\" is missing"},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        ask_error err = {0};
        const char *text = cases[i].text;
        CHECK_CASE(cases[i].name, !ask_record_parse(text, strlen(text), "a.json", &err));
        CHECK_CASE(cases[i].name, err.code == ASK_ERR_FORMAT);
        if (strncmp(err.message, cases[i].message, strlen(cases[i].message)) != 0)
            fail_msg("case \"%s\": %s", cases[i].name, err.message);
    }
}

static void a_record_is_read_from_a_file(void **state)
{
    (void)state;
    char *dir = test_temp_dir_make();
    ask_error err = {0};
    const char *path = test_path(dir, "a.json");
    assert_null(ask_record_read(path, &err));
    assert_int_equal(err.code, ASK_ERR_IO);
    test_write_text(path, sample);
    ask_record *r = ask_record_read(path, &err);
    if (!r) fail_msg("%s", err.message);
    assert_string_equal(r->query->text, "a red ball");
    ask_record_free(r);
    test_temp_dir_remove(dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_rule_has_its_message),
        cmocka_unit_test(a_field_is_absent_only_with_its_note),
        cmocka_unit_test(an_unknown_schema_is_refused),
        cmocka_unit_test(what_is_no_record_at_all_is_refused),
        cmocka_unit_test(a_record_is_read_from_a_file),
    };
    return cmocka_run_group_tests(tests, write_samples, free_samples);
}
