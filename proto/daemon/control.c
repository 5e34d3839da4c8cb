/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The control process. */
#include "daemon/control.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "daemon/control_serve.h"
#include "daemon/keeper_link.h"
#include "daemon/sandbox.h"
#include "daemon/sandbox_database.h"
#include "store/store_open.h"

/** What a stranger can have logged: so many lines, then as many an hour. */
#define COMPLAINTS_MAX 20
#define COMPLAINTS_MS ((uint64_t)3600 * 1000)
/** Groups that a person is in, as far as the kernel tells. */
#define GROUPS_MAX 1024

enum {
	PARENT,
	SIGNALS,
	LISTENER,
	FIRST_PEER
};

struct peer {
	int fd;
	struct obol_control_person person;
	uint64_t idle_until_ms;
	uint64_t total_until_ms;
};

struct control {
	const struct obol_control_options *options;
	struct obol_control_server server;
	struct obol_keeper_link *keeper;
	int signal_fd;
	unsigned n_peers;
	struct peer peers[OBOL_CONTROL_PEERS_MAX];
	unsigned n_complaints;
	uint64_t complaints_since_ms;
	bool is_over;
};

static uint64_t now_ms(const struct control *control)
{
	return obol_mono_ms(control->options->clock);
}

/* Once in a while: whoever may connect could else fill the log. */
static void complain(struct control *control, uid_t uid, const char *what)
{
	uint64_t now = now_ms(control);

	if (now - control->complaints_since_ms >= COMPLAINTS_MS)
	{
		control->complaints_since_ms = now;
		control->n_complaints = 0;
	}
	if (control->n_complaints++ < COMPLAINTS_MAX)
	{
		obol_log(control->options->log, OBOL_LOG_WARN, "control",
				 "user %lu is refused: %s", (unsigned long)uid, what);
	}
}

/*
 * Who asks
 */

static bool has_group(int fd, gid_t gid)
{
	gid_t groups[GROUPS_MAX];
	socklen_t len = sizeof(groups);
	size_t i;

	if (getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, groups, &len) != 0)
	{
		return false;
	}
	for (i = 0; i < len / sizeof(groups[0]); i++)
	{
		if (groups[i] == gid)
		{
			return true;
		}
	}
	return false;
}

/* The socket's permissions say the same; this holds where somebody changed
 * them. */
static bool may_ask(const struct control *control, int fd,
					const struct ucred *cred)
{
	gid_t gid = control->options->socket->gid;

	return cred->uid == 0 || cred->gid == gid || has_group(fd, gid);
}

static unsigned count_of(const struct control *control, uid_t uid)
{
	unsigned n = 0, i;

	for (i = 0; i < control->n_peers; i++)
	{
		n += control->peers[i].person.uid == uid;
	}
	return n;
}

/* False, with the reason in what. */
static bool judge(const struct control *control, int fd, struct ucred *cred,
				  const char **what)
{
	socklen_t len = sizeof(*cred);

	cred->uid = (uid_t)-1;
	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, cred, &len) != 0 ||
		!may_ask(control, fd, cred))
	{
		*what = "not of the help desk's group";
		return false;
	}
	if (count_of(control, cred->uid) >= OBOL_CONTROL_PEERS_EACH)
	{
		*what = "too many connections at once";
		return false;
	}
	return true;
}

static void take_peer(struct control *control)
{
	int fd = accept4(control->options->socket->fd, NULL, NULL,
					 SOCK_NONBLOCK | SOCK_CLOEXEC);
	struct peer *peer = &control->peers[control->n_peers];
	const char *what = "";
	struct ucred cred;

	if (fd < 0)
	{
		return;
	}
	if (!judge(control, fd, &cred, &what))
	{
		complain(control, cred.uid, what);
		(void)close(fd);
		return;
	}
	peer->fd = fd;
	obol_control_person_init(
		&peer->person, cred.uid,
		obol_control_socket_name(control->options->socket, cred.uid));
	peer->idle_until_ms = now_ms(control) + OBOL_CONTROL_IDLE_MS;
	peer->total_until_ms = now_ms(control) + OBOL_CONTROL_TOTAL_MS;
	control->n_peers++;
}

/* The last one takes its place. */
static void drop_peer(struct control *control, unsigned i)
{
	(void)close(control->peers[i].fd);
	control->n_peers--;
	control->peers[i] = control->peers[control->n_peers];
}

/*
 * What is asked
 */

/* One request and its answer; false when the connection is to end. */
static bool serve_peer(struct control *control, struct peer *peer)
{
	uint8_t in[OBOL_CONTROL_REQUEST_MAX + 1];
	ssize_t n = recv(peer->fd, in, sizeof(in), MSG_DONTWAIT);
	struct obol_writer answer;
	enum obol_status status;

	if (n < 0)
	{
		return errno == EAGAIN || errno == EINTR;
	}
	if (n == 0)
	{
		return false;
	}
	obol_writer_init(&answer);
	status = obol_control_serve(&control->server, &peer->person,
								obol_bytes(in, (size_t)n), &answer);
	if (status == OBOL_OK)
	{
		/* who does not read his answers has no need of the next one */
		n = send(peer->fd, answer.buf, answer.len, MSG_DONTWAIT | MSG_NOSIGNAL);
		status = n == (ssize_t)answer.len ? OBOL_OK : OBOL_ERR_IO;
	}
	if (status == OBOL_ERR_FORMAT)
	{
		complain(control, peer->person.uid, "what it sends is no request");
	}
	obol_writer_clear(&answer);
	peer->idle_until_ms = now_ms(control) + OBOL_CONTROL_IDLE_MS;
	return status == OBOL_OK;
}

static bool is_late(const struct control *control, const struct peer *peer)
{
	uint64_t now = now_ms(control);

	return now >= peer->idle_until_ms || now >= peer->total_until_ms;
}

static int wait_ms(const struct control *control)
{
	uint64_t now = now_ms(control), end = now + OBOL_CONTROL_IDLE_MS;
	unsigned i;

	for (i = 0; i < control->n_peers; i++)
	{
		const struct peer *peer = &control->peers[i];

		end = peer->idle_until_ms < end ? peer->idle_until_ms : end;
		end = peer->total_until_ms < end ? peer->total_until_ms : end;
	}
	return end > now ? (int)(end - now) : 0;
}

static void turn(struct control *control)
{
	struct pollfd fds[FIRST_PEER + OBOL_CONTROL_PEERS_MAX] = {
		[PARENT] = { control->options->parent_fd, POLLIN, 0 },
		[SIGNALS] = { control->signal_fd, POLLIN, 0 },
		[LISTENER] = { control->n_peers < OBOL_CONTROL_PEERS_MAX
						   ? control->options->socket->fd
						   : -1,
					   POLLIN, 0 },
	};
	unsigned i, n = control->n_peers;

	for (i = 0; i < n; i++)
	{
		fds[FIRST_PEER + i].fd = control->peers[i].fd;
		fds[FIRST_PEER + i].events = POLLIN;
	}
	if (poll(fds, FIRST_PEER + n, wait_ms(control)) < 0)
	{
		return;
	}
	if (fds[PARENT].revents || fds[SIGNALS].revents)
	{
		control->is_over = true;
		return;
	}
	/* from the last one on: a place that becomes free is filled by one that was
	 * looked at */
	for (i = n; i-- > 0;)
	{
		struct peer *peer = &control->peers[i];

		if (is_late(control, peer) ||
			(fds[FIRST_PEER + i].revents && !serve_peer(control, peer)))
		{
			drop_peer(control, i);
		}
	}
	if (fds[LISTENER].revents)
	{
		take_peer(control);
	}
}

/*
 * Beginning and end
 */

static bool is_remote(const struct control *control)
{
	return obol_store_is_remote(control->options->config->database);
}

static bool open_store(struct control *control)
{
	const struct obol_config *config = control->options->config;
	struct obol_store_options options = {
		.database = config->database,
		.guess_rows_max = config->limits.guess_rows,
		.history_rows_max = config->limits.history_rows,
		.rng = obol_rng_system(),
		.log = control->options->log,
	};
	char why[512];

	if (obol_store_open(&options, &control->server.store, why, sizeof(why)) ==
		OBOL_OK)
	{
		return true;
	}
	obol_log(control->options->log, OBOL_LOG_ERROR, "control", "%s", why);
	return false;
}

static bool enter_sandbox(struct control *control)
{
	struct obol_sandbox_database folders;
	enum obol_status status;
	char why[512];

	obol_sandbox_database_of(control->options->config->database, &folders);
	status = obol_sandbox_enter(is_remote(control) ? OBOL_SANDBOX_CONTROL_REMOTE
												   : OBOL_SANDBOX_CONTROL,
								folders.list, why, sizeof(why));
	if (status != OBOL_OK)
	{
		obol_log(control->options->log, OBOL_LOG_ERROR, "control",
				 "it cannot be confined: %s", why);
		return false;
	}
	return true;
}

static int end_signals(void)
{
	sigset_t set;

	(void)signal(SIGPIPE, SIG_IGN);
	(void)sigemptyset(&set);
	(void)sigaddset(&set, SIGTERM);
	(void)sigprocmask(SIG_BLOCK, &set, NULL);
	return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

static bool open_all(struct control *control)
{
	const struct obol_control_options *options = control->options;

	control->signal_fd = end_signals();
	if (control->signal_fd < 0 ||
		obol_privileges_drop(&options->identity) != OBOL_OK)
	{
		obol_log(options->log, OBOL_LOG_ERROR, "control",
				 "it cannot give up its privileges: %s", strerror(errno));
		return false;
	}
	/* what is needed for a connection is read before files are out of reach */
	if ((is_remote(control) && !open_store(control)) ||
		!enter_sandbox(control) ||
		obol_keeper_link_new(options->keeper_fd, &control->keeper) != OBOL_OK ||
		(!control->server.store && !open_store(control)))
	{
		return false;
	}
	control->server.config = options->config;
	control->server.keys = obol_keeper_link_operations(control->keeper);
	control->server.key_number = obol_keeper_link_current(control->keeper);
	control->server.table = options->table;
	control->server.rng = obol_rng_system();
	control->server.clock = options->clock;
	control->server.log = options->log;
	return true;
}

static void close_all(struct control *control)
{
	while (control->n_peers)
	{
		drop_peer(control, control->n_peers - 1);
	}
	obol_store_close(control->server.store);
	obol_keeper_link_free(control->keeper);
	free(control);
}

int obol_control_run(const struct obol_control_options *options)
{
	struct control *control = calloc(1, sizeof(*control));
	int code = EXIT_FAILURE;

	if (!control)
	{
		return code;
	}
	control->options = options;
	if (open_all(control) && write(options->parent_fd, "R", 1) == 1)
	{
		code = EXIT_SUCCESS;
		while (!control->is_over && code == EXIT_SUCCESS)
		{
			turn(control);
			if (obol_keeper_link_is_broken(control->keeper))
			{
				code = EXIT_FAILURE;
			}
		}
	}
	close_all(control);
	return code;
}
