/* SPDX-License-Identifier: GPL-2.0-or-later */
/* obolctl signer next, signer switch: from one CA to the next where their keys
 * are. No key leaves this machine, and none is moved by hand. */
#include "tools/ctl_ca.h"
#include "tools/ctl_commands.h"
#include "tools/ctl_signer.h"

#include <unistd.h>

struct change {
	struct obol_ctl *ctl;
	struct obol_ctl_cas cas;
	struct obol_ctl_ca_wish wish;
	bool is_forced;
};

static void prefer_signer_config(struct obol_ctl *ctl)
{
	if (strcmp(ctl->config_path, OBOL_CONFIG_PATH) == 0 &&
		access(OBOL_CONFIG_PATH, F_OK) != 0)
	{
		ctl->config_path = OBOL_CTL_SIGNER_CONFIG;
	}
}

/** What both commands are: their options, and the work. */
static int run(struct change *change, const struct obol_usage *usage, int argc,
			   char **argv, int (*work)(struct change *change))
{
	enum obol_options_result result;
	int code;

	prefer_signer_config(change->ctl);
	result = obol_options_parse_one(usage, argc, argv, NULL);
	if (result != OBOL_OPTIONS_OK)
	{
		return obol_ctl_exit_code(result);
	}
	code = work(change);
	obol_ctl_cas_close(&change->cas);
	return code;
}

/*
 * Next
 */

static void print_next(const struct change *change)
{
	const struct obol_ctl_ca *ca = &change->cas.next;
	char fingerprint[2 * OBOL_STORE_ROOT_LEN + 1], end[OBOL_TIME_TEXT_MAX];
	struct obol_json json;

	obol_ctl_ca_fingerprint(obol_ctl_ca_root(ca), fingerprint);
	if (!change->ctl->is_json)
	{
		(void)printf("next CA       %s\nits key       %s\nis good to    %s\n"
					 "root SHA-256  %s\n\n"
					 "next: copy %s to obold's machine, and there:\n"
					 "      obolctl ca next --cert FILE\n",
					 ca->certificate, ca->key,
					 obol_output_time(ca->issuer->not_after, end), fingerprint,
					 ca->certificate);
		return;
	}
	obol_json_init(&json, stdout);
	obol_json_begin_object(&json, NULL);
	obol_json_str(&json, "certificate", ca->certificate);
	obol_json_str(&json, "key", ca->key);
	obol_json_str(&json, "root_sha256", fingerprint);
	obol_json_number(&json, "not_after", (int64_t)ca->issuer->not_after);
	obol_json_end_object(&json);
}

static int do_next(struct change *change)
{
	const struct obol_ctl_ca_wish *wish = &change->wish;

	if (!wish->certificate != !wish->key)
	{
		return obol_ctl_fail("--cert and --key go together");
	}
	if (!obol_ctl_ca_wish_check(wish) ||
		!obol_ctl_cas_open_signer(&change->cas, change->ctl))
	{
		return OBOL_EXIT_FAILED;
	}
	if (!obol_ctl_ca_make_next(&change->cas, wish))
	{
		return obol_ctl_fail("nothing was changed");
	}
	print_next(change);
	return OBOL_EXIT_DONE;
}

int obol_ctl_signer_next(struct obol_ctl *ctl, int argc, char **argv)
{
	struct change change = { .ctl = ctl };
	const struct obol_option options[] = {
		OBOL_CTL_CA_WISH_OPTIONS(&change.wish),
		OBOL_CTL_OPTIONS(ctl),
		OBOL_CTL_JSON(ctl),
	};
	const struct obol_usage usage = {
		.command = "obolctl signer next",
		.arguments = "",
		.about = "Make or take the CA that follows the present one, beside it, "
				 "on the signer's machine. obold's machine gets its "
				 "certificate; nothing is issued by it until obolctl signer "
				 "switch.",
		.options = options,
		.n_options = sizeof(options) / sizeof(options[0]),
	};

	return run(&change, &usage, argc, argv, do_next);
}

/*
 * Switch
 */

static void print_switch(const struct obol_ctl *ctl,
						 const struct obol_ctl_cas *cas)
{
	struct obol_json json;

	if (!ctl->is_json)
	{
		(void)printf("issuing CA    %s\nthe old one   %s\n\n"
					 "next: systemctl reload obol-signer\n"
					 "      obolctl ca switch, on obold's machine, unless that "
					 "was done; until\n"
					 "      both are, no certificate is issued\n"
					 "      once the old CA is retired there: destroy %s\n",
					 cas->present.certificate, cas->old.certificate,
					 cas->old.key);
		return;
	}
	obol_json_init(&json, stdout);
	obol_json_begin_object(&json, NULL);
	obol_json_str(&json, "certificate", cas->present.certificate);
	obol_json_str(&json, "old", cas->old.certificate);
	obol_json_end_object(&json);
}

/** The CA before the present one is kept for as long as its revocation list
 * counts; obold knows how long that is, and the operator from it. */
static bool may_switch(const struct change *change)
{
	const struct obol_ctl_cas *cas = &change->cas;

	if (!cas->next.issuer)
	{
		(void)obol_ctl_fail("there is no next CA here; obolctl signer next "
							"makes or takes one");
		return false;
	}
	if (!change->is_forced && access(cas->old.key, F_OK) == 0)
	{
		(void)obol_ctl_fail("the CA before the present one is still here, %s; "
							"once obolctl ca retire has taken it out of the "
							"set, destroy it, or --force",
							cas->old.key);
		return false;
	}
	return true;
}

static int do_switch(struct change *change)
{
	struct obol_ctl_cas *cas = &change->cas;
	bool done = false;

	if (!obol_ctl_need_config(change->ctl))
	{
		return OBOL_EXIT_FAILED;
	}
	obol_ctl_cas_paths(cas, change->ctl->config);
	if (!obol_ctl_cas_finish_switch(change->ctl, &done))
	{
		done = obol_ctl_cas_open_signer(cas, change->ctl) &&
			   may_switch(change) && obol_ctl_cas_switch_files(cas);
	}
	if (!done || !obol_ctl_cas_end_switch(cas))
	{
		return OBOL_EXIT_FAILED;
	}
	print_switch(change->ctl, cas);
	return OBOL_EXIT_DONE;
}

int obol_ctl_signer_switch(struct obol_ctl *ctl, int argc, char **argv)
{
	struct change change = { .ctl = ctl };
	const struct obol_option options[] = {
		OBOL_FLAG_OPTION("force", 'f',
						 "even if the CA before the present one is still here",
						 &change.is_forced),
		OBOL_CTL_OPTIONS(ctl),
		OBOL_CTL_JSON(ctl),
	};
	const struct obol_usage usage = {
		.command = "obolctl signer switch",
		.arguments = "",
		.about = "Have the next CA sign from now on, in the present one's "
				 "place, on the signer's machine. obolctl ca switch, on "
				 "obold's, does the same to its certificates, and says whether "
				 "it is time.",
		.options = options,
		.n_options = sizeof(options) / sizeof(options[0]),
	};

	return run(&change, &usage, argc, argv, do_switch);
}
