package importation_test
import ("os";"strconv")
var lignesEssai = func() int { n,_ := strconv.Atoi(os.Getenv("N")); if n==0 {n=100000}; return n }()
