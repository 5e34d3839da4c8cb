/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * What the parts of the fake owner share.
 */
#ifndef TESTS_EXCHANGE_FAKE_OWNER_PRIVATE_H_
#define TESTS_EXCHANGE_FAKE_OWNER_PRIVATE_H_

#include "exchange/fake_owner.h"

/** When the tests take place. */
#define FAKE_START_AT 1800000000

#define FAKE_IDENTIFIER_MAX (1 + OBOL_DEVICE_ID_LEN + OBOL_NAME_MAX)

/** The credential identifier: kind, device id, name. */
struct obol_bytes fake_owner_identifier(uint8_t kind, const uint8_t *device_id,
										struct obol_bytes name,
										uint8_t out[FAKE_IDENTIFIER_MAX]);

/** The slot of a kind and device; NULL when there is none. */
struct fake_slot *fake_owner_find_slot(struct fake_owner *owner, uint8_t kind,
									   const uint8_t *device_id);

/** The same, made when there is none. */
struct fake_slot *fake_owner_make_slot(struct fake_owner *owner, uint8_t kind,
									   const uint8_t *device_id);

/** Do what a request asks for, with its answer in owner->answer. */
enum obol_reply fake_owner_request(struct fake_owner *owner,
								   const struct obol_request *request);

#endif /* TESTS_EXCHANGE_FAKE_OWNER_PRIVATE_H_ */
