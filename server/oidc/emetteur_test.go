package fournisseur

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
)

func TestTrustedIssuersAreReadWithTheirAudiences(t *testing.T) {
	t.Parallel()
	for texte, want := range map[string]string{
		"":                             "[]",
		" , ":                          "[]",
		"https://auth.ville.fr=graphe": "[{https://auth.ville.fr [graphe]}]",
		"https://auth.ville.fr/realms/x/ = graphe , http://localhost:8081=a,http://127.0.0.1=b,http://[::1]:80=c": "[{https://auth.ville.fr/realms/x/ [graphe]} {http://localhost:8081 [a]} {http://127.0.0.1 [b]} {http://[::1]:80 [c]}]",
		"https://a.fr=un,https://b.fr=deux,https://a.fr=trois=3,https://a.fr=un":                                  "[{https://a.fr [un trois=3]} {https://b.fr [deux]}]",
	} {
		got, err := ReadEmetteurs(texte)
		if err != nil || fmt.Sprint(got) != want {
			t.Errorf("%q: %v, %v, want %s", texte, got, err, want)
		}
	}
}

func TestEveryFaultOfTheTrustedIssuersIsToldInFrench(t *testing.T) {
	t.Parallel()
	for texte, want := range map[string][]string{
		"auth.ville.fr=graphe":                           {"« auth.ville.fr » n'est pas l'adresse d'un émetteur", "https://emetteur.exemple=identifiant"},
		"https://=graphe":                                {"« https:// » n'est pas"},
		"https://:443=graphe":                            {"« https://:443 » n'est pas"},
		"ftp://auth.ville.fr=graphe":                     {"« ftp://auth.ville.fr » n'est pas"},
		"https://auth.ville.fr":                          {"il manque à « https://auth.ville.fr » l'identifiant de client"},
		"https://auth.ville.fr=":                         {"il manque à « https://auth.ville.fr »"},
		"https://auth.ville.fr=deux mots":                {"il manque à « https://auth.ville.fr »"},
		"http://auth.ville.fr=graphe":                    {"« http://auth.ville.fr » doit être en https"},
		"http://localhost.fr=graphe":                     {"doit être en https"},
		"http://10.0.0.1=graphe":                         {"doit être en https"},
		"https://auth.ville.fr/?a=graphe":                {"ni « ? » ni « # »"},
		"https://auth.ville.fr/#=graphe":                 {"ni « ? » ni « # »"},
		"https://moi:tressecret@a.fr=x":                  {"ni compte ni mot de passe"},
		"a=b,https://ok.fr=x,http://b.fr=c,https://c.fr": {"« a »", "« http://b.fr » doit", "il manque à « https://c.fr »"},
	} {
		_, err := ReadEmetteurs(texte)
		if err == nil {
			t.Errorf("%q is accepted", texte)
			continue
		}
		for _, w := range want {
			if !strings.Contains(err.Error(), w) {
				t.Errorf("%q: %v, want %q", texte, err, w)
			}
		}
		if strings.Contains(err.Error(), "tressecret") || strings.Contains(err.Error(), "ok.fr") {
			t.Errorf("%q: the message says too much: %v", texte, err)
		}
	}
}

func FuzzIssuersAcceptedAreOnesThatCanBeTrusted(f *testing.F) {
	for _, s := range []string{"https://a.fr=b", "http://localhost=b,https://a.fr/x=c", "https://a.fr?=b", "http://[::1]=b", "=", ",,=,", "https://%zz=b"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, texte string) {
		emetteurs, err := ReadEmetteurs(texte)
		if err != nil {
			return
		}
		for _, e := range emetteurs {
			u, err := url.Parse(e.URL)
			if err != nil || !sure(u) || u.Hostname() == "" || u.User != nil || strings.ContainsAny(e.URL, "?# ") || len(e.Audiences) == 0 {
				t.Fatalf("%q: %+v", texte, e)
			}
			for _, a := range e.Audiences {
				if a == "" {
					t.Fatalf("%q: %+v", texte, e)
				}
			}
		}
	})
}
