/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * What obolctl's commands share: what they work on, opened when they ask for
 * it, and how they say what is wrong. A command reads its options into a
 * struct, checks it, and works; it returns the exit code.
 */
#ifndef OBOL_TOOLS_CTL_H_
#define OBOL_TOOLS_CTL_H_

#include "base/clock.h"
#include "base/log.h"
#include "base/rng.h"
#include "daemon/config.h"
#include "issue/issuer.h"
#include "server/keys.h"
#include "store/store_operator.h"
#include "store/store_open.h"
#include "tools/options.h"
#include "tools/output.h"

/** Exit codes: done; not done, standard error says why; OBOL_EXIT_USAGE. */
#define OBOL_EXIT_DONE 0
#define OBOL_EXIT_FAILED 1
/** of status alone */
#define OBOL_CTL_EXIT_NOT_WELL 3

/** A sentence for the operator. */
#define OBOL_WHY_MAX 1024

struct obol_ctl {
	struct obol_rng *rng;
	struct obol_clock *clock;
	struct obol_log log;
	/** who acts: the operator's login name */
	struct obol_store_actor actor;
	/** options that every command has */
	const char *config_path;
	bool is_json;
	/** obold's control socket, NULL to open the database */
	const char *control_path;
	/** the command is one that a help desk has */
	bool is_for_control;
	/** the store is behind the control socket; there are no keys then */
	bool is_control;
	/** opened by obol_ctl_need_*(), closed at the end */
	struct obol_config *config;
	struct obol_store *store;
	struct obol_server_keys *keys;
	struct obol_issuer *issuer;
	/** where a CA's key may be */
	struct obol_tokens tokens;
};

/** Rows of the options that every command has, for its table. */
#define OBOL_CTL_OPTIONS(ctl)                                                  \
	{                                                                          \
		.name = "config", .letter = 'c', .kind = OBOL_OPTION_TEXT,             \
		.argument = "FILE",                                                    \
		.help = "configuration file, default " OBOL_CONFIG_PATH,               \
		.value = &(ctl)->config_path                                           \
	}

#define OBOL_CTL_JSON(ctl)                                                     \
	{                                                                          \
		.name = "json", .letter = 'j', .kind = OBOL_OPTION_FLAG,               \
		.help = "print JSON for programs", .value = &(ctl)->is_json            \
	}

/** Exit code for a result of obol_options_parse() that is not OK. */
int obol_ctl_exit_code(enum obol_options_result result);

/** Say what is wrong: "obolctl: sentence". Returns OBOL_EXIT_FAILED. */
int obol_ctl_fail(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/** The same for a store's status; what says what was to be done. */
int obol_ctl_fail_store(enum obol_status status, const char *what);

/* Open what is needed; false, with the reason on standard error, when it
 * cannot be had. Each needs the ones before it. */
bool obol_ctl_need_config(struct obol_ctl *ctl);
bool obol_ctl_need_store(struct obol_ctl *ctl);
bool obol_ctl_need_keys(struct obol_ctl *ctl);
/** The CA; one that the configuration does not have is a failure too. */
bool obol_ctl_need_issuer(struct obol_ctl *ctl);

/** Close it all. */
void obol_ctl_clear(struct obol_ctl *ctl);

/**
 * An account's name as typed: NAME or NAME@SERVER, normalised.
 *
 * @param name	receives it, at most OBOL_NAME_MAX + 1 bytes
 * @return		false, with the reason in why, when it is none
 */
bool obol_ctl_name(const struct obol_ctl *ctl, const char *typed, char *name,
				   char *why, size_t size);

/** The account of a name as typed; false, with the reason said. */
bool obol_ctl_find(struct obol_ctl *ctl, const char *typed,
				   struct obol_account *account);

/**
 * When an account ends: a day ("2026-12-31", to its end), an hour of a day
 * ("2026-12-31 18:00"), each in this machine's time zone or in one that is
 * named behind it ("2026-12-31 18:00 Europe/Berlin"), or a length of time from
 * now ("90d"). Of an hour that the clocks show twice it is the second one.
 *
 * @param at	seconds since the epoch
 * @return		false, with the reason in why, also for what is past
 */
bool obol_ctl_moment(const char *text, uint64_t now, uint64_t *at, char *why,
					 size_t size);

/** Whole days from now on, negative when it is past. */
int64_t obol_ctl_days_left(uint64_t at, uint64_t now);

/** What an operator's request to the store carries. */
struct obol_store_request obol_ctl_request(const struct obol_ctl *ctl,
										   const struct obol_account *account);

#endif /* OBOL_TOOLS_CTL_H_ */
