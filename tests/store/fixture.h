/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * A store with an account or two, and short ways to work on it.
 */
#ifndef TESTS_STORE_FIXTURE_H_
#define TESTS_STORE_FIXTURE_H_

#include <check.h>

#include "store/backends.h"
#include "store/store_login.h"
#include "store/store_operator.h"
#include "support/tempdir.h"

/** The tests' time; later moments are added to it. */
#define NOW ((uint64_t)1700000000)

struct fixture {
	struct tempdir dir;
	const struct backend *backend;
	struct obol_store *store;
};

/** A new store of backends[i], with room for many guess rows. */
void fixture_init(struct fixture *f, int i);
void fixture_clear(struct fixture *f);

/** Another connection to the same store. */
struct obol_store *fixture_open(struct fixture *f);

/** Such a one, as a configuration opens it, that keeps so many rows of an
 * account's history. */
struct obol_store *fixture_open_keeping(struct fixture *f,
										uint32_t history_rows_max);

/** Run an operation and expect a status. */
#define RUN(f, verb, arg, expected)                                            \
	ck_assert_str_eq(                                                          \
		obol_status_name(obol_store_run((f)->store, (verb), (arg))),           \
		obol_status_name(expected))

/** A slot with contents made from a seed. */
struct obol_slot make_slot(uint8_t kind, uint8_t device, uint32_t generation,
						   uint8_t seed);

/** An actor: the slot's kind and device, from 192.0.2.1. */
struct obol_store_actor actor_of(uint8_t kind, uint8_t device);

/** Add an account, generation 1, with an activation slot (seed 1) that ends
 * after 14 days; its id. */
int64_t add_account(struct fixture *f, const char *name);

/** As add_account(), and then set up by its user: generation 2, password (seed
 * 2) and device 7 (seed 3). */
int64_t add_active(struct fixture *f, const char *name);

/** What a connection logged in with password (or device 7) asks with. */
struct obol_store_request as_password(int64_t account_id);
struct obol_store_request as_device(int64_t account_id);

/** The account as it is. */
struct obol_account account_named(struct fixture *f, const char *name);

/** LOGIN_BEGIN; its output. */
struct obol_store_login_begin begin_login(struct fixture *f, const char *name,
										  uint8_t kind, uint8_t device,
										  uint64_t now);

/** LOGIN_DONE after it; its input filled in. */
struct obol_store_login_done
done_with(const struct obol_store_login_begin *begun, uint64_t now);

/** PUT as with the password; its status. */
enum obol_status put(struct fixture *f, int64_t account_id, const char *name,
					 uint64_t base_version, const char *sealed);

/** The newest line of an account's history: "operation reply kind detail". */
const char *newest_line(struct fixture *f, int64_t account_id);

#endif /* TESTS_STORE_FIXTURE_H_ */
