# SPDX-License-Identifier: GPL-2.0-or-later
# For testing/faults/run: SQLite's database, on a small file system of its own.

store_faults="full busy"

# store_put_up: prints what obold.conf calls the database
store_put_up()
{
	mkdir -p "$work/db"
	mount -t tmpfs -o "mode=755,size=${db_mib}m" faults "$work/db"
	printf '%s' "$work/db/obol.db"
}

store_take_down()
{
	umount "$work/db" 2>/dev/null || umount -l "$work/db" 2>/dev/null || true
}

store_sql()
{
	sqlite3 -cmd '.timeout 5000' "$work/db/obol.db" "$1"
}

store_save()
{
	store_sql ".backup $work/saved.db"
}

store_restore()
{
	store_sql ".restore $work/saved.db"
}

# store_blob TEXT: an expression of that text as bytes
store_blob()
{
	printf 'CAST(%s AS BLOB)' "$1"
}

# "KEY NUMBER" a line
store_guesses()
{
	store_sql "SELECT lower(hex(guess_key)) || ' ' || n FROM guess"
}

store_id_key()
{
	store_sql "SELECT hex(value) FROM meta WHERE name = 'id_key'"
}

# The operator is told of a full disk, not flooded, and told when it is over.
well_told()
{
	local n
	wait_for 20 "nobody is told that the store works again" \
		grep -q 'the store works again' "$work/obold.log"
	n=$(grep -c 'disk is full' "$work/obold.log") || true
	((n > 0 && n <= 20 * times)) || {
		say "    $n lines of the log tell of a full disk"
		failed=1
	}
}

fault_full()
{
	local i j before
	for ((i = 0; i < times; i++)); do
		before=$(lines 'cause=server')
		event full begin
		# what was set aside for the log of changes is room, too
		store_sql 'PRAGMA wal_checkpoint(TRUNCATE)' >/dev/null || true
		dd if=/dev/zero of="$work/db/filler" bs=64k 2>/dev/null || true
		dd if=/dev/zero of="$work/db/filler" bs=512 oflag=append \
			conv=notrunc 2>/dev/null || true
		# now and then there is room for a little, which the next one takes
		for ((j = 0; j < 30; j++)); do
			# who starts now finds no room either
			((j != 10)) || kill -KILL \
				"$( ((i % 2)) && cat "$work/parent" || of_role worker | head -1)"
			sleep 0.1
			truncate -s "-$((RANDOM % 6 * 4))K" "$work/db/filler"
		done
		wait_for 60 "a full disk has refused nothing" \
			more_lines 'cause=server' $((before + 10))
		rm -f "$work/db/filler"
		event full end
		pause_acks 60
		well_told
	done
}

fault_busy()
{
	local i
	for ((i = 0; i < times; i++)); do
		event busy begin
		{
			echo 'BEGIN IMMEDIATE;'
			sleep $((3 + 4 * (i % 2)))
			echo 'ROLLBACK;'
		} | sqlite3 -cmd '.timeout 5000' "$work/db/obol.db"
		event busy end
		pause_acks 60
	done
}
