/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The keys of a transfer, and records under them: AES-256-GCM. */
#include "transfer/record.h"

#include <openssl/evp.h>

#include "pake/kdf.h"

#define KEY_LEN 32
#define IV_LEN 12

static enum obol_status expand(const struct obol_secret *prk, const char *label,
							   size_t len, struct obol_secret **out)
{
	struct obol_secret *made = obol_secret_new(len);
	enum obol_status status = OBOL_ERR_NOMEM;

	if (made)
	{
		status = obol_hkdf_expand(prk, obol_bytes_str(label), made);
	}
	if (status != OBOL_OK)
	{
		obol_secret_free(made);
		return status;
	}
	*out = made;
	return OBOL_OK;
}

/* Key and initial value of a direction, in this order under one label. */
static enum obol_status derive_direction(struct obol_record_key *key,
										 const struct obol_secret *prk,
										 const char *label, bool is_sending)
{
	struct obol_secret *okm = NULL;
	enum obol_status status = expand(prk, label, KEY_LEN + IV_LEN, &okm);
	const uint8_t *bytes;

	if (status != OBOL_OK)
	{
		return status;
	}
	bytes = obol_secret_view(okm).ptr;
	memcpy(key->iv, bytes + KEY_LEN, IV_LEN);
	key->number = 0;
	key->cipher = EVP_CIPHER_CTX_new();
	status = OBOL_ERR_CRYPTO;
	if (key->cipher && EVP_CipherInit_ex2(key->cipher, EVP_aes_256_gcm(), bytes,
										  NULL, is_sending ? 1 : 0, NULL) == 1)
	{
		status = OBOL_OK;
	}
	obol_secret_free(okm);
	return status;
}

enum obol_status obol_transfer_keys_derive(struct obol_transfer_keys *keys,
										   const struct obol_secret *isk,
										   struct obol_bytes sid,
										   enum obol_transfer_role own)
{
	bool is_initiator = own == OBOL_TRANSFER_INITIATOR;
	struct obol_record_key *from_i =
		is_initiator ? &keys->send : &keys->receive;
	struct obol_record_key *from_r =
		is_initiator ? &keys->receive : &keys->send;
	struct obol_secret *prk = NULL;
	enum obol_status status;

	status = obol_hkdf_extract(sid, isk, &prk);
	if (status == OBOL_OK)
	{
		status = derive_direction(from_i, prk, "obol-transfer from initiator",
								  is_initiator);
	}
	if (status == OBOL_OK)
	{
		status = derive_direction(from_r, prk, "obol-transfer from responder",
								  !is_initiator);
	}
	if (status == OBOL_OK)
	{
		status = expand(prk, "obol-transfer receipt", KEY_LEN, &keys->receipt);
	}
	obol_secret_free(prk);
	return status;
}

void obol_transfer_keys_clear(struct obol_transfer_keys *keys)
{
	EVP_CIPHER_CTX_free(keys->send.cipher);
	EVP_CIPHER_CTX_free(keys->receive.cipher);
	obol_secret_free(keys->receipt);
	obol_wipe(keys, sizeof(*keys));
}

/* Start a record: its nonce, and the header as associated data. */
static bool start(struct obol_record_key *key, const uint8_t *header)
{
	uint8_t nonce[IV_LEN];
	int i, len;

	memcpy(nonce, key->iv, sizeof(nonce));
	for (i = 0; i < 8; i++)
	{
		nonce[IV_LEN - 1 - i] ^= (uint8_t)(key->number >> 8 * i);
	}
	key->number++;
	return EVP_CipherInit_ex2(key->cipher, NULL, NULL, nonce, -1, NULL) == 1 &&
		   EVP_CipherUpdate(key->cipher, NULL, &len, header,
							OBOL_TRANSFER_HEADER_LEN) == 1;
}

enum obol_status obol_record_seal(struct obol_record_key *key,
								  enum obol_transfer_content type,
								  struct obol_bytes content,
								  struct obol_writer *out)
{
	size_t len = 1 + content.len, at = out->len;
	uint8_t type_byte = (uint8_t)type;
	uint8_t *header, *body;
	int n, rest;

	obol_write_u8(out, OBOL_TRANSFER_RECORD);
	obol_write_u24(out, (uint32_t)(len + OBOL_TRANSFER_SEAL_LEN));
	obol_write_zeros(out, len + OBOL_TRANSFER_SEAL_LEN);
	if (obol_writer_status(out) != OBOL_OK)
	{
		return obol_writer_status(out);
	}
	header = out->buf + at;
	body = header + OBOL_TRANSFER_HEADER_LEN;
	if (!start(key, header) ||
		EVP_CipherUpdate(key->cipher, body, &n, &type_byte, 1) != 1 ||
		EVP_CipherUpdate(key->cipher, body + 1, &n, content.ptr,
						 (int)content.len) != 1 ||
		EVP_CipherFinal_ex(key->cipher, body + len, &rest) != 1 ||
		EVP_CIPHER_CTX_ctrl(key->cipher, EVP_CTRL_AEAD_GET_TAG,
							OBOL_TRANSFER_SEAL_LEN, body + len) != 1)
	{
		return OBOL_ERR_CRYPTO;
	}
	return OBOL_OK;
}

enum obol_status obol_record_open(struct obol_record_key *key,
								  const uint8_t *header, struct obol_bytes body,
								  uint8_t *content)
{
	uint8_t tag[OBOL_TRANSFER_SEAL_LEN];
	enum obol_status status = OBOL_ERR_CRYPTO;
	size_t len;
	int n, rest;

	if (body.len < 1 + OBOL_TRANSFER_SEAL_LEN)
	{
		return OBOL_ERR_FORMAT;
	}
	len = body.len - OBOL_TRANSFER_SEAL_LEN;
	memcpy(tag, body.ptr + len, sizeof(tag));
	if (start(key, header) &&
		EVP_CipherUpdate(key->cipher, content, &n, body.ptr, (int)len) == 1 &&
		EVP_CIPHER_CTX_ctrl(key->cipher, EVP_CTRL_AEAD_SET_TAG, sizeof(tag),
							tag) == 1)
	{
		status = EVP_CipherFinal_ex(key->cipher, content + n, &rest) == 1
					 ? OBOL_OK
					 : OBOL_ERR_AUTH;
	}
	if (status != OBOL_OK)
	{
		obol_wipe(content, len);
	}
	return status;
}
