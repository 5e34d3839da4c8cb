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
	char ca_name[65];
	uint32_t ca_lifetime_s;
};

/** Make it all, or nothing; returns the exit code. */
int obol_ctl_init_work(const struct obol_ctl_init_plan *plan);

/** Names and paths that can stand in the file; false, with the reason said. */
bool obol_ctl_init_is_plain(const struct obol_config *config);

/** The configuration file's text. OK or NOMEM. */
enum obol_status
obol_ctl_init_config_text(const struct obol_config *config,
						  struct obol_secret **text) OBOL_MUST_CHECK;

#endif /* OBOL_TOOLS_CTL_INIT_H_ */
