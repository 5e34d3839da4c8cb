/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * What a process gives up before it meets strangers.
 */
#ifndef OBOL_DAEMON_PRIVILEGES_H_
#define OBOL_DAEMON_PRIVILEGES_H_

#include <sys/types.h>

#include "base/bytes.h"

/** Who to become. */
struct obol_identity {
	/** false: not root, nothing to give up */
	bool is_set;
	uid_t uid;
	gid_t gid;
};

/** Whom keepers and signer become unless the configuration says otherwise,
 * where there are such users. */
#define OBOL_KEEPER_USER "obol-keeper"
#define OBOL_SIGNER_USER "obol-signer"

/** There is such a user. */
bool obol_identity_exists(const char *user);

/**
 * Look the configured user and group up, an empty group being the user's own;
 * nothing when this process is not root.
 *
 * @param why	receives a sentence for the operator on failure
 * @return		OK; NOT_FOUND
 */
enum obol_status obol_identity_find(const char *user, const char *group,
									struct obol_identity *identity, char *why,
									size_t size) OBOL_MUST_CHECK;

/** Be that user for a while, in what files and sockets allow; false when that
 * cannot be. And be oneself again. Nothing when no identity is set. */
bool obol_privileges_lend(const struct obol_identity *identity);
void obol_privileges_take_back(const struct obol_identity *identity);

/** Become that user for good, without supplementary groups, without a way to
 * new privileges, without core dumps. OK; DENIED. */
enum obol_status
obol_privileges_drop(const struct obol_identity *identity) OBOL_MUST_CHECK;

/**
 * Close all descriptors but standard input, output, error, and those named.
 *
 * @param keep	up to OBOL_DESCRIPTORS_KEPT_MAX of them; is sorted
 */
void obol_privileges_keep_only(int *keep, size_t n);
#define OBOL_DESCRIPTORS_KEPT_MAX 32

/** Set the name that ps(1) and the kernel's audit log show, to 15 bytes. */
void obol_privileges_name(const char *name);

/** As many open files as the system lets this process have. */
void obol_privileges_raise_limits(void);

/** No core dumps, and nobody attaches a debugger: the memory has keys. */
void obol_privileges_hide(void);

#endif /* OBOL_DAEMON_PRIVILEGES_H_ */
