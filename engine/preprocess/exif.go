package preprocess

import "encoding/binary"

// exifJPEG returns the EXIF block of a JPEG: the first APP1 segment that says so.
func exifJPEG(b []byte) []byte {
	for i := 2; i+4 <= len(b); {
		if b[i] != 0xFF {
			return nil
		}
		m := b[i+1]
		switch {
		case m == 0xFF: // fill byte
			i++
			continue
		case m == 0x01 || m >= 0xD0 && m <= 0xD7: // no length follows
			i += 2
			continue
		case m == 0xDA || m == 0xD9: // pixels, or the end
			return nil
		}
		n := int(binary.BigEndian.Uint16(b[i+2:]))
		if n < 2 || n > len(b)-i-2 {
			return nil
		}
		body := b[i+4 : i+2+n]
		if m == 0xE1 && len(body) >= 6 && string(body[:6]) == "Exif\x00\x00" {
			return body
		}
		i += 2 + n
	}
	return nil
}

// exifPNG returns the eXIf chunk of a PNG.
func exifPNG(b []byte) []byte {
	for i := 8; i+12 <= len(b); {
		n := int64(binary.BigEndian.Uint32(b[i:]))
		if n > int64(len(b)-i-12) {
			return nil
		}
		body := b[i+8 : i+8+int(n)]
		switch string(b[i+4 : i+8]) {
		case "eXIf":
			return body
		case "IEND":
			return nil
		}
		i += 12 + int(n)
	}
	return nil
}

// exifWebP returns the EXIF chunk of a WebP.
func exifWebP(b []byte) []byte {
	for i := 12; i+8 <= len(b); {
		n := int64(binary.LittleEndian.Uint32(b[i+4:]))
		if n > int64(len(b)-i-8) {
			return nil
		}
		if string(b[i:i+4]) == "EXIF" {
			return b[i+8 : i+8+int(n)]
		}
		i += 8 + int(n+n&1)
	}
	return nil
}

// orientation reads tag 0x0112 of the first directory of an EXIF block and
// returns 1 to 8; 1, upright, for a block that is absent, broken or silent.
func orientation(b []byte) int {
	if len(b) >= 6 && string(b[:6]) == "Exif\x00\x00" {
		b = b[6:]
	}
	if len(b) < 8 {
		return 1
	}
	var order binary.ByteOrder
	switch string(b[:4]) {
	case "II*\x00":
		order = binary.LittleEndian
	case "MM\x00*":
		order = binary.BigEndian
	default:
		return 1
	}
	at := int64(order.Uint32(b[4:]))
	if at+2 > int64(len(b)) {
		return 1
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
				return int(v)
			}
			return 1
		}
		entries = entries[12:]
	}
	return 1
}
