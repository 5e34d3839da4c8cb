# SPDX-License-Identifier: GPL-2.0-or-later
# Options of obold.conf, a line each: section, name, and default without blanks
# and quotes; from the sample or from the manual page, whichever is given.
# Nothing stands for no default, "none" for an empty one.

function plain(text)
{
	gsub(/\\\(dq|\\&|["' \t]/, "", text)
	return text
}

function flush_item(    i, at, text)
{
	at = index(item, "Default:")
	text = at ? plain(substr(item, at + 8)) : ""
	if (text ~ /^(none|empty)/)
		text = "none"
	for (i = 1; i <= n_names; i++)
		print section, names[i], text
	n_names = 0
	item = ""
}

BEGIN { section = "root" }

# the manual page
/^\.Sh / { flush_item(); is_page = 1; in_options = $2 == "OPTIONS"; next }
is_page && !in_options { next }
/^\.Ss Section / { flush_item(); section = $3; next }
/^\.It Ic / {
	flush_item()
	for (i = 3; i <= NF; i++)
		if ($i != "," && $i != "Ic")
			names[++n_names] = $i
	next
}
/^\.El/ { next }
is_page {
	sub(/^\.(Ql|Pa|Cm|Ic|Dl) /, "")
	item = item " " $0
	next
}

# the sample
/^[a-z]+ \{/ { section = $1; next }
/^\}/ { section = "root"; next }
/^\t*#?[a-z_0-9]+ = / {
	sub(/^\t*#?/, "")
	name = $1
	sub(/^[a-z_0-9]+ = /, "")
	text = plain($0)
	print section, name, text == "" || text == "{}" ? "none" : text
}

END { flush_item() }
