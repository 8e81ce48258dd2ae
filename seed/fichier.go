package seed

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/mutualibre/mutualibre/domain/texte"
)

// fichier is a file to read, from the disk or embedded; a name in .gz is decompressed on the way.
type fichier struct {
	nom  string // as shown in messages, without .gz
	open func() (io.ReadCloser, error)
}

func fichierDisque(chemin string) fichier {
	return fichier{nom: strings.TrimSuffix(filepath.Base(chemin), ".gz"), open: func() (io.ReadCloser, error) {
		f, err := os.Open(chemin)
		if err != nil {
			return nil, fmt.Errorf("le fichier ne s'ouvre pas : %w", err)
		}
		return decompresse(chemin, f)
	}}
}

func fichierTexte(nom, contenu string) fichier {
	return fichier{nom: nom, open: func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(contenu)), nil }}
}

// decompresse reads through gzip when the name says so.
func decompresse(chemin string, f io.ReadCloser) (io.ReadCloser, error) {
	if !strings.HasSuffix(chemin, ".gz") {
		return f, nil
	}
	z, err := gzip.NewReader(f)
	if err != nil {
		f.Close()
		return nil, fmt.Errorf("%s : ce fichier .gz est abîmé : %w", filepath.Base(chemin), err)
	}
	return struct {
		io.Reader
		io.Closer
	}{z, f}, nil
}

// empreinte is the SHA-256 of the decompressed content.
func (f fichier) empreinte() (string, error) {
	r, err := f.open()
	if err != nil {
		return "", err
	}
	defer r.Close()
	h := sha256.New()
	if _, err := io.Copy(h, r); err != nil {
		return "", fmt.Errorf("%s : lecture interrompue : %w", f.nom, err)
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// ligneCSV is one row, its fields found by the name of their column.
type ligneCSV struct {
	fichier string
	no      int
	champs  []string
	rang    map[string]int
}

// val returns the field without the spaces around it; "" when the column does not exist.
func (l ligneCSV) val(colonne string) string {
	if i, ok := l.rang[colonne]; ok && i < len(l.champs) {
		return strings.TrimSpace(l.champs[i])
	}
	return ""
}

// a tells whether the file has a column.
func (l ligneCSV) a(colonne string) bool {
	_, ok := l.rang[colonne]
	return ok
}

// liste splits a field on "|", without empty items.
func (l ligneCSV) liste(colonne string) []string {
	var out []string
	for v := range strings.SplitSeq(l.val(colonne), "|") {
		if v = strings.TrimSpace(v); v != "" {
			out = append(out, v)
		}
	}
	return out
}

// longueurNom is the longest name read, in bytes: PostgreSQL's indexes hold no more than a few times that.
const longueurNom = 600

// nom returns a name with its spaces tidied, or why it is none.
func (l ligneCSV) nom(colonne string) (string, *Anomalie) {
	nom := texte.SansEspacesSuperflus(l.val(colonne))
	if bad := checkNom(nom); bad != nil {
		return "", l.refus(colonne, bad.Error())
	}
	return nom, nil
}

func checkNom(nom string) error {
	if nom == "" {
		return errors.New("le nom manque")
	}
	if len(nom) > longueurNom {
		return errors.New("ce nom est trop long")
	}
	return nil
}

// refus is the anomaly of one field of the row.
func (l ligneCSV) refus(colonne, motif string) *Anomalie {
	return nouvelleAnomalie(l.fichier, l.no, colonne, l.val(colonne), motif)
}

// readCSV streams the rows of f. The separator is sep; a byte order mark is skipped; the header must hold the given
// columns, in any order, or the reading ends on an anomaly that names those that are missing. A bad row (number of
// fields, quotes, UTF-8, NUL) is yielded as an *Anomalie and the reading goes on; any other error ends it.
func readCSV(f fichier, sep rune, colonnes ...string) iter.Seq2[ligneCSV, error] {
	return func(yield func(ligneCSV, error) bool) {
		source, err := f.open()
		if err != nil {
			yield(ligneCSV{}, err)
			return
		}
		defer source.Close()
		tampon := bufio.NewReaderSize(source, 64<<10)
		if bom, _ := tampon.Peek(3); bytes.Equal(bom, []byte("\xef\xbb\xbf")) {
			_, _ = tampon.Discard(3)
		}
		r := csv.NewReader(tampon)
		r.Comma = sep
		entete, err := r.Read()
		if err == io.EOF {
			yield(ligneCSV{}, nouvelleAnomalie(f.nom, 0, "", "", "le fichier est vide"))
			return
		}
		if err != nil {
			yield(ligneCSV{}, erreurCSV(f.nom, err))
			return
		}
		if bad := illisible(f.nom, 1, make([]string, len(entete)), entete); bad != nil {
			yield(ligneCSV{}, bad)
			return
		}
		rang := make(map[string]int, len(entete))
		for i, nom := range entete {
			nom = strings.TrimSpace(nom)
			if _, double := rang[nom]; double {
				yield(ligneCSV{}, nouvelleAnomalie(f.nom, 1, nom, "", "l'en-tête nomme deux fois cette colonne"))
				return
			}
			rang[nom] = i
		}
		var manquantes []string
		for _, c := range colonnes {
			if _, ok := rang[c]; !ok {
				manquantes = append(manquantes, c)
			}
		}
		if len(manquantes) > 0 {
			yield(ligneCSV{}, nouvelleAnomalie(f.nom, 1, strings.Join(manquantes, ", "), "",
				fmt.Sprintf("l'en-tête n'a pas cette colonne (séparateur attendu : « %c » ; colonnes attendues : %s)", sep, strings.Join(colonnes, ", "))))
			return
		}
		for {
			champs, err := r.Read()
			if err == io.EOF {
				return
			}
			if err != nil {
				var malforme *csv.ParseError
				if !yield(ligneCSV{}, erreurCSV(f.nom, err)) || !errors.As(err, &malforme) {
					return
				}
				continue
			}
			no, _ := r.FieldPos(0)
			l := ligneCSV{fichier: f.nom, no: no, champs: champs, rang: rang}
			if bad := illisible(f.nom, no, entete, champs); bad != nil {
				if !yield(l, bad) {
					return
				}
				continue
			}
			if !yield(l, nil) {
				return
			}
		}
	}
}

func illisible(nom string, no int, entete, champs []string) *Anomalie {
	for i, c := range champs {
		if !utf8.ValidString(c) {
			return nouvelleAnomalie(nom, no, entete[i], c, "ce texte n'est pas en UTF-8")
		}
		if strings.ContainsRune(c, 0) {
			return nouvelleAnomalie(nom, no, entete[i], c, "ce texte contient un caractère nul")
		}
	}
	return nil
}

// erreurCSV puts encoding/csv's errors in French.
func erreurCSV(nom string, err error) error {
	var p *csv.ParseError
	if !errors.As(err, &p) {
		return fmt.Errorf("%s : lecture interrompue : %w", nom, err)
	}
	motif := "ligne mal formée"
	switch {
	case errors.Is(err, csv.ErrFieldCount):
		motif = "cette ligne n'a pas le même nombre de champs que l'en-tête"
	case errors.Is(err, csv.ErrQuote), errors.Is(err, csv.ErrBareQuote):
		motif = "guillemet mal placé ou jamais fermé"
	}
	return nouvelleAnomalie(nom, p.Line, "", "", motif)
}

// elementJSON is one element of an array, with the line of the file on which it starts.
type elementJSON[T any] struct {
	no  int
	val T
}

// readJSON streams the elements of a JSON array: the file itself, or the array found under the given key of its object.
// An element of another shape than T is yielded as an *Anomalie and the reading goes on; broken JSON ends it.
func readJSON[T any](f fichier, cle string) iter.Seq2[elementJSON[T], error] {
	return func(yield func(elementJSON[T], error) bool) {
		source, err := f.open()
		if err != nil {
			yield(elementJSON[T]{}, err)
			return
		}
		defer source.Close()
		compte := &compteurLignes{r: source}
		dec := json.NewDecoder(compte)
		echec := func(motif string) {
			yield(elementJSON[T]{}, nouvelleAnomalie(f.nom, compte.ligne(dec.InputOffset()), cle, "", motif))
		}
		coupe := func() {
			yield(elementJSON[T]{}, nouvelleAnomalie(f.nom, compte.ligne(compte.lu), cle, "", "le tableau JSON n'est pas fermé : fichier incomplet ?"))
		}
		if cle != "" {
			if err := allerA(dec, cle); err != nil {
				echec(err.Error())
				return
			}
		}
		if t, err := dec.Token(); err != nil || t != json.Delim('[') {
			echec("un tableau JSON était attendu ici")
			return
		}
		for dec.More() {
			var brut json.RawMessage
			if err := dec.Decode(&brut); errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
				coupe()
				return
			} else if err != nil {
				echec("ce n'est pas du JSON bien formé")
				return
			}
			e := elementJSON[T]{no: compte.ligne(dec.InputOffset() - int64(len(brut)))}
			if err := json.Unmarshal(brut, &e.val); err != nil {
				champ := ""
				var typ *json.UnmarshalTypeError
				if errors.As(err, &typ) {
					champ = typ.Field
				}
				if !yield(e, nouvelleAnomalie(f.nom, e.no, champ, string(brut[:min(len(brut), 80)]), "cet élément n'a pas la forme attendue")) {
					return
				}
				continue
			}
			if bytes.Contains(brut, []byte(`\u0000`)) {
				if !yield(e, nouvelleAnomalie(f.nom, e.no, "", "", "ce texte contient un caractère nul")) {
					return
				}
				continue
			}
			if !yield(e, nil) {
				return
			}
		}
		if _, err := dec.Token(); err != nil {
			coupe()
		}
	}
}

// allerA enters the object and stops before the value of the key.
func allerA(dec *json.Decoder, cle string) error {
	if t, err := dec.Token(); err != nil || t != json.Delim('{') {
		return errors.New("un objet JSON était attendu ici")
	}
	for dec.More() {
		t, err := dec.Token()
		if err != nil {
			break
		}
		if t == cle {
			return nil
		}
		var saute json.RawMessage
		if err := dec.Decode(&saute); err != nil {
			break
		}
	}
	return fmt.Errorf("la clé « %s » manque", cle)
}

// compteurLignes remembers where lines start, to tell the line of an offset.
type compteurLignes struct {
	r      io.Reader
	lu     int64
	debuts []int64
}

func (c *compteurLignes) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	for i, b := range p[:n] {
		if b == '\n' {
			c.debuts = append(c.debuts, c.lu+int64(i)+1)
		}
	}
	c.lu += int64(n)
	return n, err
}

func (c *compteurLignes) ligne(position int64) int {
	i, trouve := slices.BinarySearch(c.debuts, position)
	if trouve {
		i++
	}
	return i + 1
}
