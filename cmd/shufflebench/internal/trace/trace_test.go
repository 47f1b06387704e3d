package trace

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/riffle-ml/riffle/cmd/shufflebench/internal/report"
	"github.com/riffle-ml/riffle/cmd/shufflebench/internal/report/reporttest"
)

func TestWrite(t *testing.T) {
	rep := reporttest.Invented()
	rep.Profiles = append(rep.Profiles, report.Profile{Network: "second", ISA: "avx2", Steps: []report.Step{{Node: "n", Op: "add", RunNS: 1500}}})
	var b bytes.Buffer
	if err := Write(&b, rep); err != nil {
		t.Fatal(err)
	}
	var got struct{ TraceEvents []event }
	if err := json.Unmarshal(b.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	runs, ends := map[int]event{}, map[int]float64{} // by process
	names := map[int]any{}
	for _, e := range got.TraceEvents {
		switch {
		case e.Phase == "M" && e.Name == "process_name":
			names[e.Process] = e.Args["name"]
		case e.Phase == "X" && e.Category == "run":
			runs[e.Process] = e
		case e.Phase == "X":
			if e.Start != ends[e.Process] || e.Duration <= 0 {
				t.Errorf("%s: got %v to %v, want it to begin where the step before ended, at %v", e.Name, e.Start, e.Start+e.Duration, ends[e.Process])
			}
			ends[e.Process] = e.Start + e.Duration
		}
	}
	for process, want := range map[int]struct {
		name string
		µs   float64
	}{1: {"net:1x@32", 210}, 2: {"second", 1.5}} {
		if names[process] != want.name || runs[process].Duration != want.µs || ends[process] != want.µs || runs[process].Start != 0 {
			t.Errorf("process %d: got %v, %+v and steps up to %v µs, want %+v", process, names[process], runs[process], ends[process], want)
		}
	}
}
