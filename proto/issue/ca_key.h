/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * A CA's private key, wherever its file says that it is: the file has the key
 * in PEM, or one line with the PKCS#11 URI of a key in a token. As the latter
 * is a file too, all that is done with a CA's files (the next CA, the one
 * before, backups) holds for both.
 */
#ifndef OBOL_ISSUE_CA_KEY_H_
#define OBOL_ISSUE_CA_KEY_H_

#include <openssl/evp.h>

#include "issue/token.h"

/**
 * Open it.
 *
 * @param tokens	what a key in a token needs; NULL: such a key is refused
 * @param why		receives a sentence for the operator on failure
 * @return			OK; as obol_pem_read_key() and obol_tokens_key()
 */
enum obol_status obol_ca_key_open(const char *path, struct obol_tokens *tokens,
								  EVP_PKEY **key, char *why,
								  size_t size) OBOL_MUST_CHECK;

/** Write a key file that names a key in a token; a new file with mode 0600.
 * OK; FORMAT when it is no such URI; EXISTS; IO. */
enum obol_status obol_ca_key_write_uri(const char *path, const char *uri,
									   char *why, size_t size) OBOL_MUST_CHECK;

#endif /* OBOL_ISSUE_CA_KEY_H_ */
