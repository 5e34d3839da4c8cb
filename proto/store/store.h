/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * The server's store behind one interface. What is asked is an operation: a
 * verb with its input; it is one transaction, and its result is durable when
 * its callback runs, not before. A back end may run the callback from within
 * _submit(), or later from _flush() (SQLite: one commit for all operations
 * since the last) or from its descriptor (a database over the network).
 *
 * Views in an operation's input must hold until its callback; views in its
 * output hold until the callback returns. What callbacks submit during a
 * _flush() is made durable by that same call.
 *
 * A request of a logged-in connection (struct obol_store_request) is refused
 * once its account or the slot it logged in with is gone: so revoking a device
 * ends its open connections too.
 *
 * The account's id of the store is a number of its own, never shown to
 * clients, and the first part of every key.
 */
#ifndef OBOL_STORE_STORE_H_
#define OBOL_STORE_STORE_H_

#include "account/guess_limit.h"
#include "base/clock.h"
#include "base/log.h"
#include "metrics/meter.h"
#include "wire/login.h"
#include "wire/request.h"

struct obol_store;
struct obol_store_op;
struct obol_store_memory;

/** Who acts and from where; goes into the audit trail. */
struct obol_store_actor {
	/** 0: the operator */
	uint8_t kind;
	uint8_t device_id[OBOL_DEVICE_ID_LEN];
	/** address in text form, or the operator's login name */
	char source[OBOL_SOURCE_MAX + 1];
};

/** What an operation revoked beside all else that it did; the numbers are
 * explained in store_revocation.h. */
struct obol_store_revoked {
	uint32_t n_certificates;
	/** the newest revocation's number before it and after it */
	uint64_t before;
	uint64_t last;
};

enum obol_account_state {
	OBOL_ACCOUNT_ACTIVE = 1,
	OBOL_ACCOUNT_DISABLED = 2,
	/** enrolled by its user, for the operator to approve */
	OBOL_ACCOUNT_WAITING = 3,
};

enum obol_account_kind {
	OBOL_ACCOUNT_USER = 0,
	/** a VPN gateway: follows revocations, reports tunnels, nothing else */
	OBOL_ACCOUNT_GATEWAY = 1,
};

/** An account as the operator made it. */
struct obol_account {
	int64_t id;
	char name[OBOL_NAME_MAX + 1];
	enum obol_account_state state;
	enum obol_account_kind kind;
	uint64_t created_at;
	/** 0 until the first ReKey by the user */
	uint64_t activated_at;
	uint64_t last_login_at;
	/** 0: never */
	uint64_t expires_at;
	/** of the present account key */
	uint32_t generation;
	/** IKE identity for the certificate's SAN: e-mail form or FQDN; made from
	 * the name and the server's domain when the operator gave none */
	char identity[OBOL_NAME_MAX + 1];
	/** lifetime of issued certificates in seconds; 0: the server's default */
	uint32_t certificate_lifetime_s;
	/** enum obol_mode and enum obol_key_type; 0: the server's default */
	uint8_t mode;
	uint8_t key_type;
	/** latest notAfter of the certificates issued to it, 0 for none */
	uint64_t certificate_not_after;
	uint32_t n_devices;
	uint32_t n_credentials;
	/** an unused activation slot, and until when */
	bool has_activation;
	uint64_t activation_expires_at;
};

/** A slot as it is stored. */
struct obol_slot {
	/** the store's own: another one each time the slot is written */
	int64_t serial;
	uint8_t kind;
	uint8_t device_id[OBOL_DEVICE_ID_LEN];
	char label[OBOL_LABEL_MAX + 1];
	struct obol_ksf_params ksf;
	uint32_t key_number;
	uint32_t generation;
	uint8_t record[OBOL_OPAQUE_RECORD_LEN];
	uint8_t wrap[OBOL_WRAP_MAX];
	uint16_t wrap_len;
	uint64_t created_at;
	uint64_t last_used_at;
	char last_source[OBOL_SOURCE_MAX + 1];
	uint64_t expires_at;
};

enum obol_store_verb {
	/* for the worker */
	OBOL_STORE_LOGIN_BEGIN,
	OBOL_STORE_LOGIN_DONE,
	OBOL_STORE_LOGIN_FAILED,
	OBOL_STORE_LOGIN_UNDO,
	OBOL_STORE_LIST,
	OBOL_STORE_GET,
	OBOL_STORE_PUT,
	OBOL_STORE_DELETE,
	OBOL_STORE_SLOT_PUT,
	OBOL_STORE_SLOT_DELETE,
	OBOL_STORE_SLOT_LIST,
	OBOL_STORE_STAGE,
	OBOL_STORE_UNSTAGE,
	OBOL_STORE_REKEY,
	OBOL_STORE_ISSUED,
	OBOL_STORE_HISTORY,
	OBOL_STORE_SLOT_SETS,
	OBOL_STORE_ENROL_CHECK,
	OBOL_STORE_ENROL,
	OBOL_STORE_ACCOUNT_DELETE,
	/* for the operator: store_operator.h */
	OBOL_STORE_ACCOUNT_ADD,
	OBOL_STORE_ACCOUNT_FIND,
	OBOL_STORE_ACCOUNT_LIST,
	OBOL_STORE_ACCOUNT_SET_STATE,
	OBOL_STORE_ACCOUNT_SET,
	OBOL_STORE_ACCOUNT_REMOVE,
	OBOL_STORE_ACCOUNT_RESET,
	OBOL_STORE_ACCOUNT_UNLOCK,
	OBOL_STORE_AUDIT,
	OBOL_STORE_CERTIFICATES,
	/* store_anchors.h: the first for the worker, the others for the operator */
	OBOL_STORE_ANCHORS,
	OBOL_STORE_ANCHORS_NEWEST,
	OBOL_STORE_ANCHORS_PUT,
	OBOL_STORE_ANCHORS_LACKING,
	OBOL_STORE_ROOT_COUNT,
	OBOL_STORE_ENROLMENT_ADD,
	OBOL_STORE_ENROLMENT_LIST,
	OBOL_STORE_ENROLMENT_REVOKE,
	OBOL_STORE_ACCOUNT_APPROVE,
	OBOL_STORE_CERTIFICATE_REVOKE,
	OBOL_STORE_REVOCATIONS,
	/* for who signs the CRL */
	OBOL_STORE_CRL_ENTRIES,
	OBOL_STORE_CRL_GET,
	OBOL_STORE_CRL_PUT,
	/* for the worker and its gateways: store_gateway.h */
	OBOL_STORE_FOLLOW,
	OBOL_STORE_REPORT,
	OBOL_STORE_GATEWAYS,
	/* for who watches the server: store_figures.h */
	OBOL_STORE_PROBE,
	OBOL_STORE_COUNT,
	/* for the worker: slots that are gone */
	OBOL_STORE_GONE_DROP,
};

/** What tells slots' answers apart before a login, and how many have it. */
struct obol_store_slot_set {
	uint8_t kind;
	struct obol_ksf_params ksf;
	uint32_t key_number;
	uint64_t n_slots;
	/** slots that are gone and are remembered: their names are answered with
	 * nothing older */
	uint64_t n_gone;
};

/** Input that the requests of a logged-in connection share. generation is that
 * of the slot logged in with: what it can read. A write with a generation
 * that is not the account's present one is AUTH, and so is every request when
 * the account was disabled, expired or removed meanwhile or the slot is gone: a
 * login is needed anew. DENIED is left to quotas. The operator (actor.kind 0)
 * is bound by neither state, slot nor generation, but what he writes carries
 * the present generation too. */
struct obol_store_request {
	int64_t account_id;
	uint32_t generation;
	struct obol_store_actor actor;
	uint64_t now;
};

struct obol_store_list {
	struct obol_store_request in;
	struct obol_list_answer out;
};

/** GET: NOT_FOUND when a name was given and is not there. */
struct obol_store_get {
	struct {
		struct obol_store_request request;
		struct obol_get_request get;
		/** bytes of sealed bodies that fit one answer */
		size_t size_max;
	} in;
	struct obol_get_answer out;
};

/** PUT: EXISTS when base_version is not the stored one (version has that);
 * DENIED above the quota of credentials or names. */
struct obol_store_put {
	struct {
		struct obol_store_request request;
		struct obol_put_request put;
	} in;
	struct obol_put_answer out;
};

/** DELETE: NOT_FOUND; EXISTS as above. Leaves a tombstone. */
struct obol_store_delete {
	struct {
		struct obol_store_request request;
		struct obol_delete_request delete_;
	} in;
	struct {
		uint64_t version;
	} out;
};

/** SLOT_PUT: a new slot, or in place of one of the same kind and device id.
 * DENIED above the quota of devices. A new recovery slot takes the place of an
 * older generation's: what only that one could open goes with it. */
struct obol_store_slot_put {
	struct {
		struct obol_store_request request;
		struct obol_slot slot;
	} in;
};

/** SLOT_DELETE: NOT_FOUND. A device's certificates are revoked with it: its
 * own, and all that any of the account's devices may hold. */
struct obol_store_slot_delete {
	struct {
		struct obol_store_request request;
		uint8_t kind;
		uint8_t device_id[OBOL_DEVICE_ID_LEN];
	} in;
	struct {
		struct obol_store_revoked revoked;
	} out;
};

struct obol_store_slot_list {
	struct obol_store_request in;
	struct {
		size_t n_slots;
		struct obol_slot slots[OBOL_SLOTS_MAX];
	} out;
};

/** STAGE: keep a sealed credential aside under the connection's stage id until
 * REKEY takes it or UNSTAGE (or its age, an hour) drops it. Its generation is
 * the coming one, the present plus 1. DENIED when the account has too much
 * staged. */
struct obol_store_stage {
	struct {
		struct obol_store_request request;
		uint8_t stage_id[16];
		struct obol_put_request put;
	} in;
};

struct obol_store_unstage {
	struct {
		int64_t account_id;
		uint8_t stage_id[16];
	} in;
};

/** REKEY: generation must be the present one plus 1, and that of the given
 * slots, else AUTH (ARG for the slots); every live credential of the present
 * generation must be staged on its present version, else EXISTS. All slots of
 * the present generation go, the given ones come; a recovery slot of an older
 * generation and what it opens stay, unless a new one is given. Tombstones are
 * carried over. By a login that is no activation's, the certificates that the
 * ended slots may hold are revoked. */
struct obol_store_rekey {
	struct {
		struct obol_store_request request;
		uint8_t stage_id[16];
		uint32_t generation;
		size_t n_slots;
		const struct obol_slot *slots;
	} in;
};

/** ISSUED: record a certificate before it leaves the server. EXISTS when the
 * serial number is taken. */
struct obol_store_issued {
	struct {
		struct obol_store_request request;
		/** up to 20 bytes, big-endian */
		uint8_t serial[20];
		uint8_t serial_len;
		uint64_t not_before;
		uint64_t not_after;
		/** subject and SAN in text form */
		struct obol_bytes subject;
		/** SHA-256 of the self-signed certificate that it stands under */
		uint8_t root[32];
		/** the key will be sealed for all of the account's devices */
		bool is_portable;
	} in;
};

/** HISTORY: account_id 0 for the operator's view over all accounts. */
struct obol_store_history {
	struct {
		/** of the connection that asks; NULL: the operator */
		const struct obol_store_request *request;
		int64_t account_id;
		uint64_t before;
		uint16_t limit;
	} in;
	struct {
		struct obol_history_answer answer;
		/** the operator's view: each line's account, "removed account 17" when
		 * it is gone, "" when it belongs to none */
		char names[OBOL_HISTORY_MAX][OBOL_NAME_MAX + 1];
	} out;
};

/** Of a slot that is gone, and a keyed hash. */
#define OBOL_GONE_KEY_LEN 16

/** Sets of parameters that are told apart, the commonest ones. */
#define OBOL_SLOT_SETS_MAX 64

/** SLOT_SETS: how many slots of each kind have which key stretching and key
 * number; in order of kind, then most first. Counts all slots, so ask seldom.
 */
struct obol_store_slot_sets {
	struct {
		size_t n_sets;
		struct obol_store_slot_set sets[OBOL_SLOT_SETS_MAX];
	} out;
};

/** GONE_DROP: forget slots that are gone and tell nothing any more, see
 * slot_sets.h. */
struct obol_store_gone_drop {
	struct {
		/** as they are now */
		const struct obol_store_slot_sets *sets;
	} in;
};

typedef void (*obol_store_done)(struct obol_store_op *op);

struct obol_store_op {
	enum obol_store_verb verb;
	enum obol_status status;
	/** what a client is told of the status, such as DISABLED or LOGIN_NEEDED
	 * for AUTH */
	enum obol_reply reply;
	/** with STORE: the store was lost while it made it durable, so it may be
	 * done all the same, wholly; nobody is to be told that it is not */
	bool is_in_doubt;
	/** may be NULL: then views in the output hold until the next operation */
	obol_store_done done;
	/** for the callback */
	void *ctx;
	/** the store's own, while the operation is under way */
	uint64_t began_us;
	struct obol_store_op *next;
	struct obol_store_memory *memory;
	/** exactly the member that the verb names; too large for a union to be
	 * kept in every connection, so the caller points to its own */
	union {
		void *any;
		struct obol_store_login_begin *login_begin;
		struct obol_store_login_done *login_done;
		struct obol_store_login_failed *login_failed;
		struct obol_store_login_undo *login_undo;
		struct obol_store_list *list;
		struct obol_store_get *get;
		struct obol_store_put *put;
		struct obol_store_delete *delete_;
		struct obol_store_slot_put *slot_put;
		struct obol_store_slot_delete *slot_delete;
		struct obol_store_slot_list *slot_list;
		struct obol_store_stage *stage;
		struct obol_store_unstage *unstage;
		struct obol_store_rekey *rekey;
		struct obol_store_issued *issued;
		struct obol_store_history *history;
		struct obol_store_slot_sets *slot_sets;
		struct obol_store_gone_drop *gone_drop;
		/* in store_operator.h */
		struct obol_store_account_add *account_add;
		struct obol_store_account_find *account_find;
		struct obol_store_account_list *account_list;
		struct obol_store_account_set_state *account_set_state;
		struct obol_store_account_set *account_set;
		struct obol_store_account_remove *account_remove;
		struct obol_store_account_reset *account_reset;
		struct obol_store_account_unlock *account_unlock;
		struct obol_store_audit *audit;
		struct obol_store_certificates *certificates;
		/* in store_anchors.h */
		struct obol_store_anchors *anchors;
		struct obol_store_anchors_newest *anchors_newest;
		struct obol_store_anchors_put *anchors_put;
		struct obol_store_anchors_lacking *anchors_lacking;
		struct obol_store_root_count *root_count;
		/* in store_enrol.h */
		struct obol_store_enrol *enrol;
		struct obol_store_account_delete *account_delete;
		struct obol_store_enrolment_add *enrolment_add;
		struct obol_store_enrolment_list *enrolment_list;
		struct obol_store_enrolment_revoke *enrolment_revoke;
		/* see store_revocation.h */
		struct obol_store_certificate_revoke *certificate_revoke;
		struct obol_store_revocations *revocations;
		struct obol_store_crl_entries *crl_entries;
		struct obol_store_crl_get *crl_get;
		struct obol_store_crl_put *crl_put;
		/* see store_gateway.h */
		struct obol_store_follow *follow;
		struct obol_store_report *report;
		struct obol_store_gateways *gateways;
		/* see store_figures.h */
		struct obol_store_probe *probe;
		struct obol_store_count *count;
	} arg;
};

/** A back end. */
struct obol_store_backend {
	void (*submit)(struct obol_store *store, struct obol_store_op *op);
	void (*flush)(struct obol_store *store);
	void (*close)(struct obol_store *store);
	/** these three are NULL where operations end within submit or flush */
	void (*push)(struct obol_store *store);
	int (*descriptor)(const struct obol_store *store);
	void (*ready)(struct obol_store *store);
};

struct obol_store {
	const struct obol_store_backend *backend;
	/** key for credential identifiers and all keyed hashes of names; made
	 * with the database, lives there and only there */
	uint8_t id_key[32];
	/** of the process that uses it; NULL: nothing is counted */
	struct obol_meter *meter;
};

/**
 * Begin an operation; its callback runs exactly once. What fails before it
 * begins is told through the callback too, so there is one path.
 */
void obol_store_submit(struct obol_store *store, struct obol_store_op *op);

/** For back ends: an operation's status stands, and its callback comes next. */
void obol_store_measure(const struct obol_store *store,
						const struct obol_store_op *op);

/** Make everything submitted durable and run its callbacks. */
void obol_store_flush(struct obol_store *store);

/** For loops: set going what was submitted. A back end with a descriptor sends
 * it and returns; another one flushes. */
void obol_store_push(struct obol_store *store);

/** Readable when obol_store_ready() has something to do; -1 for a back end that
 * is never waited for. */
int obol_store_descriptor(const struct obol_store *store);

/** Take what has come, and run the callbacks of what has ended. What these
 * submit waits for the next push. */
void obol_store_ready(struct obol_store *store);

/** Submit, flush, and return the status: for tools, where nothing else runs.
 * IO is what is in doubt: it may be done or not. Views in the output hold until
 * the next operation. */
enum obol_status obol_store_run(struct obol_store *store,
								enum obol_store_verb verb,
								void *arg) OBOL_MUST_CHECK;

/** Close; NULL is fine. */
void obol_store_close(struct obol_store *store);

/* Keyed hashes of the id key, HMAC-SHA-256, each under its own label. They are
 * OK, or CRYPTO when there is no memory: nothing is written then. */

/** Credential identifier of OPAQUE: kind (1) | length of name (2) | name |
 * device id (16). For known and unknown names alike. */
enum obol_status obol_store_credential_identifier(
	const struct obol_store *store, uint8_t kind, struct obol_bytes name,
	const uint8_t *device_id, uint8_t out[32]) OBOL_MUST_CHECK;

/** Key of a guess row: password, activation and recovery of a name share one;
 * a device slot has its own. */
enum obol_status
obol_store_guess_key(const struct obol_store *store, uint8_t kind,
					 struct obol_bytes name, const uint8_t *device_id,
					 uint8_t out[OBOL_GUESS_KEY_LEN]) OBOL_MUST_CHECK;

/** Under which a slot is remembered that is gone: of its own for each kind and
 * device of a name. */
enum obol_status
obol_store_gone_key(const struct obol_store *store, uint8_t kind,
					struct obol_bytes name, const uint8_t *device_id,
					uint8_t out[OBOL_GONE_KEY_LEN]) OBOL_MUST_CHECK;

/** Seed of fake records and of what else is made up for unknown names. */
enum obol_status obol_store_fake_seed(const struct obol_store *store,
									  uint8_t out[32]) OBOL_MUST_CHECK;

/** A name for the logs before it is known to exist: 16 hexadecimal digits. */
enum obol_status obol_store_masked_name(const struct obol_store *store,
										struct obol_bytes name,
										char out[17]) OBOL_MUST_CHECK;

#endif /* OBOL_STORE_STORE_H_ */
