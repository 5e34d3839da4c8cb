/* SPDX-License-Identifier: GPL-2.0-or-later */
/* obol-gateway: follows obold's revocations on a VPN gateway. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/signalfd.h>
#include <sys/stat.h>

#include "base/standard_io.h"
#include "gateway/enrol.h"
#include "gateway/follower.h"
#include "tools/options.h"

#define DIR LOCALSTATEDIR "/lib/obol-gateway"
#define CRL SYSCONFDIR "/swanctl/x509crl/obol.crl"
/** No descriptor was named. */
#define NO_FD UINT32_MAX

struct arguments {
	const char *enrol;
	uint32_t code_fd;
	const char *dir;
	const char *server;
	const char *tls_ca;
	const char *crl;
	bool without_crl;
	const char *vici;
	bool is_debug;
	bool wants_version;
};

static enum obol_options_result read_arguments(struct arguments *a, int argc,
											   char **argv)
{
	const struct obol_option options[] = {
		OBOL_TEXT_OPTION("enrol", 'e', "NAME@SERVER",
						 "make this machine the gateway NAME, with the code of "
						 "obolctl gateway add",
						 &a->enrol),
		{ .name = "code-fd",
		  .kind = OBOL_OPTION_NUMBER,
		  .argument = "FD",
		  .help = "with --enrol: descriptor to read the code from",
		  .value = &a->code_fd,
		  .max = 1023 },
		OBOL_TEXT_OPTION("dir", 'd', "DIR",
						 "where account and secret are, default " DIR, &a->dir),
		OBOL_TEXT_OPTION("server", 's', "SERVER",
						 "obold's name or address, if not that of the account",
						 &a->server),
		OBOL_TEXT_OPTION("tls-ca", 0, "FILE",
						 "PEM file of CAs that the server's TLS certificate "
						 "must be signed by",
						 &a->tls_ca),
		OBOL_TEXT_OPTION("crl", 0, "FILE",
						 "where the revocation list is written, default " CRL,
						 &a->crl),
		OBOL_FLAG_OPTION("no-crl", 0, "do not write it", &a->without_crl),
		OBOL_TEXT_OPTION("vici", 0, "URI",
						 "charon's socket, default strongSwan's own", &a->vici),
		OBOL_FLAG_OPTION("debug", 0, "log everything", &a->is_debug),
		OBOL_FLAG_OPTION("version", 'V', "show the version", &a->wants_version),
	};
	const struct obol_usage usage = {
		.command = "obol-gateway",
		.arguments = "",
		.about = "Follow the revocations of the credential server obold on a "
				 "VPN gateway with strongSwan: load the revocation list, end "
				 "tunnels whose certificate was revoked, and report tunnels. "
				 "It stays in the foreground.",
		.options = options,
		.n_options = sizeof(options) / sizeof(options[0]),
	};
	char **args;
	int n;

	return obol_options_parse(&usage, argc, argv, &args, &n);
}

static int enrol(const struct arguments *a,
				 const struct obol_gateway_files *files)
{
	struct obol_enrol_options options = {
		.dir = a->dir,
		.files = files,
		.account = a->enrol,
		.server = a->server,
		.tls_ca = a->tls_ca,
		.code_fd = a->code_fd == NO_FD ? -1 : (int)a->code_fd,
	};

	return obol_enrol(&options);
}

static int run(const struct arguments *a,
			   const struct obol_gateway_files *files)
{
	struct obol_log log;
	struct obol_follower_options options = {
		.files = files,
		.server = a->server,
		.tls_ca = a->tls_ca,
		.crl = a->without_crl ? "" : a->crl,
		.vici = a->vici,
		.clock = obol_clock_system(),
		.log = &log,
	};
	sigset_t signals;

	obol_log_init_stderr(&log, "obol-gateway",
						 a->is_debug ? OBOL_LOG_DEBUG : OBOL_LOG_INFO);
	(void)sigemptyset(&signals);
	(void)sigaddset(&signals, SIGTERM);
	(void)sigaddset(&signals, SIGINT);
	(void)signal(SIGPIPE, SIG_IGN);
	/* before libvici has threads: they inherit it */
	(void)sigprocmask(SIG_BLOCK, &signals, NULL);
	options.stop_fd = signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
	if (options.stop_fd < 0)
	{
		(void)fputs("obol-gateway: signals cannot be caught\n", stderr);
		return EXIT_FAILURE;
	}
	return obol_follower_run(&options);
}

static int work(int argc, char **argv)
{
	struct arguments a = { .code_fd = NO_FD, .dir = DIR, .crl = CRL };
	enum obol_options_result result = read_arguments(&a, argc, argv);
	struct obol_gateway_files files;

	if (result != OBOL_OPTIONS_OK)
	{
		return result == OBOL_OPTIONS_HELP ? EXIT_SUCCESS : OBOL_EXIT_USAGE;
	}
	if (a.wants_version)
	{
		(void)puts("obol-gateway " OBOL_VERSION);
		return EXIT_SUCCESS;
	}
	if (!obol_gateway_files_in(a.dir, &files))
	{
		(void)fputs("obol-gateway: the directory's name is too long\n", stderr);
		return OBOL_EXIT_USAGE;
	}
	(void)umask(077);
	return a.enrol ? enrol(&a, &files) : run(&a, &files);
}

int main(int argc, char **argv)
{
	int code;

	if (!obol_standard_io_open())
	{
		return EXIT_FAILURE;
	}
	code = work(argc, argv);
	if (code == EXIT_SUCCESS && !obol_standard_output_is_whole())
	{
		(void)fputs("obol-gateway: cannot write to standard output\n", stderr);
		code = EXIT_FAILURE;
	}
	return code;
}
