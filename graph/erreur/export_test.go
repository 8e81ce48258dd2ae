package erreur

// Gabarits returns the templates, as regular expressions.
func Gabarits() []string {
	var out []string
	for _, table := range [][]gabarit{gabarits, suggestions} {
		for _, g := range table {
			out = append(out, g.motif.String())
		}
	}
	return out
}

// Reconnus returns the templates that say a message in French: one, two with
// a suggestion, none when it stays in English.
func Reconnus(message string) []string {
	first := func(table []gabarit, text string) []string {
		for _, g := range table {
			if g.motif.MatchString(text) {
				return []string{g.motif.String()}
			}
		}
		return nil
	}
	if base, suite, ok := couper(message); ok {
		if b, s := first(gabarits, base), first(suggestions, suite); b != nil && s != nil {
			return append(b, s...)
		}
	}
	return first(gabarits, message)
}
