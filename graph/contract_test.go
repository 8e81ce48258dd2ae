package graph_test

import (
	"bufio"
	"os"
	"testing"

	"github.com/vektah/gqlparser/v2/ast"

	"github.com/mutualibre/mutualibre/graph"
)

// TestNamesThatClientsUseStay compares the schema with the names, arguments, types and values that clients rely on, one
// a line. Adding to the schema is free; a line that no longer holds breaks somebody.
func TestNamesThatClientsUseStay(t *testing.T) {
	file, err := os.Open("../schema/testdata/contrat.txt")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	holds := map[string]bool{}
	for _, d := range graph.Schema(nil).Schema().Types {
		if d.Kind == ast.Scalar {
			holds["scalar "+d.Name] = true
		}
		for _, i := range d.Interfaces {
			holds[d.Name+" implements "+i] = true
		}
		for _, i := range d.Types {
			holds[d.Name+" = "+i] = true
		}
		for _, v := range d.EnumValues {
			holds[d.Name+"."+v.Name] = true
		}
		for _, f := range d.Fields {
			holds[d.Name+"."+f.Name+": "+f.Type.String()] = true
			for _, a := range f.Arguments {
				holds[d.Name+"."+f.Name+"("+a.Name+": "+a.Type.String()+")"] = true
			}
		}
	}
	n := 0
	for lines := bufio.NewScanner(file); lines.Scan(); n++ {
		if !holds[lines.Text()] {
			t.Errorf("le schéma ne tient plus : %s", lines.Text())
		}
	}
	if n < 300 {
		t.Errorf("%d names only: the file was cut", n)
	}
}
