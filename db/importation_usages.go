package db

import (
	"context"
	"fmt"
	"slices"

	"github.com/google/uuid"
	"github.com/uptrace/bun/dialect/pgdialect"

	"github.com/mutualibre/mutualibre/domain/droit"
)

// importUsages reads usages. A line without an id stands for the usage of the same software by the same organisation,
// through the same syndicat, that began the same day; see memeUsage.
func importUsages() *TableImport {
	open := func(ctx context.Context, i *Importation) (func(context.Context, []*LigneImport) error, error) {
		return verseurDe(ctx, i, genreImport[Usage](&genreUsages{i}))
	}
	return newTableImport("usages", "utilisateur", open, communs(map[string]ColonneImport{
		"utilisateur": refCommune("siren", "siren utilisateur", "siren collectivité", "organisation", "organisme"),
		"code_insee":  codeINSEE(),
		"logiciel":    refLogiciel(true, "nom du logiciel", "logiciel utilisé", "slug"),
		"statut": {Valeurs: []string{"PREVU", "EXPERIMENTATION", "PRODUCTION", "ABANDONNE"}, Mots: map[string]string{
			"en projet": "PREVU", "projet": "PREVU", "en experimentation": "EXPERIMENTATION", "en test": "EXPERIMENTATION", "pilote": "EXPERIMENTATION",
			"en production": "PRODUCTION", "en service": "PRODUCTION", "utilise": "PRODUCTION", "installe": "PRODUCTION", "arrete": "ABANDONNE", "retire": "ABANDONNE",
		}, Synonymes: []string{"état", "statut de l'usage"}},
		"syndicat":        refOrganisation(false, genresSyndicat, "siren syndicat", "via", "syndicat mixte", "siren du syndicat"),
		"support":         {Valeurs: []string{"INTERNE", "COMMUNAUTAIRE", "PRESTATAIRE", "SYNDICAT", "PLACE_DE_MARCHE", "AUCUN"}, Synonymes: []string{"assistance", "mode de support"}},
		"postes":          {Synonymes: []string{"nombre de postes", "nb postes", "nb de postes", "postes équipés"}},
		"version":         {Synonymes: []string{"version installée"}},
		"debut":           {Synonymes: []string{"mise en service", "date de mise en service", "date de début", "début", "depuis"}},
		"precision_debut": precisions(),
		"fin":             {Precise: true, Synonymes: []string{"date de fin", "arrêt", "date d'arrêt"}},
		"remplace":        refLogiciel(false, "logiciel remplacé", "en remplacement de"),
		"visibilite":      visibilites(),
		"constate_le":     {Precise: true, Synonymes: []string{"constaté le", "date du constat", "date de constat"}},
		"confirme_le":     {Ignoree: true},
	}))
}

type genreUsages struct{ *Importation }

func (g *genreUsages) origine() ([]string, string) {
	return Selection{}.columns(keyColumnsUsage, columnsUsage), "u.cle"
}

func (g *genreUsages) actions() (droit.Action, droit.Action) { return "declarerUsage", "corrigerUsage" }

func (g *genreUsages) identite(u *Usage) (int64, string, int) { return u.Rowid, u.Cle, u.Revision }

func (g *genreUsages) touche(u *Usage) (int64, int64, Visibilite) {
	return u.UtilisateurID, deref(u.SyndicatID), u.Visibilite
}

func (g *genreUsages) source(u *Usage) *int64 { return &u.SourceID }

func (g *genreUsages) nouvelle(l *LigneImport) *Usage {
	return &Usage{Cle: uuid.NewString(), UtilisateurID: *l.reference("utilisateur"), LogicielID: *l.reference("logiciel"), SyndicatID: l.reference("syndicat"),
		Visibilite: Public, ConstateLe: *g.e.today()}
}

func (g *genreUsages) famille(u *Usage) string {
	return fmt.Sprint(u.UtilisateurID, " ", u.LogicielID)
}

func (g *genreUsages) freres(ctx context.Context, rows []*Usage) (found []*Usage, err error) {
	users, software := make([]int64, len(rows)), make([]int64, len(rows))
	for n, u := range rows {
		users[n], software[n] = u.UtilisateurID, u.LogicielID
	}
	columns, _ := g.origine()
	err = selectRows(g.e.Store, &found, columns).
		Where(parents("usage", "utilisateur_id", "logiciel_id", "u"), pgdialect.Array(users), pgdialect.Array(software)).
		OrderExpr("u.tenu DESC, u.constate_le DESC, u.id").Scan(ctx)
	return found, err
}

// meme chooses by the date of the beginning: the same one, else the only usage in force of which one of the two does not
// say it. What is closed stands only for what ended the same day: something that has begun again is another usage.
func (g *genreUsages) meme(l *LigneImport, row *Usage, freres []*Usage) *Usage {
	debut, fin := l.jour("debut"), l.jour("fin")
	closed := fin != nil || *or(luComme[StatutUsage](l, "statut"), "") == "ABANDONNE"
	var near []*Usage
	for _, u := range freres {
		if deref(u.SyndicatID) != deref(row.SyndicatID) {
			continue
		}
		open := u.Fin == nil && u.Statut != "ABANDONNE"
		if !open && !(closed && equalDates(u.Fin, fin)) {
			continue
		}
		if equalDates(u.Debut, debut) {
			if open != closed {
				return u
			}
			near = append([]*Usage{u}, near...)
		} else if debut == nil || u.Debut == nil {
			near = append(near, u)
		}
	}
	if len(near) == 0 {
		return nil
	}
	if slices.ContainsFunc(near, func(u *Usage) bool { return !equalDates(u.Debut, near[0].Debut) }) && !equalDates(near[0].Debut, debut) {
		l.refuse(Invalide, "debut", "plusieurs usages de ce logiciel sont en cours ici : dites lequel par son « id » ou sa date de « debut »")
	}
	return near[0]
}

func equalDates(a, b *Date) bool { return *or(a, "") == *or(b, "") }

func (g *genreUsages) remplit(l *LigneImport, u *Usage) {
	l.fixe("utilisateur", &u.UtilisateurID, "déclarez l'usage de l'autre organisation par une ligne sans « id »")
	l.fixe("logiciel", &u.LogicielID, "déclarez l'usage de l'autre logiciel par une ligne sans « id »")
	setRequired(l, "statut", &u.Statut, luComme[StatutUsage](l, "statut"), true)
	set(l, "syndicat", &u.SyndicatID, l.reference("syndicat"))
	set(l, "support", &u.Support, luComme[ModeSupport](l, "support"))
	set(l, "postes", &u.Postes, l.entier("postes"))
	set(l, "version", &u.Version, lu[string](l, "version"))
	l.setDebut(&u.Debut, &u.PrecisionDebut)
	set(l, "fin", &u.Fin, l.jour("fin"))
	set(l, "remplace", &u.RemplaceID, l.reference("remplace"))
	setRequired(l, "visibilite", &u.Visibilite, luComme[Visibilite](l, "visibilite"), false)
	setRequired(l, "constate_le", &u.ConstateLe, l.jour("constate_le"), false)
	u.Modalite = "DIRECT"
	if u.SyndicatID != nil {
		u.Modalite = "VIA_SYNDICAT"
	}
}

func (g *genreUsages) verifie(_ context.Context, l *LigneImport, before, after *Usage, _ []*Usage) error {
	if after.Statut == "" {
		l.refuse(Requis, "statut", "cette valeur est obligatoire")
	}
	g.e.checkUsage(after)
	if before != nil && deref(before.SyndicatID) != deref(after.SyndicatID) {
		_, corriger := g.actions()
		_, ok := g.may(corriger, after.UtilisateurID, deref(after.SyndicatID))
		g.e.verify(ok, Interdit, "syndicat", "vous n'avez pas le droit de faire passer cet usage par ce syndicat")
	}
	return nil
}

func (g *genreUsages) table() (string, []string, []string) {
	return "usage", []string{"statut", "modalite", "syndicat_id", "support", "postes", "version", "debut", "precision_debut", "fin", "remplace_id",
		"visibilite", "constate_le", "source_id"}, []string{"cle", "utilisateur_id", "departement", "logiciel_id", "libre"}
}

func (g *genreUsages) ecrit(u *Usage) ([]any, []any) {
	return []any{string(u.Statut), string(u.Modalite), nulle(u.SyndicatID), texteNul(u.Support), nulle(u.Postes), nulle(u.Version), jourNul(u.Debut),
			string(*or(u.PrecisionDebut, "JOUR")), jourNul(u.Fin), nulle(u.RemplaceID), string(u.Visibilite), jourNul(&u.ConstateLe), u.SourceID},
		[]any{u.Cle, u.UtilisateurID, g.annuaire.organisationsByID[u.UtilisateurID].departement, u.LogicielID, g.annuaire.logicielsByID[u.LogicielID].libre}
}

func (g *genreUsages) suite(context.Context, *Usage, *Usage) error { return nil }
