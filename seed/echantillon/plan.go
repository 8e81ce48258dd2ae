package echantillon

// plan is all that is decided before the first row is written: a few megabytes, whatever the number of usages.
type plan struct {
	*base
	graine        uint64
	logiciels     []logiciel
	parTaille     [4]choix // what an organisation of that size draws from
	libres        choix
	proprietaires choix
	quotas        []int // usages of each organisation
	premiers      []int // number of its first usage, from 0
	syndicats     []syndicat
	catalogues    []catalogue
	adhesions     []adhesion
	appartenances [][]appartenance // of each organisation
	nbEntrees     int
}

// choix draws a software among some of them.
type choix struct {
	tirage
	indexes []int
}

func (p *plan) choose(keep func(logiciel) bool) choix {
	var c choix
	var poids []uint64
	for i, l := range p.logiciels {
		if keep(l) {
			c.indexes = append(c.indexes, i)
			poids = append(poids, l.poids)
		}
	}
	c.tirage = nouveauTirage(poids)
	return c
}

func planifier(b *base, options Options) (*plan, error) {
	p := &plan{base: b, graine: options.Graine}
	p.logiciels = completeLogiciels(b, p.graine)
	for t := range p.parTaille {
		p.parTaille[t] = p.choose(func(l logiciel) bool { return l.taille <= t })
	}
	p.libres = p.choose(func(l logiciel) bool { return l.libre })
	p.proprietaires = p.choose(func(l logiciel) bool { return !l.libre })

	// Beyond two thirds of what exists, a collectivité would run everything.
	plafonds := make([]int, len(p.organisations))
	for i, o := range p.organisations {
		plafonds[i] = len(p.parTaille[o.taille()].indexes) * 2 / 3
	}
	var ok bool
	if p.quotas, ok = repartir(p.organisations, plafonds, options.Usages, p.graine); !ok {
		return nil, ErrTropDUsages
	}
	p.premiers = make([]int, len(p.quotas))
	for i := 1; i < len(p.quotas); i++ {
		p.premiers[i] = p.premiers[i-1] + p.quotas[i-1]
	}
	p.planifierSyndicats()
	return p, nil
}
