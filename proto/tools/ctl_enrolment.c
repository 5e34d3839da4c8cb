/* SPDX-License-Identifier: GPL-2.0-or-later */
/* obolctl enrolment add, list, revoke: teams' codes, which make accounts. */
#include "tools/ctl_commands.h"

#include <stdlib.h>

#include "account/name_pattern.h"
#include "base/precis.h"
#include "seal/code.h"
#include "store/store_enrol.h"
#include "server/activation.h"
#include "tools/ctl_listing.h"

#define PAGE 100
#define DAY_S ((uint64_t)86400)
/** Days that a code is good for, at most and unless the operator says so. */
#define DAYS_MAX 365
#define DAYS_DEFAULT 14

struct add {
	struct obol_ctl *ctl;
	uint32_t uses;
	uint32_t days;
	const char *names;
	bool approve;
	struct obol_enrolment enrolment;
	/** for people */
	struct obol_secret *text;
};

/*
 * Names of teams
 */

static bool read_team(const char *typed, char team[OBOL_LABEL_MAX + 1])
{
	char name[OBOL_NAME_MAX + 1];

	if (obol_precis_username(obol_bytes_str(typed), name, sizeof(name)) !=
			OBOL_OK ||
		strlen(name) > OBOL_LABEL_MAX)
	{
		(void)obol_ctl_fail("a team's name has 1 to %d bytes of UTF-8, "
							"letters, digits and punctuation, without spaces, "
							"':' and '@'",
							OBOL_LABEL_MAX);
		return false;
	}
	memcpy(team, name, strlen(name) + 1);
	return true;
}

/*
 * add
 */

static enum obol_options_result read_options(struct add *add, int argc,
											 char **argv, const char **team)
{
	const struct obol_option options[] = {
		{ .name = "uses",
		  .letter = 'u',
		  .kind = OBOL_OPTION_NUMBER,
		  .argument = "N",
		  .help = "accounts that it makes, 1 unless given",
		  .value = &add->uses,
		  .min = 1,
		  .max = OBOL_ENROLMENT_USES_MAX },
		{ .name = "days",
		  .letter = 'd',
		  .kind = OBOL_OPTION_NUMBER,
		  .argument = "D",
		  .help = "how long it is good, 14 unless given",
		  .value = &add->days,
		  .min = 1,
		  .max = DAYS_MAX },
		OBOL_TEXT_OPTION("names", 'n', "PATTERN",
						 "names that it is good for, such as 'ext-*'; '*' "
						 "stands for any characters, '?' for one",
						 &add->names),
		OBOL_FLAG_OPTION("approve", 'a', "its accounts wait for your approval",
						 &add->approve),
		OBOL_CTL_OPTIONS(add->ctl),
		OBOL_CTL_JSON(add->ctl),
	};
	const struct obol_usage usage = {
		.command = "obolctl enrolment add",
		.arguments = "TEAM",
		.about = "Make a team's enrolment code, with which its people make "
				 "their accounts themselves. Who has the code can make "
				 "accounts, and can pose as the server to others who have it.",
		.options = options,
		.n_options = sizeof(options) / sizeof(options[0]),
		.min_arguments = 1,
		.max_arguments = 1,
	};

	return obol_options_parse_one(&usage, argc, argv, team);
}

static bool check(struct add *add, const char *team)
{
	char names[OBOL_NAME_MAX + 1];

	if (!read_team(team, add->enrolment.name))
	{
		return false;
	}
	/* '*' and '?' pass: both may stand in names */
	if (obol_precis_username(obol_bytes_str(add->names), names,
							 sizeof(names)) != OBOL_OK)
	{
		(void)obol_ctl_fail("a pattern has the characters of names, and '*' "
							"and '?'");
		return false;
	}
	memcpy(add->enrolment.names, names, strlen(names) + 1);
	add->enrolment.uses = add->uses;
	add->enrolment.approve = add->approve;
	add->enrolment.expires_at = obol_now(add->ctl->clock) + add->days * DAY_S;
	return true;
}

static enum obol_status make_code(struct add *add)
{
	struct obol_activation_server server = {
		.rng = add->ctl->rng,
		.store = add->ctl->store,
		.keys = obol_server_keys_operations(add->ctl->keys),
		.key_number = obol_server_keys_current(add->ctl->keys),
	};
	struct obol_secret *secret = NULL;
	enum obol_status status =
		obol_code_new(add->ctl->rng, OBOL_ACTIVATION_BITS, &secret, &add->text);

	if (status == OBOL_OK)
	{
		add->enrolment.key_number = server.key_number;
		status = obol_enrolment_register(&server, add->enrolment.name, secret,
										 add->enrolment.record);
	}
	obol_secret_free(secret);
	return status;
}

static bool store(const struct add *add)
{
	struct obol_store_enrolment_add arg = { .in = { .enrolment = add->enrolment,
													.actor = add->ctl->actor,
													.now = obol_now(
														add->ctl->clock) } };
	enum obol_status status =
		obol_store_run(add->ctl->store, OBOL_STORE_ENROLMENT_ADD, &arg);

	if (status == OBOL_ERR_EXISTS)
	{
		(void)obol_ctl_fail("team '%s' has a code that is still good; obolctl "
							"enrolment revoke ends it",
							add->enrolment.name);
	}
	else if (status != OBOL_OK)
	{
		(void)obol_ctl_fail_store(status, "keeping the code");
	}
	return status == OBOL_OK;
}

static void print_json(const struct add *add)
{
	struct obol_json json;

	obol_json_init(&json, stdout);
	obol_json_begin_object(&json, NULL);
	obol_json_str(&json, "team", add->enrolment.name);
	obol_json_str(&json, "server", add->ctl->config->server_name);
	obol_json_text(&json, "code", obol_secret_view(add->text));
	obol_json_number(&json, "uses", add->enrolment.uses);
	obol_json_number(&json, "expires_at", (int64_t)add->enrolment.expires_at);
	obol_json_str(&json, "names", add->enrolment.names);
	obol_json_bool(&json, "approve", add->enrolment.approve);
	obol_json_end_object(&json);
}

static void print(const struct add *add)
{
	struct obol_bytes shown = obol_secret_view(add->text);
	char until[OBOL_TIME_TEXT_MAX];

	if (add->ctl->is_json)
	{
		print_json(add);
		return;
	}
	(void)printf("team '%s' may enrol\n\n", add->enrolment.name);
	(void)printf("  enrolment code   %.*s\n", (int)shown.len,
				 (const char *)shown.ptr);
	(void)printf("  good until       %s, for %lu account(s)\n",
				 obol_output_time(add->enrolment.expires_at, until),
				 (unsigned long)add->enrolment.uses);
	(void)printf("  names            %s\n", add->enrolment.names);
	(void)printf("  each user runs   obol enrol --team %s NAME@%s\n",
				 add->enrolment.name, add->ctl->config->server_name);
	if (add->enrolment.approve)
	{
		(void)printf("  you approve      obolctl account list --waiting, "
					 "obolctl account approve NAME\n");
	}
}

int obol_ctl_enrolment_add(struct obol_ctl *ctl, int argc, char **argv)
{
	struct add add = { .ctl = ctl,
					   .uses = 1,
					   .days = DAYS_DEFAULT,
					   .names = OBOL_NAME_PATTERN_ANY };
	const char *team = NULL;
	enum obol_options_result result = read_options(&add, argc, argv, &team);
	int exit_code = OBOL_EXIT_FAILED;
	enum obol_status status;

	if (result != OBOL_OPTIONS_OK)
	{
		return obol_ctl_exit_code(result);
	}
	if (!check(&add, team) || !obol_ctl_need_store(ctl) ||
		!obol_ctl_need_keys(ctl))
	{
		return exit_code;
	}
	status = make_code(&add);
	if (status != OBOL_OK)
	{
		(void)obol_ctl_fail("no code could be made: %s",
							obol_status_name(status));
	}
	else if (store(&add))
	{
		print(&add);
		exit_code = OBOL_EXIT_DONE;
	}
	obol_secret_free(add.text);
	return exit_code;
}

/*
 * list
 */

static const char *state_of(const struct obol_enrolment *enrolment,
							uint64_t now)
{
	if (enrolment->expires_at <= now)
	{
		return "expired";
	}
	return enrolment->uses_left ? "good" : "used up";
}

static void print_line(struct obol_ctl_listing *list,
					   const struct obol_enrolment *enrolment)
{
	char end[OBOL_TIME_TEXT_MAX], used[OBOL_TIME_TEXT_MAX];

	if (list->ctl->is_json)
	{
		obol_json_begin_object(&list->json, NULL);
		obol_json_str(&list->json, "team", enrolment->name);
		obol_json_str(&list->json, "state", state_of(enrolment, list->now));
		obol_json_number(&list->json, "uses", enrolment->uses);
		obol_json_number(&list->json, "uses_left", enrolment->uses_left);
		obol_json_number(&list->json, "created_at",
						 (int64_t)enrolment->created_at);
		obol_json_number(&list->json, "expires_at",
						 (int64_t)enrolment->expires_at);
		obol_json_number(&list->json, "last_used_at",
						 (int64_t)enrolment->last_used_at);
		obol_json_str(&list->json, "names", enrolment->names);
		obol_json_bool(&list->json, "approve", enrolment->approve);
		obol_json_end_object(&list->json);
		return;
	}
	if (list->n == 0)
	{
		(void)printf("%-20s %-8s %-11s %-16s %-16s %-8s %s\n", "TEAM", "STATE",
					 "LEFT", "GOOD UNTIL", "LAST LOGIN", "APPROVAL", "NAMES");
	}
	obol_output_text(stdout, obol_bytes_str(enrolment->name), 20);
	(void)printf(
		" %-8s %5lu/%-5lu %-16s %-16s %-8s ", state_of(enrolment, list->now),
		(unsigned long)enrolment->uses_left, (unsigned long)enrolment->uses,
		obol_output_time(enrolment->expires_at, end),
		obol_output_time(enrolment->last_used_at, used),
		enrolment->approve ? "yes" : "no");
	obol_output_text(stdout, obol_bytes_str(enrolment->names), 0);
	(void)putchar('\n');
}

static enum obol_status print_all(struct obol_ctl_listing *list)
{
	struct obol_store_enrolment_list arg = { .in = { .limit = PAGE } };
	char after[OBOL_LABEL_MAX + 1] = "";
	enum obol_status status;
	size_t i;

	do
	{
		arg.in.after = obol_bytes_str(after);
		status =
			obol_store_run(list->ctl->store, OBOL_STORE_ENROLMENT_LIST, &arg);
		for (i = 0; status == OBOL_OK && i < arg.out.n_enrolments; i++)
		{
			print_line(list, &arg.out.enrolments[i]);
			list->n++;
			(void)snprintf(after, sizeof(after), "%s",
						   arg.out.enrolments[i].name);
		}
	} while (status == OBOL_OK && arg.out.n_enrolments == PAGE);
	return status;
}

int obol_ctl_enrolment_list(struct obol_ctl *ctl, int argc, char **argv)
{
	struct obol_ctl_listing list;
	const struct obol_option options[] = {
		OBOL_CTL_OPTIONS(ctl),
		OBOL_CTL_JSON(ctl),
	};
	const struct obol_usage usage = {
		.command = "obolctl enrolment list",
		.arguments = "",
		.about = "List the teams' codes, without the codes themselves.",
		.options = options,
		.n_options = sizeof(options) / sizeof(options[0]),
	};
	enum obol_options_result result;
	enum obol_status status;

	result = obol_options_parse_one(&usage, argc, argv, NULL);
	if (result != OBOL_OPTIONS_OK)
	{
		return obol_ctl_exit_code(result);
	}
	if (!obol_ctl_listing_begin(&list, ctl))
	{
		return OBOL_EXIT_FAILED;
	}
	status = print_all(&list);
	return obol_ctl_listing_end(
		&list, status, "listing codes",
		"there are no codes; obolctl enrolment add TEAM makes one");
}

/*
 * revoke
 */

int obol_ctl_enrolment_revoke(struct obol_ctl *ctl, int argc, char **argv)
{
	const struct obol_option options[] = {
		OBOL_CTL_OPTIONS(ctl),
		OBOL_CTL_JSON(ctl),
	};
	const struct obol_usage usage = {
		.command = "obolctl enrolment revoke",
		.arguments = "TEAM",
		.about = "End a team's code at once. The accounts that were made with "
				 "it stay.",
		.options = options,
		.n_options = sizeof(options) / sizeof(options[0]),
		.min_arguments = 1,
		.max_arguments = 1,
	};
	struct obol_store_enrolment_revoke arg = { .in = { .now = 0 } };
	char team[OBOL_LABEL_MAX + 1];
	enum obol_options_result result;
	enum obol_status status;
	struct obol_json json;
	const char *argument;

	result = obol_options_parse_one(&usage, argc, argv, &argument);
	if (result != OBOL_OPTIONS_OK)
	{
		return obol_ctl_exit_code(result);
	}
	if (!read_team(argument, team) || !obol_ctl_need_store(ctl))
	{
		return OBOL_EXIT_FAILED;
	}
	arg.in.name = obol_bytes_str(team);
	arg.in.actor = ctl->actor;
	arg.in.now = obol_now(ctl->clock);
	status = obol_store_run(ctl->store, OBOL_STORE_ENROLMENT_REVOKE, &arg);
	if (status == OBOL_ERR_NOT_FOUND)
	{
		return obol_ctl_fail("there is no team '%s'; obolctl enrolment list "
							 "lists them",
							 team);
	}
	if (status != OBOL_OK)
	{
		return obol_ctl_fail_store(status, "ending the code");
	}
	if (!ctl->is_json)
	{
		(void)printf("team '%s' may enrol no more\n", team);
		return OBOL_EXIT_DONE;
	}
	obol_json_init(&json, stdout);
	obol_json_begin_object(&json, NULL);
	obol_json_str(&json, "team", team);
	obol_json_str(&json, "done", "revoked");
	obol_json_end_object(&json);
	return OBOL_EXIT_DONE;
}
