/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * obold.conf's sections keeper and signer. Nobody but config.c includes it.
 */
#ifndef OBOL_DAEMON_CONFIG_PROCESSES_H_
#define OBOL_DAEMON_CONFIG_PROCESSES_H_

#include <confuse.h>

#include "daemon/config.h"

/** The sections' options and their defaults. */
/* clang-format off */
#define OBOL_CONFIG_KEEPER_OPTIONS                                             \
	{                                                                          \
		CFG_STR("user", "", CFGF_NONE),                                        \
		CFG_STR("group", "", CFGF_NONE),                                       \
		CFG_INT("per_slot", 200, CFGF_NONE),                                   \
		CFG_INT("per_second", 500, CFGF_NONE),                                 \
		CFG_END(),                                                             \
	}
#define OBOL_CONFIG_SIGNER_OPTIONS                                             \
	{                                                                          \
		CFG_STR("user", "", CFGF_NONE),                                        \
		CFG_STR("group", "", CFGF_NONE),                                       \
		CFG_STR_LIST("names", NULL, CFGF_NONE),                                \
		CFG_STR("lifetime_max", "400d", CFGF_NONE),                            \
		CFG_INT("per_second", 20, CFGF_NONE),                                  \
		CFG_STR("audit", "", CFGF_NONE),                                       \
		CFG_STR("server", "", CFGF_NONE),                                      \
		CFG_STR("pin", "", CFGF_NONE),                                         \
		CFG_STR("certificate", SYSCONFDIR "/obol/signer-client.crt",           \
				CFGF_NONE),                                                    \
		CFG_STR("key", SYSCONFDIR "/obol/signer-client.key", CFGF_NONE),       \
		CFG_STR_LIST("clients", NULL, CFGF_NONE),                              \
		CFG_STR_LIST("gateways", NULL, CFGF_NONE),                             \
		CFG_STR_LIST("token_folders", NULL, CFGF_NONE),                        \
		CFG_END(),                                                             \
	}
/* clang-format on */

/** libconfuse's checks of names and token_folders. */
int obol_config_check_signer_names(cfg_t *cfg, cfg_opt_t *opt);
int obol_config_check_token_folders(cfg_t *cfg, cfg_opt_t *opt);

/** And of server, pin, clients and gateways: see config_signer.c. */
int obol_config_check_signer_server(cfg_t *cfg, cfg_opt_t *opt);
int obol_config_check_signer_pin(cfg_t *cfg, cfg_opt_t *opt);
int obol_config_check_signer_gateways(cfg_t *cfg, cfg_opt_t *opt);
void obol_config_take_signer_server(cfg_t *cfg, struct obol_config *config);

/** What has been checked, from libconfuse's tree to the struct, which has the
 * certificates' lifetime already. */
void obol_config_take_processes(cfg_t *cfg, struct obol_config *config);

#endif /* OBOL_DAEMON_CONFIG_PROCESSES_H_ */
