package main

import "github.com/riffle-ml/riffle/internal/gen/arm64"

// neon is a unit that our own builder makes for arm64.
func neon(name string, emit func(f *arm64.File)) unit {
	return unit{name, func() (map[string][]byte, error) {
		code, stubs, err := arm64.Build(emit)
		if err != nil {
			return nil, err
		}
		return map[string][]byte{"_arm64.s": code, "_arm64.go": stubs}, nil
	}}
}
