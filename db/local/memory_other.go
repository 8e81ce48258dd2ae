//go:build !linux

package local

// Memory is a folder kept in memory: none is known.
const Memory = ""

// InMemory is where a cluster that is soon forgotten is made: "", the folder of temporary files.
func InMemory() string { return "" }
