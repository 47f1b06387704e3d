package main

// set is one instruction set: a directory of asm with units of its own. Sets
// of one architecture share nothing but the generators' code, so that their units
// may have the same names.
type set struct {
	name  string // the directory's and the package's
	arch  string // GOARCH
	doc   string // which instructions, for the package's comment
	units []unit
}

// unit is a file of assembly, named by a kernel or some that are alike.
type unit struct {
	name string
	make func() (code []byte, decls []decl, err error)
}

// decl is a function of assembly as Go sees it.
type decl struct {
	doc       []string
	signature string // "Add(a, b *float32, n int)"
}
