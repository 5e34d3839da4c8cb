# SPDX-License-Identifier: GPL-2.0-or-later
libobolserver_la_SOURCES += \
	proto/metrics/meter.c proto/metrics/meter.h \
	proto/metrics/metric.c proto/metrics/metric.h \
	proto/metrics/reading.c proto/metrics/reading.h \
	proto/metrics/text.c proto/metrics/text.h
