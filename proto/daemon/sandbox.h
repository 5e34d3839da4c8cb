/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * What each of obold's processes may ask of the kernel: a list of system calls
 * (seccomp) that ends the process at any other one, and, where the kernel has
 * Landlock, the files that it may touch. There is no way back, and what a
 * process forks has it too.
 */
#ifndef OBOL_DAEMON_SANDBOX_H_
#define OBOL_DAEMON_SANDBOX_H_

#include "base/bytes.h"

enum obol_sandbox_role {
	/** forks the others, opens files and sockets; starts no program */
	OBOL_SANDBOX_PARENT,
	/** serves connections it accepts, and the database */
	OBOL_SANDBOX_WORKER,
	/** answers its worker, touches no file */
	OBOL_SANDBOX_KEEPER,
	/** passes bytes on between connections it accepts, touches no file */
	OBOL_SANDBOX_RELAY,
	/** answers workers and publisher, touches no file */
	OBOL_SANDBOX_SIGNER,
	/** the database, the revocation list's file, HTTP */
	OBOL_SANDBOX_PUBLISHER,
	/** as the signer, with a PKCS#11 module in it that has files or talks to
	 * its token's daemon or network */
	OBOL_SANDBOX_SIGNER_TOKEN,
	/** the database, and the people of a help desk */
	OBOL_SANDBOX_CONTROL,
	/** as worker, publisher and control process, with the database behind a
	 * connection that they may have to make anew */
	OBOL_SANDBOX_WORKER_REMOTE,
	OBOL_SANDBOX_PUBLISHER_REMOTE,
	OBOL_SANDBOX_CONTROL_REMOTE,
	/** a signer on a machine of its own: serves connections it accepts; and
	 * with a PKCS#11 module in it */
	OBOL_SANDBOX_SIGNER_SERVER,
	OBOL_SANDBOX_SIGNER_SERVER_TOKEN,
	/** the way to such a signer: answers workers and publisher, makes
	 * connections */
	OBOL_SANDBOX_SIGNER_PROXY,
	/** HTTP, touches no file */
	OBOL_SANDBOX_MONITOR,
	/** looks names up, with the system's modules for that; reads files */
	OBOL_SANDBOX_LOOKUP,
};

/**
 * Enter, for good. no_new_privs is set.
 *
 * @param folders	in which files may be read, written, made, removed: such as
 *					the database's; and single files that may be read; ended
 *					by NULL. NULL: none
 * @param why		receives a sentence for the operator on failure
 * @return			OK; DENIED, and nothing may be taken for confined
 */
enum obol_status obol_sandbox_enter(enum obol_sandbox_role role,
									const char *const *folders, char *why,
									size_t size) OBOL_MUST_CHECK;

/** A file's folder, for the above. */
void obol_sandbox_folder_of(const char *path, char *folder, size_t size);

/** Landlock's part of obol_sandbox_enter(). NULL: no file at all, and none of
 * the machine's processes; nor ports, unless it may connect. OK, also where the
 * kernel lacks it; DENIED. */
enum obol_status obol_sandbox_confine_files(const char *const *folders,
											bool may_connect, char *why,
											size_t size) OBOL_MUST_CHECK;

/** The same, where folders are to be read alone. */
enum obol_status obol_sandbox_confine_reading(const char *const *folders,
											  bool may_connect, char *why,
											  size_t size) OBOL_MUST_CHECK;

/** Landlock's version here, 0 for none. */
unsigned obol_sandbox_landlock(void);

/** A role's system calls, names ended by NULL, see sandbox_calls.c. */
struct obol_sandbox_calls {
	const char *const *groups[9];
	/** memory can become code, for modules that the parent looks names up with
	 */
	bool may_execute_memory;
	/** it makes connections of its own */
	bool may_connect;
	/** its folders are to be read, and nothing there is written */
	bool reads_only;
};
extern const struct obol_sandbox_calls obol_sandbox_calls[];

/** What the instruments of a build need on top of it: none in a build for use,
 * see sandbox_plain.c and sandbox_instrumented.c. */
extern const char *const obol_sandbox_instruments[];

#endif /* OBOL_DAEMON_SANDBOX_H_ */
