package weights

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"
)

// file is what the header says of a file, checked.
type file struct {
	js      []byte
	padding []byte   // behind the JSON
	start   int      // of the data section
	size    int      // of the data section
	minor   uint16   // version
	sum     uint32   // of the data, as the header has it
	sums    []uint32 // of the data up to the end of each piece
}

// sections checks the header and the checksum of the JSON section.
func sections(s *source, l *limits) (*file, error) {
	if s.n > l.file {
		return nil, bad(ErrLimit, "file", fmt.Sprintf("%d bytes", s.n), fmt.Sprintf("at most %d", l.file))
	}
	b, err := s.piece(0, min(s.n, headerSize))
	if err != nil {
		return nil, err
	}
	start, size, err := header(b, l)
	if err != nil {
		return nil, err
	}
	le := binary.LittleEndian
	nj, jsonSum, dataSum := int(le.Uint64(b[offJSONLen:])), le.Uint32(b[offJSONSum:]), le.Uint32(b[offDataSum:])
	minor := le.Uint16(b[offVersion+2:])
	if s.n != size {
		return nil, bad(ErrTruncated, "file", fmt.Sprintf("%d bytes", s.n), fmt.Sprintf("%d (header %d, JSON %d, padding, data %d)", size, headerSize, nj, size-start))
	}
	if b, err = s.piece(headerSize, start-headerSize); err != nil {
		return nil, err
	}
	s.buf = nil // it is f.js now
	f := &file{js: b[:nj:nj], padding: b[nj:], start: start, size: size - start, sum: dataSum, minor: minor}
	if got := sum(f.js); got != jsonSum {
		return nil, bad(ErrChecksum, "JSON", fmt.Sprintf("%08x", got), fmt.Sprintf("%08x", jsonSum))
	}
	return f, nil
}

// checkSum checks the data's checksum. Of a large file it does so while the caller
// parses the JSON section. The channel yields the result; an error of it counts before
// one of the JSON section.
func (f *file) checkSum(s source) <-chan error {
	done := make(chan error, 1)
	check := func() {
		got := uint32(0)
		err := s.pieces(f.start, f.size, func(_ int, b []byte) error {
			got = crc32.Update(got, castagnoli, b)
			f.sums = append(f.sums, got)
			return nil
		})
		if err == nil && got != f.sum {
			err = bad(ErrChecksum, "data", fmt.Sprintf("%08x", got), fmt.Sprintf("%08x", f.sum))
		}
		done <- err
	}
	if f.size < parallelBytes {
		check()
	} else {
		go check()
	}
	return done
}
