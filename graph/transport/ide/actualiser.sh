#!/bin/sh
# Fetches the published files of GraphiQL and React again, at these versions,
# and writes them here, compressed. The fonts embedded in GraphiQL's style
# sheet are left out: they are most of its weight and the system has its own.
# Needs npm and gzip. After a change of version, update ide.go and look at the
# page.
set -eu
GRAPHIQL=3.9.0
REACT=18.3.1

here=$(cd "$(dirname "$0")" && pwd)
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cd "$tmp"

for paquet in "graphiql@$GRAPHIQL" "react@$REACT" "react-dom@$REACT"; do
	mkdir paquet
	npm pack --silent "$paquet" >nom
	tar -xzf "$(cat nom)" -C paquet
	mv paquet/package "${paquet%@*}"
	rmdir paquet
done

rm -f "$here"/*.gz "$here"/LICENSE.*
sed 's/@font-face{[^}]*}//g' graphiql/graphiql.min.css | gzip -9n >"$here/graphiql-$GRAPHIQL.css.gz"
gzip -9n <graphiql/graphiql.min.js >"$here/graphiql-$GRAPHIQL.js.gz"
cat react/umd/react.production.min.js react-dom/umd/react-dom.production.min.js | gzip -9n >"$here/react-$REACT.js.gz"
cp graphiql/LICENSE "$here/LICENSE.graphiql"
cp react/LICENSE "$here/LICENSE.react"
