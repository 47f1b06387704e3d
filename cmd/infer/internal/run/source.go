package run

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"slices"

	"github.com/riffle-ml/riffle/engine"
	"github.com/riffle-ml/riffle/internal/npy"
)

// source is where samples come from.
type source interface {
	// begin checks what is there against the model. It returns the number of
	// samples, or -1 where only the end of the input will tell.
	begin(info *engine.Info) (n int, err error)
	// next reads a sample; io.EOF after the last one.
	next(x []float32) error
}

func open(r io.Reader, path string) source {
	if isNPY(path) {
		return &arraySource{in: r}
	}
	return &rawSource{in: r}
}

// rawSource is little-endian float32, sample after sample.
type rawSource struct {
	in    io.Reader
	shape []int
	buf   []byte
	read  int // bytes
}

func (s *rawSource) begin(info *engine.Info) (int, error) {
	s.shape, s.buf = info.Input, make([]byte, 4*info.InputLen())
	return -1, nil
}

func (s *rawSource) next(x []float32) error {
	got, err := io.ReadFull(s.in, s.buf)
	switch {
	case err == io.EOF && s.read > 0:
		return io.EOF
	case err == io.EOF || err == io.ErrUnexpectedEOF:
		return fmt.Errorf("input: got %d bytes, want a multiple of %d (float32 %v)", s.read+got, len(s.buf), s.shape)
	case err != nil:
		return err
	}
	s.read += got
	for i := range x {
		x[i] = math.Float32frombits(binary.LittleEndian.Uint32(s.buf[4*i:]))
	}
	return nil
}

// arraySource is an array in NumPy's form: a batch of samples, or a single one.
type arraySource struct {
	in   io.Reader
	r    *npy.Reader
	left int
}

func (s *arraySource) begin(info *engine.Info) (n int, err error) {
	if s.r, err = npy.NewReader(bufio.NewReaderSize(s.in, 1<<16)); err != nil {
		return 0, err
	}
	switch shape := s.r.Shape(); {
	case slices.Equal(shape, info.Input):
		s.left = 1
	case len(shape) == len(info.Input)+1 && slices.Equal(shape[1:], info.Input) && shape[0] > 0:
		s.left = shape[0]
	default:
		return 0, fmt.Errorf("input: got an array of shape %v, want %v, or N of those", shape, info.Input)
	}
	return s.left, nil
}

func (s *arraySource) next(x []float32) error {
	if s.left == 0 {
		return io.EOF
	}
	s.left--
	return s.r.Read(x)
}
