package transport

import (
	"encoding/json"
	"unicode/utf8"

	"github.com/99designs/gqlgen/graphql"
)

// subprotocol is the name of
// https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md.
const subprotocol = "graphql-transport-ws"

// The types of messages.
const (
	typeInit      = "connection_init"
	typeAck       = "connection_ack"
	typePing      = "ping"
	typePong      = "pong"
	typeSubscribe = "subscribe"
	typeNext      = "next"
	typeError     = "error"
	typeComplete  = "complete"
)

// idMax is the longest id of an operation, in bytes: the server keeps it for
// as long as the operation runs.
const idMax = 256

// message is one that a client may send.
type message struct {
	kind    string
	id      string             // subscribe, complete
	payload json.RawMessage    // ping: an object, null or absent
	object  map[string]any     // connection_init
	params  *graphql.RawParams // subscribe
}

// parseMessage reads a message. fault says, in French, why it is not one of
// the protocol; empty when it is.
func parseMessage(data []byte) (m message, fault string) {
	var in map[string]json.RawMessage
	switch {
	case !utf8.Valid(data):
		return m, "message qui n'est pas en UTF-8"
	case decode(data, &in) != nil || in == nil:
		return m, "message qui n'est pas un objet JSON"
	case decode(in["type"], &m.kind) != nil:
		return m, "« type » n'est pas un texte"
	}
	m.payload = in["payload"]
	switch m.kind {
	case typeInit, typePing, typePong:
		if decode(m.payload, &m.object) != nil {
			return m, "« payload » n'est pas un objet"
		}
		return m, ""
	case typeSubscribe, typeComplete:
		if decode(in["id"], &m.id) != nil || m.id == "" {
			return m, "« id » n'est pas un texte, ou est vide"
		}
		if len(m.id) > idMax {
			return m, "« id » est trop long"
		}
	default:
		return m, "« type » absent ou inconnu"
	}
	if m.kind == typeComplete {
		return m, ""
	}
	params, given, refus := decodeParams(m.payload)
	switch {
	case refus != nil:
		return m, "« payload » : " + refus.message
	case !given && !persisted(params):
		return m, "« payload » : le paramètre query est absent"
	}
	m.params = params
	return m, ""
}

// format writes a message; id and payload, which is JSON, may be empty.
func format(kind, id string, payload []byte) []byte {
	out := append([]byte(`{"type":"`), kind...)
	out = append(out, '"')
	if id != "" {
		out = append(append(out, `,"id":`...), marshal(id)...)
	}
	if len(payload) > 0 {
		out = append(append(out, `,"payload":`...), payload...)
	}
	return append(out, '}')
}
