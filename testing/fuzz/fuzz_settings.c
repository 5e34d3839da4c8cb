/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Settings in strongswan.conf's syntax, and profiles written in it. */
#include "fuzz/support.h"
#include "tools/profile.h"
#include "tools/settings.h"

struct found {
	size_t n;
	char value[SETTINGS_VALUE_MAX];
};

static void keep(void *ctx, const char *path, const char *value)
{
	struct found *found = ctx;

	FUZZ_CHECK(path[0] && strlen(path) < SETTINGS_PATH_MAX);
	FUZZ_CHECK(strlen(value) < SETTINGS_VALUE_MAX);
	found->n++;
	strcpy(found->value, value);
}

/* a text that may be written comes back as it was */
static void check_quoted(struct obol_bytes in)
{
	char *text = fuzz_string(in);
	struct found found = { 0, "" };
	struct obol_writer w;
	unsigned line = 0;

	if (strlen(text) < SETTINGS_VALUE_MAX && profile_text_ok(text))
	{
		obol_writer_init(&w);
		obol_write_bytes(&w, obol_bytes_str("a {\n b = "));
		profile_quote(&w, text);
		obol_write_bytes(&w, obol_bytes_str("\n}\n"));
		FUZZ_CHECK(settings_read(obol_writer_view(&w), keep, &found, &line) ==
				   OBOL_OK);
		FUZZ_CHECK(found.n == 1 && strcmp(found.value, text) == 0);
		obol_writer_clear(&w);
	}
	free(text);
}

static void run(struct obol_bytes in)
{
	struct found found = { 0, "" };
	char name[PROFILE_NAME_MAX];
	char *text = fuzz_string(in);
	unsigned line = 0;
	enum obol_status status = settings_read(in, keep, &found, &line);

	FUZZ_CHECK(status == OBOL_OK || (status == OBOL_ERR_FORMAT && line > 0));
	check_quoted(in);
	profile_name_for(text, name);
	FUZZ_CHECK(!name[0] || profile_name_ok(name));
	free(text);
}

static void seed(struct fuzz_seeds *seeds)
{
	struct profile profile = {
		.name = "vpn-example-org",
		.server = "vpn.example.org",
		.account = "alice",
		.credential = "vpn",
		.timeout = "10",
		.device_file = "/etc/strongswan.d/obol/vpn-example-org.device",
		.state_file = "/etc/strongswan.d/obol/vpn-example-org.state",
	};
	struct obol_writer w;

	obol_writer_init(&w);
	profile_write(&w, &profile);
	fuzz_seed(seeds, "profile", obol_writer_view(&w));
	obol_writer_clear(&w);
	fuzz_seed_text(seeds, "nested", "a { b { c = d # e\n f = \"g\\\"h\" } }\n");
	fuzz_seed_text(seeds, "include", "include strongswan.d/*.conf\nx = 1\n");
	fuzz_seed_text(seeds, "open", "a {\n b = \"c\n");
	fuzz_seed_text(seeds, "text", "it's 100%, {nearly}: \\ and = too");
}

static struct fuzz_target target = {
	.name = "settings",
	.what = "a text that may be a setting is read as it was written",
	.run = run,
	.seed = seed,
	.max_len = 2048,
};

FUZZ_TARGET(target)
