/* SPDX-License-Identifier: GPL-2.0-or-later */
/* OPAQUE's envelope and the randomized password. */
#include "pake/opaque_envelope.h"
#include "base/ct_check.h"
#include "pake/kdf.h"
#include "pake/opaque_keys.h"
#include "pake/oprf.h"

enum obol_status obol_opaque_randomized_password(
	const struct obol_secret *password, struct obol_scalar *blind,
	struct obol_bytes evaluated, const struct obol_ksf *ksf,
	struct obol_secret **randomized_password)
{
	struct obol_secret *output = obol_secret_new(OBOL_OPRF_OUTPUT_LEN);
	struct obol_secret *stretched = obol_secret_new(OBOL_OPAQUE_NH);
	struct obol_secret *ikm =
		obol_secret_new(OBOL_OPRF_OUTPUT_LEN + OBOL_OPAQUE_NH);
	enum obol_status status = OBOL_ERR_NOMEM;

	if (!output || !stretched || !ikm)
	{
		goto out;
	}
	status = obol_oprf_finalize(password, blind, evaluated, output);
	if (status != OBOL_OK)
	{
		goto out;
	}
	status = ksf->stretch(ksf, output, stretched);
	if (status != OBOL_OK)
	{
		goto out;
	}
	memcpy(obol_secret_ptr(ikm), obol_secret_ptr(output), OBOL_OPRF_OUTPUT_LEN);
	memcpy(obol_secret_ptr(ikm) + OBOL_OPRF_OUTPUT_LEN,
		   obol_secret_ptr(stretched), OBOL_OPAQUE_NH);
	status = obol_hkdf_extract(obol_bytes(NULL, 0), ikm, randomized_password);
out:
	obol_scalar_clear(blind);
	obol_secret_free(ikm);
	obol_secret_free(stretched);
	obol_secret_free(output);
	return status;
}

/* Expand(randomized_password, nonce || label, len); nonce may be empty. */
static enum obol_status derive(const struct obol_secret *randomized_password,
							   struct obol_bytes nonce, const char *label,
							   size_t len, struct obol_secret **out)
{
	struct obol_bytes info[] = { nonce, obol_bytes_str(label) };
	struct obol_secret *derived = obol_secret_new(len);
	enum obol_status status = OBOL_ERR_NOMEM;

	if (derived)
	{
		status = obol_hkdf_expand_parts(randomized_password, info, 2, derived);
	}
	if (status == OBOL_OK)
	{
		*out = derived;
		derived = NULL; /* moved to the caller */
	}
	obol_secret_free(derived);
	return status;
}

enum obol_status
obol_opaque_masking_key(const struct obol_secret *randomized_password,
						struct obol_secret **masking_key)
{
	return derive(randomized_password, obol_bytes(NULL, 0), "MaskingKey",
				  OBOL_OPAQUE_NH, masking_key);
}

enum obol_status
obol_opaque_envelope_keys(const struct obol_secret *randomized_password,
						  const uint8_t nonce[OBOL_OPAQUE_NN],
						  struct obol_opaque_envelope_keys *keys)
{
	struct obol_bytes prefix = obol_bytes(nonce, OBOL_OPAQUE_NN);
	struct obol_secret *seed = NULL;
	enum obol_status status;

	memset(keys, 0, sizeof(*keys));
	status = derive(randomized_password, prefix, "AuthKey", OBOL_OPAQUE_NH,
					&keys->auth_key);
	if (status != OBOL_OK)
	{
		goto out;
	}
	status = derive(randomized_password, prefix, "ExportKey", OBOL_OPAQUE_NH,
					&keys->export_key);
	if (status != OBOL_OK)
	{
		goto out;
	}
	status = derive(randomized_password, prefix, "PrivateKey",
					OBOL_OPAQUE_NSEED, &seed);
	if (status != OBOL_OK)
	{
		goto out;
	}
	status = obol_opaque_derive_dh_key_pair(seed, &keys->client_private_key,
											keys->client_public_key);
out:
	obol_secret_free(seed);
	if (status != OBOL_OK)
	{
		obol_opaque_envelope_keys_clear(keys);
	}
	return status;
}

void obol_opaque_envelope_keys_clear(struct obol_opaque_envelope_keys *keys)
{
	obol_secret_free(keys->auth_key);
	obol_secret_free(keys->export_key);
	obol_scalar_clear(&keys->client_private_key);
	memset(keys, 0, sizeof(*keys));
}

/* What auth_tag covers: envelope_nonce || CleartextCredentials (RFC 9807, 4).
 * The lengths' bytes live with the caller. */
#define TAG_PARTS 6

static void tag_parts(const uint8_t *nonce, const uint8_t *server_public_key,
					  const struct obol_opaque_identities *ids,
					  uint8_t lengths[4], struct obol_bytes parts[TAG_PARTS])
{
	obol_opaque_put_len(lengths, ids->server);
	obol_opaque_put_len(lengths + 2, ids->client);
	parts[0] = obol_bytes(nonce, OBOL_OPAQUE_NN);
	parts[1] = obol_bytes(server_public_key, OBOL_OPAQUE_NPK);
	parts[2] = obol_bytes(lengths, 2);
	parts[3] = ids->server;
	parts[4] = obol_bytes(lengths + 2, 2);
	parts[5] = ids->client;
}

enum obol_status
obol_opaque_envelope_store(const struct obol_opaque_envelope_keys *keys,
						   const uint8_t nonce[OBOL_OPAQUE_NN],
						   const uint8_t server_public_key[OBOL_OPAQUE_NPK],
						   const struct obol_opaque_identities *ids,
						   uint8_t envelope[OBOL_OPAQUE_ENVELOPE_LEN])
{
	struct obol_opaque_identities resolved;
	struct obol_bytes parts[TAG_PARTS];
	enum obol_status status;
	uint8_t lengths[4];

	status = obol_opaque_resolve_identities(ids, keys->client_public_key,
											server_public_key, &resolved);
	if (status != OBOL_OK)
	{
		return status;
	}
	tag_parts(nonce, server_public_key, &resolved, lengths, parts);
	memcpy(envelope, nonce, OBOL_OPAQUE_NN);
	status = obol_hmac_sha256(keys->auth_key, parts, TAG_PARTS,
							  envelope + OBOL_OPAQUE_NN);
	/* public: it goes to the server */
	obol_ct_public(envelope, OBOL_OPAQUE_ENVELOPE_LEN);
	return status;
}

enum obol_status
obol_opaque_envelope_recover(const struct obol_secret *randomized_password,
							 const uint8_t server_public_key[OBOL_OPAQUE_NPK],
							 const uint8_t envelope[OBOL_OPAQUE_ENVELOPE_LEN],
							 const struct obol_opaque_identities *ids,
							 struct obol_opaque_envelope_keys *keys)
{
	struct obol_opaque_envelope_keys recovered;
	struct obol_opaque_identities resolved;
	struct obol_bytes parts[TAG_PARTS];
	enum obol_status status;
	uint8_t lengths[4];

	status =
		obol_opaque_envelope_keys(randomized_password, envelope, &recovered);
	if (status != OBOL_OK)
	{
		return status;
	}
	status = obol_opaque_resolve_identities(ids, recovered.client_public_key,
											server_public_key, &resolved);
	if (status != OBOL_OK)
	{
		goto out;
	}
	tag_parts(envelope, server_public_key, &resolved, lengths, parts);
	/* RFC 9807, 4.1.3: EnvelopeRecoveryError, compared in constant time */
	status = obol_hmac_sha256_verify(
		recovered.auth_key, parts, TAG_PARTS,
		obol_bytes(envelope + OBOL_OPAQUE_NN, OBOL_OPAQUE_NM));
	if (status != OBOL_OK)
	{
		goto out;
	}
	*keys = recovered;
	memset(&recovered, 0, sizeof(recovered)); /* moved to the caller */
out:
	obol_opaque_envelope_keys_clear(&recovered);
	return status;
}
