# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# Two PostgreSQL servers under Patroni, with etcd, each in a network namespace of
# its own. To be sourced by what runs in a mount, network and process namespace
# of its own, which takes all of this with it when it ends.
#
#	                 bridge
#	   +--------+-------+-------+--------+
#	   |        |               |        |
#	 db1 .1   db2 .2        dcs .3    front .4, .5		10.77.0.0/24
#
# db1 and db2 have PostgreSQL and Patroni, dcs has etcd, front has obold and who
# asks it. CLUSTER_DIR has to be set: everything is in there. Nothing but this
# file's functions runs as root; the servers run as nobody.
#
# Replication is synchronous (synchronous_mode): a commit is acknowledged once the
# standby has it on its disk. When the standby is gone the primary goes on alone,
# and that standby does not become primary before it has caught up. (Not
# synchronous_mode_strict: with two servers it would stop all writes until the
# killed one is back.)

# Seconds for which a primary may be silent (Patroni's ttl, loop_wait and
# retry_timeout); Patroni's own defaults are 30, 10 and 10.
CLUSTER_TTL=8
CLUSTER_LOOP=1
CLUSTER_RETRY=3

cluster_bin=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -1)
cluster_etcd=http://10.77.0.3:2379
cluster_hosts=10.77.0.1,10.77.0.2

# cluster_missing: what has to be installed.
cluster_missing()
{
	local name
	for name in patroni etcd etcdctl nft setpriv; do
		command -v "$name" >/dev/null || printf '%s ' "$name"
	done
	[[ -n $cluster_bin ]] || printf 'postgresql '
}

# cluster_in NODE COMMAND...: runs it there, as who calls.
cluster_in()
{
	local node=$1
	shift
	nsenter --net="$CLUSTER_DIR/$node.net" -- "$@"
}

# cluster_as_nobody NODE LOG COMMAND...: runs it there, as nobody, as the head of
# a process group, and prints its pid.
cluster_as_nobody()
{
	local node=$1 log=$2
	shift 2
	(cd "$CLUSTER_DIR/$node" && cluster_in "$node" setpriv --reuid=nobody \
		--regid="$(id -g nobody)" --clear-groups -- env -i \
		PATH="$PATH" HOME="$CLUSTER_DIR/$node" LC_ALL=C setsid "$@" \
		</dev/null >>"$CLUSTER_DIR/$log" 2>&1 &
		printf '%s\n' "$!")
}

# cluster_network: bridge and namespaces.
cluster_network()
{
	local node number=0
	ip link set lo up
	ip link add bridge type bridge forward_delay 0
	ip link set bridge up
	for node in db1 db2 dcs front; do
		number=$((number + 1))
		mkdir -p "$CLUSTER_DIR/$node"
		chown nobody "$CLUSTER_DIR/$node"
		: >"$CLUSTER_DIR/$node.net"
		unshare --net="$CLUSTER_DIR/$node.net" true
		ip link add "$node" type veth peer name eth0 netns "$CLUSTER_DIR/$node.net"
		ip link set "$node" master bridge up
		cluster_in "$node" ip link set lo up
		cluster_in "$node" ip link set eth0 up
		cluster_in "$node" ip addr add "10.77.0.$number/24" dev eth0
	done
	cluster_in front ip addr add 10.77.0.5/24 dev eth0
}

# cluster_end: all of it.
cluster_end()
{
	local node
	for node in db1 db2 dcs; do
		[[ ! -s $CLUSTER_DIR/$node.pid ]] || cluster_kill "$node"
	done
	wait
	umount "$CLUSTER_DIR"/*.net 2>/dev/null || true
}

cluster_random()
{
	od -An -N16 -tx1 /dev/urandom | tr -d ' \n'
}

# cluster_config NODE ADDRESS: Patroni's.
cluster_config()
{
	cat <<-END
		scope: obol
		name: $1
		restapi:
		  listen: $2:8008
		  connect_address: $2:8008
		etcd3:
		  url: $cluster_etcd
		bootstrap:
		  dcs:
		    ttl: $CLUSTER_TTL
		    loop_wait: $CLUSTER_LOOP
		    retry_timeout: $CLUSTER_RETRY
		    maximum_lag_on_failover: 1048576
		    master_start_timeout: 0
		    synchronous_mode: true
		    postgresql:
		      use_pg_rewind: true
		      use_slots: true
		      parameters:
		        wal_log_hints: "on"
		        wal_keep_size: 256MB
		        max_connections: 100
		        synchronous_commit: "on"
		  initdb:
		    - encoding: UTF8
		    - locale: C
		    - data-checksums
		  post_bootstrap: $CLUSTER_DIR/make-database
		postgresql:
		  listen: $2:5432
		  connect_address: $2:5432
		  bin_dir: $cluster_bin
		  data_dir: $CLUSTER_DIR/$1/data
		  pgpass: $CLUSTER_DIR/$1/pgpass
		  parameters:
		    unix_socket_directories: "$CLUSTER_DIR/$1"
		    shared_buffers: 64MB
		  basebackup:
		    - checkpoint: fast
		  pg_hba:
		    - local all postgres trust
		    - host all postgres 10.77.0.0/24 scram-sha-256
		    - host replication replicator 10.77.0.0/24 scram-sha-256
		    - host all obol 10.77.0.0/24 scram-sha-256
		  authentication:
		    superuser:
		      username: postgres
		      password: "$cluster_superuser"
		    replication:
		      username: replicator
		      password: "$cluster_replicator"
		tags:
		  nofailover: false
	END
}

# cluster_run NODE: Patroni there, which starts PostgreSQL.
cluster_run()
{
	cluster_as_nobody "$1" "$1.log" patroni "$CLUSTER_DIR/$1/patroni.yml" \
		>"$CLUSTER_DIR/$1.pid"
}

# cluster_start: everything, until there is a synchronous standby. Afterwards
# CLUSTER_CONNINFO is how obold connects, and CLUSTER_DIR/pgpass its password.
cluster_start()
{
	local node number
	cluster_superuser=$(cluster_random)
	cluster_replicator=$(cluster_random)
	(umask 077 && printf '*:*:*:obol:%s\n' "$(cluster_random)" >"$CLUSTER_DIR/pgpass")
	cat >"$CLUSTER_DIR/make-database" <<-END
		#!/bin/sh
		exec "$cluster_bin/psql" --no-psqlrc --quiet --set=ON_ERROR_STOP=1 "\$1" <<-SQL
			CREATE ROLE obol LOGIN PASSWORD '$(cut -d: -f5 "$CLUSTER_DIR/pgpass")';
			CREATE DATABASE obol OWNER obol;
		SQL
	END
	chmod 0700 "$CLUSTER_DIR/make-database"
	chown nobody "$CLUSTER_DIR/make-database"
	: >"$CLUSTER_DIR/etcd.log"
	cluster_as_nobody dcs etcd.log etcd --name dcs --data-dir "$CLUSTER_DIR/dcs/data" \
		--listen-client-urls "$cluster_etcd" --advertise-client-urls "$cluster_etcd" \
		--listen-peer-urls http://10.77.0.3:2380 \
		--initial-advertise-peer-urls http://10.77.0.3:2380 \
		--initial-cluster dcs=http://10.77.0.3:2380 >"$CLUSTER_DIR/dcs.pid"
	cluster_wait 60 "etcd does not serve" cluster_in dcs env ETCDCTL_API=3 etcdctl \
		--endpoints="$cluster_etcd" endpoint health
	for number in 1 2; do
		node=db$number
		(umask 077 && cluster_config "$node" "10.77.0.$number" \
			>"$CLUSTER_DIR/$node/patroni.yml")
		chown nobody "$CLUSTER_DIR/$node/patroni.yml"
		cluster_run "$node"
		# the first one makes the cluster, the other one joins
		[[ $node == db2 ]] || cluster_wait 60 "there is no primary" cluster_is_primary db1
	done
	CLUSTER_CONNINFO="host=$cluster_hosts port=5432,5432 dbname=obol user=obol"
	CLUSTER_CONNINFO+=" passfile=$CLUSTER_DIR/pgpass target_session_attrs=read-write"
	cluster_wait 60 "there is no synchronous standby" cluster_is_whole
}

# cluster_wait SECONDS WHAT COMMAND...: until it succeeds.
cluster_wait()
{
	local end=$((SECONDS + $1)) what=$2
	shift 2
	until "$@" >/dev/null 2>&1; do
		if ((SECONDS >= end)); then
			printf 'cluster: %s\n' "$what" >&2
			tail -n 5 "$CLUSTER_DIR"/*.log >&2
			return 1
		fi
		sleep 0.1
	done
}

# cluster_rest NODE PATH: what its Patroni says.
cluster_rest()
{
	local number=${1#db} reply
	exec 9<>"/dev/tcp/10.77.0.$number/8008" || return 1
	printf 'GET /%s HTTP/1.0\r\n\r\n' "$2" >&9
	read -r -t 10 reply <&9 || reply=
	cat <&9 >/dev/null
	exec 9>&- 9<&-
	[[ $reply == *' 200 '* ]]
}

cluster_is_primary()
{
	cluster_in dcs bash -c "$(declare -f cluster_rest); cluster_rest $1 primary"
}

# cluster_is_whole: a primary, and a standby that every commit waits for.
cluster_is_whole()
{
	local node
	for node in db1 db2; do
		if cluster_in dcs bash -c "$(declare -f cluster_rest); cluster_rest $node synchronous"; then
			return 0
		fi
	done
	return 1
}

# cluster_primary: its name. One that has been silent for too long, on a machine
# that is busy, has none for a moment.
cluster_primary()
{
	local node end=$((SECONDS + 60))
	while ((SECONDS < end)); do
		for node in db1 db2; do
			if cluster_is_primary "$node"; then
				printf '%s\n' "$node"
				return 0
			fi
		done
		sleep 0.1
	done
	return 1
}

# cluster_pids NODE: of its Patroni and PostgreSQL, all of them.
cluster_pids()
{
	local net process
	net=$(stat -Lc %i "$CLUSTER_DIR/$1.net")
	for process in /proc/[0-9]*; do
		[[ $(stat -Lc %i "$process/ns/net" 2>/dev/null) != "$net" ]] ||
			printf '%s\n' "${process#/proc/}"
	done
}

# cluster_kill NODE: as if its power were cut.
cluster_kill()
{
	local pids
	pids=$(cluster_pids "$1")
	# shellcheck disable=SC2086
	kill -KILL $pids 2>/dev/null || true
}

# cluster_kill_postgres NODE: the postmaster alone; Patroni stays.
cluster_kill_postgres()
{
	kill -KILL "$(head -1 "$CLUSTER_DIR/$1/data/postmaster.pid")"
}

# cluster_cut NODE, cluster_heal NODE: no frame passes to or from it, and nobody
# is told.
cluster_cut()
{
	nft -f - <<-END
		table bridge cut_$1 {
			chain forward {
				type filter hook forward priority 0;
				iifname "$1" drop
				oifname "$1" drop
			}
		}
	END
}

cluster_heal()
{
	nft delete table bridge "cut_$1"
}

# cluster_sql [HOST] SQL: as obol, from front, at whoever takes writes; or at HOST.
cluster_sql()
{
	local conninfo=$CLUSTER_CONNINFO
	if (($# > 1)); then
		conninfo="host=$1 port=5432 dbname=obol user=obol passfile=$CLUSTER_DIR/pgpass"
		conninfo+=" target_session_attrs=read-write"
		shift
	fi
	cluster_in front env PGCONNECT_TIMEOUT=2 "$cluster_bin/psql" --no-psqlrc --quiet \
		--tuples-only --no-align --set=ON_ERROR_STOP=1 --dbname="$conninfo" \
		--command="$1"
}
