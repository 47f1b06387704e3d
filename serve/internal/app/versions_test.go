package app

import (
	"strings"
	"testing"

	"github.com/riffle-ml/riffle/serve/internal/rpc/pb"
)

// With -versions 2, each of the two newest versions answers under its own number, over
// both protocols, and the newest where none is named.
func TestTwoVersions(t *testing.T) {
	r := &running{t: t, dir: t.TempDir()}
	for v, of := range map[string]string{"1": "cifar10", "2": "cifar10-sds", "3": "cifar10"} {
		r.put("m", v, of)
	}
	r.start("-versions", "2")
	ship := picture(t, "ship")
	logits := func(model string) (v []float32) {
		r.post(model, ship, "Content-Type", "image/png").output(t, "logits", &v)
		return v
	}
	two, three, newest := logits("m/versions/2"), logits("m/versions/3"), logits("m")
	if two[0] == three[0] || newest[0] != three[0] {
		t.Errorf("version 2 says %v, version 3 %v, without a version %v", two, three, newest)
	}
	r.post("m/versions/1", ship, "Content-Type", "image/png").fails(t, "version 1", 404, "it has 3, 2")
	for path, want := range map[string]string{"m": `"versions":["3","2"]`, "m/versions/2": `"versions":["2"]`} {
		if a := r.send("GET", "/v2/models/"+path, nil); !strings.Contains(string(a.body), want) {
			t.Errorf("%s: %s, want %s", path, a.body, want)
		}
	}
	for version, code := range map[string]int{"1": 404, "2": 200, "3": 200} {
		if a := r.send("GET", "/v2/models/m/versions/"+version+"/ready", nil); a.code != code {
			t.Errorf("ready of version %s: %d, want %d", version, a.code, code)
		}
	}
	c := r.dial(t)
	q := grpcPicture("m", ship)
	q.ModelVersion = "2"
	a, err := c.ModelInfer(t.Context(), q)
	if err != nil || a.ModelVersion != "2" {
		t.Errorf("gRPC: version %q, %v", a.GetModelVersion(), err)
	}
	if m, err := c.ModelMetadata(t.Context(), &pb.ModelMetadataRequest{Name: "m"}); err != nil || strings.Join(m.Versions, " ") != "3 2" {
		t.Errorf("gRPC's metadata: %v, %v", m, err)
	}
}
