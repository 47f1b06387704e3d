// Package trace writes the steps of profiled networks as a trace, in the Trace
// Event Format of Chrome's about:tracing, which Perfetto (ui.perfetto.dev) and
// Speedscope read too.
package trace

import (
	"encoding/json"
	"fmt"
	"io"

	"github.com/riffle-ml/riffle/cmd/shufflebench/internal/report"
)

// event is one entry of the Trace Event Format. Times are in microseconds.
type event struct {
	Name     string         `json:"name"`
	Category string         `json:"cat,omitempty"`
	Phase    string         `json:"ph"` // "X": a complete event, "M": metadata
	Start    float64        `json:"ts"`
	Duration float64        `json:"dur,omitempty"`
	Process  int            `json:"pid"`
	Thread   int            `json:"tid"`
	Args     map[string]any `json:"args,omitempty"`
}

// Write writes one typical run of each profiled network: each network as a process
// of its own, the run and its steps as nested events on one thread. Errors are w's.
func Write(w io.Writer, rep *report.Report) error {
	var events []event
	for i := range rep.Profiles {
		events = append(events, ofProfile(i+1, &rep.Profiles[i])...)
	}
	return json.NewEncoder(w).Encode(map[string]any{
		"traceEvents":     events,
		"displayTimeUnit": "ns",
		"otherData":       map[string]any{"cpu": rep.Machine.CPU, "go": rep.Machine.Go, "time": rep.Time},
	})
}

func ofProfile(process int, p *report.Profile) []event {
	const thread = 1
	name := func(what, name string) event {
		return event{Name: what, Phase: "M", Process: process, Thread: thread, Args: map[string]any{"name": name}}
	}
	events := []event{name("process_name", p.Network), name("thread_name", p.ISA+", 1 thread")}
	run := event{Name: p.Network, Category: "run", Phase: "X", Process: process, Thread: thread}
	steps := make([]event, 0, len(p.Steps))
	for _, s := range p.Steps {
		e := event{
			Name: s.Op + " " + s.Node, Category: s.Kind, Phase: "X", Start: run.Duration, Duration: s.RunNS / 1e3, Process: process, Thread: thread,
			Args: map[string]any{
				"kernel": s.Kernel, "implementation": s.Implementation, "reference": s.Reference,
				"median of all runs": fmt.Sprintf("%.3f µs", s.NS/1e3), "bytes": s.Bytes,
			},
		}
		if s.GFLOPS > 0 {
			e.Args["GFLOP/s"], e.Args["operations a byte"] = s.GFLOPS, s.Intensity
		}
		run.Duration += e.Duration
		steps = append(steps, e)
	}
	return append(append(events, run), steps...)
}
