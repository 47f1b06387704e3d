package run

import (
	"encoding/binary"
	"io"
	"math"

	"github.com/riffle-ml/riffle/engine"
	"github.com/riffle-ml/riffle/internal/npy"
)

// sink is where outputs go.
type sink interface {
	begin(info *engine.Info, n int) error // n samples, -1 if not known
	write(y []float32) error
	end() error
}

func create(w io.Writer, path string) sink {
	if isNPY(path) {
		return &arraySink{out: w}
	}
	return &rawSink{out: w}
}

// rawSink writes little-endian float32, sample after sample.
type rawSink struct {
	out io.Writer
	buf []byte
}

func (s *rawSink) begin(*engine.Info, int) error { return nil }

func (s *rawSink) write(y []float32) error {
	s.buf = s.buf[:0]
	for _, v := range y {
		s.buf = binary.LittleEndian.AppendUint32(s.buf, math.Float32bits(v))
	}
	_, err := s.out.Write(s.buf)
	return err
}

func (s *rawSink) end() error { return nil }

// arraySink writes an array in NumPy's form: the samples, each in the shape of the
// output. Several outputs stand one after another in a row.
type arraySink struct {
	out   io.Writer
	shape []int
	n     int
	w     *npy.Writer
	kept  []float32 // where n is not known, and so neither the header
}

func (s *arraySink) begin(info *engine.Info, n int) (err error) {
	s.shape = []int{info.OutputLen()}
	if len(info.Outputs) == 1 {
		s.shape = info.Outputs[0].Shape
	}
	if n >= 0 {
		err = s.open(n)
	}
	return err
}

func (s *arraySink) open(n int) (err error) {
	s.w, err = npy.NewWriter(s.out, append([]int{n}, s.shape...))
	return err
}

func (s *arraySink) write(y []float32) error {
	s.n++
	if s.w == nil {
		s.kept = append(s.kept, y...)
		return nil
	}
	return s.w.Write(y)
}

func (s *arraySink) end() error {
	if s.w == nil {
		if err := s.open(s.n); err != nil {
			return err
		}
		if err := s.w.Write(s.kept); err != nil {
			return err
		}
	}
	return s.w.Close()
}
