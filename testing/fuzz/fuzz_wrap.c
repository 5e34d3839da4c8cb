/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Slots' wraps: as they come, and sealed under the right key whatever they
 * say, so that what stands behind the tag is reached. */
#include "fuzz/support.h"
#include "seal/account_key.h"
#include "seal/aead.h"

/* as in seal/slot_wrap.c; the seed's check notices when it changes */
#define WRAP_LABEL "Obol-v1 slot wrap"
#define HEADER_LEN (1 + 2 + 1 + OBOL_ACCOUNT_ID_LEN + 4)

enum mode {
	RAW,
	/** header and content from the input, sealed as they must be */
	SEALED,
	N_MODES,
};

static struct obol_secret *export_key(void)
{
	static const uint8_t bytes[OBOL_OPAQUE_NH] = { 0xe0, 0xe1 };

	return fuzz_secret(obol_bytes(bytes, sizeof(bytes)));
}

static void open_wrap(const struct obol_secret *key, uint8_t kind,
					  struct obol_bytes wrap)
{
	struct obol_account_key opened = { .key = NULL };
	enum obol_status status =
		obol_slot_unwrap(key, (enum obol_slot_kind)kind, wrap, &opened);

	FUZZ_CHECK(status == OBOL_OK || status == OBOL_ERR_FORMAT ||
			   status == OBOL_ERR_VERSION || status == OBOL_ERR_AUTH);
	if (status == OBOL_OK)
	{
		FUZZ_CHECK(opened.generation > 0);
		FUZZ_CHECK(obol_secret_len(opened.key) == OBOL_ACCOUNT_KEY_LEN);
		FUZZ_CHECK(wrap.ptr[3] == kind);
		FUZZ_CHECK(
			memcmp(wrap.ptr + 4, opened.account_id, OBOL_ACCOUNT_ID_LEN) == 0);
		obol_account_key_clear(&opened);
	}
}

static void run(struct obol_bytes in)
{
	struct fuzz_script script = fuzz_script_over(in);
	size_t mode = fuzz_below(&script, N_MODES);
	uint8_t kind = fuzz_u8(&script);
	struct obol_secret *key = export_key(), *content = NULL;
	struct obol_bytes header;
	struct fuzz_rng rng;
	struct obol_writer w;

	obol_writer_init(&w);
	if (mode == RAW)
	{
		obol_write_bytes(&w, fuzz_rest(&script));
	}
	else
	{
		header = fuzz_bytes(&script);
		content = fuzz_secret(fuzz_rest(&script));
		fuzz_rng_init(&rng, 1);
		obol_write_bytes(&w, header);
		FUZZ_CHECK(obol_aead_seal(&rng.rng, key, WRAP_LABEL, header, content,
								  &w) == OBOL_OK);
	}
	open_wrap(key, kind, obol_writer_view(&w));
	obol_writer_clear(&w);
	obol_secret_free(content);
	obol_secret_free(key);
}

/* mode | kind | length of the header | header | content */
static void seed_sealed(struct fuzz_seeds *seeds, const struct obol_secret *key,
						struct obol_bytes wrap)
{
	struct obol_bytes header = obol_bytes(wrap.ptr, HEADER_LEN);
	struct obol_secret *content = NULL;
	struct obol_writer w;

	FUZZ_CHECK(
		obol_aead_open(key, WRAP_LABEL, header,
					   obol_bytes(wrap.ptr + HEADER_LEN, wrap.len - HEADER_LEN),
					   &content) == OBOL_OK);
	obol_writer_init(&w);
	obol_write_u8(&w, SEALED);
	obol_write_u8(&w, wrap.ptr[3]);
	obol_write_vec8(&w, header);
	obol_write_bytes(&w, obol_secret_view(content));
	fuzz_seed(seeds, "sealed", obol_writer_view(&w));
	obol_writer_clear(&w);
	obol_secret_free(content);
}

static void seed(struct fuzz_seeds *seeds)
{
	struct obol_secret *key = export_key();
	struct obol_account_key account_key;
	struct obol_writer wrap, w;
	struct fuzz_rng rng;

	fuzz_rng_init(&rng, 2);
	obol_writer_init(&wrap);
	obol_writer_init(&w);
	FUZZ_CHECK(obol_account_key_new(&rng.rng, &account_key) == OBOL_OK);
	FUZZ_CHECK(obol_slot_wrap(&rng.rng, key, OBOL_SLOT_DEVICE, &account_key,
							  &wrap) == OBOL_OK);
	obol_write_u8(&w, RAW);
	obol_write_u8(&w, OBOL_SLOT_DEVICE);
	obol_write_bytes(&w, obol_writer_view(&wrap));
	fuzz_seed(seeds, "raw", obol_writer_view(&w));
	seed_sealed(seeds, key, obol_writer_view(&wrap));
	obol_account_key_clear(&account_key);
	obol_writer_clear(&wrap);
	obol_writer_clear(&w);
	obol_secret_free(key);
}

static struct fuzz_target target = {
	.name = "wrap",
	.what = "a wrap that opens is of its kind, id and generation",
	.run = run,
	.seed = seed,
	.max_len = 400,
};

FUZZ_TARGET(target)
