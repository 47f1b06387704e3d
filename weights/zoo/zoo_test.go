package zoo

import (
	"bytes"
	"slices"
	"strings"
	"testing"
)

// TestModels reads every model built in: each must be whole, labelled, with
// preprocessing and provenance, and the very bytes that writing it again gives.
func TestModels(t *testing.T) {
	names := Names()
	if len(names) == 0 {
		t.Skip("no model in this folder")
	}
	if !slices.Contains(names, Default) {
		t.Errorf("got %q, want %q among them", names, Default)
	}
	for _, name := range names {
		m, err := Load(name)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if m.Name != name || m.Preprocess == nil || len(m.Labels) == 0 {
			t.Errorf("%s: got name %q, preprocessing %v, %d labels; want all three", name, m.Name, m.Preprocess, len(m.Labels))
		}
		if p := m.Provenance; p.Source == "" || p.Data == "" || p.Accuracy == "" || p.License == "" {
			t.Errorf("%s: got provenance %+v, want source, data, accuracy and license", name, p)
		}
		b, err := Bytes(name)
		if err != nil {
			t.Fatal(err)
		}
		if again, err := m.Encode(); err != nil || !bytes.Equal(again, b) {
			t.Errorf("%s: written again it differs (%v)", name, err)
		}
	}
}

func TestUnknownName(t *testing.T) {
	for _, name := range []string{"", "none", "../zoo", "README"} {
		if _, err := Load(name); err == nil || !strings.Contains(err.Error(), "want one of") {
			t.Errorf("%q: got %v, want an error that lists the names", name, err)
		}
	}
}
