/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A real obold on a free loopback port. */
#include "daemon/running.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "issue/tls_self.h"
#include "seal/code.h"
#include "support/scripted_rng.h"

/* costs time only where something fails */
#define LIMIT_MS 60000
/** CODE's bytes */
#define CODE_HEX "30313233343536373839"

const struct tls_wish good_wish = { TLS1_3_VERSION, TLS1_3_VERSION,
									"\x06obol/1" };

uint64_t test_ms(void)
{
	return obol_mono_ms(obol_clock_system());
}

void test_sleep(unsigned ms)
{
	struct timespec ts = { ms / 1000, ms % 1000 * 1000000L };

	(void)nanosleep(&ts, NULL);
}

/*
 * Files
 */

void running_configure(struct running *r, const char *extra)
{
	const char *dir = r->world.dir.path;
	char text[4096];
	int n = snprintf(text, sizeof(text),
					 "server_name = \"vpn.example.org\"\n"
					 "listen = { \"127.0.0.1:%u\" }\n"
					 "database = \"%s/obol.db\"\n"
					 "keys = \"%s/keys\"\n"
					 "user = \"nobody\"\ngroup = \"nogroup\"\n"
					 "workers = 2\n"
					 "tls {\n\tcertificate = \"%s/tls.crt\"\n"
					 "\tkey = \"%s/tls.key\"\n}\n"
					 "ca {\n\tcertificate = \"%s/ca.crt\"\n"
					 "\tkey = \"%s/ca.key\"\n}\n%s",
					 r->port, dir, dir, dir, dir, dir, dir, extra);

	ck_assert(n > 0 && (size_t)n < sizeof(text));
	tempdir_write(&r->world.dir, "obold.conf", text, (size_t)n, 0644);
}

/* Workers may write to the store when they are not root. */
static void give_away(struct running *r)
{
	static const char *const names[] = { "obol.db", "obol.db-wal",
										 "obol.db-shm" };
	size_t i;

	ck_assert_int_eq(chmod(r->world.dir.path, 0777), 0);
	if (geteuid() != 0)
	{
		return;
	}
	for (i = 0; i < 3; i++)
	{
		/* nobody on every Linux; the last two need not be there */
		(void)!chown(tempdir_file(&r->world.dir, names[i]), 65534, 65534);
	}
}

void running_init(struct running *r, const char *extra)
{
	char why[256];

	memset(r, 0, sizeof(*r));
	world_init_at(&r->world, obol_now(obol_clock_system()));
	ck_assert_int_eq(
		obol_tls_self_create("vpn.example.org", 365 * DAY,
							 tempdir_file(&r->world.dir, "tls.crt"),
							 tempdir_file(&r->world.dir, "tls.key"),
							 obol_clock_system(), why, sizeof(why)),
		OBOL_OK);
	(void)world_add(&r->world, "alice");
	give_away(r);
	running_configure(r, extra);
}

void running_clear(struct running *r)
{
	if (r->pid)
	{
		(void)running_stop(r);
	}
	world_clear(&r->world);
}

/*
 * The process
 */

const char *running_log(struct running *r)
{
	static char text[65536];
	size_t len;

	len = tempdir_read(&r->world.dir, "log", text, sizeof(text) - 1);
	text[len] = '\0';
	return text;
}

static void become_obold(struct running *r)
{
	int fd = open(tempdir_file(&r->world.dir, "log"),
				  O_WRONLY | O_CREAT | O_APPEND, 0600);
	struct rlimit limit = { r->file_max, r->file_max };

	(void)dup2(fd, STDERR_FILENO);
	if (r->file_max)
	{
		(void)signal(SIGXFSZ, SIG_IGN);
		(void)setrlimit(RLIMIT_FSIZE, &limit);
	}
	if (r->is_unit && geteuid() == 0)
	{
		(void)prctl(PR_CAPBSET_DROP, CAP_DAC_OVERRIDE, 0, 0, 0);
		(void)prctl(PR_CAPBSET_DROP, CAP_DAC_READ_SEARCH, 0, 0, 0);
	}
	(void)execl(OBOLD, "obold", "-c", tempdir_file(&r->world.dir, "obold.conf"),
				(char *)NULL);
	_exit(127);
}

static bool has_ended(struct running *r)
{
	siginfo_t info = { .si_pid = 0 };

	return waitid(P_PID, (id_t)r->pid, &info, WEXITED | WNOHANG | WNOWAIT) ==
			   0 &&
		   info.si_pid != 0;
}

bool running_says(struct running *r, const char *text)
{
	uint64_t end = test_ms() + LIMIT_MS;

	while (test_ms() < end)
	{
		if (strstr(running_log(r), text))
		{
			return true;
		}
		if (r->pid && has_ended(r))
		{
			return strstr(running_log(r), text) != NULL;
		}
		test_sleep(10);
	}
	return false;
}

bool running_start(struct running *r)
{
	static const char mark[] = "listening on 127.0.0.1:";
	const char *said;

	tempdir_write(&r->world.dir, "log", "", 0, 0600);
	r->pid = fork();
	ck_assert_int_ge(r->pid, 0);
	if (r->pid == 0)
	{
		become_obold(r);
	}
	if (!running_says(r, " serves"))
	{
		ck_assert_msg(has_ended(r), "%s", running_log(r));
		return false;
	}
	said = strstr(running_log(r), mark);
	ck_assert_ptr_nonnull(said);
	r->port = (unsigned)atoi(said + sizeof(mark) - 1);
	return true;
}

int running_wait(struct running *r)
{
	uint64_t end = test_ms() + LIMIT_MS;
	int wait_status = 0;

	while (!has_ended(r))
	{
		if (test_ms() >= end)
		{
			(void)kill(r->pid, SIGKILL);
			(void)waitpid(r->pid, NULL, 0);
			r->pid = 0;
			ck_abort_msg("obold does not end: %s", running_log(r));
		}
		test_sleep(10);
	}
	ck_assert_int_eq(waitpid(r->pid, &wait_status, 0), r->pid);
	r->pid = 0;
	return WIFEXITED(wait_status) ? WEXITSTATUS(wait_status) : -1;
}

int running_stop(struct running *r)
{
	ck_assert_int_eq(kill(r->pid, SIGTERM), 0);
	return running_wait(r);
}

static bool has_name(int pid, const char *name)
{
	char path[64], text[32] = "";
	FILE *f;

	(void)snprintf(path, sizeof(path), "/proc/%d/comm", pid);
	f = fopen(path, "r");
	if (f)
	{
		(void)!fgets(text, sizeof(text), f);
		(void)fclose(f);
	}
	return strncmp(text, name, strlen(name)) == 0;
}

size_t running_workers(struct running *r, pid_t *pids, size_t max)
{
	return running_processes(r, "obold-worker", pids, max);
}

size_t running_processes(struct running *r, const char *name, pid_t *pids,
						 size_t max)
{
	char path[64];
	size_t n = 0;
	FILE *f;
	int pid;

	(void)snprintf(path, sizeof(path), "/proc/%d/task/%d/children", (int)r->pid,
				   (int)r->pid);
	f = fopen(path, "r");
	ck_assert_ptr_nonnull(f);
	while (n < max && fscanf(f, "%d", &pid) == 1)
	{
		if (has_name(pid, name))
		{
			pids[n++] = pid;
		}
	}
	(void)fclose(f);
	return n;
}

unsigned long running_cpu_ms(pid_t pid)
{
	unsigned long user, system;
	char path[64];
	FILE *file;

	(void)snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	file = fopen(path, "re");
	ck_assert_ptr_nonnull(file);
	/* behind the name, which has no blank */
	ck_assert_int_eq(fscanf(file,
							"%*d %*s %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u "
							"%*u %lu %lu",
							&user, &system),
					 2);
	(void)fclose(file);
	return (user + system) * 1000 / (unsigned long)sysconf(_SC_CLK_TCK);
}

const char *running_address(struct running *r)
{
	static char text[32];

	(void)snprintf(text, sizeof(text), "127.0.0.1:%u", r->port);
	return text;
}

/*
 * Clients
 */

struct obol_client *running_client(struct running *r)
{
	return running_client_of(r, "alice");
}

struct obol_client *running_client_of(struct running *r, const char *account)
{
	struct obol_client_options options;
	struct obol_client *c = NULL;
	struct obol_error error;

	obol_client_options_init(&options);
	options.servers = running_address(r);
	options.account = account;
	options.timeout_ms = 20000;
	ck_assert_msg(obol_client_new(&options, &c, &error) == OBOL_OK, "%s",
				  error.text);
	return c;
}

enum obol_status log_in_by_code(struct obol_client *c)
{
	struct obol_secret *secret = NULL, *text = NULL;
	struct scripted_rng rng;
	enum obol_status status;

	scripted_rng_init(&rng, CODE_HEX, NULL);
	ck_assert_int_eq(
		obol_code_new(&rng.rng, OBOL_ACTIVATION_BITS, &secret, &text), OBOL_OK);
	status = obol_client_login_activation(c, text);
	obol_secret_free(secret);
	obol_secret_free(text);
	return status;
}

int tcp_connect(struct running *r)
{
	struct sockaddr_in addr = {
		.sin_family = AF_INET,
		.sin_port = htons((uint16_t)r->port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	struct timeval limit = { LIMIT_MS / 1000, 0 };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(connect(fd, (struct sockaddr *)&addr, sizeof(addr)), 0);
	ck_assert_int_eq(
		setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit)), 0);
	return fd;
}

SSL *tls_connect(struct running *r, const struct tls_wish *wish)
{
	SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());
	SSL *ssl = SSL_new(ctx);
	int fd = tcp_connect(r);

	ck_assert(ssl && SSL_set_min_proto_version(ssl, wish->min_version) &&
			  SSL_set_max_proto_version(ssl, wish->max_version));
	if (wish->alpn)
	{
		ck_assert_int_eq(SSL_set_alpn_protos(ssl,
											 (const unsigned char *)wish->alpn,
											 (unsigned)strlen(wish->alpn)),
						 0);
	}
	SSL_CTX_free(ctx);
	ck_assert(SSL_set_fd(ssl, fd));
	if (SSL_connect(ssl) != 1)
	{
		tls_close(ssl);
		return NULL;
	}
	return ssl;
}

void tls_close(SSL *ssl)
{
	int fd = SSL_get_fd(ssl);

	SSL_free(ssl);
	(void)close(fd);
}

unsigned tcp_unread(int fd)
{
	struct sockaddr_in own, other;
	socklen_t len = sizeof(own);
	unsigned from, to, unread, found = 0;
	char line[512];
	FILE *f = fopen("/proc/net/tcp", "r");

	ck_assert_ptr_nonnull(f);
	ck_assert_int_eq(getsockname(fd, (struct sockaddr *)&own, &len), 0);
	ck_assert_int_eq(getpeername(fd, (struct sockaddr *)&other, &len), 0);
	while (fgets(line, sizeof(line), f))
	{
		if (sscanf(line, " %*u: %*x:%x %*x:%x %*x %*x:%x", &from, &to,
				   &unread) == 3 &&
			from == ntohs(other.sin_port) && to == ntohs(own.sin_port))
		{
			found = unread;
		}
	}
	(void)fclose(f);
	return found;
}

bool tcp_is_ended(int fd, unsigned ms)
{
	uint64_t end = test_ms() + ms;
	char buf[4096];

	while (test_ms() < end)
	{
		struct pollfd pfd = { .fd = fd, .events = POLLIN };
		ssize_t n;

		if (poll(&pfd, 1, (int)(end - test_ms())) <= 0)
		{
			continue;
		}
		n = recv(fd, buf, sizeof(buf), 0);
		if (n == 0 || (n < 0 && errno == ECONNRESET))
		{
			return true;
		}
	}
	return false;
}

bool tls_is_ended(SSL *ssl, unsigned ms)
{
	return tcp_is_ended(SSL_get_fd(ssl), ms);
}
