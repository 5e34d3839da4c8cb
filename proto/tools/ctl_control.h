/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * obolctl for a help desk: by obold's control socket, for who may not open the
 * database. Some commands are for it, see main_obolctl.c.
 */
#ifndef OBOL_TOOLS_CTL_CONTROL_H_
#define OBOL_TOOLS_CTL_CONTROL_H_

#include "daemon/control_link.h"
#include "tools/ctl.h"

/** A row for the options of commands that a help desk has. */
#define OBOL_CTL_CONTROL(ctl)                                                  \
	{                                                                          \
		.name = "control", .kind = OBOL_OPTION_TEXT, .argument = "SOCKET",     \
		.help = "ask obold there, in place of the database",                   \
		.value = &(ctl)->control_path                                          \
	}

/** Whether the control socket is to be used: it was asked for, or obold has one
 * and this user may not open the database. */
bool obol_ctl_wants_control(struct obol_ctl *ctl);

/** Connect, and take store and configuration from there; false, with the reason
 * said. */
bool obol_ctl_need_control(struct obol_ctl *ctl);

/** obol_ctl_fail_store() for a change, which a help desk has only so many of.
 */
int obol_ctl_fail_change(const struct obol_ctl *ctl, enum obol_status status,
						 const char *what);

#endif /* OBOL_TOOLS_CTL_CONTROL_H_ */
