package preprocess

import "encoding/binary"

// webpChunks calls f with each chunk of a list, until it returns false. A last chunk
// that is cut off is left out.
func webpChunks(b []byte, f func(kind string, body []byte) bool) {
	for len(b) >= 8 {
		n := int64(binary.LittleEndian.Uint32(b[4:]))
		if n > int64(len(b)-8) || !f(string(b[:4]), b[8:8+n]) {
			return
		}
		b = b[min(int64(len(b)), 8+n+n&1):]
	}
}
