/* base/hash.h - fingerprints of bytes: SHA-256 for identity, SHA-1 for what git names so, a
 * fast one for tables, a sum for frames.
 *
 * Results do not depend on the machine. */
#ifndef ASK_BASE_HASH_H
#define ASK_BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

#include "base/api.h"

enum { ASK_SHA256_BYTES = 32 };

/* SHA-256 (FIPS 180-4) of bytes that come in pieces: begin, update as often as needed, end.
 */
typedef struct {
    uint32_t state[8];
    uint64_t n_bytes;
    uint8_t block[64]; // the bytes of an unfinished block
} ask_sha256;

ASK_API void ask_sha256_begin(ask_sha256 *s);
ASK_API void ask_sha256_update(ask_sha256 *s, const void *bytes, size_t n_bytes);
ASK_API void ask_sha256_end(ask_sha256 *s, uint8_t out[ASK_SHA256_BYTES]);

/* SHA-256 of bytes that are all there. */
ASK_API void ask_sha256_of(uint8_t out[ASK_SHA256_BYTES], const void *bytes,
                           size_t n_bytes);

enum { ASK_SHA1_BYTES = 20 };

/* SHA-1 (FIPS 180-4), by which git knows files. It tells damage, not malice: two texts of
 * one SHA-1 can be made. */
typedef struct {
    uint32_t state[5];
    uint64_t n_bytes;
    uint8_t block[64];
} ask_sha1;

ASK_API void ask_sha1_begin(ask_sha1 *s);
ASK_API void ask_sha1_update(ask_sha1 *s, const void *bytes, size_t n_bytes);
ASK_API void ask_sha1_end(ask_sha1 *s, uint8_t out[ASK_SHA1_BYTES]);

/* Two lower-case digits for each byte, and a NUL: out has 2 * n_bytes + 1 chars. */
ASK_API void ask_hex(char *out, const void *bytes, size_t n_bytes);

/* A fast 64-bit hash for tables and quick comparison, not against malice. It is XXH64
 * (Collet 2012), so other programs can make the same number. */
ASK_API uint64_t ask_hash64(const void *bytes, size_t n_bytes, uint64_t seed);

/* CRC-32C (Castagnoli 1993), as TensorBoard's files have it: reflected, polynomial
 * 0x1edc6f41. */
ASK_API uint32_t ask_crc32c(const void *bytes, size_t n_bytes);

#endif
