/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * The name under which a user sees a device.
 */
#ifndef OBOL_TOOLS_DEVICE_LABEL_H_
#define OBOL_TOOLS_DEVICE_LABEL_H_

#include <stdbool.h>

#include "wire/registry.h"

/**
 * A device's name as asked for, or this machine's host name.
 *
 * @param asked	NULL for the host name
 * @return		false when it is empty, too long, or acts on terminals
 */
bool device_label(const char *asked, char label[OBOL_LABEL_MAX + 1]);

#endif /* OBOL_TOOLS_DEVICE_LABEL_H_ */
