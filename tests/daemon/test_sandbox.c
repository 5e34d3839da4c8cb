/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the sandboxes allow and what they end a process for. Each row runs in a
 * child that enters the sandbox as obold's process does. */
#include "daemon/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/run.h"
#include "support/tempdir.h"

static struct tempdir dir;

static void setup(void)
{
	tempdir_init(&dir);
}

static void teardown(void)
{
	tempdir_clear(&dir);
}

static bool role_has_folder(enum obol_sandbox_role role)
{
	return role == OBOL_SANDBOX_WORKER || role == OBOL_SANDBOX_PUBLISHER ||
		   role == OBOL_SANDBOX_SIGNER_TOKEN ||
		   role == OBOL_SANDBOX_PUBLISHER_REMOTE ||
		   role == OBOL_SANDBOX_SIGNER_SERVER_TOKEN ||
		   role == OBOL_SANDBOX_CONTROL;
}

/** The process that another one is: to ask for it would end that one. */
static pid_t other;

/* Runs an action in a role; the wait status. The action's result is the exit
 * code, 0 being good, 99 a sandbox that could not be entered. */
static int run_in(enum obol_sandbox_role role, int (*action)(void))
{
	const char *const folders[] = { dir.path, NULL };
	static const struct rlimit none = { 0, 0 };
	int wait_status = 0;
	char why[256];
	pid_t pid;

	other = getpid();
	pid = fork();
	ck_assert_int_ge(pid, 0);
	if (pid == 0)
	{
		(void)setrlimit(RLIMIT_CORE, &none);
		(void)signal(SIGSYS, SIG_DFL);
		if (obol_sandbox_enter(role, role_has_folder(role) ? folders : NULL,
							   why, sizeof(why)) != OBOL_OK)
		{
			_exit(99);
		}
		_exit(action());
	}
	ck_assert_int_eq(waitpid(pid, &wait_status, 0), pid);
	return wait_status;
}

/*
 * What ends a process
 */

static int start_program(void)
{
	return execl("/bin/true", "true", (char *)NULL);
}

static int fork_one(void)
{
	pid_t pid = fork();

	if (pid == 0)
	{
		_exit(0);
	}
	return pid < 0;
}

static int make_socket(void)
{
	return socket(AF_INET, SOCK_STREAM, 0) < 0;
}

static int trace(void)
{
	return ptrace(PTRACE_ATTACH, other, NULL, NULL) < 0;
}

static int read_other_memory(void)
{
	char byte;
	struct iovec here = { &byte, 1 };

	return process_vm_readv(other, &here, 1, &here, 1, 0) < 0;
}

static int signal_other(void)
{
	return kill(other, 0) < 0;
}

static int abort_other(void)
{
	return syscall(SYS_tgkill, other, other, 0) < 0;
}

/* The kernel sends its owner a signal when a descriptor is ready. */
static int signal_by_descriptor(void)
{
	return fcntl(STDIN_FILENO, F_SETOWN, other) < 0;
}

static int choose_signal(void)
{
	return fcntl(STDIN_FILENO, F_SETSIG, SIGKILL) < 0;
}

static int become_root(void)
{
	return setuid(0) < 0;
}

static int make_code(void)
{
	return mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC,
				MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED;
}

static int turn_into_code(void)
{
	void *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE,
					  MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return mprotect(page, 4096, PROT_READ | PROT_EXEC) != 0;
}

static int open_file(void)
{
	return open("/etc/passwd", O_RDONLY) < 0;
}

static int read_standard_input(void)
{
	char byte;

	return read(STDIN_FILENO, &byte, 1) < 0;
}

static int mount_something(void)
{
	return mount("none", "/nonexistent", "tmpfs", 0, NULL) < 0;
}

static int unshare_all(void)
{
	return syscall(SYS_unshare, 0x10000000) < 0;
}

static int load_bpf(void)
{
	return syscall(SYS_bpf, 0, NULL, 0) < 0;
}

static int use_keys(void)
{
	return syscall(SYS_keyctl, 0, 0, 0) < 0;
}

static int make_ring(void)
{
	return syscall(SYS_io_uring_setup, 1, NULL) < 0;
}

static int become_dumpable(void)
{
	return prctl(PR_SET_DUMPABLE, 1, 0, 0, 0) < 0;
}

#define PARENT (1 << OBOL_SANDBOX_PARENT)
#define WORKER (1 << OBOL_SANDBOX_WORKER)
#define KEEPER (1 << OBOL_SANDBOX_KEEPER)
#define RELAY (1 << OBOL_SANDBOX_RELAY)
#define SIGNER (1 << OBOL_SANDBOX_SIGNER)
#define PUBLISHER (1 << OBOL_SANDBOX_PUBLISHER)
#define TOKEN (1 << OBOL_SANDBOX_SIGNER_TOKEN)
#define CONTROL (1 << OBOL_SANDBOX_CONTROL)
#define REMOTE                                                                 \
	(1 << OBOL_SANDBOX_WORKER_REMOTE | 1 << OBOL_SANDBOX_PUBLISHER_REMOTE |    \
	 1 << OBOL_SANDBOX_CONTROL_REMOTE)
#define SERVER (1 << OBOL_SANDBOX_SIGNER_SERVER)
#define SERVER_TOKEN (1 << OBOL_SANDBOX_SIGNER_SERVER_TOKEN)
#define PROXY (1 << OBOL_SANDBOX_SIGNER_PROXY)
#define MONITOR (1 << OBOL_SANDBOX_MONITOR)
#define CLOSED                                                                 \
	(WORKER | KEEPER | SIGNER | PUBLISHER | RELAY | CONTROL | SERVER | MONITOR)
#define SERVANTS (CLOSED | TOKEN | SERVER_TOKEN | PROXY | REMOTE)
#define ALL (PARENT | SERVANTS)
#define N_ROLES 15

/* clang-format off */
static const struct {
	const char *what;
	int (*action)(void);
	unsigned roles;
	/** a build with instruments needs it itself */
	bool is_instruments;
} fatal[] = {
	{ "start a program", start_program, ALL, false },
	{ "read another process", read_other_memory, ALL, true },
	{ "mount", mount_something, ALL, false },
	{ "namespaces", unshare_all, ALL, false },
	{ "BPF", load_bpf, ALL, false },
	{ "the kernel's keys", use_keys, ALL, false },
	{ "io_uring", make_ring, ALL, false },
	{ "trace", trace, ALL, true },
	{ "fork", fork_one, SERVANTS, true },
	{ "make a socket", make_socket, CLOSED, false },
	{ "signal another process", signal_other, SERVANTS, false },
	{ "signal another thread", abort_other, SERVANTS, false },
	{ "signal by a descriptor", signal_by_descriptor, SERVANTS, false },
	{ "choose that signal", choose_signal, SERVANTS, false },
	{ "become root", become_root, SERVANTS, false },
	{ "make code", make_code, SERVANTS, false },
	{ "turn memory into code", turn_into_code, SERVANTS, false },
	{ "be dumpable", become_dumpable, SERVANTS, true },
	{ "open a file", open_file,
		KEEPER | SIGNER | RELAY | SERVER | PROXY | MONITOR, true },
	{ "read a file", read_standard_input, KEEPER | SIGNER, true },
};
/* clang-format on */

START_TEST(test_what_ends_a_process)
{
	unsigned role;

	for (role = 0; role < N_ROLES; role++)
	{
		int wait_status;

		if (!(fatal[_i].roles & 1U << role) ||
			(fatal[_i].is_instruments && obol_sandbox_instruments[0]))
		{
			continue;
		}
		wait_status = run_in((enum obol_sandbox_role)role, fatal[_i].action);
		ck_assert_msg(
			WIFSIGNALED(wait_status) && WTERMSIG(wait_status) == SIGSYS,
			"%s as %u: status %x", fatal[_i].what, role, (unsigned)wait_status);
	}
}
END_TEST

/*
 * What it may do
 */

static int live(void)
{
	char *memory = malloc(1 << 22);
	int i;

	if (!memory)
	{
		return 1;
	}
	for (i = 0; i < 1 << 22; i += 4096)
	{
		memory[i] = 1;
	}
	free(memory);
	return getpid() == 1;
}

static int use_folder(void)
{
	int fd;

	if (chdir("/") == 0)
	{
		return 7; /* not on the list: the process ends before */
	}
	fd = open(tempdir_file(&dir, "a"), O_RDWR | O_CREAT, 0600);
	return fd < 0;
}

static int write_folder(void)
{
	int fd = open(tempdir_file(&dir, "a"), O_RDWR | O_CREAT, 0600);

	return fd < 0 || pwrite(fd, "x", 1, 0) != 1 || fdatasync(fd) != 0 ||
		   ftruncate(fd, 0) != 0 || close(fd) != 0 ||
		   unlink(tempdir_file(&dir, "a")) != 0;
}

static int fork_and_wait(void)
{
	pid_t pid = fork();
	int wait_status;

	if (pid == 0)
	{
		_exit(0);
	}
	return waitpid(pid, &wait_status, 0) != pid || wait_status != 0;
}

static int give_up(void)
{
	char why[256];
	pid_t pid = fork();
	int wait_status;

	if (pid == 0)
	{
		_exit(obol_sandbox_enter(OBOL_SANDBOX_KEEPER, NULL, why, sizeof(why)) !=
			  OBOL_OK);
	}
	return waitpid(pid, &wait_status, 0) != pid || wait_status != 0;
}

static int abort_self(void)
{
	abort();
}

START_TEST(test_what_a_process_may_do)
{
	unsigned role;
	int wait_status;

	for (role = 0; role < N_ROLES; role++)
	{
		ck_assert_int_eq(run_in((enum obol_sandbox_role)role, live), 0);
		/* a bug shows as what it is */
		wait_status = run_in((enum obol_sandbox_role)role, abort_self);
		ck_assert(WIFSIGNALED(wait_status));
		ck_assert_int_eq(WTERMSIG(wait_status), SIGABRT);
	}
	ck_assert_int_eq(run_in(OBOL_SANDBOX_WORKER, write_folder), 0);
	ck_assert_int_eq(run_in(OBOL_SANDBOX_PUBLISHER, write_folder), 0);
	ck_assert_int_eq(run_in(OBOL_SANDBOX_SIGNER_TOKEN, write_folder), 0);
	ck_assert_int_eq(run_in(OBOL_SANDBOX_SIGNER_TOKEN, make_socket), 0);
	ck_assert_int_eq(run_in(OBOL_SANDBOX_CONTROL, write_folder), 0);
	ck_assert_int_eq(run_in(OBOL_SANDBOX_WORKER_REMOTE, make_socket), 0);
	ck_assert_int_eq(run_in(OBOL_SANDBOX_PUBLISHER_REMOTE, write_folder), 0);
	ck_assert_int_eq(run_in(OBOL_SANDBOX_CONTROL_REMOTE, make_socket), 0);
	ck_assert_int_eq(run_in(OBOL_SANDBOX_SIGNER_PROXY, make_socket), 0);
	ck_assert_int_eq(run_in(OBOL_SANDBOX_PARENT, fork_and_wait), 0);
	ck_assert_int_eq(run_in(OBOL_SANDBOX_PARENT, make_socket), 0);
	/* and confine further what it forks */
	ck_assert_int_eq(run_in(OBOL_SANDBOX_PARENT, give_up), 0);
	ck_assert(WIFSIGNALED(run_in(OBOL_SANDBOX_WORKER, use_folder)));
}
END_TEST

/*
 * Files, by Landlock
 */

static int no_other_file(void)
{
	return open("/etc/passwd", O_RDONLY) >= 0 || errno != EACCES ||
		   open("/etc/obol-test", O_WRONLY | O_CREAT, 0600) >= 0 ||
		   errno != EACCES || unlink("/etc/passwd") == 0;
}

static int no_file_at_all(void)
{
	char why[256];

	return obol_sandbox_confine_files(NULL, false, why, sizeof(why)) !=
			   OBOL_OK ||
		   no_other_file() || open(dir.path, O_RDONLY | O_DIRECTORY) >= 0;
}

static int no_other_process(void)
{
	char why[256];

	return obol_sandbox_confine_files(NULL, false, why, sizeof(why)) !=
			   OBOL_OK ||
		   kill(getppid(), 0) == 0 || errno != EPERM;
}

static int run_alone(int (*action)(void))
{
	int wait_status = 0;
	pid_t pid = fork();

	if (pid == 0)
	{
		_exit(action());
	}
	ck_assert_int_eq(waitpid(pid, &wait_status, 0), pid);
	return wait_status;
}

START_TEST(test_files)
{
	if (!obol_sandbox_landlock())
	{
		(void)fputs("no Landlock here: not tested\n", stderr);
		return;
	}
	ck_assert_int_eq(run_in(OBOL_SANDBOX_WORKER, no_other_file), 0);
	ck_assert_int_eq(run_in(OBOL_SANDBOX_CONTROL, no_other_file), 0);
	ck_assert_int_eq(run_alone(no_file_at_all), 0);
	if (obol_sandbox_landlock() >= 6)
	{
		ck_assert_int_eq(run_alone(no_other_process), 0);
	}
}
END_TEST

START_TEST(test_no_folder)
{
	char why[256] = "";

	/* the store's to tell */
	if (fork() == 0)
	{
		const char *const folders[] = { "/nonexistent/a", NULL };

		_exit(obol_sandbox_confine_files(folders, false, why, sizeof(why)));
	}
	else
	{
		int wait_status;

		(void)wait(&wait_status);
		ck_assert_int_eq(wait_status, 0);
	}
}
END_TEST

Suite *sandbox_suite(void);

Suite *sandbox_suite(void)
{
	Suite *suite = suite_create("sandbox");
	TCase *tcase = tcase_create("sandbox");

	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_set_timeout(tcase, 30);
	tcase_add_loop_test(tcase, test_what_ends_a_process, 0,
						sizeof(fatal) / sizeof(fatal[0]));
	tcase_add_test(tcase, test_what_a_process_may_do);
	tcase_add_test(tcase, test_files);
	tcase_add_test(tcase, test_no_folder);
	suite_add_tcase(suite, tcase);
	return suite;
}
