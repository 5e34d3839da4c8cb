/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * What obold counts and measures: one table of all metrics, and where each of
 * them lies in a row of cells that every process has (meter.h).
 * obold-metrics(7) describes them.
 *
 * No label names an account, a device or an address, and none tells a failed
 * login of a known name from that of an unknown one.
 */
#ifndef OBOL_METRICS_METRIC_H_
#define OBOL_METRICS_METRIC_H_

#include <stddef.h>
#include <stdint.h>

/** In front of every name. */
#define OBOL_METRIC_PREFIX "obol_"

enum obol_metric_type {
	OBOL_METRIC_COUNTER,
	/** of all processes that live: their sum */
	OBOL_METRIC_GAUGE,
	/** the greatest of them, and not shown until one of them has set it */
	OBOL_METRIC_GAUGE_MAX,
	/** of durations, in microseconds, shown in seconds */
	OBOL_METRIC_DURATIONS,
	/** of numbers of things */
	OBOL_METRIC_SIZES,
};

/*
 * Labels and their values
 */

enum obol_metric_request {
	OBOL_REQUEST_LOGIN_START,
	OBOL_REQUEST_LOGIN_FINISH,
	OBOL_REQUEST_INFO,
	OBOL_REQUEST_LIST,
	OBOL_REQUEST_GET,
	OBOL_REQUEST_PUT,
	OBOL_REQUEST_DELETE,
	OBOL_REQUEST_SLOT_START,
	OBOL_REQUEST_SLOT_FINISH,
	OBOL_REQUEST_SLOT_DELETE,
	OBOL_REQUEST_SLOT_LIST,
	OBOL_REQUEST_STAGE,
	OBOL_REQUEST_REKEY,
	OBOL_REQUEST_ISSUE,
	OBOL_REQUEST_ANCHORS,
	OBOL_REQUEST_ACCOUNT_START,
	OBOL_REQUEST_ACCOUNT_CREATE,
	OBOL_REQUEST_ACCOUNT_DELETE,
	OBOL_REQUEST_HISTORY,
	OBOL_REQUEST_FOLLOW,
	OBOL_REQUEST_REPORT,
	OBOL_REQUEST_OTHER,
	OBOL_REQUEST_N,
};

/** What became of a request. */
enum obol_metric_result {
	OBOL_RESULT_OK,
	OBOL_RESULT_NOT_FOUND,
	/** another version is stored */
	OBOL_RESULT_STALE,
	/** all other refusals */
	OBOL_RESULT_DENIED,
	/** the server's own fault: its store, its memory */
	OBOL_RESULT_ERROR,
	OBOL_RESULT_N,
};

/** What somebody logs in with: enum obol_slot_kind less one. */
enum obol_metric_kind {
	OBOL_KIND_PASSWORD,
	OBOL_KIND_ACTIVATION,
	OBOL_KIND_RECOVERY,
	OBOL_KIND_DEVICE,
	OBOL_KIND_ENROLMENT,
	OBOL_KIND_N,
};

enum obol_metric_login {
	OBOL_LOGIN_OK,
	/** name, password, kind or device wrong, or given up after KE2: one class
	 */
	OBOL_LOGIN_FAILED,
	/** behind a valid KE3: disabled, expired */
	OBOL_LOGIN_REFUSED,
	/** answered with Later */
	OBOL_LOGIN_LATER,
	OBOL_LOGIN_ERROR,
	OBOL_LOGIN_N,
};

/** Why a login was answered with Later. */
enum obol_metric_limit {
	OBOL_LIMIT_NAME,
	OBOL_LIMIT_NETWORK,
	OBOL_LIMIT_KEEPER,
	OBOL_LIMIT_N,
};

enum obol_metric_connection {
	OBOL_CONNECTION_ACCEPTED,
	/** its network has as many as it may have */
	OBOL_CONNECTION_SOURCE_FULL,
	/** limits.connections are there, and none that could give way */
	OBOL_CONNECTION_FULL,
	OBOL_CONNECTION_NO_MEMORY,
	OBOL_CONNECTION_N,
};

enum obol_metric_pause {
	/** limits.connections are open */
	OBOL_PAUSE_FULL,
	OBOL_PAUSE_DESCRIPTORS,
	OBOL_PAUSE_N,
};

/** How a thing with no finer classes went. */
enum obol_metric_outcome {
	OBOL_OUTCOME_OK,
	OBOL_OUTCOME_FAILED,
	OBOL_OUTCOME_N,
};

/** What a process with rules of its own says. */
enum obol_metric_verdict {
	OBOL_VERDICT_OK,
	OBOL_VERDICT_REFUSED,
	OBOL_VERDICT_ERROR,
	OBOL_VERDICT_N,
};

enum obol_metric_keeper {
	OBOL_KEEPER_OP_EVALUATE,
	OBOL_KEEPER_OP_STATIC_DH,
	/** both at once */
	OBOL_KEEPER_OP_LOGIN,
	OBOL_KEEPER_OP_N,
};

enum obol_metric_signer {
	OBOL_SIGNER_OP_CERTIFICATE,
	OBOL_SIGNER_OP_REVOCATION_LIST,
	OBOL_SIGNER_OP_N,
};

/** What the relay says to who comes: enum obol_room_answer. */
enum obol_metric_room {
	OBOL_ROOMS_WAITING,
	/** to each of the two */
	OBOL_ROOMS_PAIRED,
	OBOL_ROOMS_NOBODY,
	OBOL_ROOMS_TAKEN,
	OBOL_ROOMS_FULL,
	OBOL_ROOMS_TOO_MANY,
	OBOL_ROOMS_MALFORMED,
	OBOL_ROOMS_TIME_OVER,
	OBOL_ROOMS_N,
};

enum obol_metric_process {
	OBOL_PROCESS_PARENT,
	OBOL_PROCESS_WORKER,
	OBOL_PROCESS_KEEPER,
	OBOL_PROCESS_SIGNER,
	OBOL_PROCESS_PUBLISHER,
	OBOL_PROCESS_MONITOR,
	OBOL_PROCESS_CONTROL,
	OBOL_PROCESS_RELAY,
	OBOL_PROCESS_N,
};

enum obol_metric_certificate {
	/** of the server */
	OBOL_ENDS_TLS,
	/** the one that issues */
	OBOL_ENDS_CA,
	/** of those above it up to the root, the one that ends first */
	OBOL_ENDS_CHAIN,
	/** of the gateways' newest, the one that ends first */
	OBOL_ENDS_GATEWAY,
	/** the revocation list, at its nextUpdate */
	OBOL_ENDS_CRL,
	OBOL_ENDS_N,
};

enum obol_metric_account {
	OBOL_ACCOUNTS_ACTIVE,
	OBOL_ACCOUNTS_NOT_ACTIVATED,
	OBOL_ACCOUNTS_DISABLED,
	OBOL_ACCOUNTS_EXPIRED,
	OBOL_ACCOUNTS_WAITING,
	OBOL_ACCOUNTS_N,
};

enum obol_metric_within {
	OBOL_WITHIN_1D,
	OBOL_WITHIN_7D,
	OBOL_WITHIN_30D,
	OBOL_WITHIN_N,
};

/* clang-format off */

/** Labels: X(label, its name, number of values, their texts in metric.c) */
#define OBOL_METRIC_LABELS(X)                                                  \
	X(NONE, "", 1, none_values)                                                \
	X(REQUEST, "request", OBOL_REQUEST_N, request_values)                      \
	X(RESULT, "result", OBOL_RESULT_N, result_values)                          \
	X(KIND, "kind", OBOL_KIND_N, kind_values)                                  \
	X(LOGIN, "result", OBOL_LOGIN_N, login_values)                             \
	X(LIMIT, "limit", OBOL_LIMIT_N, limit_values)                              \
	X(CONNECTION, "result", OBOL_CONNECTION_N, connection_values)              \
	X(PAUSE, "reason", OBOL_PAUSE_N, pause_values)                             \
	X(OUTCOME, "result", OBOL_OUTCOME_N, outcome_values)                       \
	X(VERDICT, "result", OBOL_VERDICT_N, verdict_values)                       \
	X(KEEPER, "operation", OBOL_KEEPER_OP_N, keeper_values)                    \
	X(SIGNER, "operation", OBOL_SIGNER_OP_N, signer_values)                    \
	X(ROOM, "answer", OBOL_ROOMS_N, room_values)                               \
	X(PROCESS, "process", OBOL_PROCESS_N, process_values)                      \
	X(CERTIFICATE, "certificate", OBOL_ENDS_N, certificate_values)      \
	X(ACCOUNT, "state", OBOL_ACCOUNTS_N, account_values)                       \
	X(WITHIN, "within", OBOL_WITHIN_N, within_values)                          \
	X(VERSION, "version", 1, version_values)

/** Metrics: X(metric, name, type, first label, second label, help) */
#define OBOL_METRICS(X)                                                        \
	X(HEALTHY, "healthy", GAUGE, NONE, NONE,                                   \
	  "1 while /health answers 200.")                                          \
	X(DATABASE_WRITABLE, "database_writable", GAUGE, NONE, NONE,               \
	  "1 while the last test write to the database succeeded, lately.")        \
	X(HEARTBEAT_AGE, "worker_heartbeat_age_seconds", GAUGE, NONE, NONE,        \
	  "Time since the slowest worker's loop went round.")                      \
	X(BUILD, "build_info", GAUGE, VERSION, NONE,                               \
	  "1, with the version of obold.")                                         \
	X(START, "start_time_seconds", GAUGE_MAX, NONE, NONE,                      \
	  "When obold started, in seconds since the epoch.")                       \
	X(RELOADS, "reloads_total", COUNTER, OUTCOME, NONE,                        \
	  "Times that the configuration was read anew.")                           \
	X(RELOADED, "last_reload_timestamp_seconds", GAUGE_MAX, OUTCOME, NONE,     \
	  "When the configuration was read last, the start included.")             \
	X(PROCESSES, "processes", GAUGE, PROCESS, NONE,                            \
	  "Processes that live.")                                                  \
	X(RESTARTS, "process_restarts_total", COUNTER, PROCESS, NONE,              \
	  "Processes that ended without being told to, and were replaced.")        \
	X(CONNECTIONS, "connections_total", COUNTER, CONNECTION, NONE,             \
	  "Connections, by whether they were served.")                             \
	X(CONNECTIONS_OPEN, "connections_open", GAUGE, NONE, NONE,                 \
	  "Connections that are open.")                                            \
	X(CONNECTIONS_MAX, "connections_limit", GAUGE, NONE, NONE,                 \
	  "Connections that may be open: limits.connections.")                     \
	X(ACCEPT_PAUSES, "accept_pauses_total", COUNTER, PAUSE, NONE,              \
	  "Times that a worker stopped to accept connections.")                    \
	X(DISPLACED, "connections_displaced_total", COUNTER, NONE, NONE,           \
	  "Connections without a login that gave way to a newcomer.")              \
	X(PUT_OFF, "handshakes_put_off_total", COUNTER, NONE, NONE,                \
	  "TLS handshakes that waited because their network had begun many.")      \
	X(HANDSHAKES, "tls_handshake_duration_seconds", DURATIONS, OUTCOME, NONE,  \
	  "TLS handshakes from accept to their end, the network included.")        \
	X(LOGINS, "logins_total", COUNTER, KIND, LOGIN,                            \
	  "Logins, by what was logged in with and what became of them.")           \
	X(LATER, "login_limits_total", COUNTER, LIMIT, NONE,                       \
	  "Logins that were answered with Later, by the limit that was hit.")      \
	X(REQUESTS, "request_duration_seconds", DURATIONS, REQUEST, RESULT,        \
	  "Requests from their last byte to the answer, the store included.")      \
	X(STORE_OPERATIONS, "store_operations_total", COUNTER, VERDICT, NONE,      \
	  "Operations of the store.")                                              \
	X(STORE_DURATION, "store_operation_duration_seconds", DURATIONS, NONE,     \
	  NONE,                                                                    \
	  "Operations of the store until they were durable, but for failed "       \
	  "logins' notes.")                                                        \
	X(STORE_GROUP, "store_group_operations", SIZES, NONE, NONE,                \
	  "Operations that a worker's store was given at once.")                   \
	X(STORE_BUSY, "store_busy_total", COUNTER, NONE, NONE,                     \
	  "Operations that had to wait for another process's lock.")               \
	X(STORE_RECONNECTS, "store_reconnects_total", COUNTER, NONE, NONE,         \
	  "Connections to the database server that were lost and made anew.")      \
	X(KEEPER, "keeper_operations_total", COUNTER, KEEPER, VERDICT,             \
	  "Uses of the server's keys; refused are those above a ceiling.")         \
	X(SIGNER, "signer_requests_total", COUNTER, SIGNER, VERDICT,               \
	  "Signatures by the CA; refused are those against the signer's rules.")   \
	X(SIGNER_DURATION, "signer_request_duration_seconds", DURATIONS, NONE,     \
	  NONE,                                                                    \
	  "Requests for signatures until they were answered, the way to another "  \
	  "machine included.")                                                     \
	X(SIGNER_CONNECTED, "signer_connected", GAUGE_MAX, NONE, NONE,             \
	  "1 while the signer, here or on another machine, can be asked.")         \
	X(RELAY_ROOMS, "relay_rooms_open", GAUGE, NONE, NONE,                      \
	  "Rooms of the relay in which somebody waits or two devices have met.")   \
	X(RELAY_ANSWERS, "relay_answers_total", COUNTER, ROOM, NONE,               \
	  "What the relay has said to those who came.")                            \
	X(RELAY_BYTES, "relay_bytes_total", COUNTER, NONE, NONE,                   \
	  "Bytes that the relay has taken to pass on, both ways together.")        \
	X(CERTIFICATE_ENDS, "certificate_expires_timestamp_seconds", GAUGE_MAX,    \
	  CERTIFICATE, NONE,                                                       \
	  "When a certificate or the revocation list ends, since the epoch.")      \
	X(CERTIFICATE_DAYS, "certificate_days_left", GAUGE, CERTIFICATE, NONE,     \
	  "Whole days until a certificate or the revocation list ends.")           \
	X(CRL_NUMBER, "crl_number", GAUGE_MAX, NONE, NONE,                         \
	  "Number of the revocation list that was given out last.")                \
	X(CRL_UPDATED, "crl_this_update_timestamp_seconds", GAUGE_MAX, NONE, NONE, \
	  "When that revocation list was made, in seconds since the epoch.")       \
	X(CRL_FAILURES, "crl_failures_total", COUNTER, NONE, NONE,                 \
	  "Times that the revocation list could not be made or given out.")        \
	X(ACCOUNTS, "accounts", GAUGE_MAX, ACCOUNT, NONE,                          \
	  "Accounts, counted at most once a minute.")                              \
	X(DEVICES, "devices", GAUGE_MAX, NONE, NONE,                               \
	  "Device slots of all accounts, counted likewise.")                       \
	X(ENDING, "user_certificates_ending", GAUGE_MAX, WITHIN, NONE,             \
	  "Accounts whose newest certificate is good, and ends within that "       \
	  "time.")                                                                 \
	X(COUNTED, "accounts_counted_timestamp_seconds", GAUGE_MAX, NONE, NONE,    \
	  "When accounts, devices and certificates were counted.")                 \
	X(HEARTBEAT, NULL, GAUGE, NONE, NONE, "")                                  \
	X(WRITTEN, NULL, GAUGE_MAX, NONE, NONE, "")                                \
	X(WRITE_FAILED, NULL, GAUGE_MAX, NONE, NONE, "")

/* clang-format on */

/** Upper bounds of a histogram's buckets; one more has no bound, and a cell
 * behind them has the sum. */
#define OBOL_METRIC_BUCKETS 14
#define OBOL_METRIC_HISTOGRAM_CELLS (OBOL_METRIC_BUCKETS + 2)

#define OBOL_METRIC_LABEL_ENUM(label, name, n, values) OBOL_LABEL_##label,
enum obol_metric_label {
	OBOL_METRIC_LABELS(OBOL_METRIC_LABEL_ENUM)
};

#define OBOL_METRIC_LABEL_SIZE(label, name, n, values)                         \
	OBOL_LABEL_##label##_N = (n),
enum {
	OBOL_METRIC_LABELS(OBOL_METRIC_LABEL_SIZE)
};

#define OBOL_METRIC_ENUM(id, name, type, a, b, help) OBOL_METRIC_##id,
enum obol_metric {
	OBOL_METRICS(OBOL_METRIC_ENUM) OBOL_METRIC_N,
};

/** Cells of a metric: one for each pair of label values, a histogram's more. */
#define OBOL_METRIC_SIZE(type, a, b)                                           \
	(OBOL_LABEL_##a##_N * OBOL_LABEL_##b##_N *                                 \
	 (OBOL_METRIC_##type >= OBOL_METRIC_DURATIONS                              \
		  ? OBOL_METRIC_HISTOGRAM_CELLS                                        \
		  : 1))

/* Each follows the one before it. */
#define OBOL_METRIC_PLACE(id, name, type, a, b, help)                          \
	OBOL_METRIC_AT_##id,                                                       \
		OBOL_METRIC_AT_##id##_LAST =                                           \
			OBOL_METRIC_AT_##id + OBOL_METRIC_SIZE(type, a, b) - 1,
enum {
	OBOL_METRICS(OBOL_METRIC_PLACE) OBOL_METRIC_CELLS,
};

struct obol_metric_info {
	/** without the prefix; NULL: never shown, for obold's own use */
	const char *name;
	const char *help;
	enum obol_metric_type type;
	enum obol_metric_label labels[2];
	/** first cell, and their number */
	size_t at;
	size_t n_cells;
};

/** By enum obol_metric. */
extern const struct obol_metric_info obol_metric_infos[OBOL_METRIC_N];

struct obol_metric_label_info {
	const char *name;
	size_t n_values;
	const char *const *values;
};

/** By enum obol_metric_label. */
extern const struct obol_metric_label_info obol_metric_labels[];

/** A histogram's upper bounds, OBOL_METRIC_BUCKETS of them: microseconds, or
 * things. */
const uint64_t *obol_metric_bounds(enum obol_metric_type type);

/**
 * The cell of a metric and its label values; for a histogram the first one.
 *
 * @return	OBOL_METRIC_CELLS when there is no such value
 */
size_t obol_metric_cell(enum obol_metric metric, unsigned a, unsigned b);

#endif /* OBOL_METRICS_METRIC_H_ */
