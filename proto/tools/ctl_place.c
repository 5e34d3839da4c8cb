/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The places that a server's files have. */
#include "tools/ctl_place.h"

#include "daemon/privileges.h"
#include "store/store_open.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <pwd.h>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define PATH_SIZE OBOL_CONFIG_TEXT_MAX

bool obol_ctl_place_directory(const char *path, mode_t mode)
{
	char copy[PATH_SIZE], part[PATH_SIZE];
	const char *directory;
	struct stat st;
	size_t i;

	(void)snprintf(copy, sizeof(copy), "%s", path);
	directory = dirname(copy);
	for (i = 1; directory[i - 1]; i++)
	{
		if (directory[i] != '/' && directory[i])
		{
			continue;
		}
		memcpy(part, directory, i);
		part[i] = '\0';
		if (stat(part, &st) == 0)
		{
			continue;
		}
		if (mkdir(part, 0755) != 0 ||
			chmod(part, directory[i] ? 0755 : mode) != 0)
		{
			(void)obol_ctl_fail("the directory %s cannot be made: %s", part,
								strerror(errno));
			return false;
		}
	}
	return true;
}

/** A user, made by useradd when root runs init; NULL when there is none. */
static const struct passwd *make_user(const char *name)
{
	char program[] = "useradd", system[] = "--system", group[] = "--user-group",
		 home[] = "--no-create-home", shell[] = "--shell",
		 nologin[] = "/usr/sbin/nologin", user[64];
	char *const argv[] = { program, system,  group, home,
						   shell,   nologin, user,  NULL };
	char path[] = "PATH=/usr/sbin:/usr/bin:/sbin:/bin";
	char *const envp[] = { path, NULL };
	const struct passwd *pw = getpwnam(name);
	int result = 0;
	pid_t pid;

	(void)snprintf(user, sizeof(user), "%s", name);
	if (!pw &&
		posix_spawn(&pid, "/usr/sbin/useradd", NULL, NULL, argv, envp) == 0 &&
		waitpid(pid, &result, 0) == pid && result == 0)
	{
		pw = getpwnam(name);
	}
	return pw;
}

static bool need_user(const char *name, uid_t *uid, gid_t *gid)
{
	const struct passwd *pw = make_user(name);

	if (!pw)
	{
		(void)obol_ctl_fail("there is no user '%s' for obold's workers, and it "
							"could not be made; make it, or give --user",
							name);
		return false;
	}
	*uid = pw->pw_uid;
	*gid = pw->pw_gid;
	return true;
}

void obol_ctl_place_users(const struct obol_config *config)
{
	static const char *const names[] = { OBOL_KEEPER_USER, OBOL_SIGNER_USER };
	size_t i;

	if (geteuid() != 0 || strcmp(config->user, "obol") != 0)
	{
		return;
	}
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
	{
		if (!make_user(names[i]))
		{
			(void)fprintf(stderr,
						  "obolctl: user %s could not be made; that process "
						  "will run as %s\n",
						  names[i], config->user);
		}
	}
}

/** To a user, and its mode too unless that is 0. Its folder may be that user's,
 * so it is this file or none: no link is followed, and none but this name has
 * it. NULL, or why not. */
static const char *give_file(const char *path, mode_t mode, uid_t uid,
							 gid_t gid)
{
	int fd =
		open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	const char *why = NULL;
	struct stat st;

	if (fd < 0 || fstat(fd, &st) != 0)
	{
		why = fd < 0 && errno == ELOOP ? "it is a link" : strerror(errno);
	}
	else if (!S_ISREG(st.st_mode) || st.st_nlink != 1)
	{
		why = "it is no regular file, or has a second name";
	}
	else if ((mode && fchmod(fd, mode) != 0) || fchown(fd, uid, gid) != 0)
	{
		why = strerror(errno);
	}
	if (fd >= 0)
	{
		(void)close(fd);
	}
	return why;
}

static bool cannot_give(const char *path, const char *user, const char *why)
{
	(void)obol_ctl_fail("%s cannot be given to user %s: %s", path, user, why);
	return false;
}

/** Workers read it under their own user. */
static bool give_passfile(const char *database, const char *user, uid_t uid,
						  gid_t gid)
{
	char path[PATH_SIZE];
	const char *why;

	if (!obol_store_passfile(database, path, sizeof(path)))
	{
		return true;
	}
	/* on a new machine, perhaps, and no backup has it */
	if (access(path, F_OK) != 0 && errno == ENOENT)
	{
		(void)fprintf(stderr,
					  "obolctl: %s is not there; put the database's password "
					  "into it, for user %s alone to read\n",
					  path, user);
		return true;
	}
	why = give_file(path, 0600, uid, gid);
	return !why || cannot_give(path, user, why);
}

void obol_ctl_place_signer_user(void)
{
	if (geteuid() == 0 && !make_user(OBOL_SIGNER_USER))
	{
		(void)fprintf(stderr,
					  "obolctl: user " OBOL_SIGNER_USER " could not be made; "
					  "make it, or name another in section signer\n");
	}
}

bool obol_ctl_place_database(const struct obol_config *config)
{
	const char *path = config->database;
	char copy[PATH_SIZE];
	const char *why;
	uid_t uid = 0;
	gid_t gid = 0;

	if (geteuid() != 0)
	{
		return true;
	}
	if (!need_user(config->user, &uid, &gid))
	{
		return false;
	}
	if (obol_store_is_remote(path))
	{
		return give_passfile(path, config->user, uid, gid);
	}
	(void)snprintf(copy, sizeof(copy), "%s", path);
	why = give_file(path, 0, uid, gid);
	if (!why && chown(dirname(copy), uid, gid) != 0)
	{
		why = strerror(errno);
	}
	return !why || cannot_give(path, config->user, why);
}
