package eval

import (
	"fmt"
	"strings"

	"github.com/riffle-ml/riffle/cmd/internal/cli"
)

// hair is the assignment margin below which two machines may decide
// differently: their sums of float32 values round differently.
const hair = 1e-4

// comparison is one picture held against the reference.
type comparison struct {
	classDiffers bool
	closeCall    bool // the reference's two best classes are nearer than the bound
	routesDiffer bool
	margin       float64
	logits       float64 // largest error with the reference's permutations, as a share of the largest logit
}

// Agreement is what a comparison of a whole set says.
type Agreement struct {
	File string `json:"file"`
	// Pictures whose class differs, and how many of them no close call explains.
	ClassesDiffer      int `json:"classes_differ"`
	ClassesUnexplained int `json:"classes_differ_unexplained"`
	// Pictures for which a layer chose another permutation; those whose margin
	// is no hair's breadth; and the largest margin among them.
	RoutesDiffer      int     `json:"routes_differ"`
	RoutesUnexplained int     `json:"routes_differ_unexplained"`
	RoutesMargin      float64 `json:"routes_differ_margin"`
	Close             int     `json:"margins_under_1e-4"`
	// The largest error of a logit with the reference's permutations, and the bound.
	LogitError float64 `json:"logit_error"`
	LogitBound float64 `json:"logit_bound"`
	dynamic    bool
}

func (g *Agreement) add(c comparison) {
	near := c.margin < hair
	if near {
		g.Close++
	}
	if c.classDiffers {
		g.ClassesDiffer++
		if !c.closeCall && !(c.routesDiffer && near) {
			g.ClassesUnexplained++
		}
	}
	if c.routesDiffer {
		g.RoutesDiffer++
		g.RoutesMargin = max(g.RoutesMargin, c.margin)
		if !near {
			g.RoutesUnexplained++
		}
	}
	g.LogitError = max(g.LogitError, c.logits)
}

// agrees tells whether every difference is explained.
func (g *Agreement) agrees() bool {
	return g.ClassesUnexplained == 0 && g.RoutesUnexplained == 0 && g.LogitError <= g.LogitBound
}

func (g *Agreement) text() string {
	var b strings.Builder
	verdict := "agrees"
	if !g.agrees() {
		verdict = "DIFFERS"
	}
	fmt.Fprintf(&b, "against %s: %s\n", cli.Printable(g.File), verdict)
	fmt.Fprintf(&b, "  classes differ for %d pictures, %d of them unexplained\n", g.ClassesDiffer, g.ClassesUnexplained)
	if g.dynamic {
		fmt.Fprintf(&b, "  permutations differ for %d pictures, %d of them with a margin of 1e-4 or more (largest %.2g)\n",
			g.RoutesDiffer, g.RoutesUnexplained, g.RoutesMargin)
		fmt.Fprintf(&b, "  %d pictures have a margin under 1e-4\n", g.Close)
		fmt.Fprintf(&b, "  with the reference's permutations ")
	} else {
		fmt.Fprintf(&b, "  ")
	}
	fmt.Fprintf(&b, "logits differ by %.2g of the largest, bound %.2g\n", g.LogitError, g.LogitBound)
	return b.String()
}
