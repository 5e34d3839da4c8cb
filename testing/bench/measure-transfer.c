/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Measures direct transfers on loopback by libobol's own machines, and beside
 * each what bounds it from below.
 *
 * usage: measure-transfer ROUNDS MIB FOLDER
 *
 * For each round, after one that is not counted, in microseconds:
 *
 *	transfer=N trips=N	from a typed code to 4 KiB stored durably in FOLDER, and
 *						how often the receiver sent something and waited for
 *						what comes of it, the connection included
 *	floor=N				a connection, as many bare round trips, and the same
 *						file stored
 *	cpace=N				what both sides compute of CPace, in one process
 *
 * then, once, for MIB MiB from memory to memory in megabytes (10^6 bytes) a
 * second, and what a process needed at most while it sent or received them:
 *
 *	mb_s=N bare_mb_s=N peak_kib=N
 *
 * bare_mb_s is the same through a socket with nothing done to it. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "pake/cpace.h"
#include "tools/contact.h"

#define SMALL 4096
#define TRIPS_BARE 3

static uint64_t now_us(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

static void die(const char *what)
{
	(void)fprintf(stderr, "measure-transfer: %s: %s\n", what, strerror(errno));
	exit(1);
}

static void must(int holds, const char *what)
{
	if (!holds)
	{
		die(what);
	}
}

/*
 * Sockets
 */

static int listen_somewhere(struct sockaddr_in *addr)
{
	socklen_t len = sizeof(*addr);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	memset(addr, 0, sizeof(*addr));
	addr->sin_family = AF_INET;
	addr->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	must(fd >= 0 && !bind(fd, (struct sockaddr *)addr, len) && !listen(fd, 8) &&
			 !getsockname(fd, (struct sockaddr *)addr, &len),
		 "listen");
	return fd;
}

static int connect_to(const struct sockaddr_in *addr)
{
	static const int on = 1;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	must(fd >= 0 && !connect(fd, (const struct sockaddr *)addr, sizeof(*addr)),
		 "connect");
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	return fd;
}

/*
 * The sender, in a process of its own
 */

static void send_all(int listener, struct obol_transfer_code *code,
					 uint64_t size)
{
	static const uint8_t zeros[OBOL_TRANSFER_CHUNK_MAX];
	struct obol_transfer_item item = { "item", 7, size };
	struct obol_transfer *transfer = NULL;
	struct contact *contact;
	struct pollfd pfd;
	size_t which, wanted;
	int fd;

	must(obol_transfer_send_new(code, "sender", &item, 1, NULL, &transfer) ==
			 OBOL_OK,
		 "sender");
	fd = accept(listener, NULL, NULL);
	must(fd >= 0, "accept");
	contact = contact_new(fd, transfer, 0);
	must(contact != NULL, "memory");
	while (obol_transfer_end(transfer) == OBOL_TRANSFER_RUNNING)
	{
		pfd = (struct pollfd){ .fd = contact->fd,
							   .events = contact_events(contact) };
		(void)poll(&pfd, 1, 1000);
		do
		{
			(void)contact_move(contact, pfd.revents, 0);
			wanted = obol_transfer_wanted(transfer, &which);
			must(!wanted || obol_transfer_give(
								transfer, obol_bytes(zeros, wanted)) == OBOL_OK,
				 "give");
		} while (wanted);
	}
	_exit(obol_transfer_end(transfer) == OBOL_TRANSFER_DONE ? 0 : 1);
}

/*
 * The receiver
 */

static void store(const char *folder, const uint8_t *bytes, size_t len)
{
	char path[512];
	int fd;

	(void)snprintf(path, sizeof(path), "%s/measured", folder);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	must(fd >= 0 && write(fd, bytes, len) == (ssize_t)len && !fsync(fd), path);
	(void)close(fd);
	fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	must(fd >= 0 && !fsync(fd), folder);
	(void)close(fd);
}

/* What is being received, and where it goes. */
struct receiver {
	struct obol_transfer *transfer;
	/** NULL: it is only counted */
	const char *folder;
	uint8_t small[SMALL];
	uint64_t received;
};

static void act(struct receiver *receiver)
{
	struct obol_bytes data;
	size_t item;

	switch (obol_transfer_event(receiver->transfer))
	{
		case OBOL_TRANSFER_OFFER:
			must(obol_transfer_accept(receiver->transfer) == OBOL_OK, "accept");
			break;
		case OBOL_TRANSFER_DATA:
			data = obol_transfer_data(receiver->transfer, &item);
			if (receiver->folder)
			{
				memcpy(receiver->small + receiver->received, data.ptr,
					   data.len);
			}
			receiver->received += data.len;
			break;
		case OBOL_TRANSFER_COMPLETE:
			if (receiver->folder)
			{
				store(receiver->folder, receiver->small, SMALL);
			}
			must(obol_transfer_confirm(receiver->transfer) == OBOL_OK,
				 "confirm");
			break;
		default:
			break;
	}
}

/* True when there was something to send. */
static bool send_output(const struct receiver *receiver, int fd)
{
	struct obol_bytes out = obol_transfer_output(receiver->transfer);

	if (!out.len)
	{
		return false;
	}
	must(send(fd, out.ptr, out.len, MSG_NOSIGNAL) == (ssize_t)out.len, "send");
	obol_transfer_sent(receiver->transfer, out.len);
	return true;
}

static unsigned receive_over(struct receiver *receiver, int fd)
{
	static uint8_t buf[CONTACT_READ_MAX];
	/* the connection's own */
	unsigned trips = 1;
	struct obol_bytes in;
	size_t used;
	ssize_t n;

	while (obol_transfer_end(receiver->transfer) == OBOL_TRANSFER_RUNNING)
	{
		trips += send_output(receiver, fd);
		n = recv(fd, buf, sizeof(buf), 0);
		must(n > 0, "recv");
		in = obol_bytes(buf, (size_t)n);
		while (in.len)
		{
			obol_transfer_input(receiver->transfer, in, 0, &used);
			in = obol_bytes(in.ptr + used, in.len - used);
			act(receiver);
		}
	}
	(void)send_output(receiver, fd);
	return trips;
}

static unsigned receive_all(const struct sockaddr_in *addr,
							const struct obol_secret *text, const char *folder,
							uint64_t *received)
{
	struct obol_transfer_place places[OBOL_TRANSFER_PLACES_MAX];
	struct receiver receiver = { .folder = folder };
	struct obol_transfer_code *code = NULL;
	unsigned trips;
	size_t n;
	int fd;

	must(obol_transfer_code_parse(obol_secret_view(text), 0, &code, places,
								  &n) == OBOL_OK &&
			 obol_transfer_receive_new(code, "receiver", NULL,
									   &receiver.transfer) == OBOL_OK,
		 "receiver");
	fd = connect_to(addr);
	trips = receive_over(&receiver, fd);
	must(obol_transfer_end(receiver.transfer) == OBOL_TRANSFER_DONE,
		 "transfer");
	(void)close(fd);
	*received = receiver.received;
	obol_transfer_free(receiver.transfer);
	obol_transfer_code_free(code);
	return trips;
}

static uint64_t transfer_once(uint64_t size, const char *folder,
							  unsigned *trips)
{
	struct obol_transfer_code *code = NULL;
	struct obol_secret *text = NULL;
	struct sockaddr_in addr;
	uint64_t before, received;
	int listener = listen_somewhere(&addr), status;
	pid_t pid;

	must(obol_transfer_code_new(NULL, 0, &code) == OBOL_OK &&
			 obol_transfer_code_text(code, &text) == OBOL_OK,
		 "code");
	pid = fork();
	must(pid >= 0, "fork");
	if (pid == 0)
	{
		send_all(listener, code, size);
	}
	(void)close(listener);
	before = now_us();
	*trips = receive_all(&addr, text, folder, &received);
	before = now_us() - before;
	must(received == size && waitpid(pid, &status, 0) == pid && !status,
		 "sender");
	obol_secret_free(text);
	obol_transfer_code_free(code);
	return before;
}

/*
 * What bounds it
 */

static void answer_bare(int listener, uint64_t size)
{
	static uint8_t buf[OBOL_TRANSFER_CHUNK_MAX];
	int fd = accept(listener, NULL, NULL);
	ssize_t n;

	must(fd >= 0, "accept");
	while (!size && (n = recv(fd, buf, 1, 0)) == 1)
	{
		must(send(fd, buf, 1, MSG_NOSIGNAL) == 1, "send");
	}
	while (size)
	{
		n = send(fd, buf, size < sizeof(buf) ? size : sizeof(buf),
				 MSG_NOSIGNAL);
		must(n > 0, "send");
		size -= (uint64_t)n;
	}
	_exit(0);
}

/* Round trips and a file, or that many bytes. */
static uint64_t bare_once(uint64_t size, const char *folder)
{
	static uint8_t buf[OBOL_TRANSFER_CHUNK_MAX];
	struct sockaddr_in addr;
	int listener = listen_somewhere(&addr), fd, i;
	uint64_t before, left = size;
	pid_t pid = fork();
	ssize_t n;

	must(pid >= 0, "fork");
	if (pid == 0)
	{
		answer_bare(listener, size);
	}
	(void)close(listener);
	before = now_us();
	fd = connect_to(&addr);
	for (i = 0; !size && i < TRIPS_BARE; i++)
	{
		must(send(fd, buf, 1, MSG_NOSIGNAL) == 1 && recv(fd, buf, 1, 0) == 1,
			 "round trip");
	}
	while (left)
	{
		n = recv(fd, buf, sizeof(buf), 0);
		must(n > 0, "recv");
		left -= (uint64_t)n;
	}
	if (folder)
	{
		store(folder, buf, SMALL);
	}
	before = now_us() - before;
	(void)close(fd);
	(void)waitpid(pid, NULL, 0);
	return before;
}

/* Both sides' shares and keys. */
static uint64_t cpace_once(void)
{
	struct obol_secret *prs = obol_secret_dup("1234567", 7);
	struct obol_cpace_context context = { prs, obol_bytes_str("channel"),
										  obol_bytes_str("sid") };
	uint8_t shares[2][OBOL_CPACE_SHARE_LEN];
	struct obol_cpace_message messages[2];
	struct obol_secret *isk = NULL;
	struct obol_scalar y[2];
	uint64_t before = now_us();
	int i;

	for (i = 0; i < 2; i++)
	{
		must(obol_cpace_share(obol_rng_system(), &context, &y[i], shares[i]) ==
				 OBOL_OK,
			 "share");
		messages[i].y = obol_bytes(shares[i], sizeof(shares[i]));
		messages[i].ad = obol_bytes_str(i ? "b" : "a");
	}
	for (i = 0; i < 2; i++)
	{
		must(obol_cpace_isk(&y[i], messages[1 - i].y, context.sid, &messages[0],
							&messages[1], &isk) == OBOL_OK,
			 "isk");
		obol_secret_free(isk);
	}
	before = now_us() - before;
	obol_secret_free(prs);
	return before;
}

static long peak_kib(void)
{
	struct rusage own, children;

	(void)getrusage(RUSAGE_SELF, &own);
	(void)getrusage(RUSAGE_CHILDREN, &children);
	return own.ru_maxrss > children.ru_maxrss ? own.ru_maxrss
											  : children.ru_maxrss;
}

static double megabytes_s(uint64_t size, uint64_t us)
{
	return (double)size / (double)(us ? us : 1);
}

int main(int argc, char **argv)
{
	uint64_t size, transfer, bare;
	unsigned trips;
	int rounds, i;

	if (argc != 4 || (rounds = atoi(argv[1])) < 1 || atoi(argv[2]) < 1)
	{
		(void)fprintf(stderr, "usage: measure-transfer ROUNDS MIB FOLDER\n");
		return 2;
	}
	size = (uint64_t)atoi(argv[2]) << 20;
	for (i = -1; i < rounds; i++)
	{
		transfer = transfer_once(SMALL, argv[3], &trips);
		bare = bare_once(0, argv[3]);
		if (i >= 0)
		{
			(void)printf("transfer=%" PRIu64 " trips=%u floor=%" PRIu64
						 " cpace=%" PRIu64 "\n",
						 transfer, trips, bare, cpace_once());
			(void)fflush(stdout);
		}
	}
	transfer = transfer_once(size, NULL, &trips);
	bare = bare_once(size, NULL);
	(void)printf("mb_s=%.0f bare_mb_s=%.0f peak_kib=%ld\n",
				 megabytes_s(size, transfer), megabytes_s(size, bare),
				 peak_kib());
	return 0;
}
