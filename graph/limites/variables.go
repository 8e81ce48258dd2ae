package limites

import (
	"encoding/json"

	"github.com/vektah/gqlparser/v2/gqlerror"
)

// variables checks what needs no schema: how many values, how deep, and no
// text that is too long or damaged.
func (l Limites) variables(vars map[string]any) *gqlerror.Error {
	rest := l.Valeurs
	for nom, v := range vars {
		if err := l.nom(nom); err != nil {
			return err
		}
		if err := l.valeur(v, l.Profondeur, &rest); err != nil {
			return err
		}
	}
	return nil
}

func (l Limites) valeur(v any, profondeur int, rest *int) *gqlerror.Error {
	if *rest--; *rest < 0 {
		return tropComplexe("plus de %d valeurs dans les variables", l.Valeurs)
	}
	if profondeur == 0 {
		return tropProfond("plus de %d niveaux dans une variable", l.Profondeur)
	}
	switch v := v.(type) {
	case string:
		return l.texte("une variable", v)
	case json.Number:
		if len(v) > l.Nom {
			return invalid("un nombre des variables dépasse %d chiffres", l.Nom)
		}
	case []any:
		for _, e := range v {
			if err := l.valeur(e, profondeur-1, rest); err != nil {
				return err
			}
		}
	case map[string]any:
		for nom, e := range v {
			if err := l.nom(nom); err != nil {
				return err
			}
			if err := l.valeur(e, profondeur-1, rest); err != nil {
				return err
			}
		}
	}
	return nil
}

// nom checks the key of an object: error messages quote it.
func (l Limites) nom(s string) *gqlerror.Error {
	if len(s) > l.Nom {
		return invalid("un nom dépasse %d caractères dans les variables", l.Nom)
	}
	return l.texte("un nom dans les variables", s)
}
