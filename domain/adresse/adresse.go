// Package adresse tells the addresses to which a server may send what strangers ask it to send, from those that would
// make it speak to its own network: loopback, private, link-local, metadata services. It resolves nothing.
package adresse

import (
	"errors"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
)

// blocs lists the blocks of which nothing is on the public Internet. IPv4: the IANA registry of special-purpose
// addresses (https://www.iana.org/assignments/iana-ipv4-special-registry), multicast and the reserved class E; then
// the address at which Azure's machines find their host, the only metadata service outside of those blocks. IPv6: what
// the registry keeps out of 2000::/3, 6to4 included.
var blocs = []string{
	"0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24",
	"192.0.2.0/24", "192.31.196.0/24", "192.52.193.0/24", "192.88.99.0/24", "192.168.0.0/16", "192.175.48.0/24",
	"198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4",
	"168.63.129.16/32",
	"2001::/23", "2001:db8::/32", "2002::/16", "2620:4f:8000::/48", "3fff::/20",
}

// Publique tells whether an address is one of the public Internet, for one machine. An IPv4 address written as an IPv6
// one is judged as what it is.
func Publique(a netip.Addr) bool {
	a = a.Unmap()
	if a.Is6() && !netip.MustParsePrefix("2000::/3").Contains(a) {
		return false
	}
	for _, bloc := range blocs {
		if netip.MustParsePrefix(bloc).Contains(a.WithZone("")) {
			return false
		}
	}
	return a.IsValid()
}

// longueurMax is what we keep of an address.
const longueurMax = 500

// Verifier says, in French, why nothing would be sent to an address; nil when something may be. locales admits plain
// http and every machine: for tests and development. What a name leads to is known only when it is dialled: see
// [Publique].
func Verifier(texte string, locales bool) error {
	u, err := url.Parse(texte)
	switch {
	case err != nil || u.Opaque != "" || u.Hostname() == "" || strings.ContainsFunc(texte, func(r rune) bool { return r <= ' ' || r > '~' }):
		return errors.New("n'est pas une adresse web lisible ; forme attendue : https://exemple.fr/chemin")
	case len(texte) > longueurMax:
		return errors.New("compte plus de 500 caractères")
	case u.Scheme != "https" && (u.Scheme != "http" || !locales):
		return errors.New("doit commencer par « https:// »")
	case u.User != nil:
		return errors.New("contient un compte ou un mot de passe : la signature suffit à nous reconnaître")
	case u.Fragment != "":
		return errors.New("contient un fragment (« # »), qui ne serait pas envoyé")
	case u.Port() != "" && !portLisible(u.Port()):
		return errors.New("a un port qui n'existe pas")
	case locales:
		return nil
	}
	hote := strings.ToLower(strings.TrimSuffix(u.Hostname(), "."))
	if a, err := netip.ParseAddr(hote); err == nil {
		if !Publique(a) {
			return errors.New("désigne une machine locale ou un réseau privé")
		}
		return nil
	}
	dernier := hote[strings.LastIndexByte(hote, '.')+1:]
	switch {
	case dernier == "" || dernier[0] >= '0' && dernier[0] <= '9': // 127.1, 2130706433, 0x7f000001: other spellings of an address
		return errors.New("n'est ni un nom de machine ni une adresse écrite comme à l'ordinaire")
	case dernier == hote || dernier == "localhost" || dernier == "local" || dernier == "internal" || strings.HasSuffix(hote, ".home.arpa"):
		return errors.New("désigne une machine locale ou un réseau privé")
	}
	return nil
}

func portLisible(p string) bool {
	n, err := strconv.ParseUint(p, 10, 16)
	return err == nil && n > 0
}
