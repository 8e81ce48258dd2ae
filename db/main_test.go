package db_test

import (
	"testing"

	"github.com/mutualibre/mutualibre/db/dbtest"
)

func TestMain(m *testing.M) { dbtest.Main(m) }
