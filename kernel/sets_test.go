package kernel

import (
	"errors"
	"os"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"
)

// EnvRequire names sets, with commas between, without which the tests fail: a
// set that silently was not tested is a defect.
const envRequire = "RIFFLE_REQUIRE_ISA"

// forEachSet runs a test once for each set that the machine can run.
func forEachSet(t *testing.T, f func(t *testing.T, set *Set)) {
	t.Helper()
	for _, s := range Sets() {
		t.Run(s.Name, func(t *testing.T) { f(t, s) })
	}
	if err := required(); err != nil {
		t.Fatal(err)
	}
}

// benchEachSet runs a benchmark once for each set that the machine can run.
func benchEachSet(b *testing.B, f func(b *testing.B, set *Set)) {
	b.Helper()
	for _, s := range Sets() {
		b.Run(s.Name, func(b *testing.B) { f(b, s) })
	}
}

func required() error {
	var errs []error
	for name := range strings.SplitSeq(os.Getenv(envRequire), ",") {
		if name == "" {
			continue
		}
		if _, err := Select(name); err != nil {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

func TestRequiredSets(t *testing.T) {
	if err := required(); err != nil {
		t.Fatalf("%s=%s: %v", envRequire, os.Getenv(envRequire), err)
	}
}

func TestSelect(t *testing.T) {
	t.Setenv(EnvISA, "")
	sets := Sets()
	if best, err := Select(""); err != nil || best != sets[0] {
		t.Errorf("Select(\"\") = %v, %v, wanted the first set, %s", best, err, sets[0].Name)
	}
	for _, s := range sets {
		if got, err := Select(s.Name); err != nil || got != s {
			t.Errorf("Select(%q) = %v, %v", s.Name, got, err)
		}
		t.Setenv(EnvISA, s.Name)
		if got, err := Select(""); err != nil || got != s {
			t.Errorf("%s=%s: Select(\"\") = %v, %v", EnvISA, s.Name, got, err)
		}
	}
	if last := sets[len(sets)-1]; last.Name != "generic" {
		t.Errorf("the last set is %s, wanted generic", last.Name)
	}
	sets[0] = nil
	if Sets()[0] == nil {
		t.Error("a caller changed the list of sets")
	}

	elsewhere := "neon"
	if runtime.GOARCH == "arm64" {
		elsewhere = "avx2"
	}
	for _, c := range []struct{ name, env, want string }{
		{"sse9", "", "none of that name"},
		{"", "sse9", EnvISA},
		{elsewhere, "", "this program for " + runtime.GOARCH},
		{"GENERIC", "", "generic"},
	} {
		t.Setenv(EnvISA, c.env)
		set, err := Select(c.name)
		var e *SelectError
		if set != nil || !errors.As(err, &e) {
			t.Errorf("Select(%q) with %s=%q = %v, %v, wanted a SelectError", c.name, EnvISA, c.env, set, err)
			continue
		}
		if e.Asked != c.name+c.env || e.FromEnv != (c.env != "") || !slices.Contains(e.Runnable, "generic") || !strings.Contains(err.Error(), c.want) {
			t.Errorf("Select(%q) with %s=%q: %v (%+v), wanted it to say %q", c.name, EnvISA, c.env, err, e, c.want)
		}
	}
}

func TestPuregoHasNoAssembly(t *testing.T) {
	if !purego {
		t.Skip("built without the tag purego")
	}
	if n := len(Sets()); n != 1 {
		t.Errorf("%d sets, wanted generic alone", n)
	}
	if _, err := Select("avx2"); runtime.GOARCH == "amd64" && (err == nil || !strings.Contains(err.Error(), "purego")) {
		t.Errorf("Select(\"avx2\"): %v, wanted an error that names the tag purego", err)
	}
}

func TestEverySetIsComplete(t *testing.T) {
	forEachSet(t, func(t *testing.T, s *Set) {
		for _, k := range s.kernels() {
			if !k.entry.complete() {
				t.Errorf("%s is missing", k.name)
			}
		}
		if n := reflect.TypeFor[Set]().NumField(); n < len(s.kernels()) {
			t.Fatalf("%d fields", n)
		}
		listed := 0
		for i := range reflect.TypeFor[Set]().NumField() {
			if f := reflect.TypeFor[Set]().Field(i); strings.HasPrefix(f.Type.Name(), "entry[") {
				listed++
			}
		}
		if listed != len(s.kernels()) {
			t.Errorf("the set has %d kernels, kernels lists %d", listed, len(s.kernels()))
		}
		if s.Lanes < 1 || s.StoreLanes < 1 || s.StoreLanes > 8 || s.PixelCut < 1 || s.LinearRows < 1 || len(s.Tiles) == 0 {
			t.Errorf("sizes are missing: %+v", s)
		}
		for _, p := range []float64{s.PeakGFLOPS(time.Millisecond), s.PeakInt8GMACS(time.Millisecond)} {
			if !(p > 0) {
				t.Errorf("peak of %v", p)
			}
		}
	})
}
