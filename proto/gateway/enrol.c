/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Enrolling a gateway. */
#include "gateway/enrol.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <obol/client.h>

#include "base/file.h"
#include "base/rng.h"
#include "tools/askpass.h"

/** Random bytes of the password that nobody gets to know. */
#define PASSWORD_LEN 24

static int fail(const char *text)
{
	(void)fprintf(stderr, "obol-gateway: %s\n", text);
	return EXIT_FAILURE;
}

/* Activation wants a password. A gateway needs none, so nobody has it. */
static enum obol_status make_password(struct obol_secret **password)
{
	static const char digits[] = "0123456789abcdef";
	struct obol_secret *text = obol_secret_new(2 * (size_t)PASSWORD_LEN);
	uint8_t random[PASSWORD_LEN];
	enum obol_status status = OBOL_ERR_NOMEM;
	uint8_t *out;
	size_t i;

	if (text)
	{
		status = obol_rng_fill(obol_rng_system(), random, sizeof(random));
	}
	if (status != OBOL_OK)
	{
		obol_secret_free(text);
		return status;
	}
	out = obol_secret_ptr(text);
	for (i = 0; i < sizeof(random); i++)
	{
		out[2 * i] = (uint8_t)digits[random[i] >> 4];
		out[2 * i + 1] = (uint8_t)digits[random[i] & 15];
	}
	obol_wipe(random, sizeof(random));
	*password = text;
	return OBOL_OK;
}

static bool open_client(const struct obol_enrol_options *enrol,
						struct obol_client **client)
{
	struct obol_client_options options;
	struct obol_error error;

	obol_client_options_init(&options);
	options.account = enrol->account;
	options.servers = enrol->server;
	options.tls_ca = enrol->tls_ca;
	options.state_file = enrol->files->state;
	if (obol_client_new(&options, client, &error) == OBOL_OK)
	{
		return true;
	}
	(void)fail(error.text);
	return false;
}

static bool activate(struct obol_client *client, const struct obol_secret *code,
					 struct obol_device *device)
{
	struct obol_secret *password = NULL;
	char label[65] = "gateway";
	bool done;

	(void)gethostname(label, sizeof(label) - 1);
	label[sizeof(label) - 1] = '\0';
	if (make_password(&password) != OBOL_OK)
	{
		(void)fail("out of memory");
		return false;
	}
	done = obol_client_login_activation(client, code) == OBOL_OK &&
		   obol_client_activate(client, password, *label ? label : "gateway",
								device) == OBOL_OK;
	if (!done)
	{
		(void)fail(obol_client_error(client)->text);
	}
	obol_secret_free(password);
	return done;
}

/* Before the server is asked, so that what cannot be written uses no code up:
 * whether it is enrolled is told by the device's file. */
static bool save_account(const struct obol_enrol_options *options)
{
	char line[OBOL_GATEWAY_PATH_MAX], why[512];

	(void)snprintf(line, sizeof(line), "%s\n", options->account);
	if (obol_file_replace(options->files->account, obol_bytes_str(line), 0644,
						  why, sizeof(why)) != OBOL_OK)
	{
		(void)fail(why);
		return false;
	}
	return true;
}

static bool save_device(const struct obol_enrol_options *options,
						const struct obol_device *device)
{
	struct obol_error error;

	if (obol_device_save(options->files->device, device, &error) != OBOL_OK)
	{
		(void)fail(error.text);
		return false;
	}
	return true;
}

static bool check(const struct obol_enrol_options *options)
{
	const char *dir = options->dir;

	if (!strchr(options->account, '@') && !options->server)
	{
		(void)fail("--enrol takes NAME@SERVER, as obolctl gateway add says it");
		return false;
	}
	if (strlen(options->account) > 500 || strchr(options->account, '\n'))
	{
		(void)fail("that is no account");
		return false;
	}
	if (mkdir(dir, 0700) != 0 && errno != EEXIST)
	{
		(void)fprintf(stderr, "obol-gateway: %s cannot be made: %s\n", dir,
					  strerror(errno));
		return false;
	}
	if (access(options->files->device, F_OK) == 0)
	{
		(void)fprintf(stderr,
					  "obol-gateway: this gateway is enrolled already; to do "
					  "it anew, remove %s first\n",
					  dir);
		return false;
	}
	return true;
}

int obol_enrol(const struct obol_enrol_options *options)
{
	struct obol_secret *code = NULL;
	struct obol_client *client = NULL;
	struct obol_device device = { { 0 }, NULL };
	int exit_code = EXIT_FAILURE;

	if (!check(options) || !open_client(options, &client) ||
		!save_account(options))
	{
		obol_client_free(client);
		return exit_code;
	}
	if ((options->code_fd >= 0
			 ? obol_askpass_fd(options->code_fd, &code)
			 : obol_askpass("Activation code: ", &code)) != OBOL_OK)
	{
		(void)fail("there is no activation code; give it at the prompt, or "
				   "with --code-fd");
	}
	else if (activate(client, code, &device) && save_device(options, &device))
	{
		(void)printf("this gateway is enrolled as %s\n\nnext: systemctl "
					 "enable --now obol-gateway\n",
					 options->account);
		exit_code = EXIT_SUCCESS;
	}
	obol_device_clear(&device);
	obol_secret_free(code);
	obol_client_free(client);
	return exit_code;
}
