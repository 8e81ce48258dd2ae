package adresse

import (
	"net/netip"
	"strings"
	"testing"
)

func TestOnlyTheMachinesOfThePublicInternetArePublic(t *testing.T) {
	for _, a := range []string{"1.1.1.1", "9.255.255.255", "11.0.0.0", "172.15.255.255", "172.32.0.0", "100.63.255.255", "100.128.0.0",
		"223.255.255.255", "168.63.129.17", "2606:4700::1111", "2a01:e0a::1", "::ffff:8.8.8.8"} {
		if !Publique(netip.MustParseAddr(a)) {
			t.Errorf("%s is refused", a)
		}
	}
	for what, all := range map[string]string{
		"loopback":      "127.0.0.1 127.255.255.255 ::1",
		"private":       "10.0.0.1 172.16.0.1 172.31.255.255 192.168.1.1 fc00::1 fd12:3456::1",
		"link-local":    "169.254.1.1 fe80::1 fe80::1%eth0 fec0::1",
		"shared (NAT)":  "100.64.0.1 100.127.255.255",
		"multicast":     "224.0.0.1 239.255.255.255 ff02::1",
		"unspecified":   "0.0.0.0 :: 0.1.2.3",
		"broadcast":     "255.255.255.255 240.0.0.1",
		"metadata":      "169.254.169.254 fd00:ec2::254 100.100.100.200 168.63.129.16 192.0.0.192",
		"IPv4 as IPv6":  "::ffff:127.0.0.1 ::ffff:10.0.0.1 ::ffff:a9fe:a9fe ::127.0.0.1",
		"translated":    "64:ff9b::7f00:1 64:ff9b::a00:1 64:ff9b:1::1 2002:7f00:1::1 2001:0:1::1",
		"documentation": "192.0.2.1 198.51.100.1 203.0.113.1 2001:db8::1 3fff::1",
	} {
		for a := range strings.FieldsSeq(all) {
			if Publique(netip.MustParseAddr(a)) {
				t.Errorf("%s, %s, is let through", a, what)
			}
		}
	}
	if Publique(netip.Addr{}) {
		t.Error("no address at all is let through")
	}
}

func TestAnAddressIsRefusedWithItsReason(t *testing.T) {
	for texte, want := range map[string]string{
		"https://exemple.fr/mutualibre?cle=1": "", "https://exemple.fr:8443": "", "https://[2606:4700::1111]/": "", "https://1.1.1.1": "",
		"http://exemple.fr": "https://", "ftp://exemple.fr": "https://", "exemple.fr": "lisible", "https://": "lisible", "https:exemple.fr": "lisible",
		"https://exemple.fr/é": "lisible", "https://exemple.fr/a b": "lisible", "https://exemple.fr/\n": "lisible", "https://[::1": "lisible",
		"https://moi:secret@exemple.fr": "mot de passe", "https://exemple.fr#x": "fragment", "https://exemple.fr:0": "port", "https://exemple.fr:70000": "port",
		"https://localhost": "locale", "https://LOCALHOST.": "locale", "https://a.localhost": "locale", "https://intranet": "locale", "https://nas.local": "locale",
		"https://metadata.google.internal": "locale", "https://x.home.arpa": "locale",
		"https://127.0.0.1": "privé", "https://[::1]": "privé", "https://[::ffff:10.0.0.1]": "privé", "https://169.254.169.254/latest": "privé", "https://[fe80::1%25eth0]": "privé",
		"https://127.1": "ni un nom", "https://2130706433": "ni un nom", "https://0x7f000001": "ni un nom", "https://0177.0.0.1": "ni un nom", "https://1.1.1.1.": "",
		"https://exemple.fr/" + strings.Repeat("a", 500): "500",
	} {
		err := Verifier(texte, false)
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%q: %v, want %q", texte, err, want)
		}
	}
	for _, texte := range []string{"http://127.0.0.1:8080/", "http://localhost", "https://10.0.0.1"} {
		if err := Verifier(texte, true); err != nil {
			t.Errorf("%q: %v, although local addresses are admitted", texte, err)
		}
	}
	if Verifier("ftp://127.0.0.1", true) == nil {
		t.Error("another protocol is let through")
	}
}

func FuzzVerifier(f *testing.F) {
	for _, s := range []string{"https://exemple.fr", "https://[::ffff:127.0.0.1%25x]:1/", "https://0x7f.1", "https://%31%32%37.0.0.1/"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if Verifier(s, false) == nil && !strings.HasPrefix(strings.ToLower(s), "https://") {
			t.Errorf("%q", s)
		}
	})
}
