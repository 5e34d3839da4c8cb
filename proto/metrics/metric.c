/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table of metrics. */
#include "metrics/metric.h"

#define INFO(id, metric_name, metric_type, a, b, text)                         \
	[OBOL_METRIC_##id] = {                                                     \
		.name = (metric_name),                                                 \
		.help = (text),                                                        \
		.type = OBOL_METRIC_##metric_type,                                     \
		.labels = { OBOL_LABEL_##a, OBOL_LABEL_##b },                          \
		.at = OBOL_METRIC_AT_##id,                                             \
		.n_cells = OBOL_METRIC_SIZE(metric_type, a, b),                        \
	},
const struct obol_metric_info obol_metric_infos[OBOL_METRIC_N] = { OBOL_METRICS(
	INFO) };

static const char *const none_values[] = { "" };
static const char *const version_values[] = { OBOL_VERSION };

static const char *const request_values[] = {
	[OBOL_REQUEST_LOGIN_START] = "login_start",
	[OBOL_REQUEST_LOGIN_FINISH] = "login_finish",
	[OBOL_REQUEST_INFO] = "info",
	[OBOL_REQUEST_LIST] = "list",
	[OBOL_REQUEST_GET] = "get",
	[OBOL_REQUEST_PUT] = "put",
	[OBOL_REQUEST_DELETE] = "delete",
	[OBOL_REQUEST_SLOT_START] = "slot_start",
	[OBOL_REQUEST_SLOT_FINISH] = "slot_finish",
	[OBOL_REQUEST_SLOT_DELETE] = "slot_delete",
	[OBOL_REQUEST_SLOT_LIST] = "slot_list",
	[OBOL_REQUEST_STAGE] = "stage",
	[OBOL_REQUEST_REKEY] = "rekey",
	[OBOL_REQUEST_ISSUE] = "issue",
	[OBOL_REQUEST_ANCHORS] = "anchors",
	[OBOL_REQUEST_ACCOUNT_START] = "account_start",
	[OBOL_REQUEST_ACCOUNT_CREATE] = "account_create",
	[OBOL_REQUEST_ACCOUNT_DELETE] = "account_delete",
	[OBOL_REQUEST_HISTORY] = "history",
	[OBOL_REQUEST_FOLLOW] = "follow",
	[OBOL_REQUEST_REPORT] = "report",
	[OBOL_REQUEST_OTHER] = "other",
};

static const char *const result_values[] = {
	[OBOL_RESULT_OK] = "ok",       [OBOL_RESULT_NOT_FOUND] = "not_found",
	[OBOL_RESULT_STALE] = "stale", [OBOL_RESULT_DENIED] = "denied",
	[OBOL_RESULT_ERROR] = "error",
};

static const char *const kind_values[] = {
	[OBOL_KIND_PASSWORD] = "password",   [OBOL_KIND_ACTIVATION] = "activation",
	[OBOL_KIND_RECOVERY] = "recovery",   [OBOL_KIND_DEVICE] = "device",
	[OBOL_KIND_ENROLMENT] = "enrolment",
};

static const char *const login_values[] = {
	[OBOL_LOGIN_OK] = "ok",           [OBOL_LOGIN_FAILED] = "failed",
	[OBOL_LOGIN_REFUSED] = "refused", [OBOL_LOGIN_LATER] = "later",
	[OBOL_LOGIN_ERROR] = "error",
};

static const char *const limit_values[] = {
	[OBOL_LIMIT_NAME] = "name",
	[OBOL_LIMIT_NETWORK] = "network",
	[OBOL_LIMIT_KEEPER] = "keeper",
};

static const char *const connection_values[] = {
	[OBOL_CONNECTION_ACCEPTED] = "accepted",
	[OBOL_CONNECTION_SOURCE_FULL] = "source_full",
	[OBOL_CONNECTION_FULL] = "full",
	[OBOL_CONNECTION_NO_MEMORY] = "no_memory",
};

static const char *const pause_values[] = {
	[OBOL_PAUSE_FULL] = "full",
	[OBOL_PAUSE_DESCRIPTORS] = "descriptors",
};

static const char *const outcome_values[] = {
	[OBOL_OUTCOME_OK] = "ok",
	[OBOL_OUTCOME_FAILED] = "failed",
};

static const char *const verdict_values[] = {
	[OBOL_VERDICT_OK] = "ok",
	[OBOL_VERDICT_REFUSED] = "refused",
	[OBOL_VERDICT_ERROR] = "error",
};

static const char *const keeper_values[] = {
	[OBOL_KEEPER_OP_EVALUATE] = "evaluate",
	[OBOL_KEEPER_OP_STATIC_DH] = "static_dh",
	[OBOL_KEEPER_OP_LOGIN] = "login",
};

static const char *const signer_values[] = {
	[OBOL_SIGNER_OP_CERTIFICATE] = "certificate",
	[OBOL_SIGNER_OP_REVOCATION_LIST] = "revocation_list",
};

static const char *const room_values[] = {
	[OBOL_ROOMS_WAITING] = "waiting",     [OBOL_ROOMS_PAIRED] = "paired",
	[OBOL_ROOMS_NOBODY] = "nobody",       [OBOL_ROOMS_TAKEN] = "taken",
	[OBOL_ROOMS_FULL] = "full",           [OBOL_ROOMS_TOO_MANY] = "too_many",
	[OBOL_ROOMS_MALFORMED] = "malformed", [OBOL_ROOMS_TIME_OVER] = "time_over",
};

static const char *const process_values[] = {
	[OBOL_PROCESS_PARENT] = "parent",       [OBOL_PROCESS_WORKER] = "worker",
	[OBOL_PROCESS_KEEPER] = "keeper",       [OBOL_PROCESS_SIGNER] = "signer",
	[OBOL_PROCESS_PUBLISHER] = "publisher", [OBOL_PROCESS_MONITOR] = "monitor",
	[OBOL_PROCESS_CONTROL] = "control",     [OBOL_PROCESS_RELAY] = "relay",
};

static const char *const certificate_values[] = {
	[OBOL_ENDS_TLS] = "tls",        [OBOL_ENDS_CA] = "ca",
	[OBOL_ENDS_CHAIN] = "ca_chain", [OBOL_ENDS_GATEWAY] = "gateway",
	[OBOL_ENDS_CRL] = "crl",
};

static const char *const account_values[] = {
	[OBOL_ACCOUNTS_ACTIVE] = "active",
	[OBOL_ACCOUNTS_NOT_ACTIVATED] = "not_activated",
	[OBOL_ACCOUNTS_DISABLED] = "disabled",
	[OBOL_ACCOUNTS_EXPIRED] = "expired",
	[OBOL_ACCOUNTS_WAITING] = "waiting",
};

static const char *const within_values[] = {
	[OBOL_WITHIN_1D] = "1d",
	[OBOL_WITHIN_7D] = "7d",
	[OBOL_WITHIN_30D] = "30d",
};

#define LABEL(label, label_name, n, label_values)                              \
	[OBOL_LABEL_##label] = {                                                   \
		.name = (label_name),                                                  \
		.n_values = (n),                                                       \
		.values = (label_values),                                              \
	},
const struct obol_metric_label_info obol_metric_labels[] = { OBOL_METRIC_LABELS(
	LABEL) };

/* 0.5 ms to 10 s */
static const uint64_t durations[OBOL_METRIC_BUCKETS] = {
	500,    1000,   2000,   5000,    10000,   20000,   50000,
	100000, 200000, 500000, 1000000, 2000000, 5000000, 10000000,
};

static const uint64_t sizes[OBOL_METRIC_BUCKETS] = {
	1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 64, 128, 256, 512,
};

const uint64_t *obol_metric_bounds(enum obol_metric_type type)
{
	return type == OBOL_METRIC_SIZES ? sizes : durations;
}

size_t obol_metric_cell(enum obol_metric metric, unsigned a, unsigned b)
{
	const struct obol_metric_info *info = &obol_metric_infos[metric];
	size_t n_a = obol_metric_labels[info->labels[0]].n_values;
	size_t n_b = obol_metric_labels[info->labels[1]].n_values;

	if (a >= n_a || b >= n_b)
	{
		return OBOL_METRIC_CELLS;
	}
	return info->at + (a * n_b + b) * (info->n_cells / (n_a * n_b));
}
