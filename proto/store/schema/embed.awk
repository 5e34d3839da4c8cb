# SPDX-License-Identifier: GPL-2.0-or-later
# Turns the numbered migrations, given in their order, into a C table: NAME[] and
# N_NAME, given with -v. Lines of comment are left out.
BEGIN {
	print "/* Made from proto/store/schema by embed.awk. */"
	print "#include \"store/schema.h\"\n"
	print "const struct obol_migration " name "[] = {"
}
FNR == 1 {
	if (n++)
		print "\t},"
	print "\t{"
}
/^--/ { next }
{
	gsub(/\\/, "\\\\")
	gsub(/"/, "\\\"")
	gsub(/\t/, "\\t")
	print "\t\t\"" $0 "\\n\""
}
END {
	print "\t},\n};\n"
	print "const unsigned " n_name " = " n ";"
}
