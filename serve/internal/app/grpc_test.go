package app

import (
	"encoding/binary"
	"math"
	"slices"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/status"

	"github.com/riffle-ml/riffle/serve/internal/rpc/pb"
)

func (r *running) dial(t testing.TB) pb.GRPCInferenceServiceClient {
	c, err := grpc.NewClient(r.grpc, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return pb.NewGRPCInferenceServiceClient(c)
}

// grpcPicture asks a model about an encoded picture.
func grpcPicture(model string, file []byte) *pb.ModelInferRequest {
	return &pb.ModelInferRequest{
		ModelName: model,
		Inputs:    []*pb.ModelInferRequest_InferInputTensor{{Name: "image", Datatype: "BYTES", Shape: []int64{1}, Contents: &pb.InferTensorContents{BytesContents: [][]byte{file}}}},
	}
}

// gRPC answers what HTTP answers.
func TestGRPC(t *testing.T) {
	r := start(t)
	c := r.dial(t)
	ctx := t.Context()
	ship := picture(t, "ship")
	var logits []float32
	r.post("cifar10-sds", ship, "Content-Type", "image/png").output(t, "logits", &logits)

	image := &pb.ModelInferRequest_InferInputTensor{Name: "image", Datatype: "BYTES", Shape: []int64{1}}
	raw := append(binary.LittleEndian.AppendUint32(nil, uint32(len(ship))), ship...)
	for name, q := range map[string]*pb.ModelInferRequest{
		"raw": {ModelName: "cifar10-sds", Id: "7", Inputs: []*pb.ModelInferRequest_InferInputTensor{image}, RawInputContents: [][]byte{raw}},
		"contents": {ModelName: "cifar10-sds", ModelVersion: "1", Id: "7", Inputs: []*pb.ModelInferRequest_InferInputTensor{
			{Name: "image", Datatype: "BYTES", Shape: []int64{1}, Contents: &pb.InferTensorContents{BytesContents: [][]byte{ship}}},
		}},
	} {
		a, err := c.ModelInfer(ctx, q)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		var got []float32
		for b := a.RawOutputContents[0]; len(b) > 0; b = b[4:] {
			got = append(got, math.Float32frombits(binary.LittleEndian.Uint32(b)))
		}
		if a.Id != "7" || a.ModelVersion != "1" || a.Outputs[0].Name != "logits" || !slices.Equal(got, logits) {
			t.Errorf("%s: %v %v, want %v", name, a.Outputs[0], got, logits)
		}
	}
	for name, c2 := range map[string]struct {
		q    *pb.ModelInferRequest
		code codes.Code
	}{
		"no model":     {&pb.ModelInferRequest{ModelName: "../x"}, codes.NotFound},
		"nil input":    {&pb.ModelInferRequest{ModelName: "cifar10", Inputs: []*pb.ModelInferRequest_InferInputTensor{nil}}, codes.InvalidArgument},
		"no data":      {&pb.ModelInferRequest{ModelName: "cifar10", Inputs: []*pb.ModelInferRequest_InferInputTensor{image}}, codes.InvalidArgument},
		"two blobs":    {&pb.ModelInferRequest{ModelName: "cifar10", Inputs: []*pb.ModelInferRequest_InferInputTensor{image}, RawInputContents: [][]byte{raw, raw}}, codes.InvalidArgument},
		"half a blob":  {&pb.ModelInferRequest{ModelName: "cifar10", Inputs: []*pb.ModelInferRequest_InferInputTensor{image}, RawInputContents: [][]byte{raw[:100]}}, codes.InvalidArgument},
		"half a image": {&pb.ModelInferRequest{ModelName: "cifar10", Inputs: []*pb.ModelInferRequest_InferInputTensor{{Name: "image", Datatype: "BYTES", Shape: []int64{1}, Contents: &pb.InferTensorContents{BytesContents: [][]byte{ship[:100]}}}}}, codes.InvalidArgument},
		"too large":    {&pb.ModelInferRequest{ModelName: "cifar10", RawInputContents: [][]byte{make([]byte, 17<<20)}}, codes.ResourceExhausted},
	} {
		if _, err := c.ModelInfer(ctx, c2.q); status.Code(err) != c2.code {
			t.Errorf("%s: %v, want %v", name, err, c2.code)
		}
	}
	if m, err := c.ModelMetadata(ctx, &pb.ModelMetadataRequest{Name: "cifar10"}); err != nil || m.Inputs[0].Name != "input" || !slices.Equal(m.Inputs[0].Shape, []int64{-1, 3, 32, 32}) {
		t.Errorf("metadata: %v, %v", m, err)
	}
	if m, err := c.RepositoryIndex(ctx, &pb.RepositoryIndexRequest{}); err != nil || len(m.Models) != 2 || m.Models[0].State != "READY" {
		t.Errorf("index: %v, %v", m, err)
	}
	if _, err := c.RepositoryModelUnload(ctx, &pb.RepositoryModelUnloadRequest{ModelName: "cifar10"}); err != nil {
		t.Error(err)
	}
	if a, err := c.ModelReady(ctx, &pb.ModelReadyRequest{Name: "cifar10"}); err != nil || a.Ready {
		t.Errorf("ready after unloading: %v, %v", a, err)
	}
	if _, err := c.RepositoryModelLoad(ctx, &pb.RepositoryModelLoadRequest{ModelName: "cifar10"}); err != nil {
		t.Error(err)
	}
	if a, err := c.ModelReady(ctx, &pb.ModelReadyRequest{Name: "cifar10"}); err != nil || !a.Ready {
		t.Errorf("ready after loading: %v, %v", a, err)
	}
	if a, err := c.ServerReady(ctx, &pb.ServerReadyRequest{}); err != nil || !a.Ready {
		t.Errorf("ready: %v, %v", a, err)
	}
	h, err := grpc.NewClient(r.grpc, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	defer h.Close()
	if a, err := healthpb.NewHealthClient(h).Check(ctx, &healthpb.HealthCheckRequest{}); err != nil || a.Status != healthpb.HealthCheckResponse_SERVING {
		t.Errorf("health: %v, %v", a, err)
	}
}
