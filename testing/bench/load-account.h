/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * The accounts that testing/bench/load logs in to, each told by its number, so
 * that who makes them and who logs in share nothing but that.
 */
#ifndef TESTING_BENCH_LOAD_ACCOUNT_H_
#define TESTING_BENCH_LOAD_ACCOUNT_H_

#include "base/bytes.h"
#include "wire/registry.h"

/** Number of digits in a name, so that all have one length. */
#define LOAD_NAME_DIGITS 8
#define LOAD_SECRET_LEN 16
/** Of the credential that each account has, before it is sealed: a key, two
 * certificates. */
#define LOAD_BODY_LEN 1500
#define LOAD_CREDENTIAL "vpn"

struct load_account {
	char name[LOAD_NAME_DIGITS + 2];
	/** OBOL_SLOT_DEVICE or OBOL_SLOT_PASSWORD */
	enum obol_slot_kind kind;
	uint8_t device_id[OBOL_DEVICE_ID_LEN];
	/** of the device, or as the password */
	uint8_t secret[LOAD_SECRET_LEN];
};

/** The account of a number. */
void load_account(unsigned number, enum obol_slot_kind kind,
				  struct load_account *out);

/**
 * Which ones can be logged in to: n_live of n, spread over all of them.
 *
 * @param at	0..n_live - 1
 * @return		the account's number
 */
unsigned load_account_live(unsigned at, unsigned n, unsigned n_live);

/** Print a sentence for people and end the process. */
void load_die(const char *fmt, ...)
	__attribute__((noreturn, format(printf, 1, 2)));

/** A number of an option, within bounds, or the end. */
unsigned load_number(const char *text, unsigned min, unsigned max);

#endif /* TESTING_BENCH_LOAD_ACCOUNT_H_ */
