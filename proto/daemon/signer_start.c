/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A crew's signer, and the ways to it. */
#include "daemon/signer_start.h"

#include <sys/socket.h>
#include <unistd.h>

#include "daemon/signer.h"
#include "daemon/signer_proxy.h"

void obol_signer_ways_close(struct obol_signer_ways *ways)
{
	while (ways->n)
	{
		ways->n--;
		(void)close(ways->asks[ways->n]);
		(void)close(ways->answers[ways->n]);
	}
}

bool obol_signer_ways_open(struct obol_signer_ways *ways, size_t n)
{
	int fds[2];

	for (ways->n = 0; ways->n < n; ways->n++)
	{
		if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds) != 0)
		{
			obol_signer_ways_close(ways);
			return false;
		}
		ways->asks[ways->n] = fds[0];
		ways->answers[ways->n] = fds[1];
	}
	return true;
}

int obol_signer_way(const struct obol_signer_ways *ways, size_t i)
{
	return i < ways->n ? ways->asks[i] : -1;
}

static void become_signer(const struct obol_crew_options *options,
						  const struct obol_signer_ways *ways,
						  obol_board_slot slot, int fd)
{
	const struct obol_config *config = options->assets->config;
	struct obol_signer_options signer = {
		.certificate_path = config->ca.certificate,
		.key_path = config->ca.key,
		.rules = obol_signer_rules_of(config),
		.n_peers = ways->n,
		.peers = ways->answers,
		/* as crew.c gives them out */
		.publisher = ways->n - 1,
		.parent_fd = fd,
		.table = options->table,
		.per_second = config->signer.per_second,
		.audit_path = config->signer.audit,
		.meter = obol_board_enter(options->board, slot),
		.identity = options->signer_identity,
		.clock = options->clock,
		.log = options->log,
	};
	struct obol_signer_proxy_options proxy = { .config = config };
	int keep[OBOL_WORKERS_MAX + 2] = { fd };
	const char *folders[OBOL_TOKEN_FOLDERS_MAX + 1] = { NULL };
	size_t i;

	for (i = 0; i < config->signer.n_token_folders; i++)
	{
		folders[i] = config->signer.token_folders[i];
	}
	signer.token_folders = folders;
	proxy.signer = signer;
	memcpy(keep + 1, ways->answers, ways->n * sizeof(keep[0]));
	obol_crew_enter(options, "obold-signer", keep, 1 + ways->n);
	_exit(*config->signer.server ? obol_signer_proxy_run(&proxy)
								 : obol_signer_run(&signer));
}

bool obol_signer_start(const struct obol_crew_options *options,
					   const struct obol_signer_ways *ways,
					   struct obol_pair *pair)
{
	obol_board_slot slot;
	int fds[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds) != 0)
	{
		return false;
	}
	slot = obol_board_take(options->board, OBOL_PROCESS_SIGNER);
	obol_keeper_table_share(options->table, true);
	pair->worker = fork();
	if (pair->worker == 0)
	{
		become_signer(options, ways, slot, fds[1]);
	}
	obol_keeper_table_share(options->table, false);
	obol_board_forked(options->board, slot, pair->worker);
	(void)close(fds[1]);
	if (pair->worker < 0)
	{
		(void)close(fds[0]);
		pair->worker = 0;
		return false;
	}
	pair->fd = fds[0];
	return true;
}
