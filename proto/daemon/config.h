/* SPDX-License-Identifier: GPL-2.0-or-later */
/**
 * obold.conf: what the operator decides. obold.conf(5) describes each option.
 */
#ifndef OBOL_DAEMON_CONFIG_H_
#define OBOL_DAEMON_CONFIG_H_

#include "base/log.h"
#include "daemon/signer_pin.h"
#include "issue/issuer.h"
#include "issue/template.h"
#include "net/address.h"
#include "pake/ksf.h"
#include "wire/registry.h"

/** Where obold and obolctl look unless told otherwise. */
#define OBOL_CONFIG_PATH SYSCONFDIR "/obol/obold.conf"

#define OBOL_LISTEN_MAX 16
/** Ends of names that the signer signs, and their room. */
#define OBOL_TOKEN_FOLDERS_MAX 8
#define OBOL_SIGNER_CLIENTS_MAX 16
#define OBOL_SIGNER_NAMES_MAX 16
#define OBOL_SIGNER_NAME_LEN 64
/** The control socket's path: less than a Unix address holds. */
#define OBOL_CONTROL_PATH_MAX 96
/** Where it is by custom, for who cannot read the configuration. */
#define OBOL_CONTROL_PATH "/run/obold/control"
/** Path names and other texts of the file, with their final zero. */
#define OBOL_CONFIG_TEXT_MAX 1024

struct obol_config {
	/** the server's name, as users type it */
	char server_name[256];
	/** what makes an identity of an account's name: "alice@DOMAIN" */
	char domain[256];
	/** "[v6]:port", "v4:port", or without port */
	size_t n_listen;
	char listen[OBOL_LISTEN_MAX][64];
	char database[OBOL_CONFIG_TEXT_MAX];
	/** of each worker, where the database is a server's */
	unsigned database_connections;
	/** the key file, see server/keys.h */
	char keys[OBOL_CONFIG_TEXT_MAX];
	/** who the workers are when obold starts as root; no group: the user's */
	char user[64];
	char group[64];
	/** 0: one for each core */
	unsigned workers;
	/** empty: none */
	char pid_file[OBOL_CONFIG_TEXT_MAX];
	enum obol_log_level log_level;
	struct {
		char certificate[OBOL_CONFIG_TEXT_MAX];
		char key[OBOL_CONFIG_TEXT_MAX];
	} tls;
	/** both empty: this server issues no certificates */
	struct {
		char certificate[OBOL_CONFIG_TEXT_MAX];
		char key[OBOL_CONFIG_TEXT_MAX];
		/** of the certificates it issues, unless the account says otherwise */
		uint32_t lifetime_s;
		/** likewise: enum obol_mode and enum obol_key_type */
		uint8_t mode;
		uint8_t key_type;
		/** what stands in them */
		struct obol_template subject;
		struct obol_template san;
	} ca;
	/** the CA's revocation list */
	struct {
		/** how long one is valid */
		uint32_t lifetime_s;
		/** where it is written; empty: nowhere */
		char file[OBOL_CONFIG_TEXT_MAX];
		/** what issued certificates say of where it is; empty: nothing */
		char uri[OBOL_URI_MAX + 1];
	} crl;
	/** address of the HTTP listener; empty: none */
	char http_listen[64];
	/** address of /metrics and /health; empty: none */
	char metrics_listen[64];
	/** least key stretching of new passwords */
	struct obol_ksf_params password_ksf;
	struct {
		/** whom keepers become when obold starts as root; no user: the
		 * workers', no group: the user's */
		char user[64];
		char group[64];
		/** evaluations for one slot, at once and then in a day */
		unsigned per_slot;
		/** uses of the keys in all, in a second */
		unsigned per_second;
	} keeper;
	struct {
		/** as the keepers' */
		char user[64];
		char group[64];
		/** what names in certificates must end in; none: anything */
		size_t n_names;
		char names[OBOL_SIGNER_NAMES_MAX][OBOL_SIGNER_NAME_LEN];
		/** longest lifetime of a certificate, in seconds */
		uint32_t lifetime_max_s;
		/** certificates in a second */
		unsigned per_second;
		/** where a token's module may have its files */
		size_t n_token_folders;
		char token_folders[OBOL_TOKEN_FOLDERS_MAX][OBOL_CONFIG_TEXT_MAX];
		/** a file of what is signed; empty: none */
		char audit[OBOL_CONFIG_TEXT_MAX];
		/** a signer on another machine; empty: the one that this obold has.
		 * Its key's pin, and our own certificate and key */
		char server[OBOL_HOST_MAX + 8];
		bool has_pin;
		uint8_t pin[OBOL_SIGNER_PIN_LEN];
		char certificate[OBOL_CONFIG_TEXT_MAX];
		char key[OBOL_CONFIG_TEXT_MAX];
		/** on that machine: pins of those whom it serves */
		size_t n_gateways;
		char gateways[OBOL_SIGNER_NAMES_MAX][OBOL_SIGNER_NAME_LEN];
		size_t n_clients;
		uint8_t clients[OBOL_SIGNER_CLIENTS_MAX][OBOL_SIGNER_PIN_LEN];
	} signer;
	struct {
		/** connections in all, and of one source network */
		unsigned connections;
		unsigned connections_per_source;
		/** connections of one source network that may be without a login: at
		 * once, and again in 15 s; 0: any number */
		unsigned handshakes_per_source;
		/** failed logins from one source network in ten minutes */
		unsigned failures_per_source;
		/** rows of the guess table */
		unsigned guess_rows;
		/** rows of the audit trail kept of one account */
		unsigned history_rows;
	} limits;
	/** who may make accounts without a code */
	struct {
		bool is_open;
		/** they wait for the operator's approval */
		bool approve;
		/** a pattern, see account/name_pattern.h */
		char names[OBOL_NAME_MAX + 1];
		unsigned per_day;
		/** accounts that may wait */
		unsigned waiting;
		/** tries from one source network in ten minutes, codes included */
		unsigned attempts_per_source;
	} enrolment;
	/** meeting rooms for two devices; no address: none */
	struct {
		size_t n_listen;
		char listen[OBOL_LISTEN_MAX][64];
		/** at a time, in all and of one source network */
		unsigned rooms;
		unsigned rooms_per_source;
		/** requests of one source network in ten minutes */
		unsigned requests_per_source;
		/** passed on in one room, both ways together */
		unsigned size_mib;
		/** a room's time until the second comes, and in all */
		uint32_t waiting_s;
		uint32_t total_s;
	} relay;
	/** the help desk's way in */
	struct {
		/** empty: none */
		char socket[OBOL_CONTROL_PATH_MAX + 1];
		/** who may use it */
		char group[64];
		/** that one person may make: at once, and then in a day */
		unsigned changes_per_day;
	} control;
	/** seconds */
	struct {
		unsigned handshake;
		unsigned login;
		unsigned idle;
		/** of a whole connection */
		unsigned total;
		/** how long SIGTERM and SIGHUP wait for connections to end */
		unsigned drain;
	} timeouts;
};

/**
 * Read and check a configuration file.
 *
 * @param config	receives the configuration, to be freed
 * @param why		receives a sentence for the operator on failure, with the
 *					line's number where it is a line's fault
 * @return			OK; NOT_FOUND; FORMAT; IO; NOMEM
 */
enum obol_status obol_config_load(const char *path, struct obol_config **config,
								  char *why, size_t size) OBOL_MUST_CHECK;

/** NULL is fine. */
void obol_config_free(struct obol_config *config);

/** Read where a signer is: "signer.example.org:4503", "192.0.2.1:4503",
 * "[2001:db8::1]:4503". A port must be given with a name, and is OBOL_PORT
 * else; an address has it in addr. */
bool obol_config_signer_server(const char *text,
							   struct obol_endpoint *endpoint);

/** There is no CA key on this machine: a signer on another one is named. */
bool obol_config_signer_is_away(const struct obol_config *config);

/**
 * Read a length of time: a number and one of s, m, h, d, such as "30d".
 *
 * @return	seconds; 0 when it is none, zero, or more than a hundred years
 */
uint32_t obol_config_duration(const char *text);

#endif /* OBOL_DAEMON_CONFIG_H_ */
