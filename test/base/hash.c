#include "base/hash.h"

#include <string.h>

#include "support/testing.h"

static const char long_448_bits[] =
    "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq";
static const char long_896_bits[] =
    "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmno"
    "ijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu";

/* The examples of FIPS 180-4 and of NIST's vectors. */
static void sha256_gives_the_published_digests(void **state)
{
    (void)state;
    static const struct {
        const char *text, *digest;
    } cases[] = {
        {"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
        {"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
        {long_448_bits, "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
        {long_896_bits, "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1"},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        uint8_t digest[ASK_SHA256_BYTES];
        char hex[2 * ASK_SHA256_BYTES + 1];
        ask_sha256_of(digest, cases[i].text, strlen(cases[i].text));
        ask_hex(hex, digest, sizeof digest);
        CHECK_CASE(cases[i].text, strcmp(hex, cases[i].digest) == 0);
    }
}

static void sha1_gives_the_published_digests(void **state)
{
    (void)state;
    static const struct {
        const char *text, *digest;
    } cases[] = {
        {"", "da39a3ee5e6b4b0d3255bfef95601890afd80709"},
        {"abc", "a9993e364706816aba3e25717850c26c9cd0d89d"},
        {long_448_bits, "84983e441c3bd26ebaae4aa1f95129e5e54670f1"},
        {long_896_bits, "a49b2446a02c645bf419f995b67091253a04a259"},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++) {
        uint8_t digest[ASK_SHA1_BYTES];
        char hex[2 * ASK_SHA1_BYTES + 1];
        size_t n = strlen(cases[i].text);
        for (size_t cut = 0; cut <= n; cut++) { // in two pieces
            ask_sha1 s;
            ask_sha1_begin(&s);
            ask_sha1_update(&s, cases[i].text, cut);
            ask_sha1_update(&s, cases[i].text + cut, n - cut);
            ask_sha1_end(&s, digest);
            ask_hex(hex, digest, sizeof digest);
            CHECK_CASE(cases[i].text, strcmp(hex, cases[i].digest) == 0);
        }
    }
}

static void sha256_of_a_million_letters(void **state)
{
    (void)state;
    char letters[1000];
    memset(letters, 'a', sizeof letters);
    ask_sha256 s;
    ask_sha256_begin(&s);
    for (int i = 0; i < 1000; i++) ask_sha256_update(&s, letters, sizeof letters);
    uint8_t digest[ASK_SHA256_BYTES];
    char hex[2 * ASK_SHA256_BYTES + 1];
    ask_sha256_end(&s, digest);
    ask_hex(hex, digest, sizeof digest);
    assert_string_equal(hex,
                        "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

static void sha256_in_pieces_is_sha256_of_the_whole(void **state)
{
    (void)state;
    uint8_t bytes[300];
    for (size_t i = 0; i < sizeof bytes; i++) bytes[i] = (uint8_t)(i * 7 + 1);
    for (size_t n = 0; n <= sizeof bytes; n++) {
        uint8_t whole[ASK_SHA256_BYTES], pieces[ASK_SHA256_BYTES];
        ask_sha256_of(whole, bytes, n);
        ask_sha256 s;
        ask_sha256_begin(&s);
        for (size_t at = 0, step = 0; at < n; at += step) {
            step = at % 67 < n - at ? at % 67 : n - at;
            if (step == 0) step = 1;
            ask_sha256_update(&s, bytes + at, step);
            ask_sha256_update(&s, NULL, 0);
        }
        ask_sha256_end(&s, pieces);
        assert_memory_equal(whole, pieces, sizeof whole);
    }
}

/* XXH64 of the bytes that its author's sanity check makes, and of well-known texts. */
static void hash64_gives_the_published_values(void **state)
{
    (void)state;
    enum { MOST = 222 };
    uint8_t bytes[MOST];
    uint64_t generator = 2654435761u;
    for (int i = 0; i < MOST; i++) {
        bytes[i] = (uint8_t)(generator >> 56);
        generator *= UINT64_C(11400714785074694797);
    }
    static const struct {
        const char *name;
        size_t n;
        uint64_t seed, hash;
    } cases[] = {
        {"nothing", 0, 0, 0xEF46DB3751D8E999u},
        {"nothing, seed", 0, 2654435761u, 0xAC75FDA2929B17EFu},
        {"1 byte", 1, 0, 0xE934A84ADB052768u},
        {"1 byte, seed", 1, 2654435761u, 0x5014607643A9B4C3u},
        {"4 bytes", 4, 0, 0x9136A0DCA57457EEu},
        {"14 bytes", 14, 0, 0x8282DCC4994E35C8u},
        {"14 bytes, seed", 14, 2654435761u, 0xC3BD6BF63DEB6DF0u},
        {"222 bytes", 222, 0, 0xB641AE8CB691C174u},
        {"222 bytes, seed", 222, 2654435761u, 0x20CB8AB7AE10C14Au},
    };
    for (size_t i = 0; i < TEST_COUNT(cases); i++)
        CHECK_CASE(cases[i].name,
                   ask_hash64(bytes, cases[i].n, cases[i].seed) == cases[i].hash);
    assert_true(ask_hash64("a", 1, 0) == 0xD24EC4F1A98C6E5Bu);
    assert_true(ask_hash64("abc", 3, 0) == 0x44BC2CF5AD770999u);
    assert_true(ask_hash64("Nobody inspects the spammish repetition", 39, 0) ==
                0xFBCEA83C8A378BF1u);
}

static void crc32c_gives_the_published_values(void **state)
{
    (void)state;
    static const uint8_t zeros[32]; // RFC 3720, B.4
    assert_int_equal(ask_crc32c("", 0), 0);
    assert_int_equal(ask_crc32c("123456789", 9), 0xe3069283);
    assert_int_equal(ask_crc32c(zeros, sizeof zeros), 0x8a9136aa);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sha256_gives_the_published_digests),
        cmocka_unit_test(sha1_gives_the_published_digests),
        cmocka_unit_test(sha256_of_a_million_letters),
        cmocka_unit_test(sha256_in_pieces_is_sha256_of_the_whole),
        cmocka_unit_test(hash64_gives_the_published_values),
        cmocka_unit_test(crc32c_gives_the_published_values),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
