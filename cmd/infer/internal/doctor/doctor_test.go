package doctor

import (
	"context"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/riffle-ml/riffle/engine"
	"github.com/riffle-ml/riffle/kernel"
	"github.com/riffle-ml/riffle/weights/zoo"
)

// TestExamine: every set of this machine is there, with a reason, and every model built in
// was tried on each.
func TestExamine(t *testing.T) {
	t.Setenv(kernel.EnvISA, "")
	r := examine(context.Background())
	if !r.Well || len(r.Problems) > 0 || r.Version == "" || r.Threads < 1 {
		t.Errorf("got %+v, want all well", r)
	}
	text := r.text()
	for i, name := range engine.Sets() {
		state := "can be used"
		if i == 0 {
			state = "in use, because " + kernel.Why()
		}
		if want := name + ": " + state; !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	for _, s := range r.Sets {
		_, err := kernel.Select(s.Name)
		if cannot := strings.HasPrefix(s.State, "cannot be used: "); cannot != (err != nil) {
			t.Errorf("%s: got %q, and selecting it gives %v", s.Name, s.State, err)
		}
	}
	if want := len(zoo.Names()) * len(engine.Sets()); len(r.Tests) != want {
		t.Errorf("got %d self-tests, want %d", len(r.Tests), want)
	}
	if !strings.Contains(text, "all well") {
		t.Errorf("got\n%s", text)
	}
}

// TestForced: what RIFFLE_ISA says shows, and is a problem where it cannot be had.
func TestForced(t *testing.T) {
	t.Setenv(kernel.EnvISA, "generic")
	if text := examine(context.Background()).text(); !strings.Contains(text, "generic: in use, because RIFFLE_ISA says so") {
		t.Errorf("got\n%s", text)
	}
	t.Setenv(kernel.EnvISA, "sse9")
	r := examine(context.Background())
	if text := r.text(); r.Well || !strings.Contains(text, "PROBLEM") || !strings.Contains(text, `RIFFLE_ISA: instruction set "sse9"`) {
		t.Errorf("got\n%s", text)
	}
}

// TestDistance: what is wrong is seen, in any output.
func TestDistance(t *testing.T) {
	want := []float32{1, -20, 3}
	for i := range want {
		got := append([]float32(nil), want...)
		got[i] += 0.1
		if d := distance(got, want); d < 0.0049 || d > 0.0051 {
			t.Errorf("output %d: got %v, want 0.1 of 20", i, d)
		}
	}
	if d := distance(want, want); d != 0 {
		t.Errorf("got %v for the same", d)
	}
}

func TestQuota(t *testing.T) {
	file := func(s string) *fstest.MapFile { return &fstest.MapFile{Data: []byte(s)} }
	for name, c := range map[string]struct {
		root fstest.MapFS
		want string
	}{
		"none":      {fstest.MapFS{}, ""},
		"version 2": {fstest.MapFS{"proc/self/cgroup": file("0::/a/b\n"), "sys/fs/cgroup/a/b/cpu.max": file("150000 100000\n")}, "1.5 processors"},
		"above": {fstest.MapFS{"proc/self/cgroup": file("0::/a/b\n"), "sys/fs/cgroup/a/b/cpu.max": file("max 100000\n"),
			"sys/fs/cgroup/a/cpu.max": file("50000 100000\n"), "sys/fs/cgroup/cpu.max": file("400000 100000\n")}, "0.5 processors"},
		"mounted as the root": {fstest.MapFS{"proc/self/cgroup": file("0::/pod/x\n"), "sys/fs/cgroup/cpu.max": file("200000 100000\n")}, "2 processors"},
		"no limit":            {fstest.MapFS{"proc/self/cgroup": file("0::/\n"), "sys/fs/cgroup/cpu.max": file("max 100000\n")}, ""},
		"version 1": {fstest.MapFS{"proc/self/cgroup": file("3:memory:/m\n2:cpu,cpuacct:/c\n"),
			"sys/fs/cgroup/cpu/c/cpu.cfs_quota_us": file("300000\n"), "sys/fs/cgroup/cpu/c/cpu.cfs_period_us": file("100000\n")}, "3 processors"},
		"version 1, no limit": {fstest.MapFS{"proc/self/cgroup": file("2:cpu:/\n"),
			"sys/fs/cgroup/cpu/cpu.cfs_quota_us": file("-1\n"), "sys/fs/cgroup/cpu/cpu.cfs_period_us": file("100000\n")}, ""},
		"nonsense": {fstest.MapFS{"proc/self/cgroup": file("x\n::\n0::../../..\n"), "sys/fs/cgroup/cpu.max": file("1\n")}, ""},
	} {
		if got := quota(c.root); got != c.want {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
}
