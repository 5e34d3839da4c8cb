/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A PKCS#11 token in software. */
#include "support/softhsm.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *const modules[] = {
	"/usr/lib/softhsm/libsofthsm2.so",
	"/usr/lib64/softhsm/libsofthsm.so",
	"/usr/lib64/pkcs11/libsofthsm2.so",
};

static bool run(const char *command)
{
	return system(command) == 0;
}

static void write_configuration(struct softhsm *hsm)
{
	char text[512];
	int n = snprintf(text, sizeof(text),
					 "directories.tokendir = %s\nobjectstore.backend = file\n"
					 "log.level = ERROR\n",
					 tempdir_file(&hsm->dir, "tokens"));

	tempdir_write(&hsm->dir, "softhsm2.conf", text, (size_t)n, 0644);
	ck_assert_int_eq(mkdir(tempdir_file(&hsm->dir, "tokens"), 0700), 0);
	ck_assert_int_eq(
		setenv("SOFTHSM2_CONF", tempdir_file(&hsm->dir, "softhsm2.conf"), 1),
		0);
}

bool softhsm_init(struct softhsm *hsm)
{
	size_t i;

	memset(hsm, 0, sizeof(*hsm));
	for (i = 0; !*hsm->module && i < sizeof(modules) / sizeof(modules[0]); i++)
	{
		if (access(modules[i], R_OK) == 0)
		{
			(void)snprintf(hsm->module, sizeof(hsm->module), "%s", modules[i]);
		}
	}
	if (!*hsm->module || !run("command -v pkcs11-tool >/dev/null") ||
		!run("command -v softhsm2-util >/dev/null"))
	{
		(void)fputs("no SoftHSM or no pkcs11-tool here: not tested\n", stderr);
		return false;
	}
	tempdir_init(&hsm->dir);
	write_configuration(hsm);
	ck_assert(run("softhsm2-util --init-token --free --label obol "
				  "--so-pin 0815 --pin " SOFTHSM_PIN " >/dev/null 2>&1"));
	return true;
}

void softhsm_clear(struct softhsm *hsm)
{
	char command[512];

	if (*hsm->dir.path)
	{
		(void)snprintf(command, sizeof(command), "rm -rf '%s'", hsm->dir.path);
		ck_assert(run(command));
		hsm->dir.path[0] = '\0';
	}
}

void softhsm_key(struct softhsm *hsm, const char *kind, const char *label,
				 const char *id)
{
	char command[1024];

	(void)snprintf(command, sizeof(command),
				   "pkcs11-tool --module %s --token-label obol --login "
				   "--pin " SOFTHSM_PIN " --keypairgen --key-type %s --label "
				   "%s --id %s >/dev/null 2>&1",
				   hsm->module, kind, label, id);
	ck_assert(run(command));
}

bool softhsm_login(struct softhsm *hsm, const char *pin)
{
	char command[512];

	(void)snprintf(command, sizeof(command),
				   "pkcs11-tool --module %s --token-label obol --login --pin "
				   "%s --list-objects >/dev/null 2>&1",
				   hsm->module, pin);
	return run(command);
}

void softhsm_key_file(struct softhsm *hsm, const char *name,
					  const char *attributes, const char *pin)
{
	char text[1024], pin_name[64];
	int n;

	(void)snprintf(pin_name, sizeof(pin_name), "%s.pin", name);
	tempdir_write(&hsm->dir, pin_name, pin, strlen(pin), 0600);
	n = snprintf(text, sizeof(text),
				 "pkcs11:%s?module-path=%s&pin-source=file:%s\n", attributes,
				 hsm->module, tempdir_file(&hsm->dir, pin_name));
	tempdir_write(&hsm->dir, name, text, (size_t)n, 0600);
}
