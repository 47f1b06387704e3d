package engine

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/riffle-ml/riffle/internal/cputime"
	"github.com/riffle-ml/riffle/weights"
)

// crafted is a model whose file is small and which asks for much.
type crafted struct {
	name  string
	model *weights.Model
	limit string // that it is over; "": it may run, within the bounds of the test
}

// network is a model of nodes over an input, all of whose last values are outputs.
func network(in []int, outputs []string, nodes []weights.Node, tensors ...weights.Tensor) *weights.Model {
	m := &weights.Model{
		Graph:   weights.Graph{Inputs: []weights.Value{{Name: "x", Shape: in}}, Outputs: outputs, Nodes: nodes},
		Tensors: tensors,
	}
	m.Sort()
	return m
}

func filled(name string, shape ...int) weights.Tensor {
	n := 1
	for _, d := range shape {
		n *= d
	}
	t := weights.Tensor{Name: name, Shape: shape, Data: make([]float32, n)}
	for i := range t.Data {
		t.Data[i] = float32(i%7) - 3
	}
	return t
}

func node1(name, op, in string, attrs map[string][]int, tensors map[string]string) weights.Node {
	return weights.Node{Name: name, Op: op, Inputs: []string{in}, Outputs: []string{name}, Attrs: attrs, Tensors: tensors}
}

// repeat makes n nodes, each of which reads the one before it.
func repeat(n int, node func(i int, name, last string) weights.Node) ([]weights.Node, string) {
	nodes, last := make([]weights.Node, n), "x"
	for i := range nodes {
		name := fmt.Sprintf("n%d", i)
		nodes[i] = node(i, name, last)
		last = name
	}
	return nodes, last
}

func hostileModels() []crafted {
	var all []crafted
	many := 60_000
	if testing.Short() { // an emulated processor takes half a minute for as many nodes
		many = 6_000
	}
	add := func(name, limit string, m *weights.Model) { all = append(all, crafted{name, m, limit}) }
	w := map[string]string{"weight": "w"}

	// Strides of which hardly a residue is read.
	var nodes []weights.Node
	var outs []string
	for i := range 256 {
		name := fmt.Sprintf("c%d", i)
		nodes = append(nodes, node1(name, weights.OpConv, "x", map[string][]int{"kernel": {1, 1}, "stride": {4096, 4096}}, w))
		outs = append(outs, name)
	}
	add("256 convolutions of stride 4096", "", network([]int{1, 1, 2}, outs, nodes, filled("w", 1, 1, 1, 1)))
	add("stride 4096 over 128 channels", "", network([]int{128, 1, 2}, []string{"c"}, []weights.Node{
		node1("c", weights.OpConv, "x", map[string][]int{"kernel": {1, 1}, "stride": {4096, 4096}}, w)}, filled("w", 1, 128, 1, 1)))
	add("stride 4096 with padding", "", network([]int{128, 1, 2}, []string{"c"}, []weights.Node{
		node1("c", weights.OpConv, "x", map[string][]int{"kernel": {3, 3}, "stride": {4095, 4095}, "pad": {4096, 4096, 4096, 4096}}, w)}, filled("w", 1, 128, 3, 3)))
	add("dilation 4096", "", network([]int{16, 1, 2}, []string{"c"}, []weights.Node{
		node1("c", weights.OpConv, "x", map[string][]int{"kernel": {3, 3}, "dilation": {2048, 2048}, "pad": {2048, 2048, 2048, 2048}}, w)}, filled("w", 8, 16, 3, 3)))

	// Windows.
	for _, op := range []string{weights.OpMaxPool, weights.OpAvgPool} {
		add("a "+op+" of 4096x4096 over 8192x8192", "work", network([]int{1, 8192, 8192}, []string{"p"}, []weights.Node{
			node1("p", op, "x", map[string][]int{"kernel": {4096, 4096}}, nil)}))
		add("a "+op+" mostly of padding", "", network([]int{4, 3, 3}, []string{"p"}, []weights.Node{
			node1("p", op, "x", map[string][]int{"kernel": {500, 500}, "stride": {7, 7}, "pad": {499, 499, 499, 499}}, nil)}))
		var chain []weights.Node
		chain, last := repeat(many, func(i int, name, last string) weights.Node {
			return node1(name, op, last, map[string][]int{"kernel": {9, 9}, "pad": {4, 4, 4, 4}}, nil)
		})
		add("many times "+op+" of 9x9", "", network([]int{1, 9, 9}, []string{last}, chain))
	}
	add("a depthwise convolution of 512x512", "work", network([]int{1, 1024, 1024}, []string{"c"}, []weights.Node{
		node1("c", weights.OpConv, "x", map[string][]int{"kernel": {512, 512}}, w)}, filled("w", 1, 1, 512, 512)))
	add("a dense convolution of much padding", "", network([]int{2, 1, 1}, []string{"c"}, []weights.Node{
		node1("c", weights.OpConv, "x", map[string][]int{"kernel": {64, 64}, "pad": {63, 63, 63, 63}}, w)}, filled("w", 2, 2, 64, 64)))

	// Memory.
	add("an input of 512 MiB", "memory", network([]int{128, 1024, 1024}, []string{"r"}, []weights.Node{node1("r", weights.OpReLU, "x", nil, nil)}))
	add("4,000 channels of 100x100 from one", "memory", network([]int{1, 100, 100}, []string{"r"}, []weights.Node{
		node1("c", weights.OpConv, "x", map[string][]int{"kernel": {1, 1}}, w),
		node1("d", weights.OpConv, "x", map[string][]int{"kernel": {1, 1}}, w),
		{Name: "r", Op: weights.OpAdd, Inputs: []string{"c", "d"}, Outputs: []string{"r"}}}, filled("w", 4000, 1, 1, 1)))
	doubled, last := repeat(40, func(i int, name, last string) weights.Node {
		return weights.Node{Name: name, Op: weights.OpConcat, Inputs: []string{last, last}, Outputs: []string{name}}
	})
	add("a concat that doubles 40 times", "memory", network([]int{1, 1, 1}, []string{last}, doubled))
	var shared []weights.Node
	shared, last = repeat(many, func(i int, name, last string) weights.Node {
		return node1(name, weights.OpConv, last, map[string][]int{"kernel": {1, 1}}, w)
	})
	add("many convolutions with the same 64 KiB", "memory", network([]int{128, 1, 1}, []string{last}, shared, filled("w", 128, 128, 1, 1)))

	// Chains that passes walk.
	for _, op := range []string{weights.OpReLU, weights.OpReLU6, weights.OpFlatten, weights.OpAdd, weights.OpConcat} {
		chain, last := repeat(many, func(i int, name, last string) weights.Node {
			n := node1(name, op, last, nil, nil)
			if op == weights.OpAdd {
				n.Inputs = []string{last, "x"}
			}
			return n
		})
		add("many times "+op, "", network([]int{4, 2, 2}, []string{last}, chain))
	}
	return all
}

// Whatever a small file asks for, it is refused by name, or it is loaded and run.
func TestHostileModels(t *testing.T) {
	for _, c := range hostileModels() {
		t.Run(c.name, func(t *testing.T) {
			file, err := c.model.Encode()
			if err != nil {
				t.Fatal(err)
			}
			err = loadAndRun(file)
			var limit *LimitError
			switch {
			case c.limit == "" && err != nil:
				t.Errorf("got %v, want it to run", err)
			case c.limit != "" && (!errors.As(err, &limit) || limit.Limit != c.limit || limit.Got <= limit.Max):
				t.Errorf("got %v, want it to be over the limit of %s", err, c.limit)
			case err != nil && (!errors.Is(err, ErrLimit) || strings.Contains(err.Error(), "\n")):
				t.Errorf("got %v, want one line of ErrLimit", err)
			}
			if !testing.Short() {
				boundedChild(t, file)
			}
		})
	}
}

func loadAndRun(file []byte) error {
	m, err := LoadBytes(file, WithThreads(1))
	if err != nil {
		return err
	}
	defer m.Close()
	s, err := m.NewSession()
	if err != nil {
		return err
	}
	info := m.Info()
	return s.Run(context.Background(), make([]float32, info.OutputLen()), make([]float32, info.InputLen()))
}

// hostileFile is the environment variable that makes this program load a file, and
// do nothing else.
const hostileFile = "RIFFLE_HOSTILE_FILE"

func TestMain(m *testing.M) {
	if path := os.Getenv(hostileFile); path != "" {
		file, err := os.ReadFile(path)
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		loadAndRun(file)
		fmt.Print(peakKiB())
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// boundedChild loads and runs a file in a process of its own, which may take 2 s of
// processor time and 256 MB.
func boundedChild(t *testing.T, file []byte) {
	const most = 256 << 20
	long := cputime.Bound(2 * time.Second)
	path := filepath.Join(t.TempDir(), "hostile.rfl")
	if err := os.WriteFile(path, file, 0o600); err != nil {
		t.Fatal(err)
	}
	self, err := os.Executable()
	if err != nil {
		t.Skip(err)
	}
	child := exec.Command(self)
	child.Env = append(os.Environ(), hostileFile+"="+path)
	out, err := child.Output()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	took := child.ProcessState.UserTime() + child.ProcessState.SystemTime()
	kib, err := strconv.Atoi(string(out))
	if err != nil {
		t.Fatal(err)
	}
	peak := kib << 10
	t.Logf("%d bytes: %.3f s, %.0f MB", len(file), took.Seconds(), float64(peak)/1e6)
	if took > long || peak > most {
		t.Errorf("a file of %d bytes took %v and %d bytes, want at most %v and %d", len(file), took, peak, long, most)
	}
}

// peakKiB is the most memory that this process had at once; 0 where Linux does not say.
func peakKiB() int {
	status, _ := os.ReadFile("/proc/self/status")
	for line := range strings.Lines(string(status)) {
		var n int
		if _, err := fmt.Sscanf(line, "VmHWM: %d kB", &n); err == nil {
			return n
		}
	}
	return 0
}
