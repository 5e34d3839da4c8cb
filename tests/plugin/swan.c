/* SPDX-License-Identifier: GPL-2.0-or-later */
/* libstrongswan for the plugin's tests. */
#include "plugin/swan.h"
#include "support/tempdir.h"

#include "obol_now.h"

#include <processing/processor.h>
#include <utils/debug.h>

#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LOG_MAX 262144

static struct tempdir dir;

static struct {
	pthread_mutex_t lock;
	char text[LOG_MAX];
	size_t len;
} captured = { PTHREAD_MUTEX_INITIALIZER };

/* strongSwan's openssl plugin leaves OpenSSL's providers in memory at its end.
 * A leak of ours has no frame of that library. */
const char *__lsan_default_suppressions(void);

__attribute__((visibility("default"))) const char *
__lsan_default_suppressions(void)
{
	return "leak:libcrypto.so\n";
}

static void capture(debug_t group, level_t level, char *fmt, ...)
{
	char line[4096];
	va_list args;
	int len;

	if (level > LEVEL_DIAG || group == DBG_JOB || group == DBG_LIB)
	{	/* what libstrongswan does in threads of its own */
		return;
	}
	va_start(args, fmt);
	len = vsnprintf(line, sizeof(line), fmt, args);
	va_end(args);
	len = len < (int)sizeof(line) ? len : (int)sizeof(line) - 1;
	pthread_mutex_lock(&captured.lock);
	if (captured.len + len + 8 < sizeof(captured.text))
	{
		captured.len += snprintf(captured.text + captured.len,
								 sizeof(captured.text) - captured.len,
								 "%d %s\n", (int)level, line);
	}
	pthread_mutex_unlock(&captured.lock);
	if (getenv("SWAN_LOG"))
	{
		fprintf(stderr, "%d %s\n", (int)level, line);
	}
}

void swan_setup(void)
{
	tempdir_init(&dir);
	tempdir_write(&dir, "strongswan.conf", "\n", 1, 0600);
	fake_reset();
	swan_log_clear();
	dbg = capture;
	ck_assert(library_init((char *)tempdir_file(&dir, "strongswan.conf"),
						   "charon"));
	ck_assert(lib->plugins->load(
		lib->plugins, "random nonce sha1 sha2 pem pkcs1 pkcs8 x509 openssl"));
	lib->processor->set_threads(lib->processor, SWAN_THREADS);
	swan_wait(lib->processor->get_total_threads(lib->processor) ==
						SWAN_THREADS);
}

void swan_teardown(void)
{
	lib->processor->cancel(lib->processor);
	library_deinit();
	tempdir_clear(&dir);
}

void swan_set(const char *key, const char *value)
{
	char full[128];

	/* as an argument of a format it would be one word, dots and all */
	snprintf(full, sizeof(full), "charon.plugins.obol.%s", key);
	lib->settings->set_str(lib->settings, full, (char *)value);
}

const char *swan_device(const char *name, const char *secret)
{
	struct obol_device device = { .id = { 1 } };
	const char *path = tempdir_file(&dir, name);

	device.secret = obol_secret_dup(secret, OBOL_CLIENT_DEVICE_LEN);
	ck_assert(obol_device_save(path, &device, NULL) == OBOL_OK);
	obol_device_clear(&device);
	return path;
}

void swan_profiles(bool work)
{
	swan_set("profiles.home.account", "alice@home");
	swan_set("profiles.home.device_file",
			 swan_device("home.device", "device-of-alice."));
	if (work)
	{
		swan_set("profiles.work.account", "bob@work");
		swan_set("profiles.work.device_file",
				 swan_device("work.device", "device-of-bobby."));
	}
}

void swan_password_profile(void)
{
	swan_set("profiles.home.account", "alice@home");
}

unsigned swan_logged(const char *text)
{
	unsigned n = 0;
	const char *pos;

	pthread_mutex_lock(&captured.lock);
	for (pos = captured.text; (pos = strstr(pos, text)); n++)
	{
		pos += strcspn(pos, "\n");
	}
	pthread_mutex_unlock(&captured.lock);
	return n;
}

const char *swan_log(void)
{
	static char copy[LOG_MAX];

	pthread_mutex_lock(&captured.lock);
	memcpy(copy, captured.text, captured.len + 1);
	pthread_mutex_unlock(&captured.lock);
	return copy;
}

void swan_log_clear(void)
{
	pthread_mutex_lock(&captured.lock);
	captured.text[0] = '\0';
	captured.len = 0;
	pthread_mutex_unlock(&captured.lock);
}

int64_t swan_now(void)
{
	return obol_now_ms();
}

identification_t *swan_keyid(struct obol_bytes der)
{
	certificate_t *cert;
	public_key_t *public;
	identification_t *id;
	chunk_t fingerprint;

	cert = lib->creds->create(lib->creds, CRED_CERTIFICATE, CERT_X509,
							  BUILD_BLOB_ASN1_DER,
							  chunk_create((u_char *)der.ptr, der.len),
							  BUILD_END);
	ck_assert(cert);
	public = cert->get_public_key(cert);
	ck_assert(public->get_fingerprint(public, KEYID_PUBKEY_INFO_SHA1,
									  &fingerprint));
	id = identification_create_from_encoding(ID_KEY_ID, fingerprint);
	public->destroy(public);
	cert->destroy(cert);
	return id;
}

unsigned swan_count_certs(credential_set_t *set, certificate_type_t type,
						  key_type_t key, identification_t *id, bool trusted)
{
	enumerator_t *enumerator;
	certificate_t *cert;
	unsigned n = 0;

	enumerator = set->create_cert_enumerator(set, type, key, id, trusted);
	while (enumerator->enumerate(enumerator, &cert))
	{
		n++;
	}
	enumerator->destroy(enumerator);
	return n;
}

unsigned swan_count_keys(credential_set_t *set)
{
	enumerator_t *enumerator;
	private_key_t *key;
	unsigned n = 0;

	enumerator = set->create_private_enumerator(set, KEY_ANY, NULL);
	while (enumerator->enumerate(enumerator, &key))
	{
		n++;
	}
	enumerator->destroy(enumerator);
	return n;
}
