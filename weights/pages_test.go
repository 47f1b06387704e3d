package weights

import (
	"go/ast"
	goparser "go/parser"
	"go/token"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// operatorNames are the values of the Op constants, as operators.go has them.
func operatorNames(t *testing.T) []string {
	t.Helper()
	f, err := goparser.ParseFile(token.NewFileSet(), "operators.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	ast.Inspect(f, func(n ast.Node) bool {
		if s, ok := n.(*ast.ValueSpec); ok && strings.HasPrefix(s.Names[0].Name, "Op") {
			name, err := strconv.Unquote(s.Values[0].(*ast.BasicLit).Value)
			if err != nil {
				t.Fatal(err)
			}
			names = append(names, name)
		}
		return true
	})
	return names
}

// Every operator has its page in FORMAT.md and a line in the table there, and every
// page its operator; every element type that a file may hold is in the table of types.
func TestFormatHasEveryOperator(t *testing.T) {
	page, err := os.ReadFile("FORMAT.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(page), "\n## Operators\n")
	section, _, _ := strings.Cut(rest, "\n## ")
	have := map[string]bool{}
	for _, m := range regexp.MustCompile(`(?m)^### (\w+)$`).FindAllStringSubmatch(section, -1) {
		have[m[1]] = true
	}
	names := operatorNames(t)
	if len(names) < 17 {
		t.Fatalf("got %d operators in operators.go, want 17 or more", len(names))
	}
	for _, name := range names {
		if !have[name] {
			t.Errorf("operator %q has no page (### %s) in FORMAT.md", name, name)
		}
		delete(have, name)
		if !strings.Contains(section, "| [`"+name+"`](#"+name+") |") {
			t.Errorf("operator %q has no line in FORMAT.md's table of operators", name)
		}
	}
	for name := range have {
		t.Errorf("FORMAT.md has a page of %q, which is no operator", name)
	}
	for k, e := range elementTypes {
		if got := strings.Contains(string(page), "| `"+e.name+"` |"); got != Type(k).InFile() {
			t.Errorf("type %s: a line in FORMAT.md's table: %v, want %v", e.name, got, Type(k).InFile())
		}
	}
}
