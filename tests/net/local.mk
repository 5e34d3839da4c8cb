# SPDX-License-Identifier: GPL-2.0-or-later
check_PROGRAMS += tests/net/test-net
TESTS += tests/net/test-net
tests_net_test_net_SOURCES = \
	tests/net/main.c \
	tests/net/rig.c tests/net/rig.h \
	tests/net/test_address.c \
	tests/net/test_candidates.c \
	tests/net/test_connect.c \
	tests/net/test_resolve.c \
	tests/net/test_srv.c \
	tests/net/test_srv_connect.c \
	tests/net/test_srv_tcp.c \
	tests/net/test_stream.c \
	tests/net/test_tls.c
tests_net_test_net_CPPFLAGS = $(TESTS_CPPFLAGS)
tests_net_test_net_CFLAGS = $(TESTS_CFLAGS)
tests_net_test_net_LDADD = $(TESTS_LDADD)
