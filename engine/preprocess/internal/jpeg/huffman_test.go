package jpeg

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"strings"
	"testing"
)

// slowBits is the data as bits, one a byte, to the first marker.
func slowBits(data []byte) (out []byte) {
	for i := 0; i < len(data); i++ {
		c := data[i]
		if c == 0xff {
			if i+1 >= len(data) || data[i+1] != 0 {
				break
			}
			i++
		}
		for k := range 8 {
			out = append(out, c>>(7-k)&1)
		}
	}
	return out
}

// TestBits: any sequence of reads gives the bits of the data, then zeros, and says
// when it has come beyond the data.
func TestBits(t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 1))
	for range 3000 {
		data := make([]byte, rng.IntN(60))
		for i := range data {
			if data[i] = byte(rng.Uint32()); rng.IntN(6) == 0 {
				data[i] = 0xff
			}
			if i > 0 && data[i-1] == 0xff && rng.IntN(8) > 0 {
				data[i] = 0
			}
		}
		want := slowBits(data)
		r := bits{data: data}
		for at := 0; at < len(want)+40; {
			k := rng.IntN(17)
			got := r.take(k)
			expected := int32(0)
			for i := range k {
				expected <<= 1
				if at+i < len(want) {
					expected |= int32(want[at+i])
				}
			}
			if got != expected {
				t.Fatalf("data %x, %d bits at %d: got %x, want %x", data, k, at, got, expected)
			}
			if at += k; (r.pad > 0 && r.exhausted()) != (at > len(want)) {
				t.Fatalf("data %x at bit %d of %d: exhausted is %v", data, at, len(want), r.exhausted())
			}
		}
		marker := bytes.IndexByte(data[r.pos:], 0xff) == 0 && r.pos+1 < len(data)
		if r.end == marker {
			t.Fatalf("data %x: stands at %d, and says of the file's end %v", data, r.pos, r.end)
		}
	}
}

// randomTable makes a complete or incomplete code.
func randomTable(rng *rand.Rand) (counts [16]byte, symbols []byte) {
	room := 1
	for l := range counts {
		room = min(room*2, 1<<20)
		n := rng.IntN(min(room, 12) + 1)
		if l < 3 {
			n = min(n, room/2)
		}
		n = min(n, 256-len(symbols))
		counts[l] = byte(n)
		room -= n
		for range n {
			symbols = append(symbols, byte(len(symbols)*7))
		}
	}
	return counts, symbols
}

// TestHuffman: every code decodes to its symbol, whatever follows it.
func TestHuffman(t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 2))
	var h huffman // used again, as a file's next table of the same number does
	for range 300 {
		counts, symbols := randomTable(rng)
		if err := h.build(&counts, symbols); err != nil {
			t.Fatal(err)
		}
		code, at := uint32(0), 0
		for l := 1; l <= 16; l++ {
			for range counts[l-1] {
				v := uint64(code)<<(64-l) | rng.Uint64()>>l
				r := bits{acc: v, n: 64}
				if got := h.symbol(&r); got != symbols[at] || r.n != 64-l {
					t.Fatalf("counts %v, code %b of %d bits: got %d in %d bits, want %d", counts, code, l, got, 64-r.n, symbols[at])
				}
				code++
				at++
			}
			code <<= 1
		}
	}
	counts := [16]byte{3}
	if err := h.build(&counts, []byte{1, 2, 3}); err == nil || !strings.Contains(err.Error(), "got 3 codes of 1 bits, want at most 2") {
		t.Errorf("got %v, want an error with the numbers", err)
	} else if f := FormatError(""); !errors.As(err, &f) {
		t.Errorf("got %T, want FormatError", err)
	}
}

// TestUsualTables: those that cameras leave out are whole.
func TestUsualTables(t *testing.T) {
	for i := range 2 {
		for _, c := range []struct {
			counts  [16]byte
			symbols []byte
		}{{usualCountsDC[i], usualSymbolsDC}, {usualCountsAC[i], usualSymbolsAC[i]}} {
			n := 0
			for _, k := range c.counts {
				n += int(k)
			}
			if n != len(c.symbols) {
				t.Errorf("table %d: got %d symbols for %d codes", i, len(c.symbols), n)
			}
			if err := new(huffman).build(&c.counts, c.symbols); err != nil {
				t.Error(err)
			}
		}
	}
}
