/* SPDX-License-Identifier: GPL-2.0-or-later */
/* obolctl init: the text of obold.conf. */
#include "tools/ctl_init.h"

#include "base/writer.h"

static void write_line(struct obol_writer *w, const char *text)
{
	obol_write_bytes(w, obol_bytes_str(text));
}

static void write_setting(struct obol_writer *w, const char *name,
						  const char *value)
{
	write_line(w, name);
	write_line(w, " = \"");
	write_line(w, value);
	write_line(w, "\"\n");
}

static void write_listen(struct obol_writer *w,
						 const struct obol_config *config)
{
	size_t i;

	if (config->n_listen == 0)
	{
		return;
	}
	write_line(w, "listen = {");
	for (i = 0; i < config->n_listen; i++)
	{
		write_line(w, i ? ", \"" : "\"");
		write_line(w, config->listen[i]);
		write_line(w, "\"");
	}
	write_line(w, "}\n");
}

/** Quotes and backslashes would need what nobody puts in such names. */
bool obol_ctl_init_is_plain(const struct obol_config *config)
{
	const char *const values[] = {
		config->server_name, config->domain, config->database,
		config->keys,        config->user,   config->tls.certificate,
		config->tls.key,     config->ca.key, config->ca.certificate,
	};
	size_t i;

	for (i = 0; i < sizeof(values) / sizeof(values[0]); i++)
	{
		if (strpbrk(values[i], "\"\\\n$"))
		{
			(void)obol_ctl_fail("names and paths in the configuration have no "
								"quotes, backslashes or '$'");
			return false;
		}
	}
	return true;
}

static void write_signer(struct obol_writer *w,
						 const struct obol_config *config)
{
	char pin[OBOL_SIGNER_PIN_TEXT];

	obol_signer_pin_print(config->signer.pin, pin);
	write_line(w, "}\nsigner {\n\t");
	write_setting(w, "server", config->signer.server);
	write_line(w, "\t");
	write_setting(w, "pin", pin);
	write_line(w, "\t");
	write_setting(w, "certificate", config->signer.certificate);
	write_line(w, "\t");
	write_setting(w, "key", config->signer.key);
}

enum obol_status obol_ctl_init_config_text(const struct obol_config *config,
										   struct obol_secret **text)
{
	enum obol_status status;
	struct obol_writer w;

	obol_writer_init(&w);
	write_line(&w, "# Made by obolctl init; obold.conf(5) describes each "
				   "option.\n\n");
	write_setting(&w, "server_name", config->server_name);
	write_setting(&w, "domain", config->domain);
	write_listen(&w, config);
	write_setting(&w, "database", config->database);
	write_setting(&w, "keys", config->keys);
	write_setting(&w, "user", config->user);
	write_line(&w, "tls {\n\t");
	write_setting(&w, "certificate", config->tls.certificate);
	write_line(&w, "\t");
	write_setting(&w, "key", config->tls.key);
	write_line(&w, "}\nca {\n\t");
	write_setting(&w, "certificate", config->ca.certificate);
	if (*config->signer.server)
	{
		write_signer(&w, config);
	}
	else
	{
		write_line(&w, "\t");
		write_setting(&w, "key", config->ca.key);
	}
	write_line(&w, "}\n");
	status = obol_writer_status(&w);
	if (status == OBOL_OK)
	{
		*text =
			obol_secret_dup(obol_writer_view(&w).ptr, obol_writer_view(&w).len);
		status = *text ? OBOL_OK : OBOL_ERR_NOMEM;
	}
	obol_writer_clear(&w);
	return status;
}
