package doctor

import (
	"fmt"
	"strings"
	"text/tabwriter"

	"github.com/riffle-ml/riffle/cmd/infer/internal/app"
	"github.com/riffle-ml/riffle/cmd/internal/cli"
	"github.com/riffle-ml/riffle/kernel"
)

// report is everything that doctor says; its fields are the JSON object's.
type report struct {
	Version     string   `json:"version"` // and commit
	Go          string   `json:"go"`
	Target      string   `json:"target"` // operating system and architecture
	Processor   string   `json:"processor"`
	Sets        []set    `json:"instruction_sets"`
	Environment string   `json:"riffle_isa,omitempty"`
	Processors  int      `json:"processors"`
	Threads     int      `json:"threads"`         // GOMAXPROCS
	Quota       string   `json:"quota,omitempty"` // of the container
	Tests       []test   `json:"self_tests"`
	Problems    []string `json:"problems,omitempty"`
	Well        bool     `json:"well"` // there are no problems
}

// text is for people.
func (r *report) text() string {
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	row := func(key, format string, args ...any) {
		fmt.Fprintf(w, "%s\t%s\n", key, cli.Printable(fmt.Sprintf(format, args...)))
	}
	row("infer", "%s", r.Version)
	row("built", "%s for %s", r.Go, r.Target)
	row("processor", "%s", r.Processor)
	for _, s := range r.Sets {
		row("instruction set", "%s: %s", s.Name, s.State)
	}
	environment := "not set"
	if r.Environment != "" {
		environment = r.Environment
	}
	row(kernel.EnvISA, "%s", environment)
	row("threads", "%d (GOMAXPROCS), of %s that the system shows", r.Threads, app.Count(r.Processors, "processor"))
	quota := "none found"
	if r.Quota != "" {
		quota = r.Quota
	}
	row("container quota", "%s", quota)
	for _, t := range r.Tests {
		row("self-test", "%s, %s: %s", t.Model, t.Set, t.Result)
	}
	for _, p := range r.Problems {
		row("PROBLEM", "%s", p)
	}
	if r.Well {
		row("result", "all well")
	}
	w.Flush()
	return b.String()
}
