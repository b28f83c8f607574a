/* text/chat.h - a conversation as the text that a language model was trained to go on from.
 *
 * The form is the chat template of the checkpoint, as transformers finds it:
 * "chat_template" in processor_config.json, chat_template.json, chat_template.jinja,
 * "chat_template" in tokenizer_config.json (of several the one named "default"). Where none
 * is published, one of our own by name:
 *
 *     vicuna_v1         Vicuna 1.1 and LLaVA 1: a system sentence, USER: and ASSISTANT:
 *     llava_v1          LLaVA 1.5 and LLaVA-NeXT-Video: the same without the sentence
 *     video_chatgpt_v1  Video-ChatGPT when it answers; the video stands behind the question
 *     llama2            [INST] with <<SYS>>
 *     llama3            headers with <|start_header_id|>
 *     chatml            <|im_start|>, with Qwen2's system sentence where none is given
 *     mistral           [INST], the system's text before the first question
 *     blip2             Question: and Answer:, behind what is shown
 *     instructblip      what is said as it is, behind what is shown
 *     gif_qa            context:, question: and answer, with a seam (U+001F) where tokens
 *                       are made apart
 *     st_llm            ST-LLM on InstructBLIP: ###Human: and ###Assistant: behind what is
 *                       shown and a system sentence
 *     st_llm_minigpt4   the same on MiniGPT-4: what is shown stands in <Video></Video>
 *
 * Texts are put in as they are: what looks like a special token in them becomes one.
 *
 * A chat is read-only: threads share it. */
#ifndef ASK_TEXT_CHAT_H
#define ASK_TEXT_CHAT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/json.h"

typedef struct ask_chat ask_chat;

/* dir      a checkpoint folder; NULL for a built-in template with the tokens that belong
 *          to it
 * builtin  the template to take where the folder publishes none; NULL: that is an error
 * Fails: ASK_ERR_USAGE for a name that is not one of the list, ASK_ERR_MODEL where there is
 * no template or what is there is malformed, ASK_ERR_UNSUPPORTED naming the construct,
 * ASK_ERR_IO, ASK_ERR_LIMIT, ASK_ERR_NOMEM. */
ASK_API ask_chat *ask_chat_open(const char *dir, const char *builtin, ask_error *err);

/* The same from the text of a tokenizer_config.json; name stands in messages and is the
 * source of its template. */
ASK_API ask_chat *ask_chat_parse(const char *config, size_t n_bytes, const char *name,
                                 const char *builtin, ask_error *err);

ASK_API void ask_chat_close(ask_chat *c); // NULL is fine

/* The file that the template is from, or the name of a built-in one. Borrowed. */
ASK_API const char *ask_chat_source(const ask_chat *c);

/* Names of the built-in templates; ends with NULL. */
ASK_API extern const char *const ask_chat_builtins[];

/* Text that begins the sequence, "<s>", and ends an answer; NULL: the checkpoint has none.
 * Borrowed. */
ASK_API const char *ask_chat_bos(const ask_chat *c);
ASK_API const char *ask_chat_eos(const ask_chat *c);

typedef enum { ASK_CHAT_TEXT, ASK_CHAT_IMAGE, ASK_CHAT_VIDEO } ask_chat_part_kind;

typedef struct {
    ask_chat_part_kind kind;
    const char *text; // UTF-8, of a text; NULL for media
} ask_chat_part;

typedef struct {
    const char *role; // "system", "user", "assistant"; others as the template knows them
    const ask_chat_part *parts;
    int n_parts;
} ask_chat_message;

typedef struct {
    size_t struct_size;         // set by ask_chat_defaults
    bool add_generation_prompt; // end with what begins an answer
    const char *image_mark;     // what stands for media where the template does not say, in
    const char *video_mark;     // built-in ones and in those that know no media; or NULL
    ask_json_value variables;   // more for the template ("tools"): an object, or absent
    int64_t now_unix_s;         // as in ask_template_limits
} ask_chat_options;

/* The beginning of an answer, "<image>", "<video>". */
ASK_API ask_chat_options ask_chat_defaults(void);

typedef struct {
    char *text;   // owned
    bool has_bos; // it begins with ask_chat_bos: the tokenizer must not put it there again
} ask_chat_prompt;
ASK_API void ask_chat_prompt_free(ask_chat_prompt *p); // leaves {0}; a {0} is fine

/* What the template makes of a conversation. Parts reach templates that take them in their
 * order. For others a message is one string: marks of its media, each with an end of line
 * behind it, then its texts.
 *
 * opt     NULL for the default
 * Fails: ASK_ERR_USAGE where the template refuses the conversation, with its words, and as
 * ask_template_render; *out is untouched. */
ASK_API bool ask_chat_render(ask_chat_prompt *out, const ask_chat *c,
                             const ask_chat_message *messages, int n_messages,
                             const ask_chat_options *opt, ask_error *err);

#endif
