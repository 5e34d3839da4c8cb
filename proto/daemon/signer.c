/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The signer: holds the CA's key. */
#include "daemon/signer.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "daemon/signer_core.h"
#include "daemon/signer_wire.h"

struct signer {
	struct obol_signer_core core;
	const struct obol_signer_options *options;
	/** of each peer */
	struct obol_signer_draft *drafts;
	struct pollfd *fds;
	uint8_t *in;
};

/* A peer that does not read its answers loses them: it waits for one at a
 * time, and must not keep the others waiting. */
static void answer(struct signer *signer, size_t i)
{
	int fd = signer->options->peers[i];
	ssize_t n = recv(fd, signer->in, OBOL_SIGNER_MESSAGE_MAX, MSG_DONTWAIT);
	const struct obol_signer_asker asker = {
		.role = obol_signer_role_of(i, signer->options->publisher),
		.name = "obold",
		.draft = &signer->drafts[i],
	};
	struct obol_bytes all;
	struct obol_writer w;

	if (n <= 0)
	{
		return;
	}
	obol_writer_init(&w);
	if (obol_signer_core_answer(&signer->core, &asker,
								obol_bytes(signer->in, (size_t)n), &w))
	{
		all = obol_writer_view(&w);
		(void)!send(fd, all.ptr, all.len, MSG_NOSIGNAL | MSG_DONTWAIT);
	}
	obol_writer_clear(&w);
}

static int serve(struct signer *signer)
{
	size_t n = signer->options->n_peers, i;
	char byte;

	while (!signer->core.is_lost)
	{
		if (poll(signer->fds, n + 1, -1) < 0 && errno != EINTR)
		{
			return EXIT_FAILURE;
		}
		/* the parent never writes: what can be read is its end */
		if (signer->fds[n].revents &&
			recv(signer->fds[n].fd, &byte, 1, MSG_DONTWAIT) == 0)
		{
			return EXIT_SUCCESS;
		}
		for (i = 0; i < n; i++)
		{
			if (signer->fds[i].revents)
			{
				answer(signer, i);
			}
		}
	}
	return EXIT_FAILURE;
}

static bool open_memory(struct signer *signer)
{
	size_t n = signer->options->n_peers, i;

	signer->drafts = calloc(n, sizeof(*signer->drafts));
	signer->fds = calloc(n + 1, sizeof(*signer->fds));
	signer->in = malloc(OBOL_SIGNER_MESSAGE_MAX);
	if (!signer->drafts || !signer->fds || !signer->in)
	{
		obol_log(signer->options->log, OBOL_LOG_ERROR, "signer",
				 "out of memory");
		return false;
	}
	for (i = 0; i <= n; i++)
	{
		signer->fds[i].fd =
			i < n ? signer->options->peers[i] : signer->options->parent_fd;
		signer->fds[i].events = POLLIN;
	}
	return true;
}

int obol_signer_run(const struct obol_signer_options *options)
{
	struct signer signer = { .options = options };
	int code = EXIT_FAILURE;
	char byte;
	size_t i;

	/* it ends with its crew, when nobody asks any more: see crew.c */
	(void)signal(SIGTERM, SIG_IGN);
	if (obol_signer_core_open(&signer.core, options) && open_memory(&signer) &&
		obol_signer_core_confine(&signer.core, OBOL_SANDBOX_SIGNER,
								 OBOL_SANDBOX_SIGNER_TOKEN))
	{
		obol_meter_set(options->meter, OBOL_METRIC_SIGNER_CONNECTED, 0,
					   !signer.core.tokens.pin_was_refused);
		byte = signer.core.tokens.pin_was_refused ? OBOL_SIGNER_PIN_REFUSED
												  : OBOL_SIGNER_SERVES;
		code = send(options->parent_fd, &byte, 1, MSG_NOSIGNAL) == 1
				   ? serve(&signer)
				   : EXIT_FAILURE;
	}
	for (i = 0; signer.drafts && i < options->n_peers; i++)
	{
		obol_signer_draft_clear(&signer.drafts[i]);
	}
	free(signer.drafts);
	free(signer.fds);
	free(signer.in);
	obol_signer_core_close(&signer.core);
	return code;
}
