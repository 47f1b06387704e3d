package main

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"os"

	"github.com/riffle-ml/riffle/engine"
)

// runTensor is infer run: raw float32 in, raw float32 out.
func (a *app) runTensor(args []string) error {
	var (
		f   = newFlags()
		m   modelFlags
		in  = f.String("in", "", "")
		out = f.String("out", "", "")
	)
	m.add(f)
	rest, err := f.parse(args)
	if err != nil {
		return err
	}
	if len(rest) > 0 {
		return usagef("got an argument %q, want flags alone", rest[0])
	}
	if *in == "" || *out == "" {
		return usagef("-in and -out: got %q and %q, want both", *in, *out)
	}
	if err := m.check(f); err != nil {
		return err
	}
	model, err := m.load(m.threads)
	if err != nil {
		return err
	}
	defer model.Close()

	src := a.stdin
	if *in != "-" {
		file, err := os.Open(*in)
		if err != nil {
			return err
		}
		defer file.Close()
		src = file
	}
	return a.writeFile(*out, func(w io.Writer) error {
		if err := a.stream(model, src, w); err != nil {
			var o *outputError
			if errors.As(err, &o) {
				return err
			}
			return fmt.Errorf("%s: %w", *in, err)
		}
		return nil
	})
}

// stream runs the model on sample after sample until src ends, which it must
// do between two samples, after one at least.
func (a *app) stream(model *engine.Model, src io.Reader, dst io.Writer) error {
	info := model.Info()
	s, err := model.NewSession()
	if err != nil {
		return modelError(err)
	}
	defer s.Close()
	x, y := make([]float32, info.InputLen()), make([]float32, info.OutputLen())
	inBytes, outBytes := make([]byte, 4*len(x)), make([]byte, 4*len(y))
	for n := 0; ; n++ {
		got, err := io.ReadFull(src, inBytes)
		switch {
		case err == io.EOF && n > 0:
			return nil
		case err == io.EOF || err == io.ErrUnexpectedEOF:
			return fmt.Errorf("input: got %d bytes, want a multiple of %d (float32 %v)",
				n*len(inBytes)+got, len(inBytes), info.Input)
		case err != nil:
			return err
		}
		for i := range x {
			x[i] = math.Float32frombits(binary.LittleEndian.Uint32(inBytes[4*i:]))
		}
		if err := s.Run(a.ctx, y, x); err != nil {
			return err
		}
		for i, v := range y {
			binary.LittleEndian.PutUint32(outBytes[4*i:], math.Float32bits(v))
		}
		if _, err := dst.Write(outBytes); err != nil {
			return err
		}
	}
}
