package main

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/mutualibre/mutualibre/"

// What each layer may import of the project. Data flows one way, so that a fault has one place to be in and the API can
// be rebuilt without touching the rules or the SQL.
var layers = map[string][]string{
	"domain": {"domain"},
	"db":     {"db", "domain"},
	"seed":   {"seed", "db", "domain"},
	"graph":  {"graph", "db", "domain"},
	"server": {"server", "graph", "seed", "db", "domain"},
	"bench":  {"bench", "graph", "seed", "db", "domain"},
}

// Libraries that only some layers know.
var confined = map[string][]string{
	"github.com/99designs/gqlgen": {"graph"},
	"github.com/vektah/gqlparser": {"graph", "server"},
	"net/http":                    {"graph", "server", "bench"},
	"database/sql":                {"db", "seed"},
}

func TestLayersImportOnlyDownwards(t *testing.T) {
	out, err := exec.CommandContext(t.Context(), "go", "list", "-json=ImportPath,Imports", module+"...").Output()
	if err != nil {
		t.Fatal(err)
	}
	layerOf := func(path string) string {
		layer, _, _ := strings.Cut(strings.TrimPrefix(path, module), "/")
		return layer
	}
	seen := map[string]bool{}
	for dec := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p struct {
			ImportPath string
			Imports    []string
		}
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		layer := layerOf(p.ImportPath)
		seen[layer] = true
		allowed, known := layers[layer]
		if !known && layer != "schema" {
			t.Errorf("%s : un nouveau dossier à la racine doit dire ici ce qu'il peut importer", p.ImportPath)
		}
		for _, i := range p.Imports {
			if strings.HasPrefix(i, module) && !slices.Contains(allowed, layerOf(i)) {
				t.Errorf("%s importe %s : une couche n'importe que celles d'en dessous", p.ImportPath, i)
			}
			if strings.HasPrefix(i, module+"graph/generated") && layer != "graph" {
				t.Errorf("%s importe le code engendré : seul graph le connaît", p.ImportPath)
			}
			for library, layers := range confined {
				if (i == library || strings.HasPrefix(i, library+"/")) && !slices.Contains(layers, layer) {
					t.Errorf("%s importe %s : réservé à %s", p.ImportPath, i, strings.Join(layers, ", "))
				}
			}
		}
	}
	for layer := range layers {
		if !seen[layer] && layer != "bench" {
			t.Errorf("%s n'existe plus : le retirer d'ici", layer)
		}
	}
}
