/* SPDX-License-Identifier: GPL-2.0-or-later */
/* obolctl account set: change an account's record. */
#include "tools/ctl_commands.h"

#include "tools/ctl_account_fill.h"
#include "wire/words.h"

struct set {
	struct obol_ctl *ctl;
	struct obol_ctl_account_wish wish;
	/** as it is, and as it shall be */
	struct obol_account account;
	struct obol_account wanted;
	unsigned fields;
	/** what is changed, for the audit trail */
	char detail[OBOL_TEXT_MAX + 1];
};

static enum obol_options_result read_options(struct set *set, int argc,
											 char **argv)
{
	const struct obol_option options[] = {
		OBOL_TEXT_OPTION("identity", 'i', "ID",
						 "IKE identity; default is NAME@DOMAIN",
						 &set->wish.identity),
		OBOL_TEXT_OPTION("lifetime", 'l', "TIME",
						 "of the certificates issued from now on, such as 30d, "
						 "or default",
						 &set->wish.lifetime),
		OBOL_TEXT_OPTION("expires", 'e', "WHEN",
						 "end of the account: 2026-12-31, 90d, "
						 "\"2026-12-31 18:00 Europe/Berlin\", never",
						 &set->wish.expires),
		OBOL_TEXT_OPTION("mode", 'm', "MODE", OBOL_MODE_WORDS ", default",
						 &set->wish.mode),
		OBOL_TEXT_OPTION("key-type", 'k', "TYPE",
						 OBOL_KEY_TYPE_WORDS ", default", &set->wish.key_type),
		OBOL_CTL_OPTIONS(set->ctl),
		OBOL_CTL_JSON(set->ctl),
	};
	const struct obol_usage usage = {
		.command = "obolctl account set",
		.arguments = "NAME",
		.about = "Change an account. Devices follow at their next login; "
				 "certificates that were issued stay as they are until they "
				 "are renewed.",
		.options = options,
		.n_options = sizeof(options) / sizeof(options[0]),
		.min_arguments = 1,
		.max_arguments = 1,
	};

	return obol_options_parse_one(&usage, argc, argv, &set->wish.name);
}

static void note(struct set *set, enum obol_account_field field,
				 const char *what, const char *value)
{
	size_t used = strlen(set->detail);

	if (!value)
	{
		return;
	}
	set->fields |= field;
	(void)snprintf(set->detail + used, sizeof(set->detail) - used, "%s%s %s",
				   used ? ", " : "", what, value);
}

static bool check(struct set *set)
{
	char why[OBOL_WHY_MAX];

	/* the name is there, so an identity can be made of it */
	set->wanted = set->account;
	if (!obol_ctl_account_refill(set->ctl, &set->wish, &set->wanted, why,
								 sizeof(why)))
	{
		(void)obol_ctl_fail("%s", why);
		return false;
	}
	note(set, OBOL_ACCOUNT_IDENTITY, "identity", set->wish.identity);
	note(set, OBOL_ACCOUNT_LIFETIME, "lifetime", set->wish.lifetime);
	note(set, OBOL_ACCOUNT_EXPIRES, "expires", set->wish.expires);
	note(set, OBOL_ACCOUNT_MODE, "mode", set->wish.mode);
	note(set, OBOL_ACCOUNT_KEY_TYPE, "key-type", set->wish.key_type);
	if (!set->fields)
	{
		(void)obol_ctl_fail("nothing to change: give --identity, --lifetime, "
							"--expires, --mode or --key-type");
		return false;
	}
	return true;
}

static int work(struct set *set)
{
	struct obol_store_account_set arg = {
		.in = { .account_id = set->account.id,
				.fields = set->fields,
				.account = &set->wanted,
				.detail = obol_bytes_str(set->detail),
				.actor = set->ctl->actor,
				.now = obol_now(set->ctl->clock) }
	};
	struct obol_json json;
	enum obol_status status =
		obol_store_run(set->ctl->store, OBOL_STORE_ACCOUNT_SET, &arg);

	if (status != OBOL_OK)
	{
		return obol_ctl_fail_store(status, "changing the account");
	}
	if (!set->ctl->is_json)
	{
		(void)printf("account '%s' changed: %s\n", set->account.name,
					 set->detail);
		return OBOL_EXIT_DONE;
	}
	obol_json_init(&json, stdout);
	obol_json_begin_object(&json, NULL);
	obol_json_str(&json, "account", set->account.name);
	obol_json_str(&json, "changed", set->detail);
	obol_json_end_object(&json);
	return OBOL_EXIT_DONE;
}

int obol_ctl_account_set(struct obol_ctl *ctl, int argc, char **argv)
{
	struct set set = { .ctl = ctl };
	enum obol_options_result result = read_options(&set, argc, argv);

	if (result != OBOL_OPTIONS_OK)
	{
		return obol_ctl_exit_code(result);
	}
	if (!obol_ctl_find(ctl, set.wish.name, &set.account) || !check(&set))
	{
		return OBOL_EXIT_FAILED;
	}
	return work(&set);
}
