package seed

import "testing"

func TestWhatStandsBeforeTheNameOfACommune(t *testing.T) {
	for tri, want := range map[string]string{
		"ville de boe": "boe", "mairie d abbeville": "abbeville", "commune du mans": "le mans", "ville des herbiers": "les herbiers",
		"ville de la rochelle": "la rochelle", "boe": "", "ville": "", "villeneuve de berg": "", "departement de l ain": "",
	} {
		got, ok := sansVilleDe(tri)
		if got != want || ok != (want != "") {
			t.Errorf("%q: %q, %v, want %q", tri, got, ok, want)
		}
	}
}

func TestSheetsThatTheComptoirMarkedForRemoval(t *testing.T) {
	for nom, want := range map[string]bool{
		"Logiciel à supprimer": true, "Logiciel à supprimer (spam)": true, "Zeste de Savoir - à supprimer": true,
		"Zeste de Savoir": false, "Outil à supprimer les doublons": false,
	} {
		if aSupprimer(nom) != want {
			t.Errorf("%q: %v", nom, !want)
		}
	}
}

func TestAddresses(t *testing.T) {
	for s, want := range map[string]string{
		"": "", " https://exemple.fr ": "https://exemple.fr", "www.exemple.fr": "https://www.exemple.fr", "Https://www.cigall.fr": "https://www.cigall.fr",
		"http://réseau-constellation.ca": "http://réseau-constellation.ca", "javascript:alert(1)": "!", "ftp://exemple.fr/x": "!",
		"https://exemple": "!", "https://exemple.fr/a b": "!", "pas une adresse": "!", "https://exemple.fr/\"><script>": "!",
	} {
		got, ok := adresse(s)
		if !ok {
			got = "!"
		}
		if got != want {
			t.Errorf("%q: %q, want %q", s, got, want)
		}
	}
}
