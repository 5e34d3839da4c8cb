/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * @defgroup obol_loaded obol_loaded
 * @{ @ingroup obol_p
 */

#ifndef OBOL_LOADED_H_
#define OBOL_LOADED_H_

#include <library.h>
#include <collections/linked_list.h>

#include <obol/anchors.h>
#include <obol/bundle.h>

typedef struct obol_loaded_t obol_loaded_t;

/**
 * A credential as objects of strongSwan's.
 */
struct obol_loaded_t {

	/**
	 * Private key
	 */
	private_key_t *key;

	/**
	 * TRUE if that is in a token
	 */
	bool in_token;

	/**
	 * The client's certificate
	 */
	certificate_t *cert;

	/**
	 * Self-signed CA certificates, certificate_t. They are trusted.
	 */
	linked_list_t *anchors;

	/**
	 * Intermediate CA certificates, certificate_t. They are not.
	 */
	linked_list_t *intermediates;
};

/**
 * Turn a bundle into objects.
 *
 * @param bundle		bundle, checked by libobol
 * @param key			its private key if that is in a token, adopted; NULL if it
 *						is in the bundle
 * @return				NULL if the daemon's plugins can not decode a part of it
 */
obol_loaded_t *obol_loaded_create(const struct obol_bundle *bundle,
								  private_key_t *key);

/**
 * Turn a set of CA certificates into objects.
 *
 * @param anchors		set, verified by libobol
 * @return				self-signed CA certificates, certificate_t; those that the
 *						daemon's plugins can not decode are left out
 */
linked_list_t *obol_loaded_anchors(const struct obol_anchors *anchors);

/**
 * List the certificate's identities, as one of them must be local.id.
 *
 * @param this			credential
 * @return				subjectAltNames and the quoted DN with commas between
 *						them, allocated
 */
char *obol_loaded_identities(obol_loaded_t *this);

/**
 * Destroy a loaded credential.
 *
 * @param this			credential, or NULL
 */
void obol_loaded_destroy(obol_loaded_t *this);

#endif /** OBOL_LOADED_H_ @}*/
