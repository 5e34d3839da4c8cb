/* SPDX-License-Identifier: GPL-2.0-or-later */
/* obolctl for a help desk. */
#include "tools/ctl_control.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

bool obol_ctl_wants_control(struct obol_ctl *ctl)
{
	char why[OBOL_WHY_MAX];
	enum obol_status status = OBOL_OK;

	if (ctl->control_path)
	{
		return true;
	}
	if (geteuid() == 0)
	{
		return false;
	}
	if (!ctl->config)
	{
		status =
			obol_config_load(ctl->config_path, &ctl->config, why, sizeof(why));
	}
	if (status == OBOL_ERR_DENIED)
	{
		ctl->control_path = OBOL_CONTROL_PATH;
		return access(OBOL_CONTROL_PATH, F_OK) == 0;
	}
	if (status != OBOL_OK || !*ctl->config->control.socket ||
		access(ctl->config->database, R_OK | W_OK) == 0 || errno != EACCES)
	{
		return false;
	}
	ctl->control_path = ctl->config->control.socket;
	return true;
}

/* What commands read of a configuration; the rest is not theirs to know. */
static bool take_config(struct obol_ctl *ctl,
						const struct obol_control_hello *hello)
{
	struct obol_config *config = calloc(1, sizeof(*config));

	if (!config)
	{
		(void)obol_ctl_fail("memory ran out");
		return false;
	}
	memcpy(config->server_name, hello->server_name,
		   sizeof(config->server_name));
	memcpy(config->domain, hello->domain, sizeof(config->domain));
	config->ca.lifetime_s = hello->lifetime_s;
	config->ca.mode = hello->mode;
	config->ca.key_type = hello->key_type;
	config->control.changes_per_day = hello->changes_per_day;
	obol_config_free(ctl->config);
	ctl->config = config;
	return true;
}

bool obol_ctl_need_control(struct obol_ctl *ctl)
{
	struct obol_control_hello hello;
	char path[OBOL_WHY_MAX], why[OBOL_WHY_MAX];
	enum obol_status status;

	if (!ctl->is_for_control)
	{
		(void)obol_ctl_fail("this command needs the database, which you may "
							"not open: ask your administrator");
		return false;
	}
	/* it may lie in the configuration that is given up below */
	(void)snprintf(path, sizeof(path), "%s", ctl->control_path);
	status = obol_control_link_new(path, &ctl->store, &hello, why, sizeof(why));
	if (status == OBOL_ERR_DENIED)
	{
		(void)obol_ctl_fail("you may neither open the database nor use %s: ask "
							"your administrator to add you to the help desk's "
							"group, and log in anew then",
							path);
	}
	else if (status != OBOL_OK)
	{
		(void)obol_ctl_fail("%s", why);
	}
	ctl->is_control = status == OBOL_OK;
	return status == OBOL_OK && take_config(ctl, &hello);
}

int obol_ctl_fail_change(const struct obol_ctl *ctl, enum obol_status status,
						 const char *what)
{
	if (ctl->is_control && status == OBOL_ERR_DENIED)
	{
		return obol_ctl_fail("%s: you have made more changes than one person "
							 "may make (%u, and as many again in a day); try "
							 "again later, or ask your administrator",
							 what, ctl->config->control.changes_per_day);
	}
	if (ctl->is_control && status == OBOL_ERR_ARG)
	{
		return obol_ctl_fail("%s: this is not for a help desk, whose codes are "
							 "good for up to 14d: ask your administrator",
							 what);
	}
	return obol_ctl_fail_store(status, what);
}
