package engine

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"image"
	"image/color"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/riffle-ml/riffle/engine/preprocess"
	"github.com/riffle-ml/riffle/internal/cputime"
	"github.com/riffle-ml/riffle/weights"
	"github.com/riffle-ml/riffle/weights/zoo"
)

// gray is a picture of one level.
func gray(level uint8) image.Image {
	m := image.NewGray(image.Rect(0, 0, 12, 12))
	for i := range m.Pix {
		m.Pix[i] = level
	}
	return m
}

// A Classifier gives what Model.Classify gives, and allocates nothing where it has room.
func TestClassifier(t *testing.T) {
	m := mustNew(t, tiny(), WithThreads(1))
	want, err := m.Classify(context.Background(), gray(90), 2)
	if err != nil {
		t.Fatal(err)
	}
	c, err := m.NewClassifier()
	if err != nil {
		t.Fatal(err)
	}
	dst := make([]Prediction, 0, 3)
	img := gray(90)
	if n := testing.AllocsPerRun(20, func() {
		got, err := c.AppendClasses(context.Background(), dst, img, 2)
		if err != nil || !slices.Equal(got, want) {
			t.Fatalf("got %v, %v, want %v", got, err, want)
		}
	}); n != 0 {
		t.Errorf("%v allocations, want none", n)
	}
	top, err := m.Top(c.Outputs(), 2)
	if err != nil || !slices.Equal(top, want) {
		t.Errorf("Outputs say %v, %v, want %v", top, err, want)
	}
	var typedNil *image.RGBA
	for _, bad := range []image.Image{nil, typedNil, image.NewGray(image.Rect(3, 3, 3, 3))} {
		kept := []Prediction{{Class: 7}}
		got, err := c.AppendClasses(context.Background(), kept, bad, 2)
		if !errors.Is(err, preprocess.ErrImage) || !slices.Equal(got, kept) {
			t.Errorf("%#v: got %v, %v, want dst as it was and ErrImage", bad, got, err)
		}
	}
	c.Close()
	if _, err := c.Classify(context.Background(), img, 1); !errors.Is(err, ErrClosed) {
		t.Errorf("closed: got %v", err)
	}
	none := tiny()
	none.Preprocess = nil
	if _, err := mustNew(t, none).NewClassifier(); !errors.Is(err, ErrNoPreprocess) {
		t.Errorf("without preprocessing: got %v", err)
	}
}

// endless draws itself as it is asked for, and slowly.
type endless struct{ image.Gray }

func (*endless) Bounds() image.Rectangle { return image.Rect(0, 0, 3000, 100_000) }
func (*endless) At(x, y int) color.Color { return color.Gray{uint8(x ^ y)} }

// A deadline ends a call while the picture is read, too.
func TestClassifyDeadline(t *testing.T) {
	m := mustNew(t, tiny())
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	var err error
	took := cputime.Of(func() { _, err = m.Classify(ctx, &endless{}, 1) })
	if !errors.Is(err, context.DeadlineExceeded) || took > cputime.Bound(2*time.Second) {
		t.Errorf("got %v after %v of processor time, want the deadline's error after some 50 ms", err, took)
	}
}

// A batch gives what single calls give, and one bad picture costs the others nothing.
func TestClassifyBatch(t *testing.T) {
	for _, threads := range []int{1, 3} {
		m := mustNew(t, tiny(), WithThreads(threads))
		var imgs []image.Image
		for i := range 40 {
			imgs = append(imgs, gray(uint8(5*i)))
		}
		imgs[7], imgs[31] = nil, image.NewGray(image.Rectangle{})
		got, err := m.ClassifyBatch(context.Background(), imgs, 2)
		var bad *PictureError
		if !errors.As(err, &bad) || bad.Index != 7 || !errors.Is(err, preprocess.ErrImage) {
			t.Errorf("got %v, want a PictureError of picture 7 and of 31", err)
		}
		for i, img := range imgs {
			want, _ := m.Classify(context.Background(), img, 2)
			if !slices.Equal(got[i], want) {
				t.Errorf("%d threads, picture %d: got %v, want %v", threads, i, got[i], want)
			}
		}
		if got, err := m.ClassifyBatch(context.Background(), nil, 2); err != nil || len(got) != 0 {
			t.Errorf("no pictures: got %v, %v", got, err)
		}
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		if _, err := m.ClassifyBatch(ctx, imgs, 1); !errors.Is(err, context.Canceled) {
			t.Errorf("cancelled: got %v", err)
		}
		func() {
			defer func() {
				if recover() == nil {
					t.Error("the picture's own panic did not reach the caller")
				}
			}()
			m.ClassifyBatch(context.Background(), []image.Image{gray(1), explosive{Image: gray(2), at: image.Pt(3, 3)}}, 1)
		}()
	}
}

// ends returns tiny without its last layers, and with other outputs.
func ends(nodes int, outputs ...string) *weights.Model {
	m := tiny()
	m.Graph.Nodes = m.Graph.Nodes[:nodes]
	m.Graph.Outputs = outputs
	m.Labels = nil
	used := map[string]bool{}
	for i := range m.Graph.Nodes {
		for _, t := range m.Graph.Nodes[i].Tensors {
			used[t] = true
		}
	}
	m.Tensors = slices.DeleteFunc(m.Tensors, func(t weights.Tensor) bool { return !used[t.Name] })
	return m
}

// A feature map is not read as classes; another output may be named.
func TestClassesByName(t *testing.T) {
	m := tiny()
	classes := m.Graph.Outputs[0]
	m.Graph.Outputs = []string{m.Graph.Nodes[0].Outputs[0], classes}
	m.Labels = nil
	img := gray(90)
	if _, err := mustNew(t, m).Classify(context.Background(), img, 1); !errors.Is(err, ErrNoClasses) {
		t.Errorf("a feature map first: got %v, want ErrNoClasses", err)
	}
	want, err := mustNew(t, tiny()).Classify(context.Background(), img, 2)
	if err != nil {
		t.Fatal(err)
	}
	e := mustNew(t, m, WithClasses(classes))
	got, err := e.Classify(context.Background(), img, 2)
	if err != nil || len(got) != 2 || got[0].Class != want[0].Class || got[0].Prob != want[0].Prob {
		t.Errorf("got %v, %v, want %v", got, err, want)
	}
	if outs := e.Info().Outputs; len(outs) != 2 || outs[0].Name != classes {
		t.Errorf("outputs: got %v", outs)
	}
	if _, err := New(m, WithClasses("nobody")); !errors.Is(err, ErrModel) {
		t.Errorf("a name that there is not: got %v", err)
	}
}

// One logit is one class against all else.
func TestOneLogit(t *testing.T) {
	m := tiny()
	last := &m.Graph.Nodes[len(m.Graph.Nodes)-1]
	for i := range m.Tensors {
		x := &m.Tensors[i]
		switch x.Name {
		case last.Tensors["weight"]:
			x.Shape, x.Data = []int{1, x.Shape[1]}, x.Data[:x.Shape[1]]
			for k := range x.Data {
				x.Data[k] /= 20
			}
		case last.Tensors["bias"]:
			x.Shape, x.Data = []int{1}, x.Data[:1]
		}
	}
	for _, c := range []struct {
		labels []string
		want   int
	}{{nil, 1}, {[]string{"cat"}, 1}, {[]string{"no cat", "cat"}, 2}} {
		m.Labels = c.labels
		e := mustNew(t, m)
		top, err := e.Classify(context.Background(), gray(40), 5)
		if err != nil || len(top) != c.want {
			t.Fatalf("labels %q: got %v, %v", c.labels, top, err)
		}
		s, _ := e.NewClassifier()
		if err := s.Run(context.Background(), gray(40)); err != nil {
			t.Fatal(err)
		}
		p := 1 / (1 + math.Exp(-float64(s.Outputs()[0])))
		for _, x := range top {
			want := p
			if c.want == 2 && x.Class == 0 {
				want = 1 - p
			}
			if math.Abs(float64(x.Prob)-want) > 1e-6 || p < 0.01 || p > 0.99 {
				t.Errorf("labels %q: got %v of logit %v, want %v", c.labels, x, s.Outputs()[0], want)
			}
			if c.labels != nil && x.Label != c.labels[x.Class] {
				t.Errorf("labels %q: got %v", c.labels, x)
			}
		}
	}
	m.Labels = []string{"a", "b", "c"}
	if _, err := New(m); !errors.Is(err, ErrModel) {
		t.Errorf("three labels of one logit: got %v", err)
	}
}

func TestEmbed(t *testing.T) {
	w := tiny()
	linear := w.Graph.Nodes[len(w.Graph.Nodes)-1]
	m := mustNew(t, w, WithEmbedding())
	got, err := m.Embed(context.Background(), gray(120))
	if err != nil {
		t.Fatal(err)
	}
	e := mustNew(t, w, WithOutputs(linear.Inputs[0]))
	c, _ := e.NewClassifier()
	if err := c.Run(context.Background(), gray(120)); err != nil {
		t.Fatal(err)
	}
	if want := c.Outputs()[len(c.Outputs())-len(got):]; len(got) == 0 || !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if _, err := e.Embed(context.Background(), gray(120)); !errors.Is(err, ErrOption) {
		t.Errorf("loaded without: got %v", err)
	}
	if _, err := New(ends(1, w.Graph.Nodes[0].Outputs[0]), WithEmbedding()); !errors.Is(err, ErrModel) {
		t.Errorf("no linear layer: got %v", err)
	}
}

// Of a network of 8 bits the embedding is what the last layer's input was before it was
// rounded to them.
func TestEmbedQuantized(t *testing.T) {
	w, err := zoo.Load("cifar10-sds")
	if err != nil {
		t.Fatal(err)
	}
	nodes := w.Graph.Nodes
	quantize, last := nodes[len(nodes)-2], nodes[len(nodes)-1]
	if quantize.Op != weights.OpQuantize || last.Op != weights.OpQLinear {
		t.Fatalf("got a network that ends in %s and %s, want one that ends in a linear layer of 8 bits", quantize.Op, last.Op)
	}
	read := func(options ...Option) []float32 {
		c, err := mustNew(t, w, options...).NewClassifier()
		if err != nil {
			t.Fatal(err)
		}
		if err := c.Run(context.Background(), gray(120)); err != nil {
			t.Fatal(err)
		}
		return c.Outputs()[10:]
	}
	got, want := read(WithEmbedding()), read(WithOutputs(quantize.Inputs[0]))
	if len(got) == 0 || !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if rounded := read(WithOutputs(quantize.Outputs[0])); slices.Equal(got, rounded) {
		t.Errorf("the embedding is rounded to 8 bits")
	}
}

func TestLoadReader(t *testing.T) {
	b, err := tiny().Encode()
	if err != nil {
		t.Fatal(err)
	}
	m, err := LoadReader(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	m.Close()
	for _, bad := range [][]byte{nil, b[:len(b)-1], append(slices.Clone(b), 0)} {
		if m, err := LoadReader(bytes.NewReader(bad)); err == nil {
			m.Close()
			t.Errorf("%d bytes of %d were loaded", len(bad), len(b))
		}
	}
}

func TestPredictionJSON(t *testing.T) {
	b, err := json.Marshal([]Prediction{{3, "ship", 0.5}, {4, "", 0.25}})
	if want := `[{"class":3,"label":"ship","prob":0.5},{"class":4,"prob":0.25}]`; err != nil || string(b) != want {
		t.Errorf("got %s, %v, want %s", b, err, want)
	}
}
