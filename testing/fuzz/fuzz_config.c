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
