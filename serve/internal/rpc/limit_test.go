package rpc

import (
	"context"
	"testing"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/grpc/tap"

	"github.com/riffle-ml/riffle/serve/internal/core"
	"github.com/riffle-ml/riffle/serve/internal/rpc/pb"
)

// Calls over the bound are refused before a message is read, and a call's place is free
// again when it has ended. A call that sends nothing ends.
func TestLimit(t *testing.T) {
	in := limit(1, &core.Server{Timeout: time.Second, Patience: time.Second})
	info := &tap.Info{FullMethodName: pb.GRPCInferenceService_ModelInfer_FullMethodName}
	first, end := context.WithCancel(t.Context())
	ctx, err := in(first, info)
	if err != nil {
		t.Fatal(err)
	}
	if at, ok := ctx.Deadline(); !ok || time.Until(at) > 2*time.Second {
		t.Errorf("the call has no deadline: %v", at)
	}
	if _, err := in(t.Context(), info); status.Code(err) != codes.ResourceExhausted {
		t.Errorf("a second call: %v", err)
	}
	end()
	for stop := time.Now().Add(time.Minute); ; time.Sleep(time.Millisecond) {
		if _, err = in(t.Context(), info); err == nil {
			break
		} else if time.Now().After(stop) {
			t.Fatalf("after the first has ended: %v", err)
		}
	}
}
