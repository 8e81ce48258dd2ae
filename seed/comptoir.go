package seed

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/mutualibre/mutualibre/domain/identifiant"
	"github.com/mutualibre/mutualibre/domain/rapprochement"
	"github.com/mutualibre/mutualibre/domain/texte"
)

// aSupprimer says whether the moderators of the Comptoir marked a sheet for removal: a duplicate, spam, a proprietary one.
func aSupprimer(nom string) bool {
	nom = texte.Normalize(nom)
	return strings.HasPrefix(nom, "logiciel a supprimer") || strings.HasSuffix(nom, " a supprimer")
}

// readComptoirCSV reads the CSV export of the Comptoir du Libre. Sheets marked for removal are reported and skipped.
func readComptoirCSV(ctx context.Context, c *chargement, f fichier) error {
	fiches, err := c.fichesComptoirCSV(f)
	if err != nil {
		return err
	}
	_, err = c.mergeSheets(ctx, catalogueComptoir, fiches)
	return err
}

func (c *chargement) fichesComptoirCSV(f fichier) ([]*ficheLogiciel, error) {
	vus := map[string]bool{}
	return lignes(c, func(yield func(*ficheLogiciel, error) bool) {
		for l, err := range readCSV(f, ';', "comptoir_id", "software", "license", "wikidata_id", "sill_id", "cnll_id", "framalibre_slug",
			"software_website", "software_repository", "comptoir_url", "wikidata_url", "sill_url", "cnll_url", "framalibre_url") {
			var x *ficheLogiciel
			if err == nil {
				x, err = ficheComptoirCSV(l)
			}
			if err == nil && vus[x.propre.Valeur] {
				err = l.refus("comptoir_id", "cet identifiant est déjà celui d'une autre ligne")
			}
			if err == nil {
				vus[x.propre.Valeur] = true
				if aSupprimer(x.nom) {
					c.report(l.no, "software", x.nom, "fiche marquée à supprimer par le Comptoir : elle n'est pas reprise")
					continue
				}
			}
			if !yield(x, err) {
				return
			}
		}
	})
}

func ficheComptoirCSV(l ligneCSV) (*ficheLogiciel, error) {
	nom := texte.SansEspacesSuperflus(l.val("software"))
	if nom == "" {
		return nil, l.refus("software", "le nom est obligatoire")
	}
	if !motifNombre.MatchString(l.val("comptoir_id")) {
		return nil, l.refus("comptoir_id", "un nombre entier est attendu")
	}
	autres, err := identifiantsCSV(l, "sill_id", "wikidata_id", "", "cnll_id", "framalibre_slug")
	if err != nil {
		return nil, err
	}
	x := &ficheLogiciel{
		ligne: l.no, propre: cleComptoir(l.val("comptoir_id")), autres: autres, nom: nom, licence: l.val("license"),
		site: l.val("software_website"), depot: l.val("software_repository"),
	}
	siteOuDepot(x)
	return x, nil
}

// siteOuDepot settles the sheets where one address fills both fields: it is the repository on what looks like a forge,
// else the site.
func siteOuDepot(x *ficheLogiciel) {
	site, _ := adresse(x.site)
	depot, _ := adresse(x.depot)
	if site == "" || strings.TrimSuffix(site, "/") != strings.TrimSuffix(depot, "/") {
		return
	}
	if forge(identifiant.Depot(x.depot)) {
		x.site = ""
	} else {
		x.depot = ""
	}
}

// forge says whether the host of a normalised repository looks like a forge.
func forge(depot string) bool {
	hote, _, _ := strings.Cut(depot, "/")
	for _, signe := range []string{"git", "forge", "bitbucket.org", "codeberg.org", "sourceforge.net", "salsa.debian.org", "svn", "scm", "adullact.net"} {
		if strings.Contains(hote, signe) {
			return true
		}
	}
	return false
}

// membreComptoir is an account of the Comptoir: who uses a software, or offers services on it.
type membreComptoir struct {
	ligne          int
	id, nom, genre string
	site           string
}

type ficheComptoir struct {
	*ficheLogiciel
	prestataires, utilisateurs []membreComptoir
}

// readComptoirJSON reads the JSON v1 export of the Comptoir du Libre, in which an absent object is written []. Providers
// become prestataires. Users are names typed by hand: a user becomes an organisation's usage only when the type is
// Administration and exactly one organisation of France bears that name; the others are reported. The Comptoir says
// neither since when nor how many: the usage is in production, direct, seen on the day of the export.
func readComptoirJSON(ctx context.Context, c *chargement, f fichier) error {
	export, fiches, err := c.fichesComptoirJSON(f)
	if err != nil {
		return err
	}
	simples := make([]*ficheLogiciel, len(fiches))
	for i, x := range fiches {
		simples[i] = x.ficheLogiciel
	}
	ids, err := c.mergeSheets(ctx, catalogueComptoir, simples)
	if err != nil {
		return err
	}
	source, err := c.source(ctx, catalogueComptoir.origine)
	if err != nil {
		return err
	}
	var offres []offre
	for i, x := range fiches {
		for _, m := range x.prestataires {
			offres = append(offres, offre{prestataireLu{ligne: m.ligne, nom: m.nom, comptoir: m.id, site: m.site}, ids[i]})
		}
	}
	if err := c.writeOffres(ctx, source, offres); err != nil {
		return err
	}
	return c.usagesComptoir(ctx, source, export, fiches, ids)
}

// fichesComptoirJSON returns the day of the export and its sheets.
func (c *chargement) fichesComptoirJSON(f fichier) (time.Time, []ficheComptoir, error) {
	date, err := champRacine(f, "date_of_export")
	if err != nil {
		return time.Time{}, nil, err
	}
	export, ok := dateISO(date)
	if !ok {
		c.refuse(nouvelleAnomalie(f.nom, 0, "date_of_export", date, "la date de l'export est obligatoire : aaaa-mm-jj"))
	}
	vus := map[string]bool{}
	fiches, err := lignes(c, func(yield func(ficheComptoir, error) bool) {
		for o, err := range objetsJSON(f, "softwares") {
			var x ficheComptoir
			if err == nil {
				x, err = readFicheComptoir(o)
			}
			if err == nil && vus[x.propre.Valeur] {
				_, champ, _ := o.champ("id")
				err = o.refus("id", champ, "cet identifiant est déjà celui d'une autre fiche")
			}
			if err == nil {
				vus[x.propre.Valeur] = true
				if aSupprimer(x.nom) {
					c.report(x.ligne, "name", x.nom, "fiche marquée à supprimer par le Comptoir : elle n'est pas reprise")
					continue
				}
			}
			if !yield(x, err) {
				return
			}
		}
	})
	if err != nil {
		return time.Time{}, nil, err
	}
	return export, fiches, c.bilanErreurs()
}

func readFicheComptoir(o objetJSON) (ficheComptoir, error) {
	l := &lectureJSON{}
	f := &ficheLogiciel{ligne: o.ligne, nom: texte.SansEspacesSuperflus(l.texte(o, "name")), licence: l.texte(o, "licence")}
	id := l.entier(o, "id")
	f.propre = cleComptoir(id)
	if r, ok := l.objet(o, "external_resources"); ok {
		f.site, f.depot = l.texte(r, "website"), l.texte(r, "repository")
		if e, ok := l.objet(r, "sill"); ok {
			f.autres = append(f.autres, cleSILL(l.entier(e, "id")))
		}
		if e, ok := l.objet(r, "wikidata"); ok {
			f.autres = append(f.autres, cleWikidata(l.texte(e, "id")))
		}
		if e, ok := l.objet(r, "cnll"); ok {
			adresse := strings.TrimRight(l.texte(e, "url"), "/")
			if n := adresse[strings.LastIndexByte(adresse, '/')+1:]; motifNombre.MatchString(n) {
				f.autres = append(f.autres, cleCNLL(n))
			}
		}
		if e, ok := l.objet(r, "framalibre"); ok {
			f.autres = append(f.autres, cleFramalibre(l.texte(e, "slug")))
		}
	}
	siteOuDepot(f)
	x := ficheComptoir{f, l.membres(o, "providers"), l.membres(o, "users")}
	if l.err != nil {
		return x, l.err
	}
	if id == "" {
		return x, nouvelleAnomalie(o.fichier, o.ligne, "id", "", "l'identifiant est obligatoire")
	}
	if f.nom == "" {
		return x, nouvelleAnomalie(o.fichier, o.ligne, "name", "", "le nom est obligatoire")
	}
	for _, k := range append([]rapprochement.Cle{f.propre}, f.autres...) {
		if motif := mauvaisIdentifiant(k.Genre, k.Valeur); motif != "" && k.Valeur != "" {
			return x, nouvelleAnomalie(o.fichier, o.ligne, nomGenre(k.Genre), k.Valeur, motif)
		}
	}
	return x, nil
}

func (l *lectureJSON) membres(o objetJSON, nom string) []membreComptoir {
	var out []membreComptoir
	for _, e := range l.objets(o, nom) {
		m := membreComptoir{ligne: e.ligne, id: l.entier(e, "id"), nom: texte.SansEspacesSuperflus(l.texte(e, "name")), genre: l.texte(e, "type")}
		if r, ok := l.objet(e, "external_resources"); ok {
			m.site = l.texte(r, "website")
		}
		if l.err == nil && (!motifNombre.MatchString(m.id) || m.nom == "" || len(m.nom) > 2*maxNom) {
			l.err = nouvelleAnomalie(e.fichier, e.ligne, nom, m.nom, "un identifiant et un nom (400 octets au plus) sont obligatoires")
		}
		out = append(out, m)
	}
	return out
}

// usagesComptoir writes one usage per user that is an organisation for certain. The first export to show it keeps its day
// as constate_le; a later one confirms it.
func (c *chargement) usagesComptoir(ctx context.Context, source int64, export time.Time, fiches []ficheComptoir, ids []int64) error {
	qui, err := c.utilisateurs(ctx, fiches)
	if err != nil {
		return err
	}
	connus, err := c.logiciels(ctx)
	if err != nil {
		return err
	}
	libre := map[int64]bool{}
	for _, l := range connus.parSlug {
		libre[l.id] = l.libre
	}
	type dates struct{ constate, confirme time.Time }
	avant := map[string]dates{}
	rows, err := c.tx.Query(ctx, `SELECT cle::text, constate_le, coalesce(confirme_le, constate_le) FROM usage WHERE source_id = $1`, source)
	if err != nil {
		return fmt.Errorf("lecture des usages : %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var cle string
		var d dates
		if err := rows.Scan(&cle, &d.constate, &d.confirme); err != nil {
			return fmt.Errorf("lecture des usages : %w", err)
		}
		avant[cle] = d
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("lecture des usages : %w", err)
	}
	vus := map[string]bool{}
	var rangs [][]any
	for i, x := range fiches {
		for _, m := range x.utilisateurs {
			org, ok := qui[m.id]
			if !ok || ids[i] == 0 {
				continue
			}
			cle := identifiant.UUID("usage", "comptoir", x.propre.Valeur, m.id)
			if vus[cle] {
				continue
			}
			vus[cle] = true
			d, deja := avant[cle]
			if !deja || export.Before(d.constate) {
				d.constate = export
			}
			if export.After(d.confirme) {
				d.confirme = export
			}
			rangs = append(rangs, []any{cle, org.id, org.departement, ids[i], libre[ids[i]], "PRODUCTION", "DIRECT", source, d.constate, d.confirme})
		}
	}
	return c.merge(ctx, fusion{
		table: "usage",
		colonnes: []string{"cle", "utilisateur_id", "departement", "logiciel_id", "libre", "statut", "modalite", "source_id", "constate_le",
			"confirme_le"},
		cle: []string{"cle"},
	}, func(yield func([]any) bool) {
		for _, r := range rangs {
			if !yield(r) {
				return
			}
		}
	})
}

// utilisateurs finds the organisation of each account, by its id, and reports those that are none for certain.
func (c *chargement) utilisateurs(ctx context.Context, fiches []ficheComptoir) (map[string]organisationConnue, error) {
	rows, err := c.tx.Query(ctx, `SELECT id, cle, genre, departement, nom_tri, coalesce(nature, '') FROM organisation WHERE actif`)
	if err != nil {
		return nil, fmt.Errorf("lecture des organisations : %w", err)
	}
	defer rows.Close()
	parNom, communes := map[string][]organisationConnue{}, map[string][]organisationConnue{}
	for rows.Next() {
		var o organisationConnue
		var tri, nature string
		if err := rows.Scan(&o.id, &o.cle, &o.genre, &o.departement, &tri, &nature); err != nil {
			return nil, fmt.Errorf("lecture des organisations : %w", err)
		}
		if o.genre != "PRESTATAIRE" {
			parNom[tri] = append(parNom[tri], o)
		}
		if nature == "COMMUNE" {
			communes[tri] = append(communes[tri], o)
		}
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("lecture des organisations : %w", err)
	}
	out, vus := map[string]organisationConnue{}, map[string]bool{}
	for _, x := range fiches {
		for _, m := range x.utilisateurs {
			if vus[m.id] {
				continue
			}
			vus[m.id] = true
			tri := texte.Normalize(m.nom)
			candidats := parNom[tri]
			if commune, ok := sansVilleDe(tri); ok {
				candidats = communes[commune]
			}
			switch {
			case m.genre != "Administration":
				c.report(m.ligne, "users", m.nom, "ce n'est pas une administration : aucun usage n'est créé")
			case len(candidats) == 1:
				out[m.id] = candidats[0]
			case len(candidats) > 1:
				c.report(m.ligne, "users", m.nom, fmt.Sprintf("%d organisations portent ce nom : aucun usage n'est créé", len(candidats)))
			default:
				c.report(m.ligne, "users", m.nom, "aucune organisation ne porte exactement ce nom : aucun usage n'est créé")
			}
		}
	}
	return out, nil
}

// sansVilleDe removes what stands before the name of a commune in a normalised name: only a commune is then meant.
func sansVilleDe(tri string) (string, bool) {
	for _, quoi := range []string{"ville", "commune", "mairie"} {
		reste, ok := strings.CutPrefix(tri, quoi+" ")
		if !ok {
			continue
		}
		for _, mot := range []string{"de ", "d ", "du ", "des "} {
			nom, ok := strings.CutPrefix(reste, mot)
			if !ok {
				continue
			}
			switch mot {
			case "du ": // Le Mans, Les Herbiers
				return "le " + nom, true
			case "des ":
				return "les " + nom, true
			}
			return nom, true
		}
	}
	return "", false
}
