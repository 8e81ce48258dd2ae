package identifiant

import (
	"net/url"
	"strings"
)

// forges are the hosts on which a repository is owner/name: one segment alone is an organisation.
var forges = map[string]bool{
	"github.com": true, "gitlab.com": true, "bitbucket.org": true, "codeberg.org": true, "framagit.org": true,
	"gitlab.adullact.net": true, "gitlab.girondenumerique.fr": true, "gitlab.ow2.org": true, "git.sr.ht": true,
	"gitlab.libre-entreprise.org": true, "gitee.com": true, "salsa.debian.org": true, "gitlab.gnome.org": true,
	"invent.kde.org": true, "gitlab.mim-libre.fr": true, "forge.apps.education.fr": true,
}

// pages that show something about a repository, or something else, and never name one.
var horsDepot = map[string]bool{
	"download": true, "downloads": true, "telecharger": true, "telechargement": true, "release": true, "releases": true,
	"tags": true, "wiki": true, "wikis": true, "explore": true, "search": true, "orgs": true, "groups": true, "users": true,
	"topics": true, "marketplace": true, "login": true, "projects": true, "download.html": true, "download.php": true,
	"downloads.html": true, "telecharger.html": true, "files": true,
}

// Depot returns the one spelling of a repository's address: no scheme, user, "www.", default port, ".git" or trailing
// slash, lower-case host, and lower-case path on the forges that ignore its case; or "" when the text names no repository
// (an organisation, a download page, a bare host, anything else than http, https, git, ssh, svn or the git@host:path form).
// Two spellings of one repository give one result; two repositories never do.
func Depot(adresse string) string {
	s := strings.TrimSpace(adresse)
	if s == "" || len(s) > 500 || strings.ContainsAny(s, " \t\r\n\x00|\\\"<>") {
		return ""
	}
	for _, p := range []string{"git+", "scm:git:", "scm:"} {
		s = strings.TrimPrefix(s, p)
	}
	if !strings.Contains(s, "://") {
		hote, chemin, ok := strings.Cut(s, ":")
		if ok && !strings.Contains(hote, "/") && !chiffresAvantBarre(chemin) { // git@host:path
			s = "ssh://" + hote + "/" + strings.TrimPrefix(chemin, "/")
		} else {
			s = "https://" + s
		}
	}
	u, err := url.Parse(s)
	if err != nil {
		return ""
	}
	switch strings.ToLower(u.Scheme) {
	case "http", "https", "git", "ssh", "svn":
	default:
		return ""
	}
	hote := strings.TrimPrefix(strings.TrimSuffix(strings.ToLower(u.Hostname()), "."), "www.")
	if !strings.Contains(hote, ".") || strings.ContainsAny(hote, "%[]") {
		return ""
	}
	if p := u.Port(); p != "" && p != "80" && p != "443" && p != "22" && p != "9418" {
		hote += ":" + p
	}
	segments := strings.FieldsFunc(u.Path, func(r rune) bool { return r == '/' })
	if forges[hote] {
		return depotForge(hote, segments)
	}
	if len(segments) == 0 {
		return ""
	}
	for i, seg := range segments {
		if seg == "-" { // GitLab: what follows is a page of the repository
			segments = segments[:i]
			break
		}
		if horsDepot[strings.ToLower(seg)] {
			return ""
		}
	}
	if len(segments) == 0 || strings.HasPrefix(hote, "gitlab.") && len(segments) < 2 {
		return ""
	}
	chemin := strings.TrimSuffix(strings.Join(segments, "/"), ".git")
	if chemin == "" || strings.HasSuffix(chemin, "/") {
		return ""
	}
	resultat := hote + "/" + chemin
	if u.RawQuery != "" { // gitweb and cgit name the repository there
		resultat += "?" + u.RawQuery
	}
	return resultat
}

// depotForge keeps owner/name, and the sub-groups that GitLab allows; a page inside the repository leads to it.
func depotForge(hote string, segments []string) string {
	for i, seg := range segments {
		bas := strings.ToLower(seg)
		page := i >= 2 && (bas == "-" || bas == "tree" || bas == "blob" || bas == "src" || bas == "releases" ||
			bas == "issues" || bas == "wiki" || bas == "wikis" || bas == "tags" || bas == "commits" || bas == "raw")
		if page {
			segments = segments[:i]
			break
		}
		if i == 0 && horsDepot[bas] {
			return ""
		}
	}
	if hote == "github.com" || hote == "bitbucket.org" || hote == "codeberg.org" || hote == "git.sr.ht" {
		segments = segments[:min(2, len(segments))]
	}
	if len(segments) < 2 {
		return ""
	}
	chemin := strings.ToLower(strings.Join(segments, "/"))
	chemin = strings.TrimSuffix(chemin, ".git")
	if strings.HasSuffix(chemin, "/") {
		return ""
	}
	return hote + "/" + chemin
}

func chiffresAvantBarre(s string) bool {
	port, _, _ := strings.Cut(s, "/")
	return chiffres(port)
}
