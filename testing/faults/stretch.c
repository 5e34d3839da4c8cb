/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Stretches a password with one HMAC in place of scrypt. It is the clients'
 * work, and no server can see how they do it: so a machine can play hundreds of
 * them, and what is exercised is the server. Nothing but these clients opens
 * what they have set up. */
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <string.h>

/* in place of libcrypto's */
int EVP_PBE_scrypt(const char *pass, size_t passlen, const unsigned char *salt,
				   size_t saltlen, uint64_t N, uint64_t r, uint64_t p,
				   uint64_t maxmem, unsigned char *key, size_t keylen)
{
	unsigned char hash[EVP_MAX_MD_SIZE];
	unsigned len = 0;

	(void)N;
	(void)r;
	(void)p;
	(void)maxmem;
	if (!HMAC(EVP_sha256(), salt, (int)saltlen, (const unsigned char *)pass,
			  passlen, hash, &len) ||
		keylen > len)
	{
		return 0;
	}
	memcpy(key, hash, keylen);
	return 1;
}
