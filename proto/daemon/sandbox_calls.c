/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which system calls each process needs, and what for. Calls with conditions on
 * their arguments are in sandbox.c. */
#include "daemon/sandbox.h"

/* clang-format off */
/* Life and death: memory, time, locks, randomness, a line for the log, the end.
 * Several names of one call are those of other machines and older libraries. */
static const char *const basic[] = {
	"brk", "munmap", "mremap", "madvise", "mlock", "mlock2", "munlock",
	"clock_gettime", "clock_gettime64", "gettimeofday", "time",
	"clock_nanosleep", "clock_nanosleep_time64", "nanosleep", "restart_syscall",
	"futex", "futex_time64", "getrandom", "getpid", "gettid", "rt_sigprocmask",
	"rt_sigreturn", "sigreturn", "sched_yield", "sysinfo", "write", "writev",
	"exit", "exit_group", NULL
};

/* A message to the partner and its answer: the keeper's whole trade. */
static const char *const talk[] = {
	"recvfrom", "sendto", "recvmsg", "sendmsg", "recv", "send", "close", NULL
};

/* Who asks next; and what was signed is noted for good. */
static const char *const wait[] = {
	"poll", "ppoll", "ppoll_time64", "fdatasync", NULL
};

/* The revocation list takes the old one's place in one step, and the publisher
 * bounds its connections by its descriptors. */
static const char *const publish[] = {
	"rename", "renameat", "renameat2", "prlimit64", "setrlimit", "getrlimit",
	"ugetrlimit", NULL
};

/* The event loop: what is ready, signals, the parent's end. No call makes a
 * socket or connects one. */
static const char *const loop[] = {
	"epoll_create1", "epoll_ctl", "epoll_wait", "epoll_pwait", "epoll_pwait2",
	"eventfd2", "pipe2", "poll", "ppoll", "ppoll_time64", "rt_sigaction",
	"read", "readv", "fcntl", "fcntl64", "accept", "accept4", "setsockopt",
	"getsockopt", "getsockname", "getpeername", "shutdown", NULL
};

/* The database: its files, their locks, and that they are on the disk. */
static const char *const store[] = {
	"open", "openat", "stat", "stat64", "lstat", "lstat64", "fstat", "fstat64",
	"newfstatat", "fstatat64", "statx", "access", "faccessat", "faccessat2",
	"pread64", "pwrite64", "lseek", "_llseek", "ftruncate", "ftruncate64",
	"fallocate", "fsync", "fdatasync", "unlink", "unlinkat", "readlink",
	"readlinkat", "getcwd", "fchmod", "fchown", "fchown32", "geteuid",
	"geteuid32", "getuid", "getuid32", "getegid", "getegid32", "getgid",
	"getgid32", NULL
};

/* A PKCS#11 module at work: its locks, its daemon or network. */
static const char *const token[] = {
	"socket", "connect", "setsockopt", "getsockopt", "getsockname",
	"getpeername", "shutdown", "read", "readv", "fcntl", "fcntl64",
	"getdents64", "select", "_newselect", "pselect6", "pselect6_time64",
	"uname", NULL
};

/* A signer on a machine of its own: who asks there. */
static const char *const serve[] = {
	"accept", "accept4", "setsockopt", "read", "readv", "shutdown", NULL
};

/* The way to it: one connection, and the next when that is cut. */
static const char *const reach[] = {
	"socket", "connect", "setsockopt", "getsockopt", "read", "readv",
	"shutdown", NULL
};

/* The parent: makes processes and looks after them. */
static const char *const family[] = {
	"clone", "clone3", "fork", "wait4", "waitid", "kill", "tgkill",
	"socketpair", "signalfd4", "close_range", "set_robust_list",
	"set_tid_address", "rseq", "sched_getaffinity", "prctl", NULL
};

/* It opens ports, tells systemd, and asks who the workers' user is. */
static const char *const ports[] = {
	"socket", "bind", "listen", "connect", "ioctl", "dup", "dup2", "dup3",
	"uname", "sendmmsg", "recvmmsg", "getdents64", "statfs", "statfs64",
	"fstatfs", "fstatfs64", NULL
};

/* It writes files anew, and gives privileges up in what it forks, which then
 * enters a sandbox of its own. */
static const char *const give_up[] = {
	"rename", "renameat", "renameat2", "link", "linkat", "chmod", "fchmodat",
	"umask", "utimensat", "setuid", "setuid32", "setgid", "setgid32",
	"setgroups", "setgroups32", "setresuid", "setresgid", "getrlimit",
	"ugetrlimit", "setrlimit", "prlimit64", "seccomp",
	"landlock_create_ruleset", "landlock_add_rule", "landlock_restrict_self",
	NULL
};

/* It takes connections of a Unix socket, and asks the kernel whose they are. */
static const char *const desk[] = {
	"poll", "ppoll", "ppoll_time64", "accept4", "getsockopt", "setsockopt",
	"read", "fcntl", "fcntl64", "rt_sigaction", NULL
};

/* The database behind a connection: made anew when its server was changed. What
 * the parent may not do, nobody whom it forks may. */
static const char *const remote[] = {
	"socket", "connect", "timerfd_create", "timerfd_settime",
	"timerfd_settime64", NULL
};

/* Names, by libc and the modules that nsswitch.conf(5) has: over the network, by
 * netlink, by a daemon. */
static const char *const names[] = {
	"bind", "sendmmsg", "recvmmsg", "statfs", "statfs64", "fstatfs",
	"fstatfs64", "rt_sigaction", "prctl", NULL
};

/* clang-format on */

const struct obol_sandbox_calls obol_sandbox_calls[] = {
	[OBOL_SANDBOX_PARENT] = { { basic, talk, loop, store, family, ports,
								give_up, remote },
							  true,
							  false,
							  false },
	[OBOL_SANDBOX_WORKER] = { { basic, talk, loop, store },
							  false,
							  false,
							  false },
	[OBOL_SANDBOX_KEEPER] = { { basic, talk }, false, false, false },
	[OBOL_SANDBOX_RELAY] = { { basic, talk, loop }, false, false, false },
	[OBOL_SANDBOX_SIGNER] = { { basic, talk, wait }, false, false, false },
	[OBOL_SANDBOX_PUBLISHER] = { { basic, talk, loop, store, publish },
								 false,
								 false,
								 false },
	[OBOL_SANDBOX_SIGNER_SERVER] = { { basic, talk, wait, serve },
									 false,
									 false,
									 false },
	[OBOL_SANDBOX_SIGNER_SERVER_TOKEN] = { { basic, talk, wait, serve, store,
											 token },
										   false,
										   true,
										   false },
	[OBOL_SANDBOX_SIGNER_PROXY] = { { basic, talk, wait, reach },
									false,
									true,
									false },
	[OBOL_SANDBOX_SIGNER_TOKEN] = { { basic, talk, wait, store, token },
									false,
									true,
									false },
	[OBOL_SANDBOX_CONTROL] = { { basic, talk, store, desk },
							   false,
							   false,
							   false },
	[OBOL_SANDBOX_WORKER_REMOTE] = { { basic, talk, loop, store, remote },
									 false,
									 true,
									 false },
	[OBOL_SANDBOX_PUBLISHER_REMOTE] = { { basic, talk, loop, store, remote,
										  publish },
										false,
										true,
										false },
	[OBOL_SANDBOX_CONTROL_REMOTE] = { { basic, talk, loop, store, desk,
										remote },
									  false,
									  true,
									  false },
	[OBOL_SANDBOX_LOOKUP] = { { basic, talk, wait, store, token, names },
							  true,
							  true,
							  true },
	[OBOL_SANDBOX_MONITOR] = { { basic, talk, loop }, false, false, false },
};
