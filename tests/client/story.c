/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A user's story by libobol's public functions alone, against a server that
 * runs: activation, a certificate, a second device, a recovery code, a stolen
 * laptop. Run by tests/client/end-to-end. */
#include <obol/client.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static struct obol_client *client;

#define FIRST "a first password"
#define SECOND "a second password"

static void fail(const char *what, int line)
{
	(void)fprintf(stderr, "story.c:%d: %s: %s: %s\n", line, what,
				  client ? obol_cause_name(obol_client_error(client)->cause)
						 : "",
				  client ? obol_client_error(client)->text : "");
	exit(1);
}

#define must(call)                                                             \
	do                                                                         \
	{                                                                          \
		if (!(call))                                                           \
		{                                                                      \
			fail(#call, __LINE__);                                             \
		}                                                                      \
	} while (0)

#define must_ok(call) must((call) == OBOL_OK)

#define must_be(call, wanted)                                                  \
	do                                                                         \
	{                                                                          \
		must((call) != OBOL_OK);                                               \
		must(obol_client_error(client)->cause == (wanted));                    \
	} while (0)

static struct obol_secret *secret_of(const char *text)
{
	return obol_secret_dup(text, strlen(text));
}

static enum obol_status login(const char *password)
{
	struct obol_secret *secret = secret_of(password);
	enum obol_status status = obol_client_login_password(client, secret);

	obol_secret_free(secret);
	return status;
}

/* The code comes by standard input. */
static void activate(struct obol_device *laptop)
{
	struct obol_secret *password = secret_of(FIRST);
	struct obol_secret *code;
	char line[80];

	must(fgets(line, sizeof(line), stdin));
	line[strcspn(line, "\n")] = '\0';
	code = secret_of(line);
	must_ok(obol_client_login_activation(client, code));
	must_ok(obol_client_activate(client, password, "laptop", laptop));
	must_ok(obol_client_issue(client, OBOL_CLIENT_VPN, NULL));
	/* it works once */
	must_be(obol_client_login_activation(client, code), OBOL_CAUSE_AUTH);
	obol_secret_free(code);
	obol_secret_free(password);
}

static uint64_t fetch(const struct obol_device *device)
{
	struct obol_bundle *bundle = NULL;
	uint64_t version = 0;

	must_ok(obol_client_login_device(client, device));
	must_ok(obol_client_fetch(client, OBOL_CLIENT_VPN, 0, &bundle, &version));
	must(obol_bundle_check(bundle, (uint64_t)time(NULL)) == OBOL_BUNDLE_GOOD);
	obol_bundle_free(bundle);
	return version;
}

static void second_device(const struct obol_device *laptop)
{
	struct obol_device phone = { { 0 }, NULL };
	struct obol_slot_info *slots = NULL;
	size_t n;

	must_ok(login(FIRST));
	must_ok(obol_client_add_device(client, "phone", &phone));
	must_ok(obol_client_slots(client, &slots, &n));
	must(n == 3);
	free(slots);
	must(fetch(&phone) == 1 && fetch(laptop) == 1);
	/* the laptop renews, the phone gets the same */
	must_ok(obol_client_issue(client, OBOL_CLIENT_VPN, NULL));
	must(fetch(&phone) == 2);
	must_be(
		obol_client_delete_slot(client, OBOL_CLIENT_SLOT_DEVICE, laptop->id),
		OBOL_CAUSE_NOT_ALLOWED);
	must_ok(login(FIRST));
	must_ok(obol_client_delete_slot(client, OBOL_CLIENT_SLOT_DEVICE, phone.id));
	must_be(obol_client_login_device(client, &phone), OBOL_CAUSE_AUTH);
	obol_device_clear(&phone);
}

static void note(void)
{
	struct obol_secret *body = secret_of("a note");
	struct obol_credential got;
	uint64_t version = 0;

	must_ok(login(FIRST));
	must_ok(obol_client_put(client, "note", 7, 0, body, &version));
	must_be(obol_client_put(client, "note", 7, 0, body, &version),
			OBOL_CAUSE_STALE);
	must_ok(obol_client_get(client, "note", 0, &got));
	must(obol_secret_len(got.body) == 6);
	obol_credential_clear(&got);
	must_ok(obol_client_delete(client, "note", version));
	must_be(obol_client_get(client, "note", 0, &got), OBOL_CAUSE_NOT_FOUND);
	must_ok(obol_client_put(client, "note", 7, version + 1, body, &version));
	obol_secret_free(body);
}

static void forgotten_password(void)
{
	struct obol_secret *password = secret_of(SECOND);
	struct obol_secret *code = NULL;

	must_ok(login(FIRST));
	must_ok(obol_client_new_recovery(client, &code));
	must_ok(obol_client_login_recovery(client, code));
	must_ok(obol_client_change_password(client, password));
	must_be(login(FIRST), OBOL_CAUSE_AUTH);
	must_ok(login(SECOND));
	obol_secret_free(code);
	obol_secret_free(password);
}

/* Everything is sealed anew, nothing but the new password opens it. */
static void stolen_laptop(const struct obol_device *laptop)
{
	struct obol_secret *password = secret_of(FIRST);
	struct obol_device fresh = { { 0 }, NULL };
	struct obol_history_line *lines = NULL;
	size_t n;

	must_ok(login(SECOND));
	must_ok(obol_client_rekey(client, password, "new laptop", &fresh));
	must_be(obol_client_login_device(client, laptop), OBOL_CAUSE_AUTH);
	must(fetch(&fresh) == 3);
	must_ok(obol_client_history(client, 0, 200, &lines, &n));
	must(n > 10);
	free(lines);
	obol_secret_free(password);
	obol_device_clear(&fresh);
}

int main(int argc, char **argv)
{
	struct obol_client_options options;
	struct obol_device laptop = { { 0 }, NULL };
	struct obol_error error;

	obol_client_options_init(&options);
	if (argc != 4)
	{
		(void)fprintf(stderr, "usage: story ACCOUNT@SERVER STATE CA <CODE\n");
		return 2;
	}
	options.account = argv[1];
	options.state_file = argv[2];
	options.tls_ca = argv[3][0] ? argv[3] : NULL;
	if (obol_client_new(&options, &client, &error) != OBOL_OK)
	{
		(void)fprintf(stderr, "%s\n", error.text);
		return 1;
	}
	activate(&laptop);
	must(fetch(&laptop) == 1);
	second_device(&laptop);
	note();
	forgotten_password();
	stolen_laptop(&laptop);
	obol_device_clear(&laptop);
	obol_client_free(client);
	return 0;
}
