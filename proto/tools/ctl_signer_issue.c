/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A gateway's certificate by a signer on another machine. */
#include "tools/ctl_signer.h"

#include "daemon/signer_link.h"
#include "daemon/signer_proxy.h"

#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/** How long the signer may be away, in milliseconds, and between two looks. */
#define PATIENCE_MS 6000
#define LOOK_MS 100

/** The process that passes on, and the ways to it. */
struct way {
	pid_t pid;
	int parent_fd;
	int ask_fd;
};

/** In a new process: what obold's has, and these names for gateways, as it is
 * root who asks; the signer has a list of its own. */
static void become_proxy(struct obol_ctl *ctl,
						 const struct obol_certificate_profile *profile,
						 int answer_fd, int parent_fd)
{
	struct obol_signer_proxy_options options = {
		.signer = {
			.certificate_path = ctl->config->ca.certificate,
			.rules = obol_signer_rules_of(ctl->config),
			.n_peers = 1,
			.publisher = 1,
			.peers = &answer_fd,
			.parent_fd = parent_fd,
			.clock = ctl->clock,
			.log = &ctl->log,
		},
		.config = ctl->config,
	};
	struct obol_signer_rules *rules = &options.signer.rules;
	int keep[] = { answer_fd, parent_fd };
	char why[OBOL_WHY_MAX];
	size_t i;

	rules->gateways[rules->n_gateways++] = profile->common_name;
	for (i = 0; i < profile->n_sans; i++)
	{
		rules->gateways[rules->n_gateways++] = profile->sans[i];
	}
	obol_privileges_hide();
	obol_privileges_keep_only(keep, 2);
	if (obol_identity_find(ctl->config->user, ctl->config->group,
						   &options.signer.identity, why,
						   sizeof(why)) != OBOL_OK)
	{
		(void)obol_ctl_fail("%s", why);
		_exit(1);
	}
	_exit(obol_signer_proxy_run(&options));
}

static bool open_way(struct obol_ctl *ctl,
					 const struct obol_certificate_profile *profile,
					 struct way *way)
{
	int asks[2], ends[2];
	char byte;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, asks) != 0)
	{
		return false;
	}
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
	{
		(void)close(asks[0]);
		(void)close(asks[1]);
		return false;
	}
	(void)fflush(stdout);
	way->pid = fork();
	if (way->pid == 0)
	{
		become_proxy(ctl, profile, asks[1], ends[1]);
	}
	(void)close(asks[1]);
	(void)close(ends[1]);
	way->ask_fd = asks[0];
	way->parent_fd = ends[0];
	/* it has said what is wrong when there is none */
	return way->pid > 0 && read(way->parent_fd, &byte, 1) == 1;
}

static void close_way(struct way *way)
{
	(void)close(way->ask_fd);
	(void)close(way->parent_fd);
	if (way->pid > 0)
	{
		(void)waitpid(way->pid, NULL, 0);
	}
}

/** It answers at once, also while it is still connecting. */
static enum obol_status issue(struct obol_ctl *ctl, struct obol_issuer *issuer,
							  struct obol_bytes public_key,
							  const struct obol_certificate_profile *profile,
							  struct obol_issued *issued)
{
	static const struct timespec look = { 0, LOOK_MS * 1000000L };
	uint64_t end = obol_mono_ms(ctl->clock) + PATIENCE_MS;
	enum obol_status status;

	while ((status = issuer->issue(issuer, public_key, profile, issued)) ==
			   OBOL_ERR_IO &&
		   obol_mono_ms(ctl->clock) < end)
	{
		(void)nanosleep(&look, NULL);
	}
	return status;
}

static void tell(const struct obol_ctl *ctl, enum obol_status status)
{
	if (status == OBOL_ERR_DENIED)
	{
		(void)obol_ctl_fail("the signer at %s does not sign for these names; "
							"signer.gateways there must have all of them",
							ctl->config->signer.server);
	}
	else
	{
		(void)obol_ctl_fail("the signer at %s does not sign now (%s)",
							ctl->config->signer.server,
							obol_status_name(status));
	}
}

bool obol_ctl_signer_issue(struct obol_ctl *ctl, struct obol_bytes public_key,
						   const struct obol_certificate_profile *profile,
						   struct obol_issued *issued)
{
	struct way way = { .ask_fd = -1, .parent_fd = -1 };
	struct obol_issuer *issuer = NULL;
	enum obol_status status = OBOL_ERR_IO;

	(void)signal(SIGPIPE, SIG_IGN);
	if (open_way(ctl, profile, &way))
	{
		status = obol_signer_link_new(way.ask_fd, OBOL_SIGNER_PRESENT, ctl->rng,
									  &issuer);
	}
	if (status == OBOL_OK)
	{
		status = issue(ctl, issuer, public_key, profile, issued);
	}
	if (status != OBOL_OK)
	{
		tell(ctl, status);
	}
	obol_issuer_free(issuer);
	close_way(&way);
	return status == OBOL_OK;
}
