//go:build !linux

package dbtest

// enMemoire is a folder kept in memory: none is known.
const enMemoire = ""

// dossier is where private clusters are made: "", the folder of temporary files.
func dossier() string { return "" }
