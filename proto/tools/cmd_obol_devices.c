/* SPDX-License-Identifier: GPL-2.0-or-later */
/* obol devices */
#include "tools/cmd_obol.h"

#include <stdlib.h>
#include <string.h>

#include "tools/text.h"

struct devices_options {
	struct common_options common;
	/* action, device */
	const char *words[2];
	size_t n_words;
	bool yes;
};

static const struct option_row rows[] = {
	{ "yes", 'y', OBOL_OPTION_FLAG, offsetof(struct devices_options, yes), NULL,
	  "do not ask", 0, 0 },
};

static enum obol_cause parse(struct tool *tool, const struct command *command,
							 int argc, char **argv,
							 struct devices_options *options)
{
	struct option_words words = { options->words, 2, 0 };
	enum obol_cause cause;

	memset(options, 0, sizeof(*options));
	common_options_init(&options->common);
	cause = tool_parse(tool, command, argc, argv, options, &words);
	options->n_words = words.n;
	return cause;
}

static enum obol_cause check(struct tool *tool,
							 const struct devices_options *options)
{
	bool lists = options->n_words == 0 ||
				 (options->n_words == 1 && !strcmp(options->words[0], "list"));
	bool revokes =
		options->n_words == 2 && !strcmp(options->words[0], "revoke");

	return lists || revokes
			   ? OBOL_CAUSE_NONE
			   : tool_fail(tool, OBOL_CAUSE_CONFIG,
						   "obol devices knows: list, revoke NAME");
}

/* The device with this name, or whose id starts so. */
static bool is_meant(const struct obol_slot_info *slot, const char *name)
{
	char id[2 * OBOL_CLIENT_DEVICE_LEN + 1];
	size_t len = strlen(name);
	size_t i;

	if (slot->kind != OBOL_SLOT_DEVICE)
	{
		return false;
	}
	for (i = 0; i < OBOL_CLIENT_DEVICE_LEN; i++)
	{
		(void)snprintf(id + 2 * i, 3, "%02x", slot->device_id[i]);
	}
	return !strcmp(slot->label, name) ||
		   (len >= 8 && len < sizeof(id) && !strncmp(id, name, len));
}

static enum obol_cause find_device(struct tool *tool, const char *name,
								   struct obol_slot_info *found)
{
	struct obol_slot_info *slots = NULL;
	size_t n = 0, n_meant = 0;
	size_t i;

	if (obol_client_slots(tool->client, &slots, &n) != OBOL_OK)
	{
		return tool_fail_client(tool);
	}
	for (i = 0; i < n; i++)
	{
		if (is_meant(&slots[i], name))
		{
			*found = slots[i];
			n_meant++;
		}
	}
	free(slots);
	if (n_meant == 0)
	{
		return tool_fail(tool, OBOL_CAUSE_NOT_FOUND,
						 "there is no such device; obol devices lists them");
	}
	if (n_meant > 1)
	{
		return tool_fail(tool, OBOL_CAUSE_CONFIG,
						 "%zu devices have this name; give the id that obol "
						 "devices shows",
						 n_meant);
	}
	return OBOL_CAUSE_NONE;
}

static enum obol_cause revoke(struct tool *tool,
							  const struct devices_options *options)
{
	struct obol_slot_info device;
	char label[2 * sizeof(device.label)], used[TEXT_TIME_MAX];
	enum obol_cause cause = tool_login_password(tool);

	if (cause == OBOL_CAUSE_NONE)
	{
		cause = find_device(tool, options->words[1], &device);
	}
	if (cause != OBOL_CAUSE_NONE)
	{
		return cause;
	}
	(void)text_clean(label, sizeof(label), device.label);
	if (!options->yes &&
		!tool_confirm(tool, false, "End the device %s, last used %s?", label,
					  text_age(used, device.last_used_at, tool_now())))
	{
		return tool_fail(tool, OBOL_CAUSE_ABORTED,
						 "nothing was ended; --yes ends it without a question");
	}
	if (!options->yes)
	{
		cause = tool_login_again(tool);
	}
	if (cause == OBOL_CAUSE_NONE &&
		obol_client_delete_slot(tool->client, OBOL_SLOT_DEVICE,
								device.device_id) != OBOL_OK)
	{
		cause = tool_fail_client(tool);
	}
	if (cause != OBOL_CAUSE_NONE)
	{
		return cause;
	}
	if (tool->common.json)
	{
		obol_json_str(&tool->json, "revoked", device.label);
		return OBOL_CAUSE_NONE;
	}
	tool_say(tool,
			 "%s can no longer log in, and the certificates that it may hold "
			 "are revoked. The\naccount's other devices get a new one by "
			 "themselves; those without the plugin need\nobol renew and obol "
			 "get.",
			 label);
	return OBOL_CAUSE_NONE;
}

static enum obol_cause do_devices(struct tool *tool,
								  const struct devices_options *options)
{
	enum obol_cause cause = tool_open(tool);

	if (cause == OBOL_CAUSE_NONE && options->n_words == 2)
	{
		return revoke(tool, options);
	}
	if (cause == OBOL_CAUSE_NONE)
	{
		cause = tool_login(tool);
	}
	return cause == OBOL_CAUSE_NONE
			   ? tool_list_slots(tool, "Ways into the account:")
			   : cause;
}

static enum obol_cause run(struct tool *tool, const struct command *command,
						   int argc, char **argv)
{
	struct devices_options options;
	enum obol_cause cause = parse(tool, command, argc, argv, &options);

	if (cause != OBOL_CAUSE_NONE || tool->is_help)
	{
		return cause;
	}
	cause = check(tool, &options);
	return cause == OBOL_CAUSE_NONE ? do_devices(tool, &options) : cause;
}

const struct command cmd_obol_devices = {
	.name = "devices",
	.usage = "[list | revoke NAME]",
	.summary = "list what opens the account, or end a device",
	.text = "Lists password, codes and devices that open the account, with age "
			"and last use; revoke ends a device by its name or id, with the "
			"certificates that it may hold, and wants the password.",
	.options = { rows, sizeof(rows) / sizeof(rows[0]) },
	.run = run,
};
