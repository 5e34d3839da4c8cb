/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * Guests of a real obold's relay.
 */
#ifndef TESTS_DAEMON_GUEST_H_
#define TESTS_DAEMON_GUEST_H_

#include "daemon/running.h"
#include "support/run.h"
#include "wire/room.h"

#define WAIT_MS 60000
/** Configuration with a relay on a port that is filled in. */
#define RELAY(more)                                                            \
	"relay {\n\tlisten = { \"127.0.0.1:%u\" }\n" more "}\n" SHORT

/** The relay's port. */
extern uint16_t relay_port;

/** Start an obold with a relay; format has a place for its port. */
void relay_start(struct running *r, const char *format);

/** Whether somebody takes connections there. */
bool relay_is_listening(void);

/** A connection; and one that has asked for a room. */
int relay_visit(void);
int guest_ask(enum obol_room_what what, uint32_t number);

/** The same from 127.0.0.HOST: each of them is a network to the relay. */
int guest_ask_from(unsigned host, enum obol_room_what what, uint32_t number);

void guest_put(int fd, const void *bytes, size_t len);

/** The next byte; -1 at the end, -2 when none comes in time. */
int guest_next(int fd, int wait_ms);

/** It is this one. */
void guest_hears(int fd, int want);

/** The answer, and then the end; closes it. */
void guest_is_refused(int fd, enum obol_room_answer why);

void guests_talk(int from, int to, const char *text);

#endif /* TESTS_DAEMON_GUEST_H_ */
