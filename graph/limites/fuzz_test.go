package limites_test

import (
	"encoding/json"
	"testing"
)

// Whatever the document and the variables, the answer is one of the
// contract's: executed, or refused with a code that is never INTERNE.
func FuzzARequestIsExecutedOrRefusedWithACode(f *testing.F) {
	for _, c := range hostile {
		if len(c.query)+len(c.variables) < 1000 {
			f.Add(c.query, c.variables)
		}
	}
	for _, c := range accepted {
		f.Add(c.query, c.variables)
	}
	f.Fuzz(func(t *testing.T, query, variables string) {
		var vars map[string]any
		if variables != "" && json.Unmarshal([]byte(variables), &vars) != nil {
			return
		}
		srv := newServer(t)
		status, code, body := ask(t, srv, query, variables)
		ran := srv.Executed.Load() == 1
		if ran != (code == "") || !ran && code != argument && code != complexe && code != profond {
			t.Errorf("executed %v, code %q, status %d: %s", ran, code, status, body)
		}
	})
}
