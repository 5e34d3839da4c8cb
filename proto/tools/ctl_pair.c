/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A key and its certificate, in no order without the other. */
#include "tools/ctl_pair.h"

#include "base/file.h"
#include "issue/pem.h"

#include <errno.h>
#include <openssl/err.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/** Certificates in the file of one. */
#define CHAIN_MAX 8
#define WHY_MAX 256

/** The first certificate of a file goes with the key in another one. */
static bool fits(const char *certificate, const char *path)
{
	X509 *chain[CHAIN_MAX];
	char why[WHY_MAX];
	EVP_PKEY *key = NULL;
	bool does = false;
	size_t n = 0;

	if (obol_pem_read_key(path, &key, why, sizeof(why)) == OBOL_OK &&
		obol_pem_read_certificates(certificate, CHAIN_MAX, chain, &n, why,
								   sizeof(why)) == OBOL_OK)
	{
		does = X509_check_private_key(chain[0], key) == 1;
	}
	while (n > 0)
	{
		X509_free(chain[--n]);
	}
	EVP_PKEY_free(key);
	ERR_clear_error();
	return does;
}

/** The new key in the old one's place. Not durable before the next file of the
 * directory is: until then it has its other name, which does as well. */
static enum obol_status take_place(const struct obol_ctl_pair *pair,
								   const char *next, char *why, size_t size)
{
	if (rename(next, pair->key) != 0)
	{
		(void)snprintf(why, size, "%s cannot become %s: %s", next, pair->key,
					   strerror(errno));
		return OBOL_ERR_IO;
	}
	return OBOL_OK;
}

enum obol_status obol_ctl_pair_write(const struct obol_ctl_pair *pair,
									 const struct obol_secret *key,
									 const struct obol_secret *certificate,
									 bool replace, char *why, size_t size)
{
	char next[OBOL_CTL_PAIR_PATH_MAX + sizeof(OBOL_CTL_PAIR_NEXT)];
	struct obol_bytes text = obol_secret_view(certificate);
	enum obol_status status = OBOL_OK;

	(void)snprintf(next, sizeof(next), "%s" OBOL_CTL_PAIR_NEXT, pair->key);
	/* the present certificate's key may have no other place yet */
	if (access(next, F_OK) == 0 && fits(pair->certificate, next))
	{
		status = take_place(pair, next, why, size);
	}
	if (status == OBOL_OK)
	{
		status =
			obol_file_replace(next, obol_secret_view(key), 0600, why, size);
	}
	if (status == OBOL_OK)
	{
		status =
			replace
				? obol_file_replace(pair->certificate, text, 0644, why, size)
				: obol_file_create(pair->certificate, text, 0644, why, size);
	}
	return status == OBOL_OK ? take_place(pair, next, why, size) : status;
}
