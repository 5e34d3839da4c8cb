/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The control socket as the parent makes it. */
#include "daemon/control_socket.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define BACKLOG 16
#define FRESH ".new"

static void add_person(struct obol_control_socket *control,
					   const struct passwd *pw)
{
	size_t n = control->n_people;

	if (pw && n < OBOL_CONTROL_PEOPLE_MAX &&
		!obol_control_socket_name(control, pw->pw_uid))
	{
		control->people[n].uid = pw->pw_uid;
		(void)snprintf(control->people[n].name, sizeof(control->people[n].name),
					   "%s", pw->pw_name);
		control->n_people++;
	}
}

/* Those whom the group lists, and those whose own group it is. */
static enum obol_status find_people(const char *group,
									struct obol_control_socket *control,
									char *why, size_t size)
{
	const struct group *gr = getgrnam(group);
	const struct passwd *pw;
	char **member;

	if (!gr)
	{
		(void)snprintf(why, size,
					   "control: there is no group '%s'; systemd-sysusers or "
					   "groupadd --system makes it",
					   group);
		return OBOL_ERR_NOT_FOUND;
	}
	control->gid = gr->gr_gid;
	add_person(control, getpwuid(0));
	for (member = gr->gr_mem; *member; member++)
	{
		add_person(control, getpwnam(*member));
	}
	setpwent();
	while ((pw = getpwent()))
	{
		if (pw->pw_gid == control->gid)
		{
			add_person(control, pw);
		}
	}
	endpwent();
	return OBOL_OK;
}

/* The file is the group's from its first moment on: no chown(2), for which root
 * would have to keep a capability. */
static bool bind_for_group(int fd, const struct sockaddr_un *address, gid_t gid)
{
	gid_t before = getegid();
	mode_t mask;
	bool is_ok;

	if (gid != before && setegid(gid) != 0)
	{
		return false;
	}
	mask = umask(0117);
	is_ok = bind(fd, (const struct sockaddr *)address, sizeof(*address)) == 0;
	(void)umask(mask);
	return (gid == before || setegid(before) == 0) && is_ok;
}

static bool open_socket(struct obol_control_socket *control)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	(void)snprintf(address.sun_path, sizeof(address.sun_path), "%s" FRESH,
				   control->path);
	control->fd =
		socket(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (control->fd < 0)
	{
		return false;
	}
	/* of one who was killed at this point */
	(void)unlink(address.sun_path);
	return bind_for_group(control->fd, &address, control->gid) &&
		   listen(control->fd, BACKLOG) == 0;
}

enum obol_status obol_control_socket_open(const struct obol_config *config,
										  struct obol_control_socket *control,
										  char *why, size_t size)
{
	enum obol_status status;

	memset(control, 0, sizeof(*control));
	control->fd = -1;
	if (!*config->control.socket)
	{
		return OBOL_OK;
	}
	(void)snprintf(control->path, sizeof(control->path), "%s",
				   config->control.socket);
	status = find_people(config->control.group, control, why, size);
	if (status == OBOL_OK && !open_socket(control))
	{
		(void)snprintf(why, size, "control: %s cannot be made for group %s: %s",
					   control->path, config->control.group, strerror(errno));
		status =
			errno == EACCES || errno == EPERM ? OBOL_ERR_DENIED : OBOL_ERR_IO;
	}
	return status;
}

enum obol_status obol_control_socket_place(struct obol_control_socket *control,
										   char *why, size_t size)
{
	char fresh[OBOL_CONTROL_PATH_MAX + sizeof(FRESH)];
	struct stat st;

	if (control->fd < 0)
	{
		return OBOL_OK;
	}
	(void)snprintf(fresh, sizeof(fresh), "%s" FRESH, control->path);
	if (lstat(fresh, &st) != 0 || rename(fresh, control->path) != 0)
	{
		(void)snprintf(why, size, "control: %s cannot be put in place: %s",
					   control->path, strerror(errno));
		return OBOL_ERR_IO;
	}
	control->is_placed = true;
	control->device = st.st_dev;
	control->inode = st.st_ino;
	return OBOL_OK;
}

void obol_control_socket_remove(const struct obol_control_socket *control)
{
	char fresh[OBOL_CONTROL_PATH_MAX + sizeof(FRESH)];
	struct stat st;

	if (control->fd < 0)
	{
		return;
	}
	if (!control->is_placed)
	{
		(void)snprintf(fresh, sizeof(fresh), "%s" FRESH, control->path);
		(void)unlink(fresh);
	}
	else if (lstat(control->path, &st) == 0 && st.st_dev == control->device &&
			 st.st_ino == control->inode)
	{
		(void)unlink(control->path);
	}
}

void obol_control_socket_close(struct obol_control_socket *control)
{
	if (control->fd >= 0)
	{
		(void)close(control->fd);
		control->fd = -1;
	}
}

const char *obol_control_socket_name(const struct obol_control_socket *control,
									 uid_t uid)
{
	size_t i;

	for (i = 0; i < control->n_people; i++)
	{
		if (control->people[i].uid == uid)
		{
			return control->people[i].name;
		}
	}
	return NULL;
}
