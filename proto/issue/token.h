/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * Private keys that stay in a PKCS#11 token. A key is named by a URI (RFC
 * 7512), such as
 *
 *   pkcs11:token=obol;object=ca?module-path=/usr/lib/softhsm/libsofthsm2.so
 *     &pin-source=file:/etc/obol/ca.pin
 *
 * in one line. pin-value is refused: a PIN is a secret, and a URI is none.
 *
 * A wrong PIN is given once. Whoever starts again and again, as a service
 * manager has it done, would lock the token: so a token that says that the
 * last PIN was wrong is not given another one, until somebody has logged in to
 * it by hand.
 */
#ifndef OBOL_ISSUE_TOKEN_H_
#define OBOL_ISSUE_TOKEN_H_

#include <obol/token.h>
#include <openssl/evp.h>

#include "token/uri.h"

/**
 * A process's modules and tokens: what PKCS#11 knows is the whole process's,
 * so each module is loaded once and each token logged in to once. Zero bytes
 * are an empty one.
 */
struct obol_tokens {
	struct obol_token_module *first;
	/** a PIN was wrong, or not tried because the last one was */
	bool pin_was_refused;
	/** run when the PIN has been read, before a module is at work: who reads
	 * the PIN need not be who may use the token. NULL for none; false: it
	 * cannot be */
	bool (*enter)(void *ctx);
	void *ctx;
};

/** Some key was opened in a token. */
bool obol_tokens_are_used(const struct obol_tokens *tokens);

/** Log out and unload, when the keys have been freed. */
void obol_tokens_clear(struct obol_tokens *tokens);

/**
 * Open a key. It signs in the token, as long as tokens are not cleared.
 *
 * @param uri	0-terminated
 * @param key	to be freed before the tokens are cleared
 * @param why	receives a sentence for the operator on failure
 * @return		OK; FORMAT for the URI; NOT_FOUND when token, object or PIN
 *				file is not there; AUTH when the PIN is wrong; DENIED when it
 *				was not tried, or for the PIN file's permissions; ARG when
 *				several keys have the name, or it is of a kind that does not
 *				sign; TOKEN when the module fails; NOMEM
 */
enum obol_status obol_tokens_key(struct obol_tokens *tokens, const char *uri,
								 EVP_PKEY **key, char *why,
								 size_t size) OBOL_MUST_CHECK;

#endif /* OBOL_ISSUE_TOKEN_H_ */
