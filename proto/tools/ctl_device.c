/* SPDX-License-Identifier: GPL-2.0-or-later */
/* obolctl device list and revoke. */
#include "tools/ctl_commands.h"

#include "tools/ctl_control.h"
#include "tools/ctl_revoked.h"

#include <stdlib.h>

/** Digits of a device id that are enough to name it. */
#define ID_DIGITS_MIN 4

struct device {
	struct obol_ctl *ctl;
	struct obol_account account;
	/** its slots */
	struct obol_store_slot_list slots;
};

/** Read the command line, find the account, ask for its slots; -1 to go on. */
static int begin(struct device *device, const struct obol_usage *usage,
				 int argc, char **argv, char ***args)
{
	enum obol_options_result result;
	enum obol_status status;
	int n;

	result = obol_options_parse(usage, argc, argv, args, &n);
	if (result != OBOL_OPTIONS_OK)
	{
		return obol_ctl_exit_code(result);
	}
	if (!obol_ctl_find(device->ctl, (*args)[0], &device->account))
	{
		return OBOL_EXIT_FAILED;
	}
	device->slots.in = obol_ctl_request(device->ctl, &device->account);
	status = obol_store_run(device->ctl->store, OBOL_STORE_SLOT_LIST,
							&device->slots);
	return status == OBOL_OK ? -1
							 : obol_ctl_fail_store(status, "reading devices");
}

static void print_json(const struct device *device)
{
	struct obol_json json;
	size_t i;

	obol_json_init(&json, stdout);
	obol_json_begin_array(&json, NULL);
	for (i = 0; i < device->slots.out.n_slots; i++)
	{
		const struct obol_slot *slot = &device->slots.out.slots[i];

		if (slot->kind != OBOL_SLOT_DEVICE)
		{
			continue;
		}
		obol_json_begin_object(&json, NULL);
		obol_json_str(&json, "name", slot->label);
		obol_json_hex(&json, "id",
					  obol_bytes(slot->device_id, OBOL_DEVICE_ID_LEN));
		obol_json_number(&json, "created_at", (int64_t)slot->created_at);
		obol_json_number(&json, "last_used_at", (int64_t)slot->last_used_at);
		obol_json_str(&json, "last_source", slot->last_source);
		obol_json_end_object(&json);
	}
	obol_json_end_array(&json);
}

static void print_text(const struct device *device)
{
	char id[2 * OBOL_DEVICE_ID_LEN + 1];
	char created[OBOL_TIME_TEXT_MAX], used[OBOL_TIME_TEXT_MAX];
	size_t n = 0, i;

	for (i = 0; i < device->slots.out.n_slots; i++)
	{
		const struct obol_slot *slot = &device->slots.out.slots[i];

		if (slot->kind != OBOL_SLOT_DEVICE)
		{
			continue;
		}
		if (n++ == 0)
		{
			(void)printf("%-20s %-10s %-16s %-16s %s\n", "NAME", "ID", "MADE",
						 "LAST USED", "FROM");
		}
		obol_output_hex(obol_bytes(slot->device_id, 4), id);
		obol_output_text(stdout, obol_bytes_str(slot->label), 20);
		(void)printf(" %-10s %-16s %-16s ", id,
					 obol_output_time(slot->created_at, created),
					 obol_output_time(slot->last_used_at, used));
		obol_output_text(stdout, obol_bytes_str(slot->last_source), 0);
		(void)putchar('\n');
	}
	if (n == 0)
	{
		(void)printf("account '%s' has no devices\n", device->account.name);
	}
}

int obol_ctl_device_list(struct obol_ctl *ctl, int argc, char **argv)
{
	const struct obol_option options[] = {
		OBOL_CTL_OPTIONS(ctl),
		OBOL_CTL_CONTROL(ctl),
		OBOL_CTL_JSON(ctl),
	};
	const struct obol_usage usage = {
		.command = "obolctl device list",
		.arguments = "ACCOUNT",
		.about = "List an account's devices.",
		.options = options,
		.n_options = sizeof(options) / sizeof(options[0]),
		.min_arguments = 1,
		.max_arguments = 1,
	};
	struct device *device = calloc(1, sizeof(*device));
	char **args;
	int code;

	if (!device)
	{
		return obol_ctl_fail("memory ran out");
	}
	device->ctl = ctl;
	code = begin(device, &usage, argc, argv, &args);
	if (code < 0)
	{
		code = OBOL_EXIT_DONE;
		ctl->is_json ? print_json(device) : print_text(device);
	}
	free(device);
	return code;
}

/** By its name, or by the first digits of its id; false, with the reason said,
 * when there is none or more than one. */
static bool find(const struct device *device, const char *wanted,
				 const struct obol_slot **found)
{
	char id[2 * OBOL_DEVICE_ID_LEN + 1];
	size_t len = strlen(wanted);
	size_t n = 0, i;

	for (i = 0; i < device->slots.out.n_slots; i++)
	{
		const struct obol_slot *slot = &device->slots.out.slots[i];

		if (slot->kind != OBOL_SLOT_DEVICE)
		{
			continue;
		}
		obol_output_hex(obol_bytes(slot->device_id, OBOL_DEVICE_ID_LEN), id);
		if (strcmp(slot->label, wanted) == 0 ||
			(len >= ID_DIGITS_MIN && strncmp(id, wanted, len) == 0))
		{
			*found = slot;
			n++;
		}
	}
	if (n != 1)
	{
		(void)obol_ctl_fail(n ? "more than one device of '%s' is called that; "
								"name it by its id, see obolctl device list"
							  : "account '%s' has no such device; obolctl "
								"device list has them all",
							device->account.name);
	}
	return n == 1;
}

static int revoke(struct device *device, const struct obol_slot *slot)
{
	struct obol_store_slot_delete arg = {
		.in = { .request = obol_ctl_request(device->ctl, &device->account),
				.kind = OBOL_SLOT_DEVICE }
	};
	enum obol_status status;
	struct obol_json json;

	memcpy(arg.in.device_id, slot->device_id, OBOL_DEVICE_ID_LEN);
	status = obol_store_run(device->ctl->store, OBOL_STORE_SLOT_DELETE, &arg);
	if (status != OBOL_OK)
	{
		return obol_ctl_fail_change(device->ctl, status, "revoking the device");
	}
	if (!device->ctl->is_json)
	{
		(void)fputs("device '", stdout);
		obol_output_text(stdout, obol_bytes_str(slot->label), 0);
		(void)printf("' of account '%s' revoked", device->account.name);
		obol_ctl_revoked_say(device->ctl, &arg.out.revoked);
		/* an old PKI's may be, and its operator must know */
		(void)puts(arg.out.revoked.n_certificates
					   ? ""
					   : "; no certificate from here was good");
		return OBOL_EXIT_DONE;
	}
	obol_json_init(&json, stdout);
	obol_json_begin_object(&json, NULL);
	obol_json_str(&json, "account", device->account.name);
	obol_json_str(&json, "device", slot->label);
	obol_json_hex(&json, "id", obol_bytes(slot->device_id, OBOL_DEVICE_ID_LEN));
	obol_json_str(&json, "done", "revoked");
	obol_ctl_revoked_json(device->ctl, &json, &arg.out.revoked);
	obol_json_end_object(&json);
	return OBOL_EXIT_DONE;
}

int obol_ctl_device_revoke(struct obol_ctl *ctl, int argc, char **argv)
{
	const struct obol_option options[] = {
		OBOL_CTL_OPTIONS(ctl),
		OBOL_CTL_CONTROL(ctl),
		OBOL_CTL_JSON(ctl),
	};
	const struct obol_usage usage = {
		.command = "obolctl device revoke",
		.arguments = "ACCOUNT DEVICE",
		.about =
			"End a device's access: it is named by its name, or by the "
			"first digits of its id. Its open connections end too, and the "
			"certificates that it may hold are revoked; other devices "
			"get a new one by themselves.",
		.options = options,
		.n_options = sizeof(options) / sizeof(options[0]),
		.min_arguments = 2,
		.max_arguments = 2,
	};
	struct device *device = calloc(1, sizeof(*device));
	const struct obol_slot *slot = NULL;
	char **args;
	int code;

	if (!device)
	{
		return obol_ctl_fail("memory ran out");
	}
	device->ctl = ctl;
	code = begin(device, &usage, argc, argv, &args);
	if (code < 0)
	{
		code = find(device, args[1], &slot) ? revoke(device, slot)
											: OBOL_EXIT_FAILED;
	}
	free(device);
	return code;
}
