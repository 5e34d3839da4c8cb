/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * Requests after the login and their answers. One struct for either, a type
 * and a union; encoders and decoders of a family lie in a file each
 * (credential.c, slot.c, issue.c, anchors.c, history.c, info.c) behind
 * obol_request_* and obol_answer_*. vecN<a..b> is a vector of a to b bytes
 * behind N bits of length; times are seconds since the epoch, 0 for never.
 * Names, labels, sources and other texts have no zero byte in them; a device id
 * is zeros unless the kind is device.
 *
 * Info          empty                    may come before the login
 * InfoAnswer    server name vec8<0..255> | server time (8) | suites: count
 *               (1), each (2) | mechanisms: count (1), each (1) | largest
 *               frame (4) | largest sealed (4) | credentials (2) | devices (2)
 * List          empty
 * ListAnswer    count (2), each: name vec8<1..64> | format (2) | version (8) |
 *               size (4) | changed at (8) | deleted (1); a name once
 * Get           name vec8<0..64>, empty for all | after vec8<0..64>, the last
 *               name of the page before, only without a name | held version
 *               (8), 0 for none, only with a name
 * GetAnswer     unchanged (1), then nothing else | more (1), then not empty |
 *               count (2), each: name vec8<1..64> | format (2) | version (8) |
 *               changed at (8) | sealed vec24<1..256 KiB>; a name once
 * Put           name vec8<1..64> | format (2) | base version (8), that of the
 *               stored credential or tombstone, 0 for none | generation (4) |
 *               sealed vec24<1..256 KiB>
 * PutAnswer     version (8), always base + 1 | changed at (8)
 * Delete        name vec8<1..64> | base version (8)
 * DeleteAnswer  version (8) of the tombstone, above the base
 * SlotStart     kind (1) | device id (16) | registration request (33)
 * SlotStartAnswer  registration response (66) | key number (4) | KSF (6), the
 *               least that the server takes for this kind
 * SlotFinish    slot
 *   slot:       kind (1) | device id (16) | label vec8<0..64> | KSF (6) | key
 *               number (4) | generation (4) | record (129) |
 *               wrap vec16<1..256>
 * SlotFinishAnswer  empty
 * SlotDelete    kind (1) | device id (16)
 * SlotDeleteAnswer  empty
 * SlotList      empty
 * SlotListAnswer  count (2), each: kind (1) | device id (16) | label
 *               vec8<0..64> | created at (8) | last used at (8) | last source
 *               vec8<0..64> | expires at (8)
 * Stage         as Put; kept aside for the ReKey of this connection. Its
 *               generation is the coming one
 * StageAnswer   empty
 * ReKey         generation (4), the present one plus 1 | count (1), 1 or more,
 *               each slot, of that generation; one per kind and device id
 * ReKeyAnswer   generation (4)
 * Issue         request vec16<1..8192>, PKCS#10 in DER
 * IssueAnswer   certificate vec16<1..8192> | count (1), each: chain
 *               certificate vec16<1..8192> | count (1), each: CA certificate
 *               vec16<1..8192>
 * Anchors       held (4), number of the set that is held, 0 for none | after
 *               (4), not below it: above it when sets were passed over that
 *               nobody trusted here has signed
 * AnchorsAnswer unchanged (1), none is above after | set vec24<0..96 KiB>, the
 *               first above after, see seal/anchors.h; empty when unchanged
 * AccountStart  name vec8<1..255> | count (1), 1 or 2, each: kind (1) | device
 *               id (16) | registration request (33); one per kind and device
 *               id. May come before the login
 * AccountStartAnswer  count (1), as asked, each as SlotStartAnswer
 * AccountCreate name vec8<1..255> | count (1), 1 or 2, each slot, of generation
 *               1; one per kind and device id. May come before the login
 * AccountCreateAnswer  waits (1) for the operator's approval
 * AccountDelete empty
 * AccountDeleteAnswer  empty
 * History       before (8), an id, 0 for the newest | limit (2), 1..200
 * HistoryAnswer count (2), each, newest first: id (8), from 1 and always
 *               lower | at (8) | operation (1) | reply (2) | kind (1), 0 for
 * the operator | label vec8<0..64> | source vec8<0..64> | detail vec16<0..512>
 *
 * Follow, Report: see follow.h.
 */
#ifndef OBOL_WIRE_REQUEST_H_
#define OBOL_WIRE_REQUEST_H_

#include "base/writer.h"
#include "wire/follow.h"
#include "wire/registry.h"

struct obol_get_request {
	struct obol_bytes name;
	struct obol_bytes after;
	uint64_t held_version;
};

struct obol_put_request {
	struct obol_bytes name;
	uint16_t format;
	uint64_t base_version;
	uint32_t generation;
	struct obol_bytes sealed;
};

struct obol_delete_request {
	struct obol_bytes name;
	uint64_t base_version;
};

struct obol_slot_start_request {
	uint8_t kind;
	uint8_t device_id[OBOL_DEVICE_ID_LEN];
	uint8_t request[OBOL_OPAQUE_REGISTRATION_REQUEST_LEN];
};

/** A slot as the client registers it. */
struct obol_slot_message {
	uint8_t kind;
	uint8_t device_id[OBOL_DEVICE_ID_LEN];
	struct obol_bytes label;
	struct obol_ksf_params ksf;
	uint32_t key_number;
	uint32_t generation;
	/** OBOL_OPAQUE_RECORD_LEN bytes */
	struct obol_bytes record;
	struct obol_bytes wrap;
};

struct obol_slot_delete_request {
	uint8_t kind;
	uint8_t device_id[OBOL_DEVICE_ID_LEN];
};

struct obol_rekey_request {
	uint32_t generation;
	uint8_t n_slots;
	struct obol_slot_message slots[OBOL_SLOTS_MAX];
};

struct obol_anchors_request {
	uint32_t held;
	uint32_t after;
};

/** The account's slots, begun; see AccountStart. */
struct obol_account_start_request {
	struct obol_bytes name;
	uint8_t n_slots;
	struct obol_slot_start_request slots[OBOL_FIRST_SLOTS_MAX];
};

struct obol_account_create_request {
	struct obol_bytes name;
	uint8_t n_slots;
	struct obol_slot_message slots[OBOL_FIRST_SLOTS_MAX];
};

struct obol_history_request {
	uint64_t before;
	uint16_t limit;
};

struct obol_request {
	enum obol_frame_type type;
	union {
		struct obol_get_request get;
		/** Put and Stage */
		struct obol_put_request put;
		struct obol_delete_request delete_;
		struct obol_slot_start_request slot_start;
		/** SlotFinish */
		struct obol_slot_message slot;
		struct obol_slot_delete_request slot_delete;
		struct obol_rekey_request rekey;
		/** Issue: the PKCS#10 request */
		struct obol_bytes pkcs10;
		struct obol_anchors_request anchors;
		struct obol_account_start_request account_start;
		struct obol_account_create_request account_create;
		struct obol_history_request history;
		struct obol_follow_request follow;
		struct obol_report_request report;
	};
};

/** Suites and mechanisms that Info can name. */
#define OBOL_INFO_SUITES_MAX 16
#define OBOL_INFO_MECHANISMS_MAX 16

struct obol_info_answer {
	struct obol_bytes server_name;
	uint64_t server_time;
	uint8_t n_suites;
	uint16_t suites[OBOL_INFO_SUITES_MAX];
	uint8_t n_mechanisms;
	uint8_t mechanisms[OBOL_INFO_MECHANISMS_MAX];
	uint32_t frame_max;
	uint32_t sealed_max;
	uint16_t credentials_max;
	uint16_t devices_max;
};

struct obol_list_item {
	struct obol_bytes name;
	uint16_t format;
	uint64_t version;
	uint32_t size;
	uint64_t changed_at;
	bool deleted;
};

struct obol_list_answer {
	uint16_t n_items;
	struct obol_list_item items[OBOL_NAMES_MAX];
};

struct obol_get_item {
	struct obol_bytes name;
	uint16_t format;
	uint64_t version;
	uint64_t changed_at;
	struct obol_bytes sealed;
};

struct obol_get_answer {
	bool unchanged;
	bool more;
	uint16_t n_items;
	struct obol_get_item items[OBOL_CREDENTIALS_MAX];
};

struct obol_put_answer {
	uint64_t version;
	uint64_t changed_at;
};

struct obol_slot_start_answer {
	uint8_t response[OBOL_OPAQUE_REGISTRATION_RESPONSE_LEN];
	uint32_t key_number;
	struct obol_ksf_params ksf;
};

struct obol_slot_item {
	uint8_t kind;
	uint8_t device_id[OBOL_DEVICE_ID_LEN];
	struct obol_bytes label;
	uint64_t created_at;
	uint64_t last_used_at;
	struct obol_bytes last_source;
	uint64_t expires_at;
};

struct obol_slot_list_answer {
	uint16_t n_items;
	struct obol_slot_item items[OBOL_SLOTS_MAX];
};

struct obol_issue_answer {
	struct obol_bytes certificate;
	uint8_t n_chain;
	struct obol_bytes chain[OBOL_CHAIN_MAX];
	uint8_t n_cas;
	struct obol_bytes cas[OBOL_CHAIN_MAX];
};

struct obol_account_start_answer {
	uint8_t n_slots;
	struct obol_slot_start_answer slots[OBOL_FIRST_SLOTS_MAX];
};

struct obol_history_item {
	uint64_t id;
	uint64_t at;
	uint8_t operation;
	uint16_t reply;
	uint8_t kind;
	struct obol_bytes label;
	struct obol_bytes source;
	struct obol_bytes detail;
};

struct obol_anchors_answer {
	bool unchanged;
	/** the set as it was signed */
	struct obol_bytes cms;
};

struct obol_history_answer {
	uint16_t n_items;
	struct obol_history_item items[OBOL_HISTORY_MAX];
};

struct obol_answer {
	enum obol_frame_type type;
	union {
		struct obol_info_answer info;
		struct obol_list_answer list;
		struct obol_get_answer get;
		struct obol_put_answer put;
		/** version of the tombstone */
		uint64_t deleted_version;
		struct obol_slot_start_answer slot_start;
		struct obol_slot_list_answer slot_list;
		uint32_t generation;
		struct obol_issue_answer issue;
		struct obol_anchors_answer anchors;
		struct obol_account_start_answer account_start;
		/** AccountCreate: the operator has to approve it first */
		bool waits;
		struct obol_history_answer history;
		struct obol_follow_answer follow;
	};
};

/* Encoders append a whole frame; trouble shows in the writer's status (ARG
 * for a value out of its bounds). Decoders take a frame, give views into its
 * body, and return OK; FORMAT; NOT_FOUND when the type is no request (no
 * answer). The structs are large: keep them on the heap. What a decoder leaves
 * in one after a failure means nothing. */
void obol_request_encode(struct obol_writer *w, const struct obol_request *msg);
enum obol_status obol_request_decode(uint8_t type, struct obol_bytes body,
									 struct obol_request *msg) OBOL_MUST_CHECK;
void obol_answer_encode(struct obol_writer *w, const struct obol_answer *msg);
enum obol_status obol_answer_decode(uint8_t type, struct obol_bytes body,
									struct obol_answer *msg) OBOL_MUST_CHECK;

#endif /* OBOL_WIRE_REQUEST_H_ */
