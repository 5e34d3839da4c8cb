/* SPDX-License-Identifier: GPL-2.0-or-later */
/* obold.conf, read with libconfuse. */
#include "daemon/config.h"

#include <confuse.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "daemon/config_ca.h"
#include "daemon/config_comments.h"
#include "daemon/config_control.h"
#include "daemon/config_crl.h"
#include "daemon/config_database.h"
#include "daemon/config_enrolment.h"
#include "daemon/config_limits.h"
#include "daemon/config_metrics.h"
#include "daemon/config_processes.h"
#include "daemon/config_relay.h"
#include "daemon/listen.h"

#define CONFIG_FILE_MAX ((size_t)1 << 20)
/* libconfuse takes the end of the file for the end of a section. So an option
 * that only the outermost level has is put behind what the operator wrote. */
#define SENTINEL "end-of-file"
#define HUNDRED_YEARS_S ((uint64_t)100 * 365 * 86400)

/* libconfuse's error function has no argument for its caller, so where the
 * text goes is kept here, for one thread and as long as it parses. */
struct capture {
	const char *path;
	char *why;
	size_t size;
	bool is_set;
};
static _Thread_local struct capture *capture;

static void capture_error(cfg_t *cfg, const char *fmt, va_list args)
	__attribute__((format(printf, 2, 0)));

static void capture_error(cfg_t *cfg, const char *fmt, va_list args)
{
	char text[256];

	if (!capture || capture->is_set)
	{
		return; /* the first one names the cause */
	}
	(void)vsnprintf(text, sizeof(text), fmt, args);
	if (strstr(text, SENTINEL))
	{
		(void)snprintf(text, sizeof(text),
					   "a section or value before this is not closed");
	}
	(void)snprintf(capture->why, capture->size, "%s, line %d: %s",
				   capture->path, cfg->line, text);
	capture->is_set = true;
}

/*
 * The options
 */

/** Whole numbers and their bounds. */
static const struct {
	const char *section;
	const char *option;
	long min;
	long max;
} numbers[] = {
	{ "root", "workers", 0, 256 },
	{ "root", "database_connections", 1, 8 },
	{ "password", "scrypt_log2_n", 15, 18 },
	{ "keeper", "per_slot", 40, 1000000 },
	{ "keeper", "per_second", 1, 1000000 },
	{ "signer", "per_second", 1, 1000000 },
	{ "limits", "connections", 1, 1000000 },
	{ "limits", "connections_per_source", 1, 1000000 },
	{ "limits", "handshakes_per_source", 0, 15000 },
	{ "limits", "failures_per_source", 1, 100000 },
	{ "limits", "guess_rows", 1000, 100000000 },
	{ "limits", "history_rows", 100, 1000000 },
	{ "enrolment", "per_day", 1, 1000000 },
	{ "enrolment", "waiting", 1, 1000000 },
	{ "enrolment", "attempts_per_source", 1, 100000 },
};

/** Lengths of time and their bounds, in seconds. */
static const struct {
	const char *section;
	const char *option;
	uint32_t min;
	uint32_t max;
} durations[] = {
	{ "signer", "lifetime_max", 60, 20 * 365 * (uint32_t)86400 },
	{ "ca", "lifetime", 60, 20 * 365 * (uint32_t)86400 },
	{ "crl", "lifetime", 10, 365 * (uint32_t)86400 },
	{ "timeouts", "handshake", 1, 300 },
	{ "timeouts", "login", 1, 300 },
	{ "timeouts", "idle", 1, 3600 },
	{ "timeouts", "total", 1, 86400 },
	{ "timeouts", "drain", 0, 3600 },
};

static const char *const levels[] = { "error", "warning", "info", "debug" };

uint32_t obol_config_duration(const char *text)
{
	static const struct {
		char letter;
		uint32_t seconds;
	} units[] = { { 's', 1 }, { 'm', 60 }, { 'h', 3600 }, { 'd', 86400 } };
	uint64_t value = 0;
	const char *c;
	size_t i;

	for (c = text; *c >= '0' && *c <= '9' && value <= HUNDRED_YEARS_S; c++)
	{
		value = 10 * value + (uint64_t)(*c - '0');
	}
	for (i = 0; c != text && i < sizeof(units) / sizeof(units[0]); i++)
	{
		if (c[0] == units[i].letter && !c[1])
		{
			value *= units[i].seconds;
			return value <= HUNDRED_YEARS_S ? (uint32_t)value : 0;
		}
	}
	return 0;
}

static int check_number(cfg_t *cfg, cfg_opt_t *opt)
{
	long value = cfg_opt_getnint(opt, 0);
	size_t i;

	for (i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
	{
		if (strcmp(numbers[i].option, cfg_opt_name(opt)) == 0 &&
			strcmp(numbers[i].section, cfg_name(cfg)) == 0 &&
			(value < numbers[i].min || value > numbers[i].max))
		{
			cfg_error(cfg, "%s must be from %ld to %ld", cfg_opt_name(opt),
					  numbers[i].min, numbers[i].max);
			return -1;
		}
	}
	return 0;
}

static int check_duration(cfg_t *cfg, cfg_opt_t *opt)
{
	const char *text = cfg_opt_getnstr(opt, 0);
	bool is_zero = strcmp(text, "0s") == 0;
	uint32_t value = obol_config_duration(text);
	size_t i;

	if (!value && !is_zero)
	{
		cfg_error(cfg,
				  "%s must be a length of time, such as \"30s\", "
				  "\"5m\", \"12h\", \"30d\"",
				  cfg_opt_name(opt));
		return -1;
	}
	for (i = 0; i < sizeof(durations) / sizeof(durations[0]); i++)
	{
		if (strcmp(durations[i].option, cfg_opt_name(opt)) == 0 &&
			strcmp(durations[i].section, cfg_name(cfg)) == 0 &&
			(value < durations[i].min || value > durations[i].max))
		{
			cfg_error(cfg, "%s must be from %us to %us", cfg_opt_name(opt),
					  (unsigned)durations[i].min, (unsigned)durations[i].max);
			return -1;
		}
	}
	return 0;
}

static int check_listen(cfg_t *cfg, cfg_opt_t *opt)
{
	/* called once for each value, with it as the last */
	const char *text = cfg_opt_getnstr(opt, cfg_opt_size(opt) - 1);
	struct sockaddr_storage addr;
	socklen_t len;

	if (cfg_opt_size(opt) > OBOL_LISTEN_MAX)
	{
		cfg_error(cfg, "listen takes at most %d addresses", OBOL_LISTEN_MAX);
		return -1;
	}
	if (!*text && (strcmp(cfg_name(cfg), "http") == 0 ||
				   strcmp(cfg_name(cfg), "metrics") == 0))
	{
		return 0;
	}
	if (obol_listen_parse(text, &addr, &len) != OBOL_OK)
	{
		cfg_error(cfg, "listen must have addresses such as "
					   "\"192.0.2.1:4501\" or \"[::]:4501\"");
		return -1;
	}
	return 0;
}

static int check_level(cfg_t *cfg, cfg_opt_t *opt)
{
	const char *text = cfg_opt_getnstr(opt, 0);
	size_t i;

	for (i = 0; i < sizeof(levels) / sizeof(levels[0]); i++)
	{
		if (strcmp(text, levels[i]) == 0)
		{
			return 0;
		}
	}
	cfg_error(cfg, "log_level must be error, warning, info or debug");
	return -1;
}

/* A host name or an address: it stands in identities and certificates. */
static int check_host(cfg_t *cfg, cfg_opt_t *opt)
{
	static const char allowed[] = "abcdefghijklmnopqrstuvwxyz"
								  "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._:";
	const char *text = cfg_opt_getnstr(opt, 0);

	if (!*text || strlen(text) > 253 || text[strspn(text, allowed)])
	{
		cfg_error(cfg, "%s must be a host name, such as \"vpn.example.org\"",
				  cfg_opt_name(opt));
		return -1;
	}
	return 0;
}

static int check_path(cfg_t *cfg, cfg_opt_t *opt)
{
	const char *text = cfg_opt_getnstr(opt, 0);

	if (strlen(text) >= OBOL_CONFIG_TEXT_MAX || (*text && *text != '/'))
	{
		cfg_error(cfg, "%s must be a path that begins with /",
				  cfg_opt_name(opt));
		return -1;
	}
	return 0;
}

static void set_checks(cfg_t *cfg)
{
	static const struct {
		const char *option;
		cfg_validate_callback_t check;
	} checks[] = {
		{ "server_name", check_host },
		{ "domain", check_host },
		{ "listen", check_listen },
		{ "database", obol_config_check_database },
		{ "database_connections", check_number },
		{ "keys", check_path },
		{ "workers", check_number },
		{ "pid_file", check_path },
		{ "log_level", check_level },
		{ "tls|certificate", check_path },
		{ "tls|key", check_path },
		{ "ca|certificate", check_path },
		{ "ca|key", check_path },
		{ "ca|lifetime", check_duration },
		{ "ca|mode", obol_config_check_ca_word },
		{ "ca|key_type", obol_config_check_ca_word },
		{ "ca|subject", obol_config_check_ca_template },
		{ "ca|san", obol_config_check_ca_template },
		{ "crl|lifetime", check_duration },
		{ "crl|file", check_path },
		{ "crl|uri", obol_config_check_crl_uri },
		{ "http|listen", check_listen },
		{ "metrics|listen", check_listen },
		{ "password|scrypt_log2_n", check_number },
		{ "keeper|per_slot", check_number },
		{ "keeper|per_second", check_number },
		{ "signer|per_second", check_number },
		{ "signer|lifetime_max", check_duration },
		{ "signer|audit", check_path },
		{ "signer|server", obol_config_check_signer_server },
		{ "signer|pin", obol_config_check_signer_pin },
		{ "signer|clients", obol_config_check_signer_pin },
		{ "signer|gateways", obol_config_check_signer_gateways },
		{ "signer|certificate", check_path },
		{ "signer|key", check_path },
		{ "signer|names", obol_config_check_signer_names },
		{ "signer|token_folders", obol_config_check_token_folders },
		{ "limits|connections", check_number },
		{ "limits|connections_per_source", check_number },
		{ "limits|handshakes_per_source", check_number },
		{ "limits|failures_per_source", check_number },
		{ "limits|guess_rows", check_number },
		{ "limits|history_rows", check_number },
		{ "enrolment|per_day", check_number },
		{ "enrolment|waiting", check_number },
		{ "enrolment|attempts_per_source", check_number },
		{ "timeouts|handshake", check_duration },
		{ "timeouts|login", check_duration },
		{ "timeouts|idle", check_duration },
		{ "timeouts|total", check_duration },
		{ "timeouts|drain", check_duration },
	};
	size_t i;

	for (i = 0; i < sizeof(checks) / sizeof(checks[0]); i++)
	{
		(void)cfg_set_validate_func(cfg, checks[i].option, checks[i].check);
	}
	obol_config_control_checks(cfg);
	obol_config_enrolment_checks(cfg);
	obol_config_relay_checks(cfg, check_listen);
}

/*
 * From libconfuse's tree to the struct
 */

static void take_text(char *out, size_t size, const char *text)
{
	(void)snprintf(out, size, "%s", text ? text : "");
}

static void take_level(cfg_t *cfg, struct obol_config *config)
{
	const char *text = cfg_getstr(cfg, "log_level");
	size_t i;

	for (i = 0; i < sizeof(levels) / sizeof(levels[0]); i++)
	{
		if (strcmp(text, levels[i]) == 0)
		{
			config->log_level = (enum obol_log_level)i;
		}
	}
}

static void take_files(cfg_t *cfg, struct obol_config *config)
{
	obol_config_take_database(cfg, config);
	take_text(config->keys, sizeof(config->keys), cfg_getstr(cfg, "keys"));
	take_text(config->pid_file, sizeof(config->pid_file),
			  cfg_getstr(cfg, "pid_file"));
	take_text(config->tls.certificate, sizeof(config->tls.certificate),
			  cfg_getstr(cfg, "tls|certificate"));
	take_text(config->tls.key, sizeof(config->tls.key),
			  cfg_getstr(cfg, "tls|key"));
	take_text(config->ca.certificate, sizeof(config->ca.certificate),
			  cfg_getstr(cfg, "ca|certificate"));
	take_text(config->ca.key, sizeof(config->ca.key),
			  cfg_getstr(cfg, "ca|key"));
	config->ca.lifetime_s =
		obol_config_duration(cfg_getstr(cfg, "ca|lifetime"));
	obol_config_take_ca(cfg, config);
}

static void take(cfg_t *cfg, struct obol_config *config)
{
	const char *domain = cfg_getstr(cfg, "domain");
	size_t i;

	take_text(config->server_name, sizeof(config->server_name),
			  cfg_getstr(cfg, "server_name"));
	take_text(config->domain, sizeof(config->domain),
			  domain ? domain : config->server_name);
	config->n_listen = cfg_size(cfg, "listen");
	for (i = 0; i < config->n_listen; i++)
	{
		take_text(config->listen[i], sizeof(config->listen[i]),
				  cfg_getnstr(cfg, "listen", (unsigned)i));
	}
	take_text(config->user, sizeof(config->user), cfg_getstr(cfg, "user"));
	take_text(config->group, sizeof(config->group), cfg_getstr(cfg, "group"));
	config->workers = (unsigned)cfg_getint(cfg, "workers");
	take_level(cfg, config);
	take_files(cfg, config);
	obol_config_take_crl(cfg, config);
	obol_config_take_metrics(cfg, config);
	obol_config_take_processes(cfg, config);
	config->password_ksf = obol_ksf_default;
	config->password_ksf.log2_n =
		(uint8_t)cfg_getint(cfg, "password|scrypt_log2_n");
	obol_config_take_limits(cfg, config);
	obol_config_control_take(cfg, config);
	obol_config_enrolment_take(cfg, config);
	obol_config_relay_take(cfg, config);
}

/* What no single line can be blamed for. */
static enum obol_status check_whole(const struct obol_config *config,
									const char *path, char *why, size_t size)
{
	const char *missing = NULL;

	if (!*config->server_name)
	{
		missing = "server_name, the name that users type";
	}
	else if (!config->n_listen)
	{
		missing = "listen, the addresses to serve";
	}
	else if (!*config->database || !*config->keys ||
			 !*config->tls.certificate || !*config->tls.key)
	{
		missing = "one of database, keys, tls.certificate, tls.key";
	}
	else if (!*config->ca.certificate != !*config->ca.key)
	{
		missing = "one of ca.certificate and ca.key: give both or none";
	}
	else if (*config->signer.server && !config->signer.has_pin)
	{
		missing = "signer.pin, the key of the signer at signer.server";
	}
	if (missing)
	{
		(void)snprintf(why, size, "%s: lacks %s", path, missing);
		return OBOL_ERR_FORMAT;
	}
	return OBOL_OK;
}

static cfg_t *new_parser(void)
{
	char listen_default[] = "{\"[::]:4501\"}";
	cfg_opt_t tls[] = {
		CFG_STR("certificate", SYSCONFDIR "/obol/tls.crt", CFGF_NONE),
		CFG_STR("key", SYSCONFDIR "/obol/tls.key", CFGF_NONE),
		CFG_END(),
	};
	cfg_opt_t ca[] = {
		CFG_STR("certificate", SYSCONFDIR "/obol/ca.crt", CFGF_NONE),
		CFG_STR("key", SYSCONFDIR "/obol/ca.key", CFGF_NONE),
		CFG_STR("lifetime", "30d", CFGF_NONE),
		CFG_STR("mode", "portable", CFGF_NONE),
		CFG_STR("key_type", "ec-p256", CFGF_NONE),
		CFG_STR("subject", OBOL_TEMPLATE_SUBJECT, CFGF_NONE),
		CFG_STR("san", OBOL_TEMPLATE_SAN, CFGF_NONE),
		CFG_END(),
	};
	cfg_opt_t crl[] = OBOL_CONFIG_CRL_OPTIONS;
	cfg_opt_t http[] = OBOL_CONFIG_HTTP_OPTIONS;
	cfg_opt_t control[] = OBOL_CONFIG_CONTROL_OPTIONS;
	cfg_opt_t metrics[] = OBOL_CONFIG_METRICS_OPTIONS;
	cfg_opt_t password[] = {
		CFG_INT("scrypt_log2_n", 15, CFGF_NONE),
		CFG_END(),
	};
	cfg_opt_t keeper[] = OBOL_CONFIG_KEEPER_OPTIONS;
	cfg_opt_t signer[] = OBOL_CONFIG_SIGNER_OPTIONS;
	cfg_opt_t limits[] = OBOL_CONFIG_LIMITS_OPTIONS;
	cfg_opt_t enrolment[OBOL_CONFIG_ENROLMENT_OPTIONS];
	cfg_opt_t relay[OBOL_CONFIG_RELAY_OPTIONS];
	cfg_opt_t timeouts[] = OBOL_CONFIG_TIMEOUTS_OPTIONS;
	cfg_opt_t options[] = {
		CFG_STR("server_name", NULL, CFGF_NODEFAULT),
		CFG_STR("domain", NULL, CFGF_NODEFAULT),
		CFG_STR_LIST("listen", listen_default, CFGF_NONE),
		CFG_STR("database", LOCALSTATEDIR "/lib/obol/obol.db", CFGF_NONE),
		CFG_INT("database_connections", OBOL_CONFIG_DATABASE_CONNECTIONS,
				CFGF_NONE),
		CFG_STR("keys", SYSCONFDIR "/obol/obold.keys", CFGF_NONE),
		CFG_STR("user", "obol", CFGF_NONE),
		CFG_STR("group", "", CFGF_NONE),
		CFG_INT("workers", 0, CFGF_NONE),
		CFG_STR("pid_file", "", CFGF_NONE),
		CFG_STR("log_level", "info", CFGF_NONE),
		CFG_BOOL(SENTINEL, cfg_false, CFGF_NONE),
		CFG_SEC("tls", tls, CFGF_NONE),
		CFG_SEC("ca", ca, CFGF_NONE),
		CFG_SEC("crl", crl, CFGF_NONE),
		CFG_SEC("http", http, CFGF_NONE),
		CFG_SEC("control", control, CFGF_NONE),
		CFG_SEC("metrics", metrics, CFGF_NONE),
		CFG_SEC("password", password, CFGF_NONE),
		CFG_SEC("keeper", keeper, CFGF_NONE),
		CFG_SEC("signer", signer, CFGF_NONE),
		CFG_SEC("limits", limits, CFGF_NONE),
		CFG_SEC("timeouts", timeouts, CFGF_NONE),
		CFG_SEC("enrolment", enrolment, CFGF_NONE),
		CFG_SEC("relay", relay, CFGF_NONE),
		CFG_END(),
	};
	cfg_t *cfg;

	obol_config_enrolment_options(enrolment);
	obol_config_relay_options(relay);
	cfg = cfg_init(options, CFGF_NONE);
	if (cfg)
	{
		(void)cfg_set_error_function(cfg, capture_error);
		set_checks(cfg);
	}
	return cfg;
}

static enum obol_status parse(cfg_t *cfg, const char *path, const char *text,
							  char *why, size_t size)
{
	struct capture here = { path, why, size, false };
	int result;

	(void)snprintf(why, size,
				   "%s: cannot be understood; is a comment not closed?", path);
	capture = &here;
	result = cfg_parse_buf(cfg, text);
	capture = NULL;
	/* a zero byte hides what stands behind it */
	return result == CFG_SUCCESS && cfg_getbool(cfg, SENTINEL)
			   ? OBOL_OK
			   : OBOL_ERR_FORMAT;
}

static char *with_sentinel(struct obol_bytes file)
{
	char *text = malloc(file.len + sizeof("\n" SENTINEL " = true\n"));

	if (text)
	{
		memcpy(text, file.ptr, file.len);
		text[file.len] = '\0';
		obol_config_blank_comments(text);
		strcpy(text + file.len, "\n" SENTINEL " = true\n");
	}
	return text;
}

enum obol_status obol_config_load(const char *path, struct obol_config **out,
								  char *why, size_t size)
{
	struct obol_config *config = calloc(1, sizeof(*config));
	struct obol_secret *file = NULL;
	char *text = NULL;
	cfg_t *cfg = NULL;
	enum obol_status status;

	status = obol_file_read(path, OBOL_FILE_PUBLIC, CONFIG_FILE_MAX, &file, why,
							size);
	if (status != OBOL_OK)
	{
		goto out;
	}
	status = OBOL_ERR_NOMEM;
	(void)snprintf(why, size, "%s: no memory for it", path);
	text = with_sentinel(obol_secret_view(file));
	cfg = new_parser();
	if (!config || !text || !cfg)
	{
		goto out;
	}
	status = parse(cfg, path, text, why, size);
	if (status != OBOL_OK)
	{
		goto out;
	}
	take(cfg, config);
	status = check_whole(config, path, why, size);
	if (status == OBOL_OK)
	{
		*out = config;
		config = NULL; /* moved to the caller */
	}
out:
	if (cfg)
	{
		(void)cfg_free(cfg);
	}
	free(text);
	obol_secret_free(file);
	obol_config_free(config);
	return status;
}

void obol_config_free(struct obol_config *config)
{
	free(config);
}
