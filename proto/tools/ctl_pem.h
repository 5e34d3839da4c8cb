/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * Keys and certificates as PEM text, as files for other programs have them.
 */
#ifndef OBOL_TOOLS_CTL_PEM_H_
#define OBOL_TOOLS_CTL_PEM_H_

#include <openssl/evp.h>

#include "base/bytes.h"

/** A key as PKCS#8; false, with the reason said. */
bool obol_ctl_pem_key(EVP_PKEY *key, struct obol_secret **text);

/** A certificate in DER; as above. */
bool obol_ctl_pem_certificate(struct obol_bytes der, struct obol_secret **text);

/**
 * When the first certificate of a PEM file ends.
 *
 * @param not_after	seconds since the epoch
 * @return			false, with the reason in why
 */
bool obol_ctl_pem_end(const char *path, uint64_t *not_after, char *why,
					  size_t size);

#endif /* OBOL_TOOLS_CTL_PEM_H_ */
