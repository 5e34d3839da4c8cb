/* SPDX-License-Identifier: GPL-2.0-or-later */
/* obold.conf. */
#include "daemon/config.h"
#include "daemon/config_comments.h"
#include "fuzz/support.h"

#define WHY_MAX 512

static size_t lines_of(const char *text)
{
	size_t n = 0;

	for (; *text; text++)
	{
		n += *text == '\n';
	}
	return n;
}

/* line numbers and lengths stay, and there is no comment left to blank */
static void check_comments(struct obol_bytes in)
{
	char *text = fuzz_string(in), *before = fuzz_string(in), *once;

	obol_config_blank_comments(text);
	FUZZ_CHECK(strlen(text) == strlen(before));
	FUZZ_CHECK(lines_of(text) == lines_of(before));
	once = fuzz_string(obol_bytes_str(text));
	obol_config_blank_comments(text);
	FUZZ_CHECK(strcmp(text, once) == 0);
	free(once);
	free(before);
	free(text);
}

/* what the processes rely on */
static void check_sections(const struct obol_config *config)
{
	size_t i;

	FUZZ_CHECK(config->signer.n_names <= OBOL_SIGNER_NAMES_MAX);
	for (i = 0; i < config->signer.n_names; i++)
	{
		FUZZ_CHECK(config->signer.names[i][0] == '@' ||
				   config->signer.names[i][0] == '.');
	}
	FUZZ_CHECK(config->signer.per_second && config->keeper.per_second);
	FUZZ_CHECK(config->signer.lifetime_max_s >= config->ca.lifetime_s);
	FUZZ_CHECK(config->keeper.per_slot >= 40);
	FUZZ_CHECK(config->crl.lifetime_s >= 10);
	FUZZ_CHECK(config->relay.n_listen <= OBOL_LISTEN_MAX &&
			   config->relay.rooms >= 1 && config->relay.rooms <= 1000 &&
			   config->relay.waiting_s > 0 && config->relay.total_s > 0);
	FUZZ_CHECK(config->enrolment.per_day && config->enrolment.waiting);
	FUZZ_CHECK(config->control.changes_per_day && config->control.group[0]);
	FUZZ_CHECK(!config->control.socket[0] || config->control.socket[0] == '/');
}

static void run(struct obol_bytes in)
{
	struct obol_config *config = NULL;
	char why[WHY_MAX] = "";
	char *text = fuzz_string(in);
	enum obol_status status;

	check_comments(in);
	(void)obol_config_duration(text);
	free(text);
	status = obol_config_load(fuzz_file(in), &config, why, sizeof(why));
	if (status == OBOL_OK)
	{
		FUZZ_CHECK(config->server_name[0] && config->n_listen > 0 &&
				   config->n_listen <= OBOL_LISTEN_MAX);
		FUZZ_CHECK(obol_ksf_accept(&config->password_ksf) == OBOL_OK);
		check_sections(config);
		obol_config_free(config);
	}
	else
	{
		FUZZ_CHECK(status == OBOL_ERR_FORMAT && why[0]);
	}
}

static void seed(struct fuzz_seeds *seeds)
{
	fuzz_seed_text(seeds, "least",
				   "server_name = vpn.example.org\ndomain = example.org\n");
	fuzz_seed_text(
		seeds, "most",
		"# comment\nserver_name = \"vpn.example.org\" // more\n"
		"domain = example.org\nlisten = { \"[::]:4501\", 192.0.2.1 }\n"
		"database = /var/lib/obol/obol.db\nkeys = /etc/obol/obold.keys\n"
		"user = obol\ngroup = obol\nworkers = 2\npid_file = /run/o.pid\n"
		"log_level = debug\ntls {\n certificate = /a\n key = /b\n}\n"
		"ca {\n certificate = \"\"\n key = \"\"\n lifetime = 30d\n}\n"
		"password {\n scrypt_log2_n = 16\n}\nlimits {\n connections = 10\n"
		" connections_per_source = 5\n failures_per_source = 2\n"
		" guess_rows = 1000\n}\ntimeouts {\n handshake = 10s\n login = 1m\n"
		" idle = 1h\n total = 1d\n drain = 5s /* end */\n}\n");
	fuzz_seed_text(
		seeds, "processes",
		"server_name = a\nkeeper {\n user = k\n group = k\n per_slot = 50\n"
		" per_second = 9\n}\nsigner {\n user = s\n group = s\n"
		" names = { \"@a\", \".b\" }\n lifetime_max = 90d\n per_second = 5\n}\n"
		"control {\n socket = /run/c\n group = g\n changes_per_day = 3\n}\n"
		"crl {\n lifetime = 2h\n file = /c\n uri = \"http://a/crl\"\n}\n"
		"http {\n listen = \"127.0.0.1:80\"\n}\n");
	fuzz_seed_text(
		seeds, "strangers",
		"server_name = a\nrelay {\n listen = { \"[::]:4502\" }\n rooms = 3\n"
		" rooms_per_source = 2\n requests_per_source = 4\n size = 5\n"
		" waiting = 6s\n total = 7s\n}\nenrolment {\n open = approve\n"
		" names = \"x-*\"\n per_day = 9\n waiting = 8\n"
		" attempts_per_source = 7\n}\nca {\n mode = device\n"
		" key_type = rsa-3072\n subject = \"CN=%a, O=E\"\n san = \"%i\"\n}\n");
	fuzz_seed_text(seeds, "open", "tls {\n certificate = /a\n");
	fuzz_seed_text(seeds, "quote", "server_name = \"a\\x41\\n${HOME}\n");
	fuzz_seed_text(seeds, "duration", "30d");
	fuzz_seed_text(seeds, "comment", "/* # // \"");
}

static struct fuzz_target target = {
	.name = "config",
	.what = "a configuration that is taken is within its bounds",
	.run = run,
	.seed = seed,
	.max_len = 2048,
};

FUZZ_TARGET(target)
