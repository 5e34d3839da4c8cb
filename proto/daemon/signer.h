/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * The signer: the process that alone holds the CA's key. It reads the key
 * itself, gives up its privileges, and signs what workers and publisher ask
 * for as far as its own rules and rate allow.
 */
#ifndef OBOL_DAEMON_SIGNER_H_
#define OBOL_DAEMON_SIGNER_H_

#include "base/log.h"
#include "daemon/keeper_table.h"
#include "daemon/privileges.h"
#include "daemon/signer_rules.h"
#include "metrics/meter.h"

struct obol_signer_options {
	/** the CA's; the one before lies beside it, see issue/ca_path.h */
	const char *certificate_path;
	const char *key_path;
	struct obol_signer_rules rules;
	/** its ends of the socket pairs, one for each process that may ask */
	size_t n_peers;
	const int *peers;
	/** whose of them is the publisher's; n_peers for nobody's */
	size_t publisher;
	/** the parent: gets one byte when the signer serves; its end is ours */
	int parent_fd;
	/** what is signed is counted there, so that its rate outlives a signer */
	struct obol_keeper_table *table;
	/** certificates in a second, on average over two minutes */
	uint32_t per_second;
	/** this process's; NULL: nothing is counted */
	struct obol_meter *meter;
	/** where a token's module may have its files; ended by NULL */
	const char *const *token_folders;
	/** where what is signed is noted; "" for nowhere */
	const char *audit_path;
	struct obol_identity identity;
	struct obol_clock *clock;
	struct obol_log *log;
};

/** What the parent gets as the one byte: it serves; or a token's PIN was
 * refused, and it serves by refusing, so that nobody tries again. */
#define OBOL_SIGNER_SERVES 'R'
#define OBOL_SIGNER_PIN_REFUSED 'P'

/**
 * Serve, in a process that was forked for it, until the parent's end, or until
 * a token is gone.
 *
 * @return	the process's exit code; what was wrong has been logged
 */
int obol_signer_run(const struct obol_signer_options *options);

#endif /* OBOL_DAEMON_SIGNER_H_ */
