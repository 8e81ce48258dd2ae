// Package economie computes what free software saves, shares a mutualised cost among those who pay it, and adds up
// claims without counting anything twice. It is exact: whole cents in, rational numbers (math/big) inside, whole cents
// out; no floating point.
//
// # Formula
//
// Year t goes from 1 to the horizon H:
//
//	gross(t) = seats(t) × unit price(t) × (1 − discount) + maintenance avoided + hardware avoided
//	           + agents' time avoided (FTE) × annual cost of an FTE
//	run(t)   = hosting + support contract + agents' time (FTE) × annual cost of an FTE
//	one-off  = migration + training + integration + recovery of data
//	net      = Σ (gross(t) − run(t)) / (1 + r)^t − one-off
//	payback  = the smallest t at which Σ (gross − run), undiscounted, reaches the one-off costs
//
// Conventions:
//
//   - A price per year counts every year. A price paid once counts when the licence would have been bought: year 1,
//     then only for seats above the highest number reached before. Hardware avoided once counts in year 1.
//   - Flows are discounted at the end of their year, one-off costs are paid at the start and are not discounted.
//   - Gross, running and one-off totals are not discounted; only the net is, at the rate given (none by default).
//   - Amounts are in euros of the year of prices: no inflation is assumed.
//   - Grants pay for a cost, they do not lower it: they are shown apart and enter neither the net nor the payback.
//   - VAT is added or taken off everything bought, never agents' time, which bears none, nor grants.
//   - An amount is rounded to the cent, half away from zero, when it leaves. The net is the difference of the three
//     rounded totals less the exact effect of discounting, rounded once: what is shown adds up, and without discounting
//     net = gross − running − one-off to the cent.
//
// # Sources
//
// Savings and costs by line over one scope, with a horizon and stated prices, follow the cases published with enough to
// be redone: Toulouse (licences 1.8 M€ over 3 years, migration 0.8 M€, hence 1 M€: silicon.fr; numerama.com 30128),
// Nantes (1.6 M€ over 5 years for 5,000 seats: lagazettedescommunes.com 528455), Munich (licences, hardware, migration:
// itworld.com 321474), Schleswig-Holstein (15 M€ a year for 9 M€ invested: relayed from heise). The tests of this package
// give it what the sources count, and expect what they conclude. Arles, whose one figure went round as potential, then
// as reached, over five years then over ten, is why claims of different worth are never added up.
//
// A change of software that is only imagined gives three outcomes (Projet): each rests on a price and on costs that some
// source gives for a seat, never on an average, and what no source gives stays unknown.
//
// Shares of a mutualised cost follow a key (population, seats, the same for all) by the largest remainder method, so
// that they sum to the cost to the cent.
package economie
