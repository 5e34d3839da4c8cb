/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Activation and recovery codes as somebody types them. */
#include "fuzz/support.h"
#include "seal/code.h"

/* a generator that gives bits that are known */
static enum obol_status give(struct obol_rng *rng, uint8_t *out, size_t len)
{
	memcpy(out, rng->ctx, len);
	return OBOL_OK;
}

/* the code of these bits, written as it should be, gives them again */
static void check_written(const struct obol_secret *secret, unsigned bits)
{
	struct obol_rng rng = { give,
							obol_secret_ptr((struct obol_secret *)secret) };
	struct obol_secret *same = NULL, *text = NULL, *read = NULL;

	FUZZ_CHECK(obol_code_new(&rng, bits, &same, &text) == OBOL_OK);
	FUZZ_CHECK(obol_code_parse(obol_secret_view(text), bits, &read) == OBOL_OK);
	FUZZ_CHECK(obol_bytes_eq(obol_secret_view(read), obol_secret_view(secret)));
	obol_secret_free(read);
	obol_secret_free(same);
	obol_secret_free(text);
}

static void run(struct obol_bytes in)
{
	static const unsigned all_bits[] = { OBOL_ACTIVATION_BITS,
										 OBOL_RECOVERY_BITS };
	struct obol_secret *secret = NULL;
	enum obol_status status;
	size_t i;

	for (i = 0; i < 2; i++)
	{
		status = obol_code_parse(in, all_bits[i], &secret);
		FUZZ_CHECK(status == OBOL_OK || status == OBOL_ERR_FORMAT ||
				   status == OBOL_ERR_AUTH);
		if (status == OBOL_OK)
		{
			FUZZ_CHECK(obol_secret_len(secret) == all_bits[i] / 8);
			check_written(secret, all_bits[i]);
			obol_secret_free(secret);
			secret = NULL;
		}
	}
}

static void seed_code(struct fuzz_seeds *seeds, const char *name, unsigned bits)
{
	struct obol_secret *secret = NULL, *text = NULL;
	struct fuzz_rng rng;

	fuzz_rng_init(&rng, bits);
	FUZZ_CHECK(obol_code_new(&rng.rng, bits, &secret, &text) == OBOL_OK);
	fuzz_seed(seeds, name, obol_secret_view(text));
	obol_secret_free(secret);
	obol_secret_free(text);
}

static void seed(struct fuzz_seeds *seeds)
{
	seed_code(seeds, "activation", OBOL_ACTIVATION_BITS);
	seed_code(seeds, "recovery", OBOL_RECOVERY_BITS);
	fuzz_seed_text(seeds, "zeros", "OOOO-0000 oooo-0000-0");
	fuzz_seed_text(seeds, "short", "1l");
}

static struct fuzz_target target = {
	.name = "code",
	.what = "bits of a code that is taken, written anew, are read again",
	.run = run,
	.seed = seed,
	.max_len = 80,
};

FUZZ_TARGET(target)
