/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Measures what logins cost a server, beside what bounds that from below: each
 * round does both, so that whatever else the machine does slows all alike.
 *
 * usage: measure-load closed|open|hold OPTION... PID...
 *
 * PID... are all of obold's processes.
 *
 *	-p PORT		obold's, on 127.0.0.1
 *	-a ACCOUNTS	as load-fill made them, and
 *	-l LIVE		how many of them can be logged in to
 *	-k KIND		device or password
 *	-c CLIENTS	at the same time
 *	-n LOGINS	of each round, or of an open loop's run
 *	-r ROUNDS	of the closed loop; one more before them is not counted
 *	-R RATE		of the open loop, arrivals a second
 *	-D PID		of a database server, whose processes are counted beside obold's
 *	-C FILE		obold's TLS certificate, and
 *	-K FILE		key, for the bare server
 *
 * closed: a line for each round, in nanoseconds of CPU time for one login or
 * handshake:
 *
 *	cpu=N		all of obold's processes; user=N and system=N are its parts
 *	database=N	the database server's processes, 0 without any
 *	bare=N		a bare TLS server, of the same clients' handshakes alone
 *	tls=N		the server's side of a handshake in memory, without sockets
 *	opaque=N	the primitives of one login
 *	rate=N		logins a second
 *	busy=N		percent of the time that obold's busiest process had a core
 *	p50=N p99=N p999=N	milliseconds from the start to the credential
 *
 * open: one line, with rate, done, failed, cpu, p50, p99, p999; latencies are
 * from the moment at which a login should have begun. hold: one line, with
 * held, and bytes of the processes' memory (PSS) for each. */
#include "testing/bench/load-clients.h"
#include "testing/bench/load-floor.h"

#include <errno.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define NS_OF_S 1000000000
#define ROUNDS_MAX 1000
#define LOGINS_MAX 10000000
#define CLIENTS_MAX 20000
#define PIDS_MAX 64
/** Behind 127.0.0.1: 127.1.0.1, and one in each network of 256 from there. */
#define FIRST_NETWORK 0x10000
#define NETWORKS 16384

struct measure {
	struct load_plan plan;
	unsigned n_rounds;
	const char *certificate;
	const char *key;
	char **pids;
	/** of the database server; NULL: there is none */
	const char *database;
	unsigned next;
	struct load_clients *clients;
};

/** What the kernel has counted. */
struct usage {
	uint64_t cpu_ns;
	/** in ticks */
	uint64_t user;
	uint64_t system;
	uint64_t each_ns[PIDS_MAX];
};

static FILE *open_proc(const char *pid, const char *name)
{
	char path[64];
	FILE *file;

	(void)snprintf(path, sizeof(path), "/proc/%s/%s", pid, name);
	file = fopen(path, "re");
	if (!file)
	{
		load_die("%s cannot be read: is obold running?", path);
	}
	return file;
}

/* obold's processes have one thread each. Nanoseconds are the scheduler's own
 * count; that tells user from system by sampling alone. */
static void read_usage(char **pids, struct usage *usage)
{
	uint64_t user, system;
	size_t i;
	FILE *file;

	memset(usage, 0, sizeof(*usage));
	for (i = 0; pids[i] && i < PIDS_MAX; i++)
	{
		file = open_proc(pids[i], "schedstat");
		if (fscanf(file, "%" SCNu64, &usage->each_ns[i]) != 1)
		{
			load_die("no schedstat");
		}
		(void)fclose(file);
		usage->cpu_ns += usage->each_ns[i];
		file = open_proc(pids[i], "stat");
		if (fscanf(file,
				   "%*d (%*[^)]) %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u "
				   "%" SCNu64 " %" SCNu64,
				   &user, &system) != 2)
		{
			load_die("no stat");
		}
		(void)fclose(file);
		usage->user += user;
		usage->system += system;
	}
}

static uint64_t cpu_of(const char *pid)
{
	FILE *file = open_proc(pid, "schedstat");
	uint64_t ns = 0;

	(void)!fscanf(file, "%" SCNu64, &ns);
	(void)fclose(file);
	return ns;
}

/* Of the database server and what it has started: those stay as long as obold's
 * connections do. */
static uint64_t database_cpu(const struct measure *this)
{
	char name[48], pid[16];
	uint64_t sum;
	FILE *file;

	if (!this->database)
	{
		return 0;
	}
	sum = cpu_of(this->database);
	(void)snprintf(name, sizeof(name), "task/%s/children", this->database);
	file = open_proc(this->database, name);
	while (fscanf(file, "%15s", pid) == 1)
	{
		sum += cpu_of(pid);
	}
	(void)fclose(file);
	return sum;
}

static uint64_t busiest(const struct usage *before, const struct usage *after)
{
	uint64_t most = 0, each;
	size_t i;

	for (i = 0; i < PIDS_MAX; i++)
	{
		each = after->each_ns[i] - before->each_ns[i];
		most = each > most ? each : most;
	}
	return most;
}

static void check(const struct load_result *result)
{
	if (result->n_failed)
	{
		load_die("%u of %u failed: %s", result->n_failed,
				 result->n_failed + result->n_done, result->why);
	}
}

static void print_latency(const struct load_result *result)
{
	(void)printf("p50=%.3f p99=%.3f p999=%.3f", load_result_part(result, 0.5),
				 load_result_part(result, 0.99),
				 load_result_part(result, 0.999));
}

/* Users are not all behind one address, and obold lets a network that has many
 * unfinished logins wait: so each account has one of its own on the loopback
 * device. */
static int connect_from(void *ctx, unsigned live)
{
	const uint16_t *port = ctx;
	struct sockaddr_in addr = { .sin_family = AF_INET };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	static const int on = 1;

	addr.sin_addr.s_addr =
		htonl(INADDR_LOOPBACK + FIRST_NETWORK + live % NETWORKS * 256);
	if (fd < 0 ||
		setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof(on)) ||
		bind(fd, (struct sockaddr *)&addr, sizeof(addr)))
	{
		load_die("no socket: %s", strerror(errno));
	}
	addr.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	addr.sin_port = htons(*port);
	if (connect(fd, (struct sockaddr *)&addr, sizeof(addr)) != 0 &&
		errno != EINPROGRESS)
	{
		(void)close(fd);
		return -1;
	}
	return fd;
}

/*
 * Closed loop, and the floor
 */

static void do_logins(const struct measure *this, bool counts)
{
	struct usage before, after;
	struct load_result result;
	uint64_t cpu, ticks, database = database_cpu(this);

	read_usage(this->pids, &before);
	load_clients_run(this->clients, &this->plan, &result);
	read_usage(this->pids, &after);
	database = database_cpu(this) - database;
	check(&result);
	if (counts)
	{
		(void)printf("database=%" PRIu64 " ", database / result.n_done);
		cpu = (after.cpu_ns - before.cpu_ns) / result.n_done;
		ticks = after.user + after.system - before.user - before.system;
		(void)printf("cpu=%" PRIu64 " user=%" PRIu64 " ", cpu,
					 ticks ? cpu * (after.user - before.user) / ticks : 0);
		(void)printf("system=%" PRIu64 " rate=%.1f busy=%.0f ",
					 ticks ? cpu * (after.system - before.system) / ticks : 0,
					 (double)result.n_done * NS_OF_S /
						 (double)result.elapsed_ns,
					 100. * (double)busiest(&before, &after) /
						 (double)result.elapsed_ns);
		print_latency(&result);
	}
	load_result_clear(&result);
}

static uint64_t do_handshakes(const struct measure *this,
							  const struct load_bare *bare)
{
	struct load_plan plan = this->plan;
	struct load_result result;
	struct usage before, after;
	char pid[16], *pids[] = { pid, NULL };

	(void)snprintf(pid, sizeof(pid), "%d", (int)bare->pid);
	plan.port = bare->port;
	plan.ctx = &plan.port;
	plan.only_handshake = true;
	read_usage(pids, &before);
	load_clients_run(this->clients, &plan, &result);
	read_usage(pids, &after);
	check(&result);
	load_result_clear(&result);
	return (after.cpu_ns - before.cpu_ns) / plan.n_logins;
}

static void measure_closed(struct measure *this)
{
	unsigned n = this->plan.n_logins, i;
	struct load_bare bare;
	uint64_t took[3];

	load_bare_start(this->certificate, this->key, &bare);
	for (i = 0; i <= this->n_rounds; i++)
	{
		do_logins(this, i > 0);
		took[0] = do_handshakes(this, &bare);
		took[1] = load_floor_tls(this->certificate, this->key, n);
		took[2] = load_floor_opaque(n);
		if (i > 0)
		{
			(void)printf(" bare=%" PRIu64 " tls=%" PRIu64 " opaque=%" PRIu64
						 "\n",
						 took[0], took[1], took[2]);
			(void)fflush(stdout);
		}
	}
	load_bare_stop(&bare);
}

/*
 * Open loop, and connections that are held
 */

static void measure_open(struct measure *this)
{
	struct usage before, after;
	struct load_result result;

	read_usage(this->pids, &before);
	load_clients_run(this->clients, &this->plan, &result);
	read_usage(this->pids, &after);
	(void)printf("rate=%.1f done=%u failed=%u cpu=%" PRIu64 " ",
				 this->plan.per_second, result.n_done, result.n_failed,
				 result.n_done ? (after.cpu_ns - before.cpu_ns) / result.n_done
							   : 0);
	print_latency(&result);
	(void)putchar('\n');
	load_result_clear(&result);
}

static uint64_t memory_of(char **pids)
{
	uint64_t sum = 0, kib;
	char line[128];
	FILE *file;

	for (; *pids; pids++)
	{
		file = open_proc(*pids, "smaps_rollup");
		while (fgets(line, sizeof(line), file))
		{
			if (sscanf(line, "Pss: %" SCNu64, &kib) == 1)
			{
				sum += kib * 1024;
			}
		}
		(void)fclose(file);
	}
	return sum;
}

static void measure_hold(struct measure *this)
{
	struct load_plan warm = this->plan;
	struct load_result result;
	uint64_t before;

	/* what a worker needs once and keeps is no connection's */
	warm.n_logins = warm.n_logins / 10 + 1;
	load_clients_run(this->clients, &warm, &result);
	check(&result);
	load_result_clear(&result);
	before = memory_of(this->pids);
	this->plan.holds = true;
	load_clients_run(this->clients, &this->plan, &result);
	check(&result);
	(void)printf("held=%u bytes=%" PRIu64 "\n", result.n_done,
				 (memory_of(this->pids) - before) / result.n_done);
	load_result_clear(&result);
}

/*
 * Options
 */

static void take_option(struct measure *this, int option, const char *value)
{
	struct load_plan *plan = &this->plan;

	switch (option)
	{
		case 'p':
			plan->port = (uint16_t)load_number(value, 1, UINT16_MAX);
			break;
		case 'a':
			plan->n_accounts = load_number(value, 1, LOGINS_MAX);
			break;
		case 'l':
			plan->n_live = load_number(value, 1, LOGINS_MAX);
			break;
		case 'k':
			plan->kind = strcmp(value, "password") == 0 ? OBOL_SLOT_PASSWORD
														: OBOL_SLOT_DEVICE;
			break;
		case 'c':
			plan->n_clients = load_number(value, 1, CLIENTS_MAX);
			break;
		case 'n':
			plan->n_logins = load_number(value, 1, LOGINS_MAX);
			break;
		case 'r':
			this->n_rounds = load_number(value, 1, ROUNDS_MAX);
			break;
		case 'R':
			plan->per_second = load_number(value, 1, LOGINS_MAX);
			break;
		case 'D':
			this->database = value;
			break;
		case 'C':
			this->certificate = value;
			break;
		case 'K':
			this->key = value;
			break;
		default:
			load_die("see the head of measure-load.c for its usage");
	}
}

int main(int argc, char **argv)
{
	struct measure this = {
		.plan = { .n_accounts = 1,
				  .n_live = 1,
				  .n_clients = 1,
				  .n_logins = 1,
				  .kind = OBOL_SLOT_DEVICE },
		.n_rounds = 1,
	};
	const char *mode = argc > 1 ? argv[1] : "";
	int option;

	(void)signal(SIGPIPE, SIG_IGN);
	optind = 2;
	while ((option = getopt(argc, argv, "p:a:l:k:c:n:r:R:D:C:K:")) != -1)
	{
		take_option(&this, option, optarg);
	}
	this.plan.next = &this.next;
	this.plan.ctx = &this.plan.port;
	this.plan.connect = connect_from;
	this.pids = argv + optind;
	this.clients = load_clients_new(
		strcmp(mode, "hold") == 0 ? this.plan.n_logins + this.plan.n_clients
								  : this.plan.n_clients);
	if (strcmp(mode, "closed") == 0 && this.certificate && this.key)
	{
		measure_closed(&this);
	}
	else if (strcmp(mode, "open") == 0 && this.plan.per_second > 0)
	{
		measure_open(&this);
	}
	else if (strcmp(mode, "hold") == 0)
	{
		measure_hold(&this);
	}
	else
	{
		take_option(&this, '?', NULL);
	}
	load_clients_free(this.clients);
	return 0;
}
