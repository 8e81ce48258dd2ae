package db

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/uptrace/bun/dialect/pgdialect"

	"github.com/mutualibre/mutualibre/domain/droit"
)

// importEntrees reads entries of catalogues. A line without an id stands for the entry of the same software in the same
// catalogue that began the same day, else for the one that is not withdrawn, when one of the two does not say the day.
func importEntrees() *TableImport {
	open := func(ctx context.Context, i *Importation) (func(context.Context, []*LigneImport) error, error) {
		return verseurDe(ctx, i, genreImport[EntreeCatalogue](&genreEntrees{i}))
	}
	catalogue := ColonneImport{Synonymes: []string{"clé du catalogue"}, ref: &referenceImport{catalogue: true, requise: true, autre: "syndicat", trouver: (*annuaireImport).catalogueDuSyndicat}}
	return newTableImport("entrees", "catalogue", open, communs(map[string]ColonneImport{
		"catalogue": catalogue,
		"syndicat":  {Synonymes: []string{"siren", "siren syndicat", "siren du syndicat", "syndicat mixte"}},
		"logiciel":  refLogiciel(true, "nom du logiciel", "slug"),
		"statut":    {Valeurs: []string{"EN_PREPARATION", "PROPOSEE", "RETIREE"}, Synonymes: []string{"état", "statut de l'entrée"}},
		"services":  {Valeurs: prestations(), Synonymes: []string{"prestations", "services proposés"}},
		"depuis":    {Precise: true, Synonymes: []string{"proposé depuis", "date de début", "début", "debut"}},
		"jusqua":    {Precise: true, Synonymes: []string{"jusqu'à", "jusqu'au", "date de fin", "fin", "date de retrait"}},
	}))
}

type genreEntrees struct{ *Importation }

func (g *genreEntrees) origine() ([]string, string) { return columnsEntree, "e.cle" }

func (g *genreEntrees) actions() (droit.Action, droit.Action) { return "creerEntree", "corrigerEntree" }

func (g *genreEntrees) identite(x *EntreeCatalogue) (int64, string, int) {
	return x.Rowid, x.Cle, x.Revision
}

func (g *genreEntrees) syndicat(x *EntreeCatalogue) int64 {
	return g.annuaire.cataloguesByID[x.CatalogueID].syndicat
}

func (g *genreEntrees) touche(x *EntreeCatalogue) (int64, int64, Visibilite) {
	return g.syndicat(x), 0, Public
}

func (g *genreEntrees) source(x *EntreeCatalogue) *int64 { return &x.SourceID }

func (g *genreEntrees) nouvelle(l *LigneImport) *EntreeCatalogue {
	return &EntreeCatalogue{Cle: uuid.NewString(), CatalogueID: *l.reference("catalogue"), LogicielID: *l.reference("logiciel"), Statut: EnPreparation}
}

func (g *genreEntrees) famille(x *EntreeCatalogue) string {
	return fmt.Sprint(x.CatalogueID, " ", x.LogicielID)
}

// freres locks the catalogues first: two writers see each other.
func (g *genreEntrees) freres(ctx context.Context, rows []*EntreeCatalogue) (found []*EntreeCatalogue, err error) {
	catalogues, software := make([]int64, len(rows)), make([]int64, len(rows))
	for n, x := range rows {
		catalogues[n], software[n] = x.CatalogueID, x.LogicielID
	}
	if _, err := g.e.tx.NewRaw(`SELECT FROM catalogue WHERE id = ANY (?::bigint[]) ORDER BY id FOR UPDATE`, pgdialect.Array(catalogues)).Exec(ctx); err != nil {
		return nil, err
	}
	err = selectRows(g.e.Store, &found, columnsEntree).
		Where(parents("entree_catalogue", "catalogue_id", "logiciel_id", "e"), pgdialect.Array(catalogues), pgdialect.Array(software)).
		OrderExpr("e.id").Scan(ctx)
	return found, err
}

func (g *genreEntrees) meme(l *LigneImport, _ *EntreeCatalogue, freres []*EntreeCatalogue) (near *EntreeCatalogue) {
	depuis := l.jour("depuis")
	for _, x := range freres {
		if equalDates(x.Depuis, depuis) && (depuis != nil || x.Statut != Retiree || equalDates(x.Jusqua, l.jour("jusqua"))) {
			return x
		}
		if x.Statut != Retiree && (depuis == nil || x.Depuis == nil) {
			near = x
		}
	}
	return near
}

func (g *genreEntrees) remplit(l *LigneImport, x *EntreeCatalogue) {
	l.fixe("catalogue", &x.CatalogueID, "ajoutez le logiciel à l'autre catalogue par une ligne sans « id »")
	l.fixe("logiciel", &x.LogicielID, "ajoutez l'autre logiciel par une ligne sans « id »")
	setRequired(l, "statut", &x.Statut, luComme[StatutEntree](l, "statut"), true)
	if l.donne("services") {
		x.Services = nil
		for _, s := range *or(lu[[]string](l, "services"), nil) {
			x.Services = append(x.Services, TypePrestation(s))
		}
		x.Services = services(x.Services)
	}
	set(l, "depuis", &x.Depuis, l.jour("depuis"))
	set(l, "jusqua", &x.Jusqua, l.jour("jusqua"))
}

// verifie asks of a line what the mutations that would lead to the same row ask: creerEntree, corrigerEntree,
// publierEntree and retirerEntree.
func (g *genreEntrees) verifie(_ context.Context, l *LigneImport, before, after *EntreeCatalogue, freres []*EntreeCatalogue) error {
	syndicat := g.syndicat(after)
	if before == nil {
		g.allowed(after.Statut == EnPreparation, "publierEntree", "statut", syndicat)
	} else {
		g.e.verify(before.SourceID == after.SourceID && !l.sourceNouvelle, Invalide, "source.nom", "la source d'une entrée ne se corrige pas")
		switch moved := before.Statut != after.Statut; {
		case moved && before.Statut == Retiree:
			g.e.verify(false, Invalide, "statut", "cette entrée a été retirée : proposez de nouveau ce logiciel par une ligne sans « id »")
		case moved && after.Statut == EnPreparation:
			g.e.verify(false, Invalide, "statut", "ce qui a été proposé ne revient pas en préparation : retirez l'entrée")
		case moved && after.Statut == Retiree:
			g.allowed(false, "retirerEntree", "statut", syndicat)
		case moved:
			g.allowed(false, "publierEntree", "statut", syndicat)
			g.e.verify(after.Depuis != nil, Requis, "depuis", "une entrée est proposée à partir d'un jour : donnez « depuis »")
		case !equalDates(before.Depuis, after.Depuis) || !equalDates(before.Jusqua, after.Jusqua):
			g.allowed(after.Statut == EnPreparation, "publierEntree", "depuis", syndicat)
		}
	}
	if before == nil || before.Statut != after.Statut || !equalDates(before.Depuis, after.Depuis) || !equalDates(before.Jusqua, after.Jusqua) {
		g.e.checkEntree(after)
		for _, other := range freres {
			g.e.verify(!sameTime(after, other, *g.e.today()), Duplique, "depuis",
				"ce logiciel figure déjà dans ce catalogue, sur tout ou partie de cette période : corrigez l'autre entrée, ou donnez d'autres dates")
		}
	}
	return nil
}

// allowed notes that an action takes a right that the identity lacks.
func (g *genreEntrees) allowed(ok bool, action droit.Action, champ string, syndicat int64) {
	if !ok {
		_, ok = g.may(action, syndicat, 0)
	}
	g.e.verify(ok, Interdit, champ, "votre rôle permet de préparer une entrée, pas de toucher à ce qui est publié")
}

// sameTime tells whether two entries of one software stand at once in one catalogue: the rule of doublon, on rows already
// read.
func sameTime(a, b *EntreeCatalogue, today Date) bool {
	if b.Statut == Retiree && b.Jusqua == nil || a.Statut == Retiree && a.Jusqua == nil {
		return false
	}
	if a.Statut == EnPreparation && b.Statut == EnPreparation {
		return true
	}
	const never = Date("9999-12-32") // after every day
	period := func(x *EntreeCatalogue) (Date, Date) {
		from, to := *or(x.Depuis, ""), *or(x.Jusqua, never)
		if x.Depuis == nil && x.Statut == EnPreparation {
			from = min(today, to)
		}
		return from, to
	}
	d0, f0 := period(a)
	d1, f1 := period(b)
	return d0 < f0 && d1 < f1 && d0 < f1 && d1 < f0
}

func (g *genreEntrees) table() (string, []string, []string) {
	return "entree_catalogue", []string{"statut", "services", "depuis", "jusqua", "source_id"}, []string{"cle", "catalogue_id", "logiciel_id"}
}

func (g *genreEntrees) ecrit(x *EntreeCatalogue) ([]any, []any) {
	return []any{string(x.Statut), textes(x.Services), jourNul(x.Depuis), jourNul(x.Jusqua), x.SourceID}, []any{x.Cle, x.CatalogueID, x.LogicielID}
}

// suite ends the subscriptions to what is withdrawn.
func (g *genreEntrees) suite(ctx context.Context, before, after *EntreeCatalogue) error {
	if before.Statut == after.Statut || after.Statut != Retiree {
		return nil
	}
	return g.e.endSubscriptions(ctx, *after.Jusqua, "ab.entree_id = ?", after.Rowid)
}
