package economie

import "strings"

// Faute is an input that cannot be accepted: the path of its field as a GraphQL input names it (with the index in a
// list; empty when no single field is at fault), and a French sentence that can be shown as it stands.
type Faute struct {
	Champ   []string
	Message string
}

// Error returns the path of the field and the sentence.
func (f *Faute) Error() string {
	if len(f.Champ) == 0 {
		return f.Message
	}
	return strings.Join(f.Champ, ".") + " : " + f.Message
}

// Fautes is every fault of one input, reported together. As an error it is never empty.
type Fautes []*Faute

// Error returns the faults, one a line.
func (f Fautes) Error() string {
	lignes := make([]string, len(f))
	for i, faute := range f {
		lignes[i] = faute.Error()
	}
	return strings.Join(lignes, "\n")
}

// Unwrap gives each fault to errors.Is and errors.As.
func (f Fautes) Unwrap() []error {
	errs := make([]error, len(f))
	for i, faute := range f {
		errs[i] = faute
	}
	return errs
}

func (f *Fautes) add(message string, champ ...string) {
	*f = append(*f, &Faute{Champ: champ, Message: message})
}

// orNil is the faults as an error: nil when there is none.
func (f Fautes) orNil() error {
	if len(f) == 0 {
		return nil
	}
	return f
}
