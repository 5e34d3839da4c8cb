# SPDX-License-Identifier: GPL-2.0-or-later
# libobolcli: what the command line tools share.
noinst_LTLIBRARIES += libobolcli.la
libobolcli_la_SOURCES = \
	proto/tools/askpass.c proto/tools/askpass.h \
	proto/tools/options.c proto/tools/options.h \
	proto/tools/output.c proto/tools/output.h
libobolcli_la_LIBADD = libobolcore.la
