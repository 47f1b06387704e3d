package main

import "github.com/riffle-ml/riffle/internal/gen/arm64"

// neon is a unit that our own builder makes for arm64.
func neon(name string, emit func(f *arm64.File)) unit {
	return unit{name, func() ([]byte, []decl, error) {
		code, declared, err := arm64.Build(emit)
		if err != nil {
			return nil, nil, err
		}
		var decls []decl
		for _, d := range declared {
			decls = append(decls, decl{d.Doc, d.Name + d.Signature})
		}
		return code, decls, nil
	}}
}
