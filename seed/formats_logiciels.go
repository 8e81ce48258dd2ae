package seed

// formatsLogiciels are the readers of catalogues of software.
func formatsLogiciels() []Format { return nil }

// etapesLogiciels are the catalogues of software that the project ships.
func etapesLogiciels() []etape { return nil }
