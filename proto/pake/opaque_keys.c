/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Keys of OPAQUE: derivation, Diffie-Hellman, and the server's in memory. */
#include "pake/opaque_keys.h"
#include "base/ct_check.h"
#include "pake/kdf.h"
#include "pake/oprf.h"

/** A secret of this size gets pages of its own. */
#define PAGED_LEN 1024

enum obol_status
obol_opaque_derive_dh_key_pair(const struct obol_secret *seed,
							   struct obol_scalar *private_key,
							   uint8_t public_key[OBOL_OPAQUE_NPK])
{
	return obol_derive_key_pair(
		seed, obol_bytes_str("OPAQUE-DeriveDiffieHellmanKeyPair"), private_key,
		public_key);
}

enum obol_status obol_opaque_oprf_key(const struct obol_secret *oprf_seed,
									  struct obol_bytes credential_identifier,
									  struct obol_scalar *oprf_key)
{
	struct obol_bytes info[] = {
		credential_identifier,
		obol_bytes_str("OprfKey"),
	};
	struct obol_secret *seed = obol_secret_new(OBOL_OPAQUE_NOK);
	enum obol_status status = OBOL_ERR_NOMEM;

	obol_scalar_clear(oprf_key);
	if (!seed)
	{
		return status;
	}
	status = obol_hkdf_expand_parts(oprf_seed, info, 2, seed);
	if (status == OBOL_OK)
	{
		status = obol_derive_key_pair(
			seed, obol_bytes_str("OPAQUE-DeriveKeyPair"), oprf_key, NULL);
	}
	obol_secret_free(seed);
	return status;
}

enum obol_status
obol_opaque_diffie_hellman(const struct obol_scalar *private_key,
						   struct obol_bytes point,
						   uint8_t shared[OBOL_OPAQUE_NPK])
{
	struct obol_p256_point element;
	enum obol_status status;

	/* RFC 9807, 10.7: public keys are validated before use */
	status = point.len == OBOL_P256_UNCOMPRESSED_LEN
				 ? obol_p256_decode_uncompressed(point, &element)
				 : obol_p256_decode(point, &element);
	if (status != OBOL_OK)
	{
		return status;
	}
	status = obol_p256_mul(private_key, &element, &element);
	if (status == OBOL_OK)
	{
		obol_p256_encode(shared, &element);
	}
	obol_p256_clear(&element);
	return status;
}

enum obol_status
obol_opaque_resolve_identities(const struct obol_opaque_identities *ids,
							   const uint8_t client_public_key[OBOL_OPAQUE_NPK],
							   const uint8_t server_public_key[OBOL_OPAQUE_NPK],
							   struct obol_opaque_identities *out)
{
	struct obol_opaque_identities resolved = {
		obol_bytes(client_public_key, OBOL_OPAQUE_NPK),
		obol_bytes(server_public_key, OBOL_OPAQUE_NPK),
	};

	if (ids && ids->client.len)
	{
		resolved.client = ids->client;
	}
	if (ids && ids->server.len)
	{
		resolved.server = ids->server;
	}
	if (resolved.client.len > OBOL_OPAQUE_FIELD_MAX ||
		resolved.server.len > OBOL_OPAQUE_FIELD_MAX)
	{
		return OBOL_ERR_ARG;
	}
	*out = resolved;
	return OBOL_OK;
}

void obol_opaque_put_len(uint8_t out[2], struct obol_bytes bytes)
{
	out[0] = (uint8_t)(bytes.len >> 8);
	out[1] = (uint8_t)bytes.len;
}

enum obol_status
obol_opaque_generate_key_pair(struct obol_rng *rng,
							  struct obol_secret **private_key,
							  uint8_t public_key[OBOL_OPAQUE_NPK])
{
	struct obol_secret *encoded = obol_secret_new(OBOL_OPAQUE_NSK);
	struct obol_secret *seed = NULL;
	struct obol_scalar scalar = { 0 };
	enum obol_status status = OBOL_ERR_NOMEM;

	if (!encoded)
	{
		goto out;
	}
	status = obol_rng_secret(rng, OBOL_OPAQUE_NSEED, &seed);
	if (status != OBOL_OK)
	{
		goto out;
	}
	status = obol_opaque_derive_dh_key_pair(seed, &scalar, public_key);
	if (status != OBOL_OK)
	{
		goto out;
	}
	obol_scalar_encode(obol_secret_ptr(encoded), &scalar);
	*private_key = encoded;
	encoded = NULL; /* moved to the caller */
out:
	obol_scalar_clear(&scalar);
	obol_secret_free(seed);
	obol_secret_free(encoded);
	return status;
}

/* Keys held in this process. */
struct local_keys {
	/** what this struct lies in */
	struct obol_secret *memory;
	uint32_t key_number;
	const struct obol_secret *oprf_seed;
	struct obol_scalar private_key;
	uint8_t public_key[OBOL_OPAQUE_NPK];
};

static enum obol_status
local_oprf_evaluate(struct obol_opaque_keys *keys, uint32_t key_number,
					struct obol_bytes credential_identifier,
					struct obol_bytes blinded,
					uint8_t evaluated[OBOL_OPAQUE_NOE])
{
	struct local_keys *local = keys->ctx;
	struct obol_scalar oprf_key;
	enum obol_status status;

	if (key_number != local->key_number)
	{
		return OBOL_ERR_NOT_FOUND;
	}
	status = obol_opaque_oprf_key(local->oprf_seed, credential_identifier,
								  &oprf_key);
	if (status == OBOL_OK)
	{
		status = obol_oprf_blind_evaluate(&oprf_key, blinded, evaluated);
	}
	obol_scalar_clear(&oprf_key);
	return status;
}

static enum obol_status local_static_dh(struct obol_opaque_keys *keys,
										uint32_t key_number,
										struct obol_bytes point,
										struct obol_secret *shared)
{
	struct local_keys *local = keys->ctx;

	if (key_number != local->key_number)
	{
		return OBOL_ERR_NOT_FOUND;
	}
	if (obol_secret_len(shared) != OBOL_OPAQUE_NPK)
	{
		return OBOL_ERR_ARG;
	}
	return obol_opaque_diffie_hellman(&local->private_key, point,
									  obol_secret_ptr(shared));
}

static enum obol_status local_public_key(struct obol_opaque_keys *keys,
										 uint32_t key_number,
										 uint8_t public_key[OBOL_OPAQUE_NPK])
{
	struct local_keys *local = keys->ctx;

	if (key_number != local->key_number)
	{
		return OBOL_ERR_NOT_FOUND;
	}
	memcpy(public_key, local->public_key, OBOL_OPAQUE_NPK);
	return OBOL_OK;
}

/* It lives as long as the process: in pages that are locked and not dumped. */
static struct local_keys *local_keys_new(void)
{
	struct obol_secret *memory = obol_secret_new(PAGED_LEN);
	struct local_keys *local = (void *)obol_secret_ptr(memory);

	if (local)
	{
		local->memory = memory;
	}
	return local;
}

static void local_keys_free(struct local_keys *local)
{
	if (local)
	{
		obol_secret_free(local->memory);
	}
}

enum obol_status
obol_opaque_local_keys_init(struct obol_opaque_keys *keys, uint32_t key_number,
							const struct obol_secret *oprf_seed,
							const struct obol_secret *private_key)
{
	struct local_keys *local = local_keys_new();
	struct obol_p256_point point;
	enum obol_status status = OBOL_ERR_NOMEM;

	if (!local)
	{
		goto out;
	}
	status = OBOL_ERR_FORMAT;
	if (obol_secret_len(oprf_seed) != OBOL_OPAQUE_NH)
	{
		goto out;
	}
	status =
		obol_scalar_decode(obol_secret_view(private_key), &local->private_key);
	if (status != OBOL_OK)
	{
		goto out;
	}
	status = obol_p256_mul_base(&local->private_key, &point);
	if (status != OBOL_OK)
	{
		goto out;
	}
	obol_p256_encode(local->public_key, &point);
	/* public: a public key */
	obol_ct_public(local->public_key, OBOL_OPAQUE_NPK);
	local->key_number = key_number;
	local->oprf_seed = oprf_seed;
	keys->oprf_evaluate = local_oprf_evaluate;
	keys->static_dh = local_static_dh;
	keys->ask_login = NULL;
	keys->take_login = NULL;
	keys->public_key = local_public_key;
	keys->ctx = local;
	local = NULL; /* moved into keys */
out:
	local_keys_free(local);
	return status;
}

void obol_opaque_local_keys_clear(struct obol_opaque_keys *keys)
{
	local_keys_free(keys->ctx);
	memset(keys, 0, sizeof(*keys));
}
