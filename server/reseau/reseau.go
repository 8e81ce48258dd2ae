// Package reseau calls addresses that strangers chose.
package reseau

import (
	"errors"
	"net"
	"net/http"
	"net/netip"
	"syscall"
	"time"

	"github.com/mutualibre/mutualibre/domain/adresse"
)

// ErrAdresse is an address that leads to a local machine, or to a private network.
var ErrAdresse = errors.New("adresse refusée : elle désigne une machine locale ou un réseau privé")

// enTetesMax bounds the header of an answer.
const enTetesMax = 64 << 10

// NewClient returns what sends: no proxy, no redirection, no connection kept, no compression (a small answer could be
// huge once open) and, unless locales, no machine but those of the public Internet. Addresses are judged once resolved,
// when they are dialled: a name that leads elsewhere than when it was checked gains nothing.
func NewClient(delai time.Duration, locales bool) *http.Client {
	dialer := &net.Dialer{Timeout: delai, Control: func(network, address string, _ syscall.RawConn) error {
		a, err := netip.ParseAddrPort(address)
		if err != nil || !locales && !adresse.Publique(a.Addr()) {
			return ErrAdresse
		}
		return nil
	}}
	return &http.Client{
		Timeout:       delai,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{
			DialContext: dialer.DialContext, ForceAttemptHTTP2: true, DisableKeepAlives: true, DisableCompression: true,
			MaxResponseHeaderBytes: enTetesMax,
		},
	}
}
