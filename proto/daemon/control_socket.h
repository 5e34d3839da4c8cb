/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * The control socket as the parent makes it: in its place, its group's, and
 * with the names of those who may use it, which a confined process cannot look
 * up. A new configuration's socket takes the old one's place in one step.
 */
#ifndef OBOL_DAEMON_CONTROL_SOCKET_H_
#define OBOL_DAEMON_CONTROL_SOCKET_H_

#include <sys/types.h>

#include "daemon/config.h"

/** Members of the group whose names are known; others show by number. */
#define OBOL_CONTROL_PEOPLE_MAX 256

struct obol_control_socket {
	/** -1: the configuration has none */
	int fd;
	gid_t gid;
	size_t n_people;
	struct {
		uid_t uid;
		char name[33];
	} people[OBOL_CONTROL_PEOPLE_MAX];
	/** where it will be, and is once it was placed */
	char path[OBOL_CONTROL_PATH_MAX + 1];
	bool is_placed;
	dev_t device;
	ino_t inode;
};

/**
 * Make it, not yet in its place.
 *
 * @param socket	receives it, in any case to be closed
 * @param why		receives a sentence for the operator on failure
 * @return			OK, also when the configuration has none; NOT_FOUND when
 *					there is no such group; DENIED; IO
 */
enum obol_status obol_control_socket_open(const struct obol_config *config,
										  struct obol_control_socket *socket,
										  char *why,
										  size_t size) OBOL_MUST_CHECK;

/** Put it in its place, over one that is there. OK; IO. */
enum obol_status obol_control_socket_place(struct obol_control_socket *socket,
										   char *why,
										   size_t size) OBOL_MUST_CHECK;

/** Remove it from its place, unless another one took that. */
void obol_control_socket_remove(const struct obol_control_socket *socket);

/** Close it. */
void obol_control_socket_close(struct obol_control_socket *socket);

/** A member's name; NULL when it is not known. */
const char *obol_control_socket_name(const struct obol_control_socket *socket,
									 uid_t uid);

#endif /* OBOL_DAEMON_CONTROL_SOCKET_H_ */
