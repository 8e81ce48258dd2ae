package db

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/uptrace/bun"

	"github.com/mutualibre/mutualibre/db/page"
	"github.com/mutualibre/mutualibre/domain/identifiant"
	"github.com/mutualibre/mutualibre/domain/publiccode"
)

// What other catalogues harvest, in the terms of the Open Catalog API. Its three kinds of things are
//
//   - software: the free ones that name a code repository, whatever their publiccode.yml still lacks;
//   - catalogs: those of the syndicats. A software may be in several, and none owns it: it bears no catalog of its own;
//   - publishers: the syndicats that have a catalogue. The graph does not know who writes what software.
//
// All of it is public, and is read as it stands now. Ids are UUIDs drawn from the keys, which never change: they are the
// same on every server, and after a new import.

// LogicielOuvert is a software to harvest.
type LogicielOuvert struct {
	bun.BaseModel           `bun:"table:logiciel,alias:l"`
	membre[*LogicielOuvert] `bun:"-"`

	Rowid       int64   `bun:"id,pk"`
	UUID        string  `bun:"uuid"`
	Slug        string  `bun:"slug"`
	Nom         string  `bun:"nom"`
	Description *string `bun:"description"`
	Licence     *string `bun:"licence"`
	Site        *string `bun:"site"`
	Depot       string  `bun:"depot"`
	CreeLe      Instant `bun:"cree_le"`  // when it entered this graph
	EcritLe     Instant `bun:"ecrit_le"` // its last correction
}

// Publiccode returns the publiccode.yml of a software to harvest.
func (l *LogicielOuvert) Publiccode() (string, error) {
	fichier, _, err := publiccode.Ecrire(publiccode.Logiciel{Nom: l.Nom, Depot: l.Depot, Site: *or(l.Site, ""), Description: *or(l.Description, ""), Licence: *or(l.Licence, "")})
	return fichier, err
}

// EditeurOuvert is a publisher to harvest.
type EditeurOuvert struct {
	bun.BaseModel          `bun:"table:organisation,alias:o"`
	membre[*EditeurOuvert] `bun:"-"`

	Rowid   int64   `bun:"id,pk"`
	UUID    string  `bun:"uuid"`
	Cle     string  `bun:"cle"`
	Nom     string  `bun:"nom"`
	Actif   bool    `bun:"actif"`
	CreeLe  Instant `bun:"cree_le"`
	EcritLe Instant `bun:"ecrit_le"`
}

// CatalogueOuvert is a catalogue to harvest.
type CatalogueOuvert struct {
	bun.BaseModel            `bun:"table:catalogue,alias:k"`
	membre[*CatalogueOuvert] `bun:"-"`

	Rowid   int64   `bun:"id,pk"`
	UUID    string  `bun:"uuid"`
	Cle     string  `bun:"cle"`
	Nom     string  `bun:"nom"`
	Source  *string `bun:"source"` // address of what says so
	CreeLe  Instant `bun:"cree_le"`
	EcritLe Instant `bun:"ecrit_le"`
}

// DemandeOuverte narrows what is harvested; zero values exclude nothing.
type DemandeOuverte struct {
	// ID keeps one thing, by its UUID or by its key: the slug, the SIREN, the key of the catalogue.
	ID string
	// URL keeps the software of a repository, however its address is written.
	URL string
	// Catalogue keeps what belongs to a catalogue, by its UUID or its key: its software of today, its syndicat.
	Catalogue string
	// Apres and Avant keep what entered the graph strictly after, or before, an instant.
	Apres, Avant *time.Time
	// Inactifs keeps also the syndicats that have ceased.
	Inactifs bool
}

// uuidSQL makes the UUID of a thing from its key: random bits of version 4, as the API's description wants them, that a
// digest draws.
func uuidSQL(typ, cle string) string {
	return "overlay(overlay(md5('" + typ + ":' || " + cle + ") PLACING '4' FROM 13) PLACING '8' FROM 17)::uuid"
}

// creeSQL is when a row was first written: the first of its versions.
func creeSQL(table, alias string) string {
	return fmt.Sprintf("coalesce((SELECT min(v.ecrit_le) FROM %s_passe v WHERE v.id = %s.id), %[2]s.ecrit_le)", table, alias)
}

// nature is how one kind of things to harvest is read.
type nature struct {
	table, alias, typ, cle string
	colonnes               []string
	toutes                 criteria
}

func listeOuverte[R any](n nature, d DemandeOuverte, rowid func(*R) int64) liste[*R, *R] {
	uuid, cree := uuidSQL(n.typ, n.alias+"."+n.cle), creeSQL(n.table, n.alias)
	return liste[*R, *R]{
		columns: append([]string{n.alias + ".id", uuid + "::text AS uuid", n.alias + "." + n.cle, n.alias + ".nom", cree + " AS cree_le", n.alias + ".ecrit_le"}, n.colonnes...),
		order: page.Order[*R]{Name: "ouvert-" + n.table, Keys: []page.Key{{Expr: n.alias + ".id", Kind: page.Int}},
			Values: func(r *R) []any { return []any{rowid(r)} }},
		filter: func(q *bun.SelectQuery) *bun.SelectQuery {
			q = n.toutes(q)
			if d.ID != "" {
				q = q.Where("("+uuid+"::text = ?0 OR "+n.alias+"."+n.cle+" = ?0)", d.ID)
			}
			if d.Apres != nil {
				q = q.Where(cree+" > ?", *d.Apres)
			}
			if d.Avant != nil {
				q = q.Where(cree+" < ?", *d.Avant)
			}
			return q
		},
		node: func(r *R) *R { return r },
	}
}

// duCatalogue names the catalogue asked by its UUID or its key.
var duCatalogue = "(" + uuidSQL("Catalogue", "k.cle") + "::text = ?0 OR k.cle = ?0)"

// LogicielsOuverts pages the software to harvest, in the order in which it entered the graph.
func (s *Store) LogicielsOuverts(ctx context.Context, d DemandeOuverte, a page.Args) (*page.Connection[*LogicielOuvert], error) {
	return readPage(ctx, s, listeOuverte(nature{
		table: "logiciel", alias: "l", typ: "Logiciel", cle: "slug",
		colonnes: []string{"l.description", "l.licence", "l.site", "l.depot"},
		toutes: func(q *bun.SelectQuery) *bun.SelectQuery {
			q = q.Where("l.libre").Where("l.depot_normalise IS NOT NULL")
			if d.URL != "" {
				q = q.Where("l.depot_normalise = ?", identifiant.Depot(d.URL))
			}
			if d.Catalogue != "" {
				q = q.Where(`l.id IN (SELECT e.logiciel_id FROM entree_catalogue e JOIN catalogue k ON k.id = e.catalogue_id WHERE `+duCatalogue+` AND e.statut = 'PROPOSEE'
					AND coalesce(e.depuis, aujourdhui()) <= aujourdhui() AND coalesce(e.jusqua, 'infinity') > aujourdhui())`, d.Catalogue)
			}
			return q
		},
	}, d, func(l *LogicielOuvert) int64 { return l.Rowid }), a)
}

// EditeursOuverts pages the publishers to harvest.
func (s *Store) EditeursOuverts(ctx context.Context, d DemandeOuverte, a page.Args) (*page.Connection[*EditeurOuvert], error) {
	return readPage(ctx, s, listeOuverte(nature{
		table: "organisation", alias: "o", typ: "Organisation", cle: "cle", colonnes: []string{"o.actif"},
		toutes: func(q *bun.SelectQuery) *bun.SelectQuery {
			q = q.Where("o.genre = 'SYNDICAT'").Where("o.id IN (SELECT k.syndicat_id FROM catalogue k)")
			if !d.Inactifs && d.ID == "" {
				q = q.Where("o.actif")
			}
			if d.Catalogue != "" {
				q = q.Where("o.id IN (SELECT k.syndicat_id FROM catalogue k WHERE "+duCatalogue+")", d.Catalogue)
			}
			return q
		},
	}, d, func(e *EditeurOuvert) int64 { return e.Rowid }), a)
}

// CataloguesOuverts pages the catalogues to harvest.
func (s *Store) CataloguesOuverts(ctx context.Context, d DemandeOuverte, a page.Args) (*page.Connection[*CatalogueOuvert], error) {
	return readPage(ctx, s, listeOuverte(nature{
		table: "catalogue", alias: "k", typ: "Catalogue", cle: "cle",
		colonnes: []string{"(SELECT so.url FROM source so WHERE so.id = k.source_id) AS source"}, toutes: everything,
	}, d, func(c *CatalogueOuvert) int64 { return c.Rowid }), a)
}

// Publiccode returns the publiccode.yml of a software, by its slug. Errors: CodeIntrouvable, with why there is none.
func (s *Store) Publiccode(ctx context.Context, slug string) (string, error) {
	l := new(LogicielOuvert)
	q := nommes(selectRows(s, l, []string{"l.nom", "l.description", "l.licence", "l.site", "coalesce(l.depot, '') AS depot"}), logicielsNommes, slug)
	found, err := one(ctx, q, l)
	if err != nil {
		return "", err
	}
	if !found {
		return "", &Error{Code: CodeIntrouvable, Message: fmt.Sprintf("aucun logiciel ne porte le nom court « %.80s »", slug)}
	}
	fichier, err := l.Publiccode()
	if errors.Is(err, publiccode.ErrSansDepot) {
		return "", &Error{Code: CodeIntrouvable, Message: err.Error()}
	}
	return fichier, err
}
