package labelled

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func file(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "f.tsv")
	if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestClasses: names that are labels say the class; else lines do, in a table of the
// model's size; a dictionary may have more.
func TestClasses(t *testing.T) {
	for _, c := range []struct {
		what, table string
		labels      []string
		classes     int
		want        string
	}{
		{"names in another order", "n2\tbee\nn1\tant\n", []string{"ant", "bee"}, 2, "map[n1:0 n2:1]"},
		{"numbers, blanks, a mark, an empty line", "\ufeff0\tn2\tbee\r\n\n1\tn1\t ant \r\n", []string{"ant", "bee"}, 2, "map[n1:0 n2:1]"},
		{"one name for two classes", "n1\tcrane\nn2\tcrane\n", []string{"crane", "crane"}, 2, "map[n1:0 n2:1]"},
		{"a dictionary", "n9\tyak\nn2\tbee\nn1\tant\nn8\tzebu\n", []string{"ant", "bee", "cat"}, 3, "map[n1:0 n2:1]"},
		{"other names", "n2\tbee, a bee\nn1\tant\n", []string{"ant", "bee"}, 2, "map[n1:1 n2:0]"},
		{"no labels", "n2\tbee\nn1\tant\n", nil, 2, "map[n1:1 n2:0]"},
		{"a part of the classes", "n2\tbee\n", []string{"ant", "bee", "cat"}, 3, "map[n2:1]"},
		{"no label", "n2\tbee\nn1\tant\nn3\tcat\n", []string{"x", "y"}, 2, "got 3 classes, 0 of them by a label of the model, want its 2 classes"},
		{"too few", "n2\tbee\nn1\tgnu\n", []string{"ant", "bee", "cat"}, 3, "got 2 classes, 1 of them by a label"},
		{"a directory twice", "n2\tbee\nn2\tant\n", nil, 2, `line 2: got the directory "n2" a second time`},
		{"one column", "n1\tant\nn2\n", nil, 2, "line 2: got 1 columns"},
		{"another number", "1\tn1\tant\n", nil, 2, "line 1: got 3 columns"},
		{"no name", "n1\t\n", nil, 2, "line 1: got 2 columns"},
		{"nothing", "\n", nil, 2, "got no classes"},
	} {
		path := file(t, c.table)
		table, err := ReadTable(path)
		var got map[string]int
		if err == nil {
			got, err = table.Classes(c.labels, c.classes)
		}
		text := fmt.Sprint(got)
		if err != nil {
			text = err.Error()
			if !strings.HasPrefix(text, path) {
				t.Errorf("%s: got %q, want the file's name before it", c.what, text)
			}
		}
		if err == nil && text != c.want || err != nil && !strings.Contains(text, c.want) {
			t.Errorf("%s: got %s, want %s", c.what, text, c.want)
		}
	}
}

func TestReadList(t *testing.T) {
	for _, c := range []struct{ text, want string }{
		{"a.png\tn1\nimages/b.png\tn2\t0\t0\t9\t9\n", "map[a.png:n1 b.png:n2]"},
		{"a.png\tn1\nx/a.png\tn2\n", `line 2: got the picture "a.png" a second time`},
		{"a.png n1\n", "line 1: got"}, {"\tn1\n", "line 1: got"}, {"", "got no pictures"},
		{strings.Repeat("x", 2<<20), "too long"},
	} {
		got, err := ReadList(file(t, c.text))
		text := fmt.Sprint(got)
		if err != nil {
			text = err.Error()
		}
		if err == nil && text != c.want || err != nil && !strings.Contains(text, c.want) {
			t.Errorf("%.20q: got %s, want %s", c.text, text, c.want)
		}
	}
	if _, err := ReadList(filepath.Join(t.TempDir(), "none")); err == nil {
		t.Error("a file that is not there: want an error")
	}
}
