package db

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/google/uuid"
	"github.com/uptrace/bun"

	"github.com/mutualibre/mutualibre/db/page"
	"github.com/mutualibre/mutualibre/domain/identifiant"
	"github.com/mutualibre/mutualibre/domain/texte"
)

// Instantane is the answer to a query, frozen with all that it takes to cite it. Its document is read apart: see
// [Store.DocumentDe].
type Instantane struct {
	bun.BaseModel       `bun:"table:instantane,alias:ins"`
	membre[*Instantane] `bun:"-"`

	Rowid         int64          `bun:"id,pk"`
	Cle           string         `bun:"cle"`
	Titre         string         `bun:"titre"`
	Le            Instant        `bun:"le"`
	AuteurCle     *string        `bun:"auteur_cle"`
	Requete       string         `bun:"requete"`
	Variables     string         `bun:"variables"`
	VersionSchema string         `bun:"version_schema"`
	Sources       []*SourceCitee `bun:"sources,type:jsonb"`
	Taille        int            `bun:"taille"` // of the document, in bytes
	Empreinte     string         `bun:"empreinte"`
}

// SourceCitee is a source of a frozen answer, as it was then, and how many times the answer cites it.
type SourceCitee struct {
	Nom             string  `json:"nom"`
	URL             *string `json:"url"`
	Licence         *string `json:"licence"`
	Synthetique     bool    `json:"synthetique"`
	NombreCitations int     `json:"nombreCitations"`
}

// InstantaneConnection and InstantaneEdge page lists of snapshots.
type (
	InstantaneConnection = page.Connection[*Instantane]
	InstantaneEdge       = page.Edge[*Instantane]
)

// IsNode marks what can be read again by its id.
func (*Instantane) IsNode() {}

// ID returns the public id.
func (i *Instantane) ID() string { return identifiant.Global("Instantane", i.Cle) }

// Adresse returns the path of the document.
func (i *Instantane) Adresse() string { return "/instantane/" + i.ID() }

// sourcesEnCitation is how many sources a citation names: the document has them all.
const sourcesEnCitation = 10

// Citation returns how to cite it, in French.
func (i *Instantane) Citation() string {
	var b strings.Builder
	fmt.Fprintf(&b, "Mutualibre, « %s », instantané du %s, %s, empreinte %s.", i.Titre, texte.Jour(time.Time(i.Le).UTC()), i.Adresse(), i.Empreinte)
	for n, so := range i.Sources {
		switch n {
		case 0:
			b.WriteString(" Sources : ")
		case sourcesEnCitation:
			fmt.Fprintf(&b, " ; et %d autres, que le document donne.", len(i.Sources)-n)
			return b.String()
		default:
			b.WriteString(" ; ")
		}
		fmt.Fprintf(&b, "%s (%s)", so.Nom, *or(so.Licence, "licence non précisée"))
		if so.Synthetique {
			b.WriteString(" [données d'essai, inventées]")
		}
	}
	return b.String() + "."
}

var columnsInstantane = []string{"ins.id", "ins.cle", "ins.titre", "ins.le", "ins.auteur_cle", "ins.requete", "ins.variables",
	"ins.version_schema", "ins.sources", "ins.taille", "ins.empreinte"}

func instantaneID(i *Instantane) int64 { return i.Rowid }

func (i *Instantane) historique(ctx context.Context, s *Store, a page.Args, sel Selection) (*ModificationConnection, error) {
	return historique(ctx, s, i.lot, "Instantane", "", instantaneID, i, a, sel)
}

// Instantanes lists all of them, latest first.
func (s *Store) Instantanes(ctx context.Context, a page.Args) (*InstantaneConnection, error) {
	return readPage(ctx, s, liste[*Instantane, *Instantane]{
		columns: columnsInstantane,
		order: page.Order[*Instantane]{Name: "instantane", Keys: []page.Key{{Expr: "ins.id", Kind: page.Int}}, Desc: true,
			Values: func(i *Instantane) []any { return []any{i.Rowid} }},
		filter: everything,
		node:   func(i *Instantane) *Instantane { return i },
	}, a)
}

// Instantane reads one by its public id; nil when there is none. Errors: an id that is malformed, or of something else.
func (s *Store) Instantane(ctx context.Context, id string, sel Selection) (*Instantane, error) {
	if _, err := keys("id", []string{id}, "Instantane"); err != nil {
		return nil, err
	}
	n, err := s.Noeud(ctx, id, sel)
	i, _ := n.(*Instantane)
	return i, err
}

// AuteurDeLInstantane returns the organisation for which it was frozen, as it stands, or the one into which it was merged;
// nil for moderation.
func (s *Store) AuteurDeLInstantane(ctx context.Context, i *Instantane) (Organisation, error) {
	auteurs, err := perLot(ctx, i.lot, "auteur", func(ctx context.Context, members []*Instantane) (map[string]*Fiche, error) {
		found := map[string]*Fiche{}
		cles := distinct(members, func(i *Instantane) string { return *or(i.AuteurCle, "") })
		if len(cles) == 0 {
			return found, nil
		}
		_, err := byKeyNow(ctx, s, columnsFiche, organisationsNommees, cles, func(f *Fiche) Node {
			found[f.demandee()] = f
			return f.organisation()
		})
		return found, err
	})
	return organisation(auteurs[*or(i.AuteurCle, "")], err)
}

// documentsMax bounds the documents that one statement reads, in bytes, those of a page and of the row that tells whether
// more remain: two always pass.
const documentsMax = 5_000_000

// DocumentDe returns the document as it is served: the bytes under the hash, and the hash on a line of its own, the second.
func (s *Store) DocumentDe(ctx context.Context, i *Instantane) (string, error) {
	documents, err := perLot(ctx, i.lot, "document", func(ctx context.Context, members []*Instantane) (map[int64]string, error) {
		total := 0
		for _, m := range members {
			total += m.Taille
		}
		if len(members) > 1 && total > documentsMax {
			return nil, Invalid("document", "les documents de cette page font %d octets : demandez-en moins à la fois (%d au plus), ou lisez-les à leur « adresse »", total, documentsMax)
		}
		var rows []struct {
			ID       int64
			Document string
		}
		err := many(ctx, s.bun.NewSelect().TableExpr("instantane").ColumnExpr("id, document").Where("id IN (?)", bun.List(distinct(members, instantaneID))), &rows)
		found := make(map[int64]string, len(rows))
		for _, r := range rows {
			found[r.ID] = r.Document
		}
		return found, err
	})
	if err != nil {
		return "", err
	}
	return ouverture + `"empreinte":"` + i.Empreinte + "\",\n" + strings.TrimPrefix(documents[i.Rowid], ouverture), nil
}

// ouverture is the first line of a document: the hash is served after it.
const ouverture = "{\n"

// verification says, in each document, how to check it.
const verification = "L'empreinte est le SHA-256 des octets de ce document, privé de sa deuxième ligne : curl -s {adresse} | sed 2d | sha256sum"

// compose writes the bytes that the hash covers: a JSON object, an entry a line. They are stored and never composed again,
// so that a later program may write others.
func (i *Instantane) compose(auteur *Fiche, reponse json.RawMessage) (string, error) {
	type signature struct {
		ID  string `json:"id"`
		Nom string `json:"nom"`
	}
	var par *signature
	if auteur != nil {
		par = &signature{auteur.organisation().ID(), auteur.Nom}
	}
	var b bytes.Buffer
	b.WriteString(ouverture)
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	for _, entree := range []struct {
		nom    string
		valeur any
	}{
		{"id", i.ID()}, {"titre", i.Titre}, {"le", i.Le}, {"auteur", par}, {"requete", i.Requete}, {"variables", json.RawMessage(i.Variables)},
		{"versionSchema", i.VersionSchema}, {"sources", i.Sources}, {"verification", verification},
	} {
		fmt.Fprintf(&b, "%q:", entree.nom)
		if err := e.Encode(entree.valeur); err != nil {
			return "", err
		}
		b.Truncate(b.Len() - 1) // its end of line
		b.WriteString(",\n")
	}
	if bytes.ContainsAny(reponse, "\r\n") {
		return "", errors.New("an answer holds a line end: its document would not be one entry a line")
	}
	b.WriteString(`"reponse":`) // not encoded again: the same bytes
	b.Write(reponse)
	b.WriteString("\n}\n")
	return b.String(), nil
}

// Lecture is an answer to freeze.
type Lecture struct {
	Reponse       json.RawMessage // the data of the answer, as any client would receive it
	Sources       []*SourceCitee  // those that it cites, the most cited first
	VersionSchema string
}

// Lire answers a query as anyone may read it, whatever the identity of ctx. What the caller can mend is Fautes.
type Lire func(ctx context.Context, requete string, variables json.RawMessage) (*Lecture, error)

// The bounds of a snapshot: bytes of its answer, distinct sources, and how many are frozen in 24 hours.
const (
	reponseMax         = 1_000_000
	sourcesMax         = 1_000
	instantanesParJour = 100
)

// FigerInstantaneInput asks for an answer to be frozen.
type FigerInstantaneInput struct {
	CleIdempotence *string
	Requete        string
	Variables      *string
	Titre          string
}

// InstantanePayload is a snapshot, or what keeps it from being taken.
type InstantanePayload struct {
	Instantane *Instantane
	Erreurs    []*Erreur
}

// FigerInstantane reads a query as anyone, and keeps the answer for ever. Errors: CodeLimiteDebit beyond instantanesParJour.
func (s *Store) FigerInstantane(ctx context.Context, in FigerInstantaneInput, lire Lire, sel Selection) (*InstantanePayload, error) {
	cle, fautes, err := s.write(ctx, demande{"figerInstantane", in, in.CleIdempotence}, func(ctx context.Context, e *ecriture) (string, error) {
		i := &Instantane{Cle: uuid.NewString(), Titre: strings.TrimSpace(in.Titre), Le: Instant(e.maintenant.UTC()), Requete: in.Requete}
		e.verify(i.Titre != "", Requis, "titre", "« titre » est vide : dites ce que montrent ces chiffres")
		e.verify(utf8.RuneCountInString(i.Titre) <= 200 && !strings.ContainsFunc(i.Titre, unicode.IsControl), Invalide, "titre", "« titre » tient sur une ligne de 200 caractères au plus")
		variables := e.variables(in.Variables)
		i.Variables = string(variables)
		if err := e.ready(); err != nil {
			return "", err
		}
		if err := e.authorise(ctx, "", 0); err != nil {
			return "", err
		}
		auteur, err := e.auteur(ctx)
		if err != nil {
			return "", err
		}
		if auteur != nil {
			i.AuteurCle = &auteur.Cle
		}
		if err := e.checkDebit(ctx, i.AuteurCle); err != nil { // before the work, and again once it is done
			return "", err
		}
		l, err := lire(ctx, in.Requete, variables)
		if err != nil {
			return "", err
		}
		e.verify(len(l.Reponse) <= reponseMax, Invalide, "requete", "la réponse fait %d octets, et un instantané en garde %d au plus : demandez des pages plus courtes, ou moins de champs", len(l.Reponse), reponseMax)
		e.verify(len(l.Sources) > 0, Invalide, "requete", "la réponse ne cite aucune source : rien n'est montré qui ne se rattache à sa source ; demandez le champ « source » de ce que vous citez")
		e.verify(len(l.Sources) <= sourcesMax, Invalide, "requete", "la réponse cite %d sources, et un instantané en garde %d au plus : demandez des pages plus courtes", len(l.Sources), sourcesMax)
		if err := e.ready(); err != nil {
			return "", err
		}
		i.VersionSchema, i.Sources = l.VersionSchema, l.Sources
		return i.Cle, e.freeze(ctx, i, auteur, l.Reponse)
	})
	i, err := written[*Instantane](ctx, s, "Instantane", cle, err, sel)
	return &InstantanePayload{Instantane: i, Erreurs: fautes}, err
}

// variables reads a JSON object, written as shortly as JSON can; a fault, noted, gives an empty one.
func (e *ecriture) variables(text *string) json.RawMessage {
	raw := strings.TrimSpace(*or(text, "{}"))
	var short bytes.Buffer
	err := json.Compact(&short, []byte(raw))
	if !e.verify(err == nil && strings.HasPrefix(raw, "{"), Invalide, "variables", "« variables » doit être un objet JSON") {
		return json.RawMessage("{}")
	}
	return short.Bytes()
}

// auteur is the organisation acted for; nil for none. It comes after authorise.
func (e *ecriture) auteur(ctx context.Context) (*Fiche, error) {
	if e.droit.OrganisationID == 0 {
		return nil, nil
	}
	fiches, err := e.fichesByID(ctx, []int64{e.droit.OrganisationID})
	return fiches[e.droit.OrganisationID], err
}

// checkDebit refuses one more snapshot to who took many.
func (e *ecriture) checkDebit(ctx context.Context, auteur *string) error {
	q := e.tx.NewSelect().TableExpr("instantane").Where("le > now() - interval '24 hours'")
	if auteur != nil {
		q = q.Where("auteur_cle = ?", *auteur)
	} else {
		q = q.Where("auteur_cle IS NULL").Where("sujet = ?", e.qui.Sujet)
	}
	n, err := q.Count(ctx)
	if err == nil && n >= instantanesParJour {
		err = &Error{Code: CodeLimiteDebit, Message: fmt.Sprintf("%d instantanés ont déjà été figés en vingt-quatre heures, et c'est le plus : réessayez plus tard", n)}
	}
	return err
}

// freeze writes a snapshot with its document. Those of one organisation wait for each other here, and not while they read.
func (e *ecriture) freeze(ctx context.Context, i *Instantane, auteur *Fiche, reponse json.RawMessage) error {
	document, err := i.compose(auteur, reponse)
	if err != nil {
		return err
	}
	sources, err := json.Marshal(i.Sources)
	if err != nil {
		return err
	}
	if _, err := e.tx.NewRaw(`SELECT pg_advisory_xact_lock(hashtextextended('mutualibre.instantane.' || ?, 0))`, *or(i.AuteurCle, e.qui.Sujet)).Exec(ctx); err != nil {
		return err
	}
	if err := e.checkDebit(ctx, i.AuteurCle); err != nil {
		return err
	}
	sum := sha256.Sum256([]byte(document))
	_, err = e.tx.NewRaw(`INSERT INTO instantane (cle, titre, le, auteur_cle, sujet, requete, variables, version_schema, sources, document, empreinte)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`, i.Cle, i.Titre, time.Time(i.Le), i.AuteurCle, e.qui.Sujet, i.Requete, i.Variables, i.VersionSchema,
		string(sources), document, "sha256:"+hex.EncodeToString(sum[:])).Exec(ctx)
	return err
}
