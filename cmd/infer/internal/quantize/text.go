package quantize

import (
	"fmt"
	"strings"

	"github.com/riffle-ml/riffle/cmd/internal/cli"
	"github.com/riffle-ml/riffle/quantize"
)

// worst is how many layers are named that lose most.
const worst = 5

// text is the report for people.
func text(r *quantize.Report) string {
	var b strings.Builder
	b.WriteString(r.String())
	var names []string
	for _, l := range r.Costly(worst) {
		names = append(names, fmt.Sprintf("%s (%.1f dB)", cli.Printable(l.Node), l.Signal))
	}
	if len(names) > 0 {
		fmt.Fprintf(&b, "first to keep in float32 (-keep), if accuracy is lost: %s\n", strings.Join(names, ", "))
	}
	return b.String()
}
