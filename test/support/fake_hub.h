/* support/fake_hub.h - a hub with one model, as Hugging Face's answers, and what may go
 * wrong with it. Large files (lfs) are on another host, to which it redirects. */
#ifndef SUPPORT_FAKE_HUB_H
#define SUPPORT_FAKE_HUB_H

#include "support/http_server.h"

#define FAKE_COMMIT "0123456789abcdef0123456789abcdef01234567"

/* What goes wrong with a file, the first n_faults times that its bytes are asked for. */
typedef enum {
    FAKE_FINE,
    FAKE_CUT,         // the connection ends in the middle
    FAKE_STALL,       // nothing more comes after the middle
    FAKE_NO_RANGE,    // all of it comes whatever was asked for
    FAKE_OTHER_RANGE, // a part that was not asked for
    FAKE_416,
    FAKE_416_CUT,     // parts are refused, and all of it is cut
    FAKE_WRONG_BYTES, // of the right size
    FAKE_SHORT,       // a byte less, and so it says
    FAKE_LONG,        // a byte more, without saying so
    FAKE_403,
    FAKE_404,
    FAKE_500,
} fake_fault;

typedef struct {
    const char *path;
    const char *bytes;
    size_t n_bytes;
    bool lfs;
    fake_fault fault;
    int n_faults;
} fake_file;

enum { FAKE_MOST_FILES = 24 };

typedef struct {
    http_server *server, *store; // the hub itself; the other host
    fake_file files[FAKE_MOST_FILES];
    int n_files;
    const char *token;   // who does not send it gets 401; NULL: all may read
    bool gated;          // files, but not the listing, are refused with 403
    const char *listing; // in place of the real one; NULL
    size_t listing_bytes;
    const char *redirect; // of the large files, in place of the other host; NULL
    bool no_sizes;        // the listing leaves sizes and hashes out
    bool no_hashes;       // nobody tells hashes
    bool no_revisions;    // the listing is told of the model alone
    int n_500;            // so many times the listing is answered with 500
    char body[1 << 16];   // of the last answer
    char headers[1024];
} fake_hub;

/* The hub has config.json, a tokenizer, model.safetensors (bytes that are none) and files
 * that nobody here reads. */
fake_hub *fake_hub_open(void);
void fake_hub_close(fake_hub *h);

/* Adds a file, or changes one; bytes are borrowed. */
fake_file *fake_hub_put(fake_hub *h, const char *path, const char *bytes, size_t n_bytes,
                        bool lfs);
fake_file *fake_hub_file(fake_hub *h, const char *path);

/* The hash that the hub tells of a file. */
void fake_hub_hash(char out[65], const fake_file *file);

/* How many requests for this file's bytes a server had, and from where on the last was. */
int fake_hub_n_asked(http_server *s, const char *path, int64_t *last_begin);

#endif
