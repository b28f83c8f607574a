/* base/zip_write.h - make a .zip archive in memory, its entries stored as they are.
 *
 *     ask_str archive = {0};
 *     ask_zip_writer w = {.out = &archive};
 *     ask_zip_put(&w, "a/b.txt", text, n_bytes);
 *     bool ok = ask_zip_end(&w, err) && ask_file_write(path, archive.data, ...);
 *
 * The same entries give the same bytes: times are those of 1980, as ZIP counts from there.
 * Names are UTF-8, each once. After: PKWARE's APPNOTE.TXT 6.3.10, section 4.3. */
#ifndef ASK_BASE_ZIP_WRITE_H
#define ASK_BASE_ZIP_WRITE_H

#include <stddef.h>

#include "base/api.h"
#include "base/error.h"
#include "base/str.h"

typedef struct {
    ask_str *out;  // borrowed, empty at first; the archive is appended to it
    ask_str list;  // private: of the entries, which stands at the end
    size_t n;      // private: entries
    bool too_much; // private
} ask_zip_writer;

ASK_API void ask_zip_put(ask_zip_writer *w, const char *name, const void *bytes,
                         size_t n_bytes);

/* Appends the list of entries and frees what the writer holds. Fails: ASK_ERR_NOMEM;
 * ASK_ERR_LIMIT for 4 GiB, for 65535 entries or a name of 64 KiB, or for more. */
ASK_API bool ask_zip_end(ask_zip_writer *w, ask_error *err);

#endif
