/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Seals: wraps, credentials, codes. */
#include "base/ct_check.h"
#include "ct/ct.h"
#include "seal/code.h"
#include "seal/sealed_credential.h"

static struct obol_secret *draw(size_t len)
{
	struct obol_secret *secret = NULL;

	CT_CHECK(obol_rng_secret(obol_rng_system(), len, &secret) == OBOL_OK);
	return secret;
}

static void wraps(void)
{
	struct obol_secret *export_key = draw(OBOL_OPAQUE_NH);
	struct obol_secret *other = draw(OBOL_OPAQUE_NH);
	struct obol_account_key key, next, opened;
	struct obol_rng *rng = obol_rng_system();
	struct obol_writer w;

	obol_writer_init(&w);
	CT_CHECK(obol_account_key_new(rng, &key) == OBOL_OK);
	CT_CHECK(obol_account_key_next(rng, &key, &next) == OBOL_OK);
	ct_probe_secret("the account key", key.key);
	ct_probe_secret("the next account key", next.key);
	CT_CHECK(obol_slot_wrap(rng, export_key, OBOL_SLOT_PASSWORD, &key, &w) ==
			 OBOL_OK);
	CT_CHECK(obol_slot_unwrap(export_key, OBOL_SLOT_PASSWORD,
							  obol_writer_view(&w), &opened) == OBOL_OK);
	ct_probe_secret("the unwrapped account key", opened.key);
	obol_account_key_clear(&opened);
	CT_CHECK(obol_slot_unwrap(other, OBOL_SLOT_PASSWORD, obol_writer_view(&w),
							  &opened) == OBOL_ERR_AUTH);
	obol_writer_clear(&w);
	obol_account_key_clear(&key);
	obol_account_key_clear(&next);
	obol_secret_free(export_key);
	obol_secret_free(other);
}

/* the tag is looked at only when the commitment fits */
static void open_changed(const struct obol_account_key *key,
						 const struct obol_credential_header *header,
						 struct obol_bytes sealed)
{
	struct obol_secret *copy = obol_secret_dup(sealed.ptr, sealed.len);
	struct obol_secret *opened = NULL;

	CT_CHECK(copy);
	obol_ct_public(obol_secret_view(copy).ptr, sealed.len);
	obol_secret_ptr(copy)[sealed.len - 1] ^= 1;
	CT_CHECK(obol_credential_open(key, header, obol_secret_view(copy),
								  &opened) == OBOL_ERR_AUTH);
	obol_secret_free(copy);
}

static void credentials(void)
{
	struct obol_credential_header header = { obol_bytes_str("vpn"), 1, 1 };
	struct obol_secret *body = draw(1000), *opened = NULL;
	struct obol_rng *rng = obol_rng_system();
	struct obol_account_key key;
	struct obol_writer w;

	obol_writer_init(&w);
	CT_CHECK(obol_account_key_new(rng, &key) == OBOL_OK);
	ct_probe_secret("the body", body);
	CT_CHECK(obol_credential_seal(rng, &key, &header, body, &w) == OBOL_OK);
	CT_CHECK(obol_credential_open(&key, &header, obol_writer_view(&w),
								  &opened) == OBOL_OK);
	ct_probe_secret("the opened body", opened);
	open_changed(&key, &header, obol_writer_view(&w));
	obol_writer_clear(&w);
	obol_account_key_clear(&key);
	obol_secret_free(opened);
	obol_secret_free(body);
}

static void code(unsigned bits)
{
	struct obol_secret *secret = NULL, *text = NULL, *read = NULL;
	struct obol_secret *slip;

	CT_CHECK(obol_code_new(obol_rng_system(), bits, &secret, &text) == OBOL_OK);
	ct_probe_secret("the code's bits", secret);
	ct_probe("its first group", obol_secret_view(text).ptr, 4);
	CT_CHECK(obol_code_parse(obol_secret_view(text), bits, &read) == OBOL_OK);
	ct_probe_secret("the code that was read", read);
	/* somebody's typing, all of it marked */
	slip = obol_secret_dup(obol_secret_view(text).ptr, obol_secret_len(text));
	CT_CHECK(slip);
	obol_secret_free(read);
	read = NULL;
	CT_CHECK(obol_code_parse(obol_secret_view(slip), bits, &read) == OBOL_OK);
	obol_secret_ptr(slip)[0] ^= 1;
	CT_CHECK(obol_code_parse(obol_secret_view(slip), bits, &read) != OBOL_OK);
	obol_secret_free(slip);
	obol_secret_free(read);
	obol_secret_free(text);
	obol_secret_free(secret);
}

static void codes(void)
{
	code(OBOL_ACTIVATION_BITS);
	code(OBOL_RECOVERY_BITS);
}

const struct ct_case ct_seal_cases[] = {
	{ "wraps", wraps },
	{ "credentials", credentials },
	{ "codes", codes },
	{ NULL, NULL },
};
