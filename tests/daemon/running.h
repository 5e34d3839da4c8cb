/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * A real obold on a free loopback port, with files of its own.
 */
#ifndef TESTS_DAEMON_RUNNING_H_
#define TESTS_DAEMON_RUNNING_H_

#include <obol/client.h>

#include <openssl/ssl.h>
#include <sys/types.h>

#include "server/world.h"

/** Configuration with short times, yet time enough for a login. */
#define SHORT                                                                  \
	"timeouts {\n\thandshake = \"2s\"\n\tlogin = \"2s\"\n\tidle = \"2s\"\n"    \
	"\tdrain = \"2s\"\n}\n"

struct running {
	/** the files, and the store to work on beside obold */
	struct world world;
	pid_t pid;
	unsigned port;
	/** bytes that the program may write to a file, 0 for no limit */
	unsigned long file_max;
	/** root may not read what is another user's, as the unit has it */
	bool is_unit;
};

/** Files and configuration; extra goes to the end of obold.conf. */
void running_init(struct running *r, const char *extra);

/** Write obold.conf anew. */
void running_configure(struct running *r, const char *extra);

/** Start obold; true when it serves, false when it has ended. */
bool running_start(struct running *r);

/** Wait for obold to end by itself; its exit code, -1 for a signal. */
int running_wait(struct running *r);

/** SIGTERM and running_wait(). */
int running_stop(struct running *r);

/** Stop it if it runs, and remove all. */
void running_clear(struct running *r);

/** What obold has said so far. */
const char *running_log(struct running *r);

/** Wait until it has said this, at most a minute; true when it has. */
bool running_says(struct running *r, const char *text);

/** Its worker processes; and all whose name is so, such as "obold-keeper". */
size_t running_workers(struct running *r, pid_t *pids, size_t max);
size_t running_processes(struct running *r, const char *name, pid_t *pids,
						 size_t max);

/** Milliseconds of processor time that a process has had. */
unsigned long running_cpu_ms(pid_t pid);

/** "127.0.0.1:PORT"; holds until the next call. */
const char *running_address(struct running *r);

/** A client's object, for alice; for another account. */
struct obol_client *running_client(struct running *r);
struct obol_client *running_client_of(struct running *r, const char *account);

/** Log in with CODE as a person types it. */
enum obol_status log_in_by_code(struct obol_client *c);

/** Milliseconds of a monotonic clock; sleep. */
uint64_t test_ms(void);
void test_sleep(unsigned ms);

/** A bare TCP connection to it. */
int tcp_connect(struct running *r);

/** Bytes sent over a loopback connection that the other end's kernel has, and
 * its program has not. */
unsigned tcp_unread(int fd);

/** What a TLS client shall be like. */
struct tls_wish {
	int min_version;
	int max_version;
	/** in wire form with lengths, NULL for no extension */
	const char *alpn;
};

/** A TLS client; NULL when the handshake failed. */
SSL *tls_connect(struct running *r, const struct tls_wish *wish);
void tls_close(SSL *ssl);

/** As obold wants it. */
extern const struct tls_wish good_wish;

/** True when the peer has ended the connection within the time. */
bool tls_is_ended(SSL *ssl, unsigned ms);
bool tcp_is_ended(int fd, unsigned ms);

#endif /* TESTS_DAEMON_RUNNING_H_ */
