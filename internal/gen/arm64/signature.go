package arm64

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/types"
	"strings"
)

// signature is a Go signature with the place of every argument and result
// above the frame pointer.
type signature struct {
	text string // without "func"
	args []argument
	size int
}

type argument struct {
	name      string
	off, size int
	result    bool
}

// sizes of the types that a kernel takes, besides pointers.
var sizes = map[string]int{
	"int": 8, "uint": 8, "int64": 8, "uint64": 8, "uintptr": 8, "float64": 8,
	"int32": 4, "uint32": 4, "float32": 4,
}

// parse lays the arguments out as Go's assembly ABI does: each at a multiple
// of its size, the results, if any, from and to a multiple of eight.
func parse(sig string) (signature, error) {
	s := signature{text: strings.TrimPrefix(sig, "func")}
	e, err := parser.ParseExpr(sig)
	if err != nil {
		return s, fmt.Errorf("signature %q: %w", sig, err)
	}
	ft, ok := e.(*ast.FuncType)
	if !ok {
		return s, fmt.Errorf("signature %q: wanted a function type", sig)
	}
	add := func(l *ast.FieldList, result bool) error {
		if l == nil {
			return nil
		}
		for _, field := range l.List {
			size := sizes[types.ExprString(field.Type)]
			if _, ok := field.Type.(*ast.StarExpr); ok {
				size = 8
			}
			if size == 0 || len(field.Names) == 0 {
				return fmt.Errorf("signature %q: %s: wanted a name and a pointer, or one of the sizes 4 and 8", sig, types.ExprString(field.Type))
			}
			for _, n := range field.Names {
				s.size = up(s.size, size)
				s.args = append(s.args, argument{n.Name, s.size, size, result})
				s.size += size
			}
		}
		return nil
	}
	if err := add(ft.Params, false); err != nil {
		return s, err
	}
	if ft.Results != nil {
		s.size = up(s.size, 8)
	}
	if err := add(ft.Results, true); err != nil {
		return s, err
	}
	if ft.Results != nil {
		s.size = up(s.size, 8)
	}
	return s, nil
}

// up rounds n up to a multiple of m.
func up(n, m int) int { return (n + m - 1) / m * m }
