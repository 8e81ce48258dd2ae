package seed

// formatsAdministratifs are the readers of who exists: territories, collectivités, groupements.
func formatsAdministratifs() []Format { return nil }

func etapesAdministratives() []etape { return nil }
