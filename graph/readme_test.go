package graph_test

import (
	"bytes"
	"encoding/json"
	"os"
	"reflect"
	"regexp"
	"strings"
	"testing"
)

// A query of the README and the answer it promises.
var readmePair = regexp.MustCompile("```graphql\n([^`]*)```\n```json\n([^`]*)```")

// TestReadmeAnswersAreTrue asks each query of the README. -update writes the real answers.
func TestReadmeAnswersAreTrue(t *testing.T) {
	t.Parallel()
	const path = "../README.md"
	readme, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	api := real(t)
	pairs := readmePair.FindAllSubmatch(readme, -1)
	if len(pairs) < 6 {
		t.Fatalf("%d queries with their answers", len(pairs))
	}
	text := string(readme)
	for _, pair := range pairs {
		query, promised := string(pair[1]), string(pair[2])
		got := api.must(t, query, nil)
		if *update {
			var answer bytes.Buffer
			if err := json.Indent(&answer, got.raw, "", "  "); err != nil {
				t.Fatal(err)
			}
			text = strings.Replace(text, "```graphql\n"+query+"```\n```json\n"+promised, "```graphql\n"+query+"```\n```json\n"+compact(answer.String())+"\n", 1)
			continue
		}
		var want any
		if err := json.Unmarshal([]byte(promised), &want); err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(got.Data, want) {
			t.Errorf("%s\nrépond :\n%s", query, got.raw)
		}
	}
	if *update {
		write(t, path, []byte(text))
	}
}

// compact puts an object or a list of plain values on one line, so that the answers stay readable.
func compact(s string) string {
	small := regexp.MustCompile(`\{\n\s+([^{}\[\]]*?)\n\s+\}|\[\n\s+([^{}\[\]]*?)\n\s+\]`)
	spaces := regexp.MustCompile(`\n\s+`)
	return small.ReplaceAllStringFunc(s, func(m string) string {
		line := spaces.ReplaceAllString(m, " ")
		if len(line) > 170 {
			return m
		}
		return line
	})
}
