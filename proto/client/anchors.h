/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * The CA certificates that a client trusts: those of the bundle that it has
 * opened, which only a device of the account can have sealed, and those of the
 * newest set (seal/anchors.h) that a CA trusted before has signed. The set is
 * kept in a file beside the state file, its number in the state file.
 */
#ifndef OBOL_CLIENT_ANCHORS_H_
#define OBOL_CLIENT_ANCHORS_H_

#include <obol/bundle.h>
#include <obol/client.h>

#include "seal/anchors.h"

/** What a client object has of them. */
struct obol_client_anchors {
	/** NULL: no set is held */
	struct obol_anchors *set;
	/** of the bundle opened last, self-signed ones; DER, owned */
	size_t n_roots;
	struct obol_bytes roots[OBOL_BUNDLE_CERTIFICATES_MAX];
	/** of the newest set, as the server said at the login */
	uint32_t newest;
	/** asked for in this login already */
	bool is_done;
	/** a CA that the user has accepted by its fingerprint */
	bool has_accepted;
	uint8_t accepted[32];
	/** why the newest set is not held */
	struct obol_error error;
};

void obol_client_anchors_clear(struct obol_client_anchors *anchors);

/** The file's name: the state file's with .anchors in place of .state. */
bool obol_anchors_path(const char *state_file, char *out, size_t size);

/** The set that a file has: NULL when there is none that can be used, or one
 * with a number below the given one. */
struct obol_anchors *obol_anchors_read(const char *path, uint32_t number);

/** A login begins: read the file, if there is one. */
void obol_client_load_anchors(struct obol_client *client);

/** LoginDone has come. */
void obol_client_take_anchors_number(struct obol_client *client,
									 uint32_t number);

/** A bundle was opened, or has just been issued and accepted: its CAs are
 * trusted. */
void obol_client_trust_bundle(struct obol_client *client,
							  const struct obol_bundle *bundle);

/** The newest set is not held, and there is something to verify it by. */
bool obol_client_anchors_are_due(const struct obol_client *client);

/**
 * Ask for sets until the newest one is held. What fails is no failure of the
 * call that it is part of; it stands in the client's anchors error.
 */
void obol_client_update_anchors(struct obol_client *client);

/**
 * Before a certificate is issued: have what is needed to tell a known CA from
 * another one. If nothing else is known, that is the bundle stored under this
 * name.
 *
 * @param is_stored	there is one
 */
enum obol_status obol_client_prepare_anchors(struct obol_client *client,
											 const char *name,
											 bool is_stored) OBOL_MUST_CHECK;

/**
 * Look at the CAs that came with a certificate: cause ANCHORS when there is
 * one among them that nobody trusted before vouches for, unless nothing is
 * trusted yet. The newest set is taken first, and its CAs are added as far as
 * there is room.
 *
 * @param bundle	made of the answer; another one takes its place
 */
enum obol_status
obol_client_complete_cas(struct obol_client *client,
						 struct obol_bundle **bundle) OBOL_MUST_CHECK;

#endif /* OBOL_CLIENT_ANCHORS_H_ */
