package npy

import (
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
)

// Writer writes an array of float32. It is for one goroutine.
type Writer struct {
	w    io.Writer
	left int
	buf  []byte
}

// NewWriter writes the header of an array of that shape.
func NewWriter(w io.Writer, shape []int) (*Writer, error) {
	left := 1
	var dims []string
	for _, d := range shape {
		dims = append(dims, strconv.Itoa(d))
		left *= d
	}
	tuple := strings.Join(dims, ", ")
	if len(dims) == 1 {
		tuple += "," // else it would be a number in parentheses
	}
	text := fmt.Sprintf("{'descr': '<f4', 'fortran_order': False, 'shape': (%s), }", tuple)
	// As NumPy has it: room for a first size of 21 digits, and the elements begin at a
	// multiple of 64 bytes.
	if len(dims) > 0 {
		text += strings.Repeat(" ", 21-len(dims[0]))
	}
	text += strings.Repeat(" ", (64-(10+len(text)+1)%64)%64) + "\n"
	if len(text) > math.MaxUint16 {
		return nil, fmt.Errorf("npy: got %d dimensions, want fewer", len(shape))
	}
	head := binary.LittleEndian.AppendUint16([]byte(mark+"\x01\x00"), uint16(len(text)))
	_, err := w.Write(append(head, text...))
	return &Writer{w: w, left: left}, err
}

// Write writes the next elements.
func (f *Writer) Write(src []float32) error {
	if len(src) > f.left {
		return fmt.Errorf("npy: got %d elements, want at most %d more", len(src), f.left)
	}
	f.buf = f.buf[:0]
	for _, v := range src {
		f.buf = binary.LittleEndian.AppendUint32(f.buf, math.Float32bits(v))
	}
	f.left -= len(src)
	_, err := f.w.Write(f.buf)
	return err
}

// Close tells whether all elements were written. It does not close the file.
func (f *Writer) Close() error {
	if f.left > 0 {
		return fmt.Errorf("npy: %d elements were not written", f.left)
	}
	return nil
}
