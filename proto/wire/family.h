/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * Bodies of requests and answers, by family; used by request.c alone. A
 * writer leaves trouble in the writer, a reader in the reader.
 */
#ifndef OBOL_WIRE_FAMILY_H_
#define OBOL_WIRE_FAMILY_H_

#include "base/reader.h"
#include "wire/request.h"

/** A request's body. */
struct obol_request_codec {
	uint8_t type;
	/** NULL for an empty body */
	void (*write)(struct obol_writer *w, const struct obol_request *msg);
	void (*read)(struct obol_reader *r, struct obol_request *msg);
};

/** An answer's body. */
struct obol_answer_codec {
	uint8_t type;
	/** NULL for an empty body */
	void (*write)(struct obol_writer *w, const struct obol_answer *msg);
	void (*read)(struct obol_reader *r, struct obol_answer *msg);
};

/** A family's messages; each list ends with type 0. */
extern const struct obol_request_codec obol_credential_requests[];
extern const struct obol_answer_codec obol_credential_answers[];
extern const struct obol_request_codec obol_slot_requests[];
extern const struct obol_answer_codec obol_slot_answers[];
extern const struct obol_request_codec obol_issue_requests[];
extern const struct obol_answer_codec obol_issue_answers[];
extern const struct obol_request_codec obol_anchors_requests[];
extern const struct obol_answer_codec obol_anchors_answers[];
extern const struct obol_request_codec obol_account_requests[];
extern const struct obol_answer_codec obol_account_answers[];
extern const struct obol_request_codec obol_history_requests[];
extern const struct obol_answer_codec obol_history_answers[];
extern const struct obol_request_codec obol_follow_requests[];
extern const struct obol_answer_codec obol_follow_answers[];
extern const struct obol_request_codec obol_info_requests[];
extern const struct obol_answer_codec obol_info_answers[];

/** Put's body, which Stage has too. */
void obol_write_put(struct obol_writer *w, const struct obol_request *msg);
void obol_read_put(struct obol_reader *r, struct obol_request *msg);

/* Parts of the slots' bodies, which the accounts' have too. */
void obol_write_slot_begin(struct obol_writer *w,
						   const struct obol_slot_start_request *start);
void obol_read_slot_begin(struct obol_reader *r,
						  struct obol_slot_start_request *start);
void obol_write_slot_begun(struct obol_writer *w,
						   const struct obol_slot_start_answer *begun);
void obol_read_slot_begun(struct obol_reader *r,
						  struct obol_slot_start_answer *begun);
void obol_write_slot(struct obol_writer *w,
					 const struct obol_slot_message *slot);
void obol_read_slot(struct obol_reader *r, struct obol_slot_message *slot);

#endif /* OBOL_WIRE_FAMILY_H_ */
