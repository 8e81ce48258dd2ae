package graph_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "rewrite the expected answers and the numbers of statements")

// The first line of a case says how many SQL statements it may cost: "# requêtes SQL : 3".
var statementsLine = regexp.MustCompile(`^# requêtes SQL : (\d+)\n`)

// TestGolden sends every testdata/<domain>/<case>.graphql to the real handler over the real data, and compares the
// answer with <case>.json and its cost with the case's first line. -update rewrites both: read the difference.
func TestGolden(t *testing.T) {
	t.Parallel()
	cases, err := filepath.Glob("testdata/*/*.graphql")
	if err != nil || len(cases) == 0 {
		t.Fatal(err, "aucun cas")
	}
	api := real(t)
	for _, path := range cases {
		t.Run(strings.TrimSuffix(strings.TrimPrefix(path, "testdata/"), ".graphql"), func(t *testing.T) {
			query, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			got := api.ask(t, string(query), nil)
			var text bytes.Buffer
			enc := json.NewEncoder(&text)
			enc.SetEscapeHTML(false)
			enc.SetIndent("", "  ")
			out := map[string]any{"data": got.raw}
			if len(got.Errors) > 0 {
				// Sibling fields run together: their errors come in no order.
				slices.SortFunc(got.Errors, func(a, b clientError) int {
					return strings.Compare(fmt.Sprint(a.Path, a.Message), fmt.Sprint(b.Path, b.Message))
				})
				out["errors"] = got.Errors
			}
			if err := enc.Encode(out); err != nil {
				t.Fatal(err)
			}
			expected := strings.TrimSuffix(path, ".graphql") + ".json"
			line := "# requêtes SQL : " + strconv.FormatInt(got.statements, 10) + "\n"
			if *update {
				write(t, expected, text.Bytes())
				write(t, path, append([]byte(line), statementsLine.ReplaceAll(query, nil)...))
				return
			}
			want, err := os.ReadFile(expected)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(want, text.Bytes()) {
				t.Errorf("%s a changé ; reçu :\n%s", expected, text.String())
			}
			if found := statementsLine.FindString(string(query)); found != line {
				t.Errorf("%s : annoncé %q, compté %q", path, found, line)
			}
		})
	}
}

func write(t *testing.T, path string, b []byte) {
	t.Helper()
	if err := os.WriteFile(path, b, 0o644); err != nil {
		t.Fatal(err)
	}
}
