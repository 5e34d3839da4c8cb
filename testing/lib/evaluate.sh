# SPDX-License-Identifier: GPL-2.0-or-later
# Runs a scenario's lines. To be sourced after hosts.sh. Set before use:
#
#	CONSOLE		file that receives every command and what it printed
#	WAIT_S		how long a line may take to become true
#	RUN_DIR		the run's folder

TOLD=0
TOLD_STAMP=

# lines_of FILE: the lines that say something.
lines_of()
{
	[[ ! -e $1 ]] || grep -vE '^[[:space:]]*(#|$)' "$1" || true
}

say()
{
	printf '%s\n' "$*" >>"$CONSOLE"
}

# keep_told: what people have told each other so far, in shared/, also what will
# be written over, for logs-clean.
keep_told()
{
	local file told=$RUN_DIR/told
	mkdir -p "$told"
	while IFS= read -r file; do
		cp "$file" "$told/$(basename "$file").$((++TOLD))"
	done < <(find "$RUN_DIR/shared" -maxdepth 1 -type f -size -64k \
		${TOLD_STAMP:+-newer "$TOLD_STAMP"})
	TOLD_STAMP=$told/stamp
	touch "$TOLD_STAMP"
}

# run_line LINE: "host::command", which must succeed.
run_line()
{
	local line=$1 status=0
	local host=${line%%::*} command=${line#*::}
	[[ $line == *::* ]] || {
		say "not 'host::command': $line"
		return 1
	}
	say "$host# $command"
	host_run "$host" "$command" >>"$CONSOLE" 2>&1 || status=$?
	((status == 0)) || say "=> FAILED, exit status $status"
	keep_told
	return "$status"
}

# run_lines FILE: stops at the first line that fails.
run_lines()
{
	local line
	while IFS= read -r line <&3; do
		run_line "$line" || {
			FAILED_LINE="$(basename "$1"): $line"
			return 1
		}
	done 3< <(lines_of "$1")
}

# line_holds VERDICT STATUS OUTPUT PATTERN: whether what was printed is what the
# line asks for. A command that could not be run holds for nothing, nor does one
# that took too long hold for NO: an absent tool is no absent text.
line_holds()
{
	local verdict=$1 status=$2 output=$3 pattern=$4 found
	((status < 125)) || return 1
	found=$(grep -cE -e "$pattern" "$output") || true
	case $verdict in
		YES) ((found > 0)) ;;
		NO) ((found == 0 && status != 124)) ;;
		*) ((found == verdict)) ;;
	esac
}

# evaluate_line LINE: "host::command::pattern::YES|NO|count". The pattern is an
# extended regular expression without "::"; count counts the lines that match.
# YES and count are tried again until WAIT_S is over, NO is asked once.
evaluate_line()
{
	local line=$1 host command pattern verdict rest status output deadline
	host=${line%%::*}
	rest=${line#*::}
	verdict=${rest##*::}
	rest=${rest%::*}
	pattern=${rest##*::}
	command=${rest%::*}
	[[ $command != "$rest" && $verdict =~ ^(YES|NO|[0-9]+)$ ]] || {
		say "not 'host::command::pattern::YES|NO|count': $line"
		return 1
	}
	output=$(mktemp -p "$RUN_DIR")
	deadline=$((SECONDS + WAIT_S))
	while :; do
		status=0
		host_run "$host" "$command" >"$output" 2>&1 || status=$?
		if line_holds "$verdict" "$status" "$output" "$pattern"; then
			status=0
			break
		fi
		((status < 125)) || break
		status=1
		[[ $verdict != NO ]] && ((SECONDS < deadline)) || break
		sleep 0.1
	done
	say "$host# $command"
	cat "$output" >>"$CONSOLE"
	rm -f "$output"
	if ((status == 0)); then
		say "=> [$pattern] $verdict: holds"
	else
		say "=> [$pattern] $verdict: FAILED"
	fi
	return "$status"
}

# evaluate_lines FILE: all lines are asked, also after a failure.
evaluate_lines()
{
	local line failed=0 asked=0
	while IFS= read -r line <&3; do
		((++asked))
		evaluate_line "$line" || {
			((failed++)) || FAILED_LINE="$(basename "$1"): $line"
			# the others need not be waited for as long
			WAIT_S=10
		}
	done 3< <(lines_of "$1")
	((asked)) || {
		FAILED_LINE="$(basename "$1"): has no line, so nothing is tested"
		return 1
	}
	((failed == 0))
}
