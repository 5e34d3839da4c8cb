/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * obolctl init: what is wished for, the plan it comes to, and its work.
 */
#ifndef OBOL_TOOLS_CTL_INIT_H_
#define OBOL_TOOLS_CTL_INIT_H_

#include "tools/ctl.h"

/** Where the database goes unless told otherwise; all else goes beside the
 * configuration file, under these names. */
#define OBOL_CTL_DATABASE LOCALSTATEDIR "/lib/obol/obol.db"
#define OBOL_CTL_KEYS "obold.keys"
#define OBOL_CTL_TLS_CERTIFICATE "tls.crt"
#define OBOL_CTL_TLS_KEY "tls.key"
#define OBOL_CTL_CA_CERTIFICATE "ca.crt"
#define OBOL_CTL_CA_KEY "ca.key"

/** Options as they were given. */
struct obol_ctl_init_wish {
	struct obol_ctl *ctl;
	const char *server_name;
	const char *domain;
	struct obol_option_list listen;
	const char *database;
	const char *keys;
	const char *tls_cert;
	const char *tls_key;
	const char *ca_cert;
	const char *ca_key;
	const char *ca_key_path;
	const char *ca_token;
	const char *signer;
	const char *signer_pin;
	const char *ca_name;
	const char *ca_lifetime;
	bool no_ca;
	const char *user;
	bool is_sure;
};

/** What is to be made. */
struct obol_ctl_init_plan {
	struct obol_ctl *ctl;
	/** as it shall be, or as it is */
	struct obol_config config;
	bool writes_config;
	bool makes_tls;
	bool makes_ca;
	/** URI of a key in a token, for the CA that is made; "": in a file */
	char ca_token[OBOL_TOKEN_URI_MAX + 1];
	char ca_name[65];
	uint32_t ca_lifetime_s;
};

/** Where the CA's key shall be, by options or answers; false, with the reason
 * said. */
bool obol_ctl_init_ask_ca(const struct obol_ctl_init_wish *wish,
						  struct obol_ctl_init_plan *plan);

/** The same for a signer on another machine, if one is wished for. */
bool obol_ctl_init_plan_signer(const struct obol_ctl_init_wish *wish,
							   struct obol_ctl_init_plan *plan);

/** An option's value, else an answer, else the preset; false, with the reason
 * said. */
bool obol_ctl_init_settle(const struct obol_ctl_init_wish *wish,
						  const char *given, const char *question,
						  const char *preset, char *out, size_t size);

/** A file beside the configuration; cut where it is too long, which the
 * configuration's check finds. */
const char *obol_ctl_init_beside(const struct obol_ctl *ctl, const char *name,
								 char *path, size_t size);

/** The CA that is made: its files; false, with the reason said and none of
 * them left. */
bool obol_ctl_init_make_ca(const struct obol_ctl_init_plan *plan);

/** Make it all, or nothing; returns the exit code. */
int obol_ctl_init_work(const struct obol_ctl_init_plan *plan);

/** Names and paths that can stand in the file; false, with the reason said. */
bool obol_ctl_init_is_plain(const struct obol_config *config);

/** The configuration file's text. OK or NOMEM. */
enum obol_status
obol_ctl_init_config_text(const struct obol_config *config,
						  struct obol_secret **text) OBOL_MUST_CHECK;

#endif /* OBOL_TOOLS_CTL_INIT_H_ */
