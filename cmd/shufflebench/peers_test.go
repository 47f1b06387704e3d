package main

import (
	"bytes"
	"context"
	"os"
	"strings"
	"testing"

	"github.com/riffle-ml/riffle/cmd/internal/cli"
	"github.com/riffle-ml/riffle/cmd/shufflebench/internal/network"
)

// A dynamic shuffle has no ONNX form: peers that want one sit out, with a
// warning, and those that read .rfl do not.
func TestDynamicHasNoONNX(t *testing.T) {
	peer := "'" + self(t) + "' fakepeer honest "
	var out, msg bytes.Buffer
	code := run(context.Background(), []string{"-arch", "shufflenetv2:0.25x@32,shuffle=dynamic", "-threads", "1", "-rounds", "2", "-benchtime", "10ms",
		"-o", "json", "-peer", peer + "{model.onnx}", "-peer", peer, "-peer", peer + "{model.rfl}"}, nil, &out, &msg)
	if code != 0 {
		t.Fatalf("got status %d, %s", code, msg.String())
	}
	r, peers := decode(t, out.String()), 0
	for i := range r.Rows {
		if r.Rows[i].Engine == "fake" {
			peers++
		}
	}
	if s := strings.Join(r.Warnings, "\n"); peers != 1 || strings.Count(s, "no peer ran") != 2 {
		t.Errorf("got %d peers and warnings %s, want 1 peer, 2 that sat out", peers, s)
	}
}

func TestONNXModel(t *testing.T) {
	// The file that {model.onnx} names is one that riffle itself reads alike.
	dir := t.TempDir()
	n, err := network.FromArch("shufflenetv2:0.25x@32")
	if err != nil {
		t.Fatal(err)
	}
	if err := n.Write(dir, 0, 1); err != nil {
		t.Fatal(err)
	}
	code, out, msg := bench1(t, "-model", n.Paths["onnx"], "-o", "json")
	if code != 0 {
		t.Fatalf("got status %d, %s", code, msg)
	}
	if r := decode(t, out); len(r.Networks) != 2 || r.Networks[0].MACs != r.Networks[1].MACs {
		t.Errorf("got %+v, want the same network twice", r.Networks)
	}
}

// A peer's fault before the rounds stops everything; during the rounds only
// its own row.
func TestBadPeers(t *testing.T) {
	for _, c := range []struct {
		how, want string
		timed     bool
	}{
		{"refuses", "no such operator", false},
		{"dies-at-once", `it ended before it answered "load" (exit status 3)`, false},
		{"wrong", "outputs disagree with the reference, nothing was timed: element 3", false},
		{"short", "got 1 values, want 10", false},
		{"chatty", `got "Warning: something happened", want a JSON object`, false},
		{"dies", `it ended before it answered "time" (exit status 7): out of luck`, true},
		{"hangs", `no answer to "time" in 1.5s (killed)`, true},
		{"miscounts", "got 2 times, want 1", true},
		{"cheats", "got 0 ns, want more than 0", true},
	} {
		t.Run(c.how, func(t *testing.T) {
			t.Parallel()
			code, out, msg := bench1(t, "-o", "json", "-peer-timeout", "1500ms", "-peer", "'"+self(t)+"' fakepeer "+c.how+" {model.rfl}")
			if code != cli.Failed || !strings.Contains(msg, c.want) {
				t.Errorf("got status %d, %q, want status 1 and %q", code, msg, c.want)
			}
			if !c.timed {
				if out != "" {
					t.Errorf("got %.200s, want nothing printed", out)
				}
				return
			}
			r := decode(t, out)
			if last := r.Rows[len(r.Rows)-1]; r.Rows[0].N == 0 || last.N != 0 || !strings.Contains(last.Error, c.want) {
				t.Errorf("got %+v, want riffle timed and the peer's row failed", r.Rows)
			}
		})
	}
}

func TestSlowPeer(t *testing.T) {
	code, out, msg := bench1(t, "-o", "json", "-peer", "'"+self(t)+"' fakepeer slow {model.rfl}")
	if code != 0 {
		t.Fatalf("got status %d, %s", code, msg)
	}
	for _, x := range decode(t, out).Ratios {
		if x.What == "engine" {
			if x.P50 < 5 || x.Min < 5 {
				t.Errorf("got a ratio of %v, minima %v; the peer said 50 times what it took", x.P50, x.Min)
			}
			return
		}
	}
	t.Error("got no ratio of engines")
}

const pictureDir = "../../testdata/pictures"

func TestPictures(t *testing.T) {
	args := []string{"-model", "cifar10", "-arch", "shufflenetv2:0.25x@32", "-pictures", pictureDir, "-threads", "1,2", "-rounds", "2", "-benchtime", "100ms", "-draft", "-o", "json", "-peer", "'" + self(t) + "' peer {model.rfl}"}
	var out, msg bytes.Buffer
	if code := run(context.Background(), args, nil, &out, &msg); code != 0 {
		t.Fatalf("got status %d, %s", code, msg.String())
	}
	f := decode(t, out.String()).Folder
	if f == nil || len(f.Rows) != 12 || f.Pictures < 10 || f.Bytes < 10000 {
		t.Fatalf("got %+v, want 12 rows", f)
	}
	for _, r := range f.Rows {
		if r.N < 2 || r.Rate <= 0 || len(r.RoundRate) != 2 || r.Min <= 0 || r.Min > r.P50 || r.P50 > r.P99 || r.Agree != 1 || r.Gain <= 0 {
			t.Errorf("got %+v", r)
		}
	}
}

func TestBadPicturePeers(t *testing.T) {
	for how, want := range map[string]string{
		"wrong": "classes disagree with those of", "short": "got 9 classes", "refuses": "no such operator",
	} {
		code, out, msg := bench1(t, "-o", "json", "-model", "cifar10", "-pictures", pictureDir, "-peer", "'"+self(t)+"' fakepeer "+how+" {model.rfl}")
		if code != cli.Failed || out != "" || !strings.Contains(msg, want) {
			t.Errorf("%s: got status %d, %.100q, %q, want %q", how, code, out, msg, want)
		}
	}
	if code, _, msg := bench1(t, "-pictures", t.TempDir()); code != cli.Failed || !strings.Contains(msg, "got no pictures") {
		t.Errorf("got status %d, %s, want an error of a directory without pictures", code, msg)
	}
}

// The peers in Python agree with riffle, where RIFFLE_PEERS names a Python that has
// their modules: RIFFLE_PEERS=/path/to/python go test ./cmd/shufflebench -run PythonPeers
func TestPythonPeers(t *testing.T) {
	python := os.Getenv("RIFFLE_PEERS")
	if python == "" {
		t.Skip("RIFFLE_PEERS is not set")
	}
	for _, name := range []string{"onnxruntime_peer", "openvino_peer", "mnn_peer", "ncnn_peer"} {
		code, out, msg := bench1(t, "-o", "json", "-batch", "2", "-peer", "'"+python+"' peers/"+name+".py {model.onnx}")
		if code != 0 {
			t.Errorf("%s: got status %d, %s", name, code, msg)
			continue
		}
		r := decode(t, out)
		last := r.Rows[len(r.Rows)-1]
		if engine, _, _ := strings.Cut(name, "_"); last.Engine != engine || last.N < 3 || last.Diff > 1e-5 || last.Version == "" || last.Memory == 0 {
			t.Errorf("%s: got %+v", name, last)
		}
	}
	for _, draft := range []string{"", "--draft "} {
		peer := "'" + python + "' peers/pillow_onnxruntime_peer.py " + draft + "{model.onnx}"
		code, out, msg := bench1(t, "-o", "json", "-threads", "1,2", "-pictures", pictureDir, "-peer", peer)
		if code != 0 {
			t.Fatalf("got status %d, %s", code, msg)
		}
		for _, row := range decode(t, out).Folder.Rows {
			if row.Agree < 0.9 || row.N < 3 || row.Rate <= 0 {
				t.Errorf("got %+v", row)
			}
		}
	}
}
