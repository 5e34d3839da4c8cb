/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Files, ports and processes out of reach, by Landlock. */
#include "daemon/sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* The kernel's interface beyond the headers of Debian 12, as the kernel's
 * Documentation/userspace-api/landlock.rst has it. A kernel takes a longer
 * struct than it knows when the rest is zero. */
#define FS_REFER (UINT64_C(1) << 13)
#define FS_TRUNCATE (UINT64_C(1) << 14)
#define FS_IOCTL_DEV (UINT64_C(1) << 15)
#define NET_ALL (UINT64_C(3))
#define SCOPE_ALL (UINT64_C(3))

struct ruleset {
	uint64_t handled_access_fs;
	uint64_t handled_access_net;
	uint64_t scoped;
};

/** All that version 1 knows. */
#define FS_FIRST ((UINT64_C(1) << 13) - 1)

#define FS_READ LANDLOCK_ACCESS_FS_READ_FILE
#define FS_FOLDER                                                              \
	(LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR |              \
	 LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_MAKE_REG |             \
	 LANDLOCK_ACCESS_FS_REMOVE_FILE | FS_TRUNCATE)

unsigned obol_sandbox_landlock(void)
{
	long version = syscall(SYS_landlock_create_ruleset, NULL, 0,
						   LANDLOCK_CREATE_RULESET_VERSION);

	return version > 0 ? (unsigned)version : 0;
}

/* Everything that this kernel can forbid. */
static struct ruleset all_of(unsigned version, bool may_connect)
{
	struct ruleset all = { .handled_access_fs = FS_FIRST };

	all.handled_access_fs |= version >= 2 ? FS_REFER : 0;
	all.handled_access_fs |= version >= 3 ? FS_TRUNCATE : 0;
	all.handled_access_net = version >= 4 && !may_connect ? NET_ALL : 0;
	all.handled_access_fs |= version >= 5 ? FS_IOCTL_DEV : 0;
	all.scoped = version >= 6 ? SCOPE_ALL : 0;
	return all;
}

static bool allow(int rules, const char *path, uint64_t access)
{
	struct landlock_path_beneath_attr beneath = { .allowed_access = access };
	struct stat st;
	bool is_ok;

	beneath.parent_fd = open(path, O_PATH | O_CLOEXEC);
	if (beneath.parent_fd < 0)
	{
		return false;
	}
	/* what is no folder may be read */
	if (fstat(beneath.parent_fd, &st) == 0 && !S_ISDIR(st.st_mode))
	{
		beneath.allowed_access = FS_READ;
	}
	is_ok = syscall(SYS_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH,
					&beneath, 0) == 0;
	(void)close(beneath.parent_fd);
	return is_ok;
}

static enum obol_status confine(const char *const *folders, uint64_t access,
								bool may_connect, char *why, size_t size)
{
	unsigned version = obol_sandbox_landlock();
	struct ruleset all = all_of(version, may_connect);
	bool is_ok = true;
	int rules;

	if (!version)
	{
		return OBOL_OK;
	}
	rules = (int)syscall(SYS_landlock_create_ruleset, &all, sizeof(all), 0);
	if (rules < 0)
	{
		(void)snprintf(why, size, "files cannot be limited (Landlock): %s",
					   strerror(errno));
		return OBOL_ERR_DENIED;
	}
	if (folders)
	{
		/* SQLite draws its random numbers from there */
		(void)allow(rules, "/dev/urandom", FS_READ);
	}
	for (; folders && *folders && is_ok; folders++)
	{
		/* of one that is not there the store will tell, better than this */
		is_ok = allow(rules, *folders, access & all.handled_access_fs) ||
				errno == ENOENT || errno == ENOTDIR;
	}
	is_ok = is_ok && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
			syscall(SYS_landlock_restrict_self, rules, 0) == 0;
	if (!is_ok)
	{
		(void)snprintf(why, size, "files cannot be limited (Landlock): %s",
					   strerror(errno));
	}
	(void)close(rules);
	return is_ok ? OBOL_OK : OBOL_ERR_DENIED;
}

enum obol_status obol_sandbox_confine_files(const char *const *folders,
											bool may_connect, char *why,
											size_t size)
{
	return confine(folders, FS_FOLDER, may_connect, why, size);
}

enum obol_status obol_sandbox_confine_reading(const char *const *folders,
											  bool may_connect, char *why,
											  size_t size)
{
	return confine(folders, FS_READ | LANDLOCK_ACCESS_FS_READ_DIR, may_connect,
				   why, size);
}
