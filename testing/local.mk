# SPDX-License-Identifier: GPL-2.0-or-later
# Scenarios are run by testing/do-tests; make builds what they need in C.
check_PROGRAMS += testing/lib/delay-bridge testing/lib/secret-search
testing_lib_delay_bridge_SOURCES = testing/lib/delay-bridge.c
testing_lib_secret_search_SOURCES = testing/lib/secret-search.c

TESTS += testing/lib/test-secret-search
EXTRA_DIST += testing/lib/test-secret-search

.PHONY: testing-programs
testing-programs: testing/lib/delay-bridge testing/lib/secret-search

# all of testing/ but what was built there
EXTRA_DIST += \
	.ci/run \
	testing/README \
	testing/check \
	testing/do-tests \
	testing/hosts \
	testing/lib/build \
	testing/lib/evaluate.sh \
	testing/lib/host-init \
	testing/lib/hosts.sh \
	testing/lib/install-cert \
	testing/lib/memory-of \
	testing/lib/must-fail \
	testing/lib/network.sh \
	testing/lib/packages \
	testing/lib/packets \
	testing/lib/run-scenario \
	testing/lib/start-strongswan \
	testing/lib/stop-strongswan \
	testing/lib/strongswan-headers \
	testing/lib/wait-for \
	testing/pki/make-pki \
	testing/tests
