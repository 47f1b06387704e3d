package engine

import (
	"context"
	"flag"
	"fmt"
	"slices"
	"sort"
	"testing"
	"time"
)

var profileArch = flag.String("profile-arch", "", "print the profile of this network: go test ./engine -run Profile -v -profile-arch shufflenetv2:1x@224")

func TestProfile(t *testing.T) {
	spec := "shufflenetv2:0.5x@32,shuffle=dynamic"
	if *profileArch != "" {
		spec = *profileArch
	}
	m := mustNew(t, build(t, spec), WithThreads(1))
	steps := m.Steps()
	s, err := m.NewSession()
	if err != nil {
		t.Fatal(err)
	}
	in, out := randomInput(m.plan.InLen, 1), make([]float32, m.plan.OutLen)
	runs := 3
	if *profileArch != "" {
		runs = 300
	}
	all := make([][]time.Duration, runs)
	for i := range all {
		all[i] = make([]time.Duration, len(steps))
		if err := s.Profile(context.Background(), out, in, all[i]); err != nil {
			t.Fatal(err)
		}
	}
	if want := runAll(t, m, in); !slices.Equal(out, want) {
		t.Error("other bits than Run")
	}
	var macs int64
	for _, st := range steps {
		macs += st.MACs
	}
	if want := m.info.MACs; macs != want {
		t.Errorf("steps count %d multiply-adds, want the model's %d", macs, want)
	}
	if err := s.Profile(context.Background(), out, in, nil); err == nil {
		t.Error("no error for a short times")
	}
	if *profileArch == "" {
		return
	}
	var total time.Duration
	for i, st := range steps {
		var ts []time.Duration
		for _, a := range all {
			ts = append(ts, a[i])
		}
		sort.Slice(ts, func(a, b int) bool { return ts[a] < ts[b] })
		best := ts[len(ts)/10]
		total += best
		fmt.Printf("%-22s %-16s %-28s %8.1f us %6.1f GFLOP/s %6.1f GB/s\n", st.Node, st.Op, st.Kernel, float64(best)/1e3, 2*float64(st.MACs)/float64(best), float64(st.Bytes)/float64(best))
	}
	fmt.Println("total of 10th percentiles", total, "peak", m.plan.Set.PeakGFLOPS(50*time.Millisecond))
}
