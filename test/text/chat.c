/* Conversations as prompts: built-in templates, the files of a checkpoint, and what of a
 * message reaches which template. */
#include <stdlib.h>
#include <string.h>

#include "support/testing.h"
#include "text/chat.h"

#define VICUNA                                                                             \
    "A chat between a curious user and an artificial intelligence assistant. The "         \
    "assistant gives helpful, detailed, and polite answers to the user's questions."
#define VIDEO_CHATGPT                                                                      \
    "You are Video-ChatGPT, a large vision-language assistant. You are able to "           \
    "understand the video content that the user provides, and assist the user with a "     \
    "variety of tasks using natural language.Follow the instructions carefully and "       \
    "explain your answers in detail based on the provided video."

#define ST_LLM                                                                             \
    "Carefully watch the video and pay attention to the cause and sequence of events, "    \
    "the "                                                                                 \
    "detail and movement of objects, and the action and pose of persons. Based on your "   \
    "observations, give your answer that best addresses the question."
#define ST_LLM_MINIGPT4                                                                    \
    "Give the following video: <Video>VideoContent</Video>. You will be able to see the "  \
    "video once I provide it to you. Please answer my questions."

static const ask_chat_part video_question[] = {{ASK_CHAT_VIDEO, NULL},
                                               {ASK_CHAT_TEXT, "Who?"}};
static const ask_chat_part system_text[] = {{ASK_CHAT_TEXT, "Be brief."}};
static const ask_chat_part answer[] = {{ASK_CHAT_TEXT, "A dog."}};
static const ask_chat_part question[] = {{ASK_CHAT_TEXT, "Where \xC3\xA9?"}};

static const ask_chat_message one[] = {{"user", video_question, 2}};
static const ask_chat_message several[] = {
    {"system", system_text, 1},
    {"user", video_question, 2},
    {"assistant", answer, 1},
    {"user", question, 1},
};

static char *prompt_of(const ask_chat *c, const ask_chat_message *m, int n, bool asks,
                       bool *has_bos)
{
    ask_error err = {0};
    ask_chat_prompt p = {0};
    ask_chat_options o = ask_chat_defaults();
    o.add_generation_prompt = asks;
    CHECK_OK(ask_chat_render(&p, c, m, n, &o, &err), &err);
    if (has_bos) *has_bos = p.has_bos;
    return p.text;
}

static void check_prompt(const char *name, const ask_chat *c, const ask_chat_message *m,
                         int n, bool asks, const char *expected)
{
    char *text = prompt_of(c, m, n, asks, NULL);
    if (strcmp(text, expected) != 0)
        fail_msg("%s:\ngot      \"%s\"\nexpected \"%s\"", name, text, expected);
    free(text);
}

/* ---- built-in ones ---- */

static const struct {
    const char *name;
    bool has_bos;
    const char *one, *several;
} builtins[] = {
    {"vicuna_v1", false, VICUNA " USER: <video>\nWho? ASSISTANT:",
     "Be brief. USER: <video>\nWho? ASSISTANT: A dog.</s>USER: Where \xC3\xA9? ASSISTANT:"},
    {"llava_v1", false, "USER: <video>\nWho? ASSISTANT:",
     "Be brief. USER: <video>\nWho? ASSISTANT: A dog.</s>USER: Where \xC3\xA9? ASSISTANT:"},
    {"video_chatgpt_v1", false, VIDEO_CHATGPT " USER: Who?\n<video> ASSISTANT:",
     "Be brief. USER: Who?\n<video> ASSISTANT: A dog.</s>USER: Where \xC3\xA9? ASSISTANT:"},
    {"llama2", true, "<s>[INST] <video>\nWho? [/INST]",
     "<s>[INST] <<SYS>>\nBe brief.\n<</SYS>>\n\n<video>\nWho? [/INST] A dog. </s>"
     "<s>[INST] Where \xC3\xA9? [/INST]"},
    {"llama3", true,
     "<|begin_of_text|><|start_header_id|>user<|end_header_id|>\n\n<video>\nWho?<|eot_id|>"
     "<|start_header_id|>assistant<|end_header_id|>\n\n",
     "<|begin_of_text|><|start_header_id|>system<|end_header_id|>\n\nBe brief.<|eot_id|>"
     "<|start_header_id|>user<|end_header_id|>\n\n<video>\nWho?<|eot_id|>"
     "<|start_header_id|>assistant<|end_header_id|>\n\nA dog.<|eot_id|>"
     "<|start_header_id|>user<|end_header_id|>\n\nWhere \xC3\xA9?<|eot_id|>"
     "<|start_header_id|>assistant<|end_header_id|>\n\n"},
    {"chatml", false,
     "<|im_start|>system\nYou are a helpful assistant.<|im_end|>\n"
     "<|im_start|>user\n<video>\nWho?<|im_end|>\n<|im_start|>assistant\n",
     "<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\n<video>\nWho?<|im_end|>\n"
     "<|im_start|>assistant\nA dog.<|im_end|>\n<|im_start|>user\nWhere "
     "\xC3\xA9?<|im_end|>\n"
     "<|im_start|>assistant\n"},
    {"mistral", true, "<s>[INST] <video>\nWho? [/INST]",
     "<s>[INST] Be brief.\n\n<video>\nWho? [/INST]A dog.</s>[INST] Where \xC3\xA9? "
     "[/INST]"},
    {"blip2", false, "<video>Question: Who? Answer:",
     "<video>Be brief. Question: Who? Answer: A dog. Question: Where \xC3\xA9? Answer:"},
    {"instructblip", false, "<video>Who?",
     "<video>Be brief.\nWho?\nA dog.\nWhere \xC3\xA9?"},
    {"gif_qa", false,
     " context:<video>\x1Fquestion: \x1FWho?\x1F"
     "answer \x1F",
     " context:<video>\x1Fquestion: \x1FWho?\x1F"
     "answer \x1F"
     "A dog.\x1Fquestion: \x1F"
     "Where \xC3\xA9?\x1F"
     "answer \x1F"},
    {"st_llm", false, "<video>" ST_LLM "\n###Human: Who? ###Assistant: ",
     "<video>Be brief.\n###Human: Who? ###Assistant: A dog.###Human: Where \xC3\xA9? "
     "###Assistant: "},
    {"st_llm_minigpt4", false,
     ST_LLM_MINIGPT4 "###Human: <Video><video></Video> Who?###Assistant: ",
     "Be brief.###Human: <Video><video></Video> Who?###Assistant: A dog.###Human: Where "
     "\xC3\xA9?###Assistant: "},
};

static void built_in_templates_write_the_published_forms(void **state)
{
    (void)state;
    for (size_t i = 0; i < TEST_COUNT(builtins); i++) {
        ask_error err = {0};
        ask_chat *c;
        bool has_bos;
        CHECK_OK(c = ask_chat_open(NULL, builtins[i].name, &err), &err);
        assert_string_equal(ask_chat_builtins[i], builtins[i].name);
        assert_string_equal(ask_chat_source(c), builtins[i].name);
        check_prompt(builtins[i].name, c, one, 1, true, builtins[i].one);
        check_prompt(builtins[i].name, c, several, 4, true, builtins[i].several);
        free(prompt_of(c, one, 1, true, &has_bos));
        CHECK_CASE(builtins[i].name, has_bos == builtins[i].has_bos);
        ask_chat_close(c);
    }
    assert_null(ask_chat_builtins[TEST_COUNT(builtins)]);
}

static void turns_out_of_order_are_refused_in_words(void **state)
{
    (void)state;
    ask_error err = {0};
    ask_chat *c;
    ask_chat_prompt p = {0};
    const ask_chat_message twice[] = {{"user", question, 1}, {"user", question, 1}};
    CHECK_OK(c = ask_chat_open(NULL, "vicuna_v1", &err), &err);
    assert_false(ask_chat_render(&p, c, twice, 2, NULL, &err));
    assert_int_equal(err.code, ASK_ERR_USAGE);
    assert_non_null(
        strstr(err.message, "a turn of user stands where assistant was expected"));
    assert_null(p.text);
    ask_chat_close(c);
}

/* ---- files of a checkpoint ---- */

#define BY_STRING                                                                          \
    "{% for m in messages %}[{{ m['role'] }}]{{ m['content'] | trim }}{{ eos_token }}"     \
    "{% endfor %}"
#define BY_PARTS                                                                           \
    "{{ bos_token }}{% for m in messages %}[{{ m.role }}]{% for p in m.content %}"         \
    "{{ p.text if p.type == 'text' else '<|' ~ p.type ~ '|>' }}{% endfor %}{% endfor %}"
#define IMAGES_ONLY                                                                        \
    "{% for m in messages %}{% if m.content is string %}{{ m.content }}{% else %}"         \
    "{% for p in m.content %}{% if p.type == 'image' %}<IMG>{% elif p.type == 'text' %}"   \
    "{{ p.text }}{% endif %}{% endfor %}{% endif %}{% endfor %}"

typedef struct {
    const char *name, *text;
} file;

static const struct {
    const char *name;
    file files[5];
    const char *source;   // the end of it
    const char *expected; // of `several`
} folders[] = {
    {"a string in tokenizer_config.json",
     {{"tokenizer_config.json",
       "{\"chat_template\":\"{% for m in messages %}{{ m.content }};{% endfor %}\"}"}},
     "tokenizer_config.json",
     "Be brief.;<video>\nWho?;A dog.;Where \xC3\xA9?;"},
    {"a list in tokenizer_config.json",
     {{"tokenizer_config.json",
       "{\"chat_template\":[{\"name\":\"rag\",\"template\":\"no\"},"
       "{\"name\":\"default\",\"template\":\"{{ messages | length }}{{ eos_token }}\"}],"
       "\"eos_token\":{\"content\":\"<e>\"}}"}},
     "tokenizer_config.json",
     "4<e>"},
    {"a file comes before tokenizer_config.json",
     {{"tokenizer_config.json", "{\"chat_template\":\"no\",\"eos_token\":\"<e>\"}"},
      {"chat_template.jinja", BY_STRING "\n"}},
     "chat_template.jinja",
     "[system]Be brief.<e>[user]<video>\nWho?<e>[assistant]A dog.<e>[user]Where "
     "\xC3\xA9?<e>"},
    {"chat_template.json comes before the file",
     {{"chat_template.jinja", "no"},
      {"chat_template.json", "{\"chat_template\":\"{{ messages[0].role }}\"}"}},
     "chat_template.json",
     "system"},
    {"processor_config.json comes first",
     {{"chat_template.json", "{\"chat_template\":\"no\"}"},
      {"processor_config.json", "{\"chat_template\":\"{{ messages[1].role }}\"}"}},
     "processor_config.json",
     "user"},
    {"parts are given to who takes parts",
     {{"chat_template.jinja", BY_PARTS},
      {"special_tokens_map.json", "{\"bos_token\":\"<b>\"}"}},
     "chat_template.jinja",
     "<b>[system]Be brief.[user]<|video|>Who?[assistant]A dog.[user]Where \xC3\xA9?"},
    {"a mark stands for a medium that is not known",
     {{"chat_template.jinja", IMAGES_ONLY}},
     "chat_template.jinja",
     "Be brief.<video>\nWho?A dog.Where \xC3\xA9?"},
    {"a built-in one with the checkpoint's tokens",
     {{"tokenizer_config.json", "{\"eos_token\":\"<e>\",\"bos_token\":null}"}},
     "llava_v1",
     "Be brief. USER: <video>\nWho? ASSISTANT: A dog.<e>USER: Where \xC3\xA9? ASSISTANT:"},
};

static void write_folder(const char *dir, const file files[5])
{
    for (int i = 0; i < 5 && files[i].name; i++)
        test_write_text(test_path(dir, files[i].name), files[i].text);
}

static bool ends_with(const char *text, const char *end)
{
    size_t n = strlen(text), k = strlen(end);
    return n >= k && strcmp(text + n - k, end) == 0;
}

static void the_template_of_a_folder_is_found_as_transformers_finds_it(void **state)
{
    (void)state;
    for (size_t i = 0; i < TEST_COUNT(folders); i++) {
        ask_error err = {0};
        ask_chat *c;
        char *dir = test_temp_dir_make();
        write_folder(dir, folders[i].files);
        CHECK_OK(c = ask_chat_open(dir, "llava_v1", &err), &err);
        CHECK_CASE(folders[i].name, ends_with(ask_chat_source(c), folders[i].source));
        check_prompt(folders[i].name, c, several, 4, true, folders[i].expected);
        ask_chat_close(c);
        test_temp_dir_remove(dir);
    }
}

static void a_prompt_tells_whether_it_begins_with_bos(void **state)
{
    (void)state;
    ask_error err = {0};
    ask_chat *c;
    bool has_bos;
    char *dir = test_temp_dir_make();
    const file files[5] = {{"chat_template.jinja", BY_PARTS},
                           {"tokenizer_config.json", "{\"bos_token\":\"<b>\"}"}};
    write_folder(dir, files);
    CHECK_OK(c = ask_chat_open(dir, NULL, &err), &err);
    free(prompt_of(c, one, 1, false, &has_bos));
    assert_true(has_bos);
    assert_string_equal(ask_chat_bos(c), "<b>");
    assert_null(ask_chat_eos(c));
    ask_chat_close(c);
    test_temp_dir_remove(dir);
}

static void marks_and_variables_are_the_callers(void **state)
{
    (void)state;
    ask_error err = {0};
    ask_chat *c;
    ask_chat_prompt p = {0};
    ask_chat_options o = ask_chat_defaults();
    char *dir = test_temp_dir_make();
    test_write_text(test_path(dir, "chat_template.jinja"),
                    "{{ messages[0].content }}|{{ tools | tojson }}|{{ bos_token }}");
    CHECK_OK(c = ask_chat_open(dir, NULL, &err), &err);
    const char extra[] = "{\"tools\":[1],\"bos_token\":\"<x>\"}";
    ask_json *doc;
    CHECK_OK(doc = ask_json_parse(extra, strlen(extra), "extra", NULL, &err), &err);
    o.video_mark = "<V>";
    o.variables = ask_json_root(doc);
    CHECK_OK(ask_chat_render(&p, c, one, 1, &o, &err), &err);
    assert_string_equal(p.text, "<V>\nWho?|[1]|<x>");
    ask_chat_prompt_free(&p);
    ask_json_free(doc);
    ask_chat_close(c);
    test_temp_dir_remove(dir);
}

/* ---- errors ---- */

static const struct {
    const char *name;
    file files[5];
    const char *builtin;
    ask_error_code code;
    const char *message; // part of it
} refused[] = {
    {"nothing published", {{0}}, NULL, ASK_ERR_MODEL, "publishes no chat template"},
    {"no such name",
     {{0}},
     "vicuna_v9",
     ASK_ERR_USAGE,
     "there is no chat template \"vicuna_v9\"; there are vicuna_v1, llava_v1"},
    {"malformed",
     {{"chat_template.jinja", "a\n{% if %}"}},
     NULL,
     ASK_ERR_MODEL,
     "chat_template.jinja:2: expected an expression, got %}"},
    {"not supported",
     {{"chat_template.jinja", "{% include 'x' %}"}},
     NULL,
     ASK_ERR_UNSUPPORTED,
     "chat_template.jinja:1: {% include %} is not supported"},
    {"no default",
     {{"tokenizer_config.json", "{\"chat_template\":[]}"}},
     NULL,
     ASK_ERR_MODEL,
     "has no template named \"default\""},
    {"of another type",
     {{"chat_template.json", "{\"chat_template\":5}"}},
     NULL,
     ASK_ERR_MODEL,
     "expected a string"},
    {"not JSON",
     {{"chat_template.json", "{"}},
     NULL,
     ASK_ERR_MODEL,
     "chat_template.json:1"},
};

static void a_folder_without_a_good_template_is_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < TEST_COUNT(refused); i++) {
        ask_error err = {0};
        char *dir = test_temp_dir_make();
        write_folder(dir, refused[i].files);
        ask_chat *c = ask_chat_open(dir, refused[i].builtin, &err);
        CHECK_CASE(refused[i].name, !c);
        if (err.code != refused[i].code || !strstr(err.message, refused[i].message))
            fail_msg("case \"%s\": code %d, %s", refused[i].name, err.code, err.message);
        test_temp_dir_remove(dir);
    }
}

static bool attempt(void *user, ask_error *err)
{
    ask_chat_prompt p = {0};
    ask_chat *c = ask_chat_open(user, "llava_v1", err);
    bool ok = c && ask_chat_render(&p, c, several, 4, NULL, err);
    ask_chat_prompt_free(&p);
    ask_chat_close(c);
    return ok;
}

static void every_allocation_may_fail(void **state)
{
    (void)state;
    char *dir = test_temp_dir_make();
    test_write_text(test_path(dir, "tokenizer_config.json"), "{\"bos_token\":\"<b>\"}");
    test_write_text(test_path(dir, "chat_template.jinja"), BY_PARTS);
    assert_true(test_each_alloc_fails("a published one", attempt, dir) > 50);
    test_temp_dir_remove(dir);
    assert_true(test_each_alloc_fails("a built-in one", attempt, NULL) > 50);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(built_in_templates_write_the_published_forms),
        cmocka_unit_test(turns_out_of_order_are_refused_in_words),
        cmocka_unit_test(the_template_of_a_folder_is_found_as_transformers_finds_it),
        cmocka_unit_test(a_prompt_tells_whether_it_begins_with_bos),
        cmocka_unit_test(marks_and_variables_are_the_callers),
        cmocka_unit_test(a_folder_without_a_good_template_is_refused),
        cmocka_unit_test(every_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
