package network

import (
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/riffle-ml/riffle/cmd/internal/cli"
)

func TestAll(t *testing.T) {
	const a, b = "shufflenetv2:0.25x@32", "shufflenetv2:0.25x@32,shuffle=dynamic"
	list, err := All([]string{a, b}, nil)
	if err != nil || len(list) != 2 || list[0].Name != a || list[1].Source != "arch" || len(list[0].SHA256) != 64 || list[0].MACs == 0 {
		t.Fatalf("got %+v, %v", list, err)
	}
	if _, err := All([]string{a, a}, nil); cli.Status(err) != cli.Usage {
		t.Errorf("got %v, want wrong usage: two networks of one name", err)
	}
	if x, y := list[0].Noise(2), list[0].Noise(2); !slices.Equal(x, y) || len(x) != 2*3*32*32 {
		t.Errorf("got %d values, the same twice: %v", len(x), slices.Equal(x, y))
	}
	dir := t.TempDir()
	for i, n := range list {
		if err := n.Write(dir, i, 1); err != nil {
			t.Fatal(err)
		}
		again, err := FromModel(n.Paths["rfl"])
		if err != nil || again.SHA256 != n.SHA256 || !reflect.DeepEqual(again.Input, n.Input) {
			t.Errorf("%s: got %+v, %v, want the same network", n.Name, again, err)
		}
		_, err = os.Stat(n.Paths["onnx"])
		if dynamic := i == 1; dynamic != (n.NoONNX != nil) || dynamic != (err != nil) {
			t.Errorf("%s: got ONNX %v, %v", n.Name, n.NoONNX, err)
		}
	}
}

func TestNeedPreprocess(t *testing.T) {
	n, err := FromArch("shufflenetv2:0.25x@224")
	if err != nil {
		t.Fatal(err)
	}
	if err := n.NeedPreprocess(); err != nil {
		t.Fatal(err)
	}
	if p := n.Model.Preprocess; p.Resize != 256 || p.Crop != [2]int{224, 224} || len(p.Mean) != 3 {
		t.Errorf("got %+v, want 256 and 224, as for ImageNet", p)
	}
	kept := n.Model.Preprocess
	if err := n.NeedPreprocess(); err != nil || n.Model.Preprocess != kept {
		t.Errorf("got %v, %v, want it left alone", n.Model.Preprocess, err)
	}
	n.Model.Preprocess, n.Input = nil, []int{1, 28, 28}
	if err := n.NeedPreprocess(); err == nil || !strings.Contains(err.Error(), "3 channels") {
		t.Errorf("got %v, want an error of one channel", err)
	}
}
