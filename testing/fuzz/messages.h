/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * Requests and answers built as a byte script says: fields of every kind, most
 * of them within their bounds. Views point into the script.
 */
#ifndef TESTING_FUZZ_MESSAGES_H_
#define TESTING_FUZZ_MESSAGES_H_

#include "fuzz/support.h"
#include "wire/login.h"
#include "wire/request.h"

/** Key number and device id that scripts name often. */
#define FUZZ_KEY_NUMBER 7
extern const uint8_t fuzz_device_id[OBOL_DEVICE_ID_LEN];

/** KSF parameters: identity, default, or any. */
void fuzz_ksf_params(struct fuzz_script *script, struct obol_ksf_params *ksf);

/** A device id for a kind; zeros unless it is device. */
void fuzz_fill_device_id(struct fuzz_script *script, uint8_t kind,
						 uint8_t device_id[OBOL_DEVICE_ID_LEN]);

/** A request of a type that the script chooses. */
void fuzz_request(struct fuzz_script *script, struct obol_request *request);

/**
 * An answer.
 *
 * @param asked	the request that it may fit (as the script chooses), or whose
 *				type it has at least
 */
void fuzz_answer(struct fuzz_script *script, const struct obol_request *asked,
				 struct obol_answer *answer);

/** What LoginDone says beside the wrap. */
void fuzz_login_done(struct fuzz_script *script, struct obol_login_done *done);

/** An error with a reply that the script chooses. */
void fuzz_error(struct fuzz_script *script, struct obol_error_message *error);

#endif /* TESTING_FUZZ_MESSAGES_H_ */
