package weights

import (
	"encoding/binary"
	"fmt"
	"math"

	"github.com/riffle-ml/riffle/weights/internal/sniff"
)

// header checks the header that b begins with, and says where the data section
// starts and how long the file is: at most the limit.
func header(b []byte, l *limits) (start, size int, err error) {
	le := binary.LittleEndian
	switch {
	case len(b) < len(magic) || string(b[:len(magic)]) != magic:
		return 0, 0, notRFL(b)
	case len(b) < headerSize:
		return 0, 0, bad(ErrTruncated, "header", fmt.Sprintf("%d bytes", len(b)), headerSize)
	case le.Uint32(b[offSum:]) != sum(b[:offSum]):
		return 0, 0, bad(ErrChecksum, "header", fmt.Sprintf("%08x", sum(b[:offSum])), fmt.Sprintf("%08x", le.Uint32(b[offSum:])))
	}
	if ma, mi := le.Uint16(b[offVersion:]), le.Uint16(b[offVersion+2:]); ma != major || mi > minor {
		return 0, 0, bad(ErrVersion, "header", fmt.Sprintf("%d.%d", ma, mi), fmt.Sprintf("%d.0 to %d.%d", major, major, minor))
	}
	for _, z := range b[offReserved:offSum] {
		if z != 0 {
			return 0, 0, bad(ErrInvalid, "header", "reserved bytes that are not 0", "zeros")
		}
	}
	if n := le.Uint32(b[offHeader:]); n != headerSize {
		return 0, 0, bad(ErrInvalid, "header", fmt.Sprintf("a header of %d bytes", n), headerSize)
	}
	nj, nd := le.Uint64(b[offJSONLen:]), le.Uint64(b[offDataLen:])
	if most := max(0, min(l.json, l.file, math.MaxInt-2*headerSize)); nj > uint64(most) {
		return 0, 0, bad(ErrLimit, "JSON", fmt.Sprintf("%d bytes", nj), fmt.Sprintf("at most %d", most))
	}
	start = alignUp(headerSize + int(nj))
	if start > l.file || nd > uint64(l.file-start) {
		return 0, 0, bad(ErrLimit, "file", fmt.Sprintf("%d bytes of JSON, %d of data", nj, nd), fmt.Sprintf("at most %d in all", l.file))
	}
	return start, start + int(nd), nil
}

// notRFL says what a file is that begins with b and is no .rfl file.
func notRFL(b []byte) error {
	what, want := sniff.What(b), "an .rfl file"
	switch what {
	case sniff.ONNX:
		want += ` ("infer convert" makes one of an ONNX model)`
	case "":
		what = fmt.Sprintf("a file that begins with %q", b[:min(len(b), len(magic))])
		want += fmt.Sprintf(", which begins with %q", magic)
	}
	return bad(ErrNotRFL, "header", what, want)
}
