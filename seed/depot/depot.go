// Package depot reads what a git repository, and what a forge exports, say of the community behind a software: inputs of
// domain/communaute, without a source. It writes nothing there, and runs nothing of what it reads: no hook, no submodule,
// no filter. What it does not know, it leaves out, and says why in its warnings.
package depot

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"slices"

	"github.com/go-git/go-billy/v5/osfs"
	"github.com/go-git/go-git/v5"
	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/cache"
	"github.com/go-git/go-git/v5/plumbing/format/packfile"
	"github.com/go-git/go-git/v5/plumbing/protocol/packp"
	"github.com/go-git/go-git/v5/plumbing/protocol/packp/capability"
	"github.com/go-git/go-git/v5/plumbing/protocol/packp/sideband"
	"github.com/go-git/go-git/v5/plumbing/transport"
	"github.com/go-git/go-git/v5/storage/filesystem"
)

// Errors that a user can mend.
var (
	ErrAbsent   = errors.New("ce n'est pas un dépôt git")
	ErrVide     = errors.New("ce dépôt est vide : aucun commit")
	ErrTropGros = errors.New("ce dépôt dépasse ce qui se lit par le réseau : clonez-le (« git clone --bare --filter=blob:none » suffit), et donnez son chemin")
	ErrCommits  = fmt.Errorf("ce dépôt a plus de %d commits", maxCommits)
)

// The bounds of a repository: commits read, references kept, bytes received, those that announce its references among them.
const (
	maxCommits    = 3_000_000
	maxReferences = 100_000
	// MaxRecu bounds what is received from the network.
	MaxRecu = 512 << 20
	// grosObjet is the size from which an object is not held in memory.
	grosObjet = 1 << 20
)

// Depot is a repository that can be read.
type Depot struct{ r *git.Repository }

// Ouvrir opens a repository of the disk, bare or not.
func Ouvrir(chemin string) (*Depot, error) {
	r, err := git.PlainOpenWithOptions(chemin, &git.PlainOpenOptions{EnableDotGitCommonDir: true})
	if errors.Is(err, git.ErrRepositoryNotExists) {
		return nil, fmt.Errorf("« %s » : %w", chemin, ErrAbsent)
	}
	if err != nil {
		return nil, err
	}
	return &Depot{r}, nil
}

// Origine is the https address that the repository was cloned from; "" when it says none.
func (d *Depot) Origine() string {
	origine, err := d.r.Remote("origin")
	if err != nil || len(origine.Config().URLs) == 0 {
		return ""
	}
	u, err := url.Parse(origine.Config().URLs[0])
	if err != nil || u.Scheme != "https" || u.Host == "" {
		return ""
	}
	u.User = nil // a secret, sometimes
	return u.String()
}

// Recevoir brings the branches and the tags of a remote repository into an empty folder, by the transport given: it decides
// which machines may be spoken to. Files are left out when the server can, but for the few that are read. Error: ErrTropGros
// past maximum bytes.
func Recevoir(ctx context.Context, t transport.Transport, adresse, dossier string, maximum int64) (*Depot, error) {
	point, err := transport.NewEndpoint(adresse)
	if err != nil {
		return nil, err
	}
	s := filesystem.NewStorageWithOptions(osfs.New(dossier), cache.NewObjectLRU(32*cache.MiByte), filesystem.Options{LargeObjectThreshold: grosObjet})
	r, err := git.Init(s, nil)
	if err != nil {
		return nil, err
	}
	recu := &compteur{reste: maximum}
	filtre, err := demander(ctx, t, point, s, recu, func(a *packp.AdvRefs) ([]plumbing.Hash, packp.Filter, error) {
		refs, err := a.AllReferences()
		if err != nil {
			return nil, "", err
		}
		var voulus []plumbing.Hash
		for nom, ref := range refs {
			if nom != plumbing.HEAD && !nom.IsBranch() && !nom.IsTag() {
				continue
			}
			if len(voulus) >= maxReferences {
				return nil, "", ErrTropGros
			}
			if err := s.SetReference(ref); err != nil {
				return nil, "", err
			}
			if ref.Type() == plumbing.HashReference {
				voulus = append(voulus, ref.Hash())
			}
		}
		if a.Capabilities.Supports(capability.Filter) {
			return voulus, packp.FilterBlobNone(), nil
		}
		return voulus, "", nil
	})
	if err != nil {
		return nil, err
	}
	d := &Depot{r}
	if filtre == "" {
		return d, nil
	}
	// The files that are read, now that the tree is known. A server that refuses leaves them unknown.
	if blobs := d.utiles(); len(blobs) > 0 {
		_, err = demander(ctx, t, point, s, recu, func(a *packp.AdvRefs) ([]plumbing.Hash, packp.Filter, error) { return blobs, "", nil })
		if errors.Is(err, ErrTropGros) || ctx.Err() != nil {
			return nil, err
		}
	}
	return d, nil
}

// demander asks a server for objects, and for all that they refer to, but for what the filter leaves out.
func demander(ctx context.Context, t transport.Transport, point *transport.Endpoint, s *filesystem.Storage, recu *compteur, choisir func(*packp.AdvRefs) ([]plumbing.Hash, packp.Filter, error)) (packp.Filter, error) {
	session, err := t.NewUploadPackSession(point, nil)
	if err != nil {
		return "", err
	}
	defer session.Close()
	annonce, err := session.AdvertisedReferencesContext(ctx)
	if errors.Is(err, transport.ErrEmptyRemoteRepository) {
		return "", ErrVide
	}
	if err != nil {
		return "", err
	}
	voulus, filtre, err := choisir(annonce)
	if err != nil {
		return "", err
	}
	if len(voulus) == 0 {
		return "", ErrVide
	}
	q := packp.NewUploadPackRequestFromCapabilities(annonce.Capabilities)
	slices.SortFunc(voulus, func(a, b plumbing.Hash) int { return slices.Compare(a[:], b[:]) })
	q.Wants = slices.Compact(voulus)
	if filtre != "" {
		q.Filter = filtre
		if err := q.Capabilities.Set(capability.Filter); err != nil {
			return "", err
		}
	}
	if annonce.Capabilities.Supports(capability.NoProgress) {
		if err := q.Capabilities.Set(capability.NoProgress); err != nil {
			return "", err
		}
	}
	reponse, err := session.UploadPack(ctx, q)
	if err != nil {
		return "", err
	}
	defer reponse.Close()
	var flux io.Reader = &compte{reponse, recu}
	switch {
	case q.Capabilities.Supports(capability.Sideband64k):
		flux = sideband.NewDemuxer(sideband.Sideband64k, flux)
	case q.Capabilities.Supports(capability.Sideband):
		flux = sideband.NewDemuxer(sideband.Sideband, flux)
	}
	err = packfile.UpdateObjectStorage(s, flux)
	if recu.reste < 0 {
		return "", ErrTropGros
	}
	return filtre, err
}

// compteur is how many bytes may still be received.
type compteur struct{ reste int64 }

type compte struct {
	r io.Reader
	c *compteur
}

func (c *compte) Read(p []byte) (int, error) {
	if c.c.reste < 0 {
		return 0, ErrTropGros
	}
	n, err := c.r.Read(p)
	c.c.reste -= int64(n)
	return n, err
}
