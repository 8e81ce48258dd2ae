package fournisseur

import (
	"strings"
	"time"
	"unicode"

	"github.com/coreos/go-oidc/v3/oidc"

	"github.com/mutualibre/mutualibre/domain/identifiant"
)

// Personne is who a token speaks for, in the words of its issuer. (Emetteur, Sujet) identifies a person for ever; the
// rest changes, is for display, and gives no right.
type Personne struct {
	Emetteur, Sujet string
	Nom, Courriel   string    // empty when the token does not say, or says that the address is not verified
	Siren           string    // of the organisation of the claim « siret » (ProConnect); empty when absent or false
	Expire          time.Time // of the token
}

// newPersonne reads a token that has been verified.
func newPersonne(jeton *oidc.IDToken) (Personne, error) {
	var mentions map[string]any
	if err := jeton.Claims(&mentions); err != nil {
		return Personne{}, refus("Le contenu de ce jeton est illisible.", err)
	}
	p := Personne{Emetteur: jeton.Issuer, Sujet: texte(mentions, "sub"), Nom: texte(mentions, "name"), Expire: jeton.Expiry}
	if p.Sujet == "" {
		return Personne{}, refus("Ce jeton ne dit pas à qui il est.", nil)
	}
	if mentions["events"] != nil { // a notice of logout (OpenID Connect Back-Channel Logout 1.0), signed with the same keys
		return Personne{}, refus("Ce jeton annonce une déconnexion : il ne donne pas accès.", nil)
	}
	if mentions["cnf"] != nil { // RFC 7800: worthless without the proof of a key, which this server does not ask for
		return Personne{}, refus("Ce jeton est lié à une clé de son porteur : ce serveur n'admet que des jetons simples.", nil)
	}
	if p.Nom == "" {
		nom := texte(mentions, "usual_name") // ProConnect's
		if nom == "" {
			nom = texte(mentions, "family_name")
		}
		p.Nom = strings.TrimSpace(texte(mentions, "given_name") + " " + nom)
	}
	if verifie := mentions["email_verified"]; verifie != false && verifie != "false" {
		p.Courriel = texte(mentions, "email")
	}
	if siret := texte(mentions, "siret"); len(siret) == 14 && strings.Trim(siret, "0123456789") == "" && identifiant.CheckSIREN(siret[:9]) == nil {
		p.Siren = siret[:9]
	}
	return p, nil
}

// texte returns a claim; empty when it is absent, is no text, or is one that a database or a page would choke on. A
// subject has at most 255 characters (OpenID Connect Core 1.0, section 2), and so have the others here.
func texte(mentions map[string]any, nom string) string {
	s, _ := mentions[nom].(string)
	if len(s) > 255 || strings.ContainsFunc(s, unicode.IsControl) {
		return ""
	}
	return s
}
