/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * What a help desk may ask for, answered from the store: look accounts up,
 * unlock and reset them, revoke devices. Nothing else: no account is added,
 * enabled or removed, no certificate made, no key touched.
 *
 * Each request is one of a person whom the kernel vouches for; he stands in
 * the audit trail. Changes are counted for each person.
 */
#ifndef OBOL_DAEMON_CONTROL_SERVE_H_
#define OBOL_DAEMON_CONTROL_SERVE_H_

#include "base/clock.h"
#include "daemon/config.h"
#include "daemon/control_wire.h"
#include "daemon/keeper_table.h"

/** Of the table below: people who make changes within a day. */
#define OBOL_CONTROL_TABLE_ROWS 1024

/** Longest life of a code that a help desk gives out, in seconds. */
#define OBOL_CONTROL_CODE_MAX_S (14 * (uint32_t)86400)

struct obol_control_server {
	const struct obol_config *config;
	struct obol_store *store;
	struct obol_opaque_keys *keys;
	uint32_t key_number;
	/** counts changes; outlives this process */
	struct obol_keeper_table *table;
	struct obol_rng *rng;
	struct obol_clock *clock;
	struct obol_log *log;
};

/** Who asks. */
struct obol_control_person {
	uint32_t uid;
	/** as in the audit trail: "helpdesk alice (uid 1001)" */
	struct obol_store_actor actor;
	/** the account that was logged as looked up last, 0 for none */
	int64_t looked_up;
};

/**
 * Name a person.
 *
 * @param name	his login name, NULL when it is not known
 */
void obol_control_person_init(struct obol_control_person *person, uint32_t uid,
							  const char *name);

/**
 * Answer one request.
 *
 * @param request	the message, of any content
 * @param answer	receives the answer, to be wiped
 * @return			OK; FORMAT for what is no request, nothing was done; NOMEM
 */
enum obol_status obol_control_serve(struct obol_control_server *server,
									struct obol_control_person *person,
									struct obol_bytes request,
									struct obol_writer *answer) OBOL_MUST_CHECK;

#endif /* OBOL_DAEMON_CONTROL_SERVE_H_ */
