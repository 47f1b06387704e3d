package serve

import (
	"bytes"
	"context"
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"

	"github.com/riffle-ml/riffle/cmd/internal/cli"
	"github.com/riffle-ml/riffle/cmd/shufflebench/internal/network"
	"github.com/riffle-ml/riffle/cmd/shufflebench/internal/peer"
)

// A conversation, with requests that come too early among it.
func TestServe(t *testing.T) {
	n, err := network.FromArch("shufflenetv2:0.25x@32")
	if err != nil {
		t.Fatal(err)
	}
	if err := n.Write(t.TempDir(), 0, 1); err != nil {
		t.Fatal(err)
	}
	if err := n.NeedPreprocess(); err != nil {
		t.Fatal(err)
	}
	how, err := json.Marshal(n.Model.Preprocess)
	if err != nil {
		t.Fatal(err)
	}
	picture, err := filepath.Abs("../../../../testdata/pictures/ship.png")
	if err != nil {
		t.Fatal(err)
	}
	model, x := n.Paths["rfl"], peer.Bytes(n.Noise(1))
	talk := []struct {
		q    peer.Request
		want string // of the error; "" for none
	}{
		{peer.Request{Op: "run", Input: x}, "want one loaded"},
		{peer.Request{Op: "load", Model: "none.rfl"}, "none.rfl"},
		{peer.Request{Op: "load", Model: model, Threads: 1}, ""},
		{peer.Request{Op: "time", N: 1}, "want a run before"},
		{peer.Request{Op: "run", Input: x[:7]}, "multiple of 4"},
		{peer.Request{Op: "run", Input: x}, ""},
		{peer.Request{Op: "time", Warm: 1, N: 3}, ""},
		{peer.Request{Op: "classify", Files: []string{picture}}, "for pictures"},
		{peer.Request{Op: "load", Model: model, Threads: 2, Preprocess: how}, ""},
		{peer.Request{Op: "run", Input: x}, "for tensors"},
		{peer.Request{Op: "classify", Files: []string{picture, picture}}, ""},
		{peer.Request{Op: "classify", Files: []string{"none.png"}}, "none.png"},
		{peer.Request{Op: "dance"}, `got operation "dance"`},
	}
	var in, out bytes.Buffer
	for _, c := range talk {
		json.NewEncoder(&in).Encode(c.q)
	}
	in.WriteString("{\"op\":\"quit\"}\n{\"op\":\"never\"}\n")
	if err := Serve(context.Background(), nil, &in, &out); err != nil {
		t.Fatal(err)
	}
	answers := json.NewDecoder(&out)
	for _, c := range talk {
		var a peer.Answer
		if err := answers.Decode(&a); err != nil {
			t.Fatal(err)
		}
		if a.OK != (c.want == "") || !strings.Contains(a.Error, c.want) {
			t.Errorf("%s: got %v, %q, want %q", c.q.Op, a.OK, a.Error, c.want)
		}
		if n := len(a.NS); a.OK && n != max(1, c.q.N, len(c.q.Files)) || len(a.Classes) != n && c.q.Op == "classify" {
			t.Errorf("%s: got %+v", c.q.Op, a)
		}
	}
	if answers.More() {
		t.Error("got an answer after quit")
	}
	for _, bad := range []string{"-isa", "-nonsense"} {
		if err := Serve(context.Background(), []string{bad}, &in, &out); cli.Status(err) != cli.Usage {
			t.Errorf("%s: got %v, want wrong usage", bad, err)
		}
	}
	if err := Serve(context.Background(), nil, strings.NewReader("no JSON\n"), &out); err == nil || !strings.Contains(err.Error(), "want a request") {
		t.Errorf("got %v, want an error of what is no request", err)
	}
}
