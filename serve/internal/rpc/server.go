// Package rpc speaks the Open Inference Protocol over gRPC.
package rpc

import (
	"context"
	"runtime/debug"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/health"
	healthpb "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/keepalive"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/grpc/tap"

	"github.com/riffle-ml/riffle/serve/internal/core"
	"github.com/riffle-ml/riffle/serve/internal/fault"
	"github.com/riffle-ml/riffle/serve/internal/rpc/pb"
)

// service answers what the HTTP server answers, with the same parts.
type service struct {
	pb.UnimplementedGRPCInferenceServiceServer
	s *core.Server
}

// New returns a server of s's models, with grpc's own health service beside the
// protocol's. calls bounds the calls under way: a message of a call that was
// admitted may take s.MaxBody before anything of ours sees it. creds may be nil.
func New(s *core.Server, creds credentials.TransportCredentials, calls int) *grpc.Server {
	opts := []grpc.ServerOption{
		grpc.MaxRecvMsgSize(int(s.MaxBody)), grpc.MaxConcurrentStreams(uint32(calls)), grpc.ConnectionTimeout(s.Patience),
		grpc.MaxHeaderListSize(32 << 10), grpc.InTapHandle(limit(calls, s)),
		grpc.KeepaliveParams(keepalive.ServerParameters{MaxConnectionIdle: 5 * time.Minute,
			// Answers that a client asks for and does not read stay in memory as long as its connection.
			MaxConnectionAge: 15 * time.Minute, MaxConnectionAgeGrace: s.Patience + s.Timeout, Time: time.Minute, Timeout: s.Patience}),
		grpc.KeepaliveEnforcementPolicy(keepalive.EnforcementPolicy{MinTime: 10 * time.Second, PermitWithoutStream: true}),
		grpc.ChainUnaryInterceptor(caught(s)), grpc.ForceServerCodecV2(newCodec()),
	}
	if creds != nil {
		opts = append(opts, grpc.Creds(creds))
	}
	g := grpc.NewServer(opts...)
	g.RegisterService(description(), &service{s: s})
	healthpb.RegisterHealthServer(g, health.NewServer())
	return g
}

// limit refuses calls without the token, and those that are too many, before a message of
// theirs is read.
func limit(calls int, s *core.Server) tap.ServerInHandle {
	places := make(chan struct{}, calls)
	return func(ctx context.Context, info *tap.Info) (context.Context, error) {
		if !public[info.FullMethodName] {
			if err := s.Token.Check(first(info.Header, "authorization")); err != nil {
				return nil, said(err)
			}
		}
		select {
		case places <- struct{}{}:
			context.AfterFunc(ctx, func() { <-places })
		default:
			return nil, status.Errorf(codes.ResourceExhausted, "%d calls are under way, and no more are taken", calls)
		}
		// A message that trickles in must not keep its place for ever. The deadline
		// is carried to the call itself; the context ends with the stream.
		ctx, cancel := context.WithTimeout(ctx, s.Patience+s.Timeout)
		context.AfterFunc(ctx, cancel)
		return ctx, nil
	}
}

// public are the methods that probes call.
var public = map[string]bool{
	pb.GRPCInferenceService_ServerLive_FullMethodName: true, pb.GRPCInferenceService_ServerReady_FullMethodName: true,
	healthpb.Health_Check_FullMethodName: true,
}

func first(m metadata.MD, key string) string {
	if v := m.Get(key); len(v) > 0 {
		return v[0]
	}
	return ""
}

// caught answers a panic as the server's own error.
func caught(s *core.Server) grpc.UnaryServerInterceptor {
	return func(ctx context.Context, req any, _ *grpc.UnaryServerInfo, h grpc.UnaryHandler) (a any, err error) {
		defer func() {
			if v := recover(); v != nil {
				s.Seen.Panic("", v, debug.Stack())
				err = status.Error(codes.Internal, "the server's own error")
			}
		}()
		return h(ctx, req)
	}
}

// said is an error with the code that its kind has in gRPC.
func said(err error) error {
	if err == nil {
		return nil
	}
	e := fault.From(err)
	return status.Error(e.Kind.GRPC(), e.Msg)
}
