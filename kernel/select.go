package kernel

import (
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"
)

// EnvISA is the environment variable that forces an instruction set.
const EnvISA = "RIFFLE_ISA"

// SelectError is an instruction set that was asked for and cannot run.
type SelectError struct {
	Asked    string   // the name
	FromEnv  bool     // it came from RIFFLE_ISA
	Reason   string   // why it cannot run
	Runnable []string // what can, best first
}

func (e *SelectError) Error() string {
	from := ""
	if e.FromEnv {
		from = EnvISA + ": "
	}
	return fmt.Sprintf("%sinstruction set %q: %s; wanted one of %s", from, e.Asked, e.Reason, strings.Join(e.Runnable, ", "))
}

// choice is what this machine can run.
type choice struct {
	sets   []*Set            // best first
	absent map[string]string // why another set of this architecture cannot run
	why    string            // why the first is the best; "" where it is plain
}

// available is found out once, at the first load, and kept for the process.
var available = sync.OnceValue(func() (c choice) {
	list, why := native()
	c.absent = map[string]string{}
	for _, s := range list {
		if missing := s.missing(); missing != nil {
			c.absent[s.Name] = "the processor, or the operating system, lacks " + strings.Join(missing, ", ")
			continue
		}
		c.sets = append(c.sets, watched(s))
	}
	c.sets = append(c.sets, generic)
	if c.why = why; why == "" {
		c.why = "it is the best that this machine and this build have"
	}
	return c
})

// missing lists the features that s needs and this machine lacks.
func (s *Set) missing() []string {
	if s.lacks == nil {
		return nil
	}
	return s.lacks()
}

// home is the architecture of each set that has one.
var home = map[string]string{"avx2": "amd64", "avxvnni": "amd64", "avx512": "amd64", "neon": "arm64"}

// Sets returns the instruction sets that this machine can run, best first;
// generic is last.
func Sets() []*Set { return slices.Clone(available().sets) }

// Why says in half a sentence why the set that Select("") returns is the one: what the
// environment says, what is known of the processor, or what was measured.
func Why() string {
	if os.Getenv(EnvISA) != "" {
		return EnvISA + " says so"
	}
	return available().why
}

// Select returns the set called name: generic, avx2, avxvnni, avx512, neon. For "" it returns
// what RIFFLE_ISA names, and if that is empty too the best of the machine. A
// set that does not exist or cannot run here is a [SelectError].
func Select(name string) (*Set, error) {
	e := &SelectError{Asked: name}
	if name == "" {
		e.Asked = os.Getenv(EnvISA)
		e.FromEnv = true
	}
	if e.Asked == "" {
		return available().sets[0], nil
	}
	for _, s := range available().sets {
		if s.Name == e.Asked {
			return s, nil
		}
		e.Runnable = append(e.Runnable, s.Name)
	}
	arch, known := home[e.Asked]
	switch {
	case !known:
		e.Reason = "none of that name"
	case arch != runtime.GOARCH:
		e.Reason = fmt.Sprintf("it is for %s, this program for %s", arch, runtime.GOARCH)
	case purego:
		e.Reason = "this program was built with the tag purego"
	default:
		if e.Reason = available().absent[e.Asked]; e.Reason == "" {
			e.Reason = "this program has none"
		}
	}
	return nil, e
}
