package webhook

import (
	"math"
	"time"
)

// essais bounds the attempts of one delivery.
const essais = 12

// Delai returns how long to wait after the failed attempt of this rank, from 1: 17 seconds, then two and a half times
// longer each time, plus up to a tenth by alea (0 to 1) so that a receiver back to life is not met by everything at once.
// Twelve attempts so span from 3.1 to 3.4 days.
func Delai(rang int, alea float64) time.Duration {
	return time.Duration(17 * math.Pow(2.5, float64(min(max(rang, 1), essais)-1)) * (1 + alea/10) * float64(time.Second))
}
