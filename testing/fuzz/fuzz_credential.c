/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sealed credentials: as they come, and sealed under the right key whatever
 * the plaintext is. */
#include "fuzz/support.h"
#include "seal/aead.h"
#include "seal/sealed_credential.h"

/* as in seal/sealed_credential.c; run() notices when it changes */
#define SEALED_LABEL "Obol-v1 credential"

enum mode {
	RAW,
	/** plaintext from the input, padding and all */
	PLAINTEXT,
	/** body from the input, sealed by the function for it: must open */
	BODY,
	N_MODES,
};

static void init_key(struct obol_account_key *key)
{
	struct fuzz_rng rng;

	fuzz_rng_init(&rng, 3);
	FUZZ_CHECK(obol_account_key_new(&rng.rng, key) == OBOL_OK);
}

static void seal_plaintext(const struct obol_account_key *key,
						   const struct obol_credential_header *header,
						   struct obol_bytes bytes, struct obol_writer *out)
{
	struct obol_secret *plaintext = fuzz_secret(bytes);
	struct obol_writer ad;
	struct fuzz_rng rng;

	fuzz_rng_init(&rng, 4);
	obol_writer_init(&ad);
	obol_write_u8(&ad, 1);
	obol_write_bytes(&ad, obol_bytes(key->account_id, OBOL_ACCOUNT_ID_LEN));
	obol_write_u32(&ad, key->generation);
	obol_write_vec8(&ad, header->name);
	obol_write_u16(&ad, header->format);
	obol_write_u64(&ad, header->version);
	obol_write_u8(out, 1);
	obol_write_u32(out, key->generation);
	FUZZ_CHECK(obol_aead_seal(&rng.rng, key->key, SEALED_LABEL,
							  obol_writer_view(&ad), plaintext,
							  out) == OBOL_OK);
	obol_writer_clear(&ad);
	obol_secret_free(plaintext);
}

static void seal_body(const struct obol_account_key *key,
					  const struct obol_credential_header *header,
					  struct obol_bytes bytes, struct obol_writer *out)
{
	struct obol_secret *body = fuzz_secret(bytes), *opened = NULL;
	enum obol_status status;
	struct fuzz_rng rng;

	fuzz_rng_init(&rng, 5);
	status = obol_credential_seal(&rng.rng, key, header, body, out);
	FUZZ_CHECK(status == (bytes.len && header->name.len && header->version &&
								  header->name.len <= OBOL_CREDENTIAL_NAME_MAX
							  ? OBOL_OK
							  : OBOL_ERR_ARG));
	if (status == OBOL_OK)
	{
		FUZZ_CHECK(obol_credential_open(key, header, obol_writer_view(out),
										&opened) == OBOL_OK);
		FUZZ_CHECK(obol_bytes_eq(obol_secret_view(opened), bytes));
		obol_secret_free(opened);
	}
	obol_secret_free(body);
}

/* the plaintext's length is of a bucket only if the sealer made it so */
static void check_opened(struct obol_bytes plaintext,
						 const struct obol_secret *body)
{
	FUZZ_CHECK(obol_secret_len(body) > 0 &&
			   obol_secret_len(body) + 4 <= plaintext.len);
	FUZZ_CHECK(memcmp(plaintext.ptr + 4, obol_secret_view(body).ptr,
					  obol_secret_len(body)) == 0);
}

static void run(struct obol_bytes in)
{
	struct fuzz_script script = fuzz_script_over(in);
	size_t mode = fuzz_below(&script, N_MODES);
	struct obol_credential_header header = {
		.format = fuzz_u16(&script),
		.version = fuzz_u64(&script),
		.name = fuzz_bytes(&script),
	};
	struct obol_bytes bytes = fuzz_rest(&script);
	struct obol_secret *opened = NULL;
	struct obol_account_key key;
	enum obol_status status;
	struct obol_writer w;

	init_key(&key);
	obol_writer_init(&w);
	if (mode == BODY)
	{
		seal_body(&key, &header, bytes, &w);
	}
	else
	{
		mode == RAW ? obol_write_bytes(&w, bytes)
					: seal_plaintext(&key, &header, bytes, &w);
		status =
			obol_credential_open(&key, &header, obol_writer_view(&w), &opened);
		FUZZ_CHECK(status == OBOL_OK || status == OBOL_ERR_FORMAT ||
				   status == OBOL_ERR_VERSION || status == OBOL_ERR_AUTH);
		/* sealed rightly: whatever is wrong is not the seal */
		FUZZ_CHECK(mode == RAW || status == OBOL_OK ||
				   status == OBOL_ERR_FORMAT);
		if (status == OBOL_OK && mode == PLAINTEXT)
		{
			check_opened(bytes, opened);
		}
	}
	obol_secret_free(opened);
	obol_writer_clear(&w);
	obol_account_key_clear(&key);
}

static void seed_mode(struct fuzz_seeds *seeds, const char *name,
					  enum mode mode, struct obol_bytes bytes)
{
	struct obol_writer w;

	obol_writer_init(&w);
	obol_write_u8(&w, (uint8_t)mode);
	obol_write_u16(&w, OBOL_FORMAT_BUNDLE);
	obol_write_u64(&w, 3);
	obol_write_vec8(&w, obol_bytes_str("vpn"));
	obol_write_bytes(&w, bytes);
	fuzz_seed(seeds, name, obol_writer_view(&w));
	obol_writer_clear(&w);
}

static void seed(struct fuzz_seeds *seeds)
{
	struct obol_credential_header header = { obol_bytes_str("vpn"),
											 OBOL_FORMAT_BUNDLE, 3 };
	uint8_t padded[256] = { 0, 0, 0, 4, 'b', 'o', 'd', 'y' };
	struct obol_account_key key;
	struct obol_writer w;

	init_key(&key);
	obol_writer_init(&w);
	seal_body(&key, &header, obol_bytes_str("body"), &w);
	seed_mode(seeds, "raw", RAW, obol_writer_view(&w));
	obol_writer_clear(&w);
	seed_mode(seeds, "plaintext", PLAINTEXT,
			  obol_bytes(padded, sizeof(padded)));
	padded[3] = 252;
	seed_mode(seeds, "full", PLAINTEXT, obol_bytes(padded, sizeof(padded)));
	padded[3] = 253;
	seed_mode(seeds, "above", PLAINTEXT, obol_bytes(padded, sizeof(padded)));
	seed_mode(seeds, "body", BODY, obol_bytes_str("body"));
	obol_account_key_clear(&key);
}

static struct fuzz_target target = {
	.name = "credential",
	.what = "what opens is what was sealed; what was sealed opens",
	.run = run,
	.seed = seed,
	.max_len = 1200,
};

FUZZ_TARGET(target)
