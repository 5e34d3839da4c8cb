/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Values between the secrets and the frames. */
#include "spec/vector_show.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/ct.h"
#include "group/scalar.h"
#include "pake/kdf.h"
#include "pake/oprf.h"
#include "seal/aead.h"

/* Where things stand in a LoginChallenge's body. */
#define KEY_NUMBER_AT OBOL_KSF_PARAMS_LEN
#define KE2_AT (KEY_NUMBER_AT + 4)
#define MASKING_NONCE_AT (KE2_AT + OBOL_OPAQUE_NOE)
#define MASKED_AT (MASKING_NONCE_AT + OBOL_OPAQUE_NN)
#define MASKED_LEN (OBOL_OPAQUE_NPK + OBOL_OPAQUE_ENVELOPE_LEN)

/* A wrap's bytes before its seal, a sealed credential's likewise. */
#define WRAP_HEAD_LEN (1 + 2 + 1 + OBOL_ACCOUNT_ID_LEN + 4)
#define CREDENTIAL_HEAD_LEN (1 + 4)

/*
 * OPAQUE
 */

struct obol_secret *vector_oprf_input(struct vector_text *out, const char *name,
									  const struct obol_secret *secret)
{
	struct obol_secret *input = NULL;

	must(obol_login_oprf_input(obol_bytes_str(name), secret, &input) ==
		 OBOL_OK);
	vector_secret(out, "oprf_input", input);
	return input;
}

struct obol_secret *vector_randomize(struct vector_text *out,
									 const struct vector_stretch *in)
{
	struct obol_secret *output = obol_secret_new(OBOL_OPRF_OUTPUT_LEN);
	struct obol_secret *stretched = obol_secret_new(OBOL_OPRF_OUTPUT_LEN);
	struct obol_secret *both = obol_secret_new(2 * OBOL_OPRF_OUTPUT_LEN);
	struct obol_secret *randomized = NULL;
	struct obol_scalar blind;
	struct obol_ksf ksf;

	must(output && stretched && both);
	must(obol_scalar_decode(obol_bytes(in->blind, OBOL_SCALAR_LEN), &blind) ==
		 OBOL_OK);
	must(obol_oprf_finalize(in->input, &blind,
							obol_bytes(in->evaluated, OBOL_OPAQUE_NOE),
							output) == OBOL_OK);
	vector_secret(out, "oprf_output", output);
	must(obol_ksf_init(&ksf, &in->ksf) == OBOL_OK);
	must(ksf.stretch(&ksf, output, stretched) == OBOL_OK);
	vector_secret(out, "stretched", stretched);
	memcpy(obol_secret_ptr(both), obol_secret_ptr(output),
		   OBOL_OPRF_OUTPUT_LEN);
	memcpy(obol_secret_ptr(both) + OBOL_OPRF_OUTPUT_LEN,
		   obol_secret_ptr(stretched), OBOL_OPRF_OUTPUT_LEN);
	must(obol_hkdf_extract(obol_bytes(NULL, 0), both, &randomized) == OBOL_OK);
	vector_secret(out, "randomized_password", randomized);
	obol_secret_free(both);
	obol_secret_free(stretched);
	obol_secret_free(output);
	return randomized;
}

static struct obol_secret *expand(const struct obol_secret *prk,
								  struct obol_bytes nonce, const char *label,
								  size_t len)
{
	struct obol_bytes info[] = { nonce, obol_bytes_str(label) };
	struct obol_secret *out = obol_secret_new(len);

	must(out);
	must(obol_hkdf_expand_parts(prk, info, 2, out) == OBOL_OK);
	return out;
}

struct obol_secret *
vector_export_key(struct vector_text *out,
				  const struct obol_secret *randomized_password,
				  const uint8_t *envelope_nonce)
{
	struct obol_secret *export_key =
		expand(randomized_password, obol_bytes(envelope_nonce, OBOL_OPAQUE_NN),
			   "ExportKey", OBOL_OPAQUE_NH);

	vector_secret(out, "export_key", export_key);
	return export_key;
}

struct obol_secret *vector_unmask(struct vector_text *out,
								  const struct obol_secret *randomized_password,
								  const uint8_t *challenge)
{
	struct obol_secret *key = expand(randomized_password, obol_bytes(NULL, 0),
									 "MaskingKey", OBOL_OPAQUE_NH);
	struct obol_secret *pad =
		expand(key, obol_bytes(challenge + MASKING_NONCE_AT, OBOL_OPAQUE_NN),
			   "CredentialResponsePad", MASKED_LEN);
	uint8_t opened[MASKED_LEN];
	struct obol_bytes pad_bytes = obol_secret_view(pad);
	size_t i;

	for (i = 0; i < MASKED_LEN; i++)
	{
		opened[i] = challenge[MASKED_AT + i] ^ pad_bytes.ptr[i];
	}
	vector_secret(out, "masking_key", key);
	vector_bytes(out, "server_public_key", obol_bytes(opened, OBOL_OPAQUE_NPK));
	vector_bytes(
		out, "envelope",
		obol_bytes(opened + OBOL_OPAQUE_NPK, OBOL_OPAQUE_ENVELOPE_LEN));
	obol_secret_free(pad);
	obol_secret_free(key);
	return vector_export_key(out, randomized_password,
							 opened + OBOL_OPAQUE_NPK);
}

void vector_context(struct vector_text *out, enum obol_slot_kind kind,
					const uint8_t *challenge, const uint8_t *exporter)
{
	static const uint8_t head[] = {
		'O', 'b', 'o', 'l', '-', 'v', '1', 0, 1, 1
	};
	uint8_t context[OBOL_LOGIN_CONTEXT_LEN];

	memcpy(context, head, sizeof(head));
	context[sizeof(head)] = (uint8_t)kind;
	memcpy(context + sizeof(head) + 1, challenge, KE2_AT);
	memcpy(context + sizeof(head) + 1 + KE2_AT, exporter, OBOL_EXPORTER_LEN);
	vector_bytes(out, "context", obol_bytes(context, sizeof(context)));
}

/*
 * Seals
 */

/* By the derivation of the specification, and by the code: both must agree. */
static struct obol_secret *show_seal(struct vector_text *out,
									 const struct obol_secret *key,
									 const char *label, struct obol_bytes ad,
									 struct obol_bytes seal)
{
	static const uint8_t zero[1] = { 0 };
	struct obol_bytes info[] = { obol_bytes_str(label), { zero, 1 }, ad };
	struct obol_secret *prk = NULL, *okm = obol_secret_new(76);
	struct obol_secret *plaintext = NULL;
	const uint8_t *bytes;

	must(okm && seal.len > OBOL_SEAL_OVERHEAD);
	must(obol_hkdf_extract(obol_bytes(seal.ptr, 32), key, &prk) == OBOL_OK);
	must(obol_hkdf_expand_parts(prk, info, 3, okm) == OBOL_OK);
	bytes = obol_secret_ptr(okm);
	must(obol_ct_eq(bytes + 44, seal.ptr + 32, 32));
	must(obol_aead_open(key, label, ad, seal, &plaintext) == OBOL_OK);
	vector_bytes(out, "ad", ad);
	vector_bytes(out, "salt", obol_bytes(seal.ptr, 32));
	vector_bytes(out, "key", obol_bytes(bytes, 32));
	vector_bytes(out, "nonce", obol_bytes(bytes + 32, 12));
	vector_bytes(out, "commitment", obol_bytes(bytes + 44, 32));
	vector_secret(out, "plaintext", plaintext);
	obol_secret_free(okm);
	obol_secret_free(prk);
	return plaintext;
}

void vector_wrap(struct vector_text *out, const struct obol_secret *export_key,
				 struct obol_bytes wrap)
{
	const char *prefix = out->prefix;
	char both[64];

	must(wrap.len > WRAP_HEAD_LEN);
	(void)snprintf(both, sizeof(both), "%swrap_", prefix ? prefix : "");
	out->prefix = both;
	obol_secret_free(show_seal(
		out, export_key, "Obol-v1 slot wrap",
		obol_bytes(wrap.ptr, WRAP_HEAD_LEN),
		obol_bytes(wrap.ptr + WRAP_HEAD_LEN, wrap.len - WRAP_HEAD_LEN)));
	out->prefix = prefix;
}

void vector_credential(struct vector_text *out,
					   const struct obol_account_key *key,
					   const struct obol_credential_header *header,
					   struct obol_bytes sealed)
{
	struct obol_writer ad;
	struct obol_secret *body = NULL, *plaintext;
	struct obol_bytes view;

	obol_writer_init(&ad);
	obol_write_u8(&ad, 1);
	obol_write_bytes(&ad, obol_bytes(key->account_id, OBOL_ACCOUNT_ID_LEN));
	obol_write_u32(&ad, key->generation);
	obol_write_vec8(&ad, header->name);
	obol_write_u16(&ad, header->format);
	obol_write_u64(&ad, header->version);
	must(sealed.len > CREDENTIAL_HEAD_LEN);
	plaintext =
		show_seal(out, key->key, "Obol-v1 credential", obol_writer_view(&ad),
				  obol_bytes(sealed.ptr + CREDENTIAL_HEAD_LEN,
							 sealed.len - CREDENTIAL_HEAD_LEN));
	must(obol_credential_open(key, header, sealed, &body) == OBOL_OK);
	view = obol_secret_view(plaintext);
	must(view.len >= 4 + obol_secret_len(body));
	must(memcmp(view.ptr + 4, obol_secret_ptr(body), obol_secret_len(body)) ==
		 0);
	vector_secret(out, "body", body);
	obol_secret_free(body);
	obol_secret_free(plaintext);
	obol_writer_clear(&ad);
}

void vector_account_key(struct vector_text *out,
						const struct obol_account_key *key)
{
	vector_bytes(out, "account_id",
				 obol_bytes(key->account_id, OBOL_ACCOUNT_ID_LEN));
	vector_number(out, "generation", key->generation, 4);
	vector_secret(out, "account_key", key->key);
}
