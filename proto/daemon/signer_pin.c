/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Pins of TLS keys. */
#include "daemon/signer_pin.h"

#include <stdio.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/evp.h>

#define PREFIX "sha256:"

static int digit(char c)
{
	static const char digits[] = "0123456789abcdef";
	const char *at = c ? strchr(digits, c) : NULL;

	return at ? (int)(at - digits) : -1;
}

bool obol_signer_pin_parse(const char *text, uint8_t pin[OBOL_SIGNER_PIN_LEN])
{
	const char *c = text + strlen(PREFIX);
	size_t i;

	if (strncmp(text, PREFIX, strlen(PREFIX)) != 0 ||
		strlen(c) != 2 * OBOL_SIGNER_PIN_LEN)
	{
		return false;
	}
	for (i = 0; i < OBOL_SIGNER_PIN_LEN; i++)
	{
		int high = digit(c[2 * i]), low = digit(c[2 * i + 1]);

		if (high < 0 || low < 0)
		{
			return false;
		}
		pin[i] = (uint8_t)(high << 4 | low);
	}
	return true;
}

void obol_signer_pin_print(const uint8_t pin[OBOL_SIGNER_PIN_LEN],
						   char text[OBOL_SIGNER_PIN_TEXT])
{
	size_t at = strlen(PREFIX), i;

	memcpy(text, PREFIX, at + 1);
	for (i = 0; i < OBOL_SIGNER_PIN_LEN; i++, at += 2)
	{
		(void)snprintf(text + at, 3, "%02x", pin[i]);
	}
}

enum obol_status obol_signer_pin_of(const X509 *certificate,
									uint8_t pin[OBOL_SIGNER_PIN_LEN])
{
	unsigned char *der = NULL;
	int len = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(certificate), &der);
	bool is_ok = len > 0 && EVP_Digest(der, (size_t)len, pin, NULL,
									   EVP_sha256(), NULL) == 1;

	OPENSSL_free(der);
	ERR_clear_error();
	return is_ok ? OBOL_OK : OBOL_ERR_CRYPTO;
}
