package echantillon

import (
	"context"
	"fmt"
	"iter"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/mutualibre/mutualibre/db"
	"github.com/mutualibre/mutualibre/domain/licence"
	"github.com/mutualibre/mutualibre/domain/texte"
)

// Tables that have a UUID.
const (
	uuidEntree = iota + 1
	uuidUsage
	uuidEconomie
)

// ecriture sends the plan to PostgreSQL.
type ecriture struct {
	*plan
	tx     pgx.Tx
	source int64
	// Values sent millions of times, in their interface form: converting them again would be most of the work.
	jours   []any // from premierJour
	progres func(table string, faites, total int)
}

// write writes every table, in the order of the foreign keys.
func write(ctx context.Context, tx pgx.Tx, p *plan, options Options) (*Bilan, error) {
	w := &ecriture{plan: p, tx: tx, source: p.suivant["source"], progres: options.Progres}
	for j := premierJour; j <= dernierJour; j++ {
		w.jours = append(w.jours, j.temps())
	}
	_, err := tx.Exec(ctx, `INSERT INTO source (id, cle, nom, synthetique, importe_le) VALUES ($1, $2, $3, true, $4)`,
		w.source, CleSource, NomSource, DateFixe())
	if err != nil {
		return nil, err
	}
	bilan := &Bilan{}
	for _, etape := range []struct {
		compte *int
		write  func(context.Context) (int, error)
	}{
		{&bilan.Logiciels, w.logicielsInventes},
		{new(int), w.liens},
		{&bilan.Adhesions, w.lesAdhesions},
		{&bilan.Catalogues, w.lesCatalogues},
		{&bilan.Entrees, w.lesEntrees},
		{&bilan.Abonnements, w.lesAbonnements},
		{&bilan.Usages, w.lesUsages},
		{&bilan.Economies, w.lesEconomies},
	} {
		if *etape.compte, err = etape.write(ctx); err != nil {
			return nil, err
		}
	}
	_, err = tx.Exec(ctx, `INSERT INTO importation (id, format, fichier, empreinte, ajouts, corrections, inchanges, debut, fin)
		VALUES ($1, $2, $3, $4, $5, 0, 0, $6, $6)`,
		p.suivant["importation"], CleSource, fmt.Sprintf("graine %d", options.Graine), options.empreinte(), bilan.Usages, DateFixe())
	if err != nil {
		return nil, err
	}
	for _, table := range tables {
		if _, err := tx.Exec(ctx, `SELECT setval(pg_get_serial_sequence($1, 'id'), greatest(nextval(pg_get_serial_sequence($1, 'id')), max(id)))
			FROM `+table, table); err != nil {
			return nil, err
		}
	}
	return bilan, nil
}

// copier streams rows into a table. The slice that lignes yields may be the same each time.
func (w *ecriture) copier(ctx context.Context, table string, total int, colonnes []string, lignes iter.Seq[[]any]) (int, error) {
	suivante, stop := iter.Pull(lignes)
	defer stop()
	faites := 0
	n, err := w.tx.CopyFrom(ctx, pgx.Identifier{table}, colonnes, pgx.CopyFromFunc(func() ([]any, error) {
		ligne, ok := suivante()
		if !ok {
			return nil, nil
		}
		if faites++; faites%10_000 == 0 {
			w.progres(table, faites, total)
		}
		return ligne, nil
	}))
	if err != nil {
		return 0, fmt.Errorf("%s : %w", table, err)
	}
	w.progres(table, int(n), int(n))
	return int(n), nil
}

func (w *ecriture) logicielsInventes(ctx context.Context) (int, error) {
	n, err := w.copier(ctx, "logiciel", 0,
		[]string{"id", "slug", "nom", "nom_tri", "description", "libre", "licence", "licence_origine", "ajoute_le", "source_id"},
		func(rendre func([]any) bool) {
			for _, l := range w.logiciels {
				if !l.invente {
					continue
				}
				nom := fmt.Sprintf("Logiciel d'échantillon %04d", l.numero)
				lue := licence.Parse(l.licence)
				if !rendre([]any{l.id, fmt.Sprintf("logiciel-d-echantillon-%04d", l.numero), nom, texte.Normalize(nom),
					"Logiciel inventé pour l'échantillon : il n'existe pas.", lue.Libre, ouNul(lue.Expression), l.licence, l.ajoute.temps(), w.source}) {
					return
				}
			}
		})
	if err != nil {
		return 0, err
	}
	_, err = w.copier(ctx, "logiciel_categorie", 0, []string{"logiciel_id", "categorie_id"}, func(rendre func([]any) bool) {
		for _, l := range w.logiciels {
			if l.invente && l.rangCat >= 0 && !rendre([]any{l.id, w.categories[l.rangCat]}) {
				return
			}
		}
	})
	return n, err
}

func (w *ecriture) liens(ctx context.Context) (int, error) {
	// A link that a real source has already told stays that source's.
	rows, err := w.tx.Query(ctx, `SELECT genre, de_id, vers_id FROM logiciel_lien`)
	if err != nil {
		return 0, err
	}
	type lien struct {
		genre    string
		de, vers int64
	}
	connus := map[lien]bool{}
	var connu lien
	if _, err := pgx.ForEachRow(rows, []any{&connu.genre, &connu.de, &connu.vers}, func() error {
		connus[connu] = true
		return nil
	}); err != nil {
		return 0, err
	}
	return w.copier(ctx, "logiciel_lien", 0, []string{"genre", "de_id", "vers_id", "source_id"}, func(rendre func([]any) bool) {
		for _, l := range w.logiciels {
			for i, v := range append(l.remplace[:len(l.remplace):len(l.remplace)], l.similaire...) {
				k := lien{"REMPLACE", l.id, w.logiciels[v].id}
				if i >= len(l.remplace) {
					k.genre = "SIMILAIRE"
				}
				if !connus[k] && !rendre([]any{k.genre, k.de, k.vers, w.source}) {
					return
				}
			}
		}
	})
}

func (w *ecriture) lesAdhesions(ctx context.Context) (int, error) {
	return w.copier(ctx, "adhesion", len(w.adhesions),
		[]string{"id", "groupement_id", "membre_id", "via_id", "services", "debut", "fin", "source_id"},
		func(rendre func([]any) bool) {
			for i, a := range w.adhesions {
				var via any
				if a.via >= 0 {
					via = w.organisations[a.via].ID
				}
				pris := []string{}
				for s, nom := range services {
					if a.services != 1<<len(services)-1 && a.services&(1<<s) != 0 {
						pris = append(pris, nom)
					}
				}
				if !rendre([]any{w.suivant["adhesion"] + int64(i), w.organisations[a.groupement].ID, w.organisations[a.membre].ID,
					via, pris, w.jour(a.debut), w.jour(a.fin), w.source}) {
					return
				}
			}
		})
}

func (w *ecriture) lesCatalogues(ctx context.Context) (int, error) {
	return w.copier(ctx, "catalogue", len(w.catalogues), []string{"id", "cle", "nom", "syndicat_id", "source_id"},
		func(rendre func([]any) bool) {
			for _, c := range w.catalogues {
				if !rendre([]any{c.id, c.cle, c.nom, w.organisations[c.syndicat].ID, w.source}) {
					return
				}
			}
		})
}

func (w *ecriture) lesEntrees(ctx context.Context) (int, error) {
	return w.copier(ctx, "entree_catalogue", w.nbEntrees,
		[]string{"id", "cle", "catalogue_id", "logiciel_id", "statut", "services", "depuis", "jusqua", "source_id"},
		func(rendre func([]any) bool) {
			for _, s := range w.syndicats {
				for _, e := range s.entrees {
					offerts := e.services
					if offerts == nil {
						offerts = []string{}
					}
					if !rendre([]any{e.id, cleUUID(w.graine, uuidEntree, e.numero), e.catalogue, w.logiciels[e.logiciel].id,
						e.statut, offerts, w.jour(e.depuis), w.jour(e.jusqua), w.source}) {
						return
					}
				}
			}
		})
}

// dossiers draws every organisation in turn, in one dossier that is used again.
func (w *ecriture) dossiers() iter.Seq[*dossier] {
	return func(rendre func(*dossier) bool) {
		d := w.nouveauDossier()
		for i := range w.organisations {
			if d.remplir(w.plan, i); !rendre(d) {
				return
			}
		}
	}
}

func (w *ecriture) lesAbonnements(ctx context.Context) (int, error) {
	return w.copier(ctx, "abonnement", 0, []string{"id", "entree_id", "collectivite_id", "debut", "fin", "source_id"},
		func(rendre func([]any) bool) {
			n := w.suivant["abonnement"]
			ligne := make([]any, 6)
			for d := range w.dossiers() {
				for _, a := range d.abonnements {
					ligne[0], ligne[1], ligne[2], ligne[3], ligne[4], ligne[5] = n, a.entree, d.ID, w.jour(a.debut), w.jour(a.fin), w.source
					if !rendre(ligne) {
						return
					}
					n++
				}
			}
		})
}

func (w *ecriture) lesUsages(ctx context.Context) (n int, err error) {
	err = db.WriteUsagesInBulk(ctx, w.tx, func(ctx context.Context) error {
		total := 0
		for _, q := range w.quotas {
			total += q
		}
		n, err = w.copier(ctx, "usage", total,
			[]string{"id", "cle", "utilisateur_id", "departement", "logiciel_id", "libre", "statut", "modalite", "syndicat_id", "support",
				"postes", "version", "debut", "fin", "remplace_id", "source_id", "constate_le", "confirme_le"},
			w.lignesUsages)
		return err
	})
	return n, err
}

func (w *ecriture) lignesUsages(rendre func([]any) bool) {
	premier := w.suivant["usage"]
	var source any = w.source
	ligne := make([]any, 18)
	for d := range w.dossiers() {
		var utilisateur, departement any = d.ID, d.Departement
		for i := range d.usages {
			u := &d.usages[i]
			l := &w.logiciels[u.logiciel]
			numero := w.premiers[d.rang] + i
			clear(ligne)
			ligne[0], ligne[1] = premier+int64(numero), cleUUID(w.graine, uuidUsage, numero)
			ligne[2], ligne[3], ligne[4], ligne[5], ligne[6] = utilisateur, departement, l.id, l.libre, u.statut
			ligne[7] = direct
			if u.syndicat >= 0 {
				ligne[7], ligne[8] = viaSyndicat, w.organisations[u.syndicat].ID
			}
			if u.support != "" {
				ligne[9] = u.support
			}
			if u.postes > 0 {
				ligne[10] = int32(u.postes)
			}
			if u.version != [2]int{} {
				ligne[11] = fmt.Sprintf("%d.%d", u.version[0], u.version[1])
			}
			ligne[12], ligne[13] = w.jour(u.debut), w.jour(u.fin)
			if u.remplace >= 0 {
				ligne[14] = w.logiciels[u.remplace].id
			}
			ligne[15], ligne[16] = source, w.jour(u.constate)
			if u.confirme != 0 {
				ligne[17] = time.Unix(u.confirme, 0).UTC()
			}
			if !rendre(ligne) {
				return
			}
		}
	}
}

func (w *ecriture) lesEconomies(ctx context.Context) (int, error) {
	return w.copier(ctx, "economie", 0,
		[]string{"id", "cle", "beneficiaire_id", "logiciel_id", "usage_id", "nature", "statut", "licences_economisees", "brut_centimes",
			"couts_recurrents_centimes", "couts_ponctuels_centimes", "net_centimes", "debut", "horizon_annees", "annee_prix",
			"precision_source", "source_id"},
		func(rendre func([]any) bool) {
			n := 0
			for d := range w.dossiers() {
				for _, e := range d.economies {
					var logiciel, usage any
					if e.logiciel >= 0 {
						logiciel = w.logiciels[e.logiciel].id
					}
					if e.numero >= 0 {
						usage = w.suivant["usage"] + int64(e.numero)
					}
					if !rendre([]any{w.suivant["economie"] + int64(n), cleUUID(w.graine, uuidEconomie, n), d.ID, logiciel, usage, e.nature,
						e.statut, e.licences, e.brut, e.recurrents, e.ponctuels, e.net, w.jour(e.debut), nombre(e.horizon), nombre(e.annee),
						"Montant inventé", w.source}) {
						return
					}
					n++
				}
			}
		})
}

// jour returns a day as PostgreSQL takes it; nil for 0.
func (w *ecriture) jour(j jour) any {
	if j == 0 {
		return nil
	}
	return w.jours[j-premierJour]
}

// nombre returns n; nil for 0.
func nombre(n int) any {
	if n == 0 {
		return nil
	}
	return int32(n)
}

// ouNul returns s; nil when it is empty.
func ouNul(s string) any {
	if s == "" {
		return nil
	}
	return s
}
