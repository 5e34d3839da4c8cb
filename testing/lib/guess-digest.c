/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The password itself, and what PAP, CHAP and their like make of it. */
#include "testing/lib/guess-digest.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdlib.h>

#define PARTS_MAX 3
#define WIDE_MAX 2048

/* Lengths in bytes of challenges, salts and nonces in protocols of the field.
 */
static const size_t challenge_lens[] = { 8, 16, 32 };
#define N_CHALLENGE_LENS (sizeof(challenge_lens) / sizeof(challenge_lens[0]))

static bool contains(struct obol_bytes all, const void *what, size_t len)
{
	return len > 0 && memmem(all.ptr, all.len, what, len) != NULL;
}

static bool contains_text(struct obol_bytes all, struct obol_bytes password)
{
	uint8_t text[2 * WIDE_MAX + 1];
	size_t i;

	if (contains(all, password.ptr, password.len))
	{
		return true;
	}
	if (password.len > WIDE_MAX)
	{
		return false;
	}
	/* MS-CHAP takes UTF-16 */
	for (i = 0; i < password.len; i++)
	{
		text[2 * i] = password.ptr[i];
		text[2 * i + 1] = 0;
	}
	if (contains(all, text, 2 * password.len))
	{
		return true;
	}
	for (i = 0; i < password.len; i++)
	{
		text[2 * i] = (uint8_t) "0123456789abcdef"[password.ptr[i] >> 4];
		text[2 * i + 1] = (uint8_t) "0123456789abcdef"[password.ptr[i] & 15];
	}
	if (contains(all, text, 2 * password.len))
	{
		return true;
	}
	/* without the characters that bytes behind it would change */
	EVP_EncodeBlock(text, password.ptr, (int)(password.len / 3 * 3));
	return contains(all, text, password.len / 3 * 4);
}

struct digests {
	struct obol_bytes all;
	const EVP_MD *algorithms[3];
	EVP_MD_CTX *ctx;
};

static bool digest_is_there(const struct digests *digests,
							const struct obol_bytes *parts, size_t n_parts)
{
	unsigned char out[EVP_MAX_MD_SIZE];
	unsigned out_len;
	size_t i, part;

	for (i = 0; i < 3; i++)
	{
		EVP_DigestInit_ex(digests->ctx, digests->algorithms[i], NULL);
		for (part = 0; part < n_parts; part++)
		{
			EVP_DigestUpdate(digests->ctx, parts[part].ptr, parts[part].len);
		}
		EVP_DigestFinal_ex(digests->ctx, out, &out_len);
		if (contains(digests->all, out, out_len))
		{
			return true;
		}
	}
	return false;
}

static bool hmac_is_there(const struct digests *digests,
						  struct obol_bytes password,
						  struct obol_bytes challenge)
{
	unsigned char out[EVP_MAX_MD_SIZE];
	unsigned out_len = 0;

	return HMAC(EVP_sha256(), password.ptr, (int)password.len, challenge.ptr,
				challenge.len, out, &out_len) &&
		   contains(digests->all, out, out_len);
}

/* CHAP (RFC 1994), CRAM, HTTP digest's inner step and relatives: a digest of
 * password and challenge in either order, an identifier before them or not. */
static bool response_is_there(const struct digests *digests,
							  struct obol_bytes password,
							  struct obol_bytes challenge)
{
	struct obol_bytes after[] = { password, challenge };
	struct obol_bytes before[] = { challenge, password };
	struct obol_bytes chap[] = { obol_bytes(digests->all.ptr, 1), password,
								 challenge };

	return digest_is_there(digests, after, 2) ||
		   digest_is_there(digests, before, 2) ||
		   digest_is_there(digests, chap, 3) ||
		   hmac_is_there(digests, password, challenge);
}

static bool any_response(const struct digests *digests,
						 struct obol_bytes password)
{
	static const uint8_t zeros[32];
	struct obol_bytes challenge;
	size_t i, at;

	for (i = 0; i < N_CHALLENGE_LENS; i++)
	{
		for (at = 0; at + challenge_lens[i] <= digests->all.len; at++)
		{
			challenge = obol_bytes(digests->all.ptr + at, challenge_lens[i]);
			if (memcmp(challenge.ptr, zeros, challenge.len) != 0 &&
				response_is_there(digests, password, challenge))
			{
				return true;
			}
		}
	}
	return false;
}

static bool any_digest(const struct digests *digests, struct obol_bytes name,
					   struct obol_bytes password)
{
	struct obol_bytes parts[PARTS_MAX] = { name, obol_bytes_str(":"),
										   password };
	struct obol_bytes salted[2] = { name, password };

	return digest_is_there(digests, &password, 1) ||
		   digest_is_there(digests, salted, 2) ||
		   digest_is_there(digests, parts, 3);
}

const char *guess_written(struct obol_bytes all, struct obol_bytes name,
						  struct obol_bytes password)
{
	struct digests digests = {
		.all = all,
		.algorithms = { EVP_md5(), EVP_sha1(), EVP_sha256() },
		.ctx = EVP_MD_CTX_new(),
	};
	const char *found = NULL;

	if (!digests.ctx)
	{
		abort();
	}
	if (contains_text(all, password))
	{
		found = "it is written in the transcript";
	}
	else if (any_digest(&digests, name, password))
	{
		found = "its digest is in the transcript";
	}
	else if (any_response(&digests, password))
	{
		found = "a response made of it is in the transcript";
	}
	EVP_MD_CTX_free(digests.ctx);
	return found;
}
