package doctor

import (
	"errors"

	"github.com/riffle-ml/riffle/kernel"
)

// set is an instruction set, and whether it is in use here, and why.
type set struct {
	Name  string `json:"name"`
	State string `json:"state"`
}

// known are the names that this or another build may have.
var known = []string{"avx512", "avxvnni", "avx2", "neon", "generic"}

func sets() []set {
	chosen, _ := kernel.Select("")
	var why *kernel.SelectError
	var list []set
	for _, name := range known {
		_, err := kernel.Select(name)
		state := "can be used"
		switch {
		case errors.As(err, &why):
			state = "cannot be used: " + why.Reason
		case chosen != nil && chosen.Name == name:
			state = "in use, because " + kernel.Why()
		}
		list = append(list, set{name, state})
	}
	return list
}
