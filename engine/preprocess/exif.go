package preprocess

import "encoding/binary"

// orientation is tagOrientation, 1, upright, for a block that is absent, broken or
// silent.
func orientation(b []byte) int {
	o, _ := tagOrientation(b)
	return o
}

// tagOrientation reads the orientation of an EXIF block: 1 to 8, and whether it is
// there.
func tagOrientation(b []byte) (o int, found bool) {
	if len(b) >= 6 && string(b[:6]) == "Exif\x00\x00" {
		b = b[6:]
	}
	v, found := tag(b, 0x0112)
	if !found || v < 1 || v > 8 {
		return 1, false
	}
	return int(v), true
}

// tag reads a tag with one whole number from the first directory of a TIFF file; an
// EXIF block is one without pixels. found is false also for a file that is broken.
func tag(b []byte, id uint16) (v uint32, found bool) {
	if len(b) < 8 {
		return 0, false
	}
	var order binary.ByteOrder
	switch string(b[:4]) {
	case "II*\x00":
		order = binary.LittleEndian
	case "MM\x00*":
		order = binary.BigEndian
	default:
		return 0, false
	}
	at := int64(order.Uint32(b[4:]))
	if at+2 > int64(len(b)) {
		return 0, false
	}
	entries := b[at+2:]
	for n := order.Uint16(b[at:]); n > 0 && len(entries) >= 12; n-- {
		const typeShort, typeLong = 3, 4
		if order.Uint16(entries) == id {
			switch kind := order.Uint16(entries[2:]); {
			case order.Uint32(entries[4:]) != 1:
				return 0, false
			case kind == typeShort:
				return uint32(order.Uint16(entries[8:])), true
			case kind == typeLong:
				return order.Uint32(entries[8:]), true
			}
			return 0, false
		}
		entries = entries[12:]
	}
	return 0, false
}
