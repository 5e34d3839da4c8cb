/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * What a running obold says of itself, for obolctl status.
 */
#ifndef OBOL_TOOLS_CTL_RUNNING_H_
#define OBOL_TOOLS_CTL_RUNNING_H_

#include "base/bytes.h"
#include "tools/output.h"

/** Buckets of a histogram at most, the last one included. */
#define OBOL_RUNNING_BUCKETS_MAX 32

/** How long something took, over all labels. */
struct obol_running_times {
	size_t n;
	/** upper bounds in seconds, and how many were at most that long */
	struct {
		double bound_s;
		double count;
	} buckets[OBOL_RUNNING_BUCKETS_MAX];
};

enum obol_running_figure {
	OBOL_RUNNING_STARTED_AT,
	OBOL_RUNNING_OPEN,
	OBOL_RUNNING_OPEN_MAX,
	OBOL_RUNNING_ACCEPTED,
	OBOL_RUNNING_CONNECTIONS,
	OBOL_RUNNING_LOGINS_OK,
	OBOL_RUNNING_LOGINS_FAILED,
	OBOL_RUNNING_LOGINS_REFUSED,
	OBOL_RUNNING_LOGINS_LATER,
	OBOL_RUNNING_LOGINS_ERROR,
	OBOL_RUNNING_REQUESTS,
	OBOL_RUNNING_REQUEST_ERRORS,
	OBOL_RUNNING_OPERATIONS,
	OBOL_RUNNING_OPERATION_ERRORS,
	OBOL_RUNNING_KEY_USES,
	OBOL_RUNNING_KEY_REFUSALS,
	OBOL_RUNNING_SIGNATURES,
	OBOL_RUNNING_SIGNER_REFUSALS,
	OBOL_RUNNING_SIGNER_ERRORS,
	/** processes: there is a CA, a relay */
	OBOL_RUNNING_SIGNERS,
	OBOL_RUNNING_SIGNER_CONNECTED,
	OBOL_RUNNING_RELAYS,
	OBOL_RUNNING_RELAY_ROOMS,
	OBOL_RUNNING_RELAY_BYTES,
	OBOL_RUNNING_PROCESSES,
	OBOL_RUNNING_RESTARTS,
	OBOL_RUNNING_RELOADS_FAILED,
	OBOL_RUNNING_CRL_NUMBER,
	OBOL_RUNNING_CRL_ENDS_AT,
	OBOL_RUNNING_N,
};

struct obol_running {
	/** obold.conf says where to ask; nothing else is set otherwise */
	bool is_asked;
	bool answers;
	bool is_well;
	/** what is wrong, or "ok" */
	char why[256];
	char version[64];
	double figures[OBOL_RUNNING_N];
	struct obol_running_times requests;
	struct obol_running_times operations;
	struct obol_running_times signatures;
};

/** Ask where obold.conf says, "" for nowhere. */
void obol_running_ask(const char *address, struct obol_running *running);

/** Take the figures of a document of /metrics. OK; FORMAT. */
enum obol_status
obol_running_read(struct obol_bytes text,
				  struct obol_running *running) OBOL_MUST_CHECK;

/** The time that a share of them took at most, such as 0.99, in seconds: the
 * upper bound of its bucket. Below 0 without any, or above all bounds. */
double obol_running_within(const struct obol_running_times *times,
						   double share);

/** For people: lines of a label, 16 characters wide, and what there is. */
void obol_running_print(const struct obol_running *running);

/** For programs: an object "obold". */
void obol_running_json(const struct obol_running *running,
					   struct obol_json *json);

#endif /* OBOL_TOOLS_CTL_RUNNING_H_ */
