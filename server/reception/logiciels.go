package reception

import (
	"context"
	"errors"
	"net/http"
	"os"
	"slices"
	"strings"

	"github.com/mutualibre/mutualibre/db"
	"github.com/mutualibre/mutualibre/seed"
	"github.com/mutualibre/mutualibre/seed/importation"
	"github.com/mutualibre/mutualibre/server/sortie"
)

// formats are those, among seed.Formats, that write software and nothing else: a Comptoir's JSON also says who uses what,
// which is for those organisations to say.
var formats = []string{"publiccode", "sill", "sill-csv", "comptoir-csv"}

func checkFormat(v string) error {
	if !slices.Contains(formats, v) {
		return errors.New("formats admis : " + strings.Join(formats, ", "))
	}
	return nil
}

func sorted(noms []string) string {
	slices.Sort(noms)
	return strings.Join(noms, ", ")
}

// importLogiciels imports a catalogue of software. Software belong to nobody: it takes the right to add and to correct them.
func (s *serveur) importLogiciels(ctx context.Context, w http.ResponseWriter, d demande, f *os.File) {
	signed := s.Store.Signature("import logiciels", "creerLogiciel", "corrigerLogiciel", "ajouterIdentifiant", "marquerRemplacement")
	rapports, err := seed.Import(ctx, s.Pool, d.format, []string{f.Name()}, seed.Options{Sign: signed.Sign, Essai: d.essai})
	r := &importation.Rapport{Table: logiciels, Essai: d.essai, Ecrit: !d.essai, Fautes: []importation.Faute{}}
	var bad *seed.Erreurs
	switch {
	case errors.As(err, &bad):
		r.Ecrit = false
		for _, a := range bad.Anomalies {
			r.Add(importation.Faute{Ligne: a.Ligne, Colonne: a.Colonne, Valeur: a.Valeur, Code: db.Invalide, Motif: a.Motif})
		}
	case err != nil:
		sortie.Refuse(ctx, w, s.Log, titre, db.Translate(err))
		return
	default:
		for _, x := range rapports {
			r.Ajouts, r.Corrections, r.Inchanges = r.Ajouts+x.Ajouts, r.Corrections+x.Corrections, r.Inchanges+x.Inchanges
			for _, a := range x.Anomalies {
				r.Avertissements = append(r.Avertissements, importation.Faute{Ligne: a.Ligne, Colonne: a.Colonne, Valeur: a.Valeur, Code: db.Invalide, Motif: a.Motif})
			}
		}
		r.Avertissements = r.Avertissements[:min(len(r.Avertissements), importation.FautesMax)]
		if !d.essai {
			if r.Publication, err = signed.Numero(ctx); err != nil {
				sortie.Refuse(ctx, w, s.Log, titre, err)
				return
			}
		}
	}
	r.Conclude()
	answer(w, r.Refuse() && !d.essai, r)
}
