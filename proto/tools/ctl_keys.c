/* SPDX-License-Identifier: GPL-2.0-or-later */
/* obolctl keys: the server's keys and their roll-over. */
#include "tools/ctl_keys.h"

#include <stdlib.h>

#include "tools/ctl_commands.h"

bool obol_ctl_key_uses(struct obol_ctl *ctl, struct obol_key_use *uses,
					   size_t *out)
{
	struct obol_store_slot_sets *sets;
	enum obol_status status;
	size_t n, i, j;

	if (!obol_ctl_need_store(ctl) || !obol_ctl_need_keys(ctl))
	{
		return false;
	}
	sets = calloc(1, sizeof(*sets));
	status = sets ? obol_store_run(ctl->store, OBOL_STORE_SLOT_SETS, sets)
				  : OBOL_ERR_NOMEM;
	if (status != OBOL_OK)
	{
		free(sets);
		(void)obol_ctl_fail_store(status, "counting slots");
		return false;
	}
	n = obol_server_keys_count(ctl->keys);
	for (i = 0; i < n; i++)
	{
		uses[i].info = obol_server_keys_info(ctl->keys, i);
		uses[i].is_current = i == n - 1;
		uses[i].n_slots = 0;
		for (j = 0; j < sets->out.n_sets; j++)
		{
			uses[i].n_slots +=
				sets->out.sets[j].key_number == uses[i].info.number
					? sets->out.sets[j].n_slots
					: 0;
		}
	}
	free(sets);
	*out = n;
	return true;
}

/*
 * keys list
 */

static void print_json(const struct obol_key_use *uses, size_t n)
{
	struct obol_json json;
	size_t i;

	obol_json_init(&json, stdout);
	obol_json_begin_array(&json, NULL);
	for (i = 0; i < n; i++)
	{
		obol_json_begin_object(&json, NULL);
		obol_json_number(&json, "number", uses[i].info.number);
		obol_json_number(&json, "created_at", (int64_t)uses[i].info.created_at);
		obol_json_number(&json, "ends_at", (int64_t)uses[i].info.ends_at);
		obol_json_number(&json, "slots", (int64_t)uses[i].n_slots);
		obol_json_bool(&json, "current", uses[i].is_current);
		obol_json_end_object(&json);
	}
	obol_json_end_array(&json);
}

static void print_table(const struct obol_key_use *uses, size_t n)
{
	char made[OBOL_TIME_TEXT_MAX], end[OBOL_TIME_TEXT_MAX];
	size_t i;

	(void)printf("%6s  %-20s  %-20s  %8s\n", "KEY", "MADE", "ENDS", "SLOTS");
	for (i = 0; i < n; i++)
	{
		(void)printf(
			"%6u  %-20s  %-20s  %8llu%s\n", (unsigned)uses[i].info.number,
			obol_output_time(uses[i].info.created_at, made),
			uses[i].info.ends_at ? obol_output_time(uses[i].info.ends_at, end)
								 : "never",
			(unsigned long long)uses[i].n_slots,
			uses[i].is_current ? "  current" : "");
	}
}

int obol_ctl_keys_list(struct obol_ctl *ctl, int argc, char **argv)
{
	const struct obol_option options[] = {
		OBOL_CTL_OPTIONS(ctl),
		OBOL_CTL_JSON(ctl),
	};
	const struct obol_usage usage = {
		.command = "obolctl keys list",
		.arguments = "",
		.about = "List the server's keys and how many slots were made with "
				 "each.",
		.options = options,
		.n_options = sizeof(options) / sizeof(options[0]),
	};
	struct obol_key_use uses[OBOL_SERVER_KEYS_MAX];
	enum obol_options_result result;
	size_t n;

	result = obol_options_parse_one(&usage, argc, argv, NULL);
	if (result != OBOL_OPTIONS_OK)
	{
		return obol_ctl_exit_code(result);
	}
	if (!obol_ctl_key_uses(ctl, uses, &n))
	{
		return OBOL_EXIT_FAILED;
	}
	if (ctl->is_json)
	{
		print_json(uses, n);
	}
	else
	{
		print_table(uses, n);
	}
	return OBOL_EXIT_DONE;
}

/*
 * keys new
 */

static int add_key(struct obol_ctl *ctl, const char *last_day)
{
	uint64_t now = obol_now(ctl->clock), ends_at = 0;
	struct obol_json json;
	char why[OBOL_WHY_MAX];
	uint32_t number;

	if (last_day)
	{
		if (!obol_ctl_moment(last_day, now, &ends_at, why, sizeof(why)))
		{
			return obol_ctl_fail("%s", why);
		}
	}
	if (!obol_ctl_need_config(ctl))
	{
		return OBOL_EXIT_FAILED;
	}
	if (obol_server_keys_add(ctl->config->keys, ctl->rng, now, ends_at, &number,
							 why, sizeof(why)) != OBOL_OK)
	{
		return obol_ctl_fail("%s", why);
	}
	if (ctl->is_json)
	{
		obol_json_init(&json, stdout);
		obol_json_begin_object(&json, NULL);
		obol_json_number(&json, "number", number);
		obol_json_end_object(&json);
		return OBOL_EXIT_DONE;
	}
	(void)printf("key %u is the current one as soon as obold has reloaded: "
				 "systemctl reload obold\n"
				 "Slots move to it at their owners' next login. Make a backup "
				 "of the keys:\nobolctl backup --keys DIRECTORY\n",
				 (unsigned)number);
	return OBOL_EXIT_DONE;
}

int obol_ctl_keys_new(struct obol_ctl *ctl, int argc, char **argv)
{
	const char *last_day = NULL;
	const struct obol_option options[] = {
		{ .name = "last-day",
		  .letter = 'l',
		  .kind = OBOL_OPTION_TEXT,
		  .argument = "WHEN",
		  .help = "the present key ends after it: 2027-12-31, or 90d; never if "
				  "not given",
		  .value = &last_day },
		OBOL_CTL_OPTIONS(ctl),
		OBOL_CTL_JSON(ctl),
	};
	const struct obol_usage usage = {
		.command = "obolctl keys new",
		.arguments = "",
		.about = "Make a new key for the server: new slots get it, and those "
				 "that are there move to it at their owners' next login.",
		.options = options,
		.n_options = sizeof(options) / sizeof(options[0]),
	};
	enum obol_options_result result;

	result = obol_options_parse_one(&usage, argc, argv, NULL);
	return result == OBOL_OPTIONS_OK ? add_key(ctl, last_day)
									 : obol_ctl_exit_code(result);
}

/*
 * keys retire
 */

static bool may_retire(struct obol_ctl *ctl, uint32_t number, bool is_forced)
{
	struct obol_key_use uses[OBOL_SERVER_KEYS_MAX];
	size_t n, i;

	if (!obol_ctl_key_uses(ctl, uses, &n))
	{
		return false;
	}
	for (i = 0; i < n; i++)
	{
		if (uses[i].info.number == number && uses[i].n_slots && !is_forced)
		{
			(void)obol_ctl_fail("%llu slots were made with key %u; their "
								"owners could not log in with them any more: "
								"wait until they have moved, or say --force",
								(unsigned long long)uses[i].n_slots,
								(unsigned)number);
			return false;
		}
	}
	return true;
}

static int retire(struct obol_ctl *ctl, const char *text, bool is_forced)
{
	struct obol_json json;
	char why[OBOL_WHY_MAX];
	uint32_t number;

	if (!obol_options_number(text, 1, UINT32_MAX, &number))
	{
		return obol_ctl_fail("'%s' is no key's number", text);
	}
	if (!may_retire(ctl, number, is_forced))
	{
		return OBOL_EXIT_FAILED;
	}
	if (obol_server_keys_remove(ctl->config->keys, number, why, sizeof(why)) !=
		OBOL_OK)
	{
		return obol_ctl_fail("%s", why);
	}
	if (!ctl->is_json)
	{
		(void)printf("key %u is gone as soon as obold has reloaded: "
					 "systemctl reload obold\n",
					 (unsigned)number);
		return OBOL_EXIT_DONE;
	}
	obol_json_init(&json, stdout);
	obol_json_begin_object(&json, NULL);
	obol_json_number(&json, "number", number);
	obol_json_end_object(&json);
	return OBOL_EXIT_DONE;
}

int obol_ctl_keys_retire(struct obol_ctl *ctl, int argc, char **argv)
{
	bool is_forced = false;
	const struct obol_option options[] = {
		{ .name = "force",
		  .letter = 'f',
		  .kind = OBOL_OPTION_FLAG,
		  .help = "even if slots were made with it: nobody can use them then",
		  .value = &is_forced },
		OBOL_CTL_OPTIONS(ctl),
		OBOL_CTL_JSON(ctl),
	};
	const struct obol_usage usage = {
		.command = "obolctl keys retire",
		.arguments = "NUMBER",
		.about = "Remove one of the server's keys for good.",
		.options = options,
		.n_options = sizeof(options) / sizeof(options[0]),
		.min_arguments = 1,
		.max_arguments = 1,
	};
	enum obol_options_result result;
	const char *argument;

	result = obol_options_parse_one(&usage, argc, argv, &argument);
	return result == OBOL_OPTIONS_OK ? retire(ctl, argument, is_forced)
									 : obol_ctl_exit_code(result);
}
