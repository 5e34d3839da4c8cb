/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a process gives up before it meets strangers. */
#include "daemon/privileges.h"

#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

bool obol_identity_exists(const char *user)
{
	return getpwnam(user) != NULL;
}

enum obol_status obol_identity_find(const char *user, const char *group,
									struct obol_identity *identity, char *why,
									size_t size)
{
	const struct passwd *pw;
	const struct group *gr;

	memset(identity, 0, sizeof(*identity));
	if (geteuid() != 0)
	{
		return OBOL_OK;
	}
	pw = getpwnam(user);
	if (!pw)
	{
		(void)snprintf(why, size,
					   "there is no user '%s' to run workers as; make it "
					   "(systemd-sysusers does) or set user in obold.conf",
					   user);
		return OBOL_ERR_NOT_FOUND;
	}
	identity->uid = pw->pw_uid;
	identity->gid = pw->pw_gid;
	identity->is_set = true;
	if (!*group)
	{
		return OBOL_OK;
	}
	gr = getgrnam(group);
	if (!gr)
	{
		(void)snprintf(why, size,
					   "there is no group '%s' to run workers as; make it "
					   "(systemd-sysusers does) or set group in obold.conf",
					   group);
		return OBOL_ERR_NOT_FOUND;
	}
	identity->gid = gr->gr_gid;
	return OBOL_OK;
}

static int by_number(const void *a, const void *b)
{
	const int *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

void obol_privileges_keep_only(int *keep, size_t n)
{
	unsigned from = STDERR_FILENO + 1;
	size_t i;

	qsort(keep, n, sizeof(*keep), by_number);
	for (i = 0; i < n; i++)
	{
		unsigned fd = (unsigned)keep[i];

		if (fd > from)
		{
			(void)close_range(from, fd - 1, 0);
		}
		from = fd >= from ? fd + 1 : from;
	}
	(void)close_range(from, ~0U, 0);
}

void obol_privileges_name(const char *name)
{
	(void)prctl(PR_SET_NAME, name, 0, 0, 0);
}

void obol_privileges_hide(void)
{
	static const struct rlimit none = { 0, 0 };

	(void)setrlimit(RLIMIT_CORE, &none);
	(void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}

bool obol_privileges_lend(const struct obol_identity *identity)
{
	if (identity->is_set && (setgroups(0, NULL) != 0 ||
							 setresgid(identity->gid, identity->gid, 0) != 0 ||
							 setresuid(identity->uid, identity->uid, 0) != 0))
	{
		return false;
	}
	/* that has set it to the system's default */
	obol_privileges_hide();
	return true;
}

void obol_privileges_take_back(const struct obol_identity *identity)
{
	/* the user first: it is root that may change the group */
	if (identity->is_set &&
		(setresuid(0, 0, 0) != 0 || setresgid(0, 0, 0) != 0))
	{
		_exit(EXIT_FAILURE);
	}
	obol_privileges_hide();
}

enum obol_status obol_privileges_drop(const struct obol_identity *identity)
{
	if (identity->is_set &&
		(setgroups(0, NULL) != 0 || setgid(identity->gid) != 0 ||
		 setuid(identity->uid) != 0))
	{
		return OBOL_ERR_DENIED;
	}
	/* and there is no way back */
	if (identity->is_set && identity->uid != 0 && setuid(0) == 0)
	{
		return OBOL_ERR_DENIED;
	}
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
	{
		return OBOL_ERR_DENIED;
	}
	/* setuid() has set it to the system's default */
	obol_privileges_hide();
	return OBOL_OK;
}

void obol_privileges_raise_limits(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == 0)
	{
		limit.rlim_cur = limit.rlim_max;
		(void)setrlimit(RLIMIT_NOFILE, &limit);
	}
}
