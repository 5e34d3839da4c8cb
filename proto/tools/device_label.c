/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The name under which a user sees a device. */
#include "tools/device_label.h"

#include <string.h>
#include <unistd.h>

#include "tools/text.h"

bool device_label(const char *asked, char label[OBOL_LABEL_MAX + 1])
{
	char host[256] = "", cleaned[512];

	if (!asked)
	{
		if (gethostname(host, sizeof(host) - 1) || !host[0])
		{
			(void)snprintf(host, sizeof(host), "device");
		}
		/* without the domain; a longer name is cut, nobody chose it here */
		host[strcspn(host, ".")] = '\0';
		(void)text_clean(label, OBOL_LABEL_MAX + 1, host);
		return label[0] != '\0';
	}
	if (!*asked || strlen(asked) > OBOL_LABEL_MAX ||
		strcmp(text_clean(cleaned, sizeof(cleaned), asked), asked) != 0)
	{
		return false;
	}
	memcpy(label, asked, strlen(asked) + 1);
	return true;
}
