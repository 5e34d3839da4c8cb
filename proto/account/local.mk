# SPDX-License-Identifier: GPL-2.0-or-later
libobolserver_la_SOURCES += \
	proto/account/ceiling.c proto/account/ceiling.h \
	proto/account/guess_limit.c proto/account/guess_limit.h \
	proto/account/name_pattern.c proto/account/name_pattern.h \
	proto/account/source_limit.c proto/account/source_limit.h
