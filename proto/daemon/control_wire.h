/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * What obolctl and obold's control process say to each other, over a Unix
 * socket that keeps messages apart (SOCK_SEQPACKET): one request, then its
 * answer.
 *
 *   request   verb (1) | account (8) | generation (4) | seconds (4) | since (8)
 *             | device id (16) | name (16 bits of length); what a verb does not
 *             need is zero or empty
 *   answer    status (1) | body when the status is OK
 *
 * Texts stand behind 16 bits of length, lists behind a count (2), times are
 * seconds since the epoch (8).
 *
 *   HELLO         -> server name | domain | lifetime (4) | mode (1) | key type
 *                    (1) | changes in a day (4)
 *   ACCOUNT       name -> account
 *   ACCOUNTS      name: those after it -> accounts
 *   SLOTS         name, account -> slots, without what opens them
 *   CREDENTIALS   name, account -> items, without what is sealed
 *   CERTIFICATES  name, account -> certificates
 *   REVOCATIONS   since -> number of the newest (8) | revocations
 *   GATEWAYS      since -> gateways
 *   UNLOCK        name, account -> nothing
 *   RESET         name, account, generation, seconds that the code is good
 *                 -> code (8 bits of length) | end (8) | revoked
 *   REVOKE        name, account, device id -> revoked
 *   HISTORY       name, account, since: the row that came after them, 0 for the
 *                 newest -> rows, newest first
 */
#ifndef OBOL_DAEMON_CONTROL_WIRE_H_
#define OBOL_DAEMON_CONTROL_WIRE_H_

#include "base/reader.h"
#include "base/writer.h"
#include "store/store_gateway.h"
#include "store/store_operator.h"
#include "store/store_revocation.h"

enum obol_control_verb {
	OBOL_CONTROL_HELLO = 1,
	OBOL_CONTROL_ACCOUNT = 2,
	OBOL_CONTROL_ACCOUNTS = 3,
	OBOL_CONTROL_SLOTS = 4,
	OBOL_CONTROL_CREDENTIALS = 5,
	OBOL_CONTROL_CERTIFICATES = 6,
	OBOL_CONTROL_REVOCATIONS = 7,
	OBOL_CONTROL_GATEWAYS = 8,
	OBOL_CONTROL_UNLOCK = 9,
	OBOL_CONTROL_RESET = 10,
	OBOL_CONTROL_REVOKE = 11,
	OBOL_CONTROL_HISTORY = 12,
};

/** Largest request and answer. */
#define OBOL_CONTROL_REQUEST_MAX (1 + 8 + 4 + 4 + 8 + 16 + 2 + OBOL_NAME_MAX)
#define OBOL_CONTROL_ANSWER_MAX 163840
/** Items of one answer at most. */
#define OBOL_CONTROL_ACCOUNTS_MAX 100
#define OBOL_CONTROL_CERTIFICATES_MAX 100

struct obol_control_request {
	enum obol_control_verb verb;
	int64_t account_id;
	uint32_t generation;
	uint32_t seconds;
	uint64_t since;
	uint8_t device_id[OBOL_DEVICE_ID_LEN];
	/** holds as long as what it was read from */
	struct obol_bytes name;
};

/** What a client must know of the server. */
struct obol_control_hello {
	char server_name[256];
	char domain[256];
	uint32_t lifetime_s;
	uint8_t mode;
	uint8_t key_type;
	uint32_t changes_per_day;
};

/** A new code. */
struct obol_control_code {
	/** for people; to be freed */
	struct obol_secret *text;
	uint64_t expires_at;
	struct obol_store_revoked revoked;
};

void obol_control_write_request(struct obol_writer *w,
								const struct obol_control_request *request);
/** OK; FORMAT. */
enum obol_status
obol_control_read_request(struct obol_bytes in,
						  struct obol_control_request *request) OBOL_MUST_CHECK;

/** Statuses as they go over; any other failure is STORE. */
void obol_control_write_status(struct obol_writer *w, enum obol_status status);
/** IO when it is none. */
enum obol_status obol_control_read_status(struct obol_reader *r);

/* Bodies of answers; each reader fails on what is out of bounds. Texts that are
 * read as views hold as long as the answer. */

void obol_control_write_hello(struct obol_writer *w,
							  const struct obol_control_hello *hello);
void obol_control_read_hello(struct obol_reader *r,
							 struct obol_control_hello *hello);

void obol_control_write_account(struct obol_writer *w,
								const struct obol_account *account);
void obol_control_read_account(struct obol_reader *r,
							   struct obol_account *account);

void obol_control_write_slot(struct obol_writer *w,
							 const struct obol_slot *slot);
void obol_control_read_slot(struct obol_reader *r, struct obol_slot *slot);

void obol_control_write_item(struct obol_writer *w,
							 const struct obol_list_item *item);
void obol_control_read_item(struct obol_reader *r, struct obol_list_item *item);

void obol_control_write_event(struct obol_writer *w,
							  const struct obol_history_item *event);
void obol_control_read_event(struct obol_reader *r,
							 struct obol_history_item *event);

void obol_control_write_certificate(
	struct obol_writer *w, const struct obol_store_certificate *certificate);
void obol_control_read_certificate(struct obol_reader *r,
								   struct obol_store_certificate *certificate);

void obol_control_write_revocation(
	struct obol_writer *w, const struct obol_store_revocation *revocation);
void obol_control_read_revocation(struct obol_reader *r,
								  struct obol_store_revocation *revocation);

void obol_control_write_gateway(struct obol_writer *w,
								const struct obol_store_gateway *gateway);
void obol_control_read_gateway(struct obol_reader *r,
							   struct obol_store_gateway *gateway);

void obol_control_write_revoked(struct obol_writer *w,
								const struct obol_store_revoked *revoked);
void obol_control_read_revoked(struct obol_reader *r,
							   struct obol_store_revoked *revoked);

void obol_control_write_code(struct obol_writer *w,
							 const struct obol_control_code *code);
/** OK; NOMEM; a malformed one makes the reader fail. */
enum obol_status
obol_control_read_code(struct obol_reader *r,
					   struct obol_control_code *code) OBOL_MUST_CHECK;

#endif /* OBOL_DAEMON_CONTROL_WIRE_H_ */
