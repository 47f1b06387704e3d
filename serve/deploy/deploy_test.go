// Package deploy checks the manifests in this folder against the types that they are of.
package deploy

import (
	"bytes"
	"os"
	"testing"

	autoscaling "k8s.io/api/autoscaling/v2"
	core "k8s.io/api/core/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/yaml"
)

// The part of KServe's types that is used here, as its CRDs have them (serving.kserve.io
// v1alpha1 ServingRuntime, v1beta1 InferenceService). KServe's own Go module brings all of
// Knative along, so that its types are written down here.
type (
	servingRuntime struct {
		meta.TypeMeta   `json:",inline"`
		meta.ObjectMeta `json:"metadata"`
		Spec            struct {
			SupportedModelFormats []struct {
				Name       string `json:"name"`
				Version    string `json:"version"`
				AutoSelect bool   `json:"autoSelect"`
			} `json:"supportedModelFormats"`
			ProtocolVersions []string          `json:"protocolVersions"`
			MultiModel       bool              `json:"multiModel"`
			Annotations      map[string]string `json:"annotations"`
			Containers       []core.Container  `json:"containers"`
		} `json:"spec"`
	}
	inferenceService struct {
		meta.TypeMeta   `json:",inline"`
		meta.ObjectMeta `json:"metadata"`
		Spec            struct {
			Predictor struct {
				MinReplicas                   int32 `json:"minReplicas"`
				MaxReplicas                   int32 `json:"maxReplicas"`
				TerminationGracePeriodSeconds int64 `json:"terminationGracePeriodSeconds"`
				Model                         struct {
					ModelFormat struct {
						Name string `json:"name"`
					} `json:"modelFormat"`
					Runtime         string `json:"runtime"`
					ProtocolVersion string `json:"protocolVersion"`
					StorageURI      string `json:"storageUri"`
				} `json:"model"`
			} `json:"predictor"`
		} `json:"spec"`
	}
)

func read(t *testing.T, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// A field that a type does not have, or a value of another kind, is an error; and what one
// object says of another holds.
func TestManifests(t *testing.T) {
	parts := bytes.Split(read(t, "kserve.yaml"), []byte("\n---\n"))
	if len(parts) != 2 {
		t.Fatalf("kserve.yaml has %d objects, want 2", len(parts))
	}
	var r servingRuntime
	var s inferenceService
	var h autoscaling.HorizontalPodAutoscaler
	for _, c := range []struct {
		text       []byte
		into       any
		version    string
		kind, name *string
		want       string
	}{
		{parts[0], &r, "serving.kserve.io/v1alpha1", &r.Kind, &r.Name, "ServingRuntime"},
		{parts[1], &s, "serving.kserve.io/v1beta1", &s.Kind, &s.Name, "InferenceService"},
		{read(t, "hpa.yaml"), &h, "autoscaling/v2", &h.Kind, &h.Name, "HorizontalPodAutoscaler"},
	} {
		if err := yaml.UnmarshalStrict(c.text, c.into); err != nil {
			t.Fatalf("%s: %v", c.want, err)
		}
		if *c.kind != c.want || *c.name == "" || !bytes.Contains(c.text, []byte("apiVersion: "+c.version)) {
			t.Errorf("got a %s called %q, want a %s of %s", *c.kind, *c.name, c.want, c.version)
		}
	}
	if s.Spec.Predictor.Model.Runtime != r.Name || s.Spec.Predictor.Model.ModelFormat.Name != r.Spec.SupportedModelFormats[0].Name {
		t.Errorf("the service wants runtime %q, and it is called %q", s.Spec.Predictor.Model.Runtime, r.Name)
	}
	if want := s.Name + "-predictor"; h.Spec.ScaleTargetRef.Name != want {
		t.Errorf("the autoscaler scales %q, want %q", h.Spec.ScaleTargetRef.Name, want)
	}
	c := r.Spec.Containers[0]
	if c.Name != "kserve-container" || c.Ports[0].ContainerPort != c.ReadinessProbe.HTTPGet.Port.IntVal {
		t.Errorf("container %q listens on %d and is probed on %d", c.Name, c.Ports[0].ContainerPort, c.ReadinessProbe.HTTPGet.Port.IntVal)
	}
	if m := h.Spec.Metrics[0].Pods; m == nil || !bytes.Contains(read(t, "adapter.yaml"), []byte("as: "+m.Metric.Name)) {
		t.Error("nothing makes the metric that the autoscaler wants")
	}
	if h.Spec.Metrics[0].Pods.Metric.Name != "riffle_queue_length" {
		t.Errorf("the autoscaler goes by %s", h.Spec.Metrics[0].Pods.Metric.Name)
	}
}
