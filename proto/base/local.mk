# SPDX-License-Identifier: GPL-2.0-or-later
libobolcore_la_SOURCES += \
	proto/base/bytes.h \
	proto/base/clock.c proto/base/clock.h \
	proto/base/ct.c proto/base/ct.h \
	proto/base/ct_check.h \
	proto/base/file.c proto/base/file.h \
	proto/base/log.c proto/base/log.h \
	proto/base/log_id.h \
	proto/base/normalize.c proto/base/normalize.h \
	proto/base/pin_file.c \
	proto/base/precis.c proto/base/precis.h \
	proto/base/precis_class.c proto/base/precis_class.h \
	proto/base/reader.c proto/base/reader.h \
	proto/base/rng.c proto/base/rng.h \
	proto/base/secret.c \
	proto/base/standard_io.c proto/base/standard_io.h \
	proto/base/status.c \
	proto/base/writer.c proto/base/writer.h
