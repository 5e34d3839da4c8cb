/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * What an operator does to an account in more than one step of the store: for
 * obolctl, and for obold's control socket.
 */
#ifndef OBOL_SERVER_OPERATOR_H_
#define OBOL_SERVER_OPERATOR_H_

#include "store/store_operator.h"

/**
 * Forget the failed logins that were counted for an account and its devices.
 *
 * @return	OK; NOT_FOUND; NOMEM; CRYPTO; STORE
 */
enum obol_status obol_operator_unlock(struct obol_store *store,
									  const struct obol_account *account,
									  const struct obol_store_actor *actor,
									  uint64_t now) OBOL_MUST_CHECK;

/**
 * The account id that the account's devices know: it stands in clear in the
 * wrap of each slot of the present generation.
 *
 * @param id	receives OBOL_ACCOUNT_ID_LEN bytes
 * @param found	false: no slot has one
 * @return		OK; NOMEM; STORE
 */
enum obol_status obol_operator_account_id(struct obol_store *store,
										  const struct obol_account *account,
										  uint8_t *id,
										  bool *found) OBOL_MUST_CHECK;

#endif /* OBOL_SERVER_OPERATOR_H_ */
