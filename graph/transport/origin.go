package transport

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// AllowOrigins returns the check of the Origin header that [Websocket] needs:
// browsers open sockets across sites without asking first. It accepts a
// request that has none, which no page sends; one of a page of this very
// host; and one whose origin is listed, as scheme://host[:port], or any when
// "*" is.
func AllowOrigins(origins []string) func(*http.Request) bool {
	return func(r *http.Request) bool {
		origin := strings.ToLower(r.Header.Get("Origin"))
		if origin == "" || slices.Contains(origins, "*") || slices.Contains(origins, origin) {
			return true
		}
		u, err := url.Parse(origin)
		return err == nil && u.Host != "" && strings.EqualFold(u.Host, r.Host)
	}
}
