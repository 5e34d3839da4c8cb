/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * What the machines see of a code.
 */
#ifndef OBOL_TRANSFER_CODE_H_
#define OBOL_TRANSFER_CODE_H_

#include <obol/transfer.h>

/** Which secret is used; on the wire. */
enum obol_transfer_secret {
	/** seven digits that were read out */
	OBOL_TRANSFER_SPOKEN = 1,
	/** 128 bits out of a link */
	OBOL_TRANSFER_LINKED = 2,
};

/** Numbers there are. */
#define OBOL_TRANSFER_NUMBERS 100000

/** The kind of a typed code; of one made here SPOKEN. */
enum obol_transfer_secret
obol_transfer_code_kind(const struct obol_transfer_code *code);

/** The secret of a kind (PRS); NULL when the code has none of it. */
const struct obol_secret *
obol_transfer_code_secret(const struct obol_transfer_code *code,
						  enum obol_transfer_secret kind);

/**
 * Spend the code.
 *
 * @return	true for the one that may go on; false when it was spent before
 */
bool obol_transfer_code_spend(struct obol_transfer_code *code);

#endif /* OBOL_TRANSFER_CODE_H_ */
