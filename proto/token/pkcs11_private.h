/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * What the files of this room share.
 */
#ifndef OBOL_TOKEN_PKCS11_PRIVATE_H_
#define OBOL_TOKEN_PKCS11_PRIVATE_H_

#include <pthread.h>
#include <string.h>

#include <obol/pkcs11.h>
#include <p11-kit/pkcs11.h>

#include "token/uri.h"

/** Every CKA_ID begins so; the rest is random. */
#define OBOL_PKCS11_ID_MARK "obol"
#define OBOL_PKCS11_ID_MARK_LEN 4

struct obol_pkcs11 {
	CK_FUNCTION_LIST *module;
	/** it is this object's to unload */
	bool is_loaded;
	CK_SLOT_ID slot;
	/** CK_INVALID_HANDLE for none */
	CK_SESSION_HANDLE session;
	/** taken by every public function */
	pthread_mutex_t mutex;
	/** object is the label of what is made, whoever gave it */
	struct obol_token_uri uri;
	struct obol_secret *pin;
	bool attended;
	/** where sentences go, of the call under way */
	char *why;
	size_t size;
};

/** An attribute; PKCS#11 knows no const. */
static inline CK_ATTRIBUTE obol_pkcs11_attribute(CK_ATTRIBUTE_TYPE type,
												 const void *value, size_t len)
{
	CK_ATTRIBUTE made;

	made.type = type;
	memcpy(&made.pValue, &value, sizeof(value));
	made.ulValueLen = len;
	return made;
}

/** obol_pkcs11_open() with a module that is there, which is initialized. */
enum obol_status obol_pkcs11_open_in(CK_FUNCTION_LIST *module,
									 const struct obol_pkcs11_options *options,
									 struct obol_pkcs11 **token, char *why,
									 size_t size) OBOL_MUST_CHECK;

/** Find the token, and log in to it. Its mutex is held. */
enum obol_status obol_pkcs11_enter(struct obol_pkcs11 *token) OBOL_MUST_CHECK;

/** A public function begins, and takes the mutex; it ends. */
void obol_pkcs11_begin(struct obol_pkcs11 *token, char *why, size_t size);
enum obol_status obol_pkcs11_end(struct obol_pkcs11 *token,
								 enum obol_status status);

/** Say what is wrong. */
enum obol_status obol_pkcs11_fail(struct obol_pkcs11 *token,
								  enum obol_status status, const char *what);

/** The same for what a module has returned. */
enum obol_status obol_pkcs11_fail_rv(struct obol_pkcs11 *token, CK_RV rv,
									 const char *when);

/**
 * Find objects.
 *
 * @param found	receives at most max handles
 * @return		OK; IO; TOKEN
 */
enum obol_status obol_pkcs11_find(struct obol_pkcs11 *token,
								  CK_ATTRIBUTE *template, CK_ULONG n_template,
								  CK_OBJECT_HANDLE *found, CK_ULONG max,
								  CK_ULONG *n_found) OBOL_MUST_CHECK;

#endif /* OBOL_TOKEN_PKCS11_PRIVATE_H_ */
