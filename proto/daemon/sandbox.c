/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Lists of system calls in force. */
#include "daemon/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <seccomp.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

/** Linux's numbers for locks in files of 64 bits on a machine of 32. */
#define GETLK_WIDE 12
#define SETLK_WIDE 13
#define SETLKW_WIDE 14

/* Flags, copies and locks. Whoever may set a descriptor's owner and signal has
 * the kernel send any signal to other processes of his user. */
static int allow_fcntl(scmp_filter_ctx filter, int call)
{
	static const scmp_datum_t commands[] = {
		F_DUPFD,    F_DUPFD_CLOEXEC, F_GETFD,     F_SETFD,     F_GETFL,
		F_SETFL,    F_GETLK,         F_SETLK,     F_SETLKW,    GETLK_WIDE,
		SETLK_WIDE, SETLKW_WIDE,     F_OFD_GETLK, F_OFD_SETLK, F_OFD_SETLKW,
	};
	size_t i;
	int error = 0;

	for (i = 0; i < sizeof(commands) / sizeof(commands[0]) && !error; i++)
	{
		error = seccomp_rule_add(filter, SCMP_ACT_ALLOW, call, 1,
								 SCMP_A1(SCMP_CMP_EQ, commands[i], 0));
	}
	return error;
}

/* Names that this machine does not have are left out. */
static int allow(scmp_filter_ctx filter, bool may_signal,
				 const char *const *names)
{
	int error = 0;

	for (; *names && !error; names++)
	{
		int call = seccomp_syscall_resolve_name(*names);

		if (call != __NR_SCMP_ERROR)
		{
			error = !may_signal && strncmp(*names, "fcntl", 5) == 0
						? allow_fcntl(filter, call)
						: seccomp_rule_add(filter, SCMP_ACT_ALLOW, call, 0);
		}
	}
	return error;
}

/* Memory that is written is never executed: so injected code is none. */
static int allow_memory(scmp_filter_ctx filter, bool may_execute)
{
	static const char *const names[] = { "mmap", "mmap2", "mprotect", NULL };
	size_t i;
	int error = 0;

	if (may_execute)
	{
		return allow(filter, false, names);
	}
	for (i = 0; names[i] && !error; i++)
	{
		int call = seccomp_syscall_resolve_name(names[i]);

		if (call != __NR_SCMP_ERROR)
		{
			error = seccomp_rule_add(
				filter, SCMP_ACT_ALLOW, call, 1,
				SCMP_A2(SCMP_CMP_MASKED_EQ, (scmp_datum_t)PROT_EXEC, 0));
		}
	}
	return error;
}

/* abort() sends this process a signal, libevent asks how much can be read, and
 * standard error whether it is a terminal. */
static int allow_with_arguments(scmp_filter_ctx filter)
{
	int error =
		seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(tgkill), 1,
						 SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)getpid(), 0));

	if (!error)
	{
		error = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(ioctl), 1,
								 SCMP_A1(SCMP_CMP_EQ, FIONREAD, 0));
	}
	if (!error)
	{
		error = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(ioctl), 1,
								 SCMP_A1(SCMP_CMP_EQ, TCGETS, 0));
	}
	return error;
}

static int fill(scmp_filter_ctx filter, enum obol_sandbox_role role)
{
	const struct obol_sandbox_calls *calls = &obol_sandbox_calls[role];
	/* the parent may by its own list */
	bool may_signal = role == OBOL_SANDBOX_PARENT;
	int error = seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH,
								 SCMP_ACT_KILL_PROCESS);
	size_t i;

	/* a tree instead of a list: a call is found in a few steps */
	if (!error)
	{
		error = seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, 2);
	}
	for (i = 0; calls->groups[i] && !error; i++)
	{
		error = allow(filter, may_signal, calls->groups[i]);
	}
	if (!error)
	{
		error = allow_memory(filter, calls->may_execute_memory);
	}
	if (!error && role != OBOL_SANDBOX_PARENT)
	{
		error = allow_with_arguments(filter);
	}
	return error ? error : allow(filter, may_signal, obol_sandbox_instruments);
}

static int confine_calls(enum obol_sandbox_role role)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_KILL_PROCESS);
	int error = -ENOMEM;

	if (filter)
	{
		error = fill(filter, role);
		if (!error)
		{
			error = seccomp_load(filter);
		}
		seccomp_release(filter);
	}
	return error;
}

void obol_sandbox_folder_of(const char *path, char *folder, size_t size)
{
	const char *slash = strrchr(path, '/');
	size_t len = slash && slash != path ? (size_t)(slash - path) : 1;

	(void)snprintf(folder, size, "%.*s", (int)len, slash ? path : ".");
}

enum obol_status obol_sandbox_enter(enum obol_sandbox_role role,
									const char *const *folders, char *why,
									size_t size)
{
	enum obol_status status = OBOL_OK;
	int error;

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
	{
		(void)snprintf(why, size, "no_new_privs cannot be set: %s",
					   strerror(errno));
		return OBOL_ERR_DENIED;
	}
	/* the parent reads whatever a new configuration names */
	if (role != OBOL_SANDBOX_PARENT)
	{
		const struct obol_sandbox_calls *calls = &obol_sandbox_calls[role];

		status = calls->reads_only
					 ? obol_sandbox_confine_reading(folders, calls->may_connect,
													why, size)
					 : obol_sandbox_confine_files(folders, calls->may_connect,
												  why, size);
	}
	if (status != OBOL_OK)
	{
		return status;
	}
	error = confine_calls(role);
	if (error)
	{
		(void)snprintf(why, size,
					   "system calls cannot be limited (seccomp): %s",
					   strerror(-error));
		return OBOL_ERR_DENIED;
	}
	return OBOL_OK;
}
