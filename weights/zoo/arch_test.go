package zoo_test

import (
	"bytes"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/riffle-ml/riffle/engine"
	"github.com/riffle-ml/riffle/weights/zoo"
)

// Every network that can be asked for is one that the engine accepts, is the
// same twice, and is another with another seed.
func TestBuild(t *testing.T) {
	var specs []string
	for _, w := range []string{"0.25", "0.5", "0.75", "1", "1.5", "2"} {
		for _, g := range []int{1, 2, 3, 4, 8} {
			specs = append(specs, fmt.Sprintf("shufflenetv1:%sx@32,g=%d", w, g))
		}
		for _, k := range []string{"", ",shuffle=dynamic", ",shuffle=static-dynamic", ",pointwise=kronecker", ",pointwise=grouped,shuffle=dynamic", ",weights=float16"} {
			specs = append(specs, fmt.Sprintf("shufflenetv2:%sx@32%s", w, k))
		}
		specs = append(specs, fmt.Sprintf("mobilenetv1:%sx@32", w), fmt.Sprintf("mobilenetv2:%sx@32", w))
	}
	specs = append(specs, "shufflenetv2@64,stem=imagenet,classes=7", "ShuffleNetV1:0.5@224,g=3,shuffle=dynamic")
	if testing.Short() {
		specs = specs[:14]
	}
	for _, s := range specs {
		a, err := zoo.ParseArch(s)
		if err != nil {
			t.Errorf("%s: %v", s, err)
			continue
		}
		m, err := zoo.Build(a)
		if err != nil {
			// The narrowest V1 have fewer channels than their groups need.
			if !strings.Contains(err.Error(), "want at least") {
				t.Errorf("%s: %v", s, err)
			}
			continue
		}
		e, err := engine.New(m, engine.WithThreads(1))
		if err != nil {
			t.Errorf("%s: %v", s, err)
			continue
		}
		if info := e.Info(); info.MACs < 1000 || info.OutputLen() != a.Classes {
			t.Errorf("%s: %d multiply-adds, %d outputs, want many, %d", s, info.MACs, info.OutputLen(), a.Classes)
		}
		e.Close()
	}
	a, _ := zoo.ParseArch("shufflenetv2:0.5x@32")
	bytesOf := func(a zoo.Arch) []byte {
		m, err := zoo.Build(a)
		if err != nil {
			t.Fatal(err)
		}
		b, err := m.Encode()
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	one := bytesOf(a)
	if !bytes.Equal(one, bytesOf(a)) {
		t.Error("the same network twice has other bytes")
	}
	a.Seed++
	if bytes.Equal(one, bytesOf(a)) {
		t.Error("another seed has the same bytes")
	}
}

// The counts of multiply-adds, in millions, of torchvision's networks of these
// names (of the papers, for MobileNet).
func TestMultiplyAdds(t *testing.T) {
	for spec, want := range map[string]float64{
		"shufflenetv2:0.5x@224": 41, "shufflenetv2:1x@224": 145, "shufflenetv2:1.5x@224": 296, "shufflenetv2:2x@224": 583,
		"mobilenetv2:1x@224": 301, "mobilenetv1:1x@224": 569,
	} {
		a, err := zoo.ParseArch(spec)
		if err != nil {
			t.Fatal(err)
		}
		m, err := zoo.Build(a)
		if err != nil {
			t.Fatal(err)
		}
		e, err := engine.New(m)
		if err != nil {
			t.Fatal(err)
		}
		if got := float64(e.Info().MACs) / 1e6; got < want-1 || got > want+1 {
			t.Errorf("%s: %.1f million multiply-adds, want %v", spec, got, want)
		}
		e.Close()
	}
}

// A literal Arch that says little is the default network; one that says nonsense
// is refused before anything is made.
func TestBuildFillsDefaults(t *testing.T) {
	short, err := zoo.Build(zoo.Arch{Family: "shufflenetv2", Size: 32})
	if err != nil {
		t.Fatal(err)
	}
	a, err := zoo.ParseArch("shufflenetv2:1x@32,classes=10,stem=cifar,seed=1")
	if err != nil {
		t.Fatal(err)
	}
	long, err := zoo.Build(a)
	if err != nil {
		t.Fatal(err)
	}
	x, err := short.Encode()
	if err != nil {
		t.Fatal(err)
	}
	y, err := long.Encode()
	if err != nil || !bytes.Equal(x, y) {
		t.Errorf("the defaults written out make another network (%v)", err)
	}
	for _, a := range []zoo.Arch{
		{}, {Family: "resnet"}, {Family: "shufflenetv2", Width: -1}, {Family: "shufflenetv2", Width: math.NaN()}, {Family: "shufflenetv2", Width: 1e9},
		{Family: "shufflenetv2", Size: -3}, {Family: "shufflenetv2", Size: 1 << 30}, {Family: "shufflenetv2", Classes: -1},
		{Family: "shufflenetv2", Stem: "x"}, {Family: "shufflenetv2", Shuffle: "x"}, {Family: "shufflenetv2", Pointwise: "x"},
		{Family: "shufflenetv1", Groups: -1}, {Family: "shufflenetv1", Groups: 5},
	} {
		if m, err := zoo.Build(a); err == nil || m != nil {
			t.Errorf("%+v: built, want an error", a)
		}
	}
}

func TestParseArch(t *testing.T) {
	for _, s := range []string{
		"", "resnet", "shufflenetv2:ax", "shufflenetv2:100x", "shufflenetv2@1", "shufflenetv2@x", "shufflenetv2,g=9",
		"shufflenetv2,shuffle=random", "shufflenetv2,pointwise=sparse", "shufflenetv2,stem=big", "shufflenetv2,speed=1", "shufflenetv2,weights=int4", "shufflenetv2,classes=0", "shufflenetv2,seed=0", "shufflenetv2,seed=-1",
	} {
		if a, err := zoo.ParseArch(s); err == nil || strings.Contains(err.Error(), "\n") {
			t.Errorf("%q: got %+v, %v, want a one-line error", s, a, err)
		}
	}
	a, err := zoo.ParseArch("shufflenetv1:0.5x@32,g=8,shuffle=dynamic")
	if err != nil || a.String() != "shufflenetv1:0.5x@32,g=8,shuffle=dynamic" || a.Classes != 10 || a.Stem != "cifar" {
		t.Errorf("got %+v (%s), %v", a, a, err)
	}
	// The text says all that is not default, and reads back as the same network.
	for _, a := range []zoo.Arch{
		{Family: "shufflenetv2"},
		{Family: "shufflenetv2", Width: 0.5, Size: 32, Stem: "imagenet", Classes: 7, Seed: math.MaxUint64, Shuffle: "dynamic", Pointwise: "kronecker"},
		{Family: "shufflenetv1", Size: 96, Groups: 8, Stem: "cifar"},
		{Family: "mobilenetv2", Width: 1.25, Classes: 10},
	} {
		b, err := zoo.ParseArch(a.String())
		if err != nil || b.String() != a.String() {
			t.Errorf("%+v: %q reads back as %+v, %v", a, a, b, err)
		}
		for _, eq := range []bool{
			a.Width == 0 || a.Width == b.Width, a.Size == 0 || a.Size == b.Size, a.Groups == 0 || a.Groups == b.Groups,
			a.Stem == "" || a.Stem == b.Stem, a.Classes == 0 || a.Classes == b.Classes, a.Seed == 0 || a.Seed == b.Seed,
			a.Shuffle == "" || a.Shuffle == b.Shuffle, a.Pointwise == "" || a.Pointwise == b.Pointwise,
		} {
			if !eq {
				t.Errorf("%q reads back as %+v, want %+v", a, b, a)
			}
		}
	}
	for _, spec := range []string{"mobilenetv1,shuffle=dynamic", "mobilenetv2,pointwise=grouped", "shufflenetv1,g=5", "shufflenetv1,pointwise=grouped"} {
		a, err := zoo.ParseArch(spec)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := zoo.Build(a); err == nil {
			t.Errorf("%s: built, want an error", spec)
		}
	}
}
