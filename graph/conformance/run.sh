#!/bin/sh
# Audits the real server: builds it, starts it on a free port with a private
# database in a temporary folder, runs the 61 audits of graphql-http and stops
# it. Needs Go, Node and PostgreSQL's binaries. With an address as argument,
# audits the server already listening there instead.
#
#   graph/conformance/run.sh [http://127.0.0.1:8080/graphql]
set -eu

here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
cd "$here"
npm ci --silent --no-audit --no-fund

if [ $# -gt 0 ]; then
	exec node audits.mjs "$1"
fi

tmp=$(mktemp -d)
# The private PostgreSQL runs as another user when we are root.
chmod 711 "$tmp"
pid=
finish() {
	if [ -n "$pid" ]; then
		kill "$pid" 2>/dev/null || true
		wait "$pid" 2>/dev/null || true
	fi
	rm -rf "$tmp"
}
trap finish EXIT
trap 'exit 1' INT TERM

(cd "$root" && go build -o "$tmp/mutualibre" ./server)
env -u DATABASE_URL DATA_DIR="$tmp/data" ADDR=127.0.0.1:0 LOG_FORMAT=text "$tmp/mutualibre" serve >"$tmp/log" 2>&1 &
pid=$!

# The log says which port was picked.
address=
for _ in $(seq 300); do
	address=$(grep -om1 '127\.0\.0\.1:[1-9][0-9]*' "$tmp/log" || true)
	if [ -n "$address" ]; then
		break
	fi
	if ! kill -0 "$pid" 2>/dev/null; then
		echo "the server stopped:" >&2
		cat "$tmp/log" >&2
		exit 1
	fi
	sleep 0.2
done
if [ -z "$address" ]; then
	echo "the server says no address after a minute:" >&2
	cat "$tmp/log" >&2
	exit 1
fi

node audits.mjs "http://$address/graphql"
