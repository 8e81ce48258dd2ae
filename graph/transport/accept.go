package transport

import (
	"math"
	"strconv"
	"strings"
)

// The media types that the endpoint speaks.
const (
	typeJSON     = "application/json"
	typeResponse = "application/graphql-response+json"
	typeHTML     = "text/html"
	typeStream   = "text/event-stream"
)

// negotiate returns which of the offers, in our order of preference, suits an
// Accept header best, or "" when none does (RFC 9110, section 12.5.1): the
// most specific range that matches an offer gives its quality, the highest
// quality wins, then the most specific match, then the first one the client
// wrote, then our order. No header accepts everything; a malformed range is
// ignored. A charset other than UTF-8 does not match; other parameters are
// not looked at, our types having none.
func negotiate(accept string, offers []string) string {
	if strings.TrimSpace(accept) == "" {
		return offers[0]
	}
	ranges := parseAccept(accept)
	var best string
	var bestQ float64
	var bestSpecificity, bestIndex int
	for _, offer := range offers {
		q, specificity, index := 0.0, -1, 0
		for i, r := range ranges {
			if s := r.specificity(offer); s > specificity {
				q, specificity, index = r.q, s, i
			}
		}
		if q == 0 {
			continue
		}
		better := q > bestQ ||
			q == bestQ && specificity > bestSpecificity ||
			q == bestQ && specificity == bestSpecificity && specificity == exact && index < bestIndex
		if better {
			best, bestQ, bestSpecificity, bestIndex = offer, q, specificity, index
		}
	}
	return best
}

// mediaRange is one element of an Accept header.
type mediaRange struct {
	main, sub string // lower case; "*" for any
	q         float64
}

// exact is the specificity of a range that names a type in full.
const exact = 2

// specificity is how closely the range matches a media type: exact, 1 for
// type/*, 0 for */*, -1 when it does not.
func (r mediaRange) specificity(offer string) int {
	main, sub, _ := strings.Cut(offer, "/")
	switch {
	case r.main == main && r.sub == sub:
		return exact
	case r.main == main && r.sub == "*":
		return 1
	case r.main == "*":
		return 0
	}
	return -1
}

func parseAccept(header string) []mediaRange {
	var ranges []mediaRange
	for _, element := range splitQuoted(header, ',') {
		if r, ok := parseRange(element); ok {
			ranges = append(ranges, r)
		}
	}
	return ranges
}

func parseRange(element string) (mediaRange, bool) {
	parts := splitQuoted(element, ';')
	main, sub, ok := strings.Cut(strings.ToLower(strings.TrimSpace(parts[0])), "/")
	if !ok || !token(main) || !token(sub) || main == "*" && sub != "*" {
		return mediaRange{}, false
	}
	r := mediaRange{main: main, sub: sub, q: 1}
	for _, part := range parts[1:] {
		name, value, _ := strings.Cut(part, "=")
		name, value = strings.ToLower(strings.TrimSpace(name)), strings.Trim(strings.TrimSpace(value), `"`)
		switch name {
		case "q":
			q, err := strconv.ParseFloat(value, 64)
			if err != nil || math.IsNaN(q) || q < 0 || q > 1 {
				return mediaRange{}, false
			}
			r.q = q
		case "charset":
			if !isUTF8(value) {
				return mediaRange{}, false
			}
		}
	}
	return r, true
}

// splitQuoted splits s at sep, except inside double quotes.
func splitQuoted(s string, sep byte) []string {
	var parts []string
	start, quoted := 0, false
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '\\' && quoted:
			i++
		case c == '"':
			quoted = !quoted
		case c == sep && !quoted:
			parts = append(parts, s[start:i])
			start = i + 1
		}
	}
	return append(parts, s[start:])
}

// token tells whether s is a token of RFC 9110, section 5.6.2.
func token(s string) bool {
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c <= ' ' || c >= 0x7f || strings.IndexByte(`"(),/:;<=>?@[\]{}`, c) >= 0 {
			return false
		}
	}
	return s != ""
}

func isUTF8(charset string) bool {
	return strings.EqualFold(charset, "utf-8") || strings.EqualFold(charset, "utf8")
}
