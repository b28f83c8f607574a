/* text/chat_builtin_priv.h - chat templates of our own, for checkpoints that publish none.
 */
#ifndef ASK_TEXT_CHAT_BUILTIN_PRIV_H
#define ASK_TEXT_CHAT_BUILTIN_PRIV_H

typedef struct {
    const char *name;
    const char *bos, *eos; // where the checkpoint does not say
    const char *text;      // Jinja; content is a list of parts, media are written as the
                           // variables image_mark and video_mark
} ask_chat_builtin;

extern const ask_chat_builtin ask_chat_builtin_rows[]; // ends with {0}

/* NULL: there is none of that name. */
const ask_chat_builtin *ask_chat_builtin_find(const char *name);

#endif
