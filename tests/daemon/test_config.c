/* SPDX-License-Identifier: GPL-2.0-or-later */
/* obold.conf, good and bad. */
#include "daemon/config.h"

#include <stdio.h>

#include "support/run.h"
#include "support/tempdir.h"

static struct tempdir dir;
static char why[512];

static void setup(void)
{
	tempdir_init(&dir);
}

static void teardown(void)
{
	tempdir_clear(&dir);
}

/** Of a key, in hexadecimal digits. */
#define PIN "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static enum obol_status load(const char *text, struct obol_config **config)
{
	tempdir_write(&dir, "obold.conf", text, strlen(text), 0644);
	why[0] = '\0';
	return obol_config_load(tempdir_file(&dir, "obold.conf"), config, why,
							sizeof(why));
}

START_TEST(test_defaults)
{
	struct obol_config *config = NULL;

	ck_assert_msg(load("server_name = \"vpn.example.org\"\n", &config) ==
					  OBOL_OK,
				  "%s", why);
	ck_assert_str_eq(config->server_name, "vpn.example.org");
	ck_assert_str_eq(config->domain, "vpn.example.org");
	ck_assert_uint_eq(config->n_listen, 1);
	ck_assert_str_eq(config->listen[0], "[::]:4501");
	ck_assert_str_eq(config->user, "obol");
	ck_assert_uint_eq(config->workers, 0);
	ck_assert_int_eq(config->log_level, OBOL_LOG_INFO);
	ck_assert_uint_eq(config->ca.lifetime_s, 30 * 86400);
	ck_assert_uint_eq(config->crl.lifetime_s, 86400);
	ck_assert_str_eq(config->crl.uri, "");
	ck_assert_str_eq(config->http_listen, "");
	ck_assert_str_eq(config->metrics_listen, "");
	ck_assert(obol_ksf_params_eq(&config->password_ksf, &obol_ksf_default));
	ck_assert(!config->enrolment.is_open);
	ck_assert_str_eq(config->enrolment.names, "*");
	ck_assert_str_eq(config->keeper.user, "");
	ck_assert_uint_eq(config->keeper.per_slot, 200);
	ck_assert_uint_eq(config->keeper.per_second, 500);
	ck_assert_str_eq(config->control.socket, "");
	ck_assert_str_eq(config->control.group, "obol-helpdesk");
	ck_assert_uint_eq(config->control.changes_per_day, 40);
	ck_assert_uint_eq(config->relay.n_listen, 0);
	ck_assert_uint_eq(config->relay.rooms, 128);
	ck_assert_uint_eq(config->signer.n_names, 0);
	ck_assert_uint_eq(config->signer.lifetime_max_s, 400 * 86400);
	ck_assert_uint_eq(config->signer.per_second, 20);
	ck_assert_uint_eq(config->signer.n_token_folders, 1);
	ck_assert_str_eq(config->signer.token_folders[0],
					 "/var/lib/softhsm/tokens");
	ck_assert_uint_eq(config->timeouts.handshake, 10);
	ck_assert_uint_eq(config->timeouts.idle, 60);
	obol_config_free(config);
}
END_TEST

static const char every_option[] =
	"# comment\n"
	"server_name = vpn.example.org\n"
	"domain = \"example.org\"\n"
	"listen = { \"[::]:4501\", \"192.0.2.1:443\" }\n"
	"database = \"/srv/obol.db\"\n"
	"keys = \"/srv/obold.keys\"\n"
	"user = \"nobody\"\n"
	"group = \"nogroup\"\n"
	"workers = 3\n"
	"pid_file = \"/run/obold.pid\"\n"
	"log_level = \"debug\"\n"
	"tls {\n\tcertificate = \"/srv/t.crt\"\n\tkey = \"/srv/t.key\"\n}\n"
	"ca {\n\tcertificate = \"/srv/c.crt\"\n\tkey = \"/srv/c.key\"\n"
	"\tlifetime = \"12h\"\n\tmode = \"device\"\n"
	"\tkey_type = \"rsa-3072\"\n"
	"\tsubject = \"CN=%a, O=Example\"\n"
	"\tsan = \"%i, %d.%a.example.org\"\n}\n"
	"crl {\n\tlifetime = \"2h\"\n\tfile = \"/srv/c.crl\"\n"
	"\turi = \"http://192.0.2.1/crl\"\n}\n"
	"http {\n\tlisten = \"127.0.0.1:4502\"\n}\n"
	"metrics {\n\tlisten = \"[::1]:4503\"\n}\n"
	"password {\n\tscrypt_log2_n = 17\n}\n"
	"keeper {\n\tuser = \"daemon\"\n\tgroup = \"bin\"\n"
	"\tper_slot = 50\n\tper_second = 60\n}\n"
	"signer {\n\tuser = \"bin\"\n\tgroup = \"daemon\"\n"
	"\tnames = { \"@example.org\", \".example.org\" }\n"
	"\tlifetime_max = \"90d\"\n\tper_second = 5\n"
	"\ttoken_folders = { \"/srv/a\", \"/srv/b\" }\n"
	"\taudit = \"/srv/audit\"\n\tserver = \"192.0.2.1:4503\"\n"
	"\tpin = \"sha256:" PIN "\"\n\tgateways = { \"gw.example.org\" }\n"
	"\tclients = { \"sha256:" PIN "\", \"sha256:" PIN "\" }\n}\n"
	"limits {\n\tconnections = 10\n\tconnections_per_source = 2\n"
	"\thandshakes_per_source = 30\n\tfailures_per_source = "
	"7\n\tguess_rows = 5000\n\thistory_rows = 300\n}\n"
	"enrolment {\n\topen = \"approve\"\n\tnames = \"x-*\"\n"
	"\tper_day = 9\n\twaiting = 8\n\tattempts_per_source = 7\n}\n"
	"relay {\n\tlisten = { \"[::]:4502\", \"192.0.2.1:80\" }\n"
	"\trooms = 3\n\trooms_per_source = 2\n"
	"\trequests_per_source = 4\n\tsize = 5\n"
	"\twaiting = \"6s\"\n\ttotal = \"7s\"\n}\n"
	"control {\n\tsocket = \"/run/c\"\n\tgroup = \"adm\"\n"
	"\tchanges_per_day = 11\n}\n"
	"timeouts {\n\thandshake = \"1s\"\n\tlogin = \"2s\"\n"
	"\tidle = \"3s\"\n\ttotal = \"1m\"\n\tdrain = \"0s\"\n}\n";

static void check_outermost(const struct obol_config *config)
{
	ck_assert_str_eq(config->domain, "example.org");
	ck_assert_uint_eq(config->n_listen, 2);
	ck_assert_str_eq(config->listen[1], "192.0.2.1:443");
	ck_assert_str_eq(config->database, "/srv/obol.db");
	ck_assert_str_eq(config->keys, "/srv/obold.keys");
	ck_assert_str_eq(config->user, "nobody");
	ck_assert_str_eq(config->group, "nogroup");
	ck_assert_uint_eq(config->workers, 3);
	ck_assert_str_eq(config->pid_file, "/run/obold.pid");
	ck_assert_int_eq(config->log_level, OBOL_LOG_DEBUG);
}

static void check_certificates(const struct obol_config *config)
{
	ck_assert_str_eq(config->tls.certificate, "/srv/t.crt");
	ck_assert_str_eq(config->tls.key, "/srv/t.key");
	ck_assert_str_eq(config->ca.certificate, "/srv/c.crt");
	ck_assert_str_eq(config->ca.key, "/srv/c.key");
	ck_assert_uint_eq(config->ca.lifetime_s, 12 * 3600);
	ck_assert_uint_eq(config->ca.mode, OBOL_MODE_DEVICE);
	ck_assert_uint_eq(config->ca.key_type, OBOL_KEY_RSA_3072);
	ck_assert_uint_eq(config->ca.subject.n, 2);
	ck_assert_str_eq(config->ca.subject.parts[1].type, "O");
	ck_assert_str_eq(config->ca.subject.parts[1].pattern, "Example");
	ck_assert_uint_eq(config->ca.san.n, 2);
	ck_assert_str_eq(config->ca.san.parts[1].pattern, "%d.%a.example.org");
	ck_assert_uint_eq(config->crl.lifetime_s, 2 * 3600);
	ck_assert_str_eq(config->crl.file, "/srv/c.crl");
	ck_assert_str_eq(config->crl.uri, "http://192.0.2.1/crl");
}

static void check_processes(const struct obol_config *config)
{
	ck_assert_str_eq(config->keeper.user, "daemon");
	ck_assert_str_eq(config->keeper.group, "bin");
	ck_assert_uint_eq(config->keeper.per_slot, 50);
	ck_assert_uint_eq(config->keeper.per_second, 60);
	ck_assert_str_eq(config->signer.user, "bin");
	ck_assert_str_eq(config->signer.group, "daemon");
	ck_assert_uint_eq(config->signer.n_names, 2);
	ck_assert_str_eq(config->signer.names[1], ".example.org");
	ck_assert_uint_eq(config->signer.lifetime_max_s, 90 * 86400);
	ck_assert_uint_eq(config->signer.per_second, 5);
	ck_assert_uint_eq(config->signer.n_token_folders, 2);
	ck_assert_str_eq(config->signer.token_folders[1], "/srv/b");
	ck_assert_str_eq(config->signer.audit, "/srv/audit");
	ck_assert_str_eq(config->signer.server, "192.0.2.1:4503");
	ck_assert(config->signer.has_pin);
	ck_assert_uint_eq(config->signer.pin[31], 0xef);
	ck_assert_uint_eq(config->signer.n_clients, 2);
	ck_assert_uint_eq(config->signer.clients[1][0], 0x01);
	ck_assert_uint_eq(config->signer.n_gateways, 1);
	ck_assert_str_eq(config->signer.gateways[0], "gw.example.org");
}

static void check_services(const struct obol_config *config)
{
	ck_assert_str_eq(config->http_listen, "127.0.0.1:4502");
	ck_assert_str_eq(config->metrics_listen, "[::1]:4503");
	ck_assert_uint_eq(config->relay.n_listen, 2);
	ck_assert_str_eq(config->relay.listen[1], "192.0.2.1:80");
	ck_assert_uint_eq(config->relay.rooms, 3);
	ck_assert_uint_eq(config->relay.rooms_per_source, 2);
	ck_assert_uint_eq(config->relay.requests_per_source, 4);
	ck_assert_uint_eq(config->relay.size_mib, 5);
	ck_assert_uint_eq(config->relay.waiting_s, 6);
	ck_assert_uint_eq(config->relay.total_s, 7);
	ck_assert_str_eq(config->control.socket, "/run/c");
	ck_assert_str_eq(config->control.group, "adm");
	ck_assert_uint_eq(config->control.changes_per_day, 11);
}

static void check_limits(const struct obol_config *config)
{
	ck_assert_uint_eq(config->password_ksf.log2_n, 17);
	ck_assert_uint_eq(config->limits.connections, 10);
	ck_assert_uint_eq(config->limits.connections_per_source, 2);
	ck_assert_uint_eq(config->limits.handshakes_per_source, 30);
	ck_assert_uint_eq(config->limits.failures_per_source, 7);
	ck_assert_uint_eq(config->limits.guess_rows, 5000);
	ck_assert_uint_eq(config->limits.history_rows, 300);
	ck_assert(config->enrolment.is_open);
	ck_assert(config->enrolment.approve);
	ck_assert_str_eq(config->enrolment.names, "x-*");
	ck_assert_uint_eq(config->enrolment.per_day, 9);
	ck_assert_uint_eq(config->enrolment.waiting, 8);
	ck_assert_uint_eq(config->enrolment.attempts_per_source, 7);
	ck_assert_uint_eq(config->timeouts.handshake, 1);
	ck_assert_uint_eq(config->timeouts.login, 2);
	ck_assert_uint_eq(config->timeouts.idle, 3);
	ck_assert_uint_eq(config->timeouts.total, 60);
	ck_assert_uint_eq(config->timeouts.drain, 0);
}

START_TEST(test_every_option)
{
	struct obol_config *config = NULL;

	ck_assert_msg(load(every_option, &config) == OBOL_OK, "%s", why);
	check_outermost(config);
	check_certificates(config);
	check_processes(config);
	check_services(config);
	check_limits(config);
	obol_config_free(config);
}
END_TEST

/* What begins a comment elsewhere is part of a value here. */
START_TEST(test_no_comments)
{
	struct obol_config *config = NULL;

	ck_assert_msg(load("server_name = vpn.example.org # the name\n"
					   "database = \"/srv//a#b /* c\\\" # d.db\"// e\n"
					   "keys = /srv//a#c\n"
					   "user = 'x # y'/* z\n*/group = \"g\"#h",
					   &config) == OBOL_OK,
				  "%s", why);
	ck_assert_str_eq(config->server_name, "vpn.example.org");
	ck_assert_str_eq(config->database, "/srv//a#b /* c\" # d.db");
	ck_assert_str_eq(config->keys, "/srv//a");
	ck_assert_str_eq(config->user, "x # y");
	ck_assert_str_eq(config->group, "g");
	obol_config_free(config);
}
END_TEST

#define NAME "server_name = \"vpn.example.org\"\n"

/* clang-format off */
static const struct {
	const char *text;
	/** what the message must name */
	const char *names;
	const char *also;
} bad[] = {
	{ "", "server_name", "lacks" },
	{ NAME "colour = \"red\"\n", "line 2", "colour" },
	{ NAME "signer {\n\tnames = { \"example.org\" }\n}\n", "line 3", "names" },
	{ NAME "signer {\n\tserver = \"signer\"\n}\n", "line 3", "server" },
	{ NAME "signer {\n\tserver = \"a_b!:4503\"\n}\n", "line 3", "server" },
	{ NAME "signer {\n\tserver = \"a:4503 b:4503\"\n}\n", "line 3", "server" },
	{ NAME "signer {\n\tserver = \"signer:4503\"\n}\n", "signer.pin",
	  "signer.server" },
	{ NAME "signer {\n\tserver = \"192.0.2.1:4503\"\n}\n", "signer.pin",
		"lacks" },
	{ NAME "signer {\n\tpin = \"sha256:00\"\n}\n", "line 3", "pin" },
	{ NAME "signer {\n\tclients = { \"sha1:00\" }\n}\n", "line 3",
		"clients" },
	{ NAME "signer {\n\tgateways = { \"a b\" }\n}\n", "line 3",
		"gateways" },
	{ NAME "signer {\n\taudit = \"log\"\n}\n", "line 3", "audit" },
	{ NAME "signer {\n\ttoken_folders = { \"a\" }\n}\n", "line 3",
		"token_folders" },
	{ NAME "keeper {\n\tper_slot = 39\n}\n", "line 3", "per_slot" },
	{ NAME "\n\ntls {\n\tcertificate = \"/a\"\n\tcipher = \"x\"\n}\n",
		"line 6", "cipher" },
	{ "# a\n# b\n" NAME "colour = \"red\"\n", "line 4", "colour" },
	{ "// a\n" NAME "/* c\n\n */ # d\n\ncolour = \"red\"\n", "line 7",
		"colour" },
	{ NAME "user = \"a # b\" # c\ncolour = \"red\"\n", "line 3", "colour" },
	{ NAME "/* c\n", "comment", "not closed" },
	{ NAME "workers = many\n", "line 2", "workers" },
	{ NAME "workers = -1\n", "line 2", "workers" },
	{ NAME "workers = 257\n", "line 2", "256" },
	{ NAME "listen = { \"vpn.example.org:4501\" }\n", "line 2", "listen" },
	{ NAME "listen = { \"[::]:4501\", \"[::]:99999\" }\n", "line 2", "listen" },
	{ NAME "listen = { }\n", "listen", "lacks" },
	{ NAME "log_level = \"loud\"\n", "line 2", "log_level" },
	{ NAME "database = \"obol.db\"\n", "line 2", "database" },
	{ NAME "database = \"\"\n", "database", "lacks" },
	{ NAME "ca {\n\tlifetime = \"30\"\n}\n", "line 3", "lifetime" },
	{ NAME "ca {\n\tlifetime = \"1s\"\n}\n", "line 3", "lifetime" },
	{ NAME "ca {\n\tmode = \"both\"\n}\n", "line 3", "portable, device" },
	{ NAME "ca {\n\tkey_type = \"dsa\"\n}\n", "line 3", "ec-p384" },
	{ NAME "ca {\n\tsubject = \"CN=%u\"\n}\n", "line 3", "subject has the "
		"unknown placeholder %u" },
	{ NAME "ca {\n\n\tsan = \"%i, %x\"\n}\n", "line 4", "san has the "
		"unknown placeholder %x" },
	{ NAME "ca {\n\tsan = \"%a@example.org\"\n}\n", "line 3", "lacks %i" },
	{ NAME "crl {\n\tlifetime = \"9s\"\n}\n", "line 3", "lifetime" },
	{ NAME "crl {\n\tfile = \"obol.crl\"\n}\n", "line 3", "file" },
	{ NAME "crl {\n\turi = \"vpn.example.org\"\n}\n", "line 3", "uri" },
	{ NAME "http {\n\tlisten = \"nobody:x\"\n}\n", "line 3", "listen" },
	{ NAME "metrics {\n\tlisten = \"4503\"\n}\n", "line 3", "listen" },
	{ NAME "metrics {\n\tpath = \"/m\"\n}\n", "line 3", "path" },
	{ NAME "ca {\n\tkey = \"\"\n}\n", "ca.key", "lacks" },
	{ NAME "timeouts {\n\thandshake = \"0s\"\n}\n", "line 3", "handshake" },
	{ NAME "password {\n\tscrypt_log2_n = 14\n}\n", "line 3", "scrypt_log2_n" },
	{ NAME "password {\n\tscrypt_log2_n = 19\n}\n", "line 3", "scrypt_log2_n" },
	{ NAME "enrolment {\n\topen = \"maybe\"\n}\n", "line 3", "approve" },
	{ NAME "enrolment {\n\tnames = \"\"\n}\n", "line 3", "names" },
	{ NAME "enrolment {\n\tnames = \"Ext-*\"\n}\n", "line 3", "names" },
	{ NAME "enrolment {\n\tnames = \"a b\"\n}\n", "line 3", "names" },
	{ NAME "enrolment {\n\tper_day = 0\n}\n", "line 3", "per_day" },
	{ NAME "enrolment {\n\twaiting = 0\n}\n", "line 3", "waiting" },
	{ NAME "enrolment {\n\tattempts_per_source = 0\n}\n", "line 3",
		"attempts_per_source" },
	{ NAME "relay {\n\tlisten = { \"here\" }\n}\n", "line 3", "listen" },
	{ NAME "control {\n\tsocket = \"here\"\n}\n", "line 3", "socket" },
	{ NAME "control {\n\tsocket = \"/"
	  "0123456789012345678901234567890123456789012345678"
	  "901234567890123456789012345678901234567890123456\"\n}\n",
	  "line 3", "96 bytes" },
	{ NAME "control {\n\tgroup = \"\"\n}\n", "line 3", "group" },
	{ NAME "control {\n\tchanges_per_day = 0\n}\n", "line 3", "changes" },
	{ NAME "limits {\n\thistory_rows = 99\n}\n", "line 3", "100" },
	{ NAME "limits {\n\thistory_rows = 1000001\n}\n", "line 3", "1000000" },
	{ NAME "relay {\n\trooms = 1001\n}\n", "line 3", "1000" },
	{ NAME "relay {\n\trooms_per_source = 0\n}\n", "line 3", "rooms" },
	{ NAME "relay {\n\trequests_per_source = 0\n}\n", "line 3", "requests" },
	{ NAME "relay {\n\tsize = 0\n}\n", "line 3", "size" },
	{ NAME "relay {\n\twaiting = \"2h\"\n}\n", "line 3", "waiting" },
	{ NAME "relay {\n\ttotal = \"0s\"\n}\n", "line 3", "total" },
	{ "server_name = \"two words\"\n", "line 1", "server_name" },
	{ NAME "tls {\n\tkey = \"/a\"\n", "line", "not closed" },
	{ NAME "database = \"/srv/obol.db\n", "line", "" },
	{ NAME "}\n", "line 2", "" },
};
/* clang-format on */

START_TEST(test_bad_lines)
{
	struct obol_config *config = NULL;

	ck_assert_msg(load(bad[_i].text, &config) == OBOL_ERR_FORMAT, "%s",
				  bad[_i].text);
	ck_assert_msg(strstr(why, bad[_i].names) && strstr(why, bad[_i].also),
				  "text %s\nmessage %s", bad[_i].text, why);
	ck_assert_ptr_null(config);
}
END_TEST

START_TEST(test_zero_byte)
{
	static const char text[] = NAME "workers = 1\n\0workers = 2\n";
	struct obol_config *config = NULL;

	tempdir_write(&dir, "obold.conf", text, sizeof(text) - 1, 0644);
	ck_assert_int_eq(obol_config_load(tempdir_file(&dir, "obold.conf"), &config,
									  why, sizeof(why)),
					 OBOL_ERR_FORMAT);
}
END_TEST

START_TEST(test_no_file)
{
	struct obol_config *config = NULL;

	ck_assert_int_eq(
		obol_config_load(tempdir_file(&dir, "none"), &config, why, sizeof(why)),
		OBOL_ERR_NOT_FOUND);
	ck_assert_ptr_nonnull(strstr(why, "none"));
}
END_TEST

/* The sample says what the defaults are: each line of it that is commented out
 * gives, uncommented, the same as none. */
START_TEST(test_sample_has_the_defaults)
{
	static char text[16384], all[16384];
	struct obol_config *defaults = NULL, *sample = NULL;
	size_t len = 0, i, n;
	FILE *f = fopen(SRCDIR "/proto/daemon/obold.conf", "r");

	ck_assert_ptr_nonnull(f);
	n = fread(text, 1, sizeof(text) - 1, f);
	(void)fclose(f);
	ck_assert_uint_gt(n, 0);
	text[n] = '\0';
	ck_assert_msg(load(text, &sample) == OBOL_OK, "%s", why);
	obol_config_free(sample);
	for (i = 0; i < n; i++)
	{
		bool is_option = text[i] == '#' && text[i + 1] >= 'a' &&
						 text[i + 1] <= 'z' &&
						 strncmp(text + i, "#domain", 7) != 0;

		if (!is_option)
		{
			all[len++] = text[i];
		}
	}
	all[len] = '\0';
	ck_assert_msg(load(all, &sample) == OBOL_OK, "%s", why);
	ck_assert_int_eq(load("server_name = \"vpn.example.org\"\n", &defaults),
					 OBOL_OK);
	/* where files are depends on how it was configured */
	ck_assert(strcmp(SYSCONFDIR, "/etc") || strcmp(LOCALSTATEDIR, "/var") ||
			  memcmp(sample, defaults, sizeof(*sample)) == 0);
	ck_assert_mem_eq(&sample->limits, &defaults->limits,
					 sizeof(sample->limits));
	ck_assert_mem_eq(&sample->timeouts, &defaults->timeouts,
					 sizeof(sample->timeouts));
	ck_assert_uint_eq(sample->ca.lifetime_s, defaults->ca.lifetime_s);
	ck_assert_str_eq(sample->listen[0], defaults->listen[0]);
	ck_assert_str_eq(sample->user, defaults->user);
	obol_config_free(sample);
	obol_config_free(defaults);
}
END_TEST

START_TEST(test_durations)
{
	static const struct {
		const char *text;
		uint32_t seconds;
	} rows[] = {
		{ "1s", 1 },
		{ "5m", 300 },
		{ "2h", 7200 },
		{ "30d", 2592000 },
		{ "36500d", 3153600000U },
		{ "36501d", 0 },
		{ "", 0 },
		{ "s", 0 },
		{ "5", 0 },
		{ "5w", 0 },
		{ "5m ", 0 },
		{ "-5m", 0 },
		{ "0s", 0 },
		{ "99999999999999999999d", 0 },
	};
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
	{
		ck_assert_msg(obol_config_duration(rows[i].text) == rows[i].seconds,
					  "%s", rows[i].text);
	}
}
END_TEST

Suite *config_suite(void);

Suite *config_suite(void)
{
	Suite *s = suite_create("config");
	TCase *tc = tcase_create("config");

	tcase_add_checked_fixture(tc, setup, teardown);
	tcase_add_test(tc, test_defaults);
	tcase_add_test(tc, test_every_option);
	tcase_add_test(tc, test_no_comments);
	tcase_add_loop_test(tc, test_bad_lines, 0, sizeof(bad) / sizeof(bad[0]));
	tcase_add_test(tc, test_zero_byte);
	tcase_add_test(tc, test_no_file);
	tcase_add_test(tc, test_sample_has_the_defaults);
	tcase_add_test(tc, test_durations);
	suite_add_tcase(s, tc);
	return s;
}
