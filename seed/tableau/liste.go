package tableau

import "strings"

// joinListe writes a list as one text that splitListe gives back: items are separated by "|", in which "|" and "\" are
// written after a "\". A lone item without separators is written as it is; one with some, followed by "|".
func joinListe(items []string) string {
	if len(items) == 1 && !strings.ContainsAny(items[0], ",;|") {
		return items[0]
	}
	var b strings.Builder
	for i, item := range items {
		if i > 0 {
			b.WriteByte('|')
		}
		b.WriteString(strings.ReplaceAll(strings.ReplaceAll(item, `\`, `\\`), "|", `\|`))
	}
	if len(items) == 1 {
		b.WriteByte('|')
	}
	return b.String()
}

// splitListe reads a list: on "|" if there is any, else on ";" if there is any, else on ",".
func splitListe(s string) []string {
	var items []string
	add := func(item string) {
		if item = strings.TrimSpace(item); item != "" {
			items = append(items, item)
		}
	}
	if !strings.Contains(s, "|") {
		sep := ","
		if strings.Contains(s, ";") {
			sep = ";"
		}
		for item := range strings.SplitSeq(s, sep) {
			add(item)
		}
		return items
	}
	var item strings.Builder
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '\\' && i+1 < len(s) && (s[i+1] == '|' || s[i+1] == '\\'):
			i++
			item.WriteByte(s[i])
		case s[i] == '|':
			add(item.String())
			item.Reset()
		default:
			item.WriteByte(s[i])
		}
	}
	add(item.String())
	return items
}
