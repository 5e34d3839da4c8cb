# SPDX-License-Identifier: GPL-2.0-or-later
# For testing/faults/run: the faults that any store may meet, and the controls.

fault_kill()
{
	local i=0 role pid pids most=100
	[[ $short == no ]] || most=20
	while ((i < kills)); do
		pause_acks $((1 + RANDOM % most))
		mapfile -t pids < <(of_role '')
		((${#pids[@]})) || continue
		pid=${pids[RANDOM % ${#pids[@]}]}
		role=$(cat "/proc/$pid/comm" 2>/dev/null) || continue
		role=${role#obold-}
		[[ $role != obold ]] || role=parent
		event "kill-$role" now
		! kill -KILL "$pid" 2>/dev/null || ((++i))
	done
	pause_acks 20
}

# step SECONDS: of the clock that all of obold's processes have
step()
{
	perl -e 'print pack("q", $ARGV[0])' -- "$1" |
		dd of="$work/clock" conv=notrunc 2>/dev/null
	event clock now
}

fault_clock()
{
	local i
	for ((i = 0; i < times; i++)); do
		step 3600
		pause_acks 60
		step 0
		pause_acks 60
		step -3600
		pause_acks 60
		step 0
		pause_acks 60
	done
}

# limit PID OPTION: of a running process, as its own user, which is allowed
# where not even root is
limit()
{
	local user group
	user=$(stat -c %u "/proc/$1") && group=$(stat -c %g "/proc/$1") || return 0
	setpriv --reuid "$user" --regid "$group" --clear-groups \
		prlimit --pid "$1" "$2" || [[ ! -d /proc/$1 ]] ||
		die "process $1 cannot be limited"
}

# cpu_ticks PID
cpu_ticks()
{
	awk '{ print $14 + $15 }' "/proc/$1/stat" 2>/dev/null || echo 0
}

n_files()
{
	ls "/proc/$1/fd" | wc -l
}

fault_files()
{
	local i pid before after files_max
	for ((i = 0; i < times; i++)); do
		files_max=$(ulimit -Hn)
		event files begin
		for pid in $(of_role worker) $(<"$work/parent"); do
			limit "$pid" --nofile="$(n_files "$pid"):"
		done
		((i % 2)) || kill -KILL "$(of_role worker | head -1)"
		pid=$(of_role worker | tail -1)
		before=$(cpu_ticks "$pid")
		sleep 4
		after=$(cpu_ticks "$pid")
		# a loop that spins takes all 400
		((after - before < 200)) || {
			say "    a worker without descriptors took $((after - before)) of 400 ticks"
			failed=1
		}
		for pid in $(of_role worker) $(<"$work/parent"); do
			limit "$pid" --nofile="$files_max:"
		done
		event files end
		pause_acks 60
	done
}

# Connections that say nothing: what each of them takes is not there.
crowd_in()
{
	local i fd
	crowd=()
	for ((i = 0; i < 200; i++)); do
		exec {fd}<>/dev/tcp/127.0.0.1/4501 || break
		crowd+=("$fd")
	done
}

crowd_out()
{
	local fd
	for fd in "${crowd[@]}"; do
		exec {fd}>&-
	done
}

# Who starts now has no more than its parent.
fault_memory_of_parent()
{
	local pid
	event mem-parent begin
	pid=$(<"$work/parent")
	limit "$pid" --as="$((4096 * $(cut -d ' ' -f 1 "/proc/$pid/statm"))):"
	kill -KILL "$(of_role worker | head -1)"
	sleep 2
	for pid in $(of_role ''); do
		limit "$pid" --as=unlimited:
	done
	event mem-parent end
	pause_acks 40
}

fault_memory()
{
	local i role pid starve_s=2
	[[ $short == no ]] || starve_s=1
	for ((i = 0; i < times; i++)); do
		for role in worker keeper signer publisher; do
			event "mem-$role" begin
			for pid in $(of_role "$role"); do
				limit "$pid" --as="$((4096 * $(cut -d ' ' -f 1 \
					"/proc/$pid/statm" || echo 0))):"
			done
			crowd_in
			sleep "$starve_s"
			for pid in $(of_role "$role"); do
				limit "$pid" --as=unlimited:
			done
			crowd_out
			event "mem-$role" end
			pause_acks 40
		done
		fault_memory_of_parent
	done
}

# --- controls ---------------------------------------------------------------

# planted WHAT SQL: a change that the checks must find, and that is taken back
planted()
{
	local status=0
	store_save
	store_sql "$2" >/dev/null
	checked || status=$?
	store_restore
	if ((status == 1)); then
		say "    found: $1: $(head -1 "$work/checked")"
	else
		say "    NOT FOUND: $1"
		failed=1
	fi
}

one_credential="(account_id, generation, name) IN (SELECT account_id, generation,
	name FROM credential ORDER BY account_id, name LIMIT 1)"

fault_control()
{
	pause_acks 150
	stop_load
	planted "a lost write" "DELETE FROM credential WHERE $one_credential"
	planted "a version set back" "UPDATE credential SET version = version - 1
		WHERE $one_credential"
	planted "a content exchanged" "UPDATE credential SET sealed = (SELECT sealed
		FROM credential ORDER BY account_id DESC, name DESC LIMIT 1)
		WHERE $one_credential"
	planted "a lost certificate" "DELETE FROM certificate WHERE serial IN
		(SELECT serial FROM certificate ORDER BY serial LIMIT 1)"
	# more than answers to that account can have been lost
	planted "certificates from nowhere" "WITH RECURSIVE n (i) AS
		(SELECT 100 UNION ALL SELECT i + 1 FROM n WHERE i < 150)
		INSERT INTO certificate
		(account_id, serial, device_id, not_before, not_after, subject)
		SELECT account_id, $(store_blob "'nowhere' || i"), device_id, not_before,
		not_after, subject FROM n,
		(SELECT * FROM certificate ORDER BY serial LIMIT 1) AS c"
	planted "a guess given back" "UPDATE guess SET n = n - 1,
		guesses = substr(guesses, 1, length(guesses) - 8)
		WHERE n = (SELECT max(n) FROM guess)"
	planted "a lost device" "DELETE FROM slot WHERE kind = 4 AND serial =
		(SELECT max(serial) FROM slot WHERE kind = 4)"
	planted "a password of before" "UPDATE slot SET record =
		(SELECT record FROM slot WHERE kind = 4 LIMIT 1)
		WHERE kind = 1 AND serial = (SELECT max(serial) FROM slot WHERE kind = 1)"
	say "    and with nothing planted:"
}
