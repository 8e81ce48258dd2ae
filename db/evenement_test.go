package db

import (
	"testing"

	"github.com/mutualibre/mutualibre/domain/identifiant"
)

func TestASubscriptionNeverReadsAgainWhatAnotherServerTold(t *testing.T) {
	// It resumes after an event that this server has not looked at yet, and is then told of all that came before.
	n, e := &nouvelles{}, &suiveur{lue: position{5, 3}, attend: true, depuis: apres(4), jusque: 6}
	if jusque, ok := n.wait(t.Context(), e); !ok || jusque != 6 || e.lue != (position{5, 3}) {
		t.Error(jusque, ok, e.lue)
	}
	e.attend, e.depuis, e.jusque = true, apres(8), 9
	if jusque, ok := n.wait(t.Context(), e); !ok || jusque != 9 || e.lue != apres(8) {
		t.Error("it goes through what does not concern it:", jusque, ok, e.lue)
	}
}

func FuzzTheIDOfAnEventIsReadAsItWasWrittenOrNotAtAll(f *testing.F) {
	for _, seed := range []string{"", "rien", position{1, 2}.id(), apres(9).id(), identifiant.Global("Evenement", "01.2"), identifiant.Global("Evenement", "-1.+2"),
		identifiant.Global("Usage", "1.2"), identifiant.Global("Evenement", "1.2.3"), identifiant.Global("Evenement", "99999999999999999999.1")} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, id string) {
		if p, ok := parsePosition(id); ok && p.id() != id {
			t.Errorf("%q is read as %v", id, p)
		}
	})
}
