package rpc

import (
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// What things take in memory besides their bytes, rounded up: a message or an entry of a
// map, with a pointer to it in a list that has grown; a slice or a string in such a list.
const (
	messageCost = 320
	sliceCost   = 64
)

// cost is about how many bytes a message of type d takes once it is read, at most. b is as
// it came. The walk ends where the sum is over most.
func cost(d protoreflect.MessageDescriptor, b []byte, most int64) int64 {
	sum := int64(messageCost)
	for len(b) > 0 && sum <= most {
		number, kind, n := protowire.ConsumeTag(b)
		if n < 0 {
			return sum // reading it will say what is wrong
		}
		b = b[n:]
		if kind != protowire.BytesType {
			if n = protowire.ConsumeFieldValue(number, kind, b); n < 0 {
				return sum
			}
			sum += 16 + int64(n)
			b = b[n:]
			continue
		}
		v, n := protowire.ConsumeBytes(b)
		if n < 0 {
			return sum
		}
		b = b[n:]
		switch f := d.Fields().ByNumber(number); {
		case f == nil:
			sum += int64(2 * len(v))
		case f.Message() != nil:
			sum += cost(f.Message(), v, most-sum)
		case f.Kind() == protoreflect.BytesKind || f.Kind() == protoreflect.StringKind:
			sum += sliceCost + int64(len(v))
		default: // packed numbers: of a varint, each byte may be one of 8 bytes
			sum += sliceCost + 8*int64(len(v))
			if f.Kind() == protoreflect.FloatKind || f.Kind() == protoreflect.DoubleKind {
				sum -= 7 * int64(len(v))
			}
		}
	}
	return sum
}
