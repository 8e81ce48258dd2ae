package graph_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2/ast"

	"github.com/mutualibre/mutualibre/domain/droit"
	"github.com/mutualibre/mutualibre/domain/identifiant"
	"github.com/mutualibre/mutualibre/graph"
)

// saisies makes a valid input of each mutation, to be done to an organisation: see [cible]. What it needs beside, it
// makes as an administrator (a.admin). It returns nil when the mutation has no meaning for that organisation: a catalogue
// belongs to a syndicat. Name the source: an administrator speaks for nobody.
var saisies = map[droit.Action]func(t testing.TB, a *matrice, c cible) saisie{
	"declarerUsage":  func(t testing.TB, a *matrice, c cible) saisie { return a.usageInput(t, c) },
	"confirmerUsage": func(t testing.TB, a *matrice, c cible) saisie { return a.usageKnown(t, c, nil) },
	"corrigerUsage": func(t testing.TB, a *matrice, c cible) saisie {
		return a.usageKnown(t, c, saisie{"revision": 1, "postes": 12})
	},
	"cloreUsage": func(t testing.TB, a *matrice, c cible) saisie { return a.usageKnown(t, c, nil) },

	"creerCatalogue": func(t testing.TB, a *matrice, c cible) saisie { return a.catalogueInput(c) },
	"corrigerCatalogue": func(t testing.TB, a *matrice, c cible) saisie {
		return a.catalogueKnown(t, c, "id", saisie{"revision": 1, "nom": a.fresh("Catalogue")})
	},
	"creerEntree": func(t testing.TB, a *matrice, c cible) saisie {
		return a.catalogueKnown(t, c, "catalogue", saisie{"logiciel": identifiant.Global("Logiciel", "libreoffice"), "source": source})
	},
	"corrigerEntree": func(t testing.TB, a *matrice, c cible) saisie {
		return a.entreeKnown(t, c, "EN_PREPARATION", saisie{"revision": 1, "services": []string{"SUPPORT"}})
	},
	"publierEntree": func(t testing.TB, a *matrice, c cible) saisie { return a.entreeKnown(t, c, "EN_PREPARATION", nil) },
	"retirerEntree": func(t testing.TB, a *matrice, c cible) saisie { return a.entreeKnown(t, c, "PROPOSEE", nil) },
	"abonnerMembre": func(t testing.TB, a *matrice, c cible) saisie { return a.abonnementInput(t, c) },
	"desabonnerMembre": func(t testing.TB, a *matrice, c cible) saisie {
		in := a.abonnementInput(t, c)
		if in == nil {
			return nil
		}
		a.made(t, "abonnerMembre", "entree", in)
		return saisie{"entree": in["entree"], "collectivite": in["collectivite"]}
	},

	"declarerAdhesion": func(t testing.TB, a *matrice, c cible) saisie { return a.adhesionInput(t, c) },
	"corrigerAdhesion": func(t testing.TB, a *matrice, c cible) saisie {
		return a.adhesionKnown(t, c, saisie{"revision": 1, "services": []string{"Archivage"}})
	},
	"confirmerAdhesion": func(t testing.TB, a *matrice, c cible) saisie { return a.adhesionWaiting(t, c) },
	"quitterGroupement": func(t testing.TB, a *matrice, c cible) saisie {
		if c.genre == "SYNDICAT" {
			return a.adhesionKnown(t, c, nil)
		}
		return a.adhesionWaiting(t, c)
	},

	"declarerEconomie": func(t testing.TB, a *matrice, c cible) saisie { return a.economieInput(t, c) },
	"corrigerEconomie": func(t testing.TB, a *matrice, c cible) saisie {
		return a.economieKnown(t, c, saisie{"revision": 1, "net": "12"})
	},
	"verifierEconomie": func(t testing.TB, a *matrice, c cible) saisie { return a.economieKnown(t, c, saisie{"source": source}) },
	"retirerEconomie":  func(t testing.TB, a *matrice, c cible) saisie { return a.economieKnown(t, c, nil) },

	"declarerContrat": func(t testing.TB, a *matrice, c cible) saisie { return a.contratInput(t, c) },
	"corrigerContrat": func(t testing.TB, a *matrice, c cible) saisie {
		return a.contratKnown(t, c, saisie{"revision": 1, "montantAnnuel": "12"})
	},
	"retirerContrat": func(t testing.TB, a *matrice, c cible) saisie { return a.contratKnown(t, c, nil) },

	"publierRetour": func(t testing.TB, a *matrice, c cible) saisie { return a.retourInput(c) },
	"corrigerRetour": func(t testing.TB, a *matrice, c cible) saisie {
		return a.retourKnown(t, c, saisie{"revision": 1, "resume": "Revu."})
	},
	"retirerRetour": func(t testing.TB, a *matrice, c cible) saisie { return a.retourKnown(t, c, nil) },

	"declarerDeveloppement": func(t testing.TB, a *matrice, c cible) saisie { return a.developpementInput(c) },
	"corrigerDeveloppement": func(t testing.TB, a *matrice, c cible) saisie {
		return with(saisie{"id": a.made(t, "declarerDeveloppement", "developpement", a.developpementInput(c)), "revision": 1}, saisie{"jours": "12"})
	},
	"retirerDeveloppement": func(t testing.TB, a *matrice, c cible) saisie {
		return saisie{"id": a.made(t, "declarerDeveloppement", "developpement", a.developpementInput(c))}
	},
	"declarerParticipationDeveloppement": func(t testing.TB, a *matrice, c cible) saisie { return a.participationInput(t, c) },
	"corrigerParticipationDeveloppement": func(t testing.TB, a *matrice, c cible) saisie {
		return a.participationKnown(t, c, saisie{"revision": 1, "montant": "12"})
	},
	"confirmerParticipationDeveloppement": func(t testing.TB, a *matrice, c cible) saisie { return a.participationKnown(t, c, nil) },
	"retirerParticipationDeveloppement":   func(t testing.TB, a *matrice, c cible) saisie { return a.participationKnown(t, c, nil) },

	"proposerRessource": func(t testing.TB, a *matrice, c cible) saisie { return a.ressourceInput(c) },
	"corrigerRessource": func(t testing.TB, a *matrice, c cible) saisie {
		return a.ressourceKnown(t, c, saisie{"revision": 1, "langue": "fr"})
	},
	"retirerRessource": func(t testing.TB, a *matrice, c cible) saisie { return a.ressourceKnown(t, c, nil) },

	"proposerUsage": func(t testing.TB, a *matrice, c cible) saisie {
		if c.genre != "PRESTATAIRE" {
			return nil
		}
		return a.proposal(t, c.id, a.organisation(t, arles))
	},
	"accepterProposition": func(t testing.TB, a *matrice, c cible) saisie { return a.proposalTo(t, c, saisie{"source": source}) },
	"refuserProposition":  func(t testing.TB, a *matrice, c cible) saisie { return a.proposalTo(t, c, nil) },

	"declarerPrestation": func(t testing.TB, a *matrice, c cible) saisie { return a.prestationInput(t, c) },
	"corrigerPrestation": func(t testing.TB, a *matrice, c cible) saisie {
		return a.prestationKnown(t, c, saisie{"revision": 1, "types": []string{"SUPPORT"}, "source": source})
	},
	"retirerPrestation": func(t testing.TB, a *matrice, c cible) saisie { return a.prestationKnown(t, c, nil) },
	"declarerReference": func(t testing.TB, a *matrice, c cible) saisie {
		if c.genre == "" {
			return nil
		}
		return a.reference(t, c.id, a.commune(t))
	},
	"confirmerReference": func(t testing.TB, a *matrice, c cible) saisie { return a.referenceFor(t, c) },
	"refuserReference":   func(t testing.TB, a *matrice, c cible) saisie { return a.referenceFor(t, c) },
	"retirerReference": func(t testing.TB, a *matrice, c cible) saisie {
		if c.genre == "" {
			return nil
		}
		return saisie{"id": a.made(t, "declarerReference", "reference", a.reference(t, c.id, a.commune(t)))}
	},

	"exprimerBesoin": func(t testing.TB, a *matrice, c cible) saisie { return a.besoinInput(c) },
	"corrigerBesoin": func(t testing.TB, a *matrice, c cible) saisie {
		return a.besoinKnown(t, c, "id", saisie{"revision": 1, "titre": "Autrement"})
	},
	"cloreBesoin": func(t testing.TB, a *matrice, c cible) saisie {
		return a.besoinKnown(t, c, "id", saisie{"statut": "ABANDONNE"})
	},
	"rejoindreBesoin": func(t testing.TB, a *matrice, c cible) saisie {
		if a.besoinInput(c) == nil {
			return nil
		}
		return a.besoinKnown(t, cible{id: a.commune(t), genre: "COLLECTIVITE"}, "besoin", saisie{"organisation": c.id})
	},
	"quitterBesoin": func(t testing.TB, a *matrice, c cible) saisie {
		if a.besoinInput(c) == nil {
			return nil
		}
		in := a.besoinKnown(t, cible{id: a.commune(t), genre: "COLLECTIVITE"}, "besoin", saisie{"organisation": c.id})
		a.made(t, "rejoindreBesoin", "besoin", saisie{"besoin": in["besoin"], "organisation": c.id})
		return in
	},
	"repondreBesoin": func(t testing.TB, a *matrice, c cible) saisie {
		if c.genre != "PRESTATAIRE" && c.genre != "SYNDICAT" {
			return nil
		}
		return a.besoinKnown(t, cible{id: a.commune(t), genre: "COLLECTIVITE"}, "besoin", saisie{"repondant": c.id, "message": "Nous savons faire."})
	},
	"choisirReponse": func(t testing.TB, a *matrice, c cible) saisie {
		in := a.besoinKnown(t, c, "besoin", a.logicielKnown(t, cible{lien: droit.Partage}, "logiciel", "MIT", nil))
		if in == nil {
			return nil
		}
		other := value[string](t, a.pool, `SELECT cle FROM organisation WHERE genre = 'PRESTATAIRE' ORDER BY id DESC LIMIT 1`)
		return saisie{"id": a.made(t, "repondreBesoin", "reponse", saisie{"besoin": in["besoin"], "repondant": a.organisation(t, other), "message": "Nous savons faire."}), "logiciel": in["logiciel"]}
	},

	"proposerDisponibilite": func(t testing.TB, a *matrice, c cible) saisie {
		a.exec(t, `DELETE FROM disponibilite`) // five at most for each person
		return a.disponibilite(c)
	},
	"corrigerDisponibilite": func(t testing.TB, a *matrice, c cible) saisie {
		return a.disponible(t, c, saisie{"revision": 1, "jours": 3})
	},
	"retirerDisponibilite": func(t testing.TB, a *matrice, c cible) saisie { return a.disponible(t, c, nil) },
	"contacterDeveloppeur": func(t testing.TB, a *matrice, c cible) saisie {
		if c.genre == "" {
			return nil
		}
		a.exec(t, `DELETE FROM disponibilite`)
		return saisie{"disponibilite": a.made(t, "proposerDisponibilite", "disponibilite", a.disponibilite(cible{lien: droit.Partage})), "organisation": c.id, "message": "Une semaine en mars ?"}
	},

	"reglerAConfirmer": func(t testing.TB, a *matrice, c cible) saisie {
		in := a.usageKnown(t, c, nil)
		if in == nil {
			return nil
		}
		_, cle, err := identifiant.ParseGlobal(in["id"].(string))
		if err != nil {
			t.Fatal(err)
		}
		id := value[int64](t, a.pool, `UPDATE usage SET constate_le = constate_le - 1000 WHERE cle::text = $1 RETURNING id`, cle)
		return saisie{"organisation": c.id, "ids": []string{identifiant.Global("AConfirmer", fmt.Sprintf("USAGE_NON_CONFIRME/Usage/%d", id))}, "decision": "CONFIRMER"}
	},

	"repondreEvaluation": func(t testing.TB, a *matrice, c cible) saisie {
		if c.lien != droit.Partage {
			return nil
		}
		cle := value[string](t, a.pool, `SELECT min(cle::text) FROM evaluation_communaute`)
		return saisie{"evaluation": identifiant.Global("EvaluationCommunaute", cle), "texte": "Nous avons repris le projet.", "source": source}
	},

	"figerInstantane": func(t testing.TB, a *matrice, c cible) saisie {
		if c.lien != droit.Partage {
			return nil
		}
		return saisie{"titre": "Arles", "requete": aFiger}
	},

	"annulerDerniereModification": func(t testing.TB, a *matrice, c cible) saisie {
		if in := a.logicielInput(c, "MIT"); in == nil {
			return nil
		} else if droit.Permet(a.role, "creerLogiciel", droit.Partage) { // a reader has nothing to undo
			a.agent.must(t, operation("creerLogiciel", ""), map[string]any{"i": in})
		}
		return saisie{}
	},

	"declarerRencontre": func(t testing.TB, a *matrice, c cible) saisie { return a.rencontreInput(c) },
	"corrigerRencontre": func(t testing.TB, a *matrice, c cible) saisie {
		return a.rencontreKnown(t, c, "id", saisie{"revision": 1, "lieu": "Mairie"})
	},
	"retirerRencontre":     func(t testing.TB, a *matrice, c cible) saisie { return a.rencontreKnown(t, c, "id", nil) },
	"declarerIntervention": func(t testing.TB, a *matrice, c cible) saisie { return a.interventionInput(t, c) },
	"corrigerIntervention": func(t testing.TB, a *matrice, c cible) saisie {
		return a.interventionKnown(t, c, saisie{"revision": 1, "salle": "Salle 2"})
	},
	"retirerIntervention": func(t testing.TB, a *matrice, c cible) saisie { return a.interventionKnown(t, c, nil) },
	"declarerParticipation": func(t testing.TB, a *matrice, c cible) saisie {
		if c.lien == droit.Partage {
			return nil
		}
		return a.rencontreKnown(t, cible{lien: droit.Partage}, "rencontre", saisie{"organisation": c.id, "source": source})
	},
	"retirerParticipation": func(t testing.TB, a *matrice, c cible) saisie {
		if c.lien == droit.Partage {
			return nil
		}
		in := a.rencontreKnown(t, cible{lien: droit.Partage}, "rencontre", saisie{"organisation": c.id, "source": source})
		a.made(t, "declarerParticipation", "rencontre", in)
		return saisie{"rencontre": in["rencontre"], "organisation": c.id}
	},

	"creerLogiciel": func(t testing.TB, a *matrice, c cible) saisie { return a.logicielInput(c, "MIT") },
	"corrigerLogiciel": func(t testing.TB, a *matrice, c cible) saisie {
		return a.logicielKnown(t, c, "id", "MIT", saisie{"revision": 1, "description": "Sert à tout."})
	},
	"ajouterIdentifiant": func(t testing.TB, a *matrice, c cible) saisie {
		return a.logicielKnown(t, c, "logiciel", "MIT", saisie{"source": "FRAMALIBRE", "valeur": a.fresh("notice")})
	},
	"marquerRemplacement": func(t testing.TB, a *matrice, c cible) saisie {
		return with(a.logicielKnown(t, c, "logiciel", "MIT", nil), a.logicielKnown(t, c, "remplace", "propriétaire", nil))
	},
	"fusionnerLogiciels": func(t testing.TB, a *matrice, c cible) saisie {
		return with(a.logicielKnown(t, c, "garde", "MIT", nil), a.logicielKnown(t, c, "fusionne", "MIT", nil))
	},
	"fusionnerOrganisations": func(t testing.TB, a *matrice, c cible) saisie {
		if c.lien != droit.Partage {
			return nil
		}
		communes := value[[]string](t, a.pool, `SELECT array_agg(cle) FROM (SELECT cle FROM organisation WHERE nature = 'COMMUNE' AND region = '28' ORDER BY id LIMIT 2 OFFSET $1) x`, 2*a.next("fusion"))
		return saisie{"garde": a.organisation(t, communes[0]), "fusionnees": []string{a.organisation(t, communes[1])}, "dateEffet": "2026-01-01", "force": true, "motif": "Arrêté"}
	},

	"declarerEditionLabel": func(t testing.TB, a *matrice, c cible) saisie {
		if c.lien != droit.Partage {
			return nil
		}
		return a.editionInput(t)
	},
	"corrigerEditionLabel": func(t testing.TB, a *matrice, c cible) saisie {
		if c.lien != droit.Partage {
			return nil
		}
		edition := a.made(t, "declarerEditionLabel", "edition", a.editionInput(t))
		return saisie{"id": edition, "revision": 1, "lieuRemise": "Paris"}
	},
	"inscrireLaureat": func(t testing.TB, a *matrice, c cible) saisie {
		if c.lien != droit.Partage {
			return nil
		}
		return saisie{"edition": editionDe(2017), "organisation": a.organisation(t, arles), "niveau": "3", "source": source}
	},
	"retirerLaureat": func(t testing.TB, a *matrice, c cible) saisie {
		if c.lien != droit.Partage {
			return nil
		}
		laureat := saisie{"edition": editionDe(2017), "organisation": a.organisation(t, arles)}
		a.admin.must(t, operation("inscrireLaureat", ""), map[string]any{"i": with(saisie{"niveau": "3", "source": source}, laureat)})
		return laureat
	},
	"preparerCandidature": func(t testing.TB, a *matrice, c cible) saisie { return a.candidatureInput(c, 2017) },
	"repondreCandidature": func(t testing.TB, a *matrice, c cible) saisie {
		return a.candidatureKnown(t, c, "candidature", 2017, saisie{"question": "copylefts-sobriete", "reponse": "PARTIEL"})
	},
	"deposerCandidature": func(t testing.TB, a *matrice, c cible) saisie {
		a.exec(t, ouvrirEdition2024)
		in := a.candidatureKnown(t, c, "id", 2024, nil)
		if in != nil {
			a.admin.must(t, operation("repondreCandidature", ""), map[string]any{"i": saisie{"candidature": in["id"], "question": "copylefts-sobriete", "reponse": "PARTIEL"}})
		}
		return in
	},
	"retirerCandidature": func(t testing.TB, a *matrice, c cible) saisie { return a.candidatureKnown(t, c, "id", 2017, nil) },

	"creerJeton": func(t testing.TB, a *matrice, c cible) saisie { return c.holder(saisie{"nom": "jeton"}) },
	"revoquerJeton": func(t testing.TB, a *matrice, c cible) saisie {
		return saisie{"id": a.made(t, "creerJeton", "jeton", c.holder(saisie{"nom": "à révoquer"}))}
	},
	"habiliter": func(t testing.TB, a *matrice, c cible) saisie { return a.person(c) },
	"retirerHabilitation": func(t testing.TB, a *matrice, c cible) saisie {
		return saisie{"id": a.made(t, "habiliter", "habilitation", a.person(c))}
	},

	"creerWebhook": func(t testing.TB, a *matrice, c cible) saisie { return c.webhook() },
	"corrigerWebhook": func(t testing.TB, a *matrice, c cible) saisie {
		return a.webhookKnown(t, c, saisie{"revision": 1, "actif": false})
	},
	"supprimerWebhook": func(t testing.TB, a *matrice, c cible) saisie { return a.webhookKnown(t, c, nil) },
	"renvoyerLivraison": func(t testing.TB, a *matrice, c cible) saisie {
		w := a.webhookKnown(t, c, nil)
		if w == nil {
			return nil
		}
		_, cle, err := identifiant.ParseGlobal(w["id"].(string))
		if err != nil {
			t.Fatal(err)
		}
		sent := value[string](t, a.pool, `INSERT INTO livraison (webhook_id, numero) SELECT id, 1 FROM webhook WHERE cle::text = $1 RETURNING cle::text`, cle)
		return saisie{"id": identifiant.Global("Livraison", sent)}
	},
}

// cachees are the mutations of what a stranger does not even see: for one, it does not exist.
var cachees = []droit.Action{"accepterProposition", "refuserProposition", "confirmerReference", "refuserReference", "retirerReference", "choisirReponse",
	"repondreCandidature", "deposerCandidature", "retirerCandidature"}

// saisie is the input of a mutation.
type saisie map[string]any

// usageInput declares a usage of the organisation, of a software that nobody else of the matrix uses.
func (a *matrice) usageInput(t testing.TB, c cible) saisie {
	if c.genre != "COLLECTIVITE" && c.genre != "SYNDICAT" {
		return nil
	}
	return saisie{"utilisateur": c.id, "logiciel": identifiant.Global("Logiciel", "libreoffice"), "statut": "PRODUCTION", "source": source}
}

// usageKnown names a usage of the organisation.
func (a *matrice) usageKnown(t testing.TB, c cible, more saisie) saisie {
	in := a.usageInput(t, c)
	if in == nil {
		return nil
	}
	return with(saisie{"id": a.made(t, "declarerUsage", "usage", in)}, more)
}

// catalogueInput describes a catalogue of the syndicat.
func (a *matrice) catalogueInput(c cible) saisie {
	if c.genre != "SYNDICAT" {
		return nil
	}
	return saisie{"syndicat": c.id, "nom": a.fresh("Catalogue"), "source": source}
}

// catalogueKnown names, in this field, a catalogue of the syndicat.
func (a *matrice) catalogueKnown(t testing.TB, c cible, champ string, more saisie) saisie {
	in := a.catalogueInput(c)
	if in == nil {
		return nil
	}
	return with(saisie{champ: a.made(t, "creerCatalogue", "catalogue", in)}, more)
}

// entreeKnown names an entry of the syndicat.
func (a *matrice) entreeKnown(t testing.TB, c cible, statut string, more saisie) saisie {
	in := a.catalogueKnown(t, c, "catalogue", saisie{"logiciel": identifiant.Global("Logiciel", "libreoffice"), "statut": statut, "source": source})
	if in == nil {
		return nil
	}
	return with(saisie{"id": a.made(t, "creerEntree", "entree", in)}, more)
}

// abonnementInput names an entry of the syndicat, and one of its members.
func (a *matrice) abonnementInput(t testing.TB, c cible) saisie {
	in := a.entreeKnown(t, c, "PROPOSEE", nil)
	if in == nil {
		return nil
	}
	adhesion := a.adhesionInput(t, c)
	a.made(t, "declarerAdhesion", "adhesion", adhesion)
	return saisie{"entree": in["id"], "collectivite": adhesion["membre"], "source": source}
}

// adhesionInput declares a commune, another each time, a member of the syndicat.
func (a *matrice) adhesionInput(t testing.TB, c cible) saisie {
	if c.genre != "SYNDICAT" {
		return nil
	}
	commune := value[string](t, a.pool, `SELECT cle FROM organisation WHERE nature = 'COMMUNE' AND region = '53' ORDER BY id LIMIT 1 OFFSET $1`, a.next("membre"))
	return saisie{"groupement": c.id, "membre": a.organisation(t, commune), "debut": "2020-01-01", "source": source}
}

// adhesionKnown names a membership in the syndicat.
func (a *matrice) adhesionKnown(t testing.TB, c cible, more saisie) saisie {
	in := a.adhesionInput(t, c)
	if in == nil {
		return nil
	}
	return with(saisie{"id": a.made(t, "declarerAdhesion", "adhesion", in)}, more)
}

// adhesionWaiting names a membership of the organisation that a groupement, another each time, has just declared.
func (a *matrice) adhesionWaiting(t testing.TB, c cible) saisie {
	if c.genre != "COLLECTIVITE" && c.genre != "SYNDICAT" {
		return nil
	}
	groupement := value[string](t, a.pool, `SELECT cle FROM organisation WHERE genre = 'SYNDICAT' AND departement NOT IN ('38', '40') ORDER BY id LIMIT 1 OFFSET $1`, a.next("groupement"))
	it := &matrice{api: a.api, admin: a.as(t, droit.Gestionnaire, groupement)}
	return saisie{"id": it.made(t, "declarerAdhesion", "adhesion", saisie{"groupement": a.organisation(t, groupement), "membre": c.id, "debut": "2020-01-01"})}
}

// economieInput declares a saving of the organisation.
func (a *matrice) economieInput(t testing.TB, c cible) saisie {
	if c.genre != "COLLECTIVITE" && c.genre != "SYNDICAT" {
		return nil
	}
	return saisie{"beneficiaire": c.id, "nature": "LICENCES", "statut": "ANNONCEE", "brut": "100", "source": source}
}

// economieKnown names a saving of the organisation, that everyone may read.
func (a *matrice) economieKnown(t testing.TB, c cible, more saisie) saisie {
	in := a.economieInput(t, c)
	if in == nil {
		return nil
	}
	return with(saisie{"id": a.made(t, "declarerEconomie", "economie", in)}, more)
}

// contratInput declares a contract of the organisation, that everyone may read.
func (a *matrice) contratInput(t testing.TB, c cible) saisie {
	if c.genre != "COLLECTIVITE" && c.genre != "SYNDICAT" {
		return nil
	}
	return saisie{"organisation": c.id, "logiciel": identifiant.Global("Logiciel", "libreoffice"), "visibilite": "PUBLIC", "source": source}
}

// contratKnown names a contract of the organisation.
func (a *matrice) contratKnown(t testing.TB, c cible, more saisie) saisie {
	in := a.contratInput(t, c)
	if in == nil {
		return nil
	}
	return with(saisie{"id": a.made(t, "declarerContrat", "contrat", in)}, more)
}

// editionInput describes an edition that is not known, or not any more.
func (a *matrice) editionInput(t testing.TB) saisie {
	a.exec(t, `DELETE FROM label_edition WHERE annee = 2030`)
	return saisie{"annee": 2030, "referentiel": "copylefts", "source": source}
}

// candidatureInput describes an application of the organisation to the edition of a year.
func (a *matrice) candidatureInput(c cible, annee int) saisie {
	if c.genre != "COLLECTIVITE" && c.genre != "SYNDICAT" {
		return nil
	}
	someone := saisie{"nom": "Camille Durand", "fonction": "Adjointe"}
	return saisie{"organisation": c.id, "edition": annee, "elu": someone, "referent": someone}
}

// candidatureKnown names, in this field, an application of the organisation, of which no other stands: each try has its own.
func (a *matrice) candidatureKnown(t testing.TB, c cible, champ string, annee int, more saisie) saisie {
	in := a.candidatureInput(c, annee)
	if in == nil {
		return nil
	}
	a.exec(t, `UPDATE candidature SET statut = 'RETIREE'`)
	return with(saisie{champ: a.made(t, "preparerCandidature", "candidature", in)}, more)
}

// rencontreInput announces an event of the organisation, or of nobody.
func (a *matrice) rencontreInput(c cible) saisie {
	in := saisie{"nom": a.fresh("Rencontre"), "debut": "2027-03-04", "source": source}
	if c.lien != droit.Partage {
		in["declarant"] = c.id
	}
	return in
}

// rencontreKnown names, in this field, an event of the organisation, or of nobody.
func (a *matrice) rencontreKnown(t testing.TB, c cible, champ string, more saisie) saisie {
	return with(saisie{champ: a.made(t, "declarerRencontre", "rencontre", a.rencontreInput(c))}, more)
}

// interventionInput declares a session of the organisation, or of nobody, at an event that nobody announced.
func (a *matrice) interventionInput(t testing.TB, c cible) saisie {
	in := a.rencontreKnown(t, cible{lien: droit.Partage}, "rencontre", saisie{"titre": a.fresh("Intervention"), "genre": "CONFERENCE", "source": source})
	if c.lien != droit.Partage {
		in["declarant"] = c.id
	}
	return in
}

// interventionKnown names a session of the organisation, or of nobody.
func (a *matrice) interventionKnown(t testing.TB, c cible, more saisie) saisie {
	return with(saisie{"id": a.made(t, "declarerIntervention", "intervention", a.interventionInput(t, c))}, more)
}

// logicielInput describes a software, which belongs to nobody.
func (a *matrice) logicielInput(c cible, licence string) saisie {
	if c.lien != droit.Partage {
		return nil
	}
	return saisie{"nom": a.fresh("Logiciel"), "licence": licence, "source": source}
}

// logicielKnown names, in this field, a software.
func (a *matrice) logicielKnown(t testing.TB, c cible, champ, licence string, more saisie) saisie {
	in := a.logicielInput(c, licence)
	if in == nil {
		return nil
	}
	return with(saisie{champ: a.made(t, "creerLogiciel", "logiciel", in)}, more)
}

// proposal is one of a software that was never proposed yet.
func (a *matrice) proposal(t testing.TB, prestataire, customer string) saisie {
	logiciel := a.logicielKnown(t, cible{lien: droit.Partage}, "logiciel", "MIT", nil)
	return with(logiciel, saisie{"prestataire": prestataire, "utilisateur": customer, "statut": "PRODUCTION"})
}

// proposalTo names a proposal made to the organisation by a prestataire that acts nowhere else in the matrix.
func (a *matrice) proposalTo(t testing.TB, c cible, more saisie) saisie {
	if c.genre != "COLLECTIVITE" && c.genre != "SYNDICAT" {
		return nil
	}
	other := value[string](t, a.pool, `SELECT cle FROM organisation WHERE genre = 'PRESTATAIRE' ORDER BY id DESC LIMIT 1`)
	return with(saisie{"id": a.made(t, "proposerUsage", "proposition", a.proposal(t, a.organisation(t, other), c.id))}, more)
}

// prestationInput describes an offer of the prestataire, around a software that it does not serve yet.
func (a *matrice) prestationInput(t testing.TB, c cible) saisie {
	if c.genre != "PRESTATAIRE" {
		return nil
	}
	return with(a.logicielKnown(t, cible{lien: droit.Partage}, "logiciel", "MIT", nil), saisie{"prestataire": c.id, "source": source})
}

// prestationKnown names an offer of the prestataire.
func (a *matrice) prestationKnown(t testing.TB, c cible, more saisie) saisie {
	in := a.prestationInput(t, c)
	if in == nil {
		return nil
	}
	return with(saisie{"id": a.made(t, "declarerPrestation", "prestation", in)}, more)
}

// commune is one that nothing else of the matrix touches, another each time.
func (a *matrice) commune(t testing.TB) string {
	return a.organisation(t, value[string](t, a.pool, `SELECT cle FROM organisation WHERE nature = 'COMMUNE' AND region = '52' ORDER BY id LIMIT 1 OFFSET $1`, a.next("commune")))
}

// reference describes work done by someone for someone else.
func (a *matrice) reference(t testing.TB, qui, pour string) saisie {
	return saisie{"prestataire": qui, "beneficiaire": pour, "logiciel": identifiant.Global("Logiciel", "libreoffice"), "source": source}
}

// referenceFor names work done for the organisation by a prestataire that acts nowhere else in the matrix.
func (a *matrice) referenceFor(t testing.TB, c cible) saisie {
	if c.genre != "COLLECTIVITE" && c.genre != "SYNDICAT" {
		return nil
	}
	other := value[string](t, a.pool, `SELECT cle FROM organisation WHERE genre = 'PRESTATAIRE' ORDER BY id DESC LIMIT 1`)
	in := with(a.reference(t, a.organisation(t, other), c.id), a.logicielKnown(t, cible{lien: droit.Partage}, "logiciel", "MIT", nil))
	return saisie{"id": a.made(t, "declarerReference", "reference", in)}
}

// besoinInput describes a need of the organisation, open to others.
func (a *matrice) besoinInput(c cible) saisie {
	if c.genre != "COLLECTIVITE" && c.genre != "SYNDICAT" {
		return nil
	}
	return saisie{"organisation": c.id, "titre": "Gérer les cimetières", "categorie": "cimetieres", "ouvert": true, "source": source}
}

// besoinKnown names, in this field, a need of the organisation.
func (a *matrice) besoinKnown(t testing.TB, c cible, champ string, more saisie) saisie {
	in := a.besoinInput(c)
	if in == nil {
		return nil
	}
	return with(saisie{champ: a.made(t, "exprimerBesoin", "besoin", in)}, more)
}

// disponibilite describes somebody of the bank.
func (a *matrice) disponibilite(c cible) saisie {
	if c.lien != droit.Partage {
		return nil
	}
	return saisie{"nom": "Ada", "statut": "INDEPENDANT", "consentementVersion": "2026-11"}
}

// disponible names who acts, in the bank: nobody else may touch it.
func (a *matrice) disponible(t testing.TB, c cible, more saisie) saisie {
	in := a.disponibilite(c)
	if in == nil {
		return nil
	}
	a.exec(t, `DELETE FROM disponibilite`) // five at most for each person
	it := &matrice{api: a.api, admin: a.agent}
	return with(saisie{"id": it.made(t, "proposerDisponibilite", "disponibilite", in)}, more)
}

// person gives a right to somebody new.
func (a *matrice) person(c cible) saisie {
	return c.holder(saisie{"emetteur": "https://sso.exemple.fr", "sujet": a.fresh("personne"), "nom": "Camille Durand"})
}

// webhook describes a webhook of the organisation.
func (c cible) webhook() saisie {
	if c.genre == "" {
		return nil
	}
	return saisie{"organisation": c.id, "url": "https://exemple.fr/", "evenements": []string{"USAGE"}}
}

// webhookKnown names a webhook of the organisation.
func (a *matrice) webhookKnown(t testing.TB, c cible, more saisie) saisie {
	in := c.webhook()
	if in == nil {
		return nil
	}
	return with(saisie{"id": a.made(t, "creerWebhook", "webhook", in)}, more)
}

// holder completes the input of a token, or of a right, for the organisation.
func (c cible) holder(in saisie) saisie {
	switch c.genre {
	case "":
		return with(in, saisie{"role": "ADMIN"})
	case "PRESTATAIRE":
		return with(in, saisie{"role": "PRESTATAIRE", "organisation": c.id})
	}
	return with(in, saisie{"role": "GESTIONNAIRE", "organisation": c.id})
}

var source = saisie{"nom": "Délibération du conseil"}

func with(in, more saisie) saisie {
	for k, v := range more {
		in[k] = v
	}
	return in
}

// cible is what a mutation is done to: an organisation, or what belongs to none (then all but lien is empty).
type cible struct {
	lien           droit.Lien // to the organisation for which someone acts
	cle, id, genre string
}

// matrice is the API, and what the inputs of its mutations are made with.
type matrice struct {
	*api
	admin *api
	agent *api // who is about to do the mutation, with which role: for what one does only to one's own
	role  droit.Role
	n     map[string]int // of each sort, how many were made
}

// next counts the things of one sort.
func (a *matrice) next(sort string) int {
	a.n[sort]++
	return a.n[sort]
}

// fresh makes a text that nothing else has.
func (a *matrice) fresh(prefix string) string {
	return fmt.Sprintf("%s-%d", prefix, a.next(prefix))
}

// made does a mutation as an administrator, and returns the id of the thing that it made: the field of this name of its payload.
func (a *matrice) made(t testing.TB, mutation, field string, in saisie) string {
	t.Helper()
	got := a.admin.must(t, operation(mutation, field+" { id }"), map[string]any{"i": in})
	id, ok := at(t, got.Data, mutation, field).(map[string]any)
	if !ok {
		t.Fatalf("%s: %v", mutation, got.Data)
	}
	return id["id"].(string)
}

// operation writes a mutation that takes its input as $i.
func operation(mutation, fields string) string {
	f := graph.Schema(nil).Schema().Mutation.Fields.ForName(mutation)
	return fmt.Sprintf(`mutation ($i: %s) { %s(input: $i) { %s erreurs { code champ message } } }`, f.Arguments.ForName("input").Type, mutation, fields)
}

func mutations() []droit.Action {
	var all []droit.Action
	for _, f := range graph.Schema(nil).Schema().Mutation.Fields {
		if !strings.HasPrefix(f.Name, "__") {
			all = append(all, droit.Action(f.Name))
		}
	}
	slices.Sort(all)
	return all
}

func TestEveryMutationHasARuleThatTheSchemaTells(t *testing.T) {
	rules := droit.Regles()
	for _, m := range mutations() {
		rule, ok := rules[m]
		if !ok {
			t.Errorf("%s n'a pas de règle : l'ajouter à droit.Regles", m)
			continue
		}
		want, got := directive(rule), ""
		if d := graph.Schema(nil).Schema().Mutation.Fields.ForName(string(m)).Directives.ForName("role"); d != nil {
			got = directiveOf(d)
		}
		if got != want {
			t.Errorf("%s : le schéma doit dire\n\t%s\net dit\n\t%s", m, want, got)
		}
		if saisies[m] == nil {
			t.Errorf("%s n'est pas éprouvée : ajouter à saisies, dans ce fichier, la fonction qui fait une saisie valable pour une organisation", m)
		}
	}
	for action := range rules {
		if !strings.HasPrefix(string(action), "lire") && !slices.Contains(mutations(), action) {
			t.Errorf("%s a une règle, et n'est pas une mutation du schéma", action)
		}
	}
	for action := range saisies {
		if !slices.Contains(mutations(), action) {
			t.Errorf("%s n'est plus une mutation : la retirer de saisies", action)
		}
	}
}

// directive writes a rule as the schema tells it.
func directive(rule droit.Regle) string {
	var arguments []string
	for _, l := range droit.Liens() {
		if len(rule[l]) > 0 {
			arguments = append(arguments, strings.ToLower(string(l))+": "+rolesIn(rule[l]))
		}
	}
	return "@role(" + strings.Join(arguments, ", ") + ")"
}

func directiveOf(d *ast.Directive) string {
	rule := droit.Regle{}
	for _, a := range d.Arguments {
		for _, v := range a.Value.Children {
			l := droit.Lien(strings.ToUpper(a.Name))
			rule[l] = append(rule[l], droit.Role(v.Value.Raw))
		}
	}
	return directive(rule)
}

// rolesIn writes roles in the order of droit.Roles.
func rolesIn(roles []droit.Role) string {
	var names []string
	for _, r := range droit.Roles() {
		if slices.Contains(roles, r) {
			names = append(names, string(r))
		}
	}
	return "[" + strings.Join(names, ", ") + "]"
}

// acteur is a role for an organisation, and those that it meets.
type acteur struct {
	role   droit.Role
	cle    string // "" for the roles that are for all
	cibles []cible
}

const (
	alpi  = "254003304" // a syndicat without a tie to the SITPI
	arles = "211300041" // a commune that is a member of neither
)

// acteurs are all roles, each for an organisation of every kind that may have it, before their own organisation, a
// member, strangers of every kind, and what belongs to nobody.
func (a *matrice) acteurs(t testing.TB) []acteur {
	providers := [2]string{}
	for i := range providers {
		providers[i] = value[string](t, a.pool, `SELECT cle FROM organisation WHERE genre = 'PRESTATAIRE' ORDER BY id LIMIT 1 OFFSET $1`, i)
	}
	of := func(lien droit.Lien, cle string) cible {
		return cible{lien: lien, cle: cle, id: a.organisation(t, cle), genre: value[string](t, a.pool, `SELECT genre FROM organisation WHERE cle = $1`, cle)}
	}
	strangers := []cible{of(droit.Etrangere, arles), of(droit.Etrangere, alpi), of(droit.Etrangere, providers[1]), {lien: droit.Partage}}
	var all []acteur
	for _, r := range droit.Roles() {
		switch {
		case r.Global():
			all = append(all, acteur{r, "", append([]cible{of(droit.Etrangere, sitpi)}, strangers...)})
		case r == droit.Fournisseur:
			all = append(all, acteur{r, providers[0], append([]cible{of(droit.Propre, providers[0])}, strangers...)})
		default:
			all = append(all,
				acteur{r, sitpi, append([]cible{of(droit.Propre, sitpi), of(droit.Membre, echirolles)}, strangers...)},
				acteur{r, echirolles, append([]cible{of(droit.Propre, echirolles), of(droit.Etrangere, sitpi)}, strangers...)})
		}
	}
	return all
}

// The whole matrix: each mutation done for real, with an input at which nothing else is wrong, by each role, to each
// organisation. It is forbidden exactly when the rule says so, and then leaves nothing behind.
func TestAMutationIsForbiddenExactlyWhenItsRuleSaysSoAtScale(t *testing.T) {
	t.Parallel()
	a := &matrice{api: real(t), n: map[string]int{}}
	a.admin = a.as(t, droit.Admin, "")
	acteurs := a.acteurs(t)
	for _, m := range mutations() {
		t.Run(string(m), func(t *testing.T) {
			if saisies[m] == nil {
				t.Fatal("no input: see saisies")
			}
			proved := map[string]bool{}
			known := map[string]saisie{} // by target: an input refused did nothing, and is still good for the next to try
			for _, who := range acteurs {
				agent := a.as(t, who.role, who.cle)
				a.agent, a.role = agent, who.role
				written := func() int {
					return value[int](t, a.pool, `SELECT count(*) FROM publication WHERE (nom = $1 OR sujet = 'retire') AND operation = $2`, "jeton de test "+string(who.role), string(m))
				}
				for _, c := range who.cibles {
					in, again := known[c.cle]
					if !again || slices.Contains(ephemeres, m) {
						in = saisies[m](t, a, c)
						known[c.cle] = in
					}
					if in == nil {
						continue
					}
					before := written()
					got := agent.ask(t, operation(string(m), "__typename"), map[string]any{"i": in})
					allowed := droit.Permet(who.role, m, c.lien)
					if allowed {
						delete(known, c.cle)
					}
					cas := fmt.Sprintf("%s of %s, to %s %s", who.role, who.cle, c.lien, c.cle)
					if len(got.Errors) > 0 {
						t.Errorf("%s: %v", cas, got.Errors)
						continue
					}
					faults := at(t, got.Data, string(m), "erreurs").([]any)
					switch {
					case allowed && len(faults) > 0:
						t.Errorf("%s: %v, want it done", cas, faults)
					case !allowed && slices.Contains(cachees, m) && c.lien != droit.Propre && len(faults) == 1 && at(t, faults[0], "code") == "INTROUVABLE":
					case !allowed && (len(faults) != 1 || at(t, faults[0], "code") != "INTERDIT"):
						t.Errorf("%s: %v, want INTERDIT", cas, faults)
					case !allowed && written() != before:
						t.Errorf("%s: forbidden, and written", cas)
					case allowed && written() == before:
						t.Errorf("%s: done, and not signed", cas)
					}
					proved[string(who.role)+" "+string(c.lien)] = true
				}
			}
			for lien, roles := range droit.Regles()[m] {
				for _, r := range roles {
					if r.Global() && (lien == droit.Propre || lien == droit.Membre) {
						continue // they have neither: every organisation is another's
					}
					if !proved[string(r)+" "+string(lien)] {
						t.Errorf("%s may do it to %s: no case proves it", r, lien)
					}
				}
			}
		})
	}
}

// retourInput tells an experience of the organisation.
func (a *matrice) retourInput(c cible) saisie {
	if c.genre != "COLLECTIVITE" && c.genre != "SYNDICAT" {
		return nil
	}
	return saisie{"organisation": c.id, "titre": a.fresh("Retour"), "resume": "Tout va bien.", "themes": []string{"CHOIX_OUTIL"}, "source": source}
}

// retourKnown names an experience of the organisation.
func (a *matrice) retourKnown(t testing.TB, c cible, more saisie) saisie {
	in := a.retourInput(c)
	if in == nil {
		return nil
	}
	return with(saisie{"id": a.made(t, "publierRetour", "retour", in)}, more)
}

// developpementInput declares a development of the organisation, or one that nobody declared.
func (a *matrice) developpementInput(c cible) saisie {
	in := saisie{"logiciel": identifiant.Global("Logiciel", "libreoffice"), "titre": a.fresh("Développement"), "nature": "EVOLUTION", "source": source}
	if c.genre != "" {
		in["organisation"] = c.id
	}
	return in
}

// participationInput declares the part of the organisation in a development that a source tells of.
func (a *matrice) participationInput(t testing.TB, c cible) saisie {
	if c.genre == "" {
		return nil
	}
	return saisie{"developpement": a.made(t, "declarerDeveloppement", "developpement", a.developpementInput(cible{})), "organisation": c.id, "role": "FINANCEUR", "source": source}
}

// participationKnown names a part of the organisation, that it did not confirm.
func (a *matrice) participationKnown(t testing.TB, c cible, more saisie) saisie {
	in := a.participationInput(t, c)
	if in == nil {
		return nil
	}
	return with(saisie{"id": a.made(t, "declarerParticipationDeveloppement", "participation", in)}, more)
}

// ressourceInput says where help is found, which belongs to nobody.
func (a *matrice) ressourceInput(c cible) saisie {
	if c.lien != droit.Partage {
		return nil
	}
	return saisie{"logiciel": identifiant.Global("Logiciel", "libreoffice"), "genre": "FORUM", "nom": "Forum", "url": "https://exemple.fr/" + a.fresh("forum"), "payante": false, "source": source}
}

// ressourceKnown names a place where help is found.
func (a *matrice) ressourceKnown(t testing.TB, c cible, more saisie) saisie {
	in := a.ressourceInput(c)
	if in == nil {
		return nil
	}
	return with(saisie{"id": a.made(t, "proposerRessource", "ressource", in)}, more)
}

// ephemeres are the mutations whose input is good until the next one is made, or for one person alone.
var ephemeres = []droit.Action{"annulerDerniereModification", "contacterDeveloppeur", "corrigerDisponibilite", "deposerCandidature", "repondreCandidature",
	"retirerCandidature", "retirerDisponibilite"}
