#!/bin/sh
# Audits the transports of the API. The real server is built and started on a
# free port, with a private database in a temporary folder, for the 61 audits
# of graphql-http; a small server of subscriptions, for the checks of
# graphql-transport-ws and graphql-sse with their own clients. Needs Go, Node
# and PostgreSQL's binaries. With an address as argument, the server already
# listening there stands for the real one, and nothing is written to it.
#
#   graph/conformance/run.sh [http://127.0.0.1:8080/graphql]
set -eu

here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
cd "$here"
npm ci --silent --no-audit --no-fund

tmp=$(mktemp -d)
# The private PostgreSQL runs as another user when we are root.
chmod 711 "$tmp"
pids=
finish() {
	for pid in $pids; do
		kill "$pid" 2>/dev/null || true
		wait "$pid" 2>/dev/null || true
	done
	rm -rf "$tmp"
}
trap finish EXIT
trap 'exit 1' INT TERM

# await PID FILE: waits until the process writes in the file where it listens,
# and sets address.
await() {
	for _ in $(seq 300); do
		address=$(grep -om1 '127\.0\.0\.1:[1-9][0-9]*' "$2" || true)
		if [ -n "$address" ]; then
			return
		fi
		if ! kill -0 "$1" 2>/dev/null; then
			echo "the server stopped:" >&2
			cat "$2" >&2
			exit 1
		fi
		sleep 0.2
	done
	echo "the server says no address after a minute:" >&2
	cat "$2" >&2
	exit 1
}

if [ $# -gt 0 ]; then
	real=$1
else
	(cd "$root" && go build -o "$tmp/mutualibre" ./server)
	env -u DATABASE_URL DATA_DIR="$tmp/data" ADDR=127.0.0.1:0 LOG_FORMAT=text "$tmp/mutualibre" serve >"$tmp/log" 2>&1 &
	pids="$pids $!"
	await $! "$tmp/log"
	real=http://$address/graphql
fi
(cd "$root" && go build -o "$tmp/serveur" ./graph/conformance/serveur)
"$tmp/serveur" >"$tmp/log-serveur" 2>&1 &
pids="$pids $!"
await $! "$tmp/log-serveur"

node audits.mjs "$real"
token=
if [ $# -eq 0 ]; then # ours, and it answers by now
	token=$(env -u DATABASE_URL DATA_DIR="$tmp/data" LOG_FORMAT=text "$tmp/mutualibre" jeton creer --role ADMIN --nom audits)
fi
node abonnements.mjs "http://$address/graphql" "$real" "$token"
