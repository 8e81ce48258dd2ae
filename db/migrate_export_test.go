package db

// The tests, which are outside the package because dbtest imports it, give these
// other files than the program's.
var (
	MigrateUpFrom     = migrateUp
	MigrateDownFrom   = migrateDown
	MigrateStatusFrom = migrateStatus
)
