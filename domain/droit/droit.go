// Package droit is the one place that decides who may do what to which organisation. It knows roles, actions and the
// tie between the two organisations; it knows neither SQL nor GraphQL nor tokens.
package droit

import "slices"

// Role is what an identity may be for an organisation; the values are the API's.
type Role string

// The roles, from the least to the most able. MODERATEUR and ADMIN act on every organisation.
const (
	Lecteur      Role = "LECTEUR"
	Contributeur Role = "CONTRIBUTEUR"
	Gestionnaire Role = "GESTIONNAIRE"
	Fournisseur  Role = "PRESTATAIRE"
	Moderateur   Role = "MODERATEUR"
	Admin        Role = "ADMIN"
)

// Roles lists every role.
func Roles() []Role {
	return []Role{Lecteur, Contributeur, Gestionnaire, Fournisseur, Moderateur, Admin}
}

// Global tells the roles that need no organisation.
func (r Role) Global() bool { return r == Moderateur || r == Admin }

// Lien is the tie between the organisation for which someone acts and the one that is touched.
type Lien string

// The ties. Nothing owns a software: whoever may write one has it for Partage.
const (
	// Propre: it is the same organisation.
	Propre Lien = "PROPRE"
	// Membre: the one touched is a confirmed member of the syndicat that acts.
	Membre Lien = "MEMBRE"
	// Etrangere: any other organisation.
	Etrangere Lien = "ETRANGERE"
	// Partage: what is touched belongs to no organisation.
	Partage Lien = "PARTAGE"
)

// Liens lists every tie.
func Liens() []Lien { return []Lien{Propre, Membre, Etrangere, Partage} }

// Regle says which roles an action is open to, for each tie. MODERATEUR and ADMIN are added by the constructors.
type Regle map[Lien][]Role

// Action names a mutation, or a reading that is not open to everyone.
type Action string

// sienne opens an action on one's own organisation and, for a syndicat, on its members.
func sienne(propre, membre []Role) Regle {
	surs := []Role{Moderateur, Admin}
	return Regle{Propre: slices.Concat(propre, surs), Membre: slices.Concat(membre, surs), Etrangere: surs}
}

// annonce opens an action on what an organisation announces to everyone: a prestataire may, of itself. What nobody announced
// is shared, and kept by moderators.
func annonce() Regle {
	r := sienne(parole, gestion)
	r[Partage] = surete
	return r
}

// offerte opens an action on what one's own organisation did, a prestataire included.
func offerte() Regle { return sienne(parole, personne) }

// relevable is offerte, for what moderators read in sources too, that no organisation declared.
func relevable() Regle {
	r := offerte()
	r[Partage] = surete
	return r
}

// NommeAutrui tells the roles whose word may tie another organisation to what is said in public: a prestataire speaks for
// itself alone, its customers for themselves.
func NommeAutrui(r Role) bool { return r != Fournisseur }

// interne opens an action on one's own organisation alone: moderators have no say in who acts for it.
func interne(propre ...Role) Regle {
	r := confiee(propre...)
	r[Partage] = []Role{Admin}
	return r
}

// confiee is interne, for what always belongs to an organisation.
func confiee(propre ...Role) Regle {
	return Regle{Propre: append(slices.Clone(propre), Admin), Membre: {Admin}, Etrangere: {Admin}}
}

// proposee opens an action on what a prestataire offers.
func proposee() Regle {
	return Regle{Propre: {Fournisseur, Moderateur, Admin}, Etrangere: {Moderateur, Admin}}
}

// commune opens an action on what belongs to no organisation.
func commune(roles ...Role) Regle { return Regle{Partage: roles} }

var (
	saisie    = []Role{Contributeur, Gestionnaire}
	parole    = []Role{Contributeur, Gestionnaire, Fournisseur} // of who speaks for itself, a prestataire included
	gestion   = []Role{Gestionnaire}
	connus    = []Role{Lecteur, Contributeur, Gestionnaire, Fournisseur}
	tous      = []Role{Lecteur, Contributeur, Gestionnaire, Fournisseur, Moderateur, Admin}
	personne  = []Role(nil)
	reference = []Role{Gestionnaire, Moderateur, Admin}
	surete    = []Role{Moderateur, Admin}
)

// Regles is the whole of the rights: an action that is not here is allowed to nobody. A test holds it against the
// mutations of the schema.
func Regles() map[Action]Regle {
	return map[Action]Regle{
		// Usages.
		"declarerUsage":  sienne(saisie, gestion),
		"confirmerUsage": sienne(saisie, gestion),
		"corrigerUsage":  sienne(saisie, gestion),
		"cloreUsage":     sienne(saisie, gestion),
		// A prestataire proposes for itself, whatever the customer; the customer decides.
		"proposerUsage":       {Propre: {Fournisseur}, Etrangere: {Admin}},
		"accepterProposition": sienne(saisie, gestion),
		"refuserProposition":  sienne(saisie, gestion),

		// Contracts: the buyer's own business.
		"declarerContrat": sienne(saisie, personne),
		"corrigerContrat": sienne(saisie, personne),
		"retirerContrat":  sienne(saisie, personne),

		// Experiences: those of whoever tells them, for everyone to read.
		"publierRetour":  sienne(saisie, personne),
		"corrigerRetour": sienne(saisie, personne),
		"retirerRetour":  sienne(saisie, personne),

		// Work done once for all, and the part that each took in it. What a source says of an organisation, it alone confirms.
		"declarerDeveloppement":               relevable(),
		"corrigerDeveloppement":               relevable(),
		"retirerDeveloppement":                relevable(),
		"declarerParticipationDeveloppement":  offerte(),
		"corrigerParticipationDeveloppement":  offerte(),
		"confirmerParticipationDeveloppement": {Propre: parole},
		"retirerParticipationDeveloppement":   offerte(),

		// Where help is found, as software: adding is open, correcting what others wrote less so.
		"proposerRessource": commune(Contributeur, Gestionnaire, Fournisseur, Moderateur, Admin),
		"corrigerRessource": commune(reference...),
		"retirerRessource":  commune(reference...),
		// What a prestataire offers is its own word; for whom it did it already is theirs to confirm, whoever manages for them.
		"declarerPrestation": proposee(),
		"corrigerPrestation": proposee(),
		"retirerPrestation":  proposee(),
		"declarerReference":  confiee(parole...),
		"confirmerReference": confiee(saisie...),
		"refuserReference":   confiee(saisie...),
		"retirerReference":   offerte(),

		// Needs: a syndicat speaks for its members. Answers are between two organisations: nobody answers, nor chooses, for another.
		"exprimerBesoin":  sienne(saisie, gestion),
		"corrigerBesoin":  sienne(saisie, gestion),
		"cloreBesoin":     sienne(saisie, gestion),
		"rejoindreBesoin": sienne(saisie, gestion),
		"quitterBesoin":   sienne(saisie, gestion),
		"repondreBesoin":  confiee(parole...),
		"choisirReponse":  confiee(saisie...),

		// The bank of developers: anyone known may be in it, public bodies alone may look for someone and write.
		"proposerDisponibilite": commune(tous...),
		"corrigerDisponibilite": commune(tous...),
		"retirerDisponibilite":  commune(tous...),
		"contacterDeveloppeur":  confiee(saisie...),

		// Catalogues: the syndicat's.
		"creerCatalogue":    sienne(gestion, personne),
		"corrigerCatalogue": sienne(gestion, personne),
		"creerEntree":       sienne(saisie, personne),
		"corrigerEntree":    sienne(saisie, personne),
		"publierEntree":     sienne(gestion, personne),
		"retirerEntree":     sienne(gestion, personne),
		"abonnerMembre":     sienne(gestion, personne),
		"desabonnerMembre":  sienne(gestion, personne),

		// Memberships: the groupement declares and corrects, either side ends, the member confirms.
		"declarerAdhesion":  sienne(gestion, personne),
		"corrigerAdhesion":  sienne(gestion, personne),
		"confirmerAdhesion": sienne(gestion, personne),
		"quitterGroupement": sienne(gestion, personne),

		// Savings. Verifying is a third party's word.
		"declarerEconomie": sienne(saisie, gestion),
		"corrigerEconomie": sienne(saisie, gestion),
		"verifierEconomie": {Propre: surete, Membre: surete, Etrangere: surete},
		"retirerEconomie":  sienne(saisie, gestion),

		// Events, and what is said there: whoever announces owns. One's own part in them is one's own to tell.
		"declarerRencontre":     annonce(),
		"corrigerRencontre":     annonce(),
		"retirerRencontre":      annonce(),
		"declarerIntervention":  annonce(),
		"corrigerIntervention":  annonce(),
		"retirerIntervention":   annonce(),
		"declarerParticipation": sienne(parole, gestion),
		"retirerParticipation":  sienne(parole, gestion),

		// Software belong to everyone: adding is open, correcting what others wrote less so, merging least of all.
		"creerLogiciel":          commune(Contributeur, Gestionnaire, Fournisseur, Moderateur, Admin),
		"corrigerLogiciel":       commune(reference...),
		"ajouterIdentifiant":     commune(reference...),
		"marquerRemplacement":    commune(reference...),
		"fusionnerLogiciels":     commune(surete...),
		"fusionnerOrganisations": commune(surete...),

		// The label: its editions and its laureates are for moderators; an application is its organisation's own business.
		"declarerEditionLabel": commune(surete...),
		"corrigerEditionLabel": commune(surete...),
		"inscrireLaureat":      commune(surete...),
		"retirerLaureat":       commune(surete...),
		"preparerCandidature":  sienne(saisie, personne),
		"repondreCandidature":  sienne(saisie, personne),
		"deposerCandidature":   sienne(gestion, personne),
		"retirerCandidature":   sienne(gestion, personne),
		// Whoever answers to an evaluation is shown beside it: a maintainer has a moderator write its word, with its source.
		"repondreEvaluation": commune(surete...),

		// A snapshot is public and for ever, in the name of an organisation: a reader does not sign for it.
		"figerInstantane": commune(Contributeur, Gestionnaire, Moderateur, Admin),

		// Who may act for an organisation, and who is told.
		"creerJeton":          interne(Gestionnaire),
		"revoquerJeton":       interne(Gestionnaire),
		"habiliter":           interne(Gestionnaire),
		"retirerHabilitation": interne(Gestionnaire),
		"creerWebhook":        confiee(Gestionnaire),
		"corrigerWebhook":     confiee(Gestionnaire),
		"supprimerWebhook":    confiee(Gestionnaire),
		"renvoyerLivraison":   confiee(Gestionnaire),

		// Queue and second thoughts.
		"reglerAConfirmer":            sienne(saisie, gestion),
		"annulerDerniereModification": commune(Contributeur, Gestionnaire, Fournisseur, Moderateur, Admin),

		// Readings that are not open to everyone.
		"lireMoi":            commune(tous...),
		"lireDisponibilites": commune(Lecteur, Contributeur, Gestionnaire, Moderateur, Admin),
		"lireMessages":       commune(tous...),
		"lireJetons":         interne(Gestionnaire),
		"lireHabilitations":  interne(Gestionnaire),
		"lireWebhooks":       confiee(Gestionnaire),
		"lireAConfirmer":     sienne(connus, gestion),
	}
}

// Permet tells whether a role may do an action to an organisation tied so to its own.
func Permet(r Role, a Action, l Lien) bool { return slices.Contains(Regles()[a][l], r) }
