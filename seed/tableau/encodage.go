package tableau

import (
	"bufio"
	"bytes"
	"io"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
)

// decodeTexte gives the text of r in UTF-8: after its byte order mark if it has one (UTF-8 or UTF-16), else as UTF-8 or
// Windows-1252 as its first bytes outside ASCII look like, wherever they come.
func decodeTexte(r *bufio.Reader) io.Reader {
	marque, _ := r.Peek(3)
	switch {
	case bytes.HasPrefix(marque, []byte("\xef\xbb\xbf")):
		_, _ = r.Discard(3)
		return r
	case bytes.HasPrefix(marque, []byte("\xff\xfe")), bytes.HasPrefix(marque, []byte("\xfe\xff")):
		return unicode.UTF16(unicode.LittleEndian, unicode.ExpectBOM).NewDecoder().Reader(r)
	}
	return &sansMarque{r: r}
}

// sansMarque passes ASCII until it meets something else, and then decides.
type sansMarque struct {
	r      *bufio.Reader
	decide io.Reader
}

func (s *sansMarque) Read(p []byte) (int, error) {
	if s.decide != nil {
		return s.decide.Read(p)
	}
	vu, err := s.r.Peek(s.r.Size())
	if len(vu) == 0 || err != nil && err != io.EOF {
		return 0, err
	}
	ascii := bytes.IndexFunc(vu, func(c rune) bool { return c >= utf8.RuneSelf })
	if ascii < 0 {
		ascii = len(vu)
	}
	if ascii > 0 {
		return s.r.Read(p[:min(len(p), ascii)])
	}
	s.decide = s.r
	if !ressembleUTF8(vu) {
		s.decide = charmap.Windows1252.NewDecoder().Reader(s.r)
	}
	return s.decide.Read(p)
}

// ressembleUTF8 says whether data holds more characters of UTF-8 than bytes that are none: a file in UTF-8 with one bad
// byte stays in UTF-8, and its line is refused.
func ressembleUTF8(data []byte) bool {
	bons, mauvais := 0, 0
	for len(data) > 0 {
		c, n := utf8.DecodeRune(data)
		switch {
		case c == utf8.RuneError && n == 1 && !utf8.FullRune(data):
			return bons >= mauvais // cut by the end of the window
		case c == utf8.RuneError && n == 1:
			mauvais++
		case n > 1:
			bons++
		}
		data = data[n:]
	}
	return bons > mauvais
}
