package graph_test

import (
	"fmt"
	"testing"

	"github.com/mutualibre/mutualibre/domain/droit"
	"github.com/mutualibre/mutualibre/domain/identifiant"
)

const (
	rencontreFields = `rencontre { id nom serie { slug } cadre { nom } lieu commune { codeInsee } debut precisionDebut fin statut frequentation { nombre compte source { nom } }
		themes besoins { code } organisateurs { nom role } participants { totalCount nodes { organisation { nom } qualite } } programme { nodes { titre } }
		declarant { nom } source { nom } calendrier revision } erreurs { code champ message }`
	interventionFields = `intervention { id titre genre jour debut fin intervenants { nom qualite } organisations { nom } logiciels { slug } themes supports declarant { nom } revision }
		erreurs { code champ message }`
)

func TestAnEventIsAnnouncedCorrectedAndWithdrawn(t *testing.T) {
	t.Parallel()
	a := real(t)
	agent, other, admin := a.as(t, droit.Contributeur, echirolles), a.as(t, droit.Contributeur, arles), a.as(t, droit.Moderateur, "")
	own := a.organisation(t, echirolles)
	base := map[string]any{"declarant": own, "nom": " Journée  du libre ", "debut": "2031-05-10"}
	got := agent.done(t, "declarerRencontre", rencontreFields, plus(base, map[string]any{"serie": identifiant.Global("SerieRencontres", "rrll"), "commune": own,
		"fin": "2031-05-11", "lieu": "Mairie", "themes": []string{"bureautique", "bureautique"}, "besoins": []string{"bureautique"},
		"frequentation": map[string]any{"nombre": 12, "compte": "inscrits"},
		"organisateurs": []any{map[string]any{"organisation": own}, map[string]any{"reseau": identifiant.Global("Reseau", "april"), "role": "SOUTIEN"}}}))
	holds(t, got, map[string]any{"nom": "Journée du libre", "serie": map[string]any{"slug": "rrll"}, "statut": "PREVUE", "themes": "[bureautique]",
		"commune": map[string]any{"codeInsee": "38151"}, "fin": "2031-05-11", "besoins": "[map[code:bureautique]]", "revision": 1,
		"organisateurs": "[map[nom:Échirolles role:ORGANISATEUR] map[nom:April role:SOUTIEN]]", "declarant": map[string]any{"nom": "Échirolles"}})
	if at(t, got, "frequentation", "nombre") != float64(12) || at(t, got, "frequentation", "source", "nom") != "Déclaration : Échirolles" || got["calendrier"] != fmt.Sprintf("/rencontres/%s.ics", got["id"]) {
		t.Error(got)
	}
	id := got["id"]
	p := agent.refused(t, "declarerRencontre", rencontreFields, plus(base, map[string]any{"nom": "JOURNÉE du libre"}), "DUPLIQUE", "nom")
	holds(t, p["rencontre"].(map[string]any), map[string]any{"id": id})
	for _, bad := range []struct {
		more        map[string]any
		code, champ string
	}{
		{map[string]any{"nom": "…"}, "INVALIDE", "nom"},
		{map[string]any{"fin": "2031-05-09"}, "INVALIDE", "fin"},
		{map[string]any{"fin": "2031-05-12", "precisionDebut": "MOIS"}, "INVALIDE", "fin"},
		{map[string]any{"fin": "2033-05-12"}, "INVALIDE", "fin"},
		{map[string]any{"debut": "1000-01-01"}, "INVALIDE", "debut"},
		{map[string]any{"site": "ftp://exemple.fr"}, "INVALIDE", "site"},
		{map[string]any{"frequentation": map[string]any{"nombre": 0, "compte": "x"}}, "INVALIDE", "frequentation.nombre"},
		{map[string]any{"frequentation": map[string]any{"nombre": 1, "compte": " "}}, "REQUIS", "frequentation.compte"},
		{map[string]any{"commune": a.organisation(t, "223300013")}, "INVALIDE", "commune"},
		{map[string]any{"serie": identifiant.Global("SerieRencontres", "aucune")}, "INTROUVABLE", "serie"},
		{map[string]any{"besoins": []string{"aucun"}}, "INTROUVABLE", "besoins.0"},
		{map[string]any{"cadre": a.etape(t, "RMLL 2009")}, "INVALIDE", "cadre"},
		{map[string]any{"organisateurs": []any{map[string]any{"role": "SOUTIEN"}}}, "INVALIDE", "organisateurs"},
		{map[string]any{"organisateurs": []any{map[string]any{"organisation": own}, map[string]any{"organisation": own}}}, "DUPLIQUE", "organisateurs"},
		{map[string]any{"declarant": a.organisation(t, arles)}, "INTERDIT", "declarant"},
		{map[string]any{"declarant": nil}, "INTERDIT", "declarant"},
	} {
		agent.refused(t, "declarerRencontre", rencontreFields, plus(plus(base, map[string]any{"nom": "Autre"}), bad.more), bad.code, bad.champ)
	}

	// One of which the month alone is known begins on its first day, and has no calendar.
	got = agent.done(t, "declarerRencontre", rencontreFields, map[string]any{"declarant": own, "nom": "Atelier", "debut": "2031-05-20", "precisionDebut": "MOIS", "cadre": id})
	holds(t, got, map[string]any{"debut": "2031-05-01", "precisionDebut": "MOIS", "statut": "PREVUE", "calendrier": nil, "frequentation": nil, "cadre": map[string]any{"nom": "Journée du libre"}})
	atelier := got["id"]

	other.done(t, "declarerParticipation", rencontreFields, map[string]any{"rencontre": id, "organisation": a.organisation(t, arles), "qualite": "EXPOSANT"})
	got = other.done(t, "declarerParticipation", rencontreFields, map[string]any{"rencontre": id, "organisation": a.organisation(t, arles)})
	holds(t, got, map[string]any{"participants": "map[nodes:[map[organisation:map[nom:Arles] qualite:VISITEUR]] totalCount:1]"})
	if at(t, got, "frequentation", "nombre") != float64(12) {
		t.Error("a participation is counted as attendance")
	}
	got = other.done(t, "declarerIntervention", interventionFields, map[string]any{"rencontre": id, "declarant": a.organisation(t, arles), "titre": "Quinze ans de libre",
		"genre": "RETOUR_EXPERIENCE", "jour": "2031-05-11", "debut": "14:00", "fin": "14:30", "intervenants": []any{map[string]any{"nom": "Camille  Durand", "qualite": "DSI"}},
		"organisations": []any{a.organisation(t, arles), a.organisation(t, arles)}, "logiciels": []any{logiciel("libreoffice")}, "supports": []any{"https://exemple.fr/diapos"}})
	holds(t, got, map[string]any{"intervenants": "[map[nom:Camille Durand qualite:DSI]]", "organisations": "[map[nom:Arles]]", "logiciels": "[map[slug:libreoffice]]", "debut": "14:00", "revision": 1})
	session := got["id"]
	for _, bad := range []struct {
		more        map[string]any
		code, champ string
	}{
		{map[string]any{"jour": "2031-05-12"}, "INVALIDE", "jour"}, {map[string]any{"debut": "24:00"}, "INVALIDE", "debut"}, {map[string]any{"fin": "09:00"}, "INVALIDE", "fin"},
		{map[string]any{"debut": "09:00", "fin": "09:00"}, "INVALIDE", "fin"}, {map[string]any{"rang": 0}, "INVALIDE", "rang"}, {map[string]any{"supports": []any{"x"}}, "INVALIDE", "supports"},
		{map[string]any{"intervenants": []any{map[string]any{"nom": " "}}}, "REQUIS", "intervenants"}, {map[string]any{"logiciels": []any{logiciel("aucun")}}, "INTROUVABLE", "logiciels.0"},
		{map[string]any{"rencontre": identifiant.Global("Rencontre", "aucune")}, "INTROUVABLE", "rencontre"}, {map[string]any{"declarant": own}, "INTERDIT", "declarant"},
	} {
		other.refused(t, "declarerIntervention", interventionFields, plus(map[string]any{"rencontre": id, "declarant": a.organisation(t, arles), "titre": "Autre", "genre": "ATELIER"}, bad.more), bad.code, bad.champ)
	}
	a.as(t, droit.Contributeur, fontaine).refused(t, "corrigerIntervention", interventionFields, map[string]any{"id": session, "revision": 1, "titre": "Autre"}, "INTERDIT", "id")
	// Who announced the event keeps its programme.
	got = agent.done(t, "corrigerIntervention", interventionFields, map[string]any{"id": session, "revision": 1, "debut": nil, "fin": nil, "logiciels": nil, "intervenants": []any{}})
	holds(t, got, map[string]any{"debut": nil, "logiciels": "[]", "intervenants": "[]", "organisations": "[map[nom:Arles]]", "revision": 2})
	found := a.must(t, `query ($id: ID!) { node(id: $id) { ... on Collectivite { interventions(genres: [RETOUR_EXPERIENCE]) { nodes { titre rencontre { nom } } }
		rencontres(filtre: {depuis: "2031-01-01"}) { nodes { nom } } } } }`, map[string]any{"id": a.organisation(t, arles)})
	if fmt.Sprint(found.Data) != "map[node:map[interventions:map[nodes:[map[rencontre:map[nom:Journée du libre] titre:Quinze ans de libre]]] rencontres:map[nodes:[map[nom:Journée du libre]]]]]" {
		t.Error(found.Data)
	}
	// The last operation is undone, its links too.
	p = agent.must(t, `mutation { annulerDerniereModification(input: {}) { erreurs { message } } }`, nil).Data.(map[string]any)
	if fmt.Sprint(p) != "map[annulerDerniereModification:map[erreurs:[]]]" {
		t.Error(p)
	}
	if n := value[int](t, a.pool, `SELECT count(*) FROM intervention_logiciel x JOIN intervention i ON i.id = x.intervention_id WHERE i.titre = 'Quinze ans de libre' AND i.debut = '14:00'`); n != 1 {
		t.Error("the correction is not undone")
	}

	// What others tied to an event keeps it; it is then said to be off.
	agent.refused(t, "retirerRencontre", rencontreFields, map[string]any{"id": id}, "CONFLIT", "id")
	p = agent.refused(t, "corrigerRencontre", rencontreFields, map[string]any{"id": id, "revision": 7, "lieu": "x"}, "CONFLIT", "revision")
	revision := at(t, p, "rencontre", "revision")

	// Its days keep those of its sessions, and meet those of the events in it.
	for champ, days := range map[string]map[string]any{"fin": {"fin": nil}, "debut": {"debut": "2031-05-12", "fin": "2031-05-12"}} {
		agent.refused(t, "corrigerRencontre", rencontreFields, plus(map[string]any{"id": id, "revision": revision}, days), "INVALIDE", champ)
	}
	agent.refused(t, "corrigerRencontre", rencontreFields, map[string]any{"id": id, "revision": revision, "debut": "2031-04-10", "fin": "2031-04-11"}, "INVALIDE", "debut")
	agent.refused(t, "corrigerRencontre", rencontreFields, map[string]any{"id": atelier, "revision": 1, "debut": "2031-06-01"}, "INVALIDE", "cadre")
	told := value[int](t, a.pool, `SELECT revision FROM intervention WHERE titre = 'Quinze ans de libre'`)
	agent.done(t, "corrigerIntervention", interventionFields, map[string]any{"id": session, "revision": told, "jour": "2031-05-10"})
	got = agent.done(t, "corrigerRencontre", rencontreFields, map[string]any{"id": id, "revision": revision, "annulee": true, "fin": nil, "frequentation": nil, "serie": nil,
		"organisateurs": []any{map[string]any{"organisation": own, "role": "PARTENAIRE"}}})
	holds(t, got, map[string]any{"statut": "ANNULEE", "fin": nil, "frequentation": nil, "serie": nil, "organisateurs": "[map[nom:Échirolles role:PARTENAIRE]]", "lieu": "Mairie", "themes": "[bureautique]"})
	other.refused(t, "declarerParticipation", rencontreFields, map[string]any{"rencontre": id, "organisation": a.organisation(t, arles)}, "INVALIDE", "rencontre")
	other.refused(t, "corrigerRencontre", rencontreFields, map[string]any{"id": id, "revision": 2, "annulee": false}, "INTERDIT", "id")
	other.done(t, "retirerParticipation", rencontreFields, map[string]any{"rencontre": id, "organisation": a.organisation(t, arles)})
	other.refused(t, "retirerParticipation", rencontreFields, map[string]any{"rencontre": id, "organisation": a.organisation(t, arles)}, "INTROUVABLE", "organisation")
	agent.writes(t, "retirerIntervention", interventionFields, map[string]any{"id": session, "motif": "N'a pas eu lieu"})
	agent.writes(t, "retirerRencontre", rencontreFields, map[string]any{"id": atelier})
	if p := agent.writes(t, "retirerRencontre", rencontreFields, map[string]any{"id": id}); p["rencontre"] != nil || len(p["erreurs"].([]any)) > 0 {
		t.Error(p)
	}
	if got := a.must(t, `query ($id: ID!) { rencontre(id: $id) { nom } }`, map[string]any{"id": id}); at(t, got.Data, "rencontre") != nil {
		t.Error(got.Data)
	}

	// A prestataire announces, and speaks for itself alone; what the project ships is kept by moderators.
	key := value[string](t, a.pool, `SELECT cle FROM organisation WHERE genre = 'PRESTATAIRE' ORDER BY id LIMIT 1`)
	seller, self := a.as(t, droit.Fournisseur, key), a.organisation(t, key)
	salon := map[string]any{"declarant": self, "nom": "Salon", "debut": "2031-06-01"}
	seller.refused(t, "declarerRencontre", rencontreFields, plus(salon, map[string]any{"organisateurs": []any{map[string]any{"organisation": own}}}), "INTERDIT", "organisateurs")
	seller.refused(t, "declarerRencontre", rencontreFields, plus(salon, map[string]any{"organisateurs": []any{map[string]any{"reseau": identifiant.Global("Reseau", "cnll")}}}), "INTERDIT", "organisateurs")
	salon["id"] = seller.done(t, "declarerRencontre", rencontreFields, plus(salon, map[string]any{"organisateurs": []any{map[string]any{"organisation": self}}}))["id"]
	talk := map[string]any{"declarant": self, "rencontre": salon["id"], "titre": "Nos clients", "genre": "CONFERENCE"}
	seller.refused(t, "declarerIntervention", interventionFields, plus(talk, map[string]any{"organisations": []any{own}}), "INTERDIT", "organisations.0")
	seller.done(t, "declarerIntervention", interventionFields, plus(talk, map[string]any{"organisations": []any{self}}))
	a.exec(t, `UPDATE fait SET rencontre_id = (SELECT id FROM rencontre WHERE nom = 'Salon') WHERE id = (SELECT min(id) FROM fait)`)
	seller.refused(t, "retirerRencontre", rencontreFields, map[string]any{"id": salon["id"]}, "CONFLIT", "id")
	seller.refused(t, "corrigerRencontre", rencontreFields, map[string]any{"id": a.etape(t, "RMLL 2009"), "revision": 1, "lieu": "x"}, "INTERDIT", "id")
	got = admin.done(t, "corrigerRencontre", rencontreFields, map[string]any{"id": a.etape(t, "RMLL 2009"), "revision": 1, "publicVise": "Tous"})
	holds(t, got, map[string]any{"revision": 2, "statut": "TENUE", "debut": "2009-07-07"})
}

// etape is the id of an event that the project ships.
func (a *api) etape(t testing.TB, nom string) string {
	t.Helper()
	return identifiant.Global("Rencontre", value[string](t, a.pool, `SELECT cle::text FROM rencontre WHERE nom = $1`, nom))
}

func TestAnEventIsReadAsItStoodAndFollowsMergers(t *testing.T) {
	t.Parallel()
	a := real(t)
	admin := a.as(t, droit.Admin, "")
	if _, err := a.pool.Exec(t.Context(), `UPDATE rencontre SET ecrit_le = now() - interval '1 hour' WHERE nom = 'RMLL 2009'`); err != nil {
		t.Fatal(err)
	}
	id := a.etape(t, "RMLL 2009")
	revision := value[int](t, a.pool, `SELECT revision FROM rencontre WHERE nom = 'RMLL 2009'`)
	admin.done(t, "corrigerRencontre", rencontreFields, map[string]any{"id": id, "revision": revision, "lieu": "Ailleurs", "source": source})
	former := value[string](t, a.pool, `SELECT to_char((now() - interval '30 minutes') AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')`)
	for le, want := range map[any]string{former: "Université de Nantes, Polytech", nil: "Ailleurs"} {
		got := a.must(t, `query ($id: ID!, $le: DateTime) { rencontre(id: $id, auDate: $le) { lieu } }`, map[string]any{"id": id, "le": le})
		if at(t, got.Data, "rencontre", "lieu") != want {
			t.Errorf("at %v: %v", le, got.Data)
		}
	}

	for _, nom := range []string{"Garde", "Double"} {
		done(t, admin.creerLogiciel(t, map[string]any{"nom": nom, "licence": "MIT", "source": source}))
	}
	communes := value[[]string](t, a.pool, `SELECT array_agg(cle) FROM (SELECT cle FROM organisation WHERE nature = 'COMMUNE' AND region = '28' ORDER BY id LIMIT 2) x`)
	both := []any{a.organisation(t, communes[0]), a.organisation(t, communes[1])}
	session := admin.done(t, "declarerIntervention", interventionFields, map[string]any{"rencontre": id, "titre": "À deux", "genre": "ATELIER", "source": source,
		"organisations": both, "logiciels": []any{logiciel("garde"), logiciel("double")}})["id"]
	event := admin.done(t, "declarerRencontre", rencontreFields, map[string]any{"declarant": both[1], "nom": "Réunion", "debut": "2031-01-01", "commune": both[1], "source": source,
		"organisateurs": []any{map[string]any{"organisation": both[0]}, map[string]any{"organisation": both[1]}}})["id"]
	for _, o := range both {
		admin.done(t, "declarerParticipation", rencontreFields, map[string]any{"rencontre": event, "organisation": o, "source": source})
	}
	done(t, admin.fusionnerLogiciels(t, "garde", "double"))
	done(t, admin.fusionnerOrganisations(t, map[string]any{"garde": both[0], "fusionnees": both[1:], "dateEffet": "2026-01-01", "force": true, "motif": "Arrêté"}))
	got := a.must(t, `query ($s: ID!, $e: ID!) { session: node(id: $s) { ... on Intervention { organisations { id } logiciels { slug } } }
		event: rencontre(id: $e) { organisateurs { organisation { id } } participants { totalCount } declarant { id } commune { id } } }`, map[string]any{"s": session, "e": event})
	want := fmt.Sprintf("map[event:map[commune:map[id:%[1]s] declarant:map[id:%[1]s] organisateurs:[map[organisation:map[id:%[1]s]]] participants:map[totalCount:1]] "+
		"session:map[logiciels:[map[slug:garde]] organisations:[map[id:%[1]s]]]]", both[0])
	if fmt.Sprint(got.Data) != want {
		t.Errorf("%v\nwant\n%s", got.Data, want)
	}
}
