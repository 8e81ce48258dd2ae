// Package migrations holds the SQL that builds the database: one pair of files per
// step, YYYYMMDDHHMMSS_name.up.sql and .down.sql, applied by package db. A file that
// was released is never changed: a later one corrects it.
package migrations

import "embed"

// FS holds every migration file, at its root.
//
//go:embed *.sql
var FS embed.FS
