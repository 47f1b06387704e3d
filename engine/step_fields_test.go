package engine

import (
	"strings"
	"testing"
)

// What a program reads of a step does not have to be parsed out of its text.
func TestStepFields(t *testing.T) {
	m := mustNew(t, build(t, "shufflenetv1:0.5x@64,g=2"), WithThreads(1))
	kinds := map[string]int{}
	for _, st := range m.Steps() {
		kinds[st.Kind]++
		if !strings.HasPrefix(st.Kernel, st.Kind) || !strings.Contains(st.Implementation, "_") || st.Reference {
			t.Errorf("got %+v", st)
		}
		if gemm := st.Kind == "gemm"; gemm != (st.Tile != "") || gemm != (len(st.Sizes) == 4) {
			t.Errorf("got %+v, want a tile and four sizes for a GEMM alone", st)
		} else if s := st.Sizes; gemm && int64(s[0]*s[1]*s[2]*s[3]) != st.MACs {
			t.Errorf("got %+v, want sizes whose product is the multiply-adds", st)
		}
	}
	for _, kind := range []string{"gemm", "depthwise", "avgpool", "mean", "linear"} {
		if kinds[kind] == 0 {
			t.Errorf("got %v, want %s among them", kinds, kind)
		}
	}
}
