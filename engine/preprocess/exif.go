package preprocess

import "encoding/binary"

// orientation is tagOrientation, 1, upright, for a block that is absent, broken or
// silent.
func orientation(b []byte) int {
	o, _ := tagOrientation(b)
	return o
}

// tagOrientation reads tag 0x0112 of the first directory of an EXIF block, which is a
// TIFF file without pixels: 1 to 8, and whether it is there.
func tagOrientation(b []byte) (o int, found bool) {
	if len(b) >= 6 && string(b[:6]) == "Exif\x00\x00" {
		b = b[6:]
	}
	if len(b) < 8 {
		return 1, false
	}
	var order binary.ByteOrder
	switch string(b[:4]) {
	case "II*\x00":
		order = binary.LittleEndian
	case "MM\x00*":
		order = binary.BigEndian
	default:
		return 1, false
	}
	at := int64(order.Uint32(b[4:]))
	if at+2 > int64(len(b)) {
		return 1, false
	}
	entries := b[at+2:]
	for n := order.Uint16(b[at:]); n > 0 && len(entries) >= 12; n-- {
		const tagOrientation, typeShort, typeLong = 0x0112, 3, 4
		if order.Uint16(entries) == tagOrientation {
			v := uint32(0)
			switch order.Uint16(entries[2:]) {
			case typeShort:
				v = uint32(order.Uint16(entries[8:]))
			case typeLong:
				v = order.Uint32(entries[8:])
			}
			if order.Uint32(entries[4:]) == 1 && v >= 1 && v <= 8 {
				return int(v), true
			}
			return 1, false
		}
		entries = entries[12:]
	}
	return 1, false
}
