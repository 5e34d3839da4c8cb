/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * What a client remembers of a server and an account; no secret in it.
 *
 * The file is text, a line each, in this order:
 *
 *   obol-state 1
 *   account NAME
 *   server-key HEX			OPAQUE public key, 33 bytes; up to eight
 *   tls-key HEX			SHA-256 of a TLS key's SubjectPublicKeyInfo; up to
 *							eight
 *   account-id HEX			16 bytes
 *   failures NUMBER		failed logins in a row without pins
 *   mode NUMBER			of the account's certificates, and the type of their
 *   key-type NUMBER		keys, as the last login told (wire/registry.h)
 *   anchors NUMBER		highest set of CA certificates held
 *   version NUMBER NAME	highest version seen of a credential
 *   end
 *
 * Bytes of a name other than letters, digits, '.', '_' and '-' are written as
 * %XX. Anything else in the file makes it unusable: it may have been changed,
 * and what it pins must not be lost silently.
 */
#ifndef OBOL_CLIENT_STATE_FILE_H_
#define OBOL_CLIENT_STATE_FILE_H_

#include "base/bytes.h"
#include "net/tls.h"
#include "wire/login.h"

#define OBOL_STATE_KEYS_MAX 8

struct obol_state_version {
	uint8_t name_len;
	uint8_t name[OBOL_CREDENTIAL_NAME_MAX];
	uint64_t version;
};

struct obol_state {
	/** empty in a state that no login has filled */
	char account[OBOL_NAME_MAX + 1];
	/** accepted keys, the one seen last first */
	size_t n_server_keys;
	uint8_t server_keys[OBOL_STATE_KEYS_MAX][OBOL_OPAQUE_NPK];
	size_t n_tls_keys;
	uint8_t tls_keys[OBOL_STATE_KEYS_MAX][OBOL_TLS_KEY_HASH_LEN];
	bool has_account_id;
	uint8_t account_id[OBOL_ACCOUNT_ID_LEN];
	uint32_t n_failures;
	/** enum obol_mode and enum obol_key_type, 0 before they are known; a key
	 * type of 0 beside a mode: the server issues no certificates */
	uint8_t mode;
	uint8_t key_type;
	uint32_t anchors_number;
	size_t n_versions;
	struct obol_state_version versions[OBOL_NAMES_MAX];
	/** differs from the file */
	bool is_changed;
};

/** Nothing remembered. */
void obol_state_init(struct obol_state *state);

/**
 * Read a state file; one that does not exist is an empty state.
 *
 * @param why	receives a sentence on failure
 * @return		OK; FORMAT; DENIED; IO; NOMEM
 */
enum obol_status obol_state_load(const char *path, struct obol_state *state,
								 char *why, size_t size) OBOL_MUST_CHECK;

/** Write a state file, whole or not at all. Versions that another process has
 * written meanwhile for the same account are kept if higher. */
enum obol_status obol_state_save(const char *path, struct obol_state *state,
								 char *why, size_t size) OBOL_MUST_CHECK;

/** Known keys. */
bool obol_state_knows_server_key(const struct obol_state *state,
								 const uint8_t key[OBOL_OPAQUE_NPK]);

/** Accept a key, its n successors, and those known before as far as there is
 * room. */
void obol_state_add_server_keys(struct obol_state *state,
								const uint8_t used[OBOL_OPAQUE_NPK],
								const struct obol_pin *others, size_t n);

/** The TLS keys from now on: the one in use, then n others. */
void obol_state_set_tls_keys(struct obol_state *state,
							 const uint8_t used[OBOL_TLS_KEY_HASH_LEN],
							 const struct obol_pin *others, size_t n);

/** Set the account; forget the versions of another one. */
void obol_state_set_account_id(struct obol_state *state,
							   const uint8_t id[OBOL_ACCOUNT_ID_LEN]);

void obol_state_set_failures(struct obol_state *state, uint32_t n);

/** What the login told of the account's certificates. */
void obol_state_set_kind(struct obol_state *state, uint8_t mode,
						 uint8_t key_type);
/** The set of CA certificates that is held; 0 for none. */
void obol_state_set_anchors_number(struct obol_state *state, uint32_t number);

/** Highest version seen, 0 for none. */
uint64_t obol_state_version(const struct obol_state *state,
							struct obol_bytes name);

/** Remember a version if it is higher. */
void obol_state_saw_version(struct obol_state *state, struct obol_bytes name,
							uint64_t version);

#endif /* OBOL_CLIENT_STATE_FILE_H_ */
