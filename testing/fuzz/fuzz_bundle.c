/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bundles: the bytes, then key and certificates in them. */
#include "fuzz/support.h"
#include "seal/bundle_check.h"
#include "support/test_ca.h"

static void check_round_trip(const struct obol_bundle *bundle,
							 const struct obol_secret *body)
{
	struct obol_secret *again = NULL;

	FUZZ_CHECK(obol_bundle_encode(bundle, &again) == OBOL_OK);
	FUZZ_CHECK(obol_bytes_eq(obol_secret_view(again), obol_secret_view(body)));
	obol_secret_free(again);
}

static void run(struct obol_bytes in)
{
	struct fuzz_script script = fuzz_script_over(in);
	uint64_t now = UINT64_C(1800000000) + fuzz_u32(&script);
	struct obol_secret *body = fuzz_secret(fuzz_rest(&script));
	struct obol_bundle *bundle = NULL;
	enum obol_status status = obol_bundle_decode(body, &bundle);
	enum obol_bundle_fault fault;

	FUZZ_CHECK(status == OBOL_OK || status == OBOL_ERR_FORMAT ||
			   status == OBOL_ERR_VERSION);
	if (status == OBOL_OK)
	{
		check_round_trip(bundle, body);
		fault = obol_bundle_check(bundle, now);
		FUZZ_CHECK(fault <= OBOL_BUNDLE_EXPIRED);
		if (fault == OBOL_BUNDLE_GOOD)
		{
			FUZZ_CHECK(obol_bundle_not_before(bundle) <= now &&
					   now <= obol_bundle_not_after(bundle));
			FUZZ_CHECK(obol_bundle_n_chain(bundle) > 0);
		}
	}
	obol_bundle_free(bundle);
	obol_secret_free(body);
}

static void seed_bundle(struct fuzz_seeds *seeds, const char *name,
						const struct obol_bundle_parts *parts)
{
	struct obol_secret *body = NULL;
	struct obol_bundle *bundle = NULL;
	struct obol_writer w;

	FUZZ_CHECK(obol_bundle_new(parts, &bundle) == OBOL_OK);
	FUZZ_CHECK(obol_bundle_encode(bundle, &body) == OBOL_OK);
	obol_writer_init(&w);
	obol_write_u32(&w, 0);
	obol_write_bytes(&w, obol_secret_view(body));
	fuzz_seed(seeds, name, obol_writer_view(&w));
	obol_writer_clear(&w);
	obol_bundle_free(bundle);
	obol_secret_free(body);
}

static void seed(struct fuzz_seeds *seeds)
{
	static const struct test_cert root = {
		.cn = "r", .ca = true, .not_before = 1700000000, .not_after = 4000000000
	};
	static const struct test_cert leaf = { .cn = "a",
										   .not_before = 1700000000,
										   .not_after = 4000000000 };
	uint8_t der[2][TEST_DER_MAX];
	struct test_identity ca, own;
	struct obol_bundle_parts parts = { .ttl_s = 60, .n_chain = 1, .n_cas = 1 };
	struct obol_secret *key;

	test_identity_init(&ca, &root, NULL);
	test_identity_init(&own, &leaf, &ca);
	key = test_key_der(own.key);
	parts.key = key;
	parts.chain[0] = test_certificate_der(own.certificate, der[0]);
	parts.cas[0] = test_certificate_der(ca.certificate, der[1]);
	seed_bundle(seeds, "good", &parts);
	parts.chain[0] = parts.cas[0];
	seed_bundle(seeds, "mismatch", &parts);
	parts.chain[0] = obol_bytes_str("0");
	seed_bundle(seeds, "malformed", &parts);
	obol_secret_free(key);
	test_identity_clear(&own);
	test_identity_clear(&ca);
}

static struct fuzz_target target = {
	.name = "bundle",
	.what = "a bundle that is taken is encoded as the same bytes; a good one "
			"is within its dates",
	.run = run,
	.seed = seed,
	.max_len = 3000,
};

FUZZ_TARGET(target)
