/* SPDX-License-Identifier: GPL-2.0-or-later */
/* OPAQUE-3DH's key schedule. */
#include "pake/opaque_3dh.h"
#include "pake/kdf.h"
#include "pake/opaque_keys.h"

/* Hash(preamble || more): the preamble of RFC 9807, 6.4.2.1, alone (6.4.2.2)
 * or with the server's MAC behind it (6.4.3). */
static enum obol_status
hash_preamble(const struct obol_opaque_transcript *transcript,
			  struct obol_bytes more, uint8_t hash[OBOL_OPAQUE_NH])
{
	uint8_t context_len[2], client_len[2], server_len[2];
	struct obol_bytes parts[] = {
		obol_bytes_str("OPAQUEv1-"),
		obol_bytes(context_len, 2),
		transcript->context,
		obol_bytes(client_len, 2),
		transcript->ids.client,
		obol_bytes(transcript->ke1, OBOL_OPAQUE_KE1_LEN),
		obol_bytes(server_len, 2),
		transcript->ids.server,
		obol_bytes(transcript->ke2, OBOL_OPAQUE_KE2_COVERED_LEN),
		more,
	};

	obol_opaque_put_len(context_len, transcript->context);
	obol_opaque_put_len(client_len, transcript->ids.client);
	obol_opaque_put_len(server_len, transcript->ids.server);
	return obol_sha256(parts, sizeof(parts) / sizeof(parts[0]), hash);
}

/* Derive-Secret (RFC 9807, 6.4.2.1: Expand-Label with
 * CustomLabel { uint16 length; opaque label<8..255>; uint8 context<0..255> },
 * the label prefixed by "OPAQUE-"). */
static enum obol_status derive_secret(const struct obol_secret *secret,
									  const char *label,
									  struct obol_bytes transcript_hash,
									  struct obol_secret **out)
{
	static const char prefix[] = "OPAQUE-";
	uint8_t head[3] = {
		0,
		OBOL_OPAQUE_NX,
		(uint8_t)(sizeof(prefix) - 1 + strlen(label)),
	};
	uint8_t hash_len = (uint8_t)transcript_hash.len;
	struct obol_bytes info[] = {
		obol_bytes(head, sizeof(head)),
		obol_bytes_str(prefix),
		obol_bytes_str(label),
		obol_bytes(&hash_len, 1),
		transcript_hash,
	};
	struct obol_secret *derived = obol_secret_new(OBOL_OPAQUE_NX);
	enum obol_status status = OBOL_ERR_NOMEM;

	if (derived)
	{
		status = obol_hkdf_expand_parts(secret, info, 5, derived);
	}
	if (status == OBOL_OK)
	{
		*out = derived;
		derived = NULL; /* moved to the caller */
	}
	obol_secret_free(derived);
	return status;
}

/* RFC 9807, 6.4.2.2: DeriveKeys */
static enum obol_status derive_keys(const struct obol_secret *ikm,
									struct obol_bytes preamble_hash,
									struct obol_opaque_3dh *keys)
{
	struct obol_bytes none = { NULL, 0 };
	struct obol_secret *prk = NULL;
	enum obol_status status;

	status = obol_hkdf_extract(none, ikm, &prk);
	if (status != OBOL_OK)
	{
		return status;
	}
	status = derive_secret(prk, "HandshakeSecret", preamble_hash,
						   &keys->handshake_secret);
	if (status == OBOL_OK)
	{
		status =
			derive_secret(prk, "SessionKey", preamble_hash, &keys->session_key);
	}
	if (status == OBOL_OK)
	{
		status = derive_secret(keys->handshake_secret, "ServerMAC", none,
							   &keys->server_mac_key);
	}
	if (status == OBOL_OK)
	{
		status = derive_secret(keys->handshake_secret, "ClientMAC", none,
							   &keys->client_mac_key);
	}
	obol_secret_free(prk);
	return status;
}

enum obol_status
obol_opaque_3dh(const struct obol_secret *ikm,
				const struct obol_opaque_transcript *transcript,
				struct obol_opaque_3dh *out)
{
	uint8_t hash[OBOL_OPAQUE_NH];
	struct obol_bytes hashed = obol_bytes(hash, sizeof(hash));
	enum obol_status status;

	memset(out, 0, sizeof(*out));
	if (transcript->context.len > OBOL_OPAQUE_FIELD_MAX)
	{
		return OBOL_ERR_ARG;
	}
	status = hash_preamble(transcript, obol_bytes(NULL, 0), hash);
	if (status != OBOL_OK)
	{
		goto out;
	}
	status = derive_keys(ikm, hashed, out);
	if (status != OBOL_OK)
	{
		goto out;
	}
	status = obol_hmac_sha256(out->server_mac_key, &hashed, 1, out->server_mac);
	if (status != OBOL_OK)
	{
		goto out;
	}
	status = hash_preamble(transcript,
						   obol_bytes(out->server_mac, OBOL_OPAQUE_NM), hash);
	if (status != OBOL_OK)
	{
		goto out;
	}
	status = obol_hmac_sha256(out->client_mac_key, &hashed, 1, out->client_mac);
out:
	if (status != OBOL_OK)
	{
		obol_opaque_3dh_clear(out);
	}
	return status;
}

void obol_opaque_3dh_clear(struct obol_opaque_3dh *keys)
{
	obol_secret_free(keys->handshake_secret);
	obol_secret_free(keys->session_key);
	obol_secret_free(keys->server_mac_key);
	obol_secret_free(keys->client_mac_key);
	obol_wipe(keys, sizeof(*keys));
}
