/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * @defgroup obol_options obol_options
 * @{ @ingroup obol_p
 */

#ifndef OBOL_OPTIONS_H_
#define OBOL_OPTIONS_H_

#include <library.h>
#include <collections/linked_list.h>

#include <obol/client.h>

/** Longest wait for a credential, in milliseconds. */
#define OBOL_TIMEOUT_MAX_MS 20000

/** A fetch ends so much earlier than the wait for it, which then can tell why;
 * in milliseconds. */
#define OBOL_ANSWER_MS 100

typedef struct obol_options_t obol_options_t;

/**
 * What strongswan.conf says about one profile.
 */
struct obol_options_t {

	/**
	 * Name of the profile
	 */
	char *name;

	/**
	 * Credential servers, see struct obol_client_options; NULL if they are in
	 * the account's name
	 */
	char *server;

	/**
	 * Name for TLS, or NULL
	 */
	char *server_name;

	/**
	 * Account, as configured
	 */
	char *account;

	/**
	 * Name of the credential
	 */
	char *credential;

	/**
	 * File with CA certificates for TLS, or NULL
	 */
	char *tls_ca;

	/**
	 * File with the device's secret, NULL to ask for a password
	 */
	char *device_file;

	/**
	 * File with pins and versions, NULL to keep none
	 */
	char *state_file;

	/**
	 * PKCS#11 URI of the token that keys are made in, NULL if they are made in
	 * memory
	 */
	char *token;

	/**
	 * TRUE if the daemon can not write the state file
	 */
	bool state_read_only;

	/**
	 * Longest wait, in milliseconds
	 */
	u_int timeout_ms;

	/**
	 * Mark for the sockets, 0 for none
	 */
	uint32_t fwmark;

	/**
	 * Owner of a shared secret for this profile, "obol:NAME@SERVER"
	 */
	char *owner;
};

/**
 * Load the profiles from strongswan.conf.
 *
 * Each profile that can not be used is logged, with the reason, and left out.
 *
 * @return				list of obol_options_t, to be destroyed with
 *						obol_options_destroy()
 */
linked_list_t *obol_options_load();

/**
 * Clone a profile's options.
 *
 * @param this			options
 * @return				clone
 */
obol_options_t *obol_options_clone(obol_options_t *this);

/**
 * Check if the options of two profiles are the same.
 *
 * @param this			options
 * @param other			options to compare them with
 * @return				TRUE if so
 */
bool obol_options_equal(obol_options_t *this, obol_options_t *other);

/**
 * Fill in libobol's options. They refer to strings of this object.
 *
 * @param this			options
 * @param options		receives the options, without hooks
 */
void obol_options_to_client(obol_options_t *this,
							struct obol_client_options *options);

/**
 * Destroy a profile's options.
 *
 * @param this			options, or NULL
 */
void obol_options_destroy(obol_options_t *this);

#endif /** OBOL_OPTIONS_H_ @}*/
