/* SPDX-License-Identifier: GPL-2.0-or-later */
/* OpenSSL objects made once in a process. */
#include "group/fixed.h"

#include <openssl/crypto.h>
#include <openssl/obj_mac.h>

#include <stdbool.h>

/* Written by make_all() alone, which runs once, before anybody reads. */
static CRYPTO_ONCE once = CRYPTO_ONCE_STATIC_INIT;
static struct obol_fixed fixed;
static bool complete;

static void make_all(void)
{
	fixed.p256 = EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1);
	fixed.sha256 = EVP_MD_fetch(NULL, "SHA256", NULL);
	complete = fixed.p256 && fixed.sha256;
}

const struct obol_fixed *obol_fixed(void)
{
	if (!CRYPTO_THREAD_run_once(&once, make_all) || !complete)
	{
		return NULL;
	}
	return &fixed;
}
