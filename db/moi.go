package db

import (
	"context"
	"strings"
	"time"

	"github.com/mutualibre/mutualibre/domain/droit"
)

// Moi is the identity under which a request is made, as its holder reads it.
type Moi struct {
	Nom string
	// Emetteur and Sujet name a person as its identity provider does; nil for a token.
	Emetteur, Sujet *string
	Droits          []*MonDroit
	ExpireLe        *Instant
}

// MonDroit is one of its roles; Organisation is nil for those that are for all.
type MonDroit struct {
	Role          droit.Role
	Organisation  Organisation
	NombreMembres int
}

// Moi returns the identity of ctx; nil for anyone.
func (s *Store) Moi(ctx context.Context) (*Moi, error) {
	i := IdentiteDe(ctx)
	if i == nil {
		return nil, nil
	}
	m := &Moi{Nom: i.Nom}
	if personne, ok := strings.CutPrefix(i.Sujet, "oidc:"); ok {
		emetteur, sujet, _ := strings.Cut(personne, "#") // an issuer's address has none
		m.Emetteur, m.Sujet = &emetteur, &sujet
	}
	if !i.Expire.IsZero() {
		expire := Instant(i.Expire.Truncate(time.Second))
		m.ExpireLe = &expire
	}
	fiches, err := s.fichesByID(ctx, distinct(i.Droits, func(d Droit) int64 { return d.OrganisationID }))
	if err != nil {
		return nil, err
	}
	for _, d := range i.Droits {
		mien := &MonDroit{Role: d.Role, NombreMembres: len(d.Membres)}
		if f := fiches[d.OrganisationID]; f != nil {
			mien.Organisation = f.organisation()
		}
		m.Droits = append(m.Droits, mien)
	}
	return m, nil
}
