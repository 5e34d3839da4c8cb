/* SPDX-License-Identifier: GPL-2.0-or-later */
/* System calls of sanitizers and coverage counters: their shadow memory, their
 * look at /proc, and the leak checker, which traces the process from a thread
 * of its own when that ends. Compiled in place of sandbox_plain.c, and only in
 * a build that was configured for them. */
#include "daemon/sandbox.h"

/* clang-format off */
const char *const obol_sandbox_instruments[] = {
	"arch_prctl", "clone", "fcntl", "getdents", "getdents64", "getppid",
	"getrlimit", "lseek", "mkdir", "openat", "pipe2", "prctl", "prlimit64",
	"ptrace", "readlink", "readlinkat", "rseq", "sched_yield",
	"set_robust_list", "sigaltstack", "process_vm_readv", "wait4", "newfstatat",
	"close", "read", "rt_sigaction", "ftruncate", NULL
};
/* clang-format on */
