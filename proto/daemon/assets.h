/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * What obold reads while it may still read everything: configuration, TLS. The
 * parent loads them, workers have them from birth; a reload is a new set and
 * new workers. Key file and CA key are not among them: keepers and signer read
 * those themselves, so that they were never in a worker's memory, nor in that
 * of the parent a worker is forked from.
 */
#ifndef OBOL_DAEMON_ASSETS_H_
#define OBOL_DAEMON_ASSETS_H_

#include <openssl/ssl.h>

#include <sys/stat.h>

#include "base/clock.h"
#include "daemon/config.h"

struct obol_assets {
	struct obol_config *config;
	/** the CA's file when the rest was read */
	struct stat ca_seen;
	SSL_CTX *tls;
	/** SHA-256 of its key's SubjectPublicKeyInfo */
	uint8_t tls_key_hash[32];
};

/**
 * Load all of it.
 *
 * @param may_renew	renew a self-made TLS certificate first when it is due, so
 *					that a server that was off for long starts again
 * @param why		receives a sentence for the operator on failure
 */
enum obol_status obol_assets_load(const char *config_path,
								  struct obol_clock *clock, bool may_renew,
								  struct obol_assets **assets, char *why,
								  size_t size) OBOL_MUST_CHECK;

/** Load all of it, key file and CA too, and forget it: is everything good? */
enum obol_status obol_assets_check(const char *config_path,
								   struct obol_clock *clock, char *why,
								   size_t size) OBOL_MUST_CHECK;

/** Renew a self-made TLS certificate when it is due: true when there is a new
 * one, and a reload is wanted. A failure is logged. */
bool obol_assets_renew(const struct obol_assets *assets,
					   struct obol_clock *clock, struct obol_log *log);

/** In a process that serves no TLS: its key is wiped, and obold's other assets
 * stay. */
void obol_assets_forget_tls(struct obol_assets *assets);

/** Another CA has taken the place of the one that was read (obolctl ca
 * switch): a reload is wanted. */
bool obol_assets_ca_has_changed(const struct obol_assets *assets);

/** NULL is fine. */
void obol_assets_free(struct obol_assets *assets);

#endif /* OBOL_DAEMON_ASSETS_H_ */
