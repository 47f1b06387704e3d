//go:build js && wasm

// Command wasm is the engine in a browser: riffle.wasm, which worker.js runs. It has the
// embedded models, and offers two functions that answer {json} or {error}.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"syscall/js"
	"time"

	"github.com/riffle-ml/riffle/engine"
	"github.com/riffle-ml/riffle/engine/preprocess"
	"github.com/riffle-ml/riffle/weights/zoo"
)

func main() {
	js.Global().Call("riffleReady", js.ValueOf(map[string]any{
		"models":   function(models),
		"classify": function(classify),
	}))
	select {} // the functions are called as long as the page is open
}

// models names the embedded models: the page chooses the first one.
func models([]js.Value) (any, error) {
	others := slices.DeleteFunc(zoo.Names(), func(name string) bool { return name == zoo.Default })
	return append([]string{zoo.Default}, others...), nil
}

// function makes a function for JavaScript.
func function(f func([]js.Value) (any, error)) js.Func {
	return js.FuncOf(func(_ js.Value, args []js.Value) any {
		v, err := f(args)
		if err == nil {
			var text []byte
			if text, err = json.Marshal(v); err == nil {
				return map[string]any{"json": string(text)}
			}
		}
		return map[string]any{"error": err.Error()}
	})
}

// The answer, as server.js makes it of the server's.
type (
	result struct {
		Classes []class          `json:"classes"`
		Stages  map[string]int64 `json:"stages"` // nanoseconds
		Layers  []layer          `json:"layers"`
	}
	class struct {
		Name  string  `json:"name"`
		Share float32 `json:"share"`
	}
	layer struct {
		Node   string `json:"node"`
		Groups int    `json:"groups"`
		Chosen []int  `json:"chosen"`
		Usual  []int  `json:"usual,omitempty"`
	}
)

// runner is a model and what it needs to run; classify is called by one worker, one call
// at a time.
type runner struct {
	m   *engine.Model
	c   *engine.Classifier
	pre *preprocess.Preprocessor
}

var runners = map[string]*runner{}

func load(name string) (*runner, error) {
	if r := runners[name]; r != nil {
		return r, nil
	}
	b, err := zoo.Bytes(name)
	if err != nil {
		return nil, err
	}
	r := &runner{}
	if r.m, err = engine.LoadBytes(b); err != nil {
		return nil, err
	}
	if r.c, err = r.m.NewClassifier(); err != nil {
		return nil, err
	}
	if r.pre, err = preprocess.New(r.m.Preprocess()); err != nil {
		return nil, err
	}
	runners[name] = r
	return r, nil
}

// classify(model, file as Uint8Array) names what is in a picture.
func classify(args []js.Value) (any, error) {
	if len(args) != 2 || args[0].Type() != js.TypeString || args[1].Type() != js.TypeObject {
		return nil, errors.New("classify wants a model's name and a Uint8Array")
	}
	r, err := load(args[0].String())
	if err != nil {
		return nil, err
	}
	file := make([]byte, args[1].Length())
	js.CopyBytesToGo(file, args[1])
	var at [4]time.Time
	at[0] = time.Now()
	img, _, err := preprocess.DecodeBytes(file, preprocess.Options{MaxPixels: 16 << 20})
	if err != nil {
		return nil, err
	}
	at[1] = time.Now()
	src := make([]float32, r.m.Info().InputLen())
	if err := r.pre.Apply(src, img); err != nil {
		return nil, err
	}
	at[2] = time.Now()
	dst := make([]float32, r.m.Info().OutputLen())
	s := r.c.Session()
	if err := s.Run(context.Background(), dst, src); err != nil {
		return nil, err
	}
	at[3] = time.Now()
	top, err := r.m.Top(dst, 5)
	if err != nil {
		return nil, err
	}
	a := result{Stages: map[string]int64{}, Layers: []layer{}}
	for i, stage := range []string{"decode", "resize", "run"} {
		a.Stages[stage] = at[i+1].Sub(at[i]).Nanoseconds()
	}
	for _, p := range top {
		if p.Label == "" {
			p.Label = fmt.Sprint("class ", p.Class)
		}
		a.Classes = append(a.Classes, class{p.Label, p.Prob})
	}
	usual := map[string][]int{}
	for _, p := range r.m.Usual() {
		usual[p.Node] = p.Channels()
	}
	for _, p := range s.Permutations() {
		a.Layers = append(a.Layers, layer{p.Node, p.Groups, p.Channels(), usual[p.Node]})
	}
	return a, nil
}
