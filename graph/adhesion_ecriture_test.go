package graph_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/mutualibre/mutualibre/domain/droit"
	"github.com/mutualibre/mutualibre/domain/identifiant"
)

// A groupement cannot make itself the manager of anyone by its word alone.
func TestAMembershipBindsTheMemberOnceItHasConfirmedIt(t *testing.T) {
	t.Parallel()
	a := real(t)
	groupement, membre := a.organisation(t, sitpi), a.organisation(t, arles)
	declared := a.as(t, droit.Gestionnaire, sitpi).made(t, "declarerAdhesion", "id confirmee revision services debut fin groupement { id } membre { id } source { nom }",
		saisie{"groupement": groupement, "membre": membre, "services": []string{" Archivage", "Archivage", "Parapheur"}, "debut": "2024-01-01"})
	if declared["confirmee"] != false || declared["revision"] != 1. || fmt.Sprint(declared["services"]) != "[Archivage Parapheur]" ||
		at(t, declared, "membre", "id") != membre || at(t, declared, "groupement", "id") != groupement {
		t.Error(declared)
	}
	id := declared["id"]
	isMember := func() bool {
		got := a.must(t, `query ($m: ID!, $g: ID!) { collectivite(id: $m) { syndicats { nodes { id } } }
			collectivites(filtre: {adherentDe: [$g]}, first: 100) { nodes { id } } syndicat(id: $g) { adherents(first: 100) { nodes { id } } territoires { code } } }`,
			map[string]any{"m": membre, "g": groupement}).Data
		var seen []bool
		for _, list := range [][]any{
			at(t, got, "collectivite", "syndicats", "nodes").([]any), at(t, got, "collectivites", "nodes").([]any),
			at(t, got, "syndicat", "adherents", "nodes").([]any), at(t, got, "syndicat", "territoires").([]any),
		} {
			seen = append(seen, slices.ContainsFunc(list, func(v any) bool {
				v0 := v.(map[string]any)
				return v0["id"] == membre || v0["id"] == groupement || v0["code"] == "13"
			}))
		}
		if len(slices.Compact(seen)) != 1 {
			t.Error("lists disagree:", seen)
		}
		return seen[0]
	}
	usage := saisie{"utilisateur": membre, "logiciel": logiciel("gimp"), "statut": "PRODUCTION"}
	rights := func(want string) {
		t.Helper()
		if isMember() != (want == "[]") {
			t.Error("shown as a member:", want != "[]")
		}
		if _, codes := a.as(t, droit.Gestionnaire, sitpi).attempt(t, "declarerUsage", "id", usage); fmt.Sprint(codes) != want {
			t.Error("to declare a usage of the member:", codes, "want", want)
		}
	}
	rights("[INTERDIT]")
	a.as(t, droit.Gestionnaire, sitpi).denied(t, "INTERDIT", "confirmerAdhesion", saisie{"id": id})
	a.as(t, droit.Contributeur, arles).denied(t, "INTERDIT", "confirmerAdhesion", saisie{"id": id})
	member := a.as(t, droit.Gestionnaire, arles)
	member.denied(t, "CONFLIT", "confirmerAdhesion", saisie{"id": id, "revision": 7})
	if got := member.made(t, "confirmerAdhesion", "confirmee revision", saisie{"id": id, "revision": 1}); got["confirmee"] != true || got["revision"] != 2. {
		t.Error(got)
	}
	rights("[]")
	member.denied(t, "INVALIDE", "confirmerAdhesion", saisie{"id": id})

	// The member leaves; the groupement cannot bring it back alone.
	member.denied(t, "INTERDIT", "corrigerAdhesion", saisie{"id": id, "revision": 2, "services": nil})
	member.made(t, "quitterGroupement", "id", saisie{"id": id, "revision": 2})
	rights("[INTERDIT]")
	syndicat := a.as(t, droit.Gestionnaire, sitpi)
	syndicat.denied(t, "INVALIDE", "quitterGroupement", saisie{"id": id, "fin": day0(30)})
	syndicat.made(t, "corrigerAdhesion", "id", saisie{"id": id, "revision": 3, "fin": nil})
	rights("[INTERDIT]")
	if n := at(t, a.must(t, `query ($id: ID!) { node(id: $id) { __typename ... on Adhesion { confirmee historique { totalCount } } } }`, map[string]any{"id": id}).Data, "node"); fmt.Sprint(n) != "map[__typename:Adhesion confirmee:false historique:map[totalCount:4]]" {
		t.Error(n)
	}
}

// The same of an intercommunalité: it does not move a commune by its word alone.
func TestACommuneStaysInItsIntercommunaliteUntilItSaysOtherwise(t *testing.T) {
	t.Parallel()
	a := real(t)
	metropole := value[string](t, a.pool, `SELECT g.cle FROM organisation g JOIN adhesion a ON a.groupement_id = g.id JOIN organisation m ON m.id = a.membre_id WHERE g.nature = 'EPCI' AND m.cle = $1`, echirolles)
	read := func() any {
		return a.must(t, `query ($m: ID!, $g: ID!, $siren: String!) { collectivite(id: $m) { intercommunalite { nom } }
			epci: collectivite(id: $g) { membres(first: 100) { totalCount } } territoire(type: EPCI, code: $siren) { collectivites { totalCount } } }`,
			map[string]any{"m": a.organisation(t, arles), "g": a.organisation(t, metropole), "siren": metropole}).Data
	}
	before := read()
	agent := a.as(t, droit.Gestionnaire, metropole)
	id := agent.made(t, "declarerAdhesion", "id", saisie{"groupement": a.organisation(t, metropole), "membre": a.organisation(t, arles), "debut": "2024-01-01"})["id"]
	if after := read(); fmt.Sprint(after) != fmt.Sprint(before) {
		t.Errorf("declared: %v, was %v", after, before)
	}
	a.as(t, droit.Gestionnaire, arles).made(t, "confirmerAdhesion", "id", saisie{"id": id})
	after := read()
	for _, path := range [][]any{{"epci", "membres", "totalCount"}, {"territoire", "collectivites", "totalCount"}} {
		if n := at(t, after, path...).(float64); n != at(t, before, path...).(float64)+1 {
			t.Errorf("confirmed: %v %v", path, n)
		}
	}
}

func TestConfirmingAgainIsAskedOfWhatAddsDaysToComeAlone(t *testing.T) {
	t.Parallel()
	a := real(t)
	moderator, syndicat := a.as(t, droit.Moderateur, ""), a.as(t, droit.Gestionnaire, sitpi)
	for i, c := range []struct {
		debut, fin any
		more       saisie
		confirmee  bool
	}{
		{"2020-01-01", nil, saisie{"services": []string{"Archivage"}}, true},
		{"2020-01-01", nil, saisie{"debut": "2019-01-01"}, true},
		{"2020-01-01", nil, saisie{"debut": nil}, true},
		{"2020-01-01", nil, saisie{"fin": day0(30)}, true},
		{"2020-01-01", "2021-01-01", saisie{"fin": "2022-01-01"}, true}, // over, and still over
		{"2020-01-01", day0(30), saisie{"fin": day0(29)}, true},
		{"2020-01-01", day0(30), saisie{"fin": day0(31)}, false},
		{"2020-01-01", day0(30), saisie{"fin": nil}, false},
		{"2020-01-01", "2021-01-01", saisie{"fin": nil}, false},
		{day0(30), nil, saisie{"debut": day0(29)}, false},
		{day0(30), nil, saisie{"debut": nil}, false},
		{day0(30), nil, saisie{"debut": day0(31)}, true},
	} {
		commune := value[string](t, a.pool, `SELECT cle FROM organisation WHERE nature = 'COMMUNE' AND departement = '29' ORDER BY id LIMIT 1 OFFSET $1`, i)
		in := saisie{"groupement": a.organisation(t, sitpi), "membre": a.organisation(t, commune), "debut": c.debut, "source": source}
		made := moderator.made(t, "declarerAdhesion", "id confirmee", in)
		if made["confirmee"] != true {
			t.Error("said by a moderator:", made)
		}
		revision := 1
		if c.fin != nil {
			revision = 2
			syndicat.made(t, "corrigerAdhesion", "id", saisie{"id": made["id"], "revision": 1, "fin": c.fin})
		}
		got := syndicat.made(t, "corrigerAdhesion", "confirmee", with(saisie{"id": made["id"], "revision": revision}, c.more))
		if got["confirmee"] != c.confirmee {
			t.Errorf("%v to %v, then %v: confirmed %v", c.debut, c.fin, c.more, got["confirmee"])
		}
		if !c.confirmee {
			got = moderator.made(t, "corrigerAdhesion", "confirmee", saisie{"id": made["id"], "revision": revision + 1, "fin": "2099-01-01"})
			if got["confirmee"] != false {
				t.Error("a correction confirms nothing:", got)
			}
		}
	}
}

func TestAMembershipIsRefusedWhenItContradictsItselfOrAnother(t *testing.T) {
	t.Parallel()
	a := real(t)
	agent := a.as(t, droit.Gestionnaire, sitpi)
	in := func(more saisie) saisie {
		return with(saisie{"groupement": a.organisation(t, sitpi), "membre": a.organisation(t, arles), "debut": "2020-01-01"}, more)
	}
	agent.denied(t, "INVALIDE", "declarerAdhesion", in(saisie{"groupement": a.organisation(t, echirolles)}))
	agent.denied(t, "INVALIDE", "declarerAdhesion", in(saisie{"membre": a.organisation(t, sitpi)}))
	agent.denied(t, "INTROUVABLE", "declarerAdhesion", in(saisie{"membre": identifiant.Global("Collectivite", "n-existe-pas")}))
	agent.denied(t, "DUPLIQUE", "declarerAdhesion", in(saisie{"membre": a.organisation(t, echirolles)}))
	for _, cle := range []string{"n-existe-pas", "00000000-0000-4000-8000-000000000000"} {
		agent.denied(t, "INTROUVABLE", "quitterGroupement", saisie{"id": identifiant.Global("Adhesion", cle)})
	}
	first := agent.made(t, "declarerAdhesion", "id", in(nil))
	if same := agent.denied(t, "DUPLIQUE", "declarerAdhesion", in(nil)); same["id"] != first["id"] {
		t.Error(same)
	}
	agent.denied(t, "INVALIDE", "quitterGroupement", saisie{"id": first["id"], "fin": "2019-01-01"})
	agent.made(t, "quitterGroupement", "id", saisie{"id": first["id"], "fin": "2022-01-01"})
	second := agent.made(t, "declarerAdhesion", "id", in(saisie{"debut": "2022-01-01"}))
	agent.denied(t, "DUPLIQUE", "corrigerAdhesion", saisie{"id": second["id"], "revision": 1, "debut": "2021-01-01"})
	agent.denied(t, "CONFLIT", "corrigerAdhesion", saisie{"id": first["id"], "revision": 1, "fin": "2021-01-01"})
	agent.denied(t, "INVALIDE", "corrigerAdhesion", saisie{"id": first["id"], "revision": 2, "fin": "2019-01-01"})
	// Ended before it began, the membership never was: the day is free.
	later := agent.made(t, "declarerAdhesion", "id", in(saisie{"membre": a.organisation(t, montDeMarsan), "debut": day0(9)}))
	if e := agent.made(t, "quitterGroupement", "debut fin", saisie{"id": later["id"]}); e["fin"] != e["debut"] {
		t.Error(e)
	}
	agent.made(t, "declarerAdhesion", "id", in(saisie{"membre": a.organisation(t, montDeMarsan), "debut": day0(9)}))
}

func TestTheSubscriptionsOfAMemberEndWithItsMembership(t *testing.T) {
	t.Parallel()
	a := real(t)
	agent := a.as(t, droit.Gestionnaire, sitpi)
	membre := a.organisation(t, echirolles)
	e := agent.made(t, "creerEntree", "id", saisie{"catalogue": agent.catalogueOf(t, sitpi), "logiciel": logiciel("gimp"), "statut": "PROPOSEE"})["id"]
	for _, m := range []string{membre, a.organisation(t, fontaine)} {
		agent.made(t, "abonnerMembre", "id", saisie{"entree": e, "collectivite": m})
	}
	adhesion := func() string {
		return identifiant.Global("Adhesion", value[string](t, a.pool, `SELECT a.cle::text FROM adhesion a JOIN organisation g ON g.id = groupement_id JOIN organisation m ON m.id = membre_id
			WHERE g.cle = $1 AND m.cle = $2 ORDER BY a.id DESC LIMIT 1`, sitpi, echirolles))
	}
	ends := func() string {
		return value[string](t, a.pool, `SELECT string_agg(coalesce((fin - current_date)::text, '-'), ' ' ORDER BY id) FROM abonnement`)
	}
	member := a.as(t, droit.Gestionnaire, echirolles)
	first := adhesion()
	member.made(t, "quitterGroupement", "id", saisie{"id": first, "fin": day0(10)})
	if got := ends(); got != "10 -" {
		t.Error("after leaving:", got)
	}
	// It comes back at once: what it takes then outlives the former membership, whatever is corrected there.
	a.as(t, droit.Moderateur, "").made(t, "declarerAdhesion", "id", saisie{"groupement": a.organisation(t, sitpi), "membre": membre, "debut": day0(10), "source": source})
	agent.made(t, "abonnerMembre", "id", saisie{"entree": e, "collectivite": membre, "debut": day0(10)})
	agent.made(t, "corrigerAdhesion", "id", saisie{"id": first, "revision": 2, "fin": day0(9)})
	if got := ends(); got != "10 - -" {
		t.Error("after coming back:", got)
	}
	agent.made(t, "quitterGroupement", "id", saisie{"id": adhesion(), "fin": day0(20)})
	if got := ends(); got != "10 - 20" {
		t.Error("after leaving again:", got)
	}
}
