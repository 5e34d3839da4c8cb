# SPDX-License-Identifier: GPL-2.0-or-later
# Draws testing/bench/report's figures: latency over load, cost over the number
# of accounts. Reads lines "PANEL SERIES X Y", PANEL being latency or cost, in
# the order in which a line goes through them; writes SVG.
#
# Latencies have a logarithmic axis from 1 ms on, numbers of accounts too.

BEGIN {
	width = 460
	height = 320
	left = 64
	top = 40
	gap = 110
	split("#1b6ca8 #c0392b #2e8b57 #b8860b #6a3d9a #555555", colours, " ")
}

$1 == "latency" || $1 == "cost" {
	key = $1 SUBSEP $2
	if (!(key in n)) {
		series[$1, ++n_series[$1]] = $2
	}
	i = ++n[key]
	xs[key, i] = $3
	ys[key, i] = $4
	if ($3 > x_max[$1]) {
		x_max[$1] = $3
	}
	if ($4 > y_max[$1]) {
		y_max[$1] = $4
	}
}

function log10(v)
{
	return log(v) / log(10)
}

function ceiling(v,    i)
{
	i = int(v)
	return i < v ? i + 1 : i
}

# a round number not below v
function round_up(v,    unit)
{
	unit = 10 ^ int(log10(v))
	return ceiling(v / unit * 2) * unit / 2
}

function text(x, y, anchor, words)
{
	printf "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\">%s</text>\n", \
		x, y, anchor, words
}

function line(x1, y1, x2, y2, colour)
{
	printf "<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" " \
		"stroke=\"%s\"/>\n", x1, y1, x2, y2, colour
}

function x_of(panel, v)
{
	if (panel == "cost") {
		return x0 + (log10(v) - 2) / (x_end - 2) * width
	}
	return x0 + v / x_end * width
}

function y_of(panel, v)
{
	if (panel == "latency") {
		v = log10(v < 1 ? 1 : v)
	}
	return top + height - v / y_end * height
}

function frame(panel, title, x_title,    i, v)
{
	if (panel == "cost") {
		x_end = ceiling(log10(x_max[panel] ? x_max[panel] : 1000))
		x_end = x_end < 4 ? 4 : x_end
		y_end = round_up(y_max[panel] ? y_max[panel] : 1)
	} else {
		x_end = round_up(x_max[panel] ? x_max[panel] : 1)
		y_end = ceiling(log10(y_max[panel] > 1 ? y_max[panel] : 10))
	}
	text(x0 + width / 2, top - 14, "middle", title)
	text(x0 + width / 2, top + height + 38, "middle", x_title)
	for (i = 0; i <= (panel == "cost" ? 4 : y_end); i++) {
		v = panel == "cost" ? y_end * i / 4 : 10 ^ i
		line(x0, y_of(panel, v), x0 + width, y_of(panel, v), "#dddddd")
		text(x0 - 6, y_of(panel, v) + 4, "end", sprintf("%g", v))
	}
	for (i = 0; i <= (panel == "cost" ? x_end - 2 : 4); i++) {
		v = panel == "cost" ? 10 ^ (i + 2) : x_end * i / 4
		line(x_of(panel, v), top, x_of(panel, v), top + height, "#eeeeee")
		text(x_of(panel, v), top + height + 16, "middle", sprintf("%d", v))
	}
}

function curves(panel,    s, i, key, colour)
{
	for (s = 1; s <= n_series[panel]; s++) {
		key = panel SUBSEP series[panel, s]
		colour = colours[(s - 1) % 6 + 1]
		printf "<polyline fill=\"none\" stroke=\"%s\" stroke-width=\"2\" points=\"", \
			colour
		for (i = 1; i <= n[key]; i++) {
			printf "%.1f,%.1f ", x_of(panel, xs[key, i]), y_of(panel, ys[key, i])
		}
		printf "\"/>\n"
		for (i = 1; i <= n[key]; i++) {
			printf "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"3\" fill=\"%s\"/>\n", \
				x_of(panel, xs[key, i]), y_of(panel, ys[key, i]), colour
		}
		line(x0 + 12, top + 6 + 16 * s, x0 + 36, top + 6 + 16 * s, colour)
		text(x0 + 42, top + 10 + 16 * s, "start", series[panel, s])
	}
}

END {
	printf "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" " \
		"font-family=\"sans-serif\" font-size=\"12\">\n", \
		2 * width + left + gap + 30, height + top + 56
	print "<rect width=\"100%\" height=\"100%\" fill=\"white\"/>"
	x0 = left
	frame("latency", "from the start to the credential, ms", "logins a second")
	curves("latency")
	x0 = left + width + gap
	frame("cost", "CPU time of obold for a login with Get, us", "accounts")
	curves("cost")
	print "</svg>"
}
