package weights

import (
	"bytes"
	"encoding/binary"
	"errors"
	"strings"
	"testing"
)

func FuzzRead(f *testing.F) {
	f.Add(encode(f, small()), uint16(0), uint16(0), []byte(nil))
	for _, s := range [][2]string{{`"offset":64`, `"offset":0`}, {`"groups":[2]`, `"groups":[]`}, {`"perm":[0,2,1,3]`, `"perm":[0,0,0,0]`}} {
		f.Add(withJSON(f, s[0], s[1]), uint16(64), uint16(3), []byte("null"))
	}
	f.Add(encode(f, smallQuantized()), uint16(0), uint16(0), []byte(nil))
	for _, s := range [][2]string{{`"scale":0.1`, `"scale":1e-15`}, {`"zero":128`, `"zero":-1`}, {`"dtype":"i8"`, `"dtype":"u8"`}} {
		f.Add(withQuantizedJSON(f, s[0], s[1]), uint16(80), uint16(2), []byte("e-1"))
	}
	// A change is a piece of the file cut out and another put in, JSON length and
	// checksums made true, so that what lies behind the checksums is reached.
	f.Fuzz(func(t *testing.T, b []byte, at, cut uint16, put []byte) {
		if len(b) > 1<<16 {
			return
		}
		for _, c := range [][]byte{b, reseal(bytes.Clone(b)), splice(b, int(at), int(cut), put)} {
			m, err := Read(c)
			if err != nil {
				var fe *FormatError
				if !errors.As(err, &fe) || strings.Contains(err.Error(), "\n") {
					t.Fatalf("not a one-line FormatError: %v", err)
				}
				continue
			}
			if again := encode(t, m); !bytes.Equal(again, c) {
				t.Fatalf("write(read(f)) is not f:\n%q\n%q", again, c)
			}
		}
	})
}

// splice replaces bytes of the JSON section and seals the file again.
func splice(b []byte, at, cut int, put []byte) []byte {
	if len(b) < headerSize {
		return b
	}
	nj := binary.LittleEndian.Uint64(b[offJSONLen:])
	if nj > uint64(len(b)-headerSize) {
		return b
	}
	js := b[headerSize : headerSize+int(nj)]
	at = min(at, len(js))
	cut = min(cut, len(js)-at)
	out := string(js[:at]) + string(put) + string(js[at+cut:])
	return buildMinor(minorOf(b), out, b[min(len(b), alignUp(headerSize+int(nj))):])
}
