/* base/zip.h - read .zip archives (zip64 too), as torch, NumPy and data sets use them.
 *
 *     ask_zip *zip = ask_zip_open("weights.pt", err);
 *     ask_zip_find(&i, zip, "archive/data.pkl")
 *     ask_zip_read(&bytes, &n_bytes, zip, i, 64 << 20, err)
 *     ...
 *     ask_zip_close(zip);
 *
 * Opening reads the archive's list of entries and checks each against the bytes that it
 * names: they lie in front of the list, no two entries share any, and name, sizes and
 * checksum are the same there as in the list. An archive is refused whole when an entry is
 * encrypted, is compressed by other means than deflate, or has a name that is used twice,
 * is empty, absolute, has a NUL or has ".." as a part (parts end at '/' and at '\'). What
 * is compressed is never larger than deflate can make it of its bytes, so a size that lies
 * is told before memory is taken for it; a true bomb is what the max_bytes of a read is
 * for. Bytes in front of the archive are allowed, behind it not.
 *
 * After: PKWARE's APPNOTE.TXT 6.3.10, sections 4.3 to 4.5. With zip_write.c the
 * only code that knows zlib.
 * An open archive may be read by many threads. */
#ifndef ASK_BASE_ZIP_H
#define ASK_BASE_ZIP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/api.h"
#include "base/error.h"

typedef struct ask_zip ask_zip;

typedef struct {
    const char *name;    // bytes as in the archive; a folder's ends with '/'
    bool is_stored;      // not compressed: its bytes are packed_bytes from offset on
    uint32_t crc;        // CRC-32 of the unpacked bytes
    size_t offset;       // of the packed bytes, from the beginning of the archive
    size_t packed_bytes; // in the archive
    size_t n_bytes;      // unpacked
} ask_zip_entry;

/* Opens a file, which is mapped: it must not be made shorter while it is open. Messages
 * begin with the path. NULL on failure: ASK_ERR_IO, ASK_ERR_FORMAT, ASK_ERR_UNSUPPORTED
 * (encrypted, another compression, several disks), ASK_ERR_NOMEM. */
ASK_API ask_zip *ask_zip_open(const char *path, ask_error *err);

/* The same for an archive in memory, borrowed until close; a copy of name stands in front
 * of every message. */
ASK_API ask_zip *ask_zip_open_memory(const void *bytes, size_t n_bytes, const char *name,
                                     ask_error *err);

ASK_API void ask_zip_close(ask_zip *zip); // NULL is fine

/* The name that messages begin with. */
ASK_API const char *ask_zip_name(const ask_zip *zip);

/* Entries in the archive's order. Borrowed until close; i < count. */
ASK_API size_t ask_zip_count(const ask_zip *zip);
ASK_API const ask_zip_entry *ask_zip_at(const ask_zip *zip, size_t i);

/* Which entry has exactly this name; false, *out untouched, when none has. */
ASK_API bool ask_zip_find(size_t *out, const ask_zip *zip, const char *name);

/* Unpacks entry i into *out, which the caller frees with free(), and compares its checksum.
 * One NUL follows the n_bytes. Fails: ASK_ERR_LIMIT for more than max_bytes, ASK_ERR_FORMAT
 * for damage, ASK_ERR_NOMEM. */
ASK_API bool ask_zip_read(char **out, size_t *n_bytes, const ask_zip *zip, size_t i,
                          size_t max_bytes, ask_error *err);

/* The bytes of a stored entry where they lie in the archive, borrowed until close; n_bytes
 * of the entry. NULL for a compressed one. The checksum is not compared: that would read
 * them all. */
ASK_API const uint8_t *ask_zip_stored(const ask_zip *zip, size_t i);

#endif
