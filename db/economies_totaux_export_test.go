package db

import "context"

// TotauxDeZones and TotauxDeBeneficiaires show the tests, which are outside the package, what a bilan calls.
func (s *Store) TotauxDeZones(ctx context.Context, niveau TypeTerritoire, codes []string, date *Date) (map[string][]MontantParStatut, error) {
	var zones []zone
	for _, c := range codes {
		zones = append(zones, zone{niveau, c})
	}
	found, err := s.totauxDeZones(ctx, zones, date)
	byCode := make(map[string][]MontantParStatut, len(found))
	for z, m := range found {
		byCode[z.Code] = m
	}
	return byCode, err
}

func (s *Store) TotauxDeBeneficiaires(ctx context.Context, groupes [][]int64, date *Date) ([][]MontantParStatut, error) {
	return s.totauxDeBeneficiaires(ctx, groupes, date)
}
