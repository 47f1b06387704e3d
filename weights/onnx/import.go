package onnx

import (
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"

	"github.com/riffle-ml/riffle/weights"
	"github.com/riffle-ml/riffle/weights/internal/sniff"
	"github.com/riffle-ml/riffle/weights/onnx/internal/proto"
)

func newImporter(opts []Option) *importer {
	im := &importer{
		m: &weights.Model{}, values: map[string]*value{}, shapes: map[string][]int{}, nonneg: map[string]bool{}, signs: map[string]sign{},
		affines: map[string]affine{}, tensors: map[string]int{}, suffix: map[string]int{}, batch: 1,
		transpositions: map[transposition]transposed{},
		quants:         map[string]weights.Quant{}, signed: map[string]bool{}, steps: map[string][]float32{},
		limits: limits{maxFile: 1 << 30, maxNodes: 1 << 16, maxTensors: 1 << 16},
	}
	for name, o := range known.operators {
		im.signs[name] = o.sign
	}
	for _, o := range opts {
		o(im)
	}
	return im
}

func tooLarge(most int) error {
	return &Error{Kind: ErrUnsupported, Msg: fmt.Sprintf("file: got more than %d bytes, want at most that", most)}
}

// notONNX says what b is, which proto.Parse refused with err.
func notONNX(b []byte, err error) error {
	var limit *proto.LimitError
	if errors.As(err, &limit) {
		return &Error{Kind: ErrUnsupported, Msg: err.Error()}
	}
	msg := fmt.Sprintf("got a file that is damaged or breaks off (%v), want a whole ONNX model", err)
	if what := sniff.What(b); what != "" && what != sniff.ONNX {
		msg = fmt.Sprintf("got %s, want an ONNX model", what)
	}
	return &Error{Kind: ErrNotONNX, Msg: msg}
}

// Import turns an ONNX file into a model: the graph and its tensors, for one sample.
// Names are the file's. The model's name is that of the graph if Export wrote the file,
// and empty otherwise. Labels, preprocessing and provenance are the caller's to add. An
// error is an [Error], or [Errors] if there is more than one reason. b is not kept.
func Import(b []byte, opts ...Option) (*weights.Model, error) {
	return newImporter(opts).file(b)
}

// ReadFile imports the file at path, as [Import] does. Weights may also lie in other
// files in its directory, or below it, as the file says; nothing outside is opened.
// [WithMaxFile] bounds these together too. The error is an [Error], [Errors] or the file
// system's, either way with the path in front.
func ReadFile(path string, opts ...Option) (*weights.Model, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	im := newImporter(opts)
	most := min(im.maxFile, math.MaxInt-1)
	b, err := io.ReadAll(io.LimitReader(f, int64(most)+1))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	im.beside = &beside{filepath.Dir(path), int64(most)}
	m, err := im.file(b)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return m, nil
}

// file imports the file whose contents are b.
func (im *importer) file(b []byte) (m *weights.Model, err error) {
	if len(b) > im.maxFile {
		return nil, tooLarge(im.maxFile)
	}
	p, err := proto.Parse(b, im.maxNodes, im.maxTensors)
	if err != nil {
		return nil, notONNX(b, err)
	}
	im.opset, im.memory = p.Opsets[""], 2*int64(len(b))+1<<22
	defer func() {
		if r := recover(); r != nil {
			f, ok := r.(failure)
			if !ok {
				panic(r)
			}
			m, err = nil, f.err
		}
	}()
	im.run(p, known)
	im.m.Sort()
	if err := im.m.Check(); err != nil {
		return nil, &Error{Kind: ErrInvalid, Msg: err.Error()}
	}
	return im.m, nil
}
