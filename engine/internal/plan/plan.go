package plan

import "github.com/riffle-ml/riffle/kernel"

// Plan is a network made ready to run. It never changes once it is made, and any
// number of Memories may share it.
type Plan struct {
	Set     *kernel.Set
	Threads int // that one run may use
	Steps   []Step
	States  []State

	InLen, OutLen int // elements of one sample's input, and of its outputs together
	Arena         int // bytes

	tables  []table
	buffers []Buffer
	dynamic []dynamicTable
}

// State is what a step needs of its own in each Memory, such as scratch, or what
// it computed last for somebody to look at.
type State interface {
	New() any          // a Memory's
	Copy(to, from any) // makes one Memory's like another's
}
