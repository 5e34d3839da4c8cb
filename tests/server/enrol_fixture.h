/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * A server at which users make their accounts, and a connection to it.
 */
#ifndef TESTS_SERVER_ENROL_FIXTURE_H_
#define TESTS_SERVER_ENROL_FIXTURE_H_

#include "seal/account_key.h"
#include "server/world.h"

extern struct world w;
extern struct link l;

/** Every test's fixture; the world is not started, the link not open. */
void enrol_setup(void);
void enrol_teardown(void);

/** A team's code (CODE), good for a week. */
void add_code(const char *team, const char *names, uint32_t uses, bool approve);

/** A code for any name, and a login with it. */
void by_code(void);

/** A connection without a login, to a server that is open to all. */
void without_login(void);

/** A registration under way, and the account key that is to be wrapped. */
struct draft {
	struct obol_opaque_registration *states[OBOL_FIRST_SLOTS_MAX];
	struct obol_account_key key;
	struct obol_request *request;
};

void draft_init(struct draft *d);
void draft_clear(struct draft *d);

/** The AccountStart to send. */
void make_start(struct draft *d, const char *name);

/** AccountStart, and the AccountCreate to send; 0, or why not. */
unsigned begin(struct draft *d, const char *name);

/** Make an account; 0 with waits set, or why not. */
unsigned enrol(const char *name, bool *waits);

/** Whether a login on a connection of its own works. */
bool can_log_in(const char *name, enum obol_slot_kind kind,
				const uint8_t *device_id, const char *secret);

/** Whether the store has an account of the name. */
bool exists(const char *name);

#endif /* TESTS_SERVER_ENROL_FIXTURE_H_ */
