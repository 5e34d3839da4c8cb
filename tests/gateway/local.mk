# SPDX-License-Identifier: GPL-2.0-or-later
check_PROGRAMS += tests/gateway/test-gateway
TESTS += tests/gateway/test-gateway
tests_gateway_test_gateway_SOURCES = \
	proto/gateway/files.c \
	proto/gateway/pause.c \
	proto/gateway/tunnels.c \
	tests/gateway/main.c \
	tests/gateway/test_files.c \
	tests/gateway/test_pause.c \
	tests/gateway/test_tunnels.c
tests_gateway_test_gateway_CPPFLAGS = $(TESTS_CPPFLAGS)
tests_gateway_test_gateway_CFLAGS = $(TESTS_CFLAGS)
tests_gateway_test_gateway_LDADD = $(TESTS_LDADD)
EXTRA_DIST += tests/gateway/test-enrol tests/gateway/test-follow
if SERVER
if GATEWAY
TESTS += tests/gateway/test-enrol tests/gateway/test-follow
endif
endif
