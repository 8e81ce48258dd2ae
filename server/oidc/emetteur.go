package fournisseur

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"slices"
	"strings"

	"github.com/mutualibre/mutualibre/domain/identifiant"
)

// Emetteur is an identity provider that is trusted, and for which of its tokens.
type Emetteur struct {
	URL       string   // its identifier, compared to the letter with the « iss » of tokens: https, or http on this machine
	Audiences []string // the client ids that its tokens must be made for; one is enough
}

// ReadEmetteurs reads trusted issuers written as « https://issuer.example=client-id », separated by commas; an issuer
// written several times accepts several client ids. An empty text is no issuer. Every fault is reported, in French.
func ReadEmetteurs(texte string) ([]Emetteur, error) {
	var emetteurs []Emetteur
	var fautes []error
	for paire := range strings.SplitSeq(texte, ",") {
		if paire = strings.TrimSpace(paire); paire == "" {
			continue
		}
		adresse, audience, _ := strings.Cut(paire, "=")
		adresse, audience = strings.TrimSpace(adresse), strings.TrimSpace(audience)
		if err := checkAdresse(adresse); err != nil {
			fautes = append(fautes, err)
			continue
		}
		if audience == "" || strings.ContainsFunc(audience, func(r rune) bool { return r <= ' ' || r > '~' }) {
			fautes = append(fautes, fmt.Errorf("il manque à « %s » l'identifiant de client que ses jetons doivent viser ; "+
				"forme attendue : https://emetteur.exemple=identifiant", identifiant.Court(adresse)))
			continue
		}
		i := slices.IndexFunc(emetteurs, func(e Emetteur) bool { return e.URL == adresse })
		if i < 0 {
			i = len(emetteurs)
			emetteurs = append(emetteurs, Emetteur{URL: adresse})
		}
		if e := &emetteurs[i]; !slices.Contains(e.Audiences, audience) {
			e.Audiences = append(e.Audiences, audience)
		}
	}
	return emetteurs, errors.Join(fautes...)
}

// checkAdresse says why an address cannot be that of an issuer (OpenID Connect Discovery 1.0, section 3), or nil.
func checkAdresse(adresse string) error {
	u, err := url.Parse(adresse)
	switch {
	case err == nil && u.User != nil:
		return errors.New("l'adresse d'un émetteur ne contient ni compte ni mot de passe")
	case err != nil || u.Hostname() == "" || u.Scheme != "https" && u.Scheme != "http":
		return fmt.Errorf("« %s » n'est pas l'adresse d'un émetteur ; forme attendue : https://emetteur.exemple=identifiant", identifiant.Court(adresse))
	case strings.ContainsAny(adresse, "?#"):
		return fmt.Errorf("l'adresse d'un émetteur ne contient ni « ? » ni « # » : « %s »", identifiant.Court(adresse))
	case !sure(u):
		return fmt.Errorf("« %s » doit être en https : http n'est admis que pour cette machine (localhost)", identifiant.Court(adresse))
	}
	return nil
}

// sure tells whether what is read at an address cannot have been changed on the way.
func sure(u *url.URL) bool {
	ip := net.ParseIP(u.Hostname())
	return u.Scheme == "https" || u.Scheme == "http" && (u.Hostname() == "localhost" || ip != nil && ip.IsLoopback())
}
