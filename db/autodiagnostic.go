package db

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/uptrace/bun"

	"github.com/mutualibre/mutualibre/domain/label"
)

// The self-assessment rests on what is public and nothing else, so that everyone reads the same; and on the answers of an
// application, for those who may read it. It is made for every organisation of a lot at once.

// EtatCritere is how far a criterion is met.
type EtatCritere = label.Etat

const (
	// maxComparables, maxLaureats and maxExemples bound whom an organisation is compared with, maxPreuves the rows shown.
	maxComparables, maxLaureats, maxExemples, maxPreuves = 10, 50, 5, 20
	avertissementLabel                                   = "Autodiagnostic d’après ce que le graphe sait de public, et qui est incomplet : ce n’est pas le label, dont les pondérations ne sont pas publiques et qu’un jury décerne."
)

// Autodiagnostic is where an organisation stands with regard to the label.
type Autodiagnostic struct {
	membre[*Autodiagnostic]

	Avertissement string
	Grille        string
	Edition       *EditionLabel
	DernierLabel  *LabelObtenu
	NiveauSuivant *NiveauLabel
	Remarque      *string
	AvecReponses  bool
	Themes        []*EstimationTheme
	Comparables   []*ComparableLabel

	organisation int64
	releve       *releve
	mesures      label.Mesures // those of releve, with its answers
	lignes       []label.Ligne // what they are worth
	themes       map[CodeThemeLabel]*ThemeLabel
	pistes       []*PisteLabel
}

// EstimationTheme bounds what a theme is worth, out of 100.
type EstimationTheme struct {
	Theme      *ThemeLabel
	Code       CodeThemeLabel
	Plancher   float64
	Plafond    float64
	Couverture float64
	Marge      float64
	Criteres   []*LigneCritere
}

// LigneCritere is what a criterion is worth, with the rows that it comes from.
type LigneCritere struct {
	label.Ligne
	Preuves []*PreuveLabel
}

// PreuveLabel is a row of the graph that a criterion rests on.
type PreuveLabel struct {
	membre[*PreuveLabel]

	Texte    string
	SourceID int64

	objet rang
}

// PisteLabel is what would raise an estimate.
type PisteLabel struct {
	membre[*PisteLabel]

	Critere  *LigneCritere
	Theme    CodeThemeLabel
	Gain     float64
	Laureats *LaureatsCritere

	exemples []int64
}

// LaureatsCritere counts the known laureates of a level that meet a criterion.
type LaureatsCritere struct {
	Niveau     *NiveauLabel
	Connus     int
	Renseignes int
	Satisfont  int
}

// ComparableLabel is a laureate like the organisation.
type ComparableLabel struct {
	membre[*ComparableLabel]

	Label  *LabelObtenu
	Themes []*EstimationTheme

	organisation int64
}

// SimulationLabel is a self-assessment made as if some software were in use.
type SimulationLabel struct {
	Themes        []*EstimationTheme
	Criteres      []*LigneCritere
	Mutualisables []*Logiciel
}

// couche is a layer of the information system.
type couche string

const (
	couchePoste   couche = "POSTE"
	coucheServeur couche = "SERVEUR"
	coucheMetier  couche = "METIER"
	coucheEcoles  couche = "ECOLES"
	coucheDonnees couche = "DONNEES"
)

// couches says in which layer the software of a category is, and of those below it that have none of their own. One that has
// several categories may be in several.
func couches() (codes []string, layers []couche) {
	return []string{"bureautique", "collaboration", "infrastructure", "web", "metier", "education", "donnees-ouvertes"},
		[]couche{couchePoste, couchePoste, coucheServeur, coucheServeur, coucheMetier, coucheEcoles, coucheDonnees}
}

// enService is a software in use, once for an organisation.
type enService struct {
	libre, mutualise bool
	couches          []couche
}

// releve is all that was read of one organisation.
type releve struct {
	label.Mesures
	preuves  map[label.Critere][]*PreuveLabel
	logiciel map[int64]*enService
	labels   []*LabelObtenu // latest first
	lignes   []label.Ligne  // what each criterion is worth, by what is public
}

// note keeps a row that a criterion rests on.
func (r *releve) note(c label.Critere, p PreuveLabel) {
	if len(r.preuves[c]) < maxPreuves {
		r.preuves[c] = append(r.preuves[c], &p)
	}
}

// compter counts the software in use by layer.
func (r *releve) compter() {
	m := &r.Mesures
	m.Libres, m.Mutualises, m.OutilsDonnees = 0, 0, 0
	m.Poste, m.Serveur, m.Metier, m.Ecoles = label.Couche{}, label.Couche{}, label.Couche{}, label.Couche{}
	parCouche := map[couche]*label.Couche{couchePoste: &m.Poste, coucheServeur: &m.Serveur, coucheMetier: &m.Metier, coucheEcoles: &m.Ecoles}
	for _, l := range r.logiciel {
		if l.libre {
			m.Libres++
			if l.mutualise {
				m.Mutualises++
			}
		}
		for _, c := range l.couches {
			if n := parCouche[c]; n != nil {
				n.Connus++
				if l.libre {
					n.Libres++
				}
			} else if l.libre {
				m.OutilsDonnees++
			}
		}
	}
}

// estimer shows the estimates by theme, with the criteria.
func estimer(lignes []label.Ligne, preuves map[label.Critere][]*PreuveLabel, themes map[CodeThemeLabel]*ThemeLabel) []*EstimationTheme {
	var all []*EstimationTheme
	for _, e := range label.Estimer(lignes) {
		t := &EstimationTheme{Theme: themes[e.Theme], Code: e.Theme, Plancher: e.Plancher, Plafond: e.Plafond, Couverture: e.Couverture, Marge: e.Marge()}
		for _, l := range lignes {
			if l.Theme == e.Theme {
				t.Criteres = append(t.Criteres, &LigneCritere{Ligne: l, Preuves: preuves[l.Critere]})
			}
		}
		all = append(all, t)
	}
	return all
}

const sqlCouches = `WITH RECURSIVE couche AS (
		SELECT c.id, x.couche FROM categorie c JOIN unnest($2::text[], $3::text[]) x (code, couche) ON x.code = c.code
		UNION SELECT c.id, k.couche FROM categorie c JOIN couche k ON c.parent_id = k.id WHERE c.code <> ALL ($2::text[])
	) `

const couchesDuLogiciel = `coalesce((SELECT array_agg(DISTINCT k.couche ORDER BY k.couche) FROM logiciel_categorie lc JOIN couche k ON k.id = lc.categorie_id
	WHERE lc.logiciel_id = l.id), '{}')`

// sqlEnService reads the public usages in force of some organisations, each with the layers of its software. A syndicat
// shares by itself what it uses and has in its own catalogue.
var sqlEnService = sqlCouches + `SELECT u.utilisateur_id, u.id, l.id, l.nom, u.libre, u.syndicat_id IS NOT NULL OR EXISTS (SELECT FROM catalogue k
		JOIN entree_catalogue e ON e.catalogue_id = k.id WHERE k.syndicat_id = u.utilisateur_id AND e.logiciel_id = l.id AND ` + propose + `), u.source_id, ` + couchesDuLogiciel + `
	FROM public.usage u JOIN logiciel l ON l.id = u.logiciel_id
	WHERE u.utilisateur_id = ANY ($1::bigint[]) AND u.visibilite = 'PUBLIC' AND ` + auJour(enVigueur, "current_date") + `
	ORDER BY u.libre DESC, l.nom_tri, u.id`

// numerique tells the syndicats that share digital means: those with a catalogue, or whose business it is (BANATIC's codes of
// 2021 and 2025).
const numerique = `(EXISTS (SELECT FROM catalogue k WHERE k.syndicat_id = o.id)
	OR EXISTS (SELECT FROM competence_exercee x WHERE x.organisation_id = o.id AND (x.nomenclature, x.code) IN (('banatic-2021', '9930'), ('banatic-2025', '7530'))))`

// releves reads, of each organisation, all that the criteria rest on: one statement for each kind of row.
func (s *Store) releves(ctx context.Context, ids []int64) (map[int64]*releve, error) {
	all := make(map[int64]*releve, len(ids))
	for _, id := range ids {
		all[id] = &releve{preuves: map[label.Critere][]*PreuveLabel{}, logiciel: map[int64]*enService{}}
	}
	for _, read := range []func(context.Context, []int64, map[int64]*releve) error{s.releverUsages, s.releverFaits, s.releverEconomies, s.releverSyndicats,
		s.releverEcosysteme, s.releverLabels} {
		if err := read(ctx, ids, all); err != nil {
			return nil, err
		}
	}
	for _, r := range all {
		r.compter()
		r.lignes = label.Evaluer(r.Mesures)
	}
	return all, nil
}

func (s *Store) releverUsages(ctx context.Context, ids []int64, all map[int64]*releve) error {
	codes, layers := couches()
	rows, err := kept[struct {
		Organisation, Usage, Logiciel int64
		Nom                           string
		Libre, Mutualise              bool
		Source                        int64
		Couches                       []couche
	}](ctx, s, sqlEnService, ids, codes, layers)
	criteres := map[couche]label.Critere{couchePoste: label.LibrePoste, coucheServeur: label.LibreServeur, coucheMetier: label.LibreMetier,
		coucheEcoles: label.LibreEcoles, coucheDonnees: label.DonneesOuvertes}
	for _, u := range rows {
		r := all[u.Organisation]
		l := r.logiciel[u.Logiciel]
		if l == nil {
			l = &enService{libre: u.Libre, couches: u.Couches}
			r.logiciel[u.Logiciel] = l
		}
		l.mutualise = l.mutualise || u.Mutualise
		nature := "propriétaire"
		if u.Libre {
			nature = "libre"
		}
		p := PreuveLabel{Texte: fmt.Sprintf("%s, %s", u.Nom, nature), objet: rang{"Usage", u.Usage}, SourceID: u.Source}
		for _, c := range u.Couches {
			if c != coucheDonnees || u.Libre {
				r.note(criteres[c], p)
			}
		}
		if u.Libre && u.Mutualise {
			p.Texte = u.Nom + ", par un syndicat"
			r.note(label.PartMutualisee, p)
		}
	}
	return err
}

// surtout are the words by which a document tells more than half; others may tell anything, and tell nothing here.
var surtout = map[string]bool{"la totalité": true, "près de la totalité": true, "la quasi-totalité": true, "presque tous": true, "la plupart": true, "la majorité": true}

// releverFaits reads what documents tell. A share told without a number, « presque tous », is worth more than half: no more
// is claimed.
func (s *Store) releverFaits(ctx context.Context, ids []int64, all map[int64]*releve) error {
	rows, err := kept[struct {
		Organisation        int64
		Fait, Valeur, Annee string
		Source              int64
	}](ctx, s, `SELECT fa.organisation_id, fa.fait, fa.valeur, fa.date, fa.source_id FROM fait fa
		WHERE fa.organisation_id = ANY ($1::bigint[]) ORDER BY fa.date, fa.id`, ids)
	for _, f := range rows {
		r := all[f.Organisation]
		m := &r.Mesures
		n, erreur := strconv.ParseFloat(f.Valeur, 64)
		chiffre := erreur == nil && n >= 0
		part := chiffre && n <= 1
		var (
			critere label.Critere
			texte   string
		)
		switch {
		case f.Fait == "deliberation_logiciels_libres":
			critere, texte = label.Deliberation, "délibération en faveur des logiciels libres"
			m.Deliberations++
		case (f.Fait == "part_postes_bureautique_libre" || f.Fait == "postes_passes_a_libreoffice") && part:
			critere, texte = label.LibrePoste, "part des postes sous une bureautique libre"
			m.PartPostes = &n
		case f.Fait == "serveurs_sous_linux" && (part || surtout[f.Valeur]):
			critere, texte = label.LibreServeur, "part des serveurs sous un système libre"
			if part {
				m.PartServeurs = &n
			} else {
				m.ServeursSurtoutLibres = true
			}
		case f.Fait == "logiciels_metiers_libres" && chiffre && n <= 10_000:
			critere, texte = label.LibreMetier, "logiciels métier libres"
			m.MetiersLibres = int(n)
		case f.Fait == "donnees_ouvertes":
			critere, texte = label.DonneesOuvertes, "données ouvertes"
			m.Ouvertures++
		case f.Fait == "donnees_ouvertes_projet":
			critere, texte = label.DonneesOuvertes, "projet de données ouvertes"
			m.ProjetsDonnees++
		case f.Fait == "soutien_ecosysteme":
			critere, texte = label.Sensibilisation, "soutien à l’écosystème"
			m.Sensibilisations++
		default:
			continue
		}
		r.note(critere, PreuveLabel{Texte: fmt.Sprintf("%s : %s (%s)", texte, f.Valeur, f.Annee), SourceID: f.Source})
	}
	return err
}

// statutsEconomie says each statut of a saving in words.
var statutsEconomie = map[string]string{"POTENTIELLE": "potentielle", "PREVUE": "prévue", "ANNONCEE": "annoncée", "CONSTATEE": "constatée", "VERIFIEE": "vérifiée"}

func (s *Store) releverEconomies(ctx context.Context, ids []int64, all map[int64]*releve) error {
	rows, err := kept[struct {
		Organisation, ID int64
		Statut           string
		Brut             *Euros
		Source           int64
	}](ctx, s, `SELECT e.beneficiaire_id, e.id, e.statut, e.brut_centimes, e.source_id FROM public.economie e
		WHERE e.beneficiaire_id = ANY ($1::bigint[]) AND e.visibilite = 'PUBLIC' AND e.statut <> 'ESTIMEE' ORDER BY e.id`, ids)
	for _, e := range rows {
		r := all[e.Organisation]
		if e.Statut == "CONSTATEE" || e.Statut == "VERIFIEE" {
			r.BilansConstates++
		} else {
			r.BilansAnnonces++
		}
		texte := "économie " + statutsEconomie[e.Statut]
		if e.Brut != nil {
			texte += " : " + e.Brut.String() + " €"
		}
		r.note(label.BilanPublie, PreuveLabel{Texte: texte, objet: rang{"Economie", e.ID}, SourceID: e.Source})
	}
	return err
}

// releverSyndicats reads through which syndicats an organisation shares its means; one that has a catalogue is such a means.
func (s *Store) releverSyndicats(ctx context.Context, ids []int64, all map[int64]*releve) error {
	rows, err := kept[struct {
		Organisation, Syndicat int64
		Nom                    string
		Source                 int64
	}](ctx, s, `SELECT DISTINCT ON (a.membre_id, o.nom_tri, o.id) a.membre_id, o.id, o.nom, a.source_id FROM adhesion a JOIN organisation o ON o.id = a.groupement_id
			WHERE a.membre_id = ANY ($1::bigint[]) AND a.confirmee AND o.genre = 'SYNDICAT' AND o.actif
				AND coalesce(a.debut, current_date) <= current_date AND coalesce(a.fin, 'infinity') > current_date AND `+numerique+`
		UNION ALL SELECT o.id, o.id, o.nom, o.source_id FROM organisation o WHERE o.id = ANY ($1) AND o.genre = 'SYNDICAT' AND EXISTS (SELECT FROM catalogue k WHERE k.syndicat_id = o.id)`, ids)
	for _, a := range rows {
		r := all[a.Organisation]
		r.Groupements++
		r.note(label.MoyensMutualises, PreuveLabel{Texte: a.Nom, objet: rang{"Organisation", a.Syndicat}, SourceID: a.Source})
	}
	return err
}

// sqlEcosysteme reads, by organisation, its parts in developments that everyone may read and that serve others, what it
// organised or said at events that were held, support not being hosting, and the experiences that it tells.
const sqlEcosysteme = `SELECT pd.organisation_id, 'CONTRIBUTIONS', 'Developpement', dv.id, l.nom || ' : ' || dv.titre, pd.source_id
		FROM participation_developpement pd JOIN developpement dv ON dv.id = pd.developpement_id JOIN logiciel l ON l.id = dv.logiciel_id AND l.libre
		WHERE pd.organisation_id = ANY ($1::bigint[]) AND pd.visibilite = 'PUBLIC' AND pd.role IN ('FINANCEUR', 'MAITRE_OUVRAGE', 'REALISATEUR', 'TRADUCTEUR', 'DOCUMENTALISTE')
			AND ` + profite + `
	UNION SELECT x.organisation_id, 'RENCONTRES', 'Rencontre', r.id, r.nom, x.source_id FROM rencontre_organisateur x JOIN rencontre r ON r.id = x.rencontre_id
		WHERE x.organisation_id = ANY ($1) AND x.role = 'ORGANISATEUR' AND NOT r.annulee AND r.dernier_jour < current_date
	UNION SELECT x.organisation_id, 'RENCONTRES', 'Intervention', i.id, i.titre, i.source_id FROM intervention_organisation x JOIN intervention i ON i.id = x.intervention_id
		JOIN rencontre r ON r.id = i.rencontre_id WHERE x.organisation_id = ANY ($1) AND NOT r.annulee AND r.dernier_jour < current_date
	UNION SELECT re.organisation_id, 'RETOURS_EXPERIENCE', 'RetourExperience', re.id, re.titre, re.source_id FROM retour_experience re WHERE re.organisation_id = ANY ($1)
	ORDER BY 1, 2, 3, 4, 6`

func (s *Store) releverEcosysteme(ctx context.Context, ids []int64, all map[int64]*releve) error {
	rows, err := kept[struct {
		Organisation int64
		Critere      label.Critere
		Objet        string
		ID           int64
		Texte        string
		Source       int64
	}](ctx, s, sqlEcosysteme, ids)
	var last struct {
		organisation int64
		objet        rang
	}
	for _, x := range rows {
		r := all[x.Organisation]
		p := PreuveLabel{Texte: x.Texte, objet: rang{x.Objet, x.ID}, SourceID: x.Source}
		if last.organisation == x.Organisation && last.objet == p.objet { // two parts in one development are one
			continue
		}
		last.organisation, last.objet = x.Organisation, p.objet
		switch x.Critere {
		case label.Contributions:
			r.Contributions++
		case label.Rencontres:
			r.Rencontres++
		case label.RetoursExperience:
			r.Retours++
			r.note(label.BilanPublie, p)
		}
		r.note(x.Critere, p)
	}
	return err
}

// releverLabels reads the labels won, and what their mentions tell.
func (s *Store) releverLabels(ctx context.Context, ids []int64, all map[int64]*releve) error {
	var rows []*LabelObtenu
	if err := many(ctx, ofEditions(selectRows(s, (*LabelObtenu)(nil), columnsLabelObtenu)).
		Where("lo.organisation_id IN (?)", bun.List(ids)).OrderExpr("ed.annee DESC, (SELECT ln.rang FROM label_niveau ln WHERE ln.referentiel_id = ed.referentiel_id AND ln.genre = 'NIVEAU' AND ln.code = lo.niveau) DESC NULLS LAST, lo.id"), &rows); err != nil {
		return err
	}
	gather(rows)
	for _, l := range rows {
		r := all[l.OrganisationID]
		r.labels = append(r.labels, l)
		for _, m := range l.Mentions {
			p := PreuveLabel{Texte: fmt.Sprintf("Mention « %s », %d", m, l.Annee), SourceID: l.SourceID}
			switch {
			case strings.HasPrefix(m, "Sobriété"):
				r.MentionSobriete = true
				r.note(label.Sobriete, p)
			case strings.HasPrefix(m, "Promotion"):
				r.MentionPromotion = true
				r.note(label.Sensibilisation, p)
			}
		}
	}
	return nil
}

// AutodiagnosticDe assesses an organisation on the scale of the edition of a year, the latest known for nil. Errors:
// CodeArgumentInvalide for a year without edition, or when the graph is read in the past.
func (s *Store) AutodiagnosticDe(ctx context.Context, f *Fiche, annee *int, sel Selection) (*Autodiagnostic, error) {
	if err := presentSeulement(ctx, "autodiagnostic"); err != nil {
		return nil, err
	}
	found, err := perLot(ctx, f.lot, sel.Cle, func(ctx context.Context, members []*Fiche) (map[int64]*Autodiagnostic, error) {
		return s.autodiagnostiquer(ctx, distinct(members, ficheID), annee)
	})
	return found[f.Rowid], err
}

func (s *Store) autodiagnostiquer(ctx context.Context, ids []int64, annee *int) (map[int64]*Autodiagnostic, error) {
	edition, err := s.EditionLabel(ctx, annee)
	if err != nil {
		return nil, err
	}
	if edition == nil && annee != nil {
		return nil, Invalid("edition", "« edition » : aucune édition du label n'est connue pour %d", *annee)
	}
	var referentiels []int64
	if edition != nil && edition.ReferentielID != nil {
		referentiels = []int64{*edition.ReferentielID}
	}
	tousNiveaux, err := s.niveaux(ctx, referentiels)
	if err != nil {
		return nil, err
	}
	var niveaux []*NiveauLabel
	for _, n := range tousNiveaux {
		if n.Genre == "NIVEAU" {
			niveaux = append(niveaux, n)
		}
	}
	noms, err := s.themesLabel(ctx, referentiels)
	if err != nil {
		return nil, err
	}
	themes := map[CodeThemeLabel]*ThemeLabel{}
	for _, t := range noms {
		themes[t.Code] = t
	}
	comparables, err := s.comparablesLabel(ctx, ids)
	if err != nil {
		return nil, err
	}
	laureats, err := s.laureatsParNiveau(ctx, referentiels)
	if err != nil {
		return nil, err
	}
	reponses, err := s.reponsesLisibles(ctx, ids, edition)
	if err != nil {
		return nil, err
	}
	tous := slices.Clone(ids)
	for _, others := range []map[int64][]int64{comparables, laureats} {
		for _, o := range others {
			tous = append(tous, o...)
		}
	}
	slices.Sort(tous)
	releves, err := s.releves(ctx, slices.Compact(tous))
	if err != nil {
		return nil, err
	}

	a := &autodiagnostics{edition: edition, niveaux: niveaux, themes: themes, laureats: laureats, releves: releves}
	found := make(map[int64]*Autodiagnostic, len(ids))
	for _, id := range ids {
		found[id] = a.make(id, comparables[id], reponses[id])
	}
	a.gather(found)
	return found, nil
}

// autodiagnostics is what the self-assessments of a lot have in common.
type autodiagnostics struct {
	edition  *EditionLabel
	niveaux  []*NiveauLabel
	themes   map[CodeThemeLabel]*ThemeLabel
	laureats map[int64][]int64 // by rank
	releves  map[int64]*releve
}

func (a *autodiagnostics) make(id int64, comparables []int64, reponses map[label.Critere]label.Etat) *Autodiagnostic {
	r := a.releves[id]
	mesures := r.Mesures // its answers are its own: as another's laureate or comparable, it is what is public
	mesures.Reponses = reponses
	lignes := label.Evaluer(mesures)
	d := &Autodiagnostic{Avertissement: avertissementLabel, Grille: label.Version, Edition: a.edition, AvecReponses: len(reponses) > 0,
		Themes: estimer(lignes, r.preuves, a.themes), organisation: id, releve: r, mesures: mesures, lignes: lignes, themes: a.themes}
	if len(r.labels) > 0 {
		d.DernierLabel = r.labels[0]
	}
	d.NiveauSuivant = a.suivant(r)
	d.Remarque = a.remarque(r, d)
	for _, c := range comparables {
		autre := a.releves[c]
		d.Comparables = append(d.Comparables, &ComparableLabel{Label: autre.labels[0], Themes: estimer(autre.lignes, nil, a.themes), organisation: c})
	}
	d.pistes = a.pistes(lignes, r, d.NiveauSuivant, comparables, id)
	return d
}

// suivant is the level after the highest won on the scale of the edition; the first when none was; nil past the last.
func (a *autodiagnostics) suivant(r *releve) *NiveauLabel {
	best := -1
	for _, l := range r.labels {
		if a.edition == nil || a.edition.ReferentielID == nil || deref(l.ReferentielID) != *a.edition.ReferentielID || l.Niveau == nil {
			continue
		}
		best = max(best, slices.IndexFunc(a.niveaux, func(n *NiveauLabel) bool { return n.Code == *l.Niveau }))
	}
	if best+1 < len(a.niveaux) {
		return a.niveaux[best+1]
	}
	return nil
}

func (a *autodiagnostics) remarque(r *releve, d *Autodiagnostic) *string {
	if a.edition == nil {
		return remarque("aucune édition du label n’est connue")
	}
	autre := d.DernierLabel != nil && deref(d.DernierLabel.ReferentielID) != deref(a.edition.ReferentielID)
	var former string
	if autre {
		former = fmt.Sprintf("son dernier label connu, de %d, est sur une autre échelle : aucune équivalence n’est publiée", d.DernierLabel.Annee)
	}
	return remarque(former,
		said(d.DernierLabel == nil, "aucun label n’est connu, et la liste publique des lauréats est incomplète"),
		said(a.edition.ReferentielID == nil, fmt.Sprintf("l’échelle et les thèmes de l’édition %d ne sont pas connus", a.edition.Annee)),
		said(!a.edition.Ouverte, fmt.Sprintf("on ne peut pas candidater aujourd’hui à l’édition %d", a.edition.Annee)))
}

// pistes says, of each thing that would raise the estimate, who has it.
func (a *autodiagnostics) pistes(lignes []label.Ligne, r *releve, suivant *NiveauLabel, comparables []int64, id int64) []*PisteLabel {
	var niveau []int64
	if suivant != nil {
		niveau = slices.DeleteFunc(slices.Clone(a.laureats[int64(suivant.Rang)]), func(o int64) bool { return o == id })
	}
	valeurs := map[int64]map[label.Critere]*float64{}
	for _, o := range slices.Concat(niveau, comparables) {
		valeurs[o] = map[label.Critere]*float64{}
		for _, l := range a.releves[o].lignes {
			valeurs[o][l.Critere] = l.Score
		}
	}
	var all []*PisteLabel
	for _, p := range label.Pistes(lignes) {
		piste := &PisteLabel{Critere: &LigneCritere{Ligne: p.Ligne, Preuves: r.preuves[p.Critere]}, Theme: p.Theme, Gain: p.Gain}
		if suivant != nil {
			piste.Laureats = &LaureatsCritere{Niveau: suivant, Connus: len(niveau)}
		}
		for i, o := range slices.Concat(niveau, comparables) {
			score := valeurs[o][p.Critere]
			satisfait := score != nil && *score >= 1
			if i < len(niveau) && score != nil {
				piste.Laureats.Renseignes++
				if satisfait {
					piste.Laureats.Satisfont++
				}
			}
			if satisfait && len(piste.exemples) < maxExemples && !slices.Contains(piste.exemples, o) {
				piste.exemples = append(piste.exemples, o)
			}
		}
		all = append(all, piste)
	}
	return all
}

// gather makes lots of what is shown, so that what is asked of one row is read for all.
func (a *autodiagnostics) gather(found map[int64]*Autodiagnostic) {
	var (
		diagnostics []*Autodiagnostic
		preuves     []*PreuveLabel
		pistes      []*PisteLabel
		comparables []*ComparableLabel
	)
	for _, d := range found {
		diagnostics = append(diagnostics, d)
		pistes = append(pistes, d.pistes...)
		comparables = append(comparables, d.Comparables...)
		for _, all := range d.releve.preuves {
			preuves = append(preuves, all...)
		}
	}
	gather(diagnostics)
	gather(preuves)
	gather(pistes)
	gather(comparables)
}

// comparablesLabel gives, for each organisation, the laureates of its nature whose population is from half to twice its own,
// the nearest first.
func (s *Store) comparablesLabel(ctx context.Context, ids []int64) (map[int64][]int64, error) {
	rows, err := kept[struct{ Moi, Autre int64 }](ctx, s, `SELECT m.id, x.id FROM organisation m CROSS JOIN LATERAL (
			SELECT o.id FROM organisation o WHERE o.id IN (SELECT lo.organisation_id FROM label_obtenu lo) AND o.id <> m.id
				AND o.genre = m.genre AND o.nature IS NOT DISTINCT FROM m.nature AND o.population BETWEEN m.population / 2 AND 2 * m.population::bigint
			ORDER BY abs(o.population - m.population), o.id LIMIT $2) x
		WHERE m.id = ANY ($1::bigint[]) ORDER BY m.id, abs((SELECT o.population FROM organisation o WHERE o.id = x.id) - m.population), x.id`, ids, maxComparables)
	found := map[int64][]int64{}
	for _, r := range rows {
		found[r.Moi] = append(found[r.Moi], r.Autre)
	}
	return found, err
}

// laureatsParNiveau gives the known laureates of each level of a scale, by rank.
func (s *Store) laureatsParNiveau(ctx context.Context, referentiels []int64) (map[int64][]int64, error) {
	rows, err := kept[struct {
		Rang          int64
		Organisations []int64
	}](ctx, s, `SELECT ln.rang, (array_agg(DISTINCT lo.organisation_id ORDER BY lo.organisation_id))[:$2] FROM label_niveau ln
		JOIN label_edition ed ON ed.referentiel_id = ln.referentiel_id JOIN label_obtenu lo ON lo.edition_id = ed.id AND lo.niveau = ln.code
		WHERE ln.referentiel_id = ANY ($1::bigint[]) AND ln.genre = 'NIVEAU' GROUP BY ln.rang`, referentiels, maxLaureats)
	found := map[int64][]int64{}
	for _, r := range rows {
		found[r.Rang] = r.Organisations
	}
	return found, err
}

// reponsesLisibles reads the answers that organisations gave in their application to an edition, for who may read them.
func (s *Store) reponsesLisibles(ctx context.Context, ids []int64, edition *EditionLabel) (map[int64]map[label.Critere]label.Etat, error) {
	found := map[int64]map[label.Critere]label.Etat{}
	if edition == nil || IdentiteDe(ctx) == nil { // nobody else reads any
		return found, nil
	}
	var rows []struct {
		OrganisationID int64
		Critere        label.Critere
		Reponse        label.Etat
	}
	err := many(ctx, s.bun.NewSelect().TableExpr("candidature AS ca").Join("JOIN candidature_reponse r ON r.candidature_id = ca.id").
		Join("JOIN label_question lq ON lq.id = r.question_id").ColumnExpr("ca.organisation_id, lq.critere, r.reponse").
		Where("ca.organisation_id IN (?)", bun.List(ids)).Where("ca.edition_id = ?", edition.Rowid).Where("ca.statut <> 'RETIREE'").
		Where("lq.critere IS NOT NULL AND r.reponse IS NOT NULL AND NOT r.du_graphe"), &rows)
	for _, r := range rows {
		if found[r.OrganisationID] == nil {
			found[r.OrganisationID] = map[label.Critere]label.Etat{}
		}
		found[r.OrganisationID][r.Critere] = r.Reponse
	}
	return found, err
}

// maxPistes is the number of criteria: no list of them is longer.
const maxPistes = 17

// PistesDe lists what would raise the estimate most. Errors: CodeArgumentInvalide for a number out of bounds.
func (s *Store) PistesDe(d *Autodiagnostic, first *int) ([]*PisteLabel, error) {
	n := *or(first, 5)
	if n < 1 || n > maxPistes {
		return nil, Invalid("first", "« first » va de 1 à %d", maxPistes)
	}
	return d.pistes[:min(n, len(d.pistes))], nil
}

// ExemplesDe lists laureates that have what would raise the estimate.
func (s *Store) ExemplesDe(ctx context.Context, p *PisteLabel) ([]Organisation, error) {
	found, err := perLot(ctx, p.lot, "exemples", func(ctx context.Context, members []*PisteLabel) (map[int64]*Fiche, error) {
		var ids []int64
		for _, m := range members {
			ids = append(ids, m.exemples...)
		}
		slices.Sort(ids)
		return s.fichesByID(ctx, slices.Compact(ids))
	})
	all := make([]Organisation, 0, len(p.exemples))
	for _, id := range p.exemples {
		if f := found[id]; f != nil {
			all = append(all, f.organisation())
		}
	}
	return all, err
}

// OrganisationComparable returns the laureate compared.
func (s *Store) OrganisationComparable(ctx context.Context, c *ComparableLabel) (Organisation, error) {
	return organisation(follow(ctx, c.lot, "organisation", func(c *ComparableLabel) int64 { return c.organisation }, s.fichesByID, c))
}

// ObjetDeLaPreuve returns the thing that a criterion rests on; nil for a document's word.
func (s *Store) ObjetDeLaPreuve(ctx context.Context, p *PreuveLabel, sel Selection) (Node, error) {
	return objet(ctx, s, p.lot, func(p *PreuveLabel) rang { return p.objet }, p, sel)
}

// maxAdoptes bounds how many software one simulation adopts.
const maxAdoptes = 20

// SiAdopte assesses again as if some software were in use: each takes, in its layers, the place of the proprietary ones that
// it stands in for, and counts as mutualised when a syndicat of the organisation offers it, or the organisation itself; so
// does one that is in use already. Errors: CodeArgumentInvalide for bad ids, software that does not exist, or more than
// maxAdoptes.
func (s *Store) SiAdopte(ctx context.Context, d *Autodiagnostic, ids []string, sel Selection) (*SimulationLabel, error) {
	slugs, err := keys("logiciels", ids, "Logiciel")
	if err != nil {
		return nil, err
	}
	if len(slugs) == 0 || len(slugs) > maxAdoptes {
		return nil, Invalid("logiciels", "« logiciels » en compte %d : de 1 à %d", len(slugs), maxAdoptes)
	}
	found, err := perLot(ctx, d.lot, sel.Cle, func(ctx context.Context, members []*Autodiagnostic) (*adoptes, error) {
		return s.lireAdoptes(ctx, distinct(members, func(d *Autodiagnostic) int64 { return d.organisation }), slugs, sel)
	})
	if err != nil {
		return nil, err
	}
	sim := &SimulationLabel{}
	avant, apres := d.releve, &releve{Mesures: d.mesures, logiciel: map[int64]*enService{}}
	for id, l := range avant.logiciel {
		apres.logiciel[id] = l
	}
	for _, l := range found.logiciels {
		mutualise := found.offerts[d.organisation][l.Rowid]
		if mutualise {
			sim.Mutualisables = append(sim.Mutualisables, l)
		}
		adopte := enService{libre: l.Libre, couches: found.couches[l.Rowid]}
		if deja := apres.logiciel[l.Rowid]; deja != nil {
			adopte = *deja // of the self-assessment, which stays as it is
		}
		adopte.mutualise = adopte.mutualise || mutualise
		apres.logiciel[l.Rowid] = &adopte
		for _, remplace := range found.remplace[l.Rowid] {
			delete(apres.logiciel, remplace)
		}
	}
	apres.compter()
	lignes := label.Evaluer(apres.Mesures)
	sim.Themes = estimer(lignes, avant.preuves, d.themes)
	for i, l := range d.lignes {
		if !sameScore(l.Score, lignes[i].Score) {
			sim.Criteres = append(sim.Criteres, &LigneCritere{Ligne: lignes[i], Preuves: avant.preuves[l.Critere]})
		}
	}
	return sim, nil
}

func sameScore(a, b *float64) bool { return (a == nil) == (b == nil) && (a == nil || *a == *b) }

// adoptes is what is read of software to adopt, for all the organisations of a lot.
type adoptes struct {
	logiciels []*Logiciel
	couches   map[int64][]couche
	remplace  map[int64][]int64
	offerts   map[int64]map[int64]bool // by organisation, those that a syndicat of it, or itself, offers
}

func (s *Store) lireAdoptes(ctx context.Context, organisations []int64, slugs []string, sel Selection) (*adoptes, error) {
	a := &adoptes{couches: map[int64][]couche{}, remplace: map[int64][]int64{}, offerts: map[int64]map[int64]bool{}}
	// A slug given twice is one software; one that is not known is a fault.
	err := many(ctx, nommes(selectRows(s, (*Logiciel)(nil), sel.columns(columnsLogiciel, longColumnsLogiciel)), logicielsNommes, slugs...), &a.logiciels)
	if err != nil {
		return nil, err
	}
	gather(a.logiciels)
	distincts := slices.Clone(slugs)
	slices.Sort(distincts)
	if len(a.logiciels) < len(slices.Compact(distincts)) {
		return nil, Invalid("logiciels", "« logiciels » : l'un d'eux n'existe pas")
	}
	ids := distinct(a.logiciels, logicielID)
	codes, layers := couches()
	rows, err := kept[struct {
		ID       int64
		Couches  []couche
		Remplace []int64
	}](ctx, s, sqlCouches+`SELECT l.id, `+couchesDuLogiciel+`, ARRAY(SELECT x.vers_id FROM logiciel_lien x WHERE x.genre = 'REMPLACE' AND x.de_id = l.id)
		FROM logiciel l WHERE l.id = ANY ($1::bigint[])`, ids, codes, layers)
	if err != nil {
		return nil, err
	}
	for _, r := range rows {
		a.couches[r.ID], a.remplace[r.ID] = r.Couches, r.Remplace
	}
	offres, err := kept[struct{ Organisation, Logiciel int64 }](ctx, s, `SELECT DISTINCT m.membre_id, e.logiciel_id FROM (
			SELECT a.membre_id, a.groupement_id FROM adhesion a WHERE a.membre_id = ANY ($1::bigint[]) AND a.confirmee
				AND coalesce(a.debut, current_date) <= current_date AND coalesce(a.fin, 'infinity') > current_date
			UNION ALL SELECT o.id, o.id FROM unnest($1) o (id)) m
		JOIN catalogue k ON k.syndicat_id = m.groupement_id JOIN entree_catalogue e ON e.catalogue_id = k.id AND e.logiciel_id = ANY ($2::bigint[]) WHERE `+propose,
		organisations, ids)
	for _, o := range offres {
		if a.offerts[o.Organisation] == nil {
			a.offerts[o.Organisation] = map[int64]bool{}
		}
		a.offerts[o.Organisation][o.Logiciel] = true
	}
	return a, err
}
