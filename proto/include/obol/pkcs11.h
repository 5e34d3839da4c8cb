/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * Key pairs that a PKCS#11 token makes and keeps: sensitive, not extractable.
 * For tools and plugin; no part of libobol, and not installed.
 *
 * A token is named by a URI (RFC 7512), such as
 *
 *   pkcs11:token=alice;object=vpn?module-path=/usr/lib/softhsm/libsofthsm2.so
 *     &pin-source=file:/etc/strongswan.d/obol/vpn.pin
 *
 * in one line. object is the label of what is made there. Each key pair gets a
 * CKA_ID of its own, and its certificate the same. Nothing else in the token is
 * touched.
 *
 * The functions may be called by several threads. why receives a sentence for
 * people on every failure: what is wrong, and what to do.
 */
#ifndef OBOL_PKCS11_H_
#define OBOL_PKCS11_H_

#include <stdbool.h>

#include <obol/token.h>

/** Length of a CKA_ID, in bytes. */
#define OBOL_PKCS11_ID_LEN 20
/** Longest path in a URI, with its zero byte. */
#define OBOL_PKCS11_PATH_MAX 512

/** Whose signature a token makes: of a digest by one of these. */
enum obol_pkcs11_hash {
	OBOL_PKCS11_SHA1,
	OBOL_PKCS11_SHA256,
	OBOL_PKCS11_SHA384,
	OBOL_PKCS11_SHA512,
};

/** A token that one is logged in to. */
struct obol_pkcs11;

struct obol_pkcs11_options {
	const char *uri;
	/** for what is made there, when the URI has no object */
	const char *label;
	/** with a zero byte behind it; copied; NULL for none */
	const struct obol_secret *pin;
	/** somebody is there who sees that a PIN is wrong. Else a token that says
	 * that the last one was is not given another: whoever starts again and
	 * again would lock it */
	bool attended;
};

/** A key pair. */
struct obol_pkcs11_key {
	uint8_t id[OBOL_PKCS11_ID_LEN];
	/** OBOL_CLIENT_KEY_* */
	uint8_t type;
	/** SubjectPublicKeyInfo in DER */
	uint8_t public_key[OBOL_TOKEN_PUBLIC_KEY_MAX];
	size_t public_key_len;
};

/**
 * Check a URI, and find the file that has the PIN.
 *
 * @param pin_path	receives "" when the URI names none
 * @return			OK; FORMAT; NOMEM
 */
enum obol_status obol_pkcs11_check_uri(const char *uri,
									   char pin_path[OBOL_PKCS11_PATH_MAX],
									   char *why, size_t size) OBOL_MUST_CHECK;

/**
 * Load the module, find the token and log in to it.
 *
 * @return	OK; FORMAT for the URI, and when a PIN is wanted and there is none;
 *			NOT_FOUND when the token is not there; ARG when several are meant;
 *			AUTH when the PIN is wrong; DENIED when it is locked or was not
 *			tried; TOKEN when the module fails; NOMEM
 */
enum obol_status obol_pkcs11_open(const struct obol_pkcs11_options *options,
								  struct obol_pkcs11 **token, char *why,
								  size_t size) OBOL_MUST_CHECK;

/** Log out, and unload the module; NULL is fine. */
void obol_pkcs11_close(struct obol_pkcs11 *token);

/**
 * Have a key pair made.
 *
 * @param type	OBOL_CLIENT_KEY_*
 * @param key	set on OK
 * @return		OK; VERSION when the token makes none of this type; DENIED when
 *				it is full or write-protected; IO when it was pulled out and is
 *				not back, as for the others; AUTH, DENIED, NOT_FOUND as
 *				obol_pkcs11_open(); TOKEN
 */
enum obol_status obol_pkcs11_make(struct obol_pkcs11 *token, uint8_t type,
								  struct obol_pkcs11_key *key, char *why,
								  size_t size) OBOL_MUST_CHECK;

/**
 * Sign a digest with a key pair that was made here. A token that was pulled out
 * and is back is logged in to again.
 *
 * @param signature	receives r and s of equal length (EC), or PKCS#1 v1.5 (RSA)
 * @return			OK; ARG for a digest that is no such hash's; NOT_FOUND when
 *					the key is not there; IO when the token is not; AUTH, DENIED
 *					as obol_pkcs11_open(); TOKEN
 */
enum obol_status
obol_pkcs11_sign(struct obol_pkcs11 *token, const struct obol_pkcs11_key *key,
				 enum obol_pkcs11_hash hash, struct obol_bytes digest,
				 uint8_t signature[OBOL_TOKEN_SIGNATURE_MAX], size_t *len,
				 char *why, size_t size) OBOL_MUST_CHECK;

/**
 * Put a key pair's certificate beside it.
 *
 * @param certificate	in DER
 * @return				OK; DENIED when the token is full or write-protected; IO
 *						when it was pulled out; TOKEN
 */
enum obol_status obol_pkcs11_put(struct obol_pkcs11 *token,
								 const struct obol_pkcs11_key *key,
								 struct obol_bytes certificate, char *why,
								 size_t size) OBOL_MUST_CHECK;

/** Remove a key pair and its certificate. OK, also when there is none; DENIED;
 * IO; TOKEN. */
enum obol_status obol_pkcs11_remove(struct obol_pkcs11 *token,
									const uint8_t id[OBOL_PKCS11_ID_LEN],
									char *why, size_t size) OBOL_MUST_CHECK;

/**
 * Remove what was made here under the URI's label, but for some.
 *
 * @param kept	n_kept ids, one behind the other
 * @return		as obol_pkcs11_remove()
 */
enum obol_status obol_pkcs11_remove_others(struct obol_pkcs11 *token,
										   const uint8_t *kept, size_t n_kept,
										   char *why,
										   size_t size) OBOL_MUST_CHECK;

#endif /* OBOL_PKCS11_H_ */
