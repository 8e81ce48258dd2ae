package db

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/uptrace/bun/dialect/pgdialect"

	"github.com/mutualibre/mutualibre/domain/droit"
)

// importAdhesions reads memberships. A line without an id stands for the membership of the same member in the same
// groupement, taken through the same one, that began the same day; else for the one in force, when one of the two does not
// say the day.
func importAdhesions() *TableImport {
	open := func(ctx context.Context, i *Importation) (func(context.Context, []*LigneImport) error, error) {
		return verseurDe(ctx, i, genreImport[Adhesion](&genreAdhesions{i}))
	}
	return newTableImport("adhesions", "groupement", open, communs(map[string]ColonneImport{
		"groupement": refOrganisation(true, genresCollectivite, "siren groupement", "siren du groupement", "syndicat", "siren syndicat", "siren du syndicat"),
		"membre":     refCommune("siren", "siren membre", "siren du membre", "collectivité", "adhérent"),
		"code_insee": codeINSEE(),
		"via":        refOrganisation(false, genresCollectivite, "siren via", "par l'intermédiaire de"),
		"services":   {Synonymes: []string{"services pris", "services souscrits"}},
		"debut":      {Precise: true, Synonymes: []string{"début", "date d'adhésion", "adhère depuis", "depuis", "date de début"}},
		"fin":        {Precise: true, Synonymes: []string{"date de fin", "date de retrait", "jusqu'au"}},
	}))
}

type genreAdhesions struct{ *Importation }

func (g *genreAdhesions) origine() ([]string, string) { return columnsAdhesion, "ad.cle" }

func (g *genreAdhesions) actions() (droit.Action, droit.Action) {
	return "declarerAdhesion", "corrigerAdhesion"
}

func (g *genreAdhesions) identite(a *Adhesion) (int64, string, int) {
	return a.Rowid, a.Cle, a.Revision
}

func (g *genreAdhesions) touche(a *Adhesion) (int64, int64, Visibilite) {
	return a.GroupementID, 0, Public
}

func (g *genreAdhesions) source(a *Adhesion) *int64 { return &a.SourceID }

func (g *genreAdhesions) nouvelle(l *LigneImport) *Adhesion {
	return &Adhesion{Cle: uuid.NewString(), GroupementID: *l.reference("groupement"), MembreID: *l.reference("membre"), ViaID: l.reference("via")}
}

func (g *genreAdhesions) famille(a *Adhesion) string {
	return fmt.Sprint(a.GroupementID, " ", a.MembreID, " ", deref(a.ViaID))
}

func (g *genreAdhesions) freres(ctx context.Context, rows []*Adhesion) (found []*Adhesion, err error) {
	groupements, membres := make([]int64, len(rows)), make([]int64, len(rows))
	for n, a := range rows {
		groupements[n], membres[n] = a.GroupementID, a.MembreID
	}
	err = selectRows(g.e.Store, &found, columnsAdhesion).
		Where(parents("adhesion", "membre_id", "groupement_id", "ad"), pgdialect.Array(membres), pgdialect.Array(groupements)).
		OrderExpr("ad.id").Scan(ctx)
	return found, err
}

func (g *genreAdhesions) meme(l *LigneImport, _ *Adhesion, freres []*Adhesion) (near *Adhesion) {
	debut := l.jour("debut")
	for _, a := range freres {
		if equalDates(a.Debut, debut) {
			return a
		}
		if (a.Fin == nil || *a.Fin > *g.e.today()) && (debut == nil || a.Debut == nil) {
			near = a
		}
	}
	return near
}

func (g *genreAdhesions) remplit(l *LigneImport, a *Adhesion) {
	l.fixe("groupement", &a.GroupementID, "déclarez l'autre adhésion par une ligne sans « id »")
	l.fixe("membre", &a.MembreID, "déclarez l'adhésion de l'autre membre par une ligne sans « id »")
	if l.donne("via") && deref(l.reference("via")) != deref(a.ViaID) {
		l.refuse(Invalide, "via", "« via » ne se corrige pas")
	}
	if l.donne("services") {
		a.Services = *or(lu[[]string](l, "services"), nil)
	}
	set(l, "debut", &a.Debut, l.jour("debut"))
	set(l, "fin", &a.Fin, l.jour("fin"))
}

// verifie asks what declarerAdhesion and corrigerAdhesion ask: the member, or a moderator, confirms.
func (g *genreAdhesions) verifie(_ context.Context, l *LigneImport, before, after *Adhesion, freres []*Adhesion) error {
	e := g.e
	if before == nil {
		groupement := g.annuaire.organisationsByID[after.GroupementID]
		e.verify(groupement.genre == "SYNDICAT" || groupement.nature == "EPCI" || groupement.nature == "EPT", Invalide, "groupement",
			"« groupement » n'est ni une intercommunalité ni un syndicat : on n'y adhère pas")
		e.verify(after.GroupementID != after.MembreID, Invalide, "membre", "un groupement n'est pas membre de lui-même")
		e.verify(after.ViaID == nil || l.droit.Role.Global(), Interdit, "via", "une adhésion se déclare directe : celle d'un groupement, puis celle de ses membres chez lui")
	} else {
		e.verify(before.SourceID == after.SourceID && !l.sourceNouvelle, Invalide, "source.nom", "la source d'une adhésion ne se corrige pas")
	}
	after.Services = e.servicesPris(after.Services)
	e.verify(after.Fin == nil || after.Debut == nil || *after.Fin >= *after.Debut, Invalide, "fin", "« fin » précède « debut »")
	for _, other := range freres {
		e.verify(!overlap(after, other), Duplique, "debut", "une adhésion de ce membre couvre déjà tout ou partie de cette période : corrigez-la, ou donnez d'autres dates")
	}
	if !l.droit.Role.Global() && (before == nil || adds(before, after, *e.today())) {
		after.Confirmee = false
	} else if before == nil {
		after.Confirmee = true
	}
	return nil
}

// overlap tells whether two memberships hold at once: the rule of autreAdhesion, on rows already read.
func overlap(a, b *Adhesion) bool {
	const never = Date("9999-12-32") // after every day
	d0, f0, d1, f1 := *or(a.Debut, ""), *or(a.Fin, never), *or(b.Debut, ""), *or(b.Fin, never)
	return d0 < f0 && d1 < f1 && d0 < f1 && d1 < f0
}

func (g *genreAdhesions) table() (string, []string, []string) {
	return "adhesion", []string{"services", "debut", "fin", "confirmee", "source_id"}, []string{"cle", "groupement_id", "membre_id", "via_id"}
}

func (g *genreAdhesions) ecrit(a *Adhesion) ([]any, []any) {
	return []any{textes(a.Services), jourNul(a.Debut), jourNul(a.Fin), a.Confirmee, a.SourceID}, []any{a.Cle, a.GroupementID, a.MembreID, nulle(a.ViaID)}
}

// suite ends the subscriptions of who leaves.
func (g *genreAdhesions) suite(ctx context.Context, before, after *Adhesion) error {
	if equalDates(before.Fin, after.Fin) {
		return nil
	}
	return g.e.endSubscriptionsOf(ctx, after)
}
