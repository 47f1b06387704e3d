package preprocess

import "image"

// Defaults of [Options].
const (
	// DefaultMaxPixels is 64 Mi pixels, 8192 x 8192.
	DefaultMaxPixels = 64 << 20
	// DefaultMaxBytes is 256 MiB of encoded data.
	DefaultMaxBytes = 256 << 20
	// DefaultMaxMemory is 216 MiB, beyond what the file's own size allows: 56 million
	// pixels of 4 bytes, as most PNGs take.
	DefaultMaxMemory = 216 << 20
)

// Options limits what Decode accepts. A field of 0 means its default.
type Options struct {
	MaxPixels int64 // width times height, checked before anything is decoded; there are never more than 16 Mi rows
	MaxBytes  int64 // encoded size, checked while reading
	// MaxMemory is how many bytes the decoded picture and what its decoder needs in
	// proportion to it may take, beyond 8 for each byte of encoded data: a photo of
	// many megabytes may take more than a small file that claims to be as large. It
	// is checked before anything is decoded.
	MaxMemory int64

	// Draft, where it is not zero, asks for a JPEG at 1/2, 1/4 or 1/8 of its size,
	// as small as it can be without either side falling below Draft's. That is much
	// quicker, and gives the bits of Pillow's Image.draft, not those of decoding at
	// full size: see [Preprocessor.Draft]. Other formats take no notice of it.
	Draft image.Point
}

func (o Options) withDefaults() Options {
	if o.MaxPixels <= 0 {
		o.MaxPixels = DefaultMaxPixels
	}
	if o.MaxBytes <= 0 {
		o.MaxBytes = DefaultMaxBytes
	}
	if o.MaxMemory <= 0 {
		o.MaxMemory = DefaultMaxMemory
	}
	return o
}
