/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * A connection before its TLS handshake: a socket, and little else. Its
 * ClientHello is looked at but not read until it is whole and its turn comes;
 * then it becomes a peer.
 */
#ifndef OBOL_DAEMON_GREETING_H_
#define OBOL_DAEMON_GREETING_H_

#include "daemon/peer.h"

/** Take an accepted socket. It is closed when its network has too many, or
 * when there is no room and none to be made. */
void obol_greeting_take(struct obol_peers *peers, int fd,
						const struct sockaddr_storage *addr);

/** Whether there is room for one more, or can be made. */
bool obol_greetings_have_room(const struct obol_peers *peers);

/** Some handshakes whose turn it is: those of a crowd one by one, so that
 * whoever is further along never waits for more than one of theirs. True when
 * there were any. */
bool obol_greetings_take_turns(struct obol_peers *peers);

/** Close all without a word. */
void obol_greetings_clear(struct obol_peers *peers);

#endif /* OBOL_DAEMON_GREETING_H_ */
