/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Sets of CA certificates: their bodies; what comes as a set; and bodies from
 * the input, signed by a CA that is trusted, then changed in some bytes. */
#include "fuzz/support.h"
#include "issue/anchors_sign.h"
#include "support/test_ca.h"

#define NOW UINT64_C(1800000000)

enum mode {
	BODY,
	RAW,
	/** number, date, the CA's own certificate and what else the input has */
	SIGNED,
	N_MODES,
};

/** The CA; made once. */
static struct {
	struct test_identity identity;
	uint8_t der[TEST_DER_MAX];
	struct obol_bytes certificate;
} ca;

static void init_ca(void)
{
	static const struct test_cert root = { .cn = "root",
										   .ca = true,
										   .not_before = 1700000000,
										   .not_after = 4000000000 };

	if (!ca.identity.key)
	{
		test_identity_init(&ca.identity, &root, NULL);
		ca.certificate = test_certificate_der(ca.identity.certificate, ca.der);
	}
}

static void check_body(struct obol_bytes in)
{
	struct obol_anchors_body body;
	struct obol_writer w;
	enum obol_status status = obol_anchors_body_decode(in, &body);

	FUZZ_CHECK(status == OBOL_OK || status == OBOL_ERR_FORMAT);
	if (status == OBOL_OK)
	{
		FUZZ_CHECK(body.number > 0 && body.n_cas >= 1 &&
				   body.n_cas <= OBOL_CHAIN_MAX);
		obol_writer_init(&w);
		obol_anchors_body_encode(&w, &body);
		FUZZ_CHECK(obol_bytes_eq(obol_writer_view(&w), in));
		obol_writer_clear(&w);
	}
}

/* what was made by the body that is believed, or by nobody's */
static void check_set(struct obol_bytes cms, uint32_t number)
{
	struct obol_anchors_trust trust = { .number = 3 };
	struct obol_anchors *set = NULL;
	enum obol_anchors_fault fault;

	obol_anchors_trust_add(&trust, ca.certificate);
	FUZZ_CHECK(obol_anchors_trust_has(&trust, ca.certificate));
	fault = obol_anchors_open(cms, &trust, NOW, &set);
	FUZZ_CHECK((fault == OBOL_ANCHORS_GOOD) == (set != NULL));
	if (set)
	{
		FUZZ_CHECK(obol_anchors_has(set, ca.certificate));
		FUZZ_CHECK(obol_anchors_number(set) == number && number > 3);
		FUZZ_CHECK(obol_anchors_peek_number(cms) == number);
	}
	obol_anchors_free(set);
	set = NULL;
	if (obol_anchors_load(cms, &set) == OBOL_OK)
	{
		FUZZ_CHECK(set);
		obol_anchors_free(set);
	}
}

static void sign_and_change(struct fuzz_script *script)
{
	struct obol_anchors_signer signer = { ca.identity.certificate,
										  ca.identity.key };
	struct obol_anchors_body body = {
		.number = fuzz_u8(script),
		.created_at = NOW - fuzz_u32(script),
		.n_cas = 1,
		.cas = { ca.certificate },
	};
	size_t n = fuzz_below(script, 4);
	enum obol_status status;
	struct obol_writer cms;

	if (fuzz_u8(script) & 1)
	{
		body.cas[body.n_cas++] = fuzz_long_bytes(script);
	}
	obol_writer_init(&cms);
	status = obol_anchors_sign(&body, &signer, 1, &cms);
	FUZZ_CHECK(status == OBOL_OK || status == OBOL_ERR_ARG);
	if (status == OBOL_OK)
	{
		for (; n; n--)
		{
			cms.buf[fuzz_u16(script) % cms.len] ^= fuzz_u8(script);
		}
		check_set(obol_writer_view(&cms), body.number);
	}
	obol_writer_clear(&cms);
}

static void run(struct obol_bytes in)
{
	struct fuzz_script script = fuzz_script_over(in);

	init_ca();
	switch (fuzz_below(&script, N_MODES))
	{
		case BODY:
			check_body(fuzz_rest(&script));
			break;
		case RAW:
			check_set(fuzz_rest(&script), 0);
			break;
		default:
			sign_and_change(&script);
			break;
	}
}

static void seed(struct fuzz_seeds *seeds)
{
	static const uint8_t good[] = { SIGNED, 4, 0, 0, 0, 0, 0, 0 };
	static const uint8_t old[] = { SIGNED, 3, 0, 0, 0, 0, 0, 0 };
	static const uint8_t changed[] = {
		SIGNED, 4, 0, 0, 0, 0, 1, 0, 0, 2, 200, 1
	};
	struct obol_anchors_signer signer;
	struct obol_anchors_body body = {
		.number = 4,
		.created_at = NOW,
		.n_cas = 1,
	};
	struct obol_writer w;

	init_ca();
	signer.certificate = ca.identity.certificate;
	signer.key = ca.identity.key;
	body.cas[0] = ca.certificate;
	fuzz_seed(seeds, "good", obol_bytes(good, sizeof(good)));
	fuzz_seed(seeds, "old", obol_bytes(old, sizeof(old)));
	fuzz_seed(seeds, "changed", obol_bytes(changed, sizeof(changed)));
	obol_writer_init(&w);
	obol_write_u8(&w, BODY);
	obol_anchors_body_encode(&w, &body);
	fuzz_seed(seeds, "body", obol_writer_view(&w));
	obol_writer_clear(&w);
	obol_write_u8(&w, RAW);
	FUZZ_CHECK(obol_anchors_sign(&body, &signer, 1, &w) == OBOL_OK);
	fuzz_seed(seeds, "raw", obol_writer_view(&w));
	obol_writer_clear(&w);
}

static struct fuzz_target target = {
	.name = "anchors",
	.what = "a set that is taken has the number and the CA that were signed",
	.run = run,
	.seed = seed,
	.max_len = 2048,
};

FUZZ_TARGET(target)
