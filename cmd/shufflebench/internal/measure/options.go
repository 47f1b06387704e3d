package measure

import "time"

// Options say what to measure, and how.
type Options struct {
	Archs, Models []string // networks; with neither, the default ones
	Peers         []string // commands of other engines
	Threads       []int
	ISAs          []string // instruction sets, the best first
	Batch         int
	Rounds        int
	Benchtime     time.Duration // of each row, over all rounds
	PeerTimeout   time.Duration // longest wait for one answer of a peer

	Concurrency []int // sessions of riffle side by side, after the rows; none: nothing is measured under load

	Int8 bool // also measure the quantized twin of each network of float32

	Half bool // also measure each network of float32 in float16 arithmetic

	Draft bool // Pictures: also let riffle decode large JPEGs at a reduced size

	Profile bool // time every step of every network
	Kernels bool // time every kernel variant on every shape
}
