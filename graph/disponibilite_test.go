package graph_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/mutualibre/mutualibre/db"
	"github.com/mutualibre/mutualibre/domain/droit"
)

const disponibiliteFields = `disponibilite { id nom statut competences metiers { code } logiciels { slug } territoires { code } aDistance jours organisation { id } expireLe revision } erreurs { code champ message }`

// someone is a person known by an identity provider, with a role.
func (a *api) someone(t testing.TB, nom string, role droit.Role, cle string) *api {
	i := a.identity(t, role, cle)
	return &api{Handler: identified(a.Handler, &db.Identite{Sujet: "oidc:https://sso.exemple.fr#" + nom, Nom: nom, Droits: i.Droits}), store: a.store, pool: a.pool}
}

// A person is found by public bodies alone, written to through the platform, and forgotten when it withdraws.
func TestADeveloperIsFoundByPublicBodiesAloneAndForgottenWhenItWithdraws(t *testing.T) {
	t.Parallel()
	a := real(t)
	firm := firms(t, a, 1)[0]
	ada, eve := a.someone(t, "ada-lovelace", droit.Fournisseur, firm), a.someone(t, "eve", droit.Fournisseur, firm)
	base := saisie{"nom": "Ada L.", "statut": "SALARIE", "organisation": a.organisation(t, firm), "competences": []string{" PHP ", "php", "Développement"}, "metiers": []string{"cimetieres"},
		"logiciels": []string{logiciel("opencimetiere")}, "territoires": []string{territoire("DEPARTEMENT-38")}, "aDistance": false, "jours": 5, "presentation": "Je reprends des plans.", "consentementVersion": "2026-11"}
	got := ada.done(t, "proposerDisponibilite", disponibiliteFields, plus(base, saisie{"cleIdempotence": "une"}))
	holds(t, got, saisie{"nom": "Ada L.", "competences": "[php developpement]", "metiers": "[map[code:cimetieres]]", "logiciels": "[map[slug:opencimetiere]]", "territoires": "[map[code:38]]",
		"expireLe": day0(183), "revision": 1})
	id := got["id"]
	for champ, bad := range map[string]any{"consentementVersion": "", "nom": "ada@exemple.fr", "expireLe": day0(400), "jours": 0} {
		ada.refused(t, "proposerDisponibilite", disponibiliteFields, plus(base, saisie{champ: bad}), "INVALIDE", champ)
	}
	holds(t, ada.done(t, "corrigerDisponibilite", disponibiliteFields, saisie{"cleIdempotence": "deux", "id": id, "revision": 1, "aDistance": true, "territoires": nil}), saisie{"aDistance": true, "territoires": nil, "logiciels": "[map[slug:opencimetiere]]", "revision": 2})
	eve.refused(t, "corrigerDisponibilite", disponibiliteFields, saisie{"id": id, "revision": 2}, "INTROUVABLE", "id")
	eve.refused(t, "retirerDisponibilite", disponibiliteFields, saisie{"id": id}, "INTROUVABLE", "id")

	const search = `{ disponibilites(filtre: {competences: ["PHP"], metiers: ["cimetieres"], logiciels: [%q], departements: ["40"], statuts: [SALARIE]}) { totalCount nodes { nom logiciels { slug } } } }`
	query := fmt.Sprintf(search, logiciel("opencimetiere"))
	for name, c := range map[string]struct {
		reader *api
		code   string
	}{"anyone": {a, "NON_AUTHENTIFIE"}, "prestataire": {eve, "INTERDIT"}, "the person, as a prestataire": {ada, "INTERDIT"}, "public body": {a.as(t, droit.Lecteur, arles), ""}, "moderator": {a.as(t, droit.Moderateur, ""), ""}} {
		got := c.reader.ask(t, query, nil)
		if c.code != "" {
			if len(got.Errors) != 1 || got.Errors[0].Extensions["code"] != c.code {
				t.Errorf("%s: %v, want %s", name, got.Errors, c.code)
			}
		} else if len(got.Errors) > 0 || at(t, got.Data, "disponibilites", "totalCount") != 1.0 {
			t.Errorf("%s: %v %v", name, got.Data, got.Errors)
		}
	}
	same(t, "one's own", fmt.Sprint(at(t, ada.must(t, `{ mesDisponibilites { totalCount } }`, nil).Data, "mesDisponibilites", "totalCount"), at(t, eve.must(t, `{ mesDisponibilites { totalCount } }`, nil).Data, "mesDisponibilites", "totalCount")), "1 0")

	// Written to through the platform, so many times a day; read by her alone.
	writer := a.as(t, droit.Contributeur, echirolles)
	const envoye = `envoye erreurs { code champ message }`
	message := saisie{"disponibilite": id, "organisation": a.organisation(t, echirolles), "message": "Une semaine en mars ?"}
	eve.refused(t, "contacterDeveloppeur", envoye, plus(message, saisie{"organisation": a.organisation(t, firm)}), "INTERDIT", "organisation")
	for range 10 {
		if p := writer.writes(t, "contacterDeveloppeur", envoye, message); p["envoye"] != true {
			t.Fatal(p)
		}
	}
	writer.refused(t, "contacterDeveloppeur", envoye, message, "INTERDIT", "organisation")
	a.as(t, droit.Contributeur, arles).writes(t, "contacterDeveloppeur", envoye, plus(message, saisie{"organisation": a.organisation(t, arles)}))
	for name, c := range map[string]struct {
		reader *api
		want   float64
	}{"ada": {ada, 11}, "eve": {eve, 0}, "who wrote": {writer, 0}, "moderator": {a.as(t, droit.Moderateur, ""), 0}} {
		if got := at(t, c.reader.must(t, `{ messagesRecus(first: 2) { totalCount nodes { message organisation { id } } } }`, nil).Data, "messagesRecus", "totalCount"); got != c.want {
			t.Errorf("%s reads %v messages, want %v", name, got, c.want)
		}
	}

	// The journal never held a word of her, nor who she was; once she withdraws, nothing does.
	everywhere := func() string {
		return value[string](t, a.pool, `SELECT concat((SELECT string_agg(concat(j.avant, j.apres), ' ') FROM journal j WHERE j.objet_type = 'Disponibilite'),
			(SELECT string_agg(concat(p.sujet, p.nom), ' ') FROM publication p), (SELECT string_agg(sujet, ' ') FROM idempotence), (SELECT string_agg(concat(d.nom, d.presentation, d.sujet), ' ') FROM disponibilite d))`)
	}
	if all := everywhere(); strings.Count(all, "ada-lovelace") != 3 || strings.Count(all, "Je reprends") != 1 { // two keys of idempotency, and herself
		t.Error("before:", all)
	}
	equal(t, a, 0, `SELECT count(*) FROM publication WHERE operation LIKE '%Disponibilite' AND (sujet, nom) <> ('retire', '') OR operation LIKE '%Disponibilite' AND organisation_id IS NOT NULL`)
	p := ada.writes(t, "retirerDisponibilite", disponibiliteFields, saisie{"cleIdempotence": "trois", "id": id})
	if p["disponibilite"] != nil || len(p["erreurs"].([]any)) > 0 {
		t.Error(p)
	}
	if all := everywhere(); strings.Contains(all, "lovelace") || strings.Contains(all, "Ada") {
		t.Error("after:", all)
	}
	equal(t, a, 0, `SELECT count(*) FROM message_developpeur`)
	writer.refused(t, "contacterDeveloppeur", envoye, plus(message, saisie{"organisation": a.organisation(t, echirolles)}), "INTROUVABLE", "disponibilite")

	// So does what expires, as soon as somebody comes, or an hour later.
	for _, purge := range []func(){
		func() { eve.done(t, "proposerDisponibilite", disponibiliteFields, plus(base, saisie{"nom": "Eve"})) },
		func() {
			for range 2 {
				if err := a.store.PurgerDisponibilites(t.Context()); err != nil {
					t.Error(err)
				}
			}
		},
	} {
		ada.done(t, "proposerDisponibilite", disponibiliteFields, plus(base, saisie{"cleIdempotence": "quatre"}))
		a.exec(t, `UPDATE disponibilite SET expire_le = current_date - 1`)
		if n := at(t, a.as(t, droit.Lecteur, arles).must(t, `{ disponibilites { totalCount } }`, nil).Data, "disponibilites", "totalCount"); n != 0.0 {
			t.Error("found after it expired")
		}
		purge()
		if all := everywhere(); strings.Contains(all, "lovelace") {
			t.Error("kept after it expired:", all)
		}
	}
	equal(t, a, 1, `SELECT count(*) FROM publication WHERE operation = 'purgerDisponibilites' AND role IS NULL`)
}

// A token that is lost leaves somebody in the bank whom nobody could take out of it.
func TestModeratorsWithdrawPeopleFromTheBank(t *testing.T) {
	t.Parallel()
	a := real(t)
	ada, moderator := a.someone(t, "ada-lovelace", droit.Lecteur, arles), a.as(t, droit.Moderateur, "")
	id := ada.done(t, "proposerDisponibilite", disponibiliteFields, saisie{"nom": "Ada", "statut": "INDEPENDANT", "consentementVersion": "2026-11"})["id"]
	moderator.refused(t, "corrigerDisponibilite", disponibiliteFields, saisie{"id": id, "revision": 1, "nom": "Autre"}, "INTROUVABLE", "id")
	if p := moderator.writes(t, "retirerDisponibilite", disponibiliteFields, saisie{"id": id}); len(p["erreurs"].([]any)) > 0 {
		t.Error(p)
	}
	equal(t, a, 0, `SELECT count(*) FROM disponibilite`)
}

func TestNobodyIsInTheBankMoreThanFiveTimesEvenAtOnce(t *testing.T) {
	t.Parallel()
	a := real(t)
	ada := a.someone(t, "ada-lovelace", droit.Lecteur, arles)
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			ada.ask(t, operation("proposerDisponibilite", ""), saisie{"i": saisie{"nom": "Ada", "statut": "INDEPENDANT", "consentementVersion": "2026-11"}})
		})
	}
	all.Wait()
	equal(t, a, 5, `SELECT count(*) FROM disponibilite`)
}
