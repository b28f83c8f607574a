#include "text/chat_builtin_priv.h"

#include <string.h>

#include "text/chat.h"

/* The marks of a message's media, each on its line, and its texts. */
#define SAID                                                                               \
    "{%- macro texts(m) -%}\n"                                                             \
    "{{ m.content | selectattr('type', 'equalto', 'text') | map(attribute='text')"         \
    " | join('\\n') }}\n"                                                                  \
    "{%- endmacro -%}\n"                                                                   \
    "{%- macro media(m) -%}\n"                                                             \
    "{%- for p in m.content if p.type != 'text' -%}\n"                                     \
    "{{ (image_mark if p.type == 'image' else video_mark) ~ '\\n' }}\n"                    \
    "{%- endfor -%}\n"                                                                     \
    "{%- endmacro -%}\n"                                                                   \
    "{%- macro said(m) -%}{{ media(m) }}{{ texts(m) }}{%- endmacro -%}\n"

/* The turns behind a system message, and its text. */
#define SYSTEM                                                                             \
    "{%- set turns = messages -%}\n"                                                       \
    "{%- if messages and messages[0].role == 'system' -%}\n"                               \
    "{%- set system = texts(messages[0]) -%}\n"                                            \
    "{%- set turns = messages[1:] -%}\n"                                                   \
    "{%- endif -%}\n"

/* Turns of user and assistant, one after the other. */
#define CHECKED                                                                            \
    "{%- if m.role != ('user' if loop.index0 is even else 'assistant') -%}\n"              \
    "{{ raise_exception('a turn of ' ~ m.role ~ ' stands where '"                          \
    " ~ ('user' if loop.index0 is even else 'assistant') ~ ' was expected') }}\n"          \
    "{%- endif -%}\n"

/* USER: and ASSISTANT: behind a sentence. said is how a question is written. */
#define COLONS(said)                                                                       \
    "{{ system ~ ' ' if system }}\n"                                                       \
    "{%- for m in turns -%}\n" CHECKED "{%- if m.role == 'user' -%}\n"                     \
    "{{ 'USER: ' ~ " said " ~ ' ' }}\n"                                                    \
    "{%- else -%}\n"                                                                       \
    "{{ 'ASSISTANT: ' ~ texts(m) ~ eos_token }}\n"                                         \
    "{%- endif -%}\n"                                                                      \
    "{%- endfor -%}\n"                                                                     \
    "{{ 'ASSISTANT:' if add_generation_prompt }}"

static const char vicuna_v1[] =
    SAID "{%- set system = 'A chat between a curious user and an artificial intelligence "
         "assistant. The assistant gives helpful, detailed, and polite answers to the "
         "user\\'s questions.' -%}\n" SYSTEM COLONS("said(m)");

static const char llava_v1[] = SAID "{%- set system = '' -%}\n" SYSTEM COLONS("said(m)");

// As published, without a space before the last sentence.
static const char video_chatgpt_v1[] =
    SAID "{%- set system = 'You are Video-ChatGPT, a large vision-language assistant. You "
         "are able to understand the video content that the user provides, and assist the "
         "user with a variety of tasks using natural language.Follow the instructions "
         "carefully and explain your answers in detail based on the provided video.' "
         "-%}\n" SYSTEM COLONS("texts(m) ~ ('\\n' if media(m)) ~ media(m)[:-1]");

static const char llama2[] =
    SAID "{%- set system = '' -%}\n" SYSTEM "{%- for m in turns -%}\n" CHECKED
         "{%- if m.role == 'user' -%}\n"
         "{%- set first = '<<SYS>>\\n' ~ system ~ '\\n<</SYS>>\\n\\n'"
         " if loop.first and system -%}\n"
         "{{ bos_token ~ '[INST] ' ~ (first ~ said(m)).strip() ~ ' [/INST]' }}\n"
         "{%- else -%}\n"
         "{{ ' ' ~ texts(m).strip() ~ ' ' ~ eos_token }}\n"
         "{%- endif -%}\n"
         "{%- endfor -%}\n";

static const char mistral[] =
    SAID "{%- set system = '' -%}\n" SYSTEM "{{ bos_token }}\n"
         "{%- for m in turns -%}\n" CHECKED "{%- if m.role == 'user' -%}\n"
         "{{ '[INST] ' ~ (system ~ '\\n\\n' if loop.first and system) ~ said(m)"
         " ~ ' [/INST]' }}\n"
         "{%- else -%}\n"
         "{{ texts(m) ~ eos_token }}\n"
         "{%- endif -%}\n"
         "{%- endfor -%}\n";

static const char llama3[] =
    SAID "{{ bos_token }}\n"
         "{%- for m in messages -%}\n"
         "{{ '<|start_header_id|>' ~ m.role ~ '<|end_header_id|>\\n\\n' ~ said(m).strip()"
         " ~ '<|eot_id|>' }}\n"
         "{%- endfor -%}\n"
         "{{ '<|start_header_id|>assistant<|end_header_id|>\\n\\n'"
         " if add_generation_prompt }}";

static const char chatml[] =
    SAID "{%- if not messages or messages[0].role != 'system' -%}\n"
         "{{ '<|im_start|>system\\nYou are a helpful assistant.<|im_end|>\\n' }}\n"
         "{%- endif -%}\n"
         "{%- for m in messages -%}\n"
         "{{ '<|im_start|>' ~ m.role ~ '\\n' ~ said(m) ~ '<|im_end|>\\n' }}\n"
         "{%- endfor -%}\n"
         "{{ '<|im_start|>assistant\\n' if add_generation_prompt }}";

/* What is shown, in one line with what follows. */
#define SHOWN                                                                              \
    "{%- for m in turns if m.role == 'user' -%}{{ media(m)[:-1] }}{%- endfor -%}\n"

static const char blip2[] =
    SAID "{%- set system = '' -%}\n" SYSTEM SHOWN "{{ system ~ ' ' if system }}\n"
         "{%- for m in turns -%}\n" CHECKED "{%- if m.role == 'user' -%}\n"
         "{{ 'Question: ' ~ texts(m) ~ ' Answer:' }}\n"
         "{%- else -%}\n"
         "{{ ' ' ~ texts(m) ~ (' ' if texts(m).endswith('.') else '. ') }}\n"
         "{%- endif -%}\n"
         "{%- endfor -%}\n";

static const char instructblip[] =
    SAID "{%- set system = '' -%}\n" SYSTEM SHOWN "{{ system ~ '\n' if system }}\n"
         "{%- for m in turns -%}\n" CHECKED "{{ texts(m) ~ ('\n' if not loop.last) }}\n"
         "{%- endfor -%}\n";

/* Human: and Assistant: behind a sentence. said is how a question is written. */
#define SIGNED(said)                                                                       \
    "{%- for m in turns -%}\n" CHECKED "{%- if m.role == 'user' -%}\n"                     \
    "{{ '###Human: ' ~ " said " }}\n"                                                      \
    "{%- else -%}\n"                                                                       \
    "{{ '###Assistant: ' ~ texts(m) }}\n"                                                  \
    "{%- endif -%}\n"                                                                      \
    "{%- endfor -%}\n"                                                                     \
    "{{ '###Assistant: ' if add_generation_prompt }}"

static const char st_llm[] =
    SAID "{%- set system = 'Carefully watch the video and pay attention to the cause and "
         "sequence of events, the detail and movement of objects, and the action and pose "
         "of persons. Based on your observations, give your answer that best addresses the "
         "question.' -%}\n" SYSTEM SHOWN
         "{{ system ~ '\n' if system }}\n" SIGNED("texts(m) ~ ' '");

static const char st_llm_minigpt4[] = SAID
    "{%- set system = 'Give the following video: <Video>VideoContent</Video>. You will "
    "be able to see the video once I provide it to you. Please answer my questions.' "
    "-%}\n" SYSTEM "{{ system }}\n" SIGNED(
        "('<Video>' ~ media(m)[:-1] ~ '</Video> ' if media(m)) ~ texts(m)");

// Its parts are made tokens apart: between them stands the seam of its network.
#define SEAM "\x1F"
static const char gif_qa[] =
    SAID "{%- set system = '' -%}\n" SYSTEM "{{ ' context:' }}" SHOWN
         "{%- for m in turns -%}\n" CHECKED "{%- if m.role == 'user' -%}\n"
         "{{ '" SEAM "question: " SEAM "' ~ texts(m) ~ '" SEAM "answer " SEAM "' }}\n"
         "{%- else -%}\n"
         "{{ texts(m) }}\n"
         "{%- endif -%}\n"
         "{%- endfor -%}\n";

const ask_chat_builtin ask_chat_builtin_rows[] = {
    {"vicuna_v1", "<s>", "</s>", vicuna_v1},
    {"llava_v1", "<s>", "</s>", llava_v1},
    {"video_chatgpt_v1", "<s>", "</s>", video_chatgpt_v1},
    {"llama2", "<s>", "</s>", llama2},
    {"llama3", "<|begin_of_text|>", "<|eot_id|>", llama3},
    {"chatml", NULL, "<|im_end|>", chatml},
    {"mistral", "<s>", "</s>", mistral},
    {"blip2", NULL, NULL, blip2},
    {"instructblip", NULL, NULL, instructblip},
    {"gif_qa", NULL, NULL, gif_qa},
    {"st_llm", "<s>", "</s>", st_llm},
    {"st_llm_minigpt4", "<s>", "</s>", st_llm_minigpt4},
    {0},
};

const char *const ask_chat_builtins[] = {
    "vicuna_v1", "llava_v1", "video_chatgpt_v1", "llama2", "llama3", "chatml",
    "mistral",   "blip2",    "instructblip",     "gif_qa", "st_llm", "st_llm_minigpt4",
    NULL,
};

const ask_chat_builtin *ask_chat_builtin_find(const char *name)
{
    for (const ask_chat_builtin *b = ask_chat_builtin_rows; b->name; b++)
        if (strcmp(b->name, name) == 0) return b;
    return NULL;
}
