package db

import (
	"context"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/uptrace/bun"
	"github.com/uptrace/bun/dialect/pgdialect"

	"github.com/mutualibre/mutualibre/domain/droit"
	"github.com/mutualibre/mutualibre/domain/rencontre"
	"github.com/mutualibre/mutualibre/domain/texte"
)

// RencontrePayload is an event as it stands after a mutation, or what keeps it from being done.
type RencontrePayload struct {
	Rencontre *Rencontre
	Erreurs   []*Erreur
}

func (s *Store) rencontrePayload(ctx context.Context, cle string, fautes Fautes, err error, sel Selection) (*RencontrePayload, error) {
	r, err := written[*Rencontre](ctx, s, "Rencontre", cle, err, sel)
	return &RencontrePayload{Rencontre: r, Erreurs: fautes}, err
}

// FrequentationInput says how many people came.
type FrequentationInput struct {
	Nombre int
	Compte string
}

// OrganisateurInput says who organises or supports: a network or an organisation.
type OrganisateurInput struct {
	Organisation *string
	Reseau       *string
	Role         *RoleOrganisateur
}

// ContenuRencontre is what an announcement and a correction of an event both say.
type ContenuRencontre struct {
	Serie          *string
	Cadre          *string
	Description    *string
	PublicVise     *string
	Lieu           *string
	Commune        *string
	PrecisionDebut *PrecisionDate
	Fin            *Date
	Annulee        *bool
	Site           *string
	Frequentation  *FrequentationInput
	Themes         []string
	Besoins        []string
	Organisateurs  []*OrganisateurInput
	Source         *SourceInput
}

// DeclarerRencontreInput describes an event to announce.
type DeclarerRencontreInput struct {
	CleIdempotence *string
	Declarant      *string
	Nom            string
	Debut          Date
	ContenuRencontre
}

// CorrigerRencontreInput corrects an event from the revision that was read.
type CorrigerRencontreInput struct {
	CleIdempotence *string
	ID             string
	Revision       int
	Nom            *string
	Debut          *Date
	ContenuRencontre
}

// RetirerRencontreInput takes an event back.
type RetirerRencontreInput struct {
	CleIdempotence *string
	ID             string
	Revision       *int
	Motif          *string
}

// Bounds of what is typed.
const (
	maxTitre          = 300
	maxOrganisateurs  = 30
	maxListeRencontre = 20 // themes, needs, speakers, organisations, software
	maxSupports       = 10
	maxVenus          = 10_000_000
)

// annonceur reads who announces, nil for what is shared, and authorises the action for it.
func (e *ecriture) annonceur(ctx context.Context, id *string) (*int64, error) {
	if id == nil {
		return nil, e.authorise(ctx, "declarant", 0)
	}
	f, err := e.organisation(ctx, "declarant", *id, "Collectivite", "SyndicatMixte", "Prestataire")
	if err != nil {
		return nil, err
	}
	if err := e.ready(); err != nil {
		return nil, err
	}
	return &f.Rowid, e.authorise(ctx, "declarant", f.Rowid)
}

// DeclarerRencontre announces an event. The same name on the same day is one that is known already.
func (s *Store) DeclarerRencontre(ctx context.Context, in DeclarerRencontreInput, given Champs, sel Selection) (*RencontrePayload, error) {
	cle, fautes, err := s.write(ctx, demande{"declarerRencontre", in, in.CleIdempotence}, func(ctx context.Context, e *ecriture) (string, error) {
		r := &Rencontre{Cle: uuid.NewString(), PrecisionDebut: PrecisionDate(rencontre.Jour)}
		var err error
		if r.DeclarantID, err = e.annonceur(ctx, in.Declarant); err != nil {
			return "", err
		}
		l, err := e.fillRencontre(ctx, r, &in.Nom, &in.Debut, in.ContenuRencontre, given)
		if err != nil {
			return "", err
		}
		known := new(Rencontre)
		if found, err := one(ctx, selectRows(e.Store, known, columnsRencontre).Where(debutJour+" = ?", r.Debut.days()).Where("lower(r.nom) = lower(?)", r.Nom).Limit(1), known); err != nil {
			return "", err
		} else if found {
			return known.Cle, faute(Duplique, "nom", "une rencontre de ce nom est déjà annoncée pour ce jour")
		}
		if r.SourceID, err = e.source(ctx, in.Source); err != nil {
			return "", err
		}
		if r.NombreVenus != nil {
			r.FrequentationSourceID = &r.SourceID
		}
		if _, err := e.tx.NewInsert().Model(r).ExcludeColumn("id", "revision").Returning("id").Exec(ctx); err != nil {
			return "", err
		}
		return r.Cle, e.tie(ctx, r, l)
	})
	return s.rencontrePayload(ctx, cle, fautes, err, sel)
}

// CorrigerRencontre corrects the fields given.
func (s *Store) CorrigerRencontre(ctx context.Context, in CorrigerRencontreInput, given Champs, sel Selection) (*RencontrePayload, error) {
	cle, fautes, err := s.write(ctx, demande{"corrigerRencontre", in, in.CleIdempotence}, func(ctx context.Context, e *ecriture) (string, error) {
		r, err := e.lockRencontre(ctx, in.ID)
		if err != nil {
			return "", err
		}
		if err := current(r.Revision, in.Revision); err != nil {
			return r.Cle, err
		}
		l, err := e.fillRencontre(ctx, r, in.Nom, in.Debut, in.ContenuRencontre, given)
		if err != nil {
			return r.Cle, err
		}
		if in.Source != nil || given["frequentation"] && r.NombreVenus != nil {
			source, err := e.source(ctx, in.Source)
			if err != nil {
				return r.Cle, err
			}
			if in.Source != nil {
				r.SourceID = source
			}
			if given["frequentation"] && r.NombreVenus != nil {
				r.FrequentationSourceID = &source
			}
		}
		if _, err := e.tx.NewUpdate().Model(r).ExcludeColumn("id", "cle", "declarant_id", "revision").WherePK().Exec(ctx); err != nil {
			return r.Cle, err
		}
		return r.Cle, e.tie(ctx, r, l)
	})
	return s.rencontrePayload(ctx, cle, fautes, err, sel)
}

// RetirerRencontre takes an event back, with its programme; the history keeps them. What others tied to it keeps it.
func (s *Store) RetirerRencontre(ctx context.Context, in RetirerRencontreInput, sel Selection) (*RencontrePayload, error) {
	cle, fautes, err := s.write(ctx, demande{"retirerRencontre", in, in.CleIdempotence}, func(ctx context.Context, e *ecriture) (string, error) {
		r, err := e.lockRencontre(ctx, in.ID)
		if err != nil {
			return "", err
		}
		if err := current(r.Revision, *or(in.Revision, r.Revision)); err != nil {
			return r.Cle, err
		}
		var tied bool
		if err := e.tx.NewRaw(`SELECT EXISTS (SELECT FROM rencontre WHERE cadre_id = ?0) OR EXISTS (SELECT FROM intervention WHERE rencontre_id = ?0 AND declarant_id IS DISTINCT FROM ?1)
			OR EXISTS (SELECT FROM participation WHERE rencontre_id = ?0 AND organisation_id IS DISTINCT FROM ?1) OR EXISTS (SELECT FROM fait WHERE rencontre_id = ?0)`, r.Rowid, r.DeclarantID).Scan(ctx, &tied); err != nil {
			return r.Cle, err
		}
		if tied {
			return r.Cle, faute(Conflit, "id", "d'autres y prennent part, y interviennent ou s'y réunissent, ou des documents en parlent : si elle n'a pas lieu, corrigez-la avec « annulee »")
		}
		if err := e.motive(ctx, in.Motif); err != nil {
			return r.Cle, err
		}
		for _, sql := range []string{`DELETE FROM intervention WHERE rencontre_id = ?`, `DELETE FROM participation WHERE rencontre_id = ?`, `DELETE FROM rencontre WHERE id = ?`} {
			if _, err := e.tx.NewRaw(sql, r.Rowid).Exec(ctx); err != nil {
				return r.Cle, err
			}
		}
		return r.Cle, nil
	})
	return s.rencontrePayload(ctx, cle, fautes, err, sel)
}

// lockRencontre reads an event that the action may touch, for this transaction alone.
func (e *ecriture) lockRencontre(ctx context.Context, id string) (*Rencontre, error) {
	r, err := lockNamed[Rencontre](ctx, e, "id", id, columnsRencontre, "r.cle", faute(Introuvable, "id", "cette rencontre n'existe pas, ou plus"))
	if err != nil {
		return nil, err
	}
	return r, e.authorise(ctx, "id", deref(r.DeclarantID))
}

// rencontre reads the event that an id names; a fault, noted, gives nil.
func (e *ecriture) rencontre(ctx context.Context, champ, id string) (*Rencontre, error) {
	cle := e.cleDe(champ, id, "Rencontre")
	if cle == "" {
		return nil, nil
	}
	var found []*Rencontre
	if err := many(ctx, selectRows(e.Store, (*Rencontre)(nil), columnsRencontre).Where("r.cle IN (?)", bun.List(uuids([]string{cle}))), &found); err != nil {
		return nil, err
	}
	if !e.verify(len(found) == 1, Introuvable, champ, "« %s » : cette rencontre n'existe pas", champ) {
		return nil, nil
	}
	return found[0], nil
}

// liensRencontre are what an input ties to an event; nil: not given.
type liensRencontre struct {
	besoins       []int64
	organisateurs []*Organisateur
}

// fillRencontre gives an event what the input says, and checks it. It comes after authorise.
func (e *ecriture) fillRencontre(ctx context.Context, r *Rencontre, nom *string, debut *Date, in ContenuRencontre, given Champs) (l liensRencontre, err error) {
	if nom != nil {
		r.Nom = texte.SansEspacesSuperflus(*nom)
	}
	e.verify(utf8.RuneCountInString(r.Nom) <= 200 && texte.Normalize(r.Nom) != "", Invalide, "nom", "« nom » compte de 1 à 200 caractères, dont une lettre ou un chiffre")
	correct(given, "description", &r.Description, e.texteLibre("description", in.Description, maxDescription))
	correct(given, "publicVise", &r.PublicVise, e.texteLibre("publicVise", in.PublicVise, maxAdresse))
	correct(given, "lieu", &r.Lieu, e.texteLibre("lieu", in.Lieu, 200))
	correct(given, "site", &r.Site, e.texteLibre("site", in.Site, maxAdresse))
	e.checkURL("site", r.Site)
	if given["annulee"] {
		r.Annulee = *or(in.Annulee, false)
	}
	if given["themes"] || r.Themes == nil {
		r.Themes = e.readThemes(in.Themes)
	}
	if given["frequentation"] {
		r.NombreVenus, r.CompteVenus, r.FrequentationSourceID = nil, nil, nil
		if f := in.Frequentation; f != nil {
			e.verify(f.Nombre >= 1 && f.Nombre <= maxVenus, Invalide, "frequentation.nombre", "« frequentation.nombre » va de 1 à %d ; s'il n'est pas connu, ne le donnez pas", maxVenus)
			r.NombreVenus, r.CompteVenus = &f.Nombre, e.texteLibre("frequentation.compte", &f.Compte, 200)
			e.verify(r.CompteVenus != nil, Requis, "frequentation.compte", "« frequentation.compte » est vide : dites ce que le nombre compte")
		}
	}
	moved, err := e.move(ctx, r, debut, in, given)
	if err != nil {
		return l, err
	}
	if err := e.fillPlaces(ctx, r, in, given, moved); err != nil {
		return l, err
	}
	if given["besoins"] {
		if l.besoins, err = e.categories(ctx, "besoins", in.Besoins, maxListeRencontre); err != nil {
			return l, err
		}
	}
	if given["organisateurs"] {
		if l.organisateurs, err = e.readOrganisateurs(ctx, in.Organisateurs); err != nil {
			return l, err
		}
	}
	return l, e.ready()
}

// fillDates gives an event its days: what is known of the first one, and the last one when it is.
func (e *ecriture) fillDates(r *Rencontre, debut *Date, in ContenuRencontre, given Champs) {
	r.Debut = *or(debut, r.Debut)
	r.PrecisionDebut = *or(in.PrecisionDebut, r.PrecisionDebut)
	correct(given, "fin", &r.Fin, in.Fin)
	switch rencontre.Precision(r.PrecisionDebut) {
	case rencontre.Mois:
		r.Debut = r.Debut[:8] + "01"
	case rencontre.Annee:
		r.Debut = r.Debut[:5] + "01-01"
	}
	e.verify(r.Debut >= "1970-01-01" && r.Debut < "2200-01-01", Invalide, "debut", "« debut » va de 1970 à 2199")
	if r.Fin != nil {
		e.verify(r.PrecisionDebut == PrecisionDate(rencontre.Jour), Invalide, "fin", "« fin » ne se donne que si « debut » est connu au jour près")
		e.verify(*r.Fin >= r.Debut, Invalide, "fin", "« fin » ne peut pas précéder « debut »")
		e.verify(r.Fin.days()-r.Debut.days() <= 366, Invalide, "fin", "« fin » suit « debut » de plus d'un an : c'est peut-être une série")
	}
}

// move is fillDates, and tells whether the days changed. Those of an event known already still hold its sessions, and meet
// those of the events that take place in it.
func (e *ecriture) move(ctx context.Context, r *Rencontre, debut *Date, in ContenuRencontre, given Champs) (bool, error) {
	known := r.Rowid != 0
	var premier, ultime Date
	if known {
		premier, ultime = r.jours()
	}
	e.fillDates(r, debut, in, given)
	if !known || len(e.fautes) > 0 {
		return false, nil
	}
	first, last := r.jours()
	if first == premier && last == ultime {
		return false, nil
	}
	var hors struct {
		Avant, Apres *Date
		Contenue     *string
	}
	err := e.tx.NewRaw(`SELECT (SELECT min(jour) FROM intervention WHERE rencontre_id = ?0 AND jour < ?1) AS avant, (SELECT max(jour) FROM intervention WHERE rencontre_id = ?0 AND jour > ?2) AS apres,
		(SELECT nom FROM rencontre WHERE cadre_id = ?0 AND NOT (debut <= ?2 AND dernier_jour >= ?1) ORDER BY debut, id LIMIT 1) AS contenue`, r.Rowid, first, last).Scan(ctx, &hors)
	if err != nil {
		return false, err
	}
	e.verify(hors.Avant == nil, Invalide, "debut", "une intervention s'y tient le %s, avant « debut » : corrigez-la d'abord", *or(hors.Avant, ""))
	e.verify(hors.Apres == nil, Invalide, "fin", "une intervention s'y tient le %s, après le dernier jour : corrigez-la d'abord", *or(hors.Apres, ""))
	e.verify(hors.Contenue == nil, Invalide, "debut", "« %s », qui s'y tient, n'a pas lieu ces jours-là : corrigez-la d'abord", *or(hors.Contenue, ""))
	return true, nil
}

// jours are the first day of an event and the last that it may last.
func (r *Rencontre) jours() (debut, dernier Date) {
	last := rencontre.DernierJour(r.Debut.time(), rencontre.Precision(r.PrecisionDebut), r.finConnue())
	return r.Debut, Date(last.Format(time.DateOnly))
}

// fillPlaces gives an event its series, its larger event and its commune. The larger event meets its days, which moved or not.
func (e *ecriture) fillPlaces(ctx context.Context, r *Rencontre, in ContenuRencontre, given Champs, moved bool) error {
	if given["serie"] {
		r.SerieID = nil
	}
	if in.Serie != nil {
		if cle := e.cleDe("serie", *in.Serie, "SerieRencontres"); cle != "" {
			sr := new(SerieRencontres)
			found, err := one(ctx, selectRows(e.Store, sr, columnsSerie).Where("sr.cle = ?", cle), sr)
			if err != nil {
				return err
			}
			if e.verify(found, Introuvable, "serie", "« serie » : cette série n'existe pas") {
				r.SerieID = &sr.Rowid
			}
		}
	}
	if given["commune"] {
		r.CommuneID = nil
	}
	if in.Commune != nil {
		f, err := e.organisation(ctx, "commune", *in.Commune, "Collectivite")
		if err != nil {
			return err
		}
		if f != nil && e.verify(f.Nature != nil && *f.Nature == "COMMUNE", Invalide, "commune", "« commune » : « %s » n'est pas une commune", f.Nom) {
			r.CommuneID = &f.Rowid
		}
	}
	if given["cadre"] {
		r.CadreID = nil
	}
	var cadre *Rencontre
	switch {
	case in.Cadre != nil:
		var err error
		if cadre, err = e.rencontre(ctx, "cadre", *in.Cadre); err != nil || cadre == nil {
			return err
		}
		var contains bool
		if err := e.tx.NewRaw(`SELECT EXISTS (SELECT FROM rencontre WHERE cadre_id = ?)`, r.Rowid).Scan(ctx, &contains); err != nil {
			return err
		}
		e.verify(cadre.Rowid != r.Rowid && cadre.CadreID == nil && !contains, Invalide, "cadre", "« cadre » : une rencontre qui se tient dans une autre n'en contient pas")
		r.CadreID = &cadre.Rowid
	case r.CadreID != nil && moved:
		found, err := e.rencontresByID(ctx, []int64{*r.CadreID})
		if err != nil {
			return err
		}
		cadre = found[*r.CadreID]
	default:
		return nil
	}
	debut, dernier := r.jours()
	premier, ultime := cadre.jours()
	e.verify(debut <= ultime && dernier >= premier, Invalide, "cadre", "« cadre » : « %s » ne se tient pas ces jours-là", cadre.Nom)
	return nil
}

// readThemes cleans a list of short texts.
func (e *ecriture) readThemes(given []string) []string {
	e.verify(len(given) <= maxListeRencontre, Invalide, "themes", "« themes » en compte %d : %d au plus", len(given), maxListeRencontre)
	themes := []string{}
	for _, t := range given[:min(len(given), maxListeRencontre)] {
		t = texte.SansEspacesSuperflus(t)
		if e.verify(t != "" && utf8.RuneCountInString(t) <= 100, Invalide, "themes", "« themes » : chacun compte de 1 à 100 caractères") && !slices.Contains(themes, t) {
			themes = append(themes, t)
		}
	}
	return themes
}

// autrui notes the fault of naming another than oneself, for whose word ties nobody else.
func (e *ecriture) autrui(champ string, organisation int64) bool {
	return e.verify(droit.NommeAutrui(e.droit.Role) || organisation == e.droit.OrganisationID, Interdit, champ, "« %s » : un prestataire n'y nomme que lui-même", champ)
}

// readOrganisateurs finds who organises. It comes after authorise.
func (e *ecriture) readOrganisateurs(ctx context.Context, given []*OrganisateurInput) ([]*Organisateur, error) {
	const champ = "organisateurs"
	all := []*Organisateur{}
	if !e.verify(len(given) <= maxOrganisateurs, Invalide, champ, "« organisateurs » en compte %d : %d au plus", len(given), maxOrganisateurs) {
		return all, nil
	}
	for _, in := range given {
		if !e.verify((in.Organisation == nil) != (in.Reseau == nil), Invalide, champ, "« organisateurs » : chacun est une organisation ou un réseau, l'un des deux") {
			continue
		}
		o := &Organisateur{Role: *or(in.Role, "ORGANISATEUR")}
		if in.Organisation != nil {
			f, err := e.organisation(ctx, champ, *in.Organisation, "Collectivite", "SyndicatMixte", "Prestataire")
			if err != nil {
				return nil, err
			}
			if f == nil || !e.autrui(champ, f.Rowid) {
				continue
			}
			o.OrganisationID = &f.Rowid
		} else {
			cle := e.cleDe(champ, *in.Reseau, "Reseau")
			if cle == "" || !e.autrui(champ, 0) {
				continue
			}
			re := new(Reseau)
			found, err := one(ctx, selectRows(e.Store, re, columnsReseau).Where("re.cle = ?", cle), re)
			if err != nil {
				return nil, err
			}
			if !e.verify(found, Introuvable, champ, "« organisateurs » : ce réseau n'existe pas") {
				continue
			}
			o.ReseauID = &re.Rowid
		}
		same := func(other *Organisateur) bool {
			return deref(other.OrganisationID) == deref(o.OrganisationID) && deref(other.ReseauID) == deref(o.ReseauID)
		}
		if e.verify(!slices.ContainsFunc(all, same), Duplique, champ, "« organisateurs » : l'un d'eux y est deux fois") {
			all = append(all, o)
		}
	}
	return all, nil
}

// tie writes what an input ties to an event.
func (e *ecriture) tie(ctx context.Context, r *Rencontre, l liensRencontre) error {
	if l.besoins != nil {
		if err := e.setLinks(ctx, "rencontre_besoin", "rencontre_id", r.Rowid, "categorie_id", l.besoins); err != nil {
			return err
		}
	}
	if l.organisateurs == nil {
		return nil
	}
	organisations, reseaux := []int64{}, []int64{}
	for _, o := range l.organisateurs {
		organisations, reseaux = append(organisations, deref(o.OrganisationID)), append(reseaux, deref(o.ReseauID))
	}
	if _, err := e.tx.NewRaw(`DELETE FROM rencontre_organisateur WHERE rencontre_id = ? AND (coalesce(organisation_id, 0), coalesce(reseau_id, 0)) NOT IN
		(SELECT * FROM unnest(?::bigint[], ?::bigint[]))`, r.Rowid, pgdialect.Array(organisations), pgdialect.Array(reseaux)).Exec(ctx); err != nil {
		return err
	}
	for _, o := range l.organisateurs {
		if _, err := e.tx.NewRaw(`INSERT INTO rencontre_organisateur AS x (rencontre_id, organisation_id, reseau_id, role, source_id) VALUES (?, ?, ?, ?, ?)
			ON CONFLICT (rencontre_id, organisation_id, reseau_id) DO UPDATE SET role = excluded.role WHERE x.role <> excluded.role`,
			r.Rowid, o.OrganisationID, o.ReseauID, o.Role, r.SourceID).Exec(ctx); err != nil {
			return err
		}
	}
	return nil
}

// setLinks makes these the rows that a table links to one.
func (e *ecriture) setLinks(ctx context.Context, table, of string, id int64, column string, linked []int64) error {
	if _, err := e.tx.NewRaw(`DELETE FROM ?0 WHERE ?1 = ?2 AND ?3 <> ALL (?4)`, bun.Ident(table), bun.Ident(of), id, bun.Ident(column), pgdialect.Array(linked)).Exec(ctx); err != nil {
		return err
	}
	_, err := e.tx.NewRaw(`INSERT INTO ?0 (?1, ?3) SELECT ?2, x FROM unnest(?4::bigint[]) x ON CONFLICT (?1, ?3) DO NOTHING`,
		bun.Ident(table), bun.Ident(of), id, bun.Ident(column), pgdialect.Array(linked)).Exec(ctx)
	return err
}

// DeclarerParticipationInput says that an organisation takes part in an event.
type DeclarerParticipationInput struct {
	CleIdempotence *string
	Rencontre      string
	Organisation   string
	Qualite        *QualiteParticipation
	Source         *SourceInput
}

// RetirerParticipationInput says that it does not.
type RetirerParticipationInput struct {
	CleIdempotence *string
	Rencontre      string
	Organisation   string
}

// participantRencontre reads an event and an organisation, and authorises the action for it.
func (e *ecriture) participantRencontre(ctx context.Context, rencontre, organisation string) (*Rencontre, *Fiche, error) {
	r, err := e.rencontre(ctx, "rencontre", rencontre)
	if err != nil {
		return nil, nil, err
	}
	f, err := e.organisation(ctx, "organisation", organisation, "Collectivite", "SyndicatMixte", "Prestataire")
	if err != nil {
		return nil, nil, err
	}
	if err := e.ready(); err != nil {
		return nil, nil, err
	}
	return r, f, e.authorise(ctx, "organisation", f.Rowid)
}

// DeclarerParticipation says that an organisation takes part in an event, or what it now comes for.
func (s *Store) DeclarerParticipation(ctx context.Context, in DeclarerParticipationInput, sel Selection) (*RencontrePayload, error) {
	cle, fautes, err := s.write(ctx, demande{"declarerParticipation", in, in.CleIdempotence}, func(ctx context.Context, e *ecriture) (string, error) {
		r, f, err := e.participantRencontre(ctx, in.Rencontre, in.Organisation)
		if err != nil {
			return "", err
		}
		if r.Annulee {
			return r.Cle, faute(Invalide, "rencontre", "cette rencontre est annulée")
		}
		source, err := e.source(ctx, in.Source)
		if err != nil {
			return r.Cle, err
		}
		_, err = e.tx.NewRaw(`INSERT INTO participation (rencontre_id, organisation_id, qualite, source_id) VALUES (?, ?, ?, ?)
			ON CONFLICT (rencontre_id, organisation_id) DO UPDATE SET qualite = excluded.qualite, source_id = excluded.source_id`,
			r.Rowid, f.Rowid, *or(in.Qualite, "VISITEUR"), source).Exec(ctx)
		return r.Cle, err
	})
	return s.rencontrePayload(ctx, cle, fautes, err, sel)
}

// RetirerParticipation says that an organisation does not take part in an event.
func (s *Store) RetirerParticipation(ctx context.Context, in RetirerParticipationInput, sel Selection) (*RencontrePayload, error) {
	cle, fautes, err := s.write(ctx, demande{"retirerParticipation", in, in.CleIdempotence}, func(ctx context.Context, e *ecriture) (string, error) {
		r, f, err := e.participantRencontre(ctx, in.Rencontre, in.Organisation)
		if err != nil {
			return "", err
		}
		gone, err := e.tx.NewRaw(`DELETE FROM participation WHERE rencontre_id = ? AND organisation_id = ?`, r.Rowid, f.Rowid).Exec(ctx)
		if err != nil {
			return r.Cle, err
		}
		n, _ := gone.RowsAffected()
		e.verify(n == 1, Introuvable, "organisation", "« %s » n'y prenait pas part", f.Nom)
		return r.Cle, e.ready()
	})
	return s.rencontrePayload(ctx, cle, fautes, err, sel)
}
