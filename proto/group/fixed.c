/* SPDX-License-Identifier: GPL-2.0-or-later */
/* OpenSSL objects made once in a process. */
#include "group/fixed.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/obj_mac.h>

#include <stdbool.h>

/* Written by make_all() alone, which runs once, before anybody reads. */
static CRYPTO_ONCE once = CRYPTO_ONCE_STATIC_INIT;
static struct obol_fixed fixed;
static bool complete;

static EVP_MAC_CTX *make_hmac(void)
{
	char digest[] = "SHA256";
	OSSL_PARAM params[2];
	EVP_MAC *mac = EVP_MAC_fetch(NULL, OSSL_MAC_NAME_HMAC, NULL);
	EVP_MAC_CTX *ctx = mac ? EVP_MAC_CTX_new(mac) : NULL;

	params[0] = OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest,
												 sizeof(digest) - 1);
	params[1] = OSSL_PARAM_construct_end();
	if (ctx && EVP_MAC_CTX_set_params(ctx, params) != 1)
	{
		EVP_MAC_CTX_free(ctx);
		ctx = NULL;
	}
	EVP_MAC_free(mac);
	return ctx;
}

static void make_all(void)
{
	fixed.p256 = EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1);
	fixed.sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
	fixed.hmac = make_hmac();
	complete = fixed.p256 && fixed.sha256 && fixed.hmac;
}

const struct obol_fixed *obol_fixed(void)
{
	if (!CRYPTO_THREAD_run_once(&once, make_all) || !complete)
	{
		return NULL;
	}
	return &fixed;
}
