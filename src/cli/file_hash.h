/* cli/file_hash.h - the SHA-256 of a whole file, and not twice of the same one. */
#ifndef ASK_CLI_FILE_HASH_H
#define ASK_CLI_FILE_HASH_H

#include "base/hash.h"
#include "base/log.h"

enum { CLI_SHA256_TEXT_BYTES = 2 * ASK_SHA256_BYTES + 1 };

/* 64 hex digits. What was found is kept in cache_dir (NULL: nowhere) under the file's
 * device, number, size and time of change, and taken from there as long as these are the
 * same. Fails: ASK_ERR_IO, ASK_ERR_CANCELLED, ASK_ERR_NOMEM. */
bool cli_file_sha256(char out[CLI_SHA256_TEXT_BYTES], const char *path,
                     const char *cache_dir, const ask_cancel *cancel,
                     const ask_progress *progress, ask_error *err);

#endif
