/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * The login's messages. Offsets in bytes.
 *
 * LoginStart, one fixed size of OBOL_LOGIN_START_LEN:
 *   0    2  suite
 *   2    1  mechanism
 *   3    1  kind of slot
 *   4    1  length of the name, 1..255
 *   5  255  name without zero bytes, zeros behind it
 * 260   16  device id; zeros unless the kind is device
 * 276   98  KE1
 *
 * LoginChallenge:
 *   0    6  KSF: id (1) | log2 N (1) | r (2) | p (2)
 *   6    4  key number
 *  10    .  KE2, OBOL_OPAQUE_KE2_LEN
 *
 * LoginFinish: KE3.
 *
 * LoginDone:
 *   wrap<0..OBOL_WRAP_MAX> (16 bits of length)
 *   failures (4), since the last login with any slot
 *   last failure's time (8), last failure's source<0..64> (8 bits of length)
 *   last login's time (8)
 *   server time (8)
 *   migrate (1): 1 when this slot's KSF or key number is old
 *   successor pins: count (1), each OPAQUE public key (33) | TLS key (32)
 *   mode (1) and key type (1) of the account's certificates, see enum obol_mode
 *   and enum obol_key_type; a key type of 0: this server issues none
 *   account's end (8)
 *   anchors number (4): of the newest set of CA certificates, 0 for none
 *   revoked: count (1), up to 8, each serial vec8<1..20>: certificates that
 * have not ended and that this slot's user may hold, those revoked last first
 *
 * Later: seconds (4), 1 or more.
 *
 * Error: reply (2), 400..599 | seconds (4) | version (8) | text<0..512> (16
 * bits).
 *
 * Times are seconds since the epoch, 0 for never.
 */
#ifndef OBOL_WIRE_LOGIN_H_
#define OBOL_WIRE_LOGIN_H_

#include "base/writer.h"
#include "wire/follow.h"
#include "wire/registry.h"

#define OBOL_LOGIN_START_LEN                                                   \
	(5 + OBOL_NAME_MAX + OBOL_DEVICE_ID_LEN + OBOL_OPAQUE_KE1_LEN)

/** Revoked certificates that LoginDone names. */
#define OBOL_LOGIN_REVOKED_MAX 8

struct obol_login_start {
	uint16_t suite;
	uint8_t mechanism;
	uint8_t kind;
	/** 1..OBOL_NAME_MAX bytes */
	struct obol_bytes name;
	uint8_t device_id[OBOL_DEVICE_ID_LEN];
	/** OBOL_OPAQUE_KE1_LEN bytes */
	struct obol_bytes ke1;
};

struct obol_login_challenge {
	struct obol_ksf_params ksf;
	uint32_t key_number;
	/** OBOL_OPAQUE_KE2_LEN bytes */
	struct obol_bytes ke2;
};

/** A successor of the server's pins. */
struct obol_pin {
	uint8_t opaque_public_key[OBOL_OPAQUE_NPK];
	/** SHA-256 of the TLS key's SubjectPublicKeyInfo */
	uint8_t tls_key_hash[32];
};

struct obol_login_done {
	struct obol_bytes wrap;
	uint32_t n_failures;
	uint64_t last_failure_at;
	struct obol_bytes last_failure_source;
	uint64_t last_login_at;
	uint64_t server_time;
	bool migrate;
	uint8_t n_pins;
	struct obol_pin pins[OBOL_PINS_MAX];
	/** numbers that this build does not know are for the client to refuse, when
	 * it needs a certificate */
	uint8_t mode;
	uint8_t key_type;
	/** 0: never */
	uint64_t account_expires_at;
	uint32_t anchors_number;
	uint8_t n_revoked;
	struct obol_serial revoked[OBOL_LOGIN_REVOKED_MAX];
};

struct obol_error_message {
	uint16_t reply;
	/** when to try again, 0 for unsaid */
	uint32_t retry_after_s;
	/** with OBOL_REPLY_STALE: the stored version */
	uint64_t version;
	/** for people only */
	struct obol_bytes text;
};

/** Encoded KSF parameters, OBOL_KSF_PARAMS_LEN bytes. */
void obol_write_ksf_params(struct obol_writer *w,
						   const struct obol_ksf_params *params);
struct obol_reader;
void obol_read_ksf_params(struct obol_reader *r,
						  struct obol_ksf_params *params);

/* Each _encode appends a whole frame; each _decode takes a frame's body, gives
 * views into it, and returns OK or FORMAT. */
void obol_login_start_encode(struct obol_writer *w,
							 const struct obol_login_start *msg);
enum obol_status
obol_login_start_decode(struct obol_bytes body,
						struct obol_login_start *msg) OBOL_MUST_CHECK;
void obol_login_challenge_encode(struct obol_writer *w,
								 const struct obol_login_challenge *msg);
enum obol_status
obol_login_challenge_decode(struct obol_bytes body,
							struct obol_login_challenge *msg) OBOL_MUST_CHECK;
void obol_login_finish_encode(struct obol_writer *w, struct obol_bytes ke3);
enum obol_status
obol_login_finish_decode(struct obol_bytes body,
						 struct obol_bytes *ke3) OBOL_MUST_CHECK;
void obol_login_done_encode(struct obol_writer *w,
							const struct obol_login_done *msg);
enum obol_status
obol_login_done_decode(struct obol_bytes body,
					   struct obol_login_done *msg) OBOL_MUST_CHECK;
void obol_later_encode(struct obol_writer *w, uint32_t seconds);
enum obol_status obol_later_decode(struct obol_bytes body,
								   uint32_t *seconds) OBOL_MUST_CHECK;
void obol_error_encode(struct obol_writer *w,
					   const struct obol_error_message *msg);
enum obol_status
obol_error_decode(struct obol_bytes body,
				  struct obol_error_message *msg) OBOL_MUST_CHECK;

/** What the OPAQUE context is made of; see obol_login_context(). */
struct obol_login_context {
	uint16_t suite;
	uint8_t mechanism;
	uint8_t kind;
	struct obol_ksf_params ksf;
	uint32_t key_number;
	uint8_t exporter[OBOL_EXPORTER_LEN];
};

/** "Obol-v1" (7) | suite (2) | mechanism (1) | kind (1) | KSF (6) |
 * key number (4) | exporter (32) */
#define OBOL_LOGIN_CONTEXT_LEN (7 + 2 + 1 + 1 + 6 + 4 + OBOL_EXPORTER_LEN)

/** OPAQUE's context in its one fixed layout. */
void obol_login_context(const struct obol_login_context *in,
						uint8_t context[OBOL_LOGIN_CONTEXT_LEN]);

/**
 * The OPRF's input (RFC 9807, 9.1): length of the name (2) | name | secret.
 * The secret is the password, the code's bytes or the device secret.
 *
 * @return	OK; NOMEM; ARG when the name is empty or too long, the secret empty
 */
enum obol_status
obol_login_oprf_input(struct obol_bytes name, const struct obol_secret *secret,
					  struct obol_secret **input) OBOL_MUST_CHECK;

#endif /* OBOL_WIRE_LOGIN_H_ */
