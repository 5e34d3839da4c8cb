# SPDX-License-Identifier: GPL-2.0-or-later
# For testing/faults/run: a PostgreSQL server of its own.

store_faults="backend database busy"

# store_put_up: prints what obold.conf calls the database
store_put_up()
{
	"$SOURCE_DIR/testing/lib/start-postgresql" -w $$ "$work/pg"
}

store_take_down()
{
	"$SOURCE_DIR/testing/lib/stop-postgresql" "$work/pg" immediate || true
}

store_sql()
{
	psql --no-psqlrc --quiet --no-align --tuples-only \
		--host="$work/pg/socket" --username=postgres \
		--set=ON_ERROR_STOP=1 --dbname=obol --command="$1"
}

# the tables that controls change
store_save()
{
	local table
	store_sql 'CREATE SCHEMA saved'
	for table in credential certificate guess slot; do
		store_sql "CREATE TABLE saved.$table AS TABLE public.$table"
	done
}

store_restore()
{
	local table
	for table in credential certificate guess slot; do
		store_sql "BEGIN; DELETE FROM public.$table;
			INSERT INTO public.$table SELECT * FROM saved.$table; COMMIT"
	done
	store_sql 'SET client_min_messages = warning; DROP SCHEMA saved CASCADE'
}

# store_blob TEXT: an expression of that text as bytes
store_blob()
{
	printf "convert_to(%s, 'UTF8')" "$1"
}

# "KEY NUMBER" a line
store_guesses()
{
	store_sql "SELECT encode(guess_key, 'hex') || ' ' || n FROM guess"
}

store_id_key()
{
	store_sql "SELECT encode(value, 'hex') FROM meta WHERE name = 'id_key'"
}

store_serves()
{
	store_sql 'SELECT 1' >/dev/null 2>&1
}

# A process of the server that works for obold: the server starts anew then.
fault_backend()
{
	local i pid
	for ((i = 0; i < 2 * times; i++)); do
		pid=$(store_sql "SELECT pid FROM pg_stat_activity
			WHERE usename = 'obol' ORDER BY random() LIMIT 1")
		[[ $pid ]] || continue
		event backend begin
		kill -KILL "$pid"
		# its postmaster has to see it, and then to recover, before obold can
		sleep 0.2
		wait_for 30 "PostgreSQL does not come back" store_serves
		event backend end
		pause_acks 60
	done
}

fault_database()
{
	local i
	for ((i = 0; i < times; i++)); do
		event database begin
		"$SOURCE_DIR/testing/lib/stop-postgresql" "$work/pg" immediate
		sleep 3
		"$SOURCE_DIR/testing/lib/start-postgresql" "$work/pg" >/dev/null
		event database end
		pause_acks 60
	done
}

fault_busy()
{
	local i
	for ((i = 0; i < times; i++)); do
		event busy begin
		store_sql "BEGIN; LOCK TABLE guess IN EXCLUSIVE MODE;
			SELECT pg_sleep($((3 + 4 * (i % 2)))); ROLLBACK" >/dev/null
		event busy end
		pause_acks 60
	done
}
