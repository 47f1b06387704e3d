package zoo

import "testing"

// Every family that a name is accepted of is built, and no other.
func TestFamilies(t *testing.T) {
	for _, name := range familyNames {
		if families[name] == nil {
			t.Errorf("%s: got nothing that builds it, want a function", name)
		}
	}
	if len(families) != len(familyNames) {
		t.Errorf("got %d families that are built, want the %d of the names", len(families), len(familyNames))
	}
}
