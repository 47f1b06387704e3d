package png

import (
	"compress/flate"
	"encoding/binary"
	"hash"
	"hash/adler32"
	"hash/crc32"
	"io"
)

// Mend returns a PNG with the pixels of b, as a decoder that takes nothing amiss
// would find them: IHDR, PLTE, tRNS and the pixels, each with a true checksum. The
// pixels are unpacked as they are read, just as many as the picture has, and passed on
// as they are. Where b's pixels are not whole, so are not those of what Mend returns.
func Mend(b []byte, h Header) io.Reader {
	m := &mender{left: h.Raw(), sum: adler32.New(), first: true}
	m.out = append(m.out, Magic...)
	var packed parts
	Chunks(b, func(c Chunk) bool {
		switch c.Kind {
		case "IHDR", "PLTE", "tRNS":
			if packed == nil {
				m.chunk(c.Kind, c.Body[:min(len(c.Body), 1024)])
			}
		case "IDAT":
			packed = append(packed, c.Body)
		case "IEND":
			return false
		}
		return true
	})
	// The two bytes of a zlib header say nothing that matters, and its checksum at
	// the end is not looked at.
	var head [2]byte
	if _, err := io.ReadFull(&packed, head[:]); err != nil {
		m.err = io.ErrUnexpectedEOF
	}
	m.pixels = flate.NewReader(&packed)
	return m
}

// mender writes the mended file piece by piece.
type mender struct {
	out    []byte // ready to be read, from at on
	at     int
	body   []byte // of the next chunk
	pixels io.Reader
	left   int64 // bytes of pixels still to come
	sum    hash.Hash32
	first  bool
	done   bool
	err    error
	block  [1 << 15]byte
}

func (m *mender) Read(p []byte) (int, error) {
	for m.at == len(m.out) {
		if m.err != nil {
			return 0, m.err
		}
		if m.done {
			return 0, io.EOF
		}
		m.next()
	}
	n := copy(p, m.out[m.at:])
	m.at += n
	return n, nil
}

// next makes the next chunk: a stored block of deflate data (RFC 1951, 3.2.4).
func (m *mender) next() {
	n, err := io.ReadFull(m.pixels, m.block[:min(int64(len(m.block)), m.left)])
	if err != nil {
		if m.err = err; err == io.EOF {
			m.err = io.ErrUnexpectedEOF
		}
		return
	}
	m.left -= int64(n)
	m.sum.Write(m.block[:n])
	body := m.body[:0]
	if m.first {
		body, m.first = append(body, 0x78, 0x01), false
	}
	last := byte(0)
	if m.left == 0 {
		last = 1
	}
	body = append(body, last, byte(n), byte(n>>8), ^byte(n), ^byte(n>>8))
	body = append(body, m.block[:n]...)
	if m.left == 0 {
		body = m.sum.Sum(body)
	}
	m.body, m.out, m.at = body, m.out[:0], 0
	m.chunk("IDAT", body)
	if m.left == 0 {
		m.chunk("IEND", nil)
		m.done = true
	}
}

// chunk appends one to what is ready.
func (m *mender) chunk(kind string, body []byte) {
	m.out = binary.BigEndian.AppendUint32(m.out, uint32(len(body)))
	at := len(m.out)
	m.out = append(append(m.out, kind...), body...)
	m.out = binary.BigEndian.AppendUint32(m.out, crc32.ChecksumIEEE(m.out[at:]))
}

// parts reads slices one after the other.
type parts [][]byte

func (p *parts) Read(b []byte) (int, error) {
	for len(*p) > 0 && len((*p)[0]) == 0 {
		*p = (*p)[1:]
	}
	if len(*p) == 0 {
		return 0, io.EOF
	}
	n := copy(b, (*p)[0])
	(*p)[0] = (*p)[0][n:]
	return n, nil
}
