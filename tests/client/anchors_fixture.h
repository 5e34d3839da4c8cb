/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * A gateway that gives out sets of CA certificates, and a client of it.
 */
#ifndef TESTS_CLIENT_ANCHORS_FIXTURE_H_
#define TESTS_CLIENT_ANCHORS_FIXTURE_H_

#include <check.h>

#include "client/gateway.h"

#define SETS_MAX 4

/** the gateway's CA at first, the one that follows, somebody else's, and one
 * whose time is over */
enum who {
	OLD,
	NEW,
	STRANGER,
	ENDED,
	N_WHO
};

/** bits of enum who */
#define BIT(x) (1u << (x))

struct set {
	uint32_t number;
	struct obol_writer cms;
};

extern struct gateway gateway;
extern struct obol_client *client;
extern struct test_identity who[N_WHO];
/** their certificates */
extern struct obol_bytes view[N_WHO];
/** what the gateway gives out, in order of numbers */
extern struct set sets[SETS_MAX];
extern size_t n_sets;
/** what the client has told that it holds */
extern uint32_t told_held;

/** Every test's fixture. */
void anchors_setup(void);
void anchors_teardown(void);

/** Give out another set: the CAs in it, and who signs it. */
void add_set(uint32_t number, unsigned in, unsigned by);

/** The gateway issues under this CA from now on. */
void issue_under(enum who next);

/** Log in with the device. */
void log_in(void);

/** Have a certificate issued: the status, or it must be OK. */
enum obol_status issue_status(void);
void issue(void);

/** Fetch the bundle, which must be there. */
struct obol_bundle *fetch(void);
void just_fetch(void);

/** The number of the set that the client holds, 0 for none. */
uint32_t held(void);

/** Another client with the same state file. */
void new_client(void);

/** The file that a set is kept in. */
const char *anchors_file(void);

/** Fails the test unless the newest set is held, or none was asked for. */
void check_no_fault(void);

/** Fails the test unless that is why the newest set is not held. */
#define check_anchors(wanted, words)                                           \
	do                                                                         \
	{                                                                          \
		const struct obol_error *error_ = obol_client_anchors_error(client);   \
		ck_assert_msg(error_->cause == (wanted), "%s: %s",                     \
					  obol_cause_name(error_->cause), error_->text);           \
		ck_assert_msg(strstr(error_->text, words) != NULL, "%s",               \
					  error_->text);                                           \
	} while (0)

#endif /* TESTS_CLIENT_ANCHORS_FIXTURE_H_ */
