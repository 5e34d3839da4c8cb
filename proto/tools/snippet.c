/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Connections for swanctl.conf. */
#include "tools/snippet.h"
#include "tools/connection.h"
#include "tools/profile.h"

/** A value in swanctl.conf, quoted: names may have what ends one. */
static void print_quoted(FILE *file, const char *text)
{
	(void)fputc('"', file);
	for (; *text; text++)
	{
		if (*text == '"' || *text == '\\')
		{
			(void)fputc('\\', file);
		}
		(void)fputc(*text, file);
	}
	(void)fputc('"', file);
}

static void print_setting(FILE *file, int depth, const char *name,
						  const char *value)
{
	(void)fprintf(file, "%.*s%s = ", depth, "\t\t\t\t", name);
	print_quoted(file, value);
	(void)fputc('\n', file);
}

void obol_snippet_client(FILE *file, const struct obol_snippet *snippet)
{
	char name[PROFILE_NAME_MAX];
	struct connection connection = {
		.name = name,
		.remote_addrs = snippet->gateway,
		.remote_id = snippet->gateway_id,
		.ca_id = snippet->ca_id,
		.local_id = snippet->local_id,
		.remote_ts = "0.0.0.0/0, ::/0",
	};
	struct obol_writer w;

	profile_name_for(snippet->name, name);
	obol_writer_init(&w);
	connection_write(&w, &connection);
	(void)fwrite(obol_writer_view(&w).ptr, 1, obol_writer_view(&w).len, file);
	obol_writer_clear(&w);
}

void obol_snippet_gateway(FILE *file, const struct obol_snippet *snippet)
{
	char certificate[300];

	(void)snprintf(certificate, sizeof(certificate), "%s.pem",
				   snippet->gateway_id);
	(void)fputs("connections {\n\trw {\n\t\tversion = 2\n"
				"\t\tunique = never\n\t\tpools = rw\n"
				"\t\tlocal {\n\t\t\tauth = pubkey\n",
				file);
	print_setting(file, 3, "certs", certificate);
	print_setting(file, 3, "id", snippet->gateway_id);
	(void)fputs("\t\t}\n\t\tremote {\n\t\t\tauth = pubkey\n", file);
	if (*snippet->ca_id)
	{
		print_setting(file, 3, "ca_id", snippet->ca_id);
	}
	(void)fputs("\t\t}\n\t\tchildren {\n\t\t\tnet {\n"
				"\t\t\t\tlocal_ts = 10.1.0.0/16\n\t\t\t}\n\t\t}\n\t}\n}\n"
				"pools {\n\trw {\n\t\taddrs = 10.3.0.0/24\n\t}\n}\n",
				file);
}
