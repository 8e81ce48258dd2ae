package sortie

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/mutualibre/mutualibre/db"
	"github.com/mutualibre/mutualibre/db/page"
	"github.com/mutualibre/mutualibre/domain/publiccode"
)

// The feed follows the description of the Open Catalog API (software-catalog-api.oas.yaml of developers-italia-api), its
// reading part. It departs from it where its own users asked: links keep the filters, the filter on url knows every
// spelling of an address, an unknown parameter is refused. Pages are of 25 things unless page[size] says otherwise, 100 at
// most: for all of it at once, there is /export/logiciels.

const (
	pageOuverte    = 25
	pageOuverteMax = 100
)

type logicielJSON struct {
	ID            string    `json:"id"`
	PubliccodeYml string    `json:"publiccodeYml"`
	URL           string    `json:"url"`
	Aliases       []string  `json:"aliases"`
	Active        bool      `json:"active"`
	CreatedAt     time.Time `json:"createdAt"`
	UpdatedAt     time.Time `json:"updatedAt"`
}

type editeurJSON struct {
	ID            string    `json:"id"`
	AlternativeID string    `json:"alternativeId"`
	Description   string    `json:"description"`
	CodeHosting   []any     `json:"codeHosting"` // the graph does not know where syndicats publish
	Active        bool      `json:"active"`
	CreatedAt     time.Time `json:"createdAt"`
	UpdatedAt     time.Time `json:"updatedAt"`
}

type catalogueJSON struct {
	ID            string       `json:"id"`
	AlternativeID string       `json:"alternativeId"`
	Name          string       `json:"name"`
	Active        bool         `json:"active"`
	Sources       []sourceJSON `json:"sources"`
	CreatedAt     time.Time    `json:"createdAt"`
	UpdatedAt     time.Time    `json:"updatedAt"`
}

type sourceJSON struct {
	URL string `json:"url"`
}

func instant(i db.Instant) time.Time { return time.Time(i).UTC() }

// collection is one kind of things of the feed.
type collection struct {
	titre      string // of its errors
	parametres []string
	page       func(context.Context, db.DemandeOuverte, page.Args) (pageJSON, error)
}

// pageJSON is a page of the feed, not yet with its links.
type pageJSON struct {
	data                 []any
	premier, dernier     *string // cursors
	precedente, suivante bool
}

// collectionDe makes a collection of a list of the store.
func collectionDe[N any](titre string, parametres []string, list func(context.Context, db.DemandeOuverte, page.Args) (*page.Connection[N], error), enJSON func(N) (any, error)) collection {
	return collection{titre, append(parametres, "page[size]", "page[after]", "page[before]"), func(ctx context.Context, d db.DemandeOuverte, a page.Args) (p pageJSON, err error) {
		c, err := list(ctx, d, a)
		if err != nil {
			return p, err
		}
		p.data = make([]any, len(c.Nodes))
		for i, n := range c.Nodes {
			if p.data[i], err = enJSON(n); err != nil {
				return p, err
			}
		}
		p.premier, p.dernier = c.PageInfo().StartCursor, c.PageInfo().EndCursor
		if p.precedente, err = c.PageInfo().HasPreviousPage(ctx); err == nil {
			p.suivante, err = c.PageInfo().HasNextPage(ctx)
		}
		return p, err
	}}
}

// ouvert declares the paths of the feed.
func (s *serveur) ouvert(mux *http.ServeMux) {
	dates := []string{"all", "from", "to"}
	logiciels := collectionDe("Logiciels indisponibles", append([]string{"url"}, dates...), s.Store.LogicielsOuverts, func(l *db.LogicielOuvert) (any, error) {
		fichier, err := l.Publiccode()
		return logicielJSON{ID: l.UUID, PubliccodeYml: fichier, URL: publiccode.Adresse(l.Depot), Aliases: []string{}, Active: true, CreatedAt: instant(l.CreeLe), UpdatedAt: instant(l.EcritLe)}, err
	})
	editeurs := collectionDe("Éditeurs indisponibles", slices.Clone(dates), s.Store.EditeursOuverts, func(e *db.EditeurOuvert) (any, error) {
		return editeurJSON{ID: e.UUID, AlternativeID: e.Cle, Description: e.Nom, CodeHosting: []any{}, Active: e.Actif, CreatedAt: instant(e.CreeLe), UpdatedAt: instant(e.EcritLe)}, nil
	})
	catalogues := collectionDe("Catalogues indisponibles", slices.Clone(dates), s.Store.CataloguesOuverts, func(c *db.CatalogueOuvert) (any, error) {
		j := catalogueJSON{ID: c.UUID, AlternativeID: c.Cle, Name: c.Nom, Active: true, Sources: []sourceJSON{}, CreatedAt: instant(c.CreeLe), UpdatedAt: instant(c.EcritLe)}
		if c.Source != nil {
			j.Sources = append(j.Sources, sourceJSON{*c.Source})
		}
		return j, nil
	})
	for chemin, c := range map[string]collection{"software": logiciels, "publishers": editeurs, "catalogs": catalogues} {
		mux.HandleFunc("GET /v1/"+chemin, s.avecDelai(func(w http.ResponseWriter, r *http.Request) { s.liste(w, r, c, "") }))
		mux.HandleFunc("GET /v1/"+chemin+"/{id}", s.avecDelai(func(w http.ResponseWriter, r *http.Request) { s.fiche(w, r, c) }))
	}
	for chemin, c := range map[string]collection{"software": logiciels, "publishers": editeurs} {
		mux.HandleFunc("GET /v1/catalogs/{id}/"+chemin, s.avecDelai(func(w http.ResponseWriter, r *http.Request) {
			if _, ok := s.un(w, r, catalogues); ok {
				s.liste(w, r, c, r.PathValue("id"))
			}
		}))
	}
}

func (s *serveur) avecDelai(h http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(r.Context(), s.Delai)
		defer cancel()
		h(w, r.WithContext(ctx))
	}
}

// liste answers with a page.
func (s *serveur) liste(w http.ResponseWriter, r *http.Request, c collection, catalogue string) {
	d, a, err := readOuverte(r.URL.Query(), c.parametres)
	d.Catalogue = catalogue
	var p pageJSON
	if err == nil {
		p, err = c.page(r.Context(), d, a)
	}
	if err != nil {
		s.refuseOuvert(w, r, c, err)
		return
	}
	liens := map[string]*string{"prev": nil, "next": nil}
	if p.precedente {
		liens["prev"] = lien(r.URL.Query(), "page[before]", p.premier)
	}
	if p.suivante {
		liens["next"] = lien(r.URL.Query(), "page[after]", p.dernier)
	}
	writeJSON(w, map[string]any{"data": p.data, "links": liens})
}

// fiche answers with one thing.
func (s *serveur) fiche(w http.ResponseWriter, r *http.Request, c collection) {
	if une, ok := s.un(w, r, c); ok {
		writeJSON(w, une)
	}
}

// un reads the thing that the path names; when there is none, it has answered so.
func (s *serveur) un(w http.ResponseWriter, r *http.Request, c collection) (any, bool) {
	une := 1
	p, err := c.page(r.Context(), db.DemandeOuverte{ID: r.PathValue("id")}, page.Args{First: &une})
	if err == nil && len(p.data) == 0 {
		err = &db.Error{Code: db.CodeIntrouvable, Message: fmt.Sprintf("l'identifiant « %.80s » ne désigne rien ici", r.PathValue("id"))}
	}
	if err != nil {
		s.refuseOuvert(w, r, c, err)
		return nil, false
	}
	return p.data[0], true
}

// refuseOuvert answers an error with the statuses of this API: 422 for a parameter.
func (s *serveur) refuseOuvert(w http.ResponseWriter, r *http.Request, c collection, err error) {
	p := s.probleme(r.Context(), c.titre, err)
	if p.Status == http.StatusBadRequest {
		p.Status = http.StatusUnprocessableEntity
	}
	writeProbleme(w, p)
}

// readOuverte reads the parameters of a list of the feed.
func readOuverte(parametres url.Values, admis []string) (d db.DemandeOuverte, a page.Args, err error) {
	taille := pageOuverte
	for _, nom := range slices.Sorted(keysOf(parametres)) {
		v := parametres.Get(nom)
		if !slices.Contains(admis, nom) {
			return d, a, db.Invalid(nom, "le paramètre « %.40s » n'existe pas ; paramètres admis : %s", nom, strings.Join(admis, ", "))
		}
		switch nom {
		case "url":
			d.URL = v
		case "all":
			if d.Inactifs, err = strconv.ParseBool(v); err != nil {
				return d, a, db.Invalid(nom, "« all » vaut true ou false")
			}
		case "from", "to":
			t, err := time.Parse(time.RFC3339, v)
			if err != nil {
				return d, a, db.Invalid(nom, "« %s » attend un instant : 2022-06-07T09:56:23Z", nom)
			}
			if nom == "from" {
				d.Apres = &t
			} else {
				d.Avant = &t
			}
		case "page[size]":
			if taille, err = strconv.Atoi(v); err != nil || taille < 1 || taille > pageOuverteMax {
				return d, a, db.Invalid(nom, "« page[size] » est un nombre de 1 à %d", pageOuverteMax)
			}
		case "page[after]":
			a.After = &v
		case "page[before]":
			a.Before = &v
		}
	}
	if a.Before != nil && a.After == nil {
		a.Last = &taille
	} else {
		a.First = &taille
	}
	return d, a, nil
}

// lien leads to another page of the same list: the same parameters but for the cursor.
func lien(parametres url.Values, nom string, curseur *string) *string {
	if curseur == nil {
		return nil
	}
	var b strings.Builder
	for _, cle := range slices.Sorted(keysOf(parametres)) {
		if cle != "page[after]" && cle != "page[before]" {
			b.WriteString("&" + cle + "=" + url.QueryEscape(parametres.Get(cle)))
		}
	}
	l := "?" + nom + "=" + url.QueryEscape(*curseur) + b.String()
	return &l
}

func writeJSON(w http.ResponseWriter, v any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	_ = e.Encode(v) // a client that left has nobody to tell
}

// publiccode answers with the file of a software.
func (s *serveur) publiccode(w http.ResponseWriter, r *http.Request) {
	fichier, err := s.Store.Publiccode(r.Context(), r.PathValue("slug"))
	if err != nil {
		s.refuse(r.Context(), w, "publiccode.yml indisponible", err)
		return
	}
	w.Header().Set("Content-Type", "application/yaml; charset=utf-8")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	_, _ = w.Write([]byte(fichier))
}
