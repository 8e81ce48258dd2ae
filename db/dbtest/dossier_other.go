//go:build !linux

package dbtest

// dossier is where private clusters are made: "", the folder of temporary files.
func dossier() string { return "" }
