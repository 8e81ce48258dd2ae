package identifiant_test

import (
	"encoding/base64"
	"errors"
	"strings"
	"testing"

	"github.com/google/uuid"

	"github.com/mutualibre/mutualibre/domain/identifiant"
)

func TestSIRENNeedsNineDigitsAndItsKey(t *testing.T) {
	for s, want := range map[string]error{
		"211300041": nil, "250601879": nil, "244400404": nil,
		"211300042": identifiant.ErrSIRENCle, "704930550": identifiant.ErrSIRENCle, "000000000": identifiant.ErrSIRENCle,
		"": identifiant.ErrSIRENLongueur, "21130004": identifiant.ErrSIRENLongueur, "2113000411": identifiant.ErrSIRENLongueur,
		"21130004A": identifiant.ErrSIRENLongueur, "21 300041": identifiant.ErrSIRENLongueur, "２１１３": identifiant.ErrSIRENLongueur,
	} {
		if got := identifiant.CheckSIREN(s); !errors.Is(got, want) {
			t.Errorf("ValiderSIREN(%q) = %v, want %v", s, got, want)
		}
	}
}

func TestINSEECodesOfCommunesDepartementsAndRegions(t *testing.T) {
	check := func(name string, valid func(string) error, good, bad []string) {
		for _, s := range good {
			if err := valid(s); err != nil {
				t.Errorf("%s(%q): %v", name, s, err)
			}
		}
		for _, s := range bad {
			if valid(s) == nil {
				t.Errorf("%s(%q) accepted", name, s)
			}
		}
	}
	check("commune", identifiant.CheckCommune,
		[]string{"13004", "2A004", "2B033", "97411", "98735", "01015", "97801", "20004"},
		[]string{"", "1300", "130044", "2C004", "96001", "97911", "98500", "2a004", "1300A", "00001", "99001"})
	check("departement", identifiant.CheckDepartement,
		[]string{"01", "2A", "2B", "95", "971", "976", "988", "69M", "6AE"},
		[]string{"", "1", "00", "20", "96", "97", "98", "979", "985", "2C", "1313"})
	check("region", identifiant.CheckRegion, []string{"01", "11", "93", "987"}, []string{"", "0", "00", "2A", "999", "AA"})
}

func TestSlug(t *testing.T) {
	for in, want := range map[string]string{
		"S²LOW": "s2low", "Départements & Notaires": "departements-notaires", "LibreOffice": "libreoffice", "": "", "!!": "",
		"OpenOffice.org": "openoffice-org",
	} {
		if got := identifiant.Slug(in); got != want {
			t.Errorf("Slug(%q) = %q, want %q", in, got, want)
		}
	}
	if got := identifiant.Slug(strings.Repeat("mot ", 60)); len(got) > 80 || strings.HasSuffix(got, "-") {
		t.Errorf("long slug: %q", got)
	}
}

func TestDepotGivesOneSpellingPerRepository(t *testing.T) {
	for in, want := range map[string]string{
		"https://github.com/Nextcloud/Server":                 "github.com/nextcloud/server",
		"http://www.github.com/nextcloud/server.git/":         "github.com/nextcloud/server",
		"git://github.com/nextcloud/server.git":               "github.com/nextcloud/server",
		" git://github.com/nextcloud/server.git":              "github.com/nextcloud/server",
		"git@github.com:nextcloud/server.git":                 "github.com/nextcloud/server",
		"ssh://git@github.com:22/nextcloud/server.git":        "github.com/nextcloud/server",
		"https://user:secret@github.com/nextcloud/server":     "github.com/nextcloud/server",
		"https://github.com/nextcloud/server/tree/master":     "github.com/nextcloud/server",
		"https://github.com/nextcloud/server#readme":          "github.com/nextcloud/server",
		"github.com/nextcloud/server":                         "github.com/nextcloud/server",
		"https://github.com/nextcloud/":                       "",
		"https://github.com/nextcloud":                        "",
		"https://github.com/orgs/nextcloud":                   "",
		"https://gitlab.adullact.net/adullact/pki/asalae":     "gitlab.adullact.net/adullact/pki/asalae",
		"https://gitlab.com/a/b/-/tree/main":                  "gitlab.com/a/b",
		"https://www.libreoffice.org/download/download/":      "",
		"https://www.libreoffice.org":                         "",
		"https://cgit.freedesktop.org/libreoffice/core":       "cgit.freedesktop.org/libreoffice/core",
		"https://git.example.org/gitweb/?p=tiki.git":          "git.example.org/gitweb?p=tiki.git",
		"https://gitlab.example.org:8443/a/b.git":             "gitlab.example.org:8443/a/b",
		"https://GitLab.example.org/a":                        "",
		"ftp://example.org/x":                                 "",
		"javascript:alert(1)":                                 "",
		"":                                                    "",
		"pas une adresse":                                     "",
		"https://sourceforge.net/p/vsd2svg/code vsd2svg-code": "",
	} {
		if got := identifiant.Depot(in); got != want {
			t.Errorf("Depot(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestGlobalIdRoundTripsAndHasOneSpelling(t *testing.T) {
	id := identifiant.Global("Collectivite", "211300041")
	if typ, cle, err := identifiant.ParseGlobal(id); err != nil || typ != "Collectivite" || cle != "211300041" {
		t.Fatalf("LireGlobal(%q) = %q, %q, %v", id, typ, cle, err)
	}
	raw := base64.RawURLEncoding.EncodeToString
	for _, bad := range []string{
		"", "=", id + "=", id + "\n", id[:4] + "\r\n" + id[4:], "Q29sb", "💥", raw([]byte("Collectivite")), raw([]byte(":x")),
		raw([]byte("A:")), raw([]byte("A:\x00")), raw([]byte("A:\xff")), raw([]byte("A1:x")), raw([]byte("T:" + strings.Repeat("x", 200))),
		base64.StdEncoding.EncodeToString([]byte("Logiciel:s2low")), "QTpiZB", // non-zero trailing bits
	} {
		if typ, cle, err := identifiant.ParseGlobal(bad); err == nil {
			t.Errorf("LireGlobal(%q) = %q, %q, accepted", bad, typ, cle)
		}
	}
}

func TestUUIDIsDeterministicAndSeparatesItsParts(t *testing.T) {
	a := identifiant.UUID("usage", "a", "bc")
	if a != identifiant.UUID("usage", "a", "bc") || a == identifiant.UUID("usage", "ab", "c") {
		t.Error("UUID is not a function of its parts")
	}
	if u, err := uuid.Parse(a); err != nil || u.Version() != 5 {
		t.Errorf("%q: %v", a, err)
	}
}

func FuzzLireGlobal(f *testing.F) {
	f.Add(identifiant.Global("Collectivite", "211300041"))
	f.Add("Q29sbGVjdGl2aXRlOg==")
	f.Fuzz(func(t *testing.T, id string) {
		if typ, cle, err := identifiant.ParseGlobal(id); err == nil && identifiant.Global(typ, cle) != id {
			t.Fatalf("%q has two spellings", id)
		}
	})
}

func FuzzDepot(f *testing.F) {
	for _, s := range []string{"git@github.com:a/b.git", "https://x.org/a/b/", "//", "git+https://gitlab.com/a/b", "svn://x.y/z"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		d := identifiant.Depot(s)
		if d != "" && !strings.Contains(d, "/") {
			t.Fatalf("Depot(%q) = %q names no repository", s, d)
		}
	})
}

func FuzzValider(f *testing.F) {
	f.Add("211300041")
	f.Fuzz(func(t *testing.T, s string) {
		if identifiant.CheckSIREN(s) == nil && len(s) != 9 {
			t.Fatal(s)
		}
		_ = identifiant.CheckCommune(s)
		_ = identifiant.CheckDepartement(s)
		_ = identifiant.CheckRegion(s)
		if len(identifiant.Slug(s)) > 80 {
			t.Fatal("slug too long")
		}
	})
}
