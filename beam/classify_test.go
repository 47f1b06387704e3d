package riffle

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/apache/beam/sdks/v2/go/pkg/beam"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/core/graph/window"
	_ "github.com/apache/beam/sdks/v2/go/pkg/beam/io/filesystem/local"

	"github.com/apache/beam/sdks/v2/go/pkg/beam/io/fileio"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/register"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/testing/passert"
	"github.com/apache/beam/sdks/v2/go/pkg/beam/testing/ptest"

	"github.com/riffle-ml/riffle/engine"
	"github.com/riffle-ml/riffle/engine/preprocess"
	"github.com/riffle-ml/riffle/weights/zoo"
)

// Pipelines run on prism, which serialises functions and elements as a cluster does.
func TestMain(m *testing.M) { ptest.MainWithDefault(m, "prism") }

func init() {
	register.Function1x1(text)
	register.Function1x1(reason)
	register.Function1x2(stamp)
	register.Function2x1(windowed)
}

// text is a result in a form that compares: its name, and classes with their bits.
func text(r Result) string { return fmt.Sprint(filepath.Base(r.Name), r.Classes) }

func reason(f Failure) string {
	for _, part := range []string{"not a picture", "got 16384 pixels", "want at most"} {
		if strings.Contains(f.Reason, part) {
			return filepath.Base(f.Name) + ": " + part
		}
	}
	return f.Name + ": " + f.Reason
}

func count(t *testing.T, r beam.PipelineResult, name string) int64 {
	t.Helper()
	sum := int64(0)
	for _, c := range r.Metrics().AllMetrics().Counters() {
		if c.Namespace() == "riffle" && c.Name() == name {
			sum += c.Result()
		}
	}
	return sum
}

// folder is the drawn pictures and some that are none; want is what the engine says of them.
func folder(t *testing.T) (dir string, want []any) {
	t.Helper()
	dir = t.TempDir()
	b, err := zoo.Bytes(zoo.Default)
	if err != nil {
		t.Fatal(err)
	}
	m, err := engine.LoadBytes(b)
	if err != nil {
		t.Fatal(err)
	}
	defer m.Close()
	for _, name := range []string{"ship", "cat", "frog", "dog", "truck"} {
		file, err := os.ReadFile("../testdata/pictures/" + name + ".png")
		if err != nil {
			t.Fatal(err)
		}
		img, _, err := preprocess.DecodeBytes(file, preprocess.Options{})
		if err != nil {
			t.Fatal(err)
		}
		top, err := m.Classify(context.Background(), img, 2)
		if err != nil {
			t.Fatal(err)
		}
		r := Result{Name: name + ".png"}
		for _, p := range top {
			r.Classes = append(r.Classes, Class(p))
		}
		want = append(want, text(r))
		os.WriteFile(filepath.Join(dir, name+".png"), file, 0o644)
	}
	os.WriteFile(filepath.Join(dir, "bad.png"), []byte("no picture"), 0o644)
	os.WriteFile(filepath.Join(dir, "empty.png"), nil, 0o644)
	os.WriteFile(filepath.Join(dir, "large.png"), make([]byte, 1<<20), 0o644)
	return dir, want
}

// Every file is in exactly one of the two collections, results are the engine's own, and
// the counters count.
func TestClassifyFiles(t *testing.T) {
	dir, want := folder(t)
	for _, batch := range []int{1, 2, 100} {
		p, s := beam.NewPipelineWithRoot()
		files := fileio.ReadMatches(s, fileio.MatchFiles(s, filepath.Join(dir, "*.png")))
		results, failed := Classify(s, files, Options{Top: 2, Batch: batch, MaxBytes: 1 << 19})
		passert.Equals(s, beam.ParDo(s, text, results), want...)
		passert.Equals(s, beam.ParDo(s, reason, failed), "bad.png: not a picture", "empty.png: not a picture", "large.png: want at most")
		r := ptest.RunAndValidate(t, p)
		if a, b := count(t, r, "classified"), count(t, r, "failed"); a != 5 || b != 3 {
			t.Errorf("batches of %d: %d classified and %d failed, want 5 and 3", batch, a, b)
		}
	}
}

// A model from a file, and limits on pixels.
func TestClassifyPictures(t *testing.T) {
	dir, want := folder(t)
	b, _ := zoo.Bytes(zoo.Default)
	model := filepath.Join(t.TempDir(), "model.rfl")
	os.WriteFile(model, b, 0o644)
	var pictures []Picture
	for _, w := range want {
		name, _, _ := strings.Cut(w.(string), "[")
		data, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		pictures = append(pictures, Picture{name, data})
	}
	p, s := beam.NewPipelineWithRoot()
	results, failed := Classify(s, beam.CreateList(s, pictures), Options{Model: model, Top: 2})
	passert.Equals(s, beam.ParDo(s, text, results), want...)
	passert.Empty(s, failed)
	results, failed = Classify(s, beam.CreateList(s, pictures[:1]), Options{Model: model, MaxPixels: 16383})
	passert.Empty(s, results)
	passert.Equals(s, beam.ParDo(s, reason, failed), "ship.png: got 16384 pixels")
	ptest.RunAndValidate(t, p)
}

// stamp gives each picture a time by its name.
func stamp(p Picture) (beam.EventTime, Picture) {
	return beam.EventTime(1000 * int64(slices.Index([]string{"ship.png", "cat.png"}, p.Name)) * 60), p
}

func windowed(w beam.Window, r Result) string {
	return fmt.Sprint(r.Name, " ", r.Classes[0].Label, " ends ", w.MaxTimestamp().Milliseconds()/1000+1)
}

// Results stay in the windows of their pictures.
func TestClassifyWindows(t *testing.T) {
	var pictures []Picture
	for _, name := range []string{"ship.png", "cat.png"} {
		data, err := os.ReadFile("../testdata/pictures/" + name)
		if err != nil {
			t.Fatal(err)
		}
		pictures = append(pictures, Picture{name, data})
	}
	p, s := beam.NewPipelineWithRoot()
	at := beam.WindowInto(s, window.NewFixedWindows(time.Minute), beam.ParDo(s, stamp, beam.CreateList(s, pictures)))
	results, _ := Classify(s, at, Options{Model: "cifar10-sds"}) // which knows ships and cats
	said := beam.WindowInto(s, window.NewGlobalWindows(), beam.ParDo(s, windowed, results))
	passert.Equals(s, said, "ship.png ship ends 60", "cat.png cat ends 120")
	ptest.RunAndValidate(t, p)
}

// A model that cannot be had fails the pipeline, and says which.
func TestClassifyNoModel(t *testing.T) {
	p, s := beam.NewPipelineWithRoot()
	Classify(s, beam.CreateList(s, []Picture{{"x", nil}}), Options{Model: "/nothing/here.rfl"})
	if err := ptest.Run(p); err == nil || !strings.Contains(err.Error(), "/nothing/here.rfl") {
		t.Errorf("got %v", err)
	}
	for _, build := range []func(s beam.Scope){
		func(s beam.Scope) { Classify(s, beam.CreateList(s, []string{"x"}), Options{}) },
		func(s beam.Scope) { Classify(s, beam.CreateList(s, []Picture{}), Options{Top: -1}) },
	} {
		func() {
			defer func() {
				if v := recover(); v == nil || !strings.Contains(fmt.Sprint(v), "riffle.Classify") {
					t.Errorf("building a pipeline that cannot be: %v", v)
				}
			}()
			_, s := beam.NewPipelineWithRoot()
			build(s)
		}()
	}
}

// However many threads ask, a worker loads a model once; what failed is tried again.
func TestLoadOnce(t *testing.T) {
	path := filepath.Join(t.TempDir(), "model.rfl")
	if _, err := load(t.Context(), path); err == nil {
		t.Error("a model that is not there was loaded")
	}
	b, _ := zoo.Bytes("cifar10")
	os.WriteFile(path, b, 0o644)
	var all sync.WaitGroup
	var got [8]*engine.Model
	for i := range got {
		all.Go(func() { got[i], _ = load(t.Context(), path) })
	}
	all.Wait()
	for _, m := range got {
		if m == nil || m != got[0] {
			t.Errorf("got %p and %p, want one model", m, got[0])
		}
	}
}
