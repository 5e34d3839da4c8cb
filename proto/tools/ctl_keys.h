/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * How many slots were made with which of the server's keys.
 */
#ifndef OBOL_TOOLS_CTL_KEYS_H_
#define OBOL_TOOLS_CTL_KEYS_H_

#include "tools/ctl.h"

struct obol_key_use {
	struct obol_server_key_info info;
	uint64_t n_slots;
	bool is_current;
};

/**
 * Count, for each key of the key file.
 *
 * @param uses	OBOL_SERVER_KEYS_MAX of them
 * @return		false, with the reason said
 */
bool obol_ctl_key_uses(struct obol_ctl *ctl, struct obol_key_use *uses,
					   size_t *n);

#endif /* OBOL_TOOLS_CTL_KEYS_H_ */
