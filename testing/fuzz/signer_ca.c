/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A CA for the targets that play a signer. */
#include "fuzz/signer_ca.h"

#include <string.h>

#include <openssl/pem.h>

#include "fuzz/support.h"
#include "support/test_ca.h"

#define DAY 86400

/** The CA, and a user's public key. */
static struct {
	struct test_identity identity;
	struct obol_issuer *issuer;
	struct driven_clock clock;
	struct fuzz_rng rng;
	unsigned char *spki;
	int spki_len;
} ca;

/* Certificate and key in one file. */
static void load(void)
{
	struct obol_issuer_file_options options = { .rng = &ca.rng.rng,
												.clock = &ca.clock.clock };
	BIO *pem = BIO_new(BIO_s_mem());
	char why[512];
	char *text;
	long len;

	FUZZ_CHECK(pem && PEM_write_bio_X509(pem, ca.identity.certificate));
	FUZZ_CHECK(PEM_write_bio_PrivateKey(pem, ca.identity.key, NULL, NULL, 0,
										NULL, NULL));
	len = BIO_get_mem_data(pem, &text);
	options.certificate_path =
		fuzz_file(obol_bytes((uint8_t *)text, (size_t)len));
	options.key_path = options.certificate_path;
	FUZZ_CHECK(obol_issuer_file_new(&options, &ca.issuer, why, sizeof(why)) ==
			   OBOL_OK);
	BIO_free(pem);
}

static void begin(void)
{
	driven_clock_init(&ca.clock, FUZZ_SIGNER_AT);
	fuzz_rng_init(&ca.rng, 2);
}

static void make(void)
{
	struct test_cert cert = {
		.cn = "Fuzz CA",
		.key_usage = "critical,keyCertSign,cRLSign",
		.ca = true,
		.not_before = (int64_t)FUZZ_SIGNER_AT - DAY,
		.not_after = (int64_t)FUZZ_SIGNER_AT + 1000 * (int64_t)DAY,
	};
	EVP_PKEY *user = EVP_EC_gen("P-256");

	begin();
	test_identity_init(&ca.identity, &cert, NULL);
	load();
	ca.spki_len = i2d_PUBKEY(user, &ca.spki);
	FUZZ_CHECK(ca.spki_len > 0);
	EVP_PKEY_free(user);
}

static void be_made(void)
{
	if (!ca.issuer)
	{
		fuzz_stays_begin();
		make();
		fuzz_stays_end();
	}
}

struct obol_issuer *fuzz_signer_ca(void)
{
	be_made();
	begin();
	return ca.issuer;
}

struct driven_clock *fuzz_signer_clock(void)
{
	return &ca.clock;
}

EVP_PKEY *fuzz_signer_ca_key(void)
{
	be_made();
	return ca.identity.key;
}

struct obol_bytes fuzz_signer_spki(void)
{
	be_made();
	return obol_bytes(ca.spki, (size_t)ca.spki_len);
}

/* what is logged must be fit for a log */
static void check_line(struct obol_log *log, enum obol_log_level level,
					   const char *line)
{
	(void)log;
	(void)level;
	for (; *line; line++)
	{
		FUZZ_CHECK((unsigned char)*line >= 0x20 && *line != 0x7f);
	}
}

void fuzz_log_init(struct obol_log *log)
{
	memset(log, 0, sizeof(*log));
	log->level = OBOL_LOG_DEBUG;
	log->write = check_line;
}
