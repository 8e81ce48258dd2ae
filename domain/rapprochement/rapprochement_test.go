package rapprochement_test

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	r "github.com/mutualibre/mutualibre/domain/rapprochement"
)

func sill(v string) r.Cle     { return r.Cle{Genre: r.SILL, Valeur: v} }
func comptoir(v string) r.Cle { return r.Cle{Genre: r.Comptoir, Valeur: v} }
func wikidata(v string) r.Cle { return r.Cle{Genre: r.Wikidata, Valeur: v} }
func depot(v string) r.Cle    { return r.Cle{Genre: r.Depot, Valeur: v} }

func fiche(propre r.Cle, autres ...r.Cle) r.Fiche { return r.Fiche{Propre: propre, Autres: autres} }

func TestRapprocher(t *testing.T) {
	hedgedoc := r.Connu{ID: 422, Cles: []r.Cle{comptoir("422"), sill("223")}}
	codimd := r.Connu{ID: 362, Cles: []r.Cle{comptoir("362")}}
	squash := r.Connu{ID: 189, Cles: []r.Cle{comptoir("189"), sill("302")}}
	for nom, cas := range map[string]struct {
		connus []r.Connu
		fiches []r.Fiche
		want   []r.Decision
	}{
		"nothing known: new, with all its identifiers": {
			nil, []r.Fiche{fiche(sill("93"), comptoir("117"))},
			[]r.Decision{{Ajouts: []r.Cle{sill("93"), comptoir("117")}}},
		},
		"the strongest known identifier decides, the contested one stays where it was (HedgeDoc and CodiMD)": {
			[]r.Connu{hedgedoc, codimd},
			[]r.Fiche{fiche(sill("223"), comptoir("362")), fiche(sill("180"), comptoir("362"))},
			[]r.Decision{
				{ID: 422, Conflits: []r.Conflit{{Cle: comptoir("362"), Motif: r.Ailleurs, ID: 362}}},
				{ID: 362, Ajouts: []r.Cle{sill("180")}},
			},
		},
		"the same two, nothing known: nobody gets the contested identifier": {
			nil, []r.Fiche{fiche(sill("223"), comptoir("362")), fiche(sill("180"), comptoir("362"))},
			[]r.Decision{
				{Ajouts: []r.Cle{sill("223")}, Conflits: []r.Conflit{{Cle: comptoir("362"), Motif: r.Dispute}}},
				{Ajouts: []r.Cle{sill("180")}, Conflits: []r.Conflit{{Cle: comptoir("362"), Motif: r.Dispute}}},
			},
		},
		"a weaker identifier does not join what a stronger one tells apart": {
			[]r.Connu{squash}, []r.Fiche{fiche(sill("136"), comptoir("189"))},
			[]r.Decision{{Ajouts: []r.Cle{sill("136")}, Conflits: []r.Conflit{{Cle: comptoir("189"), Motif: r.Ailleurs, ID: 189}}}},
		},
		"a software keeps the identifier it has": {
			[]r.Connu{{ID: 1, Cles: []r.Cle{wikidata("Q1"), comptoir("5")}}}, []r.Fiche{fiche(comptoir("6"), wikidata("Q1"))},
			[]r.Decision{{ID: 1, Conflits: []r.Conflit{{Cle: comptoir("6"), Motif: r.Different, Valeur: "5"}}}},
		},
		"a repository joins when one software has it": {
			[]r.Connu{{ID: 1, Cles: []r.Cle{comptoir("5"), depot("github.com/a/b")}}}, []r.Fiche{fiche(depot("github.com/a/b"))},
			[]r.Decision{{ID: 1}},
		},
		"a repository of several software joins none": {
			[]r.Connu{{ID: 1, Cles: []r.Cle{sill("1"), depot("github.com/a/b")}}, {ID: 2, Cles: []r.Cle{sill("2"), depot("github.com/a/b")}}},
			[]r.Fiche{fiche(comptoir("9"), depot("github.com/a/b"))},
			[]r.Decision{{Ajouts: []r.Cle{comptoir("9")}}},
		},
		"a record that nothing identifies is left out": {
			[]r.Connu{{ID: 1, Cles: []r.Cle{sill("1"), comptoir("5")}}, {ID: 2, Cles: []r.Cle{sill("2")}}},
			[]r.Fiche{fiche(comptoir("5"), sill("2")), fiche(comptoir("5"), sill("3"))},
			[]r.Decision{
				{ID: 2, Conflits: []r.Conflit{{Cle: comptoir("5"), Motif: r.Ailleurs, ID: 1}}},
				{Ajouts: []r.Cle{sill("3")}, Conflits: []r.Conflit{{Cle: comptoir("5"), Motif: r.Ailleurs, ID: 1}}},
			},
		},
		"no identifier free: left out": {
			[]r.Connu{{ID: 1, Cles: []r.Cle{sill("1"), comptoir("5")}}}, []r.Fiche{fiche(sill("1")), fiche(comptoir("5"))},
			[]r.Decision{{ID: 1}, {Ecartee: true, Conflits: []r.Conflit{{Cle: comptoir("5"), Motif: r.Ailleurs, ID: 1}}}},
		},
	} {
		if got := r.Match(cas.connus, cas.fiches); !reflect.DeepEqual(got, cas.want) {
			t.Errorf("%s:\ngot  %+v\nwant %+v", nom, got, cas.want)
		}
	}
}

// hasard makes a small world where identifiers collide a lot.
func hasard(rng *rand.Rand) (connus []r.Connu, fiches []r.Fiche) {
	pris := map[r.Cle]bool{}
	for id := range int64(rng.IntN(5)) {
		c := r.Connu{ID: id + 1}
		for g := r.SILL; g <= r.Depot; g++ {
			k := r.Cle{Genre: g, Valeur: fmt.Sprint(rng.IntN(5))}
			if rng.IntN(2) == 0 && (g == r.Depot || !pris[k]) {
				pris[k] = true
				c.Cles = append(c.Cles, k)
			}
		}
		connus = append(connus, c)
	}
	propre := r.Genre(rng.IntN(int(r.Depot)))
	for v := range rng.IntN(6) {
		f := r.Fiche{Propre: r.Cle{Genre: propre, Valeur: fmt.Sprint(v)}}
		for g := r.SILL; g <= r.Depot; g++ {
			if g != propre && rng.IntN(2) == 0 {
				f.Autres = append(f.Autres, r.Cle{Genre: g, Valeur: fmt.Sprint(rng.IntN(5))})
			}
		}
		fiches = append(fiches, f)
	}
	return connus, fiches
}

// apply writes the decisions down, as the database does.
func apply(connus []r.Connu, ds []r.Decision) (apres []r.Connu, ids []int64) {
	apres = make([]r.Connu, len(connus))
	for i, c := range connus {
		apres[i] = r.Connu{ID: c.ID, Cles: slices.Clone(c.Cles)}
	}
	ids = make([]int64, len(ds))
	for i, d := range ds {
		switch {
		case d.Ecartee:
		case d.ID == 0:
			ids[i] = int64(1000 + i)
			apres = append(apres, r.Connu{ID: ids[i], Cles: slices.Clone(d.Ajouts)})
		default:
			ids[i] = d.ID
			for j := range apres {
				if apres[j].ID == d.ID {
					for _, k := range d.Ajouts {
						if k.Genre == r.Depot && slices.ContainsFunc(apres[j].Cles, func(c r.Cle) bool { return c.Genre == r.Depot }) {
							continue // the database keeps one repository
						}
						apres[j].Cles = append(apres[j].Cles, k)
					}
				}
			}
		}
	}
	return apres, ids
}

func TestOrderDoesNotChangeThePartition(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for range 20000 {
		connus, fiches := hasard(rng)
		want := r.Match(connus, fiches)
		ordre := rng.Perm(len(fiches))
		melangees := make([]r.Fiche, len(fiches))
		for i, j := range ordre {
			melangees[i] = fiches[j]
			melangees[i].Autres = slices.Clone(fiches[j].Autres)
			rng.Shuffle(len(melangees[i].Autres), func(a, b int) {
				melangees[i].Autres[a], melangees[i].Autres[b] = melangees[i].Autres[b], melangees[i].Autres[a]
			})
		}
		rng.Shuffle(len(connus), func(a, b int) { connus[a], connus[b] = connus[b], connus[a] })
		got := r.Match(connus, melangees)
		for i, j := range ordre {
			if !reflect.DeepEqual(got[i], want[j]) {
				t.Fatalf("known %+v\nrecords %+v\norder %v: record %d: %+v, then %+v", connus, fiches, ordre, j, want[j], got[i])
			}
		}
	}
}

func TestASecondReadingChangesNothingAndNoIdentifierIsShared(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	for range 20000 {
		connus, fiches := hasard(rng)
		apres, ids := apply(connus, r.Match(connus, fiches))
		vus := map[int64]bool{}
		for _, id := range ids {
			if id != 0 && vus[id] {
				t.Fatalf("two records in software %d: %+v %+v", id, connus, fiches)
			}
			vus[id] = true
		}
		porteur := map[r.Cle]int64{}
		for _, c := range apres {
			genres := map[r.Genre]bool{}
			for _, k := range c.Cles {
				if k.Genre == r.Depot {
					continue
				}
				if genres[k.Genre] || porteur[k] != 0 {
					t.Fatalf("%+v given twice: %+v\n%+v\n%+v", k, apres, connus, fiches)
				}
				genres[k.Genre], porteur[k] = true, c.ID
			}
		}
		for i, d := range r.Match(apres, fiches) {
			ajouts := slices.DeleteFunc(slices.Clone(d.Ajouts), func(k r.Cle) bool { return k.Genre == r.Depot })
			if d.ID != ids[i] || len(ajouts) > 0 {
				t.Fatalf("known %+v\nrecords %+v\nrecord %d went to %d, then %+v", connus, fiches, i, ids[i], d)
			}
		}
	}
}
