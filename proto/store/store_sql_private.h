/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * What the store's files share whose work is SQL, whichever engine runs it.
 */
#ifndef OBOL_STORE_STORE_SQL_PRIVATE_H_
#define OBOL_STORE_STORE_SQL_PRIVATE_H_

#include "store/sql.h"
#include "store/store_enrol.h"
#include "store/store_gateway.h"
#include "store/store_login.h"
#include "store/store_operator.h"
#include "store/store_revocation.h"

struct obol_sql_store {
	/** first: the interface */
	struct obol_store store;
	/** the engine's */
	struct obol_sql *sql;
	/** the engine's obol_sql_count() */
	enum obol_status (*count)(struct obol_sql_store *this, const char *name,
							  int64_t by, int64_t *value);
	struct obol_log *log;
	struct obol_rng *rng;
	uint32_t guess_rows_max;
	/** rows of one account in the audit trail; 0: as many as by default */
	uint32_t history_rows_max;
	/** when records of ended certificates were dropped last */
	uint64_t dropped_at;
	/** results of operations without a callback, until the next one */
	struct obol_store_memory *kept;
};

/** Result memory of an operation: chained, freed after its callback. */
struct obol_store_memory {
	struct obol_store_memory *next;
	/** the compiler's strictest alignment */
	max_align_t bytes[];
};

/**
 * Memory that lives until the operation's callback returned.
 *
 * @return	size zero bytes, NULL when memory ran out
 */
void *obol_sql_alloc(struct obol_store_op *op, size_t size);

/** A copy of bytes in such memory. OK or NOMEM. */
enum obol_status obol_sql_copy(struct obol_store_op *op,
							   struct obol_bytes bytes,
							   struct obol_bytes *copy) OBOL_MUST_CHECK;

/** The given status, with what the client is told. */
enum obol_status obol_sql_refuse(struct obol_store_op *op,
								 enum obol_status status,
								 enum obol_reply reply) OBOL_MUST_CHECK;

/** Free such memory. */
void obol_sql_free_memory(struct obol_store_memory *memory);

/** Run the callback; the operation may be gone after it. */
void obol_sql_finish_op(struct obol_sql_store *this, struct obol_store_op *op);

/** The id key: made with the database, or given, and never changed. OK or
 * STORE. */
enum obol_status obol_sql_make_id_key(struct obol_sql_store *this,
									  const uint8_t *given) OBOL_MUST_CHECK;
enum obol_status
obol_sql_load_id_key(struct obol_sql_store *this) OBOL_MUST_CHECK;

/** Add to a counter of the table counter; returns its new value through
 * value, which may be NULL. */
enum obol_status obol_sql_count(struct obol_sql_store *this, const char *name,
								int64_t by, int64_t *value) OBOL_MUST_CHECK;

/* Guess rows (store_sql_guess.c). */

enum obol_status obol_sql_reserve(struct obol_sql_store *this,
								  const uint8_t key[OBOL_GUESS_KEY_LEN],
								  uint64_t now, uint32_t *later_s,
								  uint64_t *reservation) OBOL_MUST_CHECK;
enum obol_status obol_sql_give_back(struct obol_sql_store *this,
									const uint8_t key[OBOL_GUESS_KEY_LEN],
									uint64_t reservation) OBOL_MUST_CHECK;
enum obol_status
obol_sql_forget_guesses(struct obol_sql_store *this,
						const uint8_t key[OBOL_GUESS_KEY_LEN]) OBOL_MUST_CHECK;

/* Accounts (store_sql_account.c). */

/** Columns of table "account a" for obol_sql_read_account(). */
#define OBOL_ACCOUNT_COLUMNS                                                   \
	"a.id, a.name, a.state, a.created_at, a.activated_at, a.last_login_at, "   \
	"a.expires_at, a.generation, a.identity, a.certificate_lifetime_s, "       \
	"a.mode, a.key_type, "                                                     \
	"(SELECT coalesce(max(not_after), 0) FROM certificate "                    \
	"WHERE account_id = a.id), "                                               \
	"(SELECT count(*) FROM slot WHERE account_id = a.id AND kind = 4), "       \
	"(SELECT count(*) FROM credential WHERE account_id = a.id "                \
	"AND generation = a.generation AND deleted = 0), "                         \
	"coalesce((SELECT expires_at FROM slot WHERE account_id = a.id "           \
	"AND kind = 2), -1), a.kind"

void obol_sql_read_account(struct obol_sql_query *q,
						   struct obol_account *account);

/** The same without what has to be counted, which is 0 then. */
#define OBOL_ACCOUNT_COLUMNS_PLAIN                                             \
	"a.id, a.name, a.state, a.created_at, a.activated_at, a.last_login_at, "   \
	"a.expires_at, a.generation, a.identity, a.certificate_lifetime_s, "       \
	"a.mode, a.key_type, 0, 0, 0, -1, a.kind"

/** An account by its id; NOT_FOUND. */
enum obol_status obol_sql_account(struct obol_sql_store *this, int64_t id,
								  struct obol_account *account) OBOL_MUST_CHECK;

/** What a logged-in connection's request may rest on. */
struct obol_sql_session {
	/** of the account, at present */
	uint32_t generation;
	/** of the slot that it logged in with */
	char label[OBOL_LABEL_MAX + 1];
};

/**
 * Check that account and slot are still there and good for a request.
 *
 * @param is_write	it also has to be of the account's present generation
 * @return			OK; AUTH; NOT_FOUND for the operator; STORE
 */
enum obol_status
obol_sql_check(struct obol_sql_store *this, struct obol_store_op *op,
			   const struct obol_store_request *request, bool is_write,
			   struct obol_sql_session *session) OBOL_MUST_CHECK;

/* Slots (store_sql_slot.c). */

/** Columns of table "slot" for obol_sql_read_slot(). */
#define OBOL_SLOT_COLUMNS                                                      \
	"serial, kind, device_id, label, ksf_id, ksf_log2_n, ksf_r, ksf_p, "       \
	"key_number, generation, record, wrap, created_at, last_used_at, "         \
	"last_source, expires_at"

void obol_sql_read_slot(struct obol_sql_query *q, struct obol_slot *slot);

/** Write a slot, in place of one of the same kind and device id. */
enum obol_status obol_sql_write_slot(struct obol_sql_store *this,
									 int64_t account_id,
									 const struct obol_slot *slot,
									 uint64_t now) OBOL_MUST_CHECK;

/** The quota of devices: DENIED above it. */
enum obol_status obol_sql_check_devices(struct obol_sql_store *this,
										struct obol_store_op *op,
										int64_t account_id) OBOL_MUST_CHECK;

/** The label of a slot, "" when it is gone. */
enum obol_status obol_sql_label(struct obol_sql_store *this, int64_t account_id,
								uint8_t kind, const uint8_t *device_id,
								char label[OBOL_LABEL_MAX + 1]) OBOL_MUST_CHECK;

/** Columns of tables "slot" and "gone" for the function below. */
#define OBOL_SET_COLUMNS "kind, ksf_id, ksf_log2_n, ksf_r, ksf_p, key_number"

/** A set, but for its numbers of slots. */
void obol_sql_read_set(struct obol_sql_query *q,
					   struct obol_store_slot_set *set);

/** "password", "device thinkpad". */
void obol_sql_slot_text(uint8_t kind, const char *label, char *out,
						size_t size);

/* Slots that are gone (store_sql_gone.c). */

/** What deletes slots of one account ends so. */
#define OBOL_GONE_RETURNING "RETURNING device_id, " OBOL_SET_COLUMNS

/**
 * Delete them, and remember what they were answered with.
 *
 * @param q			a DELETE that is begun and has its parameters
 * @param account_id	whose they are; it still exists
 * @param n_gone	how many there were; may be NULL
 */
enum obol_status obol_sql_end_gone(struct obol_sql_store *this,
								   struct obol_sql_query *q, int64_t account_id,
								   uint64_t now,
								   size_t *n_gone) OBOL_MUST_CHECK;

/** Remember one slot, in place of an earlier one of that name, kind and device.
 */
enum obol_status obol_sql_note_gone(struct obol_sql_store *this,
									struct obol_bytes name,
									const uint8_t *device_id,
									const struct obol_store_slot_set *set,
									uint64_t now) OBOL_MUST_CHECK;

/** A slot of that name, kind and device is written: it counts itself now. */
enum obol_status obol_sql_forget_gone(struct obol_sql_store *this,
									  struct obol_bytes name, uint8_t kind,
									  const uint8_t *device_id) OBOL_MUST_CHECK;
enum obol_status
obol_sql_slot_is_back(struct obol_sql_store *this, int64_t account_id,
					  const struct obol_slot *slot) OBOL_MUST_CHECK;

/* Credentials (store_sql_credential.c). */

/** Insert or replace a credential of the given generation. */
enum obol_status obol_sql_write_credential(struct obol_sql_store *this,
										   int64_t account_id,
										   const struct obol_put_request *put,
										   uint64_t now) OBOL_MUST_CHECK;

/**
 * GET, and its audit row, of a request that obol_sql_check() has let through or
 * need not see, in a login's own transaction.
 *
 * @param op	what the answer's memory belongs to
 * @return		OK; NOT_FOUND; NOMEM; STORE
 */
enum obol_status
obol_sql_get_checked(struct obol_sql_store *this, struct obol_store_op *op,
					 struct obol_store_get *arg,
					 const struct obol_sql_session *session) OBOL_MUST_CHECK;

/** The quotas of credentials and names: DENIED above them. */
enum obol_status
obol_sql_check_credentials(struct obol_sql_store *this,
						   struct obol_store_op *op, int64_t account_id,
						   uint32_t generation) OBOL_MUST_CHECK;

/** Drop credentials of older generations that no slot can open. */
enum obol_status obol_sql_drop_unreadable(struct obol_sql_store *this,
										  int64_t account_id) OBOL_MUST_CHECK;

/** Stored version of a name; NOT_FOUND. */
enum obol_status obol_sql_version(struct obol_sql_store *this,
								  int64_t account_id, uint32_t generation,
								  struct obol_bytes name, uint64_t *version,
								  bool *deleted) OBOL_MUST_CHECK;

/* Enrolment codes (store_sql_enrolment.c). */

/** A team's code as a slot of kind ENROLMENT, its serial being the code's id;
 * serial 0 for an unknown team. */
enum obol_status
obol_sql_find_enrolment(struct obol_sql_store *this, struct obol_bytes name,
						struct obol_slot *slot) OBOL_MUST_CHECK;

/** LOGIN_DONE with a code. */
enum obol_status
obol_sql_enrolment_login(struct obol_sql_store *this,
						 struct obol_store_op *op) OBOL_MUST_CHECK;

/** A code by its id; NOT_FOUND when it was revoked or has expired. */
enum obol_status
obol_sql_enrolment(struct obol_sql_store *this, int64_t id, uint64_t now,
				   struct obol_enrolment *enrolment) OBOL_MUST_CHECK;

/* Audit trail (store_sql_audit.c). */

struct obol_sql_event {
	int64_t account_id;
	uint64_t now;
	const struct obol_store_actor *actor;
	enum obol_operation operation;
	enum obol_reply reply;
	const char *label;
	struct obol_bytes detail;
};

enum obol_status
obol_sql_audit(struct obol_sql_store *this,
			   const struct obol_sql_event *event) OBOL_MUST_CHECK;

/** Number of the newest set of CA certificates, 0 for none
 * (store_sql_anchors.c). */
enum obol_status obol_sql_anchors_number(struct obol_sql_store *this,
										 uint32_t *number) OBOL_MUST_CHECK;
/* Revocation (store_sql_revocation.c). */

/** Which certificates, why, and by whom. */
struct obol_sql_revoke {
	int64_t account_id;
	/** NULL: all of the account's; else those that this device may hold */
	const uint8_t *device_id;
	enum obol_revocation_reason reason;
	const struct obol_store_actor *actor;
	const char *label;
	uint64_t now;
};

/** Revoke an account's certificates that have not ended and are not revoked
 * yet, with a row in the audit trail when there are any. */
enum obol_status
obol_sql_revoke(struct obol_sql_store *this,
				const struct obol_sql_revoke *revoke,
				struct obol_store_revoked *revoked) OBOL_MUST_CHECK;

/** The newest revocation's number. */
enum obol_status obol_sql_last_revocation(struct obol_sql_store *this,
										  uint64_t *number) OBOL_MUST_CHECK;

/** Check a gateway's request as obol_sql_check() does, and that its account
 * is a gateway's: DENIED otherwise (store_sql_follow.c). */
enum obol_status
obol_sql_check_gateway(struct obol_sql_store *this, struct obol_store_op *op,
					   const struct obol_store_request *request,
					   struct obol_account *gateway) OBOL_MUST_CHECK;

/** Columns of "certificate c" and "account a" for the function below. */
#define OBOL_CERTIFICATE_COLUMNS                                               \
	"c.account_id, coalesce(a.name, ''), c.device_id, c.serial, "              \
	"c.not_before, c.not_after, c.subject, c.portable, c.revoked_at, "         \
	"c.reason FROM certificate c LEFT JOIN account a ON a.id = c.account_id "

void obol_sql_read_certificate(struct obol_sql_query *q,
							   struct obol_store_certificate *certificate);

/* The verbs; each runs in a transaction that its caller opened. */

typedef enum obol_status (*obol_sql_verb)(struct obol_sql_store *this,
										  struct obol_store_op *op);

/** How a verb is run. */
enum obol_sql_verb_flag {
	/** changes nothing */
	OBOL_SQL_READS = 1,
	/** what it wrote stays when it is DENIED */
	OBOL_SQL_KEEPS_DENIED = 2,
	/** once it has begun to write, nothing but the database can make it fail */
	OBOL_SQL_WRITES_LAST = 4,
};

struct obol_sql_verb_entry {
	obol_sql_verb run;
	unsigned flags;
};

const struct obol_sql_verb_entry *
obol_sql_verb_of(const struct obol_store_op *op);

#define OBOL_SQL_VERB(name)                                                    \
	enum obol_status obol_sql_##name(struct obol_sql_store *this,              \
									 struct obol_store_op *op) OBOL_MUST_CHECK

OBOL_SQL_VERB(login_begin);
OBOL_SQL_VERB(login_done);
OBOL_SQL_VERB(login_failed);
OBOL_SQL_VERB(login_undo);
OBOL_SQL_VERB(list);
OBOL_SQL_VERB(get);
OBOL_SQL_VERB(put);
OBOL_SQL_VERB(delete);
OBOL_SQL_VERB(slot_put);
OBOL_SQL_VERB(slot_delete);
OBOL_SQL_VERB(slot_list);
OBOL_SQL_VERB(stage);
OBOL_SQL_VERB(unstage);
OBOL_SQL_VERB(rekey);
OBOL_SQL_VERB(issued);
OBOL_SQL_VERB(history);
OBOL_SQL_VERB(slot_sets);
OBOL_SQL_VERB(account_add);
OBOL_SQL_VERB(account_find);
OBOL_SQL_VERB(account_list);
OBOL_SQL_VERB(account_set_state);
OBOL_SQL_VERB(account_set);
OBOL_SQL_VERB(account_remove);
OBOL_SQL_VERB(account_reset);
OBOL_SQL_VERB(account_unlock);
OBOL_SQL_VERB(audit_row);
OBOL_SQL_VERB(certificates);
OBOL_SQL_VERB(anchors);
OBOL_SQL_VERB(anchors_newest);
OBOL_SQL_VERB(anchors_put);
OBOL_SQL_VERB(anchors_lacking);
OBOL_SQL_VERB(root_count);
OBOL_SQL_VERB(enrol_check);
OBOL_SQL_VERB(enrol);
OBOL_SQL_VERB(account_delete);
OBOL_SQL_VERB(enrolment_add);
OBOL_SQL_VERB(enrolment_list);
OBOL_SQL_VERB(enrolment_revoke);
OBOL_SQL_VERB(account_approve);
OBOL_SQL_VERB(certificate_revoke);
OBOL_SQL_VERB(revocations);
OBOL_SQL_VERB(crl_entries);
OBOL_SQL_VERB(crl_get);
OBOL_SQL_VERB(crl_put);
OBOL_SQL_VERB(follow);
OBOL_SQL_VERB(report);
OBOL_SQL_VERB(gateways);
OBOL_SQL_VERB(probe);
OBOL_SQL_VERB(count_all);
OBOL_SQL_VERB(gone_drop);

#endif /* OBOL_STORE_STORE_SQL_PRIVATE_H_ */
