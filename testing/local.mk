# SPDX-License-Identifier: GPL-2.0-or-later
# Scenarios are run by testing/do-tests; make builds what they need in C.
check_PROGRAMS += testing/lib/delay-bridge testing/lib/secret-search
testing_lib_delay_bridge_SOURCES = testing/lib/delay-bridge.c
testing_lib_secret_search_SOURCES = testing/lib/secret-search.c

TESTS += testing/lib/test-secret-search testing/lib/test-secrets-nowhere \
	testing/lib/test-logs-clean
EXTRA_DIST += testing/lib/test-secret-search testing/lib/test-secrets-nowhere \
	testing/lib/test-logs-clean

testing_programs = testing/lib/delay-bridge testing/lib/secret-search

check_PROGRAMS += testing/lib/mismatched-pkcs12
testing_programs += testing/lib/mismatched-pkcs12
testing_lib_mismatched_pkcs12_SOURCES = testing/lib/mismatched-pkcs12.c
testing_lib_mismatched_pkcs12_LDADD = $(OPENSSL_LIBS)

# attackers, on the layers that they attack
if SERVER
attackers = \
	testing/lib/guess-from-transcript \
	testing/lib/pretender \
	testing/lib/relay \
	testing/lib/weak-client
check_PROGRAMS += $(attackers)
testing_programs += $(attackers)
ATTACKER_CPPFLAGS = $(AM_CPPFLAGS) -I$(top_srcdir)
TLS_PEER_SOURCES = testing/lib/tls-peer.c testing/lib/tls-peer.h

testing_lib_guess_from_transcript_SOURCES = \
	testing/lib/guess-from-transcript.c \
	testing/lib/guess-digest.c testing/lib/guess-digest.h \
	testing/lib/guess-opaque.c testing/lib/guess-opaque.h \
	testing/lib/transcript.c testing/lib/transcript.h
testing_lib_guess_from_transcript_CPPFLAGS = $(ATTACKER_CPPFLAGS)
testing_lib_guess_from_transcript_LDADD = libobolcore.la

testing_lib_pretender_SOURCES = testing/lib/pretender.c $(TLS_PEER_SOURCES)
testing_lib_pretender_CPPFLAGS = $(ATTACKER_CPPFLAGS)
testing_lib_pretender_LDADD = libobolserver.la libobolcore.la

testing_lib_relay_SOURCES = testing/lib/relay.c $(TLS_PEER_SOURCES)
testing_lib_relay_CPPFLAGS = $(ATTACKER_CPPFLAGS)
testing_lib_relay_LDADD = $(OPENSSL_LIBS)

testing_lib_weak_client_SOURCES = testing/lib/weak-client.c \
	$(TLS_PEER_SOURCES)
testing_lib_weak_client_CPPFLAGS = $(ATTACKER_CPPFLAGS)
testing_lib_weak_client_LDADD = libobolcore.la

TESTS += testing/lib/test-attackers

# what testing/bench measures with
check_PROGRAMS += testing/bench/measure-fetch
testing_programs += testing/bench/measure-fetch
testing_bench_measure_fetch_SOURCES = testing/bench/measure-fetch.c \
	$(TLS_PEER_SOURCES)
testing_bench_measure_fetch_CPPFLAGS = $(ATTACKER_CPPFLAGS)
testing_bench_measure_fetch_LDADD = libobolcore.la

if SERVER
check_PROGRAMS += testing/bench/measure-crl
testing_programs += testing/bench/measure-crl
testing_bench_measure_crl_SOURCES = testing/bench/measure-crl.c
testing_bench_measure_crl_CPPFLAGS = $(AM_CPPFLAGS) $(SQLITE_CFLAGS)
testing_bench_measure_crl_LDADD = libobolserver.la libobolcore.la \
	$(SQLITE_LIBS)
endif
check_PROGRAMS += testing/bench/measure-transfer
testing_programs += testing/bench/measure-transfer
testing_bench_measure_transfer_SOURCES = testing/bench/measure-transfer.c \
	proto/tools/contact.c proto/tools/contact.h
testing_bench_measure_transfer_CPPFLAGS = $(ATTACKER_CPPFLAGS)
testing_bench_measure_transfer_LDADD = libobolcore.la

check_PROGRAMS += testing/bench/measure-issue
testing_programs += testing/bench/measure-issue
testing_bench_measure_issue_SOURCES = testing/bench/measure-issue.c
testing_bench_measure_issue_CPPFLAGS = $(ATTACKER_CPPFLAGS)
testing_bench_measure_issue_LDADD = libobolcore.la $(OPENSSL_LIBS)

check_PROGRAMS += testing/bench/measure-load testing/bench/load-fill
testing_programs += testing/bench/measure-load testing/bench/load-fill
testing_bench_measure_load_SOURCES = testing/bench/measure-load.c \
	testing/bench/load-account.c testing/bench/load-account.h \
	testing/bench/load-clients.c testing/bench/load-clients.h \
	testing/bench/load-floor.c testing/bench/load-floor.h \
	testing/bench/load-ksf.c \
	proto/daemon/server_tls.c
testing_bench_measure_load_CPPFLAGS = $(ATTACKER_CPPFLAGS)
testing_bench_measure_load_LDFLAGS = $(AM_LDFLAGS) -Wl,--wrap=obol_ksf_init
testing_bench_measure_load_LDADD = libobolserver.la libobolcore.la \
	$(OPENSSL_LIBS) -lm
testing_bench_load_fill_SOURCES = testing/bench/load-fill.c \
	testing/bench/load-account.c testing/bench/load-account.h
testing_bench_load_fill_CPPFLAGS = $(ATTACKER_CPPFLAGS) $(SQLITE_CFLAGS)
testing_bench_load_fill_LDADD = libobolserver.la libobolcore.la \
	$(SQLITE_LIBS)
endif
EXTRA_DIST += testing/lib/test-attackers

include testing/failover/local.mk
include testing/faults/local.mk
include testing/fuzz/local.mk
include testing/hostile/local.mk

.PHONY: testing-programs
testing-programs: $(testing_programs)

# all of testing/ but what was built there
EXTRA_DIST += \
	.ci/run \
	testing/README \
	testing/lib/start-postgresql \
	testing/lib/stop-postgresql \
	testing/bench/bytes \
	testing/bench/crl \
	testing/bench/fetch \
	testing/bench/issue \
	testing/bench/load \
	testing/bench/load-plot.awk \
	testing/bench/load-server.sh \
	testing/bench/report \
	testing/bench/sizing \
	testing/bench/transfer \
	testing/check \
	testing/demo \
	testing/do-tests \
	testing/hosts \
	testing/interop/paper \
	testing/interop/paper-client \
	testing/lib/activate \
	testing/lib/add-account \
	testing/lib/add-gateway \
	testing/lib/add-team \
	testing/lib/answer-prompts \
	testing/lib/build \
	testing/lib/by-password \
	testing/lib/capture \
	testing/lib/certs-seen \
	testing/lib/enrol \
	testing/lib/evaluate.sh \
	testing/lib/flights \
	testing/lib/host-init \
	testing/lib/hosts.sh \
	testing/lib/http-get \
	testing/lib/install-cert \
	testing/lib/join-obold \
	testing/lib/keep-secrets \
	testing/lib/measure-connect \
	testing/lib/meet-at \
	testing/lib/kill-obold \
	testing/lib/logs-clean \
	testing/lib/make-password \
	testing/lib/memory-of \
	testing/lib/must-fail \
	testing/lib/network.sh \
	testing/lib/packages \
	testing/lib/packets \
	testing/lib/run-scenario \
	testing/lib/secrets-absent \
	testing/lib/secrets-nowhere \
	testing/lib/setup-gateway \
	testing/lib/socket-garbage \
	testing/lib/start-dns \
	testing/lib/start-gateway \
	testing/lib/start-obold \
	testing/lib/start-signer \
	testing/lib/start-strongswan \
	testing/lib/stop-gateway \
	testing/lib/stop-obold \
	testing/lib/stop-strongswan \
	testing/lib/strongswan-headers \
	testing/lib/strongswan6-plugin \
	testing/lib/transfer-kill \
	testing/lib/transfer-middle \
	testing/lib/transfer-offer \
	testing/lib/transfer-other-code \
	testing/lib/transfer-plans \
	testing/lib/transfer-serve \
	testing/lib/transfer-through \
	testing/lib/wait-for \
	testing/lib/watch-tunnel \
	testing/lib/with-clock \
	testing/lib/without-postgresql \
	testing/pki/make-pki \
	testing/tests
